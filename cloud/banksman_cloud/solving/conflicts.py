"""Why there is no plan: the smallest set of wishes that cannot be met together, and what giving each up would bring.

Each wish is left out in turn; if there is still no plan without it, it was not to blame and stays out. What is left
conflicts, and loses nothing but one wish to be possible. Nothing is relaxed here but to find out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from banksman_cloud.errors import InfeasibleError
from banksman_cloud.solving.assignment import lines
from banksman_cloud.solving.bounds import hopeless
from banksman_cloud.solving.instance import Instance
from banksman_cloud.solving.solver import Solution, keeps, solve
from banksman_cloud.solving.tasks import ways_to_choose
from banksman_cloud.solving.travel_times import TICKS_PER_S
from banksman_cloud.solving.vehicle_choice import WAYS
from banksman_shared.clock import Clock
from banksman_shared.plans import FleetSnapshot, Goal, PreferGoal, SendGoal, TransportGoal, UseGoal
from banksman_shared.site import Site

_SHORTEST_S, _LONGEST_S = 0.1, 1.0
"""Seconds for one question whether there is a plan."""


class Part(StrEnum):
    WHOLE = "whole"
    LIMIT = "limit"
    """The time by which it has to be done."""
    ORDER = "order"
    """That it waits for others."""
    WHO = "who"
    """That only some vehicles may do it."""
    SHARE = "share"
    """That only so many vehicles may share in it."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A goal, or one thing that is asked of it."""

    goal: int
    part: Part


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Without ``wish`` there is a plan. ``seconds``: when all of it is done, or the goal for a limit. ``count``: how
    many loads of the goal could be carried with all else as it is, None where it would have to go altogether."""

    wish: Wish
    seconds: float
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """``proven``: no plan exists; otherwise none was found in time. ``code``: why, where that is known. ``cleared_s``:
    when all would be done if no vehicle that is out of order were in the way; None where that is not to blame."""

    wishes: tuple[Wish, ...]
    relaxations: tuple[Relaxation, ...]
    proven: bool
    code: str = ""
    cleared_s: float | None = None


def find_conflict(
    site: Site, fleet: FleetSnapshot, goals: Sequence[Goal], clock: Clock, limit_s: float, stop: Callable[[], bool]
) -> Conflict:
    """What conflicts in goals that have no plan, in about ``limit_s`` seconds."""
    return _Search(site, fleet, goals, clock, limit_s, stop).run()


@dataclass(slots=True)
class _Search:
    site: Site
    fleet: FleetSnapshot
    goals: Sequence[Goal]
    clock: Clock
    limit_s: float
    stop: Callable[[], bool]
    proven: bool = True
    code: str = ""
    slice_s: float = _SHORTEST_S

    def run(self) -> Conflict:
        wishes = _wishes(self.goals)
        self.slice_s = min(_LONGEST_S, max(_SHORTEST_S, self.limit_s / (3 * len(wishes) + 1)))
        dropped: set[Wish] = set()
        for wish in wishes:
            if Wish(wish.goal, Part.WHOLE) not in dropped and self._ask({*dropped, wish}) is None:
                dropped.add(wish)
        gone = {wish.goal for wish in dropped if wish.part is Part.WHOLE}
        core = [wish for wish in wishes if wish not in dropped and wish.goal not in gone]
        proven, self.proven = self.proven, True
        self._ask(dropped, final=True)
        proven = self.proven
        relaxed = tuple(filter(None, [self._relax(wish) for wish in core]))
        return Conflict(tuple(sorted(core, key=lambda w: w.goal)), relaxed, proven, self.code, self._cleared())

    def _ask(self, dropped: set[Wish], *, final: bool = False) -> Solution | None:
        """A solution that keeps all wishes but ``dropped``, or None where none is found."""
        return self._plan(_without(self.goals, dropped), final=final)

    def _cleared(self) -> float | None:
        """See :class:`Conflict`."""
        if not self.fleet.blocked:
            return None
        clear = replace(self, fleet=self.fleet.model_copy(update={"blocked": None}))
        solution = clear._ask(set())
        return None if solution is None else solution.cost.makespan / TICKS_PER_S

    def _plan(self, goals: Sequence[Goal], *, final: bool = False) -> Solution | None:
        kept = self.code
        for made in ways_to_choose(self.site, self.fleet, goals):
            if self.stop():
                return None
            found = self._solved(made, final=final)
            if found is not None:
                self.code = kept
                return found
        return None

    def _solved(self, made: Instance | InfeasibleError, *, final: bool) -> Solution | None:
        """A plan for one choice of who is sent. If there is none, that proves nothing where others could be."""
        proven, code, solution = True, "", None
        try:
            if isinstance(made, InfeasibleError):
                raise made
            slice_s = self.slice_s / (WAYS if made.chosen else 1)
            solution = solve(made, self.clock, slice_s, self.stop, enough=keeps)
            if not solution.cost.broken:
                return solution
            proven, code = solution.proven or hopeless(made), _reason(solution)
        except InfeasibleError as error:
            code = error.code
        self.proven = self.proven and proven and not made.chosen
        if final:
            self.code = "" if made.chosen else code
        return None

    def _relax(self, wish: Wish) -> Relaxation | None:
        goal = self.goals[wish.goal]
        if wish.part is Part.WHOLE and isinstance(goal, TransportGoal) and (goal.count or 0) > 1:
            found = self._fewer(wish, goal)
            if found is not None:
                return found
        solution = self._ask({wish})
        if solution is None:
            return None
        made = lines(solution.instance, solution.assignment)
        ends = [t.end for one in made for t in one.done if wish.part is not Part.LIMIT or t.task.goal == wish.goal]
        return Relaxation(wish, max(ends, default=0) / TICKS_PER_S)

    def _fewer(self, wish: Wish, goal: TransportGoal) -> Relaxation | None:
        """The most loads of a goal that can be carried with all else as it is."""
        best: Relaxation | None = None
        low, high = 1, (goal.count or 0) - 1
        while low <= high and not self.stop():
            middle = (low + high + 1) // 2
            changed = [*self.goals]
            changed[wish.goal] = goal.model_copy(update={"count": middle})
            solution = self._plan(changed)
            if solution is None:
                high = middle - 1
            else:
                best, low = Relaxation(wish, solution.cost.makespan / TICKS_PER_S, middle), middle + 1
        return best


def _reason(solution: Solution) -> str:
    made = lines(solution.instance, solution.assignment)
    late = any(timed.late for one in made for timed in one.done)
    over = any(one.carrier.budget is not None and one.spent > one.carrier.budget for one in made)
    return "battery" if over and not late else ""


def _wishes(goals: Sequence[Goal]) -> list[Wish]:
    """All that can be given up: whole tasks first, so that what is left is about as few of them as possible."""
    wishes = [Wish(i, Part.WHOLE) for i, goal in reversed([*enumerate(goals)]) if not isinstance(goal, PreferGoal)]
    wishes.sort(key=lambda wish: not isinstance(goals[wish.goal], TransportGoal | SendGoal))
    for index, goal in enumerate(goals):
        if not isinstance(goal, TransportGoal | SendGoal):
            continue
        wishes += [Wish(index, Part.ORDER)] if goal.after else []
        if isinstance(goal, TransportGoal):
            wishes += [Wish(index, Part.WHO)] if goal.vehicles or goal.without else []
            wishes += [Wish(index, Part.SHARE)] if goal.at_most is not None else []
        wishes += [Wish(index, Part.LIMIT)] if goal.within_s is not None else []
    return wishes


_CHANGES: Mapping[Part, Mapping[str, object]] = {
    Part.LIMIT: {"within_s": None, "by": None},
    Part.ORDER: {"after": ()},
    Part.WHO: {"vehicles": (), "without": ()},
    Part.SHARE: {"at_most": None},
}


def _without(goals: Sequence[Goal], dropped: set[Wish]) -> list[Goal]:
    """The goals without some wishes, each where it was."""
    left: list[Goal] = []
    for index, goal in enumerate(goals):
        changes = {k: v for part, some in _CHANGES.items() if Wish(index, part) in dropped for k, v in some.items()}
        gone = Wish(index, Part.WHOLE) in dropped
        left.append(UseGoal(words=goal.words) if gone else goal.model_copy(update=changes))
    return left
