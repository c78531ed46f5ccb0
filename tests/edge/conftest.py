"""Fixtures of the edge's tests; what they are made of is in edge_world.py.

The default models are loaded once for all tests. Whatever uses one carries the mark ``models`` by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import traffic_world
from edge_world import FleetDouble, Recorder
from interrupted_yard import InterruptedYard
from taught import taught_reader
from yard import Yard

from banksman_edge import PromptedReader, TaughtReader, WhisperRecogniser
from banksman_edge.app.build import load_recogniser
from banksman_edge.audio import Sound, load_sound
from banksman_shared.clock import ManualClock
from banksman_shared.models import ModelStore
from banksman_shared.site import Site, bundled_site, load_site

DATA = Path(__file__).parents[1] / "data"
MODELS = {"recogniser", "llama", "taught"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if MODELS & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.models)


@pytest.fixture(scope="session")
def recogniser() -> WhisperRecogniser:
    """Whisper for the languages and words of the bundled site, warm."""
    return load_recogniser(load_site(bundled_site()), "whisper-base")


@pytest.fixture(scope="session")
def llama() -> PromptedReader:
    """The default language model, with its instructions read."""
    loaded = PromptedReader(ModelStore().path("qwen2.5-coder-1.5b"))
    loaded.warm_up()
    return loaded


@pytest.fixture(scope="session")
def taught() -> TaughtReader:
    """The reader that comes with the product, warm."""
    return taught_reader()


@pytest.fixture(scope="session")
def harbour() -> Site:
    """A site that nothing was fitted to, in nine languages."""
    return load_site(DATA / "harbour")


@pytest.fixture(scope="session")
def speech() -> dict[str, Sound]:
    """The synthesised clips by name: orders for the bundled site, and chatter."""
    return {path.stem: load_sound(path) for path in sorted((DATA / "speech").glob("*.flac"))}


@pytest.fixture
def fleet(site: Site) -> FleetDouble:
    return FleetDouble(site)


@pytest.fixture
def heard() -> Recorder:
    return Recorder()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


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
