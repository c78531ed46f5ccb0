"""What all tests share: the bundled site, a real broker, addresses nobody used before, a folder for state.

Several workers may run tests at once (`make test`). Each has a broker and folders of its own.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from banksman_shared.broker import RunningBroker, broker
from banksman_shared.site import Site, bundled_site, load_site
from banksman_shared.vda5050 import VehicleAddress

# How long examples take is a matter of the machine, and of what else it is doing.
settings.register_profile("banksman", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("banksman")

_runs = itertools.count()


@pytest.fixture(scope="session", autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where whatever is tested, and the processes it starts, keeps what outlives it: not in the user's own folder,
    which agents of the same site share."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(folder))
        yield folder


@pytest.fixture(scope="session")
def mqtt_broker() -> Iterator[RunningBroker]:
    """A broker for the whole run. Retained messages stay in it, so use :func:`site` for fresh addresses."""
    with broker() as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh_log_levels() -> None:
    """The command line sets how much our packages log, which must not outlive its test."""
    for package in ("banksman_shared", "banksman_edge", "banksman_cloud", "banksman_firmware_sim"):
        logging.getLogger(package).setLevel(logging.NOTSET)


@pytest.fixture
def site() -> Site:
    """The bundled site under an id and with serial numbers of this test alone."""
    original, run = load_site(bundled_site()), next(_runs)
    return replace(
        original,
        id=f"{original.id}-{run}",
        vehicles={
            v.id: replace(v, address=VehicleAddress(v.address.manufacturer, f"{v.address.serial_number}-{run}"))
            for v in original.vehicles.values()
        },
    )
