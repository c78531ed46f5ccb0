"""The earliest way through the gaps that others leave: safe interval path planning (Phillips and Likhachev 2011).

Vehicles wait at nodes only. A state is a node within one of its gaps, with so many goals of the trip met; of two ways
into the same state the earlier is never worse. The last goal must be free for good, since the vehicle stays there.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from banksman_edge.fleet.traffic.resources import Resources
from banksman_edge.fleet.traffic.roads import Roads, Step, Ways
from banksman_edge.fleet.traffic.timetable import MARGIN_S, Gap, Timetable, Trip, common
from banksman_shared.site import Edge

DOUBTFUL_STATES = 300
"""A search that has looked at so many first makes sure that there is a way at all."""
MOST_STATES = 5_000
"""A search that has looked at so many gives up: the way is blocked, or so nearly that it is worth waiting."""


@dataclass(slots=True)
class Visit:
    """A node on the way found: reached over ``edge``, which was entered at ``depart_s``. Not to be changed.

    ``ready_s``: when it is done with what is to do there; ``until_s``: when the node must have been left; ``met``:
    goals met so far. Not frozen, since that makes it four times as slow to build, and a search builds thousands.
    """

    node: str
    edge: Edge | None
    depart_s: float
    arrive_s: float
    ready_s: float
    until_s: float
    met: int
    fixed: bool = False
    """Its lane has been timed with others that cross it."""
    before: Visit | None = None

    def trail(self) -> list[Visit]:
        """All visits from the first to this one, each as late as the end allows.

        Who has to wait waits where nobody else wants to be, so that the rest of the way stays free for others.
        """
        visits, visit = [self], self
        while visit.before:
            before = visit.before
            delay_s = max(0.0, min(visit.depart_s - before.ready_s, self._slack(before)))
            if before.before and delay_s > 0:
                before = replace(
                    before,
                    depart_s=before.depart_s + delay_s,
                    arrive_s=before.arrive_s + delay_s,
                    ready_s=before.ready_s + delay_s,
                )
            visits.append(before)
            visit = before
        return visits[::-1]

    @staticmethod
    def _slack(visit: Visit) -> float:
        """How much later the node before could be left."""
        return visit.before.until_s - visit.arrive_s if visit.before and not visit.fixed else 0.0


class Search:
    """One search for one trip. ``ignored``: vehicles to be looked through; ``shut``: lanes that are not driven."""

    def __init__(
        self,
        roads: Roads,
        resources: Resources,
        timetable: Timetable,
        trip: Trip,
        ignored: Collection[str] = (),
        shut: Collection[tuple[str, str]] = (),
    ) -> None:
        self._roads, self._resources, self._timetable = roads, resources, timetable
        self.trip, self._ignored, self._shut = trip, ignored, shut
        self._gaps: dict[str, list[Gap]] = {}
        self._lane_gaps: dict[tuple[int, ...], list[Gap]] = {}
        self._ways: list[Ways] = [roads.ways(trip.kind, trip.speed, goal.loaded) for goal in trip.goals]
        self._still = self._bounds()

    def run(self, start: str, at_s: float, until_s: float, *, sent: bool = False) -> Visit | None:
        """From ``start``, where the vehicle is from ``at_s`` and must have left by ``until_s``, to the last goal.

        ``sent``: the start is part of a base already, so that nothing more can be done on this visit.
        """
        goals = self.trip.goals
        last = self._free(goals[-1].node)
        if not last or last[-1][1] < math.inf:
            return None
        first = Visit(start, None, at_s, at_s, at_s, until_s, 0)
        if not sent:
            first = self._met(first)
        counter = itertools.count()
        heap = [(self._bound(first), next(counter), first)]
        done: set[tuple[int, str, float]] = set()
        while heap and len(done) < MOST_STATES:
            _, _, visit = heapq.heappop(heap)
            if visit.met == len(goals):
                if visit.until_s == math.inf or self._ends_by_itself(visit):
                    return visit
                continue
            state = (visit.met, visit.node, visit.until_s)
            if state in done:
                continue
            done.add(state)
            if len(done) == DOUBTFUL_STATES and not self._connected(start):
                return None
            for onward in self._onward(visit):
                bound = self._bound(onward)
                if bound < math.inf and (onward.met, onward.node, onward.until_s) not in done:
                    heapq.heappush(heap, (bound, next(counter), onward))
        return None

    def _connected(self, start: str) -> bool:
        """Whether there is a way at all over nodes that are free at some time: most failures show here, at once."""
        ways = self._roads.ways(self.trip.kind, self.trip.speed)
        goals = [goal.node for goal in self.trip.goals]
        return self._roads.connects(start, goals, ways, self._passable)

    def _passable(self, start: str, end: str) -> bool:
        return not self._barred(start, end) and bool(self._node_gaps(end))

    def _barred(self, start: str, end: str) -> bool:
        return (start, end) in self._shut or self.trip.closed.bars(start, end)

    def _bounds(self) -> list[tuple[Mapping[str, float], float]]:
        """For each number of goals met: seconds to the next goal by node, and from there to the end."""
        trip, rest, bounds = self.trip, 0.0, list[tuple[Mapping[str, float], float]]()
        onward: str | None = None
        for goal in reversed(trip.goals):
            to_goal = self._roads.seconds_to(goal.node, trip.kind, trip.speed)
            if onward is not None:
                following = self._roads.seconds_to(onward, trip.kind, trip.speed)
                rest += following.get(goal.node, math.inf)
            rest += goal.dwell_s
            bounds.append((to_goal, rest))
            onward = goal.node
        return [*reversed(bounds), ({}, 0.0)]

    def _bound(self, visit: Visit) -> float:
        """The earliest that the trip can end through this visit."""
        to_goal, rest = self._still[visit.met]
        if visit.met == len(self.trip.goals):
            return visit.ready_s
        return visit.ready_s + to_goal.get(visit.node, math.inf) + rest

    def _met(self, visit: Visit) -> Visit:
        """The visit with what is done there, as far as there is time for it."""
        goals = self.trip.goals
        while visit.met < len(goals) and goals[visit.met].node == visit.node:
            if visit.ready_s + goals[visit.met].dwell_s > visit.until_s:
                break
            visit.ready_s += goals[visit.met].dwell_s
            visit.met += 1
        return visit

    def _onward(self, visit: Visit) -> Iterator[Visit]:
        until_s, ready_s, barred = visit.until_s, visit.ready_s, self.trip.closed or self._shut
        for step in self._ways[visit.met][visit.node]:
            if barred and self._barred(visit.node, step.end):
                continue
            travel_s = step.travel_s
            for begin, end in self._node_gaps(step.end):
                depart_s = max(ready_s, begin)
                if depart_s + travel_s > until_s:
                    break
                if depart_s + travel_s > end:
                    continue
                if step.lane:
                    depart_s = self._departure(step, depart_s)
                arrive_s = depart_s + travel_s
                if arrive_s > until_s:
                    break
                if arrive_s <= end:
                    onward = Visit(
                        step.end, step.edge, depart_s, arrive_s, arrive_s, end, visit.met, bool(step.lane), visit
                    )
                    yield self._met(onward)

    def _departure(self, step: Step, earliest_s: float) -> float:
        """The first moment from which the lane's own resources are free for the whole drive."""
        if step.lane not in self._lane_gaps:
            self._lane_gaps[step.lane] = self._timetable.gaps(step.lane, self.trip.vehicle, self._ignored)
        for begin, end in self._lane_gaps[step.lane]:
            depart_s = max(earliest_s, begin)
            if depart_s + step.travel_s <= end:
                return depart_s
        return math.inf

    def _ends_by_itself(self, visit: Visit) -> bool:
        """Whether the last stay ends only because the place is closed later: until then something else is to do."""
        ends = (begin - MARGIN_S for node, begin, _ in self.trip.closed.spans if node == visit.node)
        return visit.until_s in ends and visit.arrive_s >= self._free(visit.node)[-1][0]

    def _free(self, node: str) -> list[Gap]:
        """When no other vehicle is at a node."""
        return self._timetable.gaps(self._resources.node(node), self.trip.vehicle, self._ignored)

    def _node_gaps(self, node: str) -> list[Gap]:
        gaps = self._gaps.get(node)
        if gaps is None:
            gaps = self._free(node)
            for closed, begin, end in self.trip.closed.spans:
                if closed == node:
                    gaps = common(gaps, [(-math.inf, begin - MARGIN_S), (end, math.inf)])
            self._gaps[node] = gaps
        return gaps
