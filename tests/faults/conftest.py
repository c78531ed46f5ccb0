"""One plant for all faults: it works on from one test to the next, as a real one would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from busy_plant import Plant

from banksman_firmware_sim import FaultKind


@pytest.fixture(scope="module")
def running_plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    with Plant(tmp_path_factory.mktemp("fleet")) as plant:
        yield plant


@pytest.fixture
def plant(running_plant: Plant) -> Iterator[Plant]:
    """The plant at work; afterwards all is accounted for."""
    yield running_plant
    for kind in FaultKind:
        running_plant.clear(running_plant.vehicles, kind)
    running_plant.resume_work()
    assert list(running_plant.ledger.faults()) == []
