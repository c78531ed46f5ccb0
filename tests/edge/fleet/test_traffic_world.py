"""Thirty simulated vehicles on single-lane roads under one master: they never meet and never stand still for ever."""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from multiprocessing import get_context

import pytest
from traffic_sites import SiteBuilder, corridor_site, ring_site
from traffic_world import World, ideal_per_hour

SITES = {"ring": ring_site, "corridor": corridor_site}
DRAIN_S = 1800.0
"""Seconds, once nobody orders anything, within which all that was ordered must be done."""


@dataclass(frozen=True)
class Outcome:
    """How a run ended; anybody who collides has ended it with an error before."""

    ordered: int
    done: int
    failures: list[str]
    drained_s: float
    per_hour: float
    alone_per_hour: float
    bottleneck_per_hour: float
    wall_s: float

    def __str__(self) -> str:
        bound = min(self.alone_per_hour, self.bottleneck_per_hour)
        return (
            f"{self.done} orders, {self.per_hour:.0f} an hour, {self.per_hour / bound:.0%} of the bound {bound:.0f} "
            f"(alone {self.alone_per_hour:.0f}, bottleneck {self.bottleneck_per_hour:.0f}); "
            f"the last ended {self.drained_s:.0f} s after orders ceased; {self.wall_s:.0f} s"
        )


def drive(site: str, seed: int, seconds: float) -> Outcome:
    began = time.perf_counter()
    builder: SiteBuilder = SITES[site]()
    world = World(builder.site(), seed)
    world.run(seconds)
    in_time = len(world.done)
    ceased = world.now
    world.finish(DRAIN_S)
    alone, bottleneck = ideal_per_hour(world)
    return Outcome(
        ordered=len(world.ordered),
        done=len(world.done),
        failures=[f"{e.vehicle}: {e.status} {e.code}: {e.detail}" for e in world.failures()],
        drained_s=world.now - ceased,
        per_hour=in_time * 3600 / seconds,
        alone_per_hour=alone,
        bottleneck_per_hour=bottleneck,
        wall_s=time.perf_counter() - began,
    )


@pytest.mark.parametrize(("site", "seed"), [("ring", 0), ("corridor", 0)])
def test_for_six_minutes_nobody_meets_and_every_order_is_done(site: str, seed: int) -> None:
    outcome = drive(site, seed, 360.0)
    print(f"{site} {seed}: {outcome}")
    assert outcome.ordered > 30
    assert outcome.failures == []
    assert outcome.done == outcome.ordered


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("site", SITES)
def test_for_an_hour_nobody_meets_and_every_order_is_done_whatever_is_ordered(site: str) -> None:
    """Twenty seeds. Both sites together take about 20 minutes on two cores."""
    seeds = range(20)
    # What is forked while threads of other tests run may wait for ever for a lock that one of them held.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        outcomes = list(pool.map(drive, repeat(site), seeds, repeat(3600.0)))
    for seed, outcome in zip(seeds, outcomes, strict=True):
        print(f"{site} {seed}: {outcome}")
    assert [outcome.failures for outcome in outcomes] == [[] for _ in seeds]
    assert [outcome.done for outcome in outcomes] == [outcome.ordered for outcome in outcomes]
    # Loosely: what other vehicles cost, and the ways to the bays and back that no order asks for.
    assert min(o.per_hour / min(o.alone_per_hour, o.bottleneck_per_hour) for o in outcomes) > 0.25
