"""Whether what came of a request is what was asked for, judged by what would happen and never by the plan's goals.

Only what a plan promises of ways counts from its goals: the fleet keeps what they close.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from banksman_cloud.bench.cases import (
    Battery,
    Case,
    First,
    Free,
    Idle,
    LeftOut,
    Loads,
    Moved,
    OneWay,
    Order,
    Outcome,
    Ride,
    Scene,
    Sent,
    Spread,
)
from banksman_cloud.bench.drive import SLACK_S, Driven, against_one_way, drive, nodes_of
from banksman_shared.plans import AvoidGoal, OneWayGoal, Plan, PlanState, Step
from banksman_shared.site import Site
from banksman_shared.text import fold

AT_ONCE_S = 1.0


class Ending(StrEnum):
    """What came of a request."""

    RIGHT = "right"
    """A plan that does what was asked, or the refusal or question that was due, naming what it is about."""
    WRONG_PLAN = "wrong plan"
    """A plan that can be driven and is not what was asked for."""
    FALSE_PLAN = "false plan"
    """A plan for what cannot be done, or may mean several things."""
    BROKEN_PLAN = "broken plan"
    """A plan that cannot be driven: never to be proposed."""
    NO_PLAN = "no plan"
    """None, where there is one."""
    OTHER_WORDS = "other words"
    """None, as it should be, and the answer does not say why."""


@dataclass(frozen=True, slots=True)
class Verdict:
    ending: Ending
    faults: tuple[str, ...] = ()


def judge(case: Case, scene: Scene, plan: Plan) -> Verdict:
    """What came of a request whose plan is proposed or has failed."""
    if plan.state is not PlanState.PROPOSED:
        return _unplanned(case, plan)
    driven = drive(scene.site, scene.fleet, plan)
    if driven.faults:
        return Verdict(Ending.BROKEN_PLAN, tuple(driven.faults))
    if case.expect != "plan":
        return Verdict(Ending.FALSE_PLAN, (plan.explanation,))
    faults = tuple(_Judge(scene, plan, driven).faults(case.must))
    return Verdict(Ending.WRONG_PLAN if faults else Ending.RIGHT, faults)


def _unplanned(case: Case, plan: Plan) -> Verdict:
    if case.expect == "plan":
        return Verdict(Ending.NO_PLAN, (plan.explanation,))
    said = fold(plan.explanation)
    missing = [words for words in case.naming if fold(words) not in said]
    if not missing and not plan.faults:  # a model that answered nothing usable has not refused anything
        return Verdict(Ending.RIGHT)
    return Verdict(Ending.OTHER_WORDS, (plan.explanation, *plan.faults))


@dataclass(slots=True)
class _Judge:
    scene: Scene
    plan: Plan
    driven: Driven
    asked: set[int] = field(default_factory=set)
    """The steps that some outcome asks for, by their number."""

    @property
    def site(self) -> Site:
        return self.scene.site

    @property
    def steps(self) -> Sequence[Step]:
        return self.plan.steps

    def faults(self, must: Iterable[Outcome]) -> Iterator[str]:
        for outcome in must:
            yield from self._check(outcome)
        for number, step in enumerate(self.steps):
            if number not in self.asked:
                yield f"nobody asked for {step.vehicle}'s {step.action} to {step.destination}"

    def _check(self, outcome: Outcome) -> Iterator[str]:
        found: Iterable[str]
        match outcome:
            case Moved():
                found = self._moved(outcome)
            case Sent():
                found = self._sent(outcome)
            case Free():
                found = self._free(outcome)
            case OneWay():
                found = self._one_way(outcome)
            case Battery():
                found = self._battery(outcome)
            case Order():
                found = self._order(outcome)
            case First():
                found = self._first(outcome)
            case Idle():
                found = (f"{s.vehicle} was to do nothing" for s in self.steps if s.vehicle in outcome.idle)
            case Spread():
                found = self._spread(outcome)
            case LeftOut():
                found = self._left_out(outcome)
        return iter(found)

    def _carrying(self, loads: Loads | Moved) -> list[int]:
        return [
            number
            for number, step in enumerate(self.steps)
            if step.action == "transport"
            and step.origin in loads.origins
            and (not loads.destinations or step.destination in loads.destinations)
        ]

    def _moved(self, asked: Moved) -> Iterator[str]:
        numbers = self._carrying(asked)
        self.asked.update(numbers)
        steps = [self.steps[number] for number in numbers]
        what = f"{'/'.join(asked.origins)} to {'/'.join(asked.destinations)}"
        if len(steps) != asked.moved:
            yield f"{len(steps)} loads go from {what}, not {asked.moved}"
        if asked.by is not None and any(step.end_s > asked.by + SLACK_S for step in steps):
            yield f"{what} is done at {max(step.end_s for step in steps):g} s, not by {asked.by:g} s"
        if any(step.start_s < asked.not_before - SLACK_S for step in steps):
            yield f"{what} begins before {asked.not_before:g} s"
        who = {step.vehicle for step in steps}
        if asked.carriers and not who <= set(asked.carriers):
            yield f"{what} is done by {', '.join(sorted(who))}"
        if asked.at_most is not None and len(who) > asked.at_most:
            yield f"{what} is done by {len(who)} vehicles, not by {asked.at_most} at most"

    def _sent(self, asked: Sent) -> Iterator[str]:
        named = asked.sent if isinstance(asked.sent, tuple) else asked.of
        wanted = len(named) if isinstance(asked.sent, tuple) else asked.sent
        numbers = [n for n, s in enumerate(self.steps) if s.action == asked.how and (not named or s.vehicle in named)]
        self.asked.update(numbers)
        sent = [self.steps[number] for number in numbers]
        if len(sent) != wanted or len({step.vehicle for step in sent}) != wanted:
            yield f"{len(sent)} vehicles {asked.how}, not {wanted} of {', '.join(named) or 'all'}"
        for step in sent:
            yield from self._where(asked, step)
            yield from self._when(asked, step)

    def _where(self, asked: Sent, step: Step) -> Iterator[str]:
        usual = {self.site.vehicles[step.vehicle].home} if asked.how == "park" else set(self.site.places)
        if step.destination not in (asked.to or usual):
            yield f"{step.vehicle} goes to {step.destination}"
        if (asked.until is None) != (step.until is None) or (asked.until or 0) > (step.until or 0):
            yield f"{step.vehicle} charges to {step.until}, not to {asked.until}"

    def _when(self, asked: Sent, step: Step) -> Iterator[str]:
        others = [s for s in self.steps if s.vehicle == step.vehicle and s is not step]
        if asked.only and (others or step.start_s > AT_ONCE_S):
            yield f"{step.vehicle} was to {asked.how} at once and do nothing else"
        if asked.first and any(other.start_s < step.end_s - SLACK_S for other in others):
            yield f"{step.vehicle} does something before it was to {asked.how}"
        if not asked.first and any(other.start_s > step.start_s for other in others):
            yield f"{step.vehicle} does something after it was to {asked.how}"

    def _free(self, asked: Free) -> Iterator[str]:
        nodes = {node: place for place in asked.free for node in nodes_of(self.site, place)}
        starts = {vehicle.id: vehicle.node for vehicle in self.scene.fleet.vehicles}
        for vehicle, node, since, until in self.driven.stays:
            leaves = node == starts[vehicle] and since <= asked.since  # it stood there already
            concerned = node in nodes and (not asked.whom or vehicle in asked.whom)
            if concerned and not leaves and since < asked.until - SLACK_S and until > asked.since + SLACK_S:
                yield f"{vehicle} is at {nodes[node]} from {since:g} to {until:g} s"
        for place in asked.free:
            for vehicle in asked.whom or tuple(self.site.vehicles):
                if not self._closed(place, vehicle, asked):
                    yield f"the plan does not close {place} to {vehicle}"

    def _closed(self, place: str, vehicle: str, asked: Free) -> bool:
        return any(
            isinstance(goal, AvoidGoal)
            and place in goal.places
            and (not goal.vehicles or vehicle in goal.vehicles)
            and (goal.from_s or 0.0) <= asked.since
            and (math.inf if goal.until_s is None else goal.until_s) >= asked.until
            for goal in self.plan.goals
        )

    def _one_way(self, asked: OneWay) -> Iterator[str]:
        for start, end in against_one_way(self.site, *asked.one_way) & self.driven.edges:
            yield f"somebody drives from {start} to {end}, against the one way"
        kept = (against_one_way(self.site, g.start, g.end) for g in self.plan.goals if isinstance(g, OneWayGoal))
        if left := against_one_way(self.site, *asked.one_way) - set().union(*kept):
            yield f"the plan leaves {len(left)} lanes open against the one way"

    def _battery(self, asked: Battery) -> Iterator[str]:
        for number, left in self.driven.left.items():
            step = self.steps[number]
            if (not asked.of or step.vehicle in asked.of) and left < asked.battery - 0.01:
                yield f"{step.vehicle}'s {step.action} to {step.destination} leaves {left:.1f} %"

    def _order(self, asked: Order) -> Iterator[str]:
        before, after = ([self.steps[n] for n in self._named(part)] for part in asked.order)
        ends, begins = max((s.end_s for s in before), default=0), min((s.start_s for s in after), default=math.inf)
        if begins < ends - SLACK_S:
            yield f"what was to wait begins at {begins:g} s, before the other is done at {ends:g} s"

    def _named(self, part: Loads | Ride) -> list[int]:
        if isinstance(part, Loads):
            return self._carrying(part)
        return [n for n, s in enumerate(self.steps) if s.vehicle == part.vehicle and s.action == part.how]

    def _first(self, asked: First) -> Iterator[str]:
        urgent = set(self._carrying(asked.first))
        for vehicle in dict.fromkeys(step.vehicle for step in self.steps):
            own = [n for n, s in enumerate(self.steps) if s.vehicle == vehicle and s.action == "transport"]
            own.sort(key=lambda n: self.steps[n].start_s)
            kinds = [number in urgent for number in own]
            if kinds != sorted(kinds, reverse=True):
                yield f"{vehicle} carries something else before what is urgent"

    def _spread(self, asked: Spread) -> Iterator[str]:
        counts = Counter(step.vehicle for step in self.steps if step.action == "transport")
        loads = [counts[vehicle] for vehicle in asked.of]
        if max(loads) - min(loads) > asked.spread:
            yield f"the vehicles carry {', '.join(map(str, loads))} loads"

    def _left_out(self, asked: LeftOut) -> Iterator[str]:
        if not any(fold(asked.left_out) in fold(words) for words in self.plan.unsupported):
            yield f"'{asked.left_out}' is not said to be left out"
