"""The interface's description: what FastAPI says of it, with the errors and the tokens as they really are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from banksman_cloud.api.problems import MEDIA_TYPE

_MEANING: Mapping[int, str] = {
    400: "The body is not JSON",
    401: "No token, or one that is not good here",
    403: "The token lacks the right to this",
    404: "No such plan",
    409: "The plan, or the world, is no longer what the call supposes",
    412: "The approval names another plan than the one proposed",
    413: "The body is too large",
    415: "The body is not declared as JSON",
    422: "What was sent does not have the form, or names what there is not",
    428: "The approval names no plan",
    429: "Too many requests",
    500: "A fault of the planner",
    503: "Not now",
}
_PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {"type": "string"},
                    "detail": {"type": "string"},
                    "in": {"type": "string"},
                },
            },
        },
    },
}
_OF_ALL = (401, 403, 404, 413, 429, 500, 503)
"""Errors of every call below ``/v1/``."""


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a call below ``/v1/`` that can also end with ``statuses``."""
    return {status: _response(status) for status in sorted({*_OF_ALL, *statuses})}


def _response(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": _MEANING[status], "content": {MEDIA_TYPE: {"schema": schema}}}


NOT_READY: dict[int | str, dict[str, Any]] = {503: _response(503)}


def describe(app: FastAPI) -> None:
    """Have ``app`` describe itself like this."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = get_openapi(title=app.title, version=app.version, routes=app.routes)
            components = document.setdefault("components", {})
            components.setdefault("schemas", {})["Problem"] = _PROBLEM
            components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            for path, calls in document["paths"].items():
                for call in calls.values() if path.startswith("/v1/") else ():
                    call["security"] = [{"token": []}]
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
