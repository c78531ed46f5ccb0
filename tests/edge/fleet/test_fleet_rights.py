"""The fleet keeps to the rights of whoever gives an order, also where it chooses for itself."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from yard import Yard, commands, go

from banksman_edge.fleet import Code, FleetError, JobStatus
from banksman_edge.fleet.model import May
from banksman_shared.commands import Command


@pytest.fixture
def yard() -> Yard:
    yard = Yard()
    yard.run(1)
    return yard


def only(*vehicles: str, at: Sequence[str] | None = None) -> May:
    def may(command: Command, vehicle: str, standing: Sequence[str]) -> bool:
        named = [place for place in (command.origin, command.destination) if place]
        return vehicle in vehicles and (at is None or set(named or standing) <= set(at))

    return may


def test_of_all_that_could_do_it_one_that_may_is_chosen(yard: Yard) -> None:
    order = commands({"action": "move", "vehicles": [], "to": "dock-1"})
    yard.master.submit("free", order)
    yard.run(1)
    assert [car for car, vehicle in yard.cars.items() if vehicle.orders] == ["agv-1"]  # the nearest
    other = Yard()
    other.run(1)
    other.master.submit("bound", order, may=only("tug-1"))
    other.run(1)
    assert [car for car, vehicle in other.cars.items() if vehicle.orders] == ["tug-1"]


def test_where_none_may_the_reason_is_not_that_all_are_busy(yard: Yard) -> None:
    order = commands({"action": "move", "vehicles": [], "to": "dock-1"})
    assert [problem.code for problem in yard.master.check(order, may=only())] == [Code.NOT_ALLOWED]


def test_who_may_not_is_refused_by_name_group_place_and_all(yard: Yard) -> None:
    may = only("agv-1")
    for who in ("agv-2", "group:lifts", "kind:forklift", "at:park-2", "*"):
        order = commands(go(who, "dock-1"))
        refusals = {problem.code for problem in yard.master.check(order, may=may)}
        if who in ("agv-2", "at:park-2"):
            assert refusals == {Code.NOT_ALLOWED_VEHICLE}, who
            with pytest.raises(FleetError):
                yard.master.submit(who, order, may=may)
    for action in ("resume", "cancel"):
        order = commands({"action": action, "vehicles": ["agv-2"]})
        assert [p.code for p in yard.master.check(order, may=may)] == [Code.NOT_ALLOWED_VEHICLE]
    yard.run(1)
    assert not any(vehicle.orders for vehicle in yard.cars.values())


def test_what_is_done_where_a_vehicle_stands_needs_a_right_to_that_place(yard: Yard) -> None:
    yard.master.submit("there", commands(go("agv-1", "aisle-9")))
    yard.until(lambda: any(event.status is JobStatus.DONE for event in yard.events))
    here = commands({"action": "drop", "vehicles": ["agv-1"]})
    away = [p.code for p in yard.master.check(here, may=only("agv-1", at=["dock-1"]))]
    assert away == [Code.NOT_ALLOWED_VEHICLE]
    assert Code.NOT_ALLOWED_VEHICLE not in [p.code for p in yard.master.check(here, may=only("agv-1", at=["aisle-9"]))]


def test_to_give_up_what_nobody_named_is_to_give_up_what_one_may(yard: Yard) -> None:
    yard.master.submit("a", commands(go("agv-1", "dock-1")))
    yard.master.submit("b", commands(go("tug-1", "aisle-9")))
    yard.run(1)
    cancel = commands({"action": "cancel", "vehicles": []})
    assert [p.code for p in yard.master.check(cancel)] == [Code.WHICH_VEHICLE]
    assert yard.master.check(cancel, may=only("tug-1")) == []


def test_a_stop_needs_no_right(yard: Yard) -> None:
    yard.master.submit("s", commands({"action": "stop", "vehicles": ["*"]}), may=only())
    assert yard.master.latched() == {"agv-1", "agv-2", "tug-1"}
