"""A simulator for each version and its vehicles one by one, and a master for each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bench import Bench, simulator
from hall import Hall
from matrix import VERSIONS

from banksman_shared.broker import RunningBroker

VEHICLES = 60


@pytest.fixture(scope="session", params=VERSIONS)
def benches(
    request: pytest.FixtureRequest, mqtt_broker: RunningBroker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Iterator[Bench]]:
    folder = tmp_path_factory.mktemp("site")
    with simulator(folder, mqtt_broker.url, request.param, VEHICLES) as benches:
        yield benches


@pytest.fixture
def bench(benches: Iterator[Bench]) -> Bench:
    """A vehicle that no other test has used."""
    return next(benches)


@pytest.fixture(params=VERSIONS)
def hall(request: pytest.FixtureRequest) -> Hall:
    """A master and its vehicles, in every version."""
    return Hall(request.param)
