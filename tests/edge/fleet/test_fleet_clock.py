"""Vehicles whose clocks and header counters jump."""

from __future__ import annotations

from msgspec.structs import replace
from yard import Yard, go

from banksman_shared.vda5050 import ConnectionState


def test_a_vehicle_that_comes_back_with_its_clock_set_right_is_believed(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    ahead = replace(car.state(), header_id=10**9, timestamp="2999-01-01T00:00:00.000Z")
    yard.master.on_state(car.vehicle.address, ahead)
    yard.connection("agv-1", ConnectionState.CONNECTIONBROKEN)
    yard.connection("agv-1", ConnectionState.ONLINE)
    yard.step()
    yard.submit("j", go("agv-1", "dock-1"))
    yard.until(yard.done("j"))


def test_a_state_that_was_overtaken_says_nothing_new(yard: Yard) -> None:
    car = yard.cars["agv-1"]
    yard.step()
    old = replace(car.state(), header_id=0, timestamp="2000-01-01T00:00:00.000Z", driving=True)
    yard.master.on_state(car.vehicle.address, old)
    assert not yard.master.vehicles()["agv-1"].driving
