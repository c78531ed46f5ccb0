"""The console's interface: the page, REST for what is asked once, and a websocket for what goes on.

Browsers are told apart by a cookie. Requests that change something, and websockets, are taken from the console's own
pages alone: their Origin is looked at, and the Host, so that no other page can reach the agent through a browser.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket, WebSocketDisconnect

from banksman_edge.console.documents import site_document, vehicle_document
from banksman_edge.console.feed import Feed
from banksman_edge.console.host import ConsoleHost
from banksman_edge.console.open_page import Page
from banksman_edge.console.orders import not_stopped, orders
from banksman_edge.console.orders import stop as stop_command
from banksman_edge.console.visitors import COOKIE, Visitor, Visitors
from banksman_edge.errors import ConsoleError
from banksman_edge.utterance import MAX_TEXT, Utterance
from banksman_shared.clock import SystemClock
from banksman_shared.errors import BanksmanError

PAGE = Path(__file__).parent / "page"
MOST_BODY = 1 << 16
"""Bytes of a request."""
HELLO_S = 10.0
MOST_PAGES = 64
"""Pages that are open at once."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
}


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignIn(_Body):
    """Who signs in."""

    operator: str = Field(max_length=128)
    pin: str = Field(max_length=128)


class Said(_Body):
    """Something that is written: ``text`` or chosen: ``command``, as in docs/commands.md."""

    text: str | None = Field(None, min_length=1, max_length=MAX_TEXT)
    command: Any = None
    language: str | None = Field(None, max_length=35)


class Stopped(_Body):
    """Who is to stop."""

    vehicles: list[str] = Field(["*"], max_length=1000)


@dataclass(frozen=True, slots=True)
class _Console:
    """What all requests have to do with."""

    agent: ConsoleHost
    visitors: Visitors
    feed: Feed
    origins: frozenset[str]
    secure: bool
    pages: set[Page] = field(default_factory=set)

    @property
    def has_operators(self) -> bool:
        """Whether only those may see the site who have signed in."""
        return self.agent.site.rules.roles is not None

    def remember(self, response: Response, visitor: Visitor) -> None:
        response.set_cookie(COOKIE, visitor.token, path="/", httponly=True, samesite="strict", secure=self.secure)

    def session_document(self, visitor: Visitor) -> dict[str, Any]:
        session = self.visitors.session(visitor)
        return {
            "device": visitor.device,
            "operator": session.operator if session else None,
            "needed": self.has_operators,
            "site": self.agent.site.name,
            "languages": list(self.agent.site.languages),
        }

    def submit(self, visitor: Visitor, text: str = "", **what: Any) -> dict[str, str]:
        said = Utterance(text, device=visitor.device, session=self.visitors.session(visitor), **what)
        return {"id": self.agent.submit(said)}


def create_app(agent: ConsoleHost, *, origins: Collection[str] = (), secure: bool = False) -> FastAPI:
    """The console of an agent. ``origins``: further addresses of its page; ``secure``: it is served by TLS."""
    console = _Console(agent, Visitors(agent.access, SystemClock()), Feed(agent), frozenset(origins), secure)

    @asynccontextmanager
    async def following(_app: FastAPI) -> AsyncIterator[None]:
        console.feed.start()
        yield
        await console.feed.close()

    app = FastAPI(
        title="Banksman console", version=version("banksman"), lifespan=following, docs_url=None, redoc_url=None
    )
    app.state.console = console
    app.middleware("http")(_guard(console.origins))
    for kind in (BanksmanError, RequestValidationError):
        app.exception_handler(kind)(_problem)
    app.include_router(_routes)
    if PAGE.is_dir():
        app.mount("/", StaticFiles(directory=PAGE, html=True), name="page")
    return app


def _console_of(connection: HTTPConnection) -> _Console:
    console: _Console = connection.app.state.console
    return console


_Its = Annotated[_Console, Depends(_console_of)]


def _visitor_of(console: _Its, request: Request, response: Response) -> Visitor:
    visitor = console.visitors.of(request.cookies.get(COOKIE))
    if visitor is None:
        remembered = request.url.path.endswith("/session")
        visitor = console.visitors.new(remembered=remembered)
        if remembered:
            console.remember(response, visitor)
    return visitor


_Anybody = Annotated[Visitor, Depends(_visitor_of)]


def _somebody(console: _Its, visitor: _Anybody) -> Visitor:
    if console.has_operators and console.visitors.session(visitor) is None:
        raise ConsoleError("sign in first", status=401)
    return visitor


_Somebody = Annotated[Visitor, Depends(_somebody)]
_routes = APIRouter(prefix="/api/v1")


@_routes.get("/session")
def session(console: _Its, visitor: _Anybody) -> dict[str, Any]:
    """Who is signed in in this browser."""
    return console.session_document(visitor)


@_routes.post("/session")
def sign_in(console: _Its, visitor: _Anybody, who: SignIn, response: Response) -> dict[str, Any]:
    """Sign in with a PIN."""
    signed_in = console.visitors.sign_in(visitor, who.operator, who.pin)
    console.remember(response, signed_in)
    return console.session_document(signed_in)


@_routes.delete("/session", status_code=204)
def sign_out(console: _Its, visitor: _Anybody, response: Response) -> None:
    """Sign out."""
    console.visitors.sign_out(visitor)
    response.delete_cookie(COOKIE, path="/")


@_routes.get("/site")
def site(console: _Its, _visitor: _Somebody, language: str | None = None) -> dict[str, Any]:
    """The site, its map and its names."""
    known = console.agent.site
    return site_document(known, language if language in known.languages else known.languages[0])


@_routes.get("/fleet")
def fleet(console: _Its, _visitor: _Somebody) -> dict[str, Any]:
    """All vehicles as they are now, and those on the broker that are not the site's."""
    known = console.agent.fleet
    strangers = [f"{address.manufacturer}/{address.serial_number}" for address in known.strangers()]
    return {"vehicles": [vehicle_document(view) for view in known.vehicles().values()], "strangers": strangers}


@_routes.get("/loads")
def loads(console: _Its, _visitor: _Somebody) -> dict[str, Any]:
    """What stands where, as far as anybody has told."""
    known = console.agent.loads
    told = [{"id": load.id, "place": load.place, "type": load.type} for load in known.every()]
    return {"told_at": known.told_at, "loads": told}


@_routes.get("/health")
def health(console: _Its, _visitor: _Somebody) -> dict[str, Any]:
    """What works and what does not."""
    agent = console.agent
    standby, views = agent.fleet.standby(), agent.fleet.vehicles().values()
    return {
        "commands": standby is None,
        "reason": standby.problem.sentence if standby else "",
        "hears": agent.headsets.hears,
        "speaks": agent.headsets.synthesis is not None,
        "vehicles": len(views),
        "reporting": sum(view.connected and view.reporting for view in views),
    }


@_routes.post("/utterances", status_code=202)
def say(console: _Its, visitor: _Somebody, said: Said) -> dict[str, str]:
    """Say or order something; what becomes of it comes on MQTT."""
    if (said.text is None) == (said.command is None):
        raise ConsoleError("send either 'text' or 'command'", status=422)
    commands = orders(console.agent.site, said.command) if said.command is not None else ()
    return console.submit(visitor, said.text or "", language=said.language, commands=commands)


@_routes.post("/stop", status_code=202)
def stop(console: _Its, visitor: _Anybody, who: Stopped | None = None) -> dict[str, str]:
    """Stop vehicles at once; all, if none are named. Anybody may."""
    command, strange = stop_command(console.agent.site, (who or Stopped()).vehicles)
    told = console.submit(visitor, commands=(command,))
    return told | ({"title": not_stopped(strange)} if strange else {})


@_routes.websocket("/stream")
async def stream(console: _Its, socket: WebSocket) -> None:
    """What goes on; see docs/console.md."""
    if not _is_own(socket.headers.get("host", ""), socket.headers.get("origin"), console.origins):
        await socket.close(1008)
        return
    if len(console.pages) >= MOST_PAGES:
        await socket.close(1013, "too many pages are open; close some")
        return
    await socket.accept()
    visitor = console.visitors.of(socket.cookies.get(COOKIE))
    if visitor is None:
        await socket.close(1008, "this browser has no session; load the page first")
        return
    page = Page(console.agent, console.visitors, visitor, socket)
    console.pages.add(page)
    try:
        await _serve(page, socket, console.feed)
    finally:
        console.pages.discard(page)


async def _serve(page: Page, socket: WebSocket, feed: Feed) -> None:
    """One page from its hello to its end."""
    try:
        async with asyncio.timeout(HELLO_S):
            hello = await socket.receive_text()
        page.greet(hello)
        if page.sees:
            await feed.join(page)
        await page.listen()
    except TimeoutError:
        await page.refuse(f"no hello within {HELLO_S:.0f} s")
    except BanksmanError as error:
        await page.refuse(str(error))
    except (WebSocketDisconnect, KeyError):  # starlette knows no text in a message of bytes
        pass
    except asyncio.CancelledError:  # it did not read what it was sent
        await page.refuse("this page is too slow")
    finally:
        feed.leave(page)
        page.close()


def _guard(origins: frozenset[str]) -> Callable[[Request, Callable[[Request], Awaitable[Response]]], Any]:
    async def guarded(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        site = request.headers.get("sec-fetch-site", "")
        another = site in ("cross-site", "same-site") and request.headers.get("sec-fetch-mode") != "navigate"
        if another or not _is_own(request.headers.get("host", ""), request.headers.get("origin"), origins):
            response: Response = _refusal("this request does not come from a page of the console", 403)
        elif (
            int(request.headers.get("content-length") or 0) > MOST_BODY
            or "chunked" in request.headers.get("transfer-encoding", "").lower()
        ):
            response = _refusal(f"a request has at most {MOST_BODY} bytes, and says how many", 413)
        else:
            response = await call_next(request)
        response.headers.update(_HEADERS)
        if not request.url.path.startswith("/assets/"):
            response.headers["Cache-Control"] = "no-store"
        return response

    return guarded


def _is_own(host: str, origin: str | None, origins: frozenset[str]) -> bool:
    """Whether a request was made to an address of the console, and by its own page or no page at all: browsers always
    say from which page a request comes that changes something. Names that the console does not know may be a
    stranger's that now point here; addresses in figures cannot."""
    if host not in {urlsplit(each).netloc for each in origins} and not _is_local(host):
        return False
    return origin is None or origin in origins or urlsplit(origin).netloc == host


def _is_local(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return bool(ipaddress.ip_address(name))
    return False


def _refusal(reason: str, status: int) -> JSONResponse:
    return JSONResponse({"title": reason, "status": status}, status_code=status, media_type="application/problem+json")


async def _problem(_request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        return _refusal(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", 422)
    return _refusal(str(error), error.status if isinstance(error, ConsoleError) else 422)
