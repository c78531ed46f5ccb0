"""Who may ask and how much, decided before any of the body is looked at."""

from __future__ import annotations

import json
import math
import re
from itertools import accumulate

from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from banksman_cloud.access import Caller
from banksman_cloud.api import problems
from banksman_cloud.api.gate import Gate
from banksman_cloud.api.rate import RateLimit
from banksman_cloud.errors import ForbiddenError, IssuerError, UnknownCallerError

PROTECTED = "/v1/"
MAX_DEPTH = 64
"""Of arrays and objects in each other; a site has about ten. What is deeper, no part of the service need bear."""
_NO_BRACKET = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[^"\[\]{}]+', re.DOTALL)
_STEP = {"[": 1, "{": 1, "]": -1, "}": -1}


class BearerAuth:
    """ASGI middleware: below ``/v1/`` only with a token that ``gate`` knows (RFC 6750), and not too often."""

    def __init__(self, app: ASGIApp, gate: Gate, asked: RateLimit) -> None:
        self._app, self._gate, self._asked = app, gate, asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PROTECTED):
            needed = _needed(scope["method"], scope["path"])
            caller = await self._decide(Headers(scope=scope).get("authorization", ""), needed)
            if isinstance(caller, Response):
                await caller(scope, receive, send)
                return
            scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, receive, send)

    async def _decide(self, given: str, needed: str | None) -> Caller | Response:
        try:
            token = _token(given)
            known = self._gate.known(token)
            caller = await run_sync(self._gate.caller, token) if known is None else known
            if needed:
                caller.need(needed)
        except UnknownCallerError as error:
            challenge = 'Bearer realm="banksman"' + (', error="invalid_token"' if given else "")
            detail = f"{error}; send 'Authorization: Bearer' with a token of this planner"
            return problems.response(401, detail, {"WWW-Authenticate": challenge})
        except ForbiddenError as error:
            challenge = f'Bearer realm="banksman", error="insufficient_scope", scope="{needed}"'
            return problems.response(403, str(error), {"WWW-Authenticate": challenge})
        except IssuerError as error:
            return problems.response(503, str(error), {"Retry-After": "5"})
        if wait := self._asked.wait_s(caller.id):
            wait = math.ceil(wait)
            return problems.response(429, f"this token asks too often; wait {wait} s", {"Retry-After": str(wait)})
        return caller


class BodyLimit:
    """ASGI middleware: reads the body, at most ``limit`` bytes of it, whatever its headers promise. It has to be
    JSON, where there is one, and not nested without end."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        promised = headers.get("content-length", "0")
        body = None if promised.isdigit() and int(promised) > self._limit else await self._read(receive)
        if refusal := self._refusal(scope["path"], headers, body):
            await refusal(scope, receive, send)
            return
        pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        await self._app(scope, replay, send)

    def _refusal(self, path: str, headers: Headers, body: bytes | None) -> Response | None:
        if body is None:
            return problems.response(413, f"the body is larger than {self._limit} bytes; send less")
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        if body and path.startswith(PROTECTED) and media != "application/json" and not media.endswith("+json"):
            return problems.response(415, "the body is not declared as JSON; send Content-Type: application/json")
        if nesting(body) > MAX_DEPTH:
            return problems.response(422, f"the body is nested more than {MAX_DEPTH} levels deep; send a flatter one")
        return None

    async def _read(self, receive: Receive) -> bytes | None:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":  # nobody is left to answer, whatever is said
                return None
            body += message.get("body", b"")
            if len(body) > self._limit:
                return None
            if not message.get("more_body", False):
                return bytes(body)


def nesting(body: bytes) -> int:
    """How many arrays and objects lie in each other at most, in time linear in the length of the JSON."""
    text = body.decode(json.detect_encoding(body), "replace")
    return max(accumulate(map(_STEP.__getitem__, _NO_BRACKET.sub("", text))), default=0)


def _token(given: str) -> str:
    scheme, _, token = given.partition(" ")
    if scheme.lower() != "bearer":
        raise UnknownCallerError("there is no bearer token")
    return token.strip()


def _needed(method: str, path: str) -> str | None:
    """The scope for what is asked; None for what there is not."""
    parts = path.strip("/").split("/")
    if parts[:2] != ["v1", "plans"]:
        return None
    match method, parts[2:]:
        case (("GET" | "HEAD"), ([_] | [_, "events"])):
            return "plans:read"
        case ("POST", []) | ("DELETE", [_]):
            return "plans:write"
        case "POST", [_, ("approve" | "progress")]:
            return "plans:approve"
    return None
