"""A plan that keeps many kinds of wishes at once, broken in every way, and each wish turned into another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from planner_world import avoid, fleet_of, goals_of, one_way, reserve, send, transport, use, vehicle

from banksman_shared.plans import FleetSnapshot, Goal, LoadSnapshot, Step
from banksman_shared.site import Site
from banksman_shared.verify import violations


def step(who: int, action: str, to: str, start: float, end: float, goal: int, **more: Any) -> Step:
    return Step.model_validate(
        {"vehicle": f"agv-{who}", "action": action, "to": to, "start_s": start, "end_s": end, "goal": goal} | more
    )


def loads(*places: str, kind: str | None = None) -> tuple[LoadSnapshot, ...]:
    return tuple(LoadSnapshot(id=f"{place}-{i}-{kind}", place=place, type=kind) for i, place in enumerate(places))


STOCK = loads("dock-1", "dock-1", "aisle-2") + loads("charger", kind="box")
FLEET = fleet_of(vehicle(1, "D"), vehicle(2, "A1"), vehicle(3, "B2", battery=20)).model_copy(update={"loads": STOCK})


@dataclass(frozen=True)
class Case:
    """agv-1 and agv-2 bring two urgent loads; agv-1 fetches another one through the gate just before that is kept
    free, agv-2 goes home; agv-3 charges to 50 % and carries a box then."""

    goals: tuple[Goal, ...] = goals_of(
        transport(2, "dock-1", "aisle-1", vehicles=["agv-1", "agv-2"], within_s=60, priority="high", at_most=2),
        transport(1, "aisle-2", "bay-1", without=["agv-2"], not_before_s=60, after=[0]),
        send("charge", ["agv-3"], when="first", until=50),
        avoid("gate", from_s=100, until_s=400),
        one_way("aisle-1", "aisle-2"),
        reserve(15),
        use(only=["agv-1", "agv-2", "agv-3"]),
        send("park", ["agv-2"]),
        transport(1, "charger", "bay-2", load_type="box", priority="low"),
    ).goals
    fleet: FleetSnapshot = FLEET
    steps: tuple[Step, ...] = (
        step(1, "transport", "aisle-1", 0, 40, 0, **{"from": "dock-1"}),
        step(2, "transport", "aisle-1", 0, 50, 0, **{"from": "dock-1"}),
        step(1, "transport", "bay-1", 60, 120, 1, **{"from": "aisle-2"}),
        step(2, "park", "bay-2", 50, 90, 7),
        step(3, "charge", "charger", 0, 1810, 2, until=50),
        step(3, "transport", "bay-2", 1810, 1850, 8, **{"from": "charger"}),
    )


Break = Callable[[Case], Case]


def change(number: int, **update: Any) -> Break:
    def apply(case: Case) -> Case:
        steps = [*case.steps]
        steps[number] = steps[number].model_copy(update=update)
        return replace(case, steps=tuple(steps))

    return apply


def together(*breaks: Break) -> Break:
    def apply(case: Case) -> Case:
        for one in breaks:
            case = one(case)
        return case

    return apply


def fleet(number: int, **update: Any) -> Break:
    def apply(case: Case) -> Case:
        vehicles = [*case.fleet.vehicles]
        vehicles[number - 1] = vehicles[number - 1].model_copy(update=update)
        return replace(case, fleet=case.fleet.model_copy(update={"vehicles": tuple(vehicles)}))

    return apply


def stock(*there: LoadSnapshot) -> Break:
    return lambda case: replace(case, fleet=case.fleet.model_copy(update={"loads": there}))


def meaning(number: int, **update: Any) -> Break:
    def apply(case: Case) -> Case:
        goals = [*case.goals]
        goals[number] = goals[number].model_copy(update=update)
        return replace(case, goals=tuple(goals))

    return apply


def more(goal: Mapping[str, Any], *steps: Step) -> Break:
    return lambda case: replace(case, goals=case.goals + goals_of(dict(goal)).goals, steps=case.steps + steps)


BREAKS: dict[str, tuple[Break, str]] = {
    "begins before it may": (change(2, start_s=55, end_s=115), "not before 60 s"),
    "begins before the other is done": (change(1, end_s=65), "before 'carry them' is done at 65 s"),
    "through the gate while it is kept free": (change(2, start_s=80, end_s=140), "takes at least"),
    "stays where it is to be kept free": (change(3, destination="gate", end_s=70), "stays at gate"),
    "sets out too late to be gone": (
        together(
            change(3, destination="gate", end_s=80),
            more(send("move", ["agv-2"], "bay-1"), step(2, "move", "bay-1", 120, 140, 9)),
        ),
        "stands where it may not",
    ),
    "is found where it may not stay, and stays": (
        together(
            change(1, start_s=200, end_s=250),
            change(3, start_s=250, end_s=290),
            more(avoid("aisle-1", vehicles=["agv-2"], from_s=60, until_s=150)),
        ),
        "agv-2's transport to aisle-1 comes too late: until then it stands where it may not",
    ),
    "handles a load where it is to be kept free": (
        together(meaning(3, places=("bay-1",), from_s=110, until_s=118)),
        "bay-1",
    ),
    "back up the one-way lane": (fleet(2, node="A2"), "no way that is open"),
    "charges to less than was said": (change(4, until=40), "charges to 50 %"),
    "leaves the charger too early": (change(4, end_s=900), "takes at least"),
    "charges without an end before work": (change(4, until=None), "comes after its charge, which has no end"),
    "charges while it parks": (change(3, until=50), "without being a charge"),
    "goes on though nobody asked for it": (
        more(send("charge", ["agv-1"]), step(1, "charge", "charger", 120, 9000, 9, until=90)),
        "exactly if it goes on afterwards",
    ),
    "empties a battery below the reserve": (fleet(1, battery=15.2), "15 % are to be kept"),
    "works with a battery nobody knows": (fleet(1, battery=None), "nobody knows what agv-1 has"),
    "is not for this vehicle": (
        together(change(2, vehicle="agv-2", start_s=90, end_s=900), change(3, start_s=900, end_s=999)),
        "is not for agv-2",
    ),
    "less urgent first": (
        together(change(0, start_s=130, end_s=190), meaning(1, after=()), meaning(0, within_s=None)),
        "less urgent before",
    ),
    "takes what is not there": (stock(*STOCK[1:]), "finds nothing left at dock-1"),
    "takes what is of another type": (stock(*STOCK[:3], *loads("charger", kind="crate")), "1 of box are taken"),
    "starts before it is free": (fleet(1, ready_s=5), "while it is busy until 5 s"),
    "carries before it charges": (
        together(change(5, start_s=0, end_s=60), change(4, start_s=60, end_s=1900)),
        "comes first, and agv-3 carries something before",
    ),
    "parks before it carries": (
        together(change(3, start_s=0, end_s=40), change(1, start_s=40, end_s=300), meaning(0, within_s=None)),
        "comes last, and agv-2 carries something after it",
    ),
    "two vehicles at one charger": (
        more(send("charge", ["agv-1"]), step(1, "charge", "charger", 120, 200, 9)),
        "agv-3 and agv-1 are to charge at charger at the same time",
    ),
}

MEANINGS: dict[str, Break] = {
    "one load more": meaning(0, count=3),
    "another origin": meaning(0, origins=("aisle-2",)),
    "another destination": meaning(1, destinations=("bay-2",)),
    "another vehicle": meaning(0, vehicles=("agv-1",)),
    "not by this one": meaning(0, without=("agv-1",)),
    "sooner": meaning(0, within_s=49),
    "later": meaning(0, not_before_s=1),
    "after something else": meaning(0, after=(8,)),
    "of another type": meaning(8, load_type="crate"),
    "by fewer vehicles": meaning(0, at_most=1),
    "what comes later is urgent": together(meaning(0, priority="low"), meaning(1, after=())),
    "move instead of park": meaning(7, action="move", destinations=("bay-2",)),
    "charge another one": meaning(2, vehicles=("agv-1",)),
    "one of the others": meaning(2, vehicles=(), among=("agv-1", "agv-2")),
    "park two": meaning(7, vehicles=(), count=2),
    "park elsewhere": meaning(7, destinations=("bay-1",)),
    "charge to more": meaning(2, until=60),
    "charge and stay": meaning(2, when="last", until=None),
    "do nothing else": meaning(7, when="only"),
    "keep another place free": meaning(3, places=("bay-1",)),
    "keep it free earlier": meaning(3, from_s=90),
    "keep it free all the time": meaning(3, from_s=None, until_s=None),
    "one way the other way round": meaning(4, start="aisle-2", end="aisle-1"),
    "a higher reserve": meaning(5, percent=79.9),
    "use others only": meaning(6, only=("agv-1", "agv-2")),
    "never use this one": meaning(6, only=(), never=("agv-3",)),
}


def check(yard: Site, case: Case) -> list[str]:
    return violations(yard, case.fleet, case.goals, case.steps)


def test_the_plan_keeps_all_wishes(yard: Site) -> None:
    assert check(yard, Case()) == []


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_plan_is_caught(yard: Site, name: str) -> None:
    mutate, sentence = BREAKS[name]
    found = check(yard, mutate(Case()))
    assert any(sentence in wrong for wrong in found), found


@pytest.mark.parametrize("name", ["takes what is not there", "takes what is of another type"])
def test_where_nobody_counts_nothing_is_missed(yard: Site, name: str) -> None:
    case = BREAKS[name][0](Case())
    fleet = case.fleet.model_copy(update={"uncounted": ("dock-1", "charger")})
    assert check(yard, replace(case, fleet=fleet)) == []


@pytest.mark.parametrize("name", MEANINGS)
def test_a_plan_for_other_wishes_is_refused(yard: Site, name: str) -> None:
    assert check(yard, MEANINGS[name](Case())) != []


def test_wishes_that_leave_more_free_are_kept_as_well(yard: Site) -> None:
    freer = (
        meaning(0, within_s=None, priority="normal", at_most=None, vehicles=()),
        meaning(1, without=(), not_before_s=None, after=()),
        meaning(2, until=30),
        meaning(3, vehicles=("agv-3",)),
        meaning(5, percent=1),
        meaning(6, only=()),
    )
    for one in freer:
        assert check(yard, one(Case())) == []


def test_a_vehicle_that_is_kept_for_something_goes_there_at_once(yard: Site) -> None:
    goals = goals_of(send("park", ["agv-2"], when="only")).goals
    late = (step(2, "park", "bay-2", 50, 90, 0),)
    assert violations(yard, FLEET, goals, late) == ["'send them' begins at once, and agv-2 sets out only at 50 s"]
    assert violations(yard, FLEET, goals, (step(2, "park", "bay-2", 0, 40, 0),)) == []
