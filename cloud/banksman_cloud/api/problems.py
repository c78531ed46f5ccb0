"""Errors as RFC 9457 problem documents."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from banksman_cloud.errors import (
    DatabaseError,
    ForbiddenError,
    HashMismatchError,
    JobError,
    KeyReusedError,
    NoSuchPlanError,
    PlannerError,
    TooManyPlansError,
    WorldMovedError,
    trail,
)

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger(__name__)
_MOST = 100
"""Faults of one request that are told."""
_STATUS: Mapping[type[PlannerError], int] = {
    ForbiddenError: 403,
    DatabaseError: 503,
    NoSuchPlanError: 404,
    WorldMovedError: 409,
    HashMismatchError: 412,
    KeyReusedError: 422,
    TooManyPlansError: 503,
}


class Problem(HTTPException):
    """An error answer: status, one sentence of detail, and what else helps."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(status, detail, headers)
        self.more = more


def document(status: int, detail: str, **more: Any) -> dict[str, Any]:
    """RFC 9457 §3.1; ``about:blank`` says that the status tells the kind of problem (§4.2.1)."""
    return {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **more}


def response(status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> JSONResponse:
    return JSONResponse(document(status, detail, **more), status, dict(headers or {}), MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Every error of ``app`` becomes a problem document."""

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101  as registered below
        more = error.more if isinstance(error, Problem) else {}
        detail = str(error.detail)
        if not isinstance(error, Problem):
            detail = f"{request.method} {request.url.path[:100]}: {detail}; see /openapi.json"
        return response(error.status_code, detail, error.headers, **more)

    async def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101  as registered below
        faults = [
            {"pointer": "/" + "/".join(map(str, e["loc"][1:])), "detail": e["msg"], "in": str(e["loc"][0])}
            for e in error.errors()[:_MOST]
        ]
        if any(e["type"] == "json_invalid" for e in error.errors()):
            return response(400, "the body is not JSON; send application/json", errors=faults)
        return response(422, "the request does not have the form that /openapi.json describes", errors=faults)

    async def job(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, PlannerError)  # noqa: S101  as registered below
        headers = {"Retry-After": "10"} if error.retryable else {}
        return response(_STATUS[type(error)], str(error), headers)

    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(RequestValidationError, invalid)
    for known in (JobError, ForbiddenError, DatabaseError):
        app.add_exception_handler(known, job)


class Faults:
    """ASGI middleware: a fault of ours is a problem document too. Neither it nor the log repeats the error's text,
    which may hold what was sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noticed(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noticed)
        except Exception as error:
            if scope["type"] != "http":
                raise
            _LOG.error("%s %s failed: %s", scope["method"], scope["path"], trail(error))
            if not started:
                await response(500, "a fault of the planner; see its log")(scope, receive, send)
