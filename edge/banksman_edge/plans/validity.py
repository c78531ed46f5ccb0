"""Whether what is left of a plan can still be driven as it is: proven by the verifier, in time, from where everybody is
now."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from banksman_edge.fleet import VehicleView
from banksman_edge.plans.execution import Execution, Item, Stage
from banksman_edge.plans.remaining_goals import Rest, remainder, snapshot
from banksman_shared.plans import SendGoal, Step, TransportGoal, VehicleSnapshot
from banksman_shared.site import Site
from banksman_shared.verify import DROP_S, PICK_S, World, violations

MARGIN_S = 1.0
"""More than the fastest way takes, for what is rounded."""


def faults_of_rest(
    site: Site, execution: Execution, views: Mapping[str, VehicleView], able: Collection[str], now_s: float
) -> list[str]:
    """What speaks against going on with the steps that there are, a sentence each; time limits aside.

    ``able``: the vehicles that are counted on. ``now_s``: seconds since the plan was asked for.
    """
    fleet = snapshot(site, execution, views, able, now_s)
    rest = remainder(execution, fleet, now_s, limits=False)
    if rest is None:
        return []
    return violations(site, rest.fleet, rest.goals, _Timetable(site, execution, rest, now_s).steps())


class _Timetable:
    """When the steps that wait will be done, if each takes as long as planned, or as its way from here does."""

    def __init__(self, site: Site, execution: Execution, rest: Rest, now_s: float) -> None:
        self._site, self._execution, self._rest = site, execution, rest
        self._world = World(site, rest.fleet, rest.goals)
        self._fleet = {vehicle.id: vehicle for vehicle in rest.fleet.vehicles}
        self._free = {vehicle.id: (vehicle.ready_s, vehicle.node) for vehicle in rest.fleet.vehicles}
        known = {item.job: item for item in execution.items}
        ends = execution.ends(now_s).items()
        self._ends = {job: end - now_s for job, end in ends if known[job].stage is not Stage.WAITING}

    def steps(self) -> list[Step]:
        """In seconds from now, for the goals of the rest."""
        waiting = [item for item in self._execution.items if item.stage is Stage.WAITING and not item.kept]
        return [self._next(item) for item in waiting]

    def _next(self, item: Item) -> Step:
        step, goal = item.step, self._rest.origin.index(item.step.goal)
        ready, node = self._free[step.vehicle]
        wish = self._rest.goals[goal]
        begin = wish.not_before_s or 0.0 if isinstance(wish, TransportGoal | SendGoal) else 0.0
        others = [self._ends.get(other.job, 0.0) for other in self._execution.before(item)]
        start = max([0.0, ready, begin, *others])
        end = max(start + step.end_s - step.start_s, self._fastest(self._fleet[step.vehicle], step, node, start))
        self._ends[item.job], self._free[step.vehicle] = end, (end, self._node(step.destination))
        return step.model_copy(update={"goal": goal, "start_s": start, "end_s": end})

    def _fastest(self, vehicle: VehicleSnapshot, step: Step, node: str, start: float) -> float:
        """When a step may have ended at the earliest; ``start`` where no way is open, which the verifier finds."""
        roads, end = self._world.roads(vehicle), self._node(step.destination)
        if step.origin is None:
            arrived = roads.arrive(node, end, start, loaded=vehicle.loaded)
        else:
            origin = self._node(step.origin)
            fetched = roads.clear(origin, roads.arrive(node, origin, start, loaded=False), PICK_S) + PICK_S
            arrived = roads.clear(end, roads.arrive(origin, end, fetched, loaded=True), DROP_S) + DROP_S
        return arrived + MARGIN_S if arrived < float("inf") else start

    def _node(self, place: str) -> str:
        return self._site.places[place].node
