"""Who is stopped: the same for the master, on the disk, and for the agents that stand by."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Collection
from typing import Protocol

from banksman_edge.fleet.other_commanders import OtherCommanders
from banksman_edge.fleet.store import FleetStore

log = logging.getLogger(__name__)


class Stops(Protocol):
    """What knows and can be told which vehicles are stopped: the master."""

    def latched(self) -> frozenset[str]: ...

    def set_latches(self, vehicles: Collection[str]) -> None: ...


class StopLatches:
    """Carries every change of the master's latches to the disk and to other agents, and theirs to the master.

    An agent that stands by follows the one that commands, and so takes over with the same vehicles stopped; were it
    to go by its own, it would stop again what the other lets go on.
    """

    def __init__(self, master: Stops, store: FleetStore | None, other_commanders: OtherCommanders) -> None:
        self._master, self._store, self._other_commanders = master, store, other_commanders
        self._followed: tuple[frozenset[str], bool] | None = None
        self._kept = self._shown = store.latched() if store else frozenset[str]()
        self._failing = False
        master.set_latches(self._kept)
        other_commanders.show(self._shown)

    def settle(self) -> None:
        """To be called after whatever may have changed one of them."""
        theirs = self._other_commanders.commanders_stops()
        if theirs is not None and theirs != self._followed:
            stops, sure = theirs
            # What the broker kept may be older than what we know: it can add stops, and end none.
            self._master.set_latches(stops if sure else stops | self._master.latched())
        self._followed = theirs
        now = self._master.latched()
        if now != self._shown:
            self._other_commanders.show(now)
            self._shown = now
        if now != self._kept and self._keep(now):
            self._kept = now

    def _keep(self, now: frozenset[str]) -> bool:
        """Write them down. A disk that is full or gone is tried again, and keeps nobody from anything else."""
        try:
            if self._store:
                self._store.latch(now - self._kept, on=True)
                self._store.latch(self._kept - now, on=False)
        except sqlite3.Error as error:
            if not self._failing:
                log.warning(
                    "it cannot be written down who is stopped (%s): make room; a restart now may forget it", error
                )
            self._failing = True
        else:
            self._failing = False
        return not self._failing
