"""A plan whose agent died in the middle of something else: what came between, and what was cancelled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from driven_yard import transport
from interrupted_yard import InterruptedYard

THREE = transport(3, "dock-1", "aisle-9", vehicles=["agv-1"])


@pytest.fixture
def yard(tmp_path: Path) -> Iterator[InterruptedYard]:
    yard = InterruptedYard(tmp_path)
    yield yard
    yard.store.close()


def under_way(yard: InterruptedYard, goal: dict[str, Any]) -> None:
    """The first load has been taken up."""
    yard.drive(goal)
    yard.until(lambda: yard.handled.count("pick") == 1)


def test_an_order_that_is_found_forgotten_before_the_plan_is_taken_up_is_not_done_again(yard: InterruptedYard) -> None:
    """Models take longer to load than vehicles to report."""
    under_way(yard, THREE)
    yard.kill(away_s=2)
    car = yard.cars["agv-1"]
    car.wipe()
    car.order_id, car.loaded = "", False
    yard.begin_again(report_s=5)
    yard.run(5)
    assert len(yard.herald.breaks[0].unknown) == 1
    yard.reply(yes=True)
    assert yard.finish() == "wish 1"
    assert yard.carried() == (3, 2)
