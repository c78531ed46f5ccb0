"""The yard: a small site of its own with three vehicles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import traffic_world
from interrupted_yard import InterruptedYard
from yard import Yard


@pytest.fixture(autouse=True)
def _kind_of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """Worlds of other sites than a test's own set it."""
    monkeypatch.setattr(traffic_world, "KIND", traffic_world.KIND)


@pytest.fixture
def yard() -> Yard:
    return Yard()


@pytest.fixture
def interrupted(tmp_path: Path) -> Iterator[InterruptedYard]:
    """A yard whose agent ends and begins again."""
    yard = InterruptedYard(tmp_path)
    yield yard
    yard.store.close()


@pytest.fixture
def short_reach(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders are released for a few metres at a time."""
    monkeypatch.setattr("banksman_edge.fleet.driving.REACH_M", 4.0)
    monkeypatch.setattr("banksman_edge.fleet.driving.LOW_M", 2.0)
