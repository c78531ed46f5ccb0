"""Vehicles that report their loads, and the register that follows what they fetch and bring."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

import pytest
from yard import Yard

from banksman_edge import Fleet, Load, LoadRegister, VehicleView
from banksman_edge.fleet import Standby
from banksman_edge.fleet.ended_jobs import NO_PAST

HERE, THERE = "dock-1", "aisle-9"
CARRY = {"action": "transport", "vehicles": ["agv-1"], "from": HERE, "to": THERE}


class Watched:
    """A yard, and the loads in it."""

    earlier_jobs = NO_PAST

    def __init__(self) -> None:
        self.yard, self._told = Yard(), 0
        self.register = LoadRegister(self.yard.site, cast("Fleet", self), self.yard.clock)
        self.register.tell([Load("other", HERE), Load("pallet", HERE, "EPAL")])  # "pallet" is what vehicles report

    def vehicles(self) -> Mapping[str, VehicleView]:
        return self.yard.master.vehicles()

    def standby(self) -> Standby | None:
        return None

    def submit(self, *orders: dict[str, Any]) -> None:
        self.yard.submit(f"job-{len(self.yard.events)}", *orders)

    def until(self, met: Callable[[VehicleView], bool]) -> None:
        """Time passes until this holds of the vehicle, and news are told as they come."""

        def followed() -> bool:
            for event in self.yard.events[self._told :]:
                self.register.follow(event)
            self._told = len(self.yard.events)
            return met(self.vehicles()["agv-1"])

        self.yard.until(followed)

    @property
    def there(self) -> set[tuple[str, str, str | None]]:
        stock = self.register.now()
        assert stock is not None
        assert not stock.uncounted
        return {(load.id, load.place, load.type) for load in stock.loads}


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_the_load_that_a_vehicle_reports_is_the_one_that_has_come(watched: Watched) -> None:
    watched.submit(CARRY)
    watched.until(lambda view: view.loaded is True)
    watched.until(lambda view: view.job is None)
    assert watched.there == {("other", HERE, None), ("pallet", THERE, "EPAL")}


def test_what_is_cancelled_on_the_way_there_has_not_been_fetched(watched: Watched) -> None:
    watched.submit(CARRY)
    watched.until(lambda view: view.driving)
    watched.submit({"action": "cancel", "vehicles": ["agv-1"]})
    watched.until(lambda view: view.job is None)
    assert watched.there == {("other", HERE, None), ("pallet", HERE, "EPAL")}


def test_what_is_cancelled_with_its_load_on_board_is_put_down_later(watched: Watched) -> None:
    watched.submit(CARRY)
    watched.until(lambda view: view.loaded is True)
    watched.submit({"action": "cancel", "vehicles": ["agv-1"]})
    watched.until(lambda view: view.job is None)
    assert watched.there == {("other", HERE, None)}
    watched.submit({"action": "drop", "vehicles": ["agv-1"], "to": HERE})
    watched.until(lambda view: view.loaded is False and view.job is None)
    assert watched.there == {("other", HERE, None), ("pallet", HERE, "EPAL")}
