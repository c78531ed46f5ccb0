"""One of many vehicles breaks down under way: whoever can go around it does, and all other work is done."""

from __future__ import annotations

import pytest
import traffic_world
from traffic_world import World
from wheels_site import hall

from banksman_firmware_sim.faults.faults import Fault, FaultKind


def busy_hall(monkeypatch: pytest.MonkeyPatch) -> World:
    """All twelve vehicles of the hall carry from one dock to one aisle."""
    monkeypatch.setattr(traffic_world, "KIND", "forklift")
    world = World(hall(), 0)
    for _ in range(10):
        world.step()
    for vehicle in world.site.vehicles:
        document = {"action": "transport", "vehicles": [vehicle], "from": "dock-3", "to": "aisle-3"}
        world.ordered[vehicle] = (vehicle, world.now, ())
        world.submit(vehicle, document)
    return world


@pytest.mark.parametrize(("broken", "seconds"), [("forklift-7", 30), ("forklift-10", 37)])
def test_all_work_but_that_of_a_broken_vehicle_is_done(
    broken: str, seconds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the ways home are shut by those who wait, one after the other does its work and makes way elsewhere."""
    world = busy_hall(monkeypatch)
    while world.now < seconds + 5:
        world.step()
    world.cars[broken].vehicle.inject(Fault(FaultKind.EMERGENCY_STOP))
    for _ in range(20):
        world.step()
    world.submit("cancel", {"action": "cancel", "vehicles": [broken]})
    world.finish(600)
    assert set(world.site.vehicles) - {broken} <= set(world.done)
    assert not [e for e in world.failures() if e.vehicle != broken]
