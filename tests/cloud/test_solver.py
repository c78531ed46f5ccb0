"""The solver: small cases counted by hand, a large one against greedy, and what cannot be done."""

from __future__ import annotations

import json
import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from planner_world import avoid, fleet_of, goals_of, send, transport, vehicle, yard_document
from pydantic import ValidationError

from banksman_cloud.errors import DeadlinePassedError, InfeasibleError, TooLargeError
from banksman_cloud.solving.assignment import cost, lines
from banksman_cloud.solving.assignment import steps as steps_of
from banksman_cloud.solving.greedy import greedy
from banksman_cloud.solving.instance import Carrier, Instance, Trip
from banksman_cloud.solving.routing import fits
from banksman_cloud.solving.solver import Progress, Solution, solve
from banksman_cloud.solving.tasks import build_instance
from banksman_shared.clock import SystemClock
from banksman_shared.plans import FleetSnapshot, Step
from banksman_shared.site import Site, parse_site
from banksman_shared.verify import violations

HANDLING_S = 30.0


def bench_instance(**more: int) -> Instance:
    """A problem of the benchmark, 20 vehicles and 100 loads unless told otherwise."""
    script = Path(__file__).parents[1] / "bench" / "bench_planner.py"
    made: Instance = runpy.run_path(str(script))["instance"](**more)
    return made


def plan(site: Site, fleet: FleetSnapshot, *goals: dict[str, Any], limit_s: float = 3.0) -> tuple[Step, ...]:
    """A verified plan."""
    wanted = goals_of(*goals).goals
    instance = build_instance(site, fleet, wanted)
    solution = solve(instance, SystemClock(), limit_s)
    assert not solution.cost.broken
    made = steps_of(lines(instance, solution.assignment))
    assert violations(site, fleet, wanted, made) == []
    return made


def end(steps: tuple[Step, ...]) -> float:
    return max(step.end_s for step in steps)


def test_one_load_takes_way_there_handling_and_way_on(yard: Site) -> None:
    (step,) = plan(yard, fleet_of(vehicle(1, "A1")), transport(1, "dock-1", "aisle-2"))
    assert (step.vehicle, step.origin, step.destination) == ("agv-1", "dock-1", "aisle-2")
    assert step.end_s == pytest.approx(10 + HANDLING_S + 20)


def test_three_loads_are_shared_so_that_the_last_is_there_soonest(yard: Site) -> None:
    steps = plan(yard, fleet_of(vehicle(1, "D"), vehicle(2, "A1")), transport(3, "dock-1", "aisle-1"))
    # agv-1 from the dock: 40, then 10 back + 40 = 90. agv-2 needs 10 + 40 = 50.
    assert sorted(s.vehicle for s in steps) == ["agv-1", "agv-1", "agv-2"]
    assert end(steps) == pytest.approx(90)


def test_of_equally_early_plans_the_one_with_less_driving_is_taken(yard: Site) -> None:
    steps = plan(yard, fleet_of(vehicle(1, "C"), vehicle(2, "D")), transport(1, "dock-1", "aisle-1"))
    assert [s.vehicle for s in steps] == ["agv-2"]


def test_the_solver_mends_what_greedy_does_badly(yard: Site) -> None:
    goals = goals_of(
        transport(2, "dock-1", "aisle-1"), transport(1, "bay-2", "charger"), transport(1, "aisle-2", "dock-1")
    ).goals
    fleet = fleet_of(vehicle(1, "D"), vehicle(2, "G"))
    instance = build_instance(yard, fleet, goals)
    solution = solve(instance, SystemClock(), 30.0)
    assert solution.proven
    assert solution.cost < cost(instance, greedy(instance))


def test_each_load_goes_to_the_nearer_destination(yard: Site) -> None:
    goal = transport(1, "bay-2", "dock-1", destinations=["dock-1", "charger"])
    (step,) = plan(yard, fleet_of(vehicle(1, "B2")), goal)
    assert step.destination == "charger"


def test_only_named_vehicles_carry(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "D"), vehicle(2, "C"))
    steps = plan(yard, fleet, transport(2, "dock-1", "aisle-1", vehicles=["agv-2"]))
    assert {s.vehicle for s in steps} == {"agv-2"}


@pytest.mark.parametrize("state", [{"available": False}, {"loaded": True}])
def test_unavailable_and_loaded_vehicles_carry_nothing(yard: Site, state: dict[str, bool]) -> None:
    steps = plan(yard, fleet_of(vehicle(1, "D", **state), vehicle(2, "C")), transport(1, "dock-1", "aisle-1"))
    assert [s.vehicle for s in steps] == ["agv-2"]
    with pytest.raises(InfeasibleError, match="without a load"):
        plan(yard, fleet_of(vehicle(1, "D", **state)), transport(1, "dock-1", "aisle-1"))


def test_a_vehicle_carries_first_and_charges_then(yard: Site) -> None:
    steps = plan(yard, fleet_of(vehicle(1, "D")), send("charge", ["agv-1"]), transport(1, "dock-1", "aisle-1"))
    assert [(s.action, s.destination) for s in steps] == [("transport", "aisle-1"), ("charge", "charger")]
    assert end(steps) == pytest.approx(10 + HANDLING_S + 50)


def test_a_vehicle_parks_at_its_home(yard: Site) -> None:
    (step,) = plan(yard, fleet_of(vehicle(2, "D")), send("park", ["agv-2"]))
    assert (step.action, step.destination) == ("park", "bay-2")


def test_where_no_vehicle_is_named_the_emptiest_battery_is_charged(yard: Site) -> None:
    (step,) = plan(yard, fleet_of(vehicle(1, "B2", battery=90), vehicle(2, "D", battery=15)), send("charge", []))
    assert step.vehicle == "agv-2"


def test_vehicles_sent_to_the_same_places_get_one_each(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "B2"), vehicle(2, "C"))
    steps = plan(yard, fleet, send("move", ["agv-1", "agv-2"], "bay-1", "aisle-1"))
    assert sorted(s.destination for s in steps) == ["aisle-1", "bay-1"]


def test_an_avoided_place_is_driven_around(yard: Site) -> None:
    straight = plan(yard, fleet_of(vehicle(1, "A2")), transport(1, "aisle-2", "bay-1"))
    around = plan(yard, fleet_of(vehicle(1, "A2")), transport(1, "aisle-2", "bay-1"), avoid("gate"))
    assert end(straight) == pytest.approx(HANDLING_S + 20)
    assert end(around) == pytest.approx(HANDLING_S + 2 * 200**0.5, abs=0.2)


def test_a_vehicle_on_an_avoided_place_may_leave_it(yard: Site) -> None:
    (step,) = plan(yard, fleet_of(vehicle(1, "G")), send("move", ["agv-1"], "aisle-2"), avoid("gate"))
    assert step.end_s == pytest.approx(10)


def test_nothing_is_taken_from_an_avoided_place_by_who_stands_there(yard: Site) -> None:
    carry = transport(1, "gate", "aisle-2", origins=["gate", "bay-1"])
    (step,) = plan(yard, fleet_of(vehicle(1, "G")), carry, avoid("gate"))
    assert step.origin == "bay-1"


def test_no_way_left_is_said_with_the_goal(yard: Site) -> None:
    with pytest.raises(InfeasibleError, match="no way leads any usable vehicle through 'carry them'"):
        plan(yard, fleet_of(vehicle(1, "D")), transport(1, "dock-1", "aisle-2"), avoid("aisle-1"))


def test_a_deadline_that_can_be_kept_is_kept_at_the_price_of_the_makespan(yard: Site) -> None:
    urgent = transport(1, "charger", "bay-2", within_s=110, words="the urgent one")
    steps = plan(yard, fleet_of(vehicle(1, "D")), transport(2, "dock-1", "aisle-1"), urgent)
    assert [s.end_s for s in steps if s.goal == 1] == [pytest.approx(60 + HANDLING_S + 10)]


@pytest.mark.parametrize("seed", [1, 2])
def test_twenty_vehicles_and_a_hundred_loads_are_planned_better_than_greedy(seed: int) -> None:
    instance = bench_instance(seed=seed)
    solution: Solution = solve(instance, SystemClock(), 3.0)
    assert sum(len(visits) for visits in solution.assignment.values()) == 100
    assert solution.cost < cost(instance, greedy(instance))


def test_a_solver_that_is_stopped_still_has_the_greedy_plan() -> None:
    instance, told = bench_instance(loads=60), list[Progress]()
    solution = solve(instance, SystemClock(), 60.0, stop=lambda: bool(told), report=told.append)
    assert solution.cost == cost(instance, greedy(instance))


def test_a_solver_that_is_stopped_before_does_not_work_on() -> None:
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return len(asked) > 20

    with pytest.raises(DeadlinePassedError):
        solve(bench_instance(loads=60), SystemClock(), 60.0, stop=stop)
    assert len(asked) == 21


def wide(vehicles: int, places: int, *, speeds: int = 1) -> tuple[Site, FleetSnapshot]:
    """A lane with many places and many vehicles at its beginning."""
    document = json.loads(json.dumps(yard_document()))
    layout = document["layout_document"]["layouts"][0]
    for number in range(places):
        node, before = f"N{number}", f"N{number - 1}" if number else "C"
        layout["nodes"].append({"nodeId": node, "nodePosition": {"x": 100.0 + number, "y": 50.0}})
        layout["edges"] += [
            {"edgeId": f"{a}-{b}", "startNodeId": a, "endNodeId": b} for a, b in ((before, node), (node, before))
        ]
        document["places"].append({"id": f"row-{number}", "node": node, "names": {"en": [f"row r{number}"]}})
    first = document["vehicles"][0]
    document["vehicles"] = [
        first | {"id": f"agv-{n}", "number": n, "serial_number": f"S{n}"} for n in range(1, vehicles + 1)
    ]
    fleet = fleet_of(*(vehicle(n, "D", speed=1.0 + n % speeds / 1000) for n in range(1, vehicles + 1)))
    return parse_site(document), fleet


def test_a_load_that_could_be_carried_in_many_ways_is_no_work_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    site, fleet = wide(10, 60)
    goal = transport(40, "row-0", "dock-1") | {
        "origins": [f"row-{n}" for n in range(50)],
        "destinations": [f"row-{n}" for n in range(50, 60)],
    }
    instance = build_instance(site, fleet, goals_of(goal).goals)
    looked = 0
    real = Instance.serve

    def counted(self: Instance, carrier: Carrier, node: str, trip: Trip) -> int | None:
        nonlocal looked
        looked += 1
        return real(self, carrier, node, trip)

    monkeypatch.setattr(Instance, "serve", counted)
    found = greedy(instance)
    assert looked <= 41 * 10 * 50 + 40  # for each load and vehicle one way from each origin
    monkeypatch.undo()
    monkeypatch.setattr("banksman_cloud.solving.instance._FEW", 10**9)
    everything = build_instance(site, fleet, goals_of(goal).goals)
    assert cost(everything, greedy(everything)) == cost(instance, found)


def test_more_than_there_is_memory_for_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    site, fleet = wide(40, 20, speeds=40)
    goals = goals_of(transport(30, "dock-1", "row-3")).goals
    instance = build_instance(site, fleet, goals)
    assert fits(instance)
    monkeypatch.setattr("banksman_cloud.solving.routing._CELLS", 100_000)
    assert not fits(instance)
    assert not solve(instance, SystemClock(), 0.3).cost.broken  # by the other ways
    monkeypatch.setattr("banksman_cloud.solving.carriers._LARGEST", 1000)
    with pytest.raises(TooLargeError, match="40 kinds and speeds"):
        build_instance(site, fleet, goals)
    with pytest.raises(ValidationError, match="at most 500"):
        fleet_of(*(vehicle(n, "D") for n in range(501)))


def test_ways_that_are_forgotten_are_found_again(yard: Site) -> None:
    full = build_instance(yard, fleet_of(vehicle(1, "D")), goals_of(avoid("gate", until_s=60)).goals).carriers[0].roads
    tight = replace(full, room=1, stops=frozenset({"A1"}), _ways={}, _times={})
    for start in yard.layout.nodes:
        for end in yard.layout.nodes:
            assert tight.ticks(start, end, loaded=False) == full.ticks(start, end, loaded=False)
            assert tight.moments(start, end, loaded=False) == full.moments(start, end, loaded=False)
            assert len(tight._ways) == 1


def test_more_ways_to_carry_one_load_than_can_be_looked_at_are_refused_in_words(yard: Site) -> None:
    origins, destinations = ([f"{end}-{n}" for n in range(101)] for end in ("from", "to"))
    anywhere = transport(1, "", "", origins=origins, destinations=destinations)
    with pytest.raises(TooLargeError, match="101 origins and 101 destinations"):
        build_instance(yard, fleet_of(vehicle(1, "D")), goals_of(anywhere).goals)
