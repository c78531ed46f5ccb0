"""Who has the page open: each browser has a device of its own in the agent, and whoever signs in there is its operator.

A browser is known by a random token in a cookie that scripts cannot read. Nothing of it outlives the agent.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from banksman_edge.errors import ConsoleError
from banksman_edge.operators import Access, LogIn
from banksman_edge.utterance import Session
from banksman_shared.clock import Clock

COOKIE = "banksman_console"
MOST = 1000
"""Browsers that are remembered; the one that was here least lately is forgotten."""


@dataclass(slots=True)
class Visitor:
    """One browser. ``device``: its name in the agent's events."""

    token: str
    device: str
    session: Session | None = None


class Visitors:
    """All browsers of a console. Safe to use from several threads."""

    def __init__(self, access: Access, clock: Clock) -> None:
        self._access, self._clock = access, clock
        self._known: OrderedDict[str, Visitor] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, token: str | None) -> Visitor | None:
        """The browser with this token."""
        with self._lock:
            visitor = self._known.get(token or "")
            if visitor:
                self._known.move_to_end(visitor.token)
            return visitor

    def new(self, *, remembered: bool = True) -> Visitor:
        """A browser that was never here; where too many are remembered, one in which nobody is signed in is forgotten
        first."""
        visitor = Visitor(secrets.token_urlsafe(32), f"console-{secrets.token_hex(4)}")
        with self._lock:
            if remembered:
                self._known[visitor.token] = visitor
            if len(self._known) > MOST:
                unsigned = (token for token, each in self._known.items() if not self.session(each))
                del self._known[next(unsigned, next(iter(self._known)))]
        return visitor

    def session(self, visitor: Visitor) -> Session | None:
        """Who is signed in there now."""
        session = visitor.session
        return session if session and self._clock.monotonic() < session.ends else None

    def sign_in(self, visitor: Visitor, operator: str, pin: str) -> Visitor:
        """The browser with a new token and the operator; the old token is worthless. It takes a while, on purpose.

        Raises:
            ConsoleError: the PIN is not the operator's, or too many were not.
        """
        outcome, session = self._access.log_in(operator, pin, visitor.device)
        if outcome is LogIn.LOCKED:
            raise ConsoleError("too many wrong PINs for this operator; wait five minutes", status=429)
        if session is None:
            raise ConsoleError("this PIN is not the operator's; try again", status=403)
        signed_in = Visitor(secrets.token_urlsafe(32), visitor.device, session)
        with self._lock:
            visitor.session = None
            self._known.pop(visitor.token, None)
            self._known[signed_in.token] = signed_in
        return signed_in

    def sign_out(self, visitor: Visitor) -> None:
        """Nobody is signed in there any more, and its token is worthless."""
        visitor.session = None
        with self._lock:
            self._known.pop(visitor.token, None)
