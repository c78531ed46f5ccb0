"""Who is stopped: the same for the master, on the disk, and for the agents that stand by."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from banksman_edge.fleet.rivals import Rivals
from banksman_edge.fleet.store import FleetStore


class Stops(Protocol):
    """What knows and can be told which vehicles are stopped: the master."""

    def latched(self) -> frozenset[str]: ...

    def set_latches(self, vehicles: Collection[str]) -> None: ...


class Latches:
    """Carries every change of the master's latches to the disk and to other agents, and theirs to the master.

    An agent that stands by follows the one that commands, and so takes over with the same vehicles stopped; were it
    to go by its own, it would stop again what the other lets go on.
    """

    def __init__(self, master: Stops, store: FleetStore | None, rivals: Rivals) -> None:
        self._master, self._store, self._rivals = master, store, rivals
        self._followed: tuple[frozenset[str], bool] | None = None
        self._known = store.latched() if store else frozenset()
        master.set_latches(self._known)
        rivals.show(self._known)

    def settle(self) -> None:
        """To be called after whatever may have changed one of them."""
        theirs = self._rivals.commanders_stops()
        if theirs is not None and theirs != self._followed:
            stops, sure = theirs
            # What the broker kept may be older than what we know: it can add stops, and end none.
            self._master.set_latches(stops if sure else stops | self._master.latched())
        self._followed = theirs
        now = self._master.latched()
        if now == self._known:
            return
        if self._store:
            self._store.latch(now - self._known, on=True)
            self._store.latch(self._known - now, on=False)
        self._known = now
        self._rivals.show(now)
