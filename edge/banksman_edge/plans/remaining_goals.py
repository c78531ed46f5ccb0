"""What is left of a plan that went otherwise than planned, as goals for the planner: no words, so no language model.

What runs is kept: its vehicle is where it will end, and ready when it has ended.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from banksman_edge.fleet import VehicleView
from banksman_edge.plans.execution import Execution, Item, Stage
from banksman_edge.plans.fleet_snapshot import barred_nodes
from banksman_shared.plans import AvoidGoal, FleetSnapshot, Goal, SendGoal, Step, TransportGoal, VehicleSnapshot
from banksman_shared.site import Site
from banksman_shared.verify import WORK_DRAIN

_LONGEST_S = 86400.0


@dataclass(frozen=True, slots=True)
class Rest:
    """Goals in seconds from now. ``origin``: of each, the index that it had in the plan. ``freed``: steps under
    way that are to be taken back for it."""

    goals: tuple[Goal, ...]
    origin: tuple[int, ...]
    fleet: FleetSnapshot
    freed: tuple[Item, ...] = ()

    def steps(self, made: Sequence[Step], now_s: float) -> list[Step]:
        """Steps for these goals as steps of the plan, which was asked for ``now_s`` ago."""
        return [
            step.model_copy(
                update={
                    "goal": self.origin[step.goal],
                    "start_s": step.start_s + now_s,
                    "end_s": step.end_s + now_s,
                }
            )
            for step in made
        ]


def remainder(
    execution: Execution, fleet: FleetSnapshot, now_s: float, *, limits: bool = True, freed: Sequence[Item] = ()
) -> Rest | None:
    """All that is neither done nor under way, or None if that is nothing. ``limits`` False: without time limits;
    ``freed``: counts as not under way."""
    ends, able = execution.ends(now_s), {vehicle.id for vehicle in fleet.vehicles if vehicle.available}
    kept: dict[int, Goal] = {}
    for index, goal in enumerate(execution.goals):
        if (rest := _rest(execution, index, goal, able, freed)) is not None:
            kept[index] = rest.model_copy(update=_moved(rest, now_s, limits=limits))
    tasks = {i for i, goal in kept.items() if isinstance(goal, TransportGoal | SendGoal)}
    if not tasks:
        return None
    kept = {i: goal for i, goal in kept.items() if not (isinstance(goal, AvoidGoal) and _over(goal))}
    numbers = {old: new for new, old in enumerate(kept)}
    goals = []
    for goal in kept.values():
        if isinstance(goal, TransportGoal | SendGoal) and goal.after:
            settled = (i for gate in goal.after for i in execution.settled(gate) if i not in freed)
            running = [ends[i.job] for i in settled if not i.ended]
            begin = max([goal.not_before_s or 0.0, *(end - now_s for end in running)])
            after = tuple(numbers[gate] for gate in goal.after if gate in tasks)
            goal = goal.model_copy(update={"after": after, "not_before_s": begin or None})  # noqa: PLW2901
        goals.append(goal)
    return Rest(tuple(goals), tuple(kept), fleet, tuple(freed))


def can_be_freed(item: Item, view: VehicleView) -> bool:
    """Whether a step under way can be another vehicle's: its own surely has no load of it on board."""
    fetches = item.step.origin is not None
    return item.stage is Stage.GIVEN and not item.kept and (view.loaded is False if fetches else not view.loaded)


def _rest(execution: Execution, index: int, goal: Goal, able: Collection[str], freed: Collection[Item]) -> Goal | None:
    """What of a goal is still to be given to a vehicle."""
    served = [item for item in execution.settled(index) if item not in freed]
    if isinstance(goal, TransportGoal):
        stranded = sum(item.stranded for item in execution.serving(index, Stage.LOST))
        left = (goal.count or 0) - len(served) - stranded
        sharing = tuple(dict.fromkeys(i.step.vehicle for i in served if i.step.vehicle in able))
        changes: dict[str, Any] = {"count": left}
        if goal.at_most is not None and sharing:  # who has begun goes on
            changes |= {"vehicles": sharing, "at_most": None}
        return goal.model_copy(update=changes) if left > 0 else None
    if isinstance(goal, SendGoal):
        sent = {item.step.vehicle for item in served}
        named = tuple(v for v in goal.vehicles if v not in sent)
        left = len(named) if goal.vehicles else goal.count - len(sent)
        without = tuple(dict.fromkeys((*goal.without, *sent)))
        changes = {"vehicles": named, "without": () if named else without}
        return goal.model_copy(update=changes | ({} if named else {"count": left})) if left > 0 else None
    return goal


def _moved(goal: Goal, now_s: float, *, limits: bool) -> dict[str, Any]:
    """The goal's times, counted from now."""
    if isinstance(goal, TransportGoal | SendGoal):
        left = None if goal.within_s is None or not limits else max(1.0, goal.within_s - now_s)
        begin = (goal.not_before_s or 0.0) - now_s
        return {"within_s": left, "not_before_s": begin if begin > 0 else None, "by": None, "not_before": None}
    if isinstance(goal, AvoidGoal) and (goal.from_s is not None or goal.until_s is not None):
        begin = max(0.0, (goal.from_s or 0.0) - now_s)
        end = None if goal.until_s is None else max(0.0, goal.until_s - now_s)
        times = {"from_time": None, "until_time": None}
        return times | {"from_s": begin or None, "until_s": end}
    return {}


def _over(goal: AvoidGoal) -> bool:
    return goal.until_s is not None and goal.until_s <= 0


def snapshot(
    site: Site,
    execution: Execution,
    views: Mapping[str, VehicleView],
    able: Collection[str],
    now_s: float,
) -> FleetSnapshot:
    """The vehicles as they will be when they are done with what they have; only ``able`` ones may be given more, if
    they have a step of the plan or nothing to do."""
    ends = execution.ends(now_s)
    fit = {v for v in able if execution.running(v) or views[v].idle}
    return FleetSnapshot(
        vehicles=tuple(
            _vehicle(site, views[v], execution, ends, now_s, able=v in fit) for v in site.vehicles if v in views
        ),
        blocked=barred_nodes(views.values()),
    )


def _vehicle(
    site: Site, view: VehicleView, execution: Execution, ends: Mapping[str, float], now_s: float, *, able: bool
) -> VehicleSnapshot:
    items = execution.of(view.id)
    running = next((i for i in items if i.stage is Stage.GIVEN), None)
    last = running or next((i for i in reversed(items) if i.stage is Stage.DONE), None)
    battery, ready_s, node, loaded = view.battery, 0.0, view.node or "", bool(view.loaded)
    if running:
        ready_s = max(0.0, ends[running.job] - now_s)
        node, loaded = site.places[running.step.destination].node, False
        battery = None if battery is None else max(0.0, battery - ready_s * WORK_DRAIN)
    if last and last.step.until is not None:
        ready_s = max(ready_s, last.given_s + last.step.end_s - last.step.start_s - now_s)
        battery = None if battery is None else max(battery, last.step.until)
    stays = last is not None and _stays(execution.goals, last)
    return VehicleSnapshot(
        id=view.id,
        node=node,
        battery=None if battery is None else min(100.0, max(0.0, battery)),
        loaded=loaded,
        available=able and not stays and node != "",
        speed=min(20.0, view.speed),
        ready_s=min(_LONGEST_S, ready_s),
    )


def _stays(goals: Sequence[Goal], item: Item) -> bool:
    """Whether a vehicle does nothing else after this."""
    goal = goals[item.step.goal]
    final = item.step.action in ("charge", "park") and item.step.until is None
    return final or (isinstance(goal, SendGoal) and goal.when == "only")
