"""The verifier: a good plan passes, and every way to break it is caught."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from planner_world import avoid, fleet_of, goals_of, send, transport, vehicle

from banksman_shared.plans import FleetSnapshot, Goal, Step
from banksman_shared.site import Site
from banksman_shared.verify import violations


def step(who: int, action: str, to: str, start: float, end: float, goal: int, **more: Any) -> Step:
    return Step.model_validate(
        {"vehicle": f"agv-{who}", "action": action, "to": to, "start_s": start, "end_s": end, "goal": goal} | more
    )


FLEET = fleet_of(vehicle(1, "D"), vehicle(2, "A1"), vehicle(3, "D", available=False))


@dataclass(frozen=True)
class Case:
    """Two loads to aisle 1 by agv-1 or agv-2, agv-1 charges around the gate, agv-2 goes home; agv-3 is out of order."""

    goals: tuple[Goal, ...] = goals_of(
        transport(2, "dock-1", "aisle-1", vehicles=["agv-1", "agv-2"], within_s=100, words="two loads"),
        send("charge", ["agv-1"], words="charge it"),
        send("park", [], count=1, words="park one"),
        avoid("gate"),
    ).goals
    fleet: FleetSnapshot = FLEET
    steps: tuple[Step, ...] = (
        step(1, "transport", "aisle-1", 0, 40, 0, **{"from": "dock-1"}),
        step(2, "transport", "aisle-1", 0, 50, 0, **{"from": "dock-1"}),
        step(1, "charge", "charger", 40, 99, 1),
        step(2, "park", "bay-2", 50, 99, 2),
    )


def check(yard: Site, case: Case) -> list[str]:
    return violations(yard, case.fleet, case.goals, case.steps)


def change(number: int, **update: Any) -> Callable[[Case], Case]:
    def apply(case: Case) -> Case:
        changed = case.steps[number].model_copy(update=update)
        return replace(case, steps=(*case.steps[:number], changed, *case.steps[number + 1 :]))

    return apply


def drop(number: int) -> Callable[[Case], Case]:
    return lambda case: replace(case, steps=case.steps[:number] + case.steps[number + 1 :])


def add(*steps: Step) -> Callable[[Case], Case]:
    return lambda case: replace(case, steps=case.steps + steps)


def fleet(*vehicles: Any) -> Callable[[Case], Case]:
    return lambda case: replace(case, fleet=fleet_of(*vehicles))


def within(seconds: float) -> Callable[[Case], Case]:
    def apply(case: Case) -> Case:
        hurried = case.goals[0].model_copy(update={"within_s": seconds})
        return replace(case, goals=(hurried, *case.goals[1:]))

    return apply


BREAKS: dict[str, tuple[Callable[[Case], Case], str]] = {
    "vehicle unknown": (change(0, vehicle="agv-9"), "which the fleet does not have"),
    "vehicle not available": (change(0, vehicle="agv-3"), "is not available"),
    "place unknown": (change(0, destination="moon"), "names moon"),
    "goal unknown": (change(0, goal=7), "which does not exist"),
    "wrong action for the goal": (change(2, action="park"), "does not serve 'charge it'"),
    "avoid goal has a step": (change(2, goal=3), "does not serve 'keep away'"),
    "load from nowhere": (change(0, origin=None), "must say where it takes a load"),
    "load taken while charging": (change(2, origin="dock-1"), "must say where it takes a load"),
    "one load too few": (drop(0), "asks for 2 loads and the plan carries 1"),
    "one load too many": (
        add(step(2, "transport", "aisle-1", 0, 50, 0, **{"from": "dock-1"})),
        "asks for 2 loads and the plan carries 3",
    ),
    "wrong origin": (change(0, origin="aisle-2", end_s=80), "takes nothing from aisle-2"),
    "wrong destination": (change(1, destination="aisle-2", end_s=99), "brings nothing to aisle-2"),
    "two things at once": (change(2, start_s=30), "while it is busy until 40 s"),
    "faster than its speed": (change(1, end_s=49), "takes at least 50.0 s"),
    "through the avoided gate": (change(3, end_s=90), "takes at least"),
    "start elsewhere": (fleet(vehicle(1, "C"), vehicle(2, "A1")), "takes at least"),
    "slower vehicle": (fleet(vehicle(1, "D"), vehicle(2, "A1", speed=0.5)), "takes at least"),
    "loaded vehicle picks": (fleet(vehicle(1, "D", loaded=True), vehicle(2, "A1")), "needs an empty vehicle"),
    "late": (within(45), "has to be done in 45 s and ends at 50 s"),
    "send forgotten": (drop(3), "sends 1 vehicles and the plan sends 0"),
    "send by another vehicle": (change(2, vehicle="agv-2", start_s=100, end_s=200), "is not for agv-2"),
    "charge where no charger is": (change(2, destination="bay-2"), "does not send agv-1 to bay-2"),
    "park away from home": (change(3, destination="bay-1"), "does not send agv-2 to bay-1"),
    "go on after charging": (
        add(step(1, "park", "bay-1", 120, 200, 2)),
        "comes after its charge, which has no end",
    ),
    "start at no node": (fleet(vehicle(1, "nowhere"), vehicle(2, "A1")), "stands at no node"),
}


def test_a_valid_plan_has_no_violations(yard: Site) -> None:
    assert check(yard, Case()) == []


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_plan_is_caught(yard: Site, name: str) -> None:
    mutate, sentence = BREAKS[name]
    assert any(sentence in wrong for wrong in check(yard, mutate(Case()))), check(yard, mutate(Case()))


def test_a_closed_way_is_no_way(yard: Site) -> None:
    goals = goals_of(transport(1, "dock-1", "aisle-2"), avoid("aisle-1")).goals
    steps = (step(1, "transport", "aisle-2", 0, 900, 0, **{"from": "dock-1"}),)
    assert violations(yard, fleet_of(vehicle(1, "D")), goals, steps) == [
        "agv-1's transport to aisle-2 has no way that is open"
    ]


def test_nothing_is_done_at_a_closed_place_by_who_stands_there(yard: Site) -> None:
    goals = goals_of(transport(1, "gate", "dock-1"), avoid("gate")).goals
    steps = (step(1, "transport", "dock-1", 0, 900, 0, **{"from": "gate"}),)
    wrong = violations(yard, fleet_of(vehicle(1, "G")), goals, steps)
    assert wrong == ["agv-1's transport to dock-1 takes a load up at gate, which is to be kept free"]
    stays = (step(1, "move", "gate", 0, 0, 0),)
    wrong = violations(
        yard, fleet_of(vehicle(1, "G")), goals_of(send("move", ["agv-1"], "gate"), avoid("gate")).goals, stays
    )
    assert wrong == ["agv-1's move to gate ends at gate, which is to be kept free"]


def test_two_vehicles_do_not_charge_at_one_charger_at_the_same_time_and_may_one_after_the_other(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "B2", battery=20), vehicle(2, "B2", battery=20))
    charge = send("charge", ["agv-1", "agv-2"], when="first", until=50)
    goals = goals_of(charge, transport(1, "bay-2", "bay-1", vehicles=["agv-1"])).goals
    on = step(1, "transport", "bay-1", 1810, 1860, 1, **{"from": "bay-2"})

    def at(start: float) -> tuple[Step, ...]:
        first, second = (step(n, "charge", "charger", s, s + 1810, 0, until=50) for n, s in ((1, 0), (2, start)))
        return first, second, on

    both = ["agv-1 and agv-2 are to charge at charger at the same time"]
    assert violations(yard, fleet, goals, at(0)) == violations(yard, fleet, goals, at(5)) == both
    assert violations(yard, fleet, goals, at(1700)) == both
    assert violations(yard, fleet, goals, at(1820)) == []


def test_who_stands_at_a_charger_and_stays_has_it_from_the_beginning(yard: Site) -> None:
    goals = goals_of(send("charge", ["agv-1"], when="only"), send("charge", ["agv-2"], when="only")).goals
    fleet = fleet_of(vehicle(1, "C"), vehicle(2, "B2"))
    steps = (step(1, "charge", "charger", 0, 0, 0), step(2, "charge", "charger", 0, 10, 1))
    assert violations(yard, fleet, goals, steps) == ["agv-1 and agv-2 are to charge at charger at the same time"]


def test_who_cannot_leave_a_charger_has_it(yard: Site) -> None:
    fleet = fleet_of(vehicle(1, "G"), vehicle(3, "C", available=False))
    steps = (step(1, "charge", "charger", 0, 60, 0),)
    assert violations(yard, fleet, goals_of(send("charge", ["agv-1"])).goals, steps) == [
        "agv-1 and agv-3 are to charge at charger at the same time"
    ]


def test_only_avoided_places_themselves_are_closed(yard: Site) -> None:
    goals = goals_of(transport(1, "dock-1", "aisle-1"), avoid("aisle-2")).goals
    steps = (step(1, "transport", "aisle-1", 0, 40, 0, **{"from": "dock-1"}),)
    assert violations(yard, fleet_of(vehicle(1, "D")), goals, steps) == []
