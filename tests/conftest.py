"""What all tests share: the bundled site, a real broker, and addresses nobody used before."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest

from banksman_shared.broker import RunningBroker, broker
from banksman_shared.site import Site, bundled_site, load_site
from banksman_shared.vda5050 import VehicleAddress

_runs = itertools.count()


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
