"""Assigns loads to vehicles: greedy at once, exactly where the problem is small, by search where it is large.

Whatever a method proposes is timed by the same rules (:mod:`banksman_cloud.solving.assignment`) and taken only if it is
better, so the result is never worse than :func:`banksman_cloud.solving.greedy.greedy`, and may be stopped at any time.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from banksman_cloud.solving.assignment import Assignment, Cost, cost
from banksman_cloud.solving.bounds import bound, measure
from banksman_cloud.solving.exact import solve_exactly
from banksman_cloud.solving.greedy import greedy
from banksman_cloud.solving.instance import Instance
from banksman_cloud.solving.routing import Routing, fits
from banksman_cloud.solving.search import improve
from banksman_cloud.solving.travel_times import TICKS_PER_S
from banksman_shared.clock import Clock

TINY, SMALL = 400, 4000
"""Sizes of the exact model up to which it is asked at once, and after PyVRP."""
_EXACT_SHARE = 0.3
"""Of the time, how much the exact model gets at the most."""
_ROUTE_SHARE = 0.4
"""Of the time, how much PyVRP gets at the most where others still have to try."""
_SLICE_SHARE = 0.1
"""Of the time, how much PyVRP gets to reach an earlier end before a nearer one is tried."""
_GIVE_UP = 6
"""Vain tries in a row after which PyVRP hands over."""
_ENDLESS = 2**40


@dataclass(frozen=True, slots=True)
class Progress:
    """How good the best plan so far is, in seconds: the time until all is done, or all work where little driving is
    preferred. ``bound_s``: no plan can be below. ``keeps``: it keeps every wish."""

    value_s: float
    bound_s: float
    keeps: bool

    @property
    def gap(self) -> float:
        """Share of the value by which it may at most be bettered, 0 to 1."""
        return 0.0 if self.value_s <= 0 else max(0.0, 1 - self.bound_s / self.value_s)


@dataclass(frozen=True, slots=True)
class Solution:
    """``proven``: no assignment is better in lateness and in what is minimised. ``bound`` in ticks."""

    instance: Instance
    assignment: Assignment
    cost: Cost
    bound: int
    proven: bool

    @property
    def progress(self) -> Progress:
        value = measure(self.instance, self.cost)
        return Progress(value / TICKS_PER_S, min(self.bound, value) / TICKS_PER_S, not self.cost.broken)


def solve(
    instance: Instance,
    clock: Clock,
    limit_s: float = 4.0,
    stop: Callable[[], bool] = lambda: False,
    report: Callable[[Progress], None] = lambda _: None,
    enough: Callable[[Cost], bool] = lambda _: False,
) -> Solution:
    """The best assignment found within ``limit_s``.

    ``report`` hears of the first and of whatever is better, plan or bound. ``stop`` ends the search from outside,
    ``enough`` as soon as it likes a cost.

    Raises:
        DeadlinePassedError: it was stopped before there was a first assignment.
    """
    return _Run(instance, clock, clock.monotonic() + limit_s, stop, report, enough).run(limit_s)


def keeps(cost: Cost) -> bool:
    """Whether no wish is broken: enough for who asks only whether there is a plan."""
    return not cost.broken


def size(instance: Instance) -> int:
    """Literals in the exact model, roughly."""
    return len(instance.carriers) * (sum(len(load.trips) for load in instance.loads) + 1) ** 2


@dataclass(slots=True)
class _Run:
    instance: Instance
    clock: Clock
    end: float
    stop: Callable[[], bool]
    report: Callable[[Progress], None]
    enough: Callable[[Cost], bool]
    best: Assignment = field(init=False)
    cost: Cost = field(init=False)
    bound: int = 0
    proven: bool = False

    def run(self, limit_s: float) -> Solution:
        self.best = greedy(self.instance, self.stop)
        self.cost = cost(self.instance, self.best)
        self._tell()
        if self.instance.loads and not self.done():
            self.bound = bound(self.instance)
            now, literals = self.clock.monotonic(), size(self.instance)
            if literals <= TINY:
                self._exact(limit_s)
            plain, slice_s = not self._tangled(), limit_s * _SLICE_SHARE
            self._route(self.end if plain and literals > SMALL else now + limit_s * _ROUTE_SHARE, slice_s)
            if TINY < literals <= SMALL:
                self._exact(limit_s * _EXACT_SHARE)
                self._route(self.end if plain else now, slice_s)
            improve(self.instance, self.best, self.done, self._take)
        return self._solution()

    def done(self) -> bool:
        return self.proven or self.stop() or self.enough(self.cost) or self.clock.monotonic() >= self.end

    def _solution(self) -> Solution:
        return Solution(self.instance, self.best, self.cost, self.bound, self.proven)

    def _tell(self) -> None:
        self.report(self._solution().progress)

    def _take(self, assignment: Assignment | None) -> bool:
        """Keep an assignment if it is better; whether it is."""
        if assignment is None:
            return False
        new = cost(self.instance, assignment)
        better = new < self.cost
        if better:
            self.best, self.cost = assignment, new
            self._tell()
        return better

    def _exact(self, limit_s: float) -> None:
        if self.done():
            return
        left = self.end - self.clock.monotonic()
        found = solve_exactly(self.instance, self.best, min(limit_s, left), self.done)
        self._take(found.assignment)
        self.bound = max(self.bound, found.bound)
        if found.proven and not self._unseen():
            self.proven = True
            self.bound = measure(self.instance, self.cost)
        self._tell()

    def _unseen(self) -> bool:
        """Whether there is something that neither CP-SAT nor PyVRP sees."""
        return any(carrier.roads.windows or carrier.leaves is not None for carrier in self.instance.carriers)

    def _tangled(self) -> bool:
        """Whether there is something that PyVRP does not see."""
        return self._unseen() or bool(self.instance.after) or any(load.begin for load in self.instance.loads)

    def _route(self, end: float, slice_s: float) -> None:
        """PyVRP, with an earlier and earlier end; or cheaper and cheaper where driving is what counts."""
        if self.done() or len(self.instance.carriers) < 2 or len(self.instance.loads) < 2 or not fits(self.instance):
            return
        chance = random.Random(0)  # noqa: S311  a search, no secret
        cheaper, vain, share = self.instance.prefer == "little_driving", 0, 8
        routing = Routing(self.instance, self.best, chance)
        while not self.done() and vain < _GIVE_UP and self.clock.monotonic() < end:
            until = min(end, self.clock.monotonic() + slice_s)
            target = self.cost.makespan - max(1, (self.cost.makespan - self.bound) // share)
            found = routing.solve(
                _ENDLESS if cheaper or self.cost.broken else target,
                self._most(),
                lambda until=until: self.done() or self.clock.monotonic() >= until,  # type: ignore[misc]
                cheaper=cheaper,
                cold=vain % 2 == 1,
            )
            if self._take(found):
                vain = 0
            else:
                vain, share = vain + 1, share * 4
                routing = Routing(self.instance, self.best, chance)

    def _most(self) -> int:
        """How many loads a carrier may take: as many as there are, or an even share."""
        if self.instance.prefer != "even_work":
            return len(self.instance.loads)
        able = {vehicle for load in self.instance.loads for vehicle in load.vehicles}
        return -(-len(self.instance.loads) // max(1, len(able)))
