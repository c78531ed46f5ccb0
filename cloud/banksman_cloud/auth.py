"""Who may ask and how much, decided before any of the body is looked at."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from banksman_cloud import problems

PROTECTED = "/v1/"


class BearerAuth:
    """ASGI middleware: below ``/v1/`` only with one of the tokens (RFC 6750). FastAPI would parse the body first."""

    def __init__(self, app: ASGIApp, tokens: Sequence[str]) -> None:
        self._app = app
        self._tokens = [token.encode() for token in tokens]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PROTECTED):
            given = Headers(scope=scope).get("authorization", "")
            scheme, _, token = given.partition(" ")
            if scheme.lower() != "bearer" or not self._known(token.strip()):
                challenge = 'Bearer realm="banksman"' + (', error="invalid_token"' if given else "")
                detail = "send 'Authorization: Bearer' with a token of this planner (BANKSMAN_PLANNER_TOKEN)"
                refusal = problems.response(401, detail, {"WWW-Authenticate": challenge})
                await refusal(scope, receive, send)
                return
            scope.setdefault("state", {})["caller"] = hashlib.sha256(token.strip().encode()).hexdigest()
        await self._app(scope, receive, send)

    def _known(self, token: str) -> bool:
        # Every token is compared, so that the time taken says nothing about which one was near.
        matches = [hmac.compare_digest(token.encode("latin-1"), known) for known in self._tokens]
        return any(matches)


class BodyLimit:
    """ASGI middleware: reads the body, at most ``limit`` bytes of it, whatever its headers promise."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        promised = Headers(scope=scope).get("content-length", "0")
        body = None if promised.isdigit() and int(promised) > self._limit else await self._read(receive)
        if body is None:
            refusal = problems.response(413, f"the body is larger than {self._limit} bytes; send less")
            await refusal(scope, receive, send)
            return
        pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        await self._app(scope, replay, send)

    async def _read(self, receive: Receive) -> bytes | None:
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self._limit:
                return None
            if not message.get("more_body", False):
                return bytes(body)
