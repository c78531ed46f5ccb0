"""The yard: a small site of its own with three vehicles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from interrupted_yard import InterruptedYard
from yard import Yard


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
