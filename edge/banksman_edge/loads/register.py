"""The loads of a site: told by a warehouse, and moved by the vehicles since. Safe to call from any thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from banksman_edge.fleet import Fleet, OrderEvent
from banksman_edge.loads.checking import check_list
from banksman_edge.loads.model import MAX_LOADS, Load, Stock, Told
from banksman_edge.loads.moves import Moves
from banksman_edge.loads.persistence import LoadsFile
from banksman_edge.loads.replay import replay
from banksman_shared.clock import Clock, timestamp
from banksman_shared.site import Site

log = logging.getLogger(__name__)

Fetch = tuple[str, str | None]
"""A load that somebody is going to fetch: the place, and its type if that matters."""


class LoadRegister:
    """Which loads stand where, as far as somebody keeps count and that is not too long ago (``[loads]`` of the site).

    ``promised``: what plans are going to fetch and no vehicle has been given yet.
    """

    def __init__(self, site: Site, fleet: Fleet, clock: Clock) -> None:
        self._site, self._fleet, self._clock = site, fleet, clock
        self.promised: Callable[[], Iterable[Fetch]] = tuple
        self._told: Told | None = None
        self._moves = Moves(site, clock)
        self._file: LoadsFile | None = None
        self._lock = threading.RLock()
        self._too_old: Told | None = None
        """The list that was last said to be too old."""

    def tell(self, loads: Iterable[Load], *, at: float | None = None, places: Iterable[str] | None = None) -> bool:
        """All loads that stand at the site, or at these ``places``, in the place of what was told before. ``at``: when
        they stood so, in wall-clock seconds; None: now. False: a list that is as new was told before, and counts.

        Raises:
            LoadsError: the list is wrong; nothing has changed.
        """
        now = self._clock.time()
        told = Told(
            now if at is None else at,
            tuple(loads),
            None if places is None else frozenset(places),
            alone=self._fleet.standby() is None,
        )
        check_list(told, self._site, now)
        with self._lock:
            if at is not None and self._told and told.at <= self._told.at:
                log.debug("a list of loads of %s is no newer than the one that counts", timestamp(told.at))
                return False
            self._moves.look(self._fleet.vehicles())
            self._told = told
            self._moves.forget_before(told.at)
            self._keep()
        log.info("%d loads are told of", len(told.loads))
        return True

    def forget(self) -> None:
        """Nobody keeps count of loads any more."""
        with self._lock:
            self._told = None
            self._keep()

    def now(self) -> Stock | None:
        """What can be fetched: what stands there and is nobody's yet. None: nobody knows, or not well enough."""
        promised = tuple(self.promised())
        with self._lock:
            told = self._told
            if told is None or not self._counts(told):
                return None
            self._moves.look(self._fleet.vehicles())
            yard = replay(told, self._moves, self._site.rules.leaving.sensitive_loads)
            for place, kind in (*self._moves.to_fetch(), *promised):
                yard.speak_for(place, kind)
            stock = yard.stock(told, self._site.places)
            return stock if len(stock.loads) <= MAX_LOADS else None

    def every(self) -> tuple[Load, ...]:
        """All loads that may stand anywhere, however long ago that was told. What may be of a sensitive type is."""
        with self._lock:
            if self._told is None:
                return ()
            self._moves.look(self._fleet.vehicles())
            return tuple(replay(self._told, self._moves, self._site.rules.leaving.sensitive_loads).loads)

    @property
    def told_at(self) -> float | None:
        """When the loads stood as the latest list says, in wall-clock seconds."""
        told = self._told
        return told.at if told else None

    def follow(self, event: OrderEvent) -> None:
        """Take in the fleet's news: what vehicles are to fetch, have fetched and brought."""
        if not self._moves.concerns(event):
            return
        views = self._fleet.vehicles()
        with self._lock:
            if self._moves.follow(event, views):
                self._bound()
                self._keep()

    def keep(self, folder: Path) -> None:
        """Let what is known outlive a restart there, and take up what an earlier run has left."""
        with self._lock:
            self._file = LoadsFile(folder)
            if (found := self._file.read()) is None:
                return
            told, moves = found
            places = self._site.places.keys()
            known = [move for move in moves if {move.origin, move.destination} - {None} <= places]
            listed = {load.place for load in told.loads} | (told.places or set()) if told else set()
            if listed <= places and len(known) == len(moves):
                self._told = told
            self._moves.recall(known, self._fleet.earlier_jobs)

    def _counts(self, told: Told) -> bool:
        """Whether a list is fit to be acted on: new enough, and all that happened since is known."""
        old_s = self._clock.time() - told.at
        if told.alone and old_s <= self._site.rules.loads_age_s:
            return True
        if told is not self._too_old:
            self._too_old = told
            why = f"{old_s:.0f} s old" if told.alone else "of a time when somebody else commanded"
            log.warning("the list of loads is %s and does not count; publish it anew", why)
        return False

    def _bound(self) -> None:
        """Keep no more than is needed, where no list comes in the place of the last one."""
        told, earlier_jobs = self._told, self._moves.overflow()
        if told and earlier_jobs:
            yard = replay(told, earlier_jobs, self._site.rules.leaving.sensitive_loads)
            stock = yard.stock(told, self._site.places)
            places = frozenset(self._site.places) - stock.uncounted if stock.uncounted else None
            self._told = replace(told, loads=tuple(yard.loads), places=places)

    def _keep(self) -> None:
        if self._file:
            self._file.write(self._told, self._moves)
