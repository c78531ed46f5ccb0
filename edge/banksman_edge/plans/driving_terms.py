"""What a driven plan needs of others: who is told, who plans anew, and within what it is driven."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from banksman_edge.fleet import Code, May, Problem
from banksman_edge.plans.deviation import Deviation
from banksman_edge.plans.remaining_goals import Rest
from banksman_shared.plans import FleetSnapshot, Plan, Step


class PlanReporter(Protocol):
    """Tells the operator how a plan goes on. Called on the plan's thread."""

    def drifted(self, deviations: Sequence[Deviation]) -> None:
        """Something went otherwise than planned; the rest is planned anew, if there is a rest."""
        ...

    def barred(self, deviations: Sequence[Deviation]) -> None:
        """Vehicles have come to wait for others that are out of order."""

    def again(self, seconds: float, vehicles: Sequence[str]) -> None:
        """The rest is planned anew, and done in so many seconds."""
        ...

    def late(self, words: str, seconds: float) -> None:
        """A time limit will be missed by so much."""
        ...

    def paused(self, *, on: bool) -> None:
        """Nothing is handed out, or again."""
        ...

    def propose(self, plan: Plan, vehicles: Sequence[str]) -> None:
        """The rest needs more than was approved: these vehicles. :meth:`Driver.answer` is told yes or no."""
        ...

    def taken_up(self, interruption: Interruption, plan: Plan | None) -> None:
        """The plan goes on after a restart; or, with ``plan``, the operator is asked whether it shall.
        :meth:`Driver.answer` is told yes or no."""
        ...

    def broken_off(self, interruption: Interruption) -> None:
        """It does not go on after a restart; :meth:`over` follows."""
        ...

    def shelved(self, words: Sequence[str]) -> None:
        """The agent ends, and these goals are not done; the next one sees to it."""
        ...

    def over(self, failure: str, late_s: float) -> None:
        """The plan has ended. ``failure``: what of it was not done; ``late_s``: how late what was done was."""
        ...


@dataclass(frozen=True, slots=True)
class Interruption:
    """Why a plan is not simply gone on with after a restart.

    ``away_s``: seconds for which nobody drove it, None if nobody knows; ``hindered``: what speaks against its vehicles;
    ``late``: goals whose time limit has passed, and seconds by which it will be missed; ``unknown``: steps of which
    nobody knows whether they were done; ``left``: goals, in their words; ``why``: what else there is.
    """

    away_s: float | None
    hindered: tuple[Problem, ...] = ()
    late: Mapping[str, float] = field(default_factory=dict)
    unknown: tuple[Step, ...] = ()
    left: tuple[str, ...] = ()
    why: Problem | None = None

    @property
    def doubtful(self) -> bool:
        """Whether something about it speaks against going on without a question, however long it was."""
        return bool(self.hindered or self.late or self.unknown)

    def exceeds(self, asked: Interruption) -> bool:
        """Whether more speaks against going on than when ``asked`` was found."""
        return bool(
            self.hindrances() - asked.hindrances()
            or self.late.keys() - asked.late.keys()
            or any(step not in asked.unknown for step in self.unknown)
        )

    def hindrances(self) -> frozenset[tuple[Code, str | None]]:
        """What hinders whom."""
        return frozenset((problem.code, problem.vehicle) for problem in self.hindered)


class RestPlanner(Protocol):
    """Has the rest of a plan planned anew. All raise PlannerError."""

    plan: Plan
    """The one that is driven now."""

    def propose(self, rest: Rest) -> Plan:
        """A checked plan for what is left."""
        ...

    def adopt(self, plan: Plan, fleet: FleetSnapshot) -> None:
        """Drive it in place of the one before."""
        ...


@dataclass(slots=True)
class Offer:
    """A plan for the rest, with these vehicles, that waits for a yes."""

    plan: Plan
    rest: Rest
    vehicles: frozenset[str]
    answer: bool | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """Within what a plan is driven. ``vehicles`` are those that were approved, ``among`` all that the operator may
    send; ``began`` is the wall-clock second from which the goals count."""

    vehicles: frozenset[str]
    among: frozenset[str]
    began: float
    may: May | None = None
