"""What an agent that commands leaves to the one that takes over: that plans may be unfinished."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import Protocol

Heir = Callable[[str], None]
"""Told of the host whose agent is gone, and drove plans when it was last heard."""


class Succession:
    """Of a fleet that no other agent can take over."""

    def show(self, plans: Collection[str]) -> None:
        """These plans are driven here, by names that tell nothing."""

    def inherit(self, heir: Heir) -> None:
        """Call back, on a thread of its own, when this agent takes over from one that drove plans."""


class Presences(Protocol):
    """Where agents show what they drive: the rivals."""

    def show_plans(self, plans: Collection[str]) -> None: ...

    def left_behind(self) -> str | None:
        """The host of an agent that was taken over from, once."""
        ...


class AgentSuccession(Succession):
    """Of a fleet that several agents may command, under the lock of its service."""

    def __init__(self, presences: Presences, lock: threading.RLock) -> None:
        self._presences, self._lock = presences, lock
        self._heir: Heir | None = None

    def show(self, plans: Collection[str]) -> None:
        with self._lock:
            self._presences.show_plans(plans)

    def inherit(self, heir: Heir) -> None:
        self._heir = heir

    def settle(self) -> None:
        """To be called now and then, under the lock."""
        if self._heir and (host := self._presences.left_behind()):
            threading.Thread(target=self._heir, args=(host,), name="estate", daemon=True).start()
