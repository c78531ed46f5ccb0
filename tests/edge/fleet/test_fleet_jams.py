"""Twelve simulated vehicles with a transport each, and something goes wrong on a busy lane: all that can be done is
done, nobody meets, and no order is lost."""

from __future__ import annotations

import random

import pytest
from jammed_world import JammedWorld
from traffic_sites import corridor_site
from wheels_site import hall

from banksman_shared.site import Site

LIMIT_S = 900.0


def busy(site: Site, seed: int) -> JammedWorld:
    """Everybody carries from some dock to some shelf."""
    world, chance = JammedWorld(site, seed), random.Random(seed)
    shelves = [place.id for place in site.places.values() if place.kind in ("shelf", "aisle")]
    docks = [place.id for place in site.places.values() if place.kind == "dock"]
    for vehicle in site.vehicles:
        world.carry(vehicle, chance.choice(docks), chance.choice(shelves))
    return world


def carried(world: JammedWorld) -> set[str]:
    return {world.ordered[job][0] for job in world.done if job in world.ordered}


def orders_cancelled(world: JammedWorld) -> int:
    return sum(actions.count("cancelOrder") for actions in world.instants.values())


@pytest.mark.parametrize("lanes", [[("J6-2", "J5-2")], [("J6-2", "J5-2"), ("J4-1", "J3-1")]])
def test_obstacles_on_busy_lanes_that_stay_are_driven_round(lanes: list[tuple[str, str]]) -> None:
    world = busy(hall(), 0)
    for lane in lanes:
        world.obstruct(*lane)
    world.finish(LIMIT_S)
    assert carried(world) == set(world.site.vehicles)
    assert world.failures() == []
    assert orders_cancelled(world) >= 1


def test_once_an_obstacle_is_gone_its_lane_is_driven_again() -> None:
    world = busy(hall(), 0)
    world.obstruct("J6-2", "J5-2")
    while not world.shut():
        world.step()
    world.clear("J6-2", "J5-2")
    world.finish(LIMIT_S)
    assert carried(world) == set(world.site.vehicles)
    while world.shut():
        world.step()
    world.go("forklift-7", "aisle-1")
    world.finish(LIMIT_S)
    world.go("forklift-7", "dock-6")
    world.finish(LIMIT_S)
    assert ("J6-2", "J5-2") in world.driven["forklift-7"]


def test_in_single_lanes_the_others_do_what_can_be_done_around_an_obstacle_that_stays() -> None:
    world = busy(corridor_site(12).site(), 0)
    world.obstruct("B1", "B2")
    world.finish(LIMIT_S)
    assert carried(world) == set(world.site.vehicles)
    assert world.failures() == []


def test_one_that_dies_half_way_keeps_no_other_from_its_work() -> None:
    """All carry from one dock to one aisle. What was released to the broken one is cancelled, or it would bar that."""
    world = JammedWorld(hall())
    for vehicle in world.site.vehicles:
        world.carry(vehicle, "dock-3", "aisle-3")
    world.run_for(30)
    world.break_down("forklift-7")
    world.run_for(10)
    world.submit("cancel", {"action": "cancel", "vehicles": ["forklift-7"]})
    world.finish(600)
    assert carried(world) >= set(world.site.vehicles) - {"forklift-7"}
    assert [e for e in world.failures() if e.vehicle != "forklift-7"] == []
