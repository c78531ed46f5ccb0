"""What a plan closes stays closed to the vehicle: in the router, in the orders, in the edge's check of the plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from driven_yard import DrivenYard
from yard import Yard, commands, go, yard_site

from banksman_edge.asr import Transcript
from banksman_edge.errors import PlannerError
from banksman_edge.fleet import Code, Fleet, FleetError
from banksman_edge.fleet.routing import Call, Start, Way, drive_length
from banksman_edge.plans import Escalation, check_plan, named_things
from banksman_edge.plans.request import Request
from banksman_edge.turns.events import PlanEvent
from banksman_edge.understanding import Pipeline
from banksman_edge.utterance import Utterance
from banksman_shared.clock import ManualClock
from banksman_shared.plans import (
    AvoidGoal,
    FleetSnapshot,
    Goal,
    Plan,
    PlanRequest,
    PlanState,
    SendGoal,
    Step,
    plan_hash,
)
from banksman_shared.site import NOTHING_CLOSED, Closed, Router, bundled_site, load_site

CROSSING = Closed(frozenset({"N3"}))
"""From park-1 to aisle-9 the way leads over N3 in any case; from park-2 to dock-1 there is another by aisle-9."""


def nodes(router: Router, start: str, end: str, closed: Closed = NOTHING_CLOSED) -> list[str] | None:
    route = router.route(start, end, "forklift", closed)
    return None if route is None else [node.id for node in route.nodes]


def test_the_router_goes_around_closed_nodes() -> None:
    router = Router(yard_site().layout)
    assert nodes(router, "N4", "D1") in (["N4", "N3", "D1"], ["N4", "S9", "D1"])
    assert nodes(router, "N4", "D1", CROSSING) == ["N4", "S9", "D1"]
    assert nodes(router, "N4", "D1", Closed(frozenset({"S9"}))) == ["N4", "N3", "D1"]
    assert nodes(router, "N4", "D1", Closed(frozenset({"N3", "S9"}))) is None
    assert nodes(router, "N4", "N3", CROSSING) is None


def test_the_router_lets_out_what_stands_inside() -> None:
    router = Router(yard_site().layout)
    assert nodes(router, "N3", "D1", CROSSING) == ["N3", "D1"]
    assert nodes(router, "N3", "N3", CROSSING) == ["N3"]


def test_between_nodes_a_vehicle_turns_back_before_what_is_closed() -> None:
    layout = yard_site().layout
    on, back = (Way("N3", layout.edges["N4-N3"], 2.0), Way("N4", layout.edges["N3-N4"], 2.0))
    router, there = Router(layout), [Call("D1")]
    around = sum(layout.edges[edge].length for edge in ("N3-N4", "N4-S9", "S9-D1"))
    assert drive_length(router, "forklift", Start((on, back)), there, CROSSING) == around
    assert drive_length(router, "forklift", Start((on,)), there, CROSSING) is None


def test_a_lane_that_loaded_vehicles_may_not_use_is_closed_to_them_alone() -> None:
    layout = yard_site().layout
    forbidden = {i: replace(e, never_loaded=frozenset({"forklift"})) for i, e in layout.edges.items() if e.end == "D1"}
    router = Router(replace(layout, edges={**layout.edges, **forbidden}))
    start = Start((Way("P1"),))
    assert drive_length(router, "forklift", start, [Call("D1", loaded=True)]) is None
    assert drive_length(router, "forklift", start, [Call("D1", loaded=False)]) is not None
    assert drive_length(router, "tugger", start, [Call("D1", loaded=True)]) is not None


@pytest.mark.parametrize("closed", ["N3", "S9"])
def test_an_order_takes_the_longer_way_around_a_closed_node(yard: Yard, closed: str) -> None:
    yard.master.submit(
        "j", commands(go("agv-2", "charger-1"), go("agv-2", "park-2")), closed=Closed(frozenset({closed}))
    )
    yard.until(yard.done("j", 2))
    orders = yard.cars["agv-2"].orders
    other = {"N3": "S9", "S9": "N3"}[closed]
    assert [[node.node_id for node in order.nodes] for order in orders] == [
        ["P2", "N4", other, "D1", "C1"],
        ["C1", "D1", other, "N4", "P2"],
    ]


def test_without_a_way_around_the_job_is_refused_with_a_sentence(yard: Yard) -> None:
    (problem,) = yard.master.check(commands(go("agv-1", "dock-1")), closed=CROSSING)
    assert (problem.code, problem.sentence) == (
        Code.UNREACHABLE,
        "no road that agv-1 may use leads to dock-1 around what is closed",
    )
    with pytest.raises(FleetError, match="around what is closed"):
        yard.master.submit("j", commands(go("agv-1", "dock-1")), closed=CROSSING)
    assert yard.master.check(commands(go("agv-1", "dock-1"))) == []
    assert not yard.sent


def test_a_free_charger_is_one_with_an_open_way(yard: Yard) -> None:
    charge = commands({"action": "charge", "vehicles": ["agv-1"]})
    assert [p.code for p in yard.master.check(charge, closed=Closed(frozenset({"C1", "S9"})))] == [Code.NO_FREE_CHARGER]
    yard.master.submit("j", charge, closed=Closed(frozenset({"C1"})))
    yard.until(yard.done("j"))
    assert yard.cars["agv-1"].last_node == "C2"


# Plans


def plan_of(goals: tuple[Goal, ...], *steps: Step) -> Plan:
    return Plan(id="p", state=PlanState.PROPOSED, request="x", goals=goals, steps=steps, hash=plan_hash(goals, steps))


def send(vehicle: str, to: str) -> Step:
    return Step.model_validate({"vehicle": vehicle, "action": "move", "to": to, "start_s": 0, "end_s": 60, "goal": 0})


def plan(vehicle: str, to: str, *avoided: str, **more: Any) -> Plan:
    goal = SendGoal(action="move", vehicles=(vehicle,), destinations=(to,), words="go", **more)
    return plan_of((goal, AvoidGoal(places=avoided, words="keep away")) if avoided else (goal,), send(vehicle, to))


def narrowed(proposed: Plan, **changes: object) -> Plan:
    """The plan with a prohibition for some vehicles, or for a time, only."""
    goals = (proposed.goals[0], proposed.goals[1].model_copy(update=changes))
    return plan_of(goals, *proposed.steps)


@pytest.mark.parametrize(
    ("proposed", "fault"),
    [
        (plan("agv-2", "dock-1", "aisle-9"), None),
        (plan("agv-2", "aisle-9", "aisle-9"), "ends at aisle-9, which is to be kept free"),
        (plan("agv-2", "charger-2", "aisle-9"), "has no way that is open"),
        (plan("agv-2", "island"), "has no way that is open"),
        (plan("agv-2", "dock-1", "moon"), "the plan names place 'moon', which the site does not have"),
        (plan("agv-9", "dock-1"), "is for agv-9, which the fleet does not have"),
        (plan("agv-1", "dock-1", "park-1"), None),  # it stands there and may leave
        (narrowed(plan("agv-2", "aisle-9", "aisle-9"), vehicles=("agv-1",)), None),
        (narrowed(plan("agv-2", "aisle-9", "aisle-9"), from_s=70.0, until_s=90.0), "is to be kept free"),
        (narrowed(plan("agv-2", "aisle-9", "aisle-9"), until_s=50.0), None),
        (plan("agv-2", "dock-1", within_s=60.0), None),
        (plan("agv-2", "dock-1", within_s=59.0), "has to be done in 59 s and ends at 60 s"),
        (plan("agv-2", "dock-1", not_before_s=1.0), "begins at 0 s, and not before 1 s"),
        (plan_of(plan("agv-2", "dock-1").goals), "the plan has no steps"),
        (plan("agv-2", "dock-1").model_copy(update={"hash": "x"}), "the plan's hash does not fit"),
    ],
)
def test_the_check_of_a_plan_replays_it_in_time(yard: Yard, proposed: Plan, fault: str | None) -> None:
    faults = check_plan(proposed, yard.site, fleet_now(yard))
    assert any(fault in said for said in faults) if fault else faults == []


def test_a_plan_that_is_begun_late_may_not_hold_any_more(yard: Yard) -> None:
    proposed = plan("agv-2", "dock-1", within_s=90.0)
    assert check_plan(proposed, yard.site, fleet_now(yard), late_s=30) == []
    (fault,) = check_plan(proposed, yard.site, fleet_now(yard), late_s=31)
    assert "has to be done in 90 s and ends at 91 s" in fault


def fleet_now(yard: Yard) -> FleetSnapshot:
    return escalation(yard, ScriptedPlanner(plan("agv-2", "dock-1")))._snapshot()


def untold(_key: str, **_values: object) -> None:
    """Nobody listens."""


class ScriptedPlanner:
    """Proposes what it was told to."""

    def __init__(self, proposed: Plan) -> None:
        self.proposed, self.requests = proposed, list[PlanRequest]()
        self.cancelled: list[str] = []

    def propose(self, request: PlanRequest, *_: Any) -> Plan:
        self.requests.append(request)
        return self.proposed

    def approve(self, plan: Plan, _: Any) -> Plan:
        return plan.model_copy(update={"state": PlanState.APPROVED})

    def report(self, plan_id: str, state: str, detail: str = "") -> None:
        pass

    def cancel(self, plan_id: str) -> None:
        self.cancelled.append(plan_id)


def escalation(yard: Yard, planner: ScriptedPlanner) -> Escalation:
    def heard(_: PlanEvent) -> None:
        pass

    fleet: Fleet = yard.master  # type: ignore[assignment]  # the core has what Escalation needs
    return Escalation(yard.site, fleet, planner, ManualClock(), heard, Pipeline(yard.site, None).names_in)


def wanted(yard: Yard, text: str) -> Request:
    return Request(Utterance(text=text), Transcript(text, "en", 1.0), "en", lambda: yard.site.vehicles, untold)


def test_a_plan_is_driven_around_what_it_avoids() -> None:
    yard = DrivenYard()
    yard.start(plan("agv-2", "charger-1", "aisle-9"))
    assert yard.finish() == ""
    (order,) = yard.cars["agv-2"].orders
    assert [node.node_id for node in order.nodes] == ["P2", "N4", "N3", "D1", "C1"]


def test_a_plan_with_no_way_around_is_given_back(yard: Yard) -> None:
    planner = ScriptedPlanner(plan("agv-2", "charger-2", "aisle-9"))
    with pytest.raises(PlannerError, match="has no way that is open"):
        escalation(yard, planner).ask(wanted(yard, "x"))
    assert planner.cancelled == ["p"]


def test_a_fleet_that_no_plan_can_be_made_for_is_said_to_be(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    planner = ScriptedPlanner(plan("agv-2", "dock-1"))
    monkeypatch.setattr("banksman_edge.plans.escalation.MAX_VEHICLES", 1)
    with pytest.raises(PlannerError, match="more than the 1 vehicles"):
        escalation(yard, planner).ask(wanted(yard, "x"))
    assert not planner.requests


def test_the_planner_is_told_what_the_words_name(yard: Yard) -> None:
    planner = ScriptedPlanner(plan("agv-2", "dock-1"))
    text = "The lifts take six pallets from aisle nine to dock one"
    escalation(yard, planner).ask(wanted(yard, text))
    (request,) = planner.requests
    assert [(thing.words, thing.ids) for thing in request.mentions] == [
        ("The lifts", ("agv-1", "agv-2")),
        ("aisle nine", ("aisle-9",)),
        ("dock one", ("dock-1",)),
    ]


def test_kinds_stand_for_their_members_and_what_only_sounds_like_one_for_nothing() -> None:
    site = load_site(bundled_site())
    understanding = Pipeline(site, None)

    def named(text: str, language: str) -> list[tuple[str, ...]]:
        return [t.ids for t in named_things(site, understanding.names_in(Transcript(text, language, 1.0)))]

    assert named("both tuggers wait at a charger", "en") == [("tugger-1", "tugger-2"), ("charger-1", "charger-2")]
    assert named("Räume Rampe 1", "de") == [("dock-1",)]  # "Räume" is a verb that sounds like "Rampe"
    assert named("nobody may use dock ninety", "en") == []
    assert ("forklift-3", "forklift-4", "tugger-2") not in named("请在半小时内把八个托盘送到二号月台", "zh")
