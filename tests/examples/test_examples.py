"""The examples run as they stand, each as a process of its own on a broker of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from banksman_firmware_sim import SimulatedFleet
from banksman_shared.broker import broker
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import Site, bundled_site, load_site

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", str(EXAMPLES / name), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture
def url() -> Iterator[str]:
    """A broker for this test alone: the examples use the bundled site under its own name."""
    with broker() as running:
        yield running.url


@pytest.fixture
def warehouse() -> Site:
    return load_site(bundled_site())


@pytest.mark.parametrize("given", [True, False], ids=["broker given", "own broker"])
def test_the_simulator_alone_drives_an_order(url: str, given: bool) -> None:
    done = run("simulator_only.py", *([url] if given else []))
    assert done.returncode == 0, done.stderr
    *states, last = done.stdout.splitlines()
    assert last == "forklift-3 is at dock-2"
    assert len(states) >= 2


@pytest.mark.models
def test_actions_of_the_sites_own_are_done_by_robots_and_by_a_function(url: str) -> None:
    site = load_site(EXAMPLES / "washing")
    with SimulatedFleet.from_site(site, MqttSettings(url), speed_up=20) as fleet:
        done = run("own_action.py", url)
        assert done.returncode == 0, done.stderr
        assert fleet.state("scrubber-1").last_node_id == site.places["canteen"].node
    assert "the lights of scrubber-2 flash" in done.stdout
    assert "washing the floor at hall 2" in done.stdout


@pytest.mark.models
def test_an_agent_in_ten_lines_brings_a_vehicle_to_its_place(url: str, warehouse: Site) -> None:
    with SimulatedFleet.from_site(warehouse, MqttSettings(url), speed_up=20) as fleet:
        done = run("embed_agent.py", url)
        assert done.returncode == 0, done.stderr
        assert fleet.state("forklift-3").last_node_id == warehouse.places["dock-2"].node
    assert "forklift-3: move done" in done.stdout
    assert "Forklift 3: done." in done.stdout
