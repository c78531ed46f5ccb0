"""Who is sent and who shares in a transport where nobody said who: chosen before the solver begins.

Those come first whose way, time and battery fit as far as that can be told without a plan. Where the first choice has
no plan another one may have, so the choice can be made in several ways, all but the first by chance.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ortools.graph.python import linear_sum_assignment

from banksman_cloud.errors import InfeasibleError
from banksman_cloud.solving.instance import HANDLING, Carrier
from banksman_cloud.solving.travel_times import FOREVER, TICKS_PER_S, Roads, ticks
from banksman_shared.plans import SendGoal, TransportGoal, VehicleSnapshot
from banksman_shared.site import Site
from banksman_shared.verify import CHARGE_TO, CHARGING

WAYS = 6
"""In how many ways it is chosen before there is taken to be no plan."""


@dataclass(slots=True)
class Chooser:
    """One way to choose. ``chosen``: whether there was anything to choose, so that others may have a plan."""

    site: Site
    usable: Mapping[str, VehicleSnapshot]
    carriers: Mapping[str, Carrier]
    way: int = 0
    chosen: bool = False
    chance: random.Random = field(init=False)
    _rounds: dict[tuple[int, int], dict[str, tuple[int, int]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.way)  # noqa: S311  a search, no secret

    def volunteers(
        self, goal: SendGoal, able: Iterable[str], taken: Collection[str], places: Sequence[str]
    ) -> list[str]:
        """Those with the least charge to a charger, those with the most elsewhere; those that are there first.

        Raises:
            InfeasibleError: too few are left.
        """
        free = [self.usable[v] for v in able if v not in taken]
        if len(free) < goal.count:
            raise InfeasibleError(
                f"'{goal.words}' needs {goal.count} vehicles with nothing else to end with; {len(free)} are free",
                "no_vehicle",
            )
        self.chosen = self.chosen or len(free) > goal.count
        there = {self.site.places[place].node for place in places}
        sign = 1 if goal.action == "charge" else -1

        def rank(v: VehicleSnapshot) -> tuple[bool, bool, float]:
            fits = self._reaches(goal, self.carriers[v.id], places)
            if self.way:
                return not fits, False, self.chance.random()
            return not fits, v.node not in there, sign * (100.0 if v.battery is None else v.battery)

        return [v.id for v in sorted(free, key=rank)[: goal.count]]

    def sharing(self, goal: TransportGoal, able: list[str]) -> list[str]:
        """As many of ``able`` as may share in it: those that can do their part of it, the nearest first."""
        if goal.at_most is None or goal.at_most >= len(able):
            return able
        self.chosen = True
        part = -(-(goal.count or 0) // goal.at_most)

        def rank(vehicle: str) -> tuple[int, float]:
            first, loads = self._part(goal, self.carriers[vehicle], part)
            return (-min(loads, 1), self.chance.random()) if self.way else (-loads, first)

        return sorted(able, key=rank)[: goal.at_most]

    def _reaches(self, goal: SendGoal, carrier: Carrier, places: Sequence[str]) -> bool:
        nodes = places or [self.site.vehicles[carrier.id].home]
        ways = [carrier.roads.ticks(carrier.node, self.site.places[p].node, loaded=carrier.loaded) for p in nodes]
        way = min((way for way in ways if way is not None), default=None)
        if way is None or (goal.action != "charge" and carrier.budget is not None and way > carrier.budget):
            return False
        stay = 0
        if goal.action == "charge" and goal.when == "first":
            lacks = (goal.until or CHARGE_TO) - (self.usable[carrier.id].battery or 0.0)
            stay = ticks(max(0.0, lacks) / CHARGING)
        begin = max(carrier.ready, ticks(goal.not_before_s or 0.0))
        return goal.within_s is None or begin + way + stay <= goal.within_s * TICKS_PER_S

    def _part(self, goal: TransportGoal, carrier: Carrier, most: int) -> tuple[float, int]:
        """When a carrier can be at the first load, and how many, up to ``most``, its time and its battery allow."""
        rounds = self._round(goal, carrier.roads)
        begin = max(carrier.ready, ticks(goal.not_before_s or 0.0))
        ways = ((carrier.roads.ticks(carrier.node, node, loaded=False), rest) for node, rest in rounds.items())
        there = min(((way, carry, again) for way, (carry, again) in ways if way is not None), default=None)
        if there is None:
            return FOREVER, 0
        way, carry, again = there
        time = FOREVER if goal.within_s is None else int(goal.within_s * TICKS_PER_S) - begin
        room = min(time, FOREVER if carrier.budget is None else carrier.budget) - way - carry
        return carrier.ready + way, 0 if room < 0 else min(most, 1 + room // max(1, again))

    def _round(self, goal: TransportGoal, roads: Roads) -> dict[str, tuple[int, int]]:
        """Node of an origin → ticks to carry a load from there, and to come back for another and carry that."""
        key = (id(goal), id(roads))
        if key not in self._rounds:
            self._rounds[key] = {}
            ends = [self.site.places[place].node for place in goal.destinations]
            for origin in (self.site.places[place].node for place in goal.origins):
                carried = ((roads.ticks(origin, end, loaded=True), end) for end in ends if end != origin)
                carry = min(((time, end) for time, end in carried if time is not None), default=None)
                back = None if carry is None else roads.ticks(carry[1], origin, loaded=False)
                if carry is not None:
                    once = carry[0] + HANDLING
                    self._rounds[key][origin] = once, FOREVER if back is None else once + back
        return self._rounds[key]


Seeker = TypeVar("Seeker", bound=Hashable)


def matched(ways: Mapping[Seeker, Mapping[str, int]]) -> dict[Seeker, str]:
    """A place of its own for as many seekers as can have one, with the least ticks in all. ``ways``: to those that each
    can reach."""
    seekers, places = list(ways), sorted({place for reached in ways.values() for place in reached})
    size, none = len(seekers) + len(places), 1 + sum(max(reached.values(), default=0) for reached in ways.values())
    solver: Any = linear_sum_assignment.SimpleLinearSumAssignment()
    for row, seeker in enumerate(seekers):
        solver.add_arc_with_cost(row, len(places) + row, none)
        for place, ticks_to in ways[seeker].items():
            solver.add_arc_with_cost(row, places.index(place), ticks_to)
    for row in range(len(seekers), size):  # what nobody is given
        for column in (row - len(seekers), *range(len(places), size)):
            solver.add_arc_with_cost(row, column, 0)
    if not size or solver.solve() != solver.OPTIMAL:
        return {}
    mates = {seeker: solver.right_mate(row) for row, seeker in enumerate(seekers)}
    return {seeker: places[column] for seeker, column in mates.items() if column < len(places)}
