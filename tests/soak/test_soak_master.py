"""A master to whom anything at all is sent: by the hundred thousand with `make soak`."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator

import pytest
from corpus import Corpus, corpus
from loopback import LoopbackLink
from mutation import Mutator
from watching import no_failure_logged, resident_mb

from banksman_edge.fleet import FleetError, FleetService, JobStatus, OrderEvent, service
from banksman_firmware_sim import Dialect, RunOptions
from banksman_firmware_sim.wire.endpoint import Endpoint
from banksman_firmware_sim.wire.fleet import vehicles_of
from banksman_shared.clock import ManualClock
from banksman_shared.commands import parse_commands
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import Site
from banksman_shared.vda5050 import VERSIONS, VehicleAddress, codec_for

GROWTH_MB = 60.0
BETWEEN_S = 0.005
"""Seconds of the master's time from one payload to the next: 200 a second."""
TOPICS = (
    *("state",) * 8,
    *("connection",) * 2,
    "factsheet",
    "visualization",
    *("order",) * 2,
    *("instantActions",) * 2,
)


class Target:
    """A master, the queue that is its broker, and its clock."""

    def __init__(self, site: Site, version: str) -> None:
        self.site, self.version, self.clock = site, version, ManualClock()
        self.topics = codec_for(version).topics
        self.service = FleetService(site, MqttSettings("mqtt://nowhere"), clock=self.clock, version=version)
        link = self.service._link
        assert isinstance(link, LoopbackLink)
        self.link = link
        self.events: list[OrderEvent] = []
        self.service.listen(self.events.append)

    def submit(self, job: str, document: dict[str, object]) -> None:
        self.service.submit(job, parse_commands([document]))


@pytest.fixture
def target(site: Site, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Target]:
    monkeypatch.setattr(service, "MqttLink", LoopbackLink)
    monkeypatch.setattr(service, "TICK_S", 0.02)
    monkeypatch.setattr(service, "ROLL_CALL_S", 0.0)
    made = Target(site, request.param)
    with made.service:
        yield made


def known(site: Site, version: str) -> Corpus:
    """Messages about a way that the site has."""
    edge = next(iter(site.layout.edges.values()))
    onward = next(e for e in site.layout.edges.values() if e.start == edge.end and e.end != edge.start)
    return corpus(version, [site.layout.nodes[node] for node in (edge.start, edge.end, onward.end)])


class Flood:
    """Topics and payloads for a master, on and on."""

    def __init__(self, target: Target) -> None:
        self._chance = random.Random(target.version)
        self._mutator = Mutator(known(target.site, target.version), f"master {target.version}")
        self._topics, self._site = target.topics, target.site.id
        self._addresses = [vehicle.address for vehicle in target.site.vehicles.values()]

    def next(self) -> tuple[str, bytes]:
        chance = self._chance
        if chance.random() < 0.02:
            agent = chance.choice(("a", "b", f"{chance.randrange(10**9)}"))
            return f"banksman/v1/{self._site}/agents/{agent}", self._agent(agent)
        topic = chance.choice(TOPICS)
        return self._topics.of(self._address(), topic), self._mutator.payload(topic)

    def _address(self) -> VehicleAddress:
        if self._chance.random() < 0.05:
            return VehicleAddress(f"Maker{self._chance.randrange(10**9)}", f"{self._chance.randrange(10**9)}")
        return self._chance.choice(self._addresses)

    def _agent(self, name: str) -> bytes:
        state = self._chance.choice(("active", "standby", "odd"))
        document = f'{{"instance": "{name}", "host": "h", "state": "{state}", "since": "2020-01-01T00:00:00.000Z"}}'
        return self._chance.choice((document.encode(), b"", b"[" * 50_000, document[:-4].encode()))


def flood(target: Target, count: int) -> float:
    """Send so many payloads, with some work in between; how many megabytes that cost, after a third to warm up."""
    source, places, before = Flood(target), list(target.site.places), 0.0
    for number in range(count):
        if number == count // 3:
            before = resident_mb()
        target.link.deliver(*source.next())
        target.clock.advance(BETWEEN_S)
        if number % 40 == 0:
            target.link.pump()
        if number % 1000 == 500:
            with contextlib.suppress(FleetError):
                target.submit(f"job-{number}", {"action": "move", "vehicles": [], "to": places[number % len(places)]})
            target.events.clear()
    return resident_mb() - before


class Real:
    """The site's vehicles, at last speaking for themselves."""

    def __init__(self, target: Target) -> None:
        self._target = target
        options = RunOptions(Dialect(version=target.version), state_interval_s=1.0)
        machines = vehicles_of(target.site, options, clock=target.clock)
        self._endpoints = {name: Endpoint(name, machine, options) for name, machine in machines.items()}
        self._subscribed = {topic: e for e in self._endpoints.values() for topic in e.subscriptions}
        target.link.outside = self._receive
        for endpoint in self._endpoints.values():
            presence = endpoint.came_up()
            target.link.deliver(presence.topic, presence.payload)

    def _receive(self, topic: str, payload: bytes) -> None:
        if topic in self._subscribed:
            self._subscribed[topic].receive(topic, payload, self._target.clock.monotonic())

    def live_until(self, holds: Callable[[], bool], seconds: float) -> None:
        target, end = self._target, self._target.clock.monotonic() + seconds
        while not holds():
            assert target.clock.monotonic() < end, self._why(target)
            target.clock.advance(0.25)
            for endpoint in self._endpoints.values():
                endpoint.step(0.25, target.clock.monotonic())
                for message in endpoint.outgoing(target.clock.monotonic()):
                    target.link.deliver(message.topic, message.payload)
            target.link.pump()
            time.sleep(0.005)  # for the service's own thread

    @staticmethod
    def _why(target: Target) -> object:
        views = [view for view in target.service.vehicles().values() if not view.idle]
        return views, target.service.standby(), target.events[-5:]


@pytest.mark.parametrize("target", VERSIONS, indirect=True)
@pytest.mark.parametrize(
    "count",
    [
        pytest.param(1_500, id="short"),
        pytest.param(170_000, marks=[pytest.mark.soak, pytest.mark.timeout(3600)], id="long"),
    ],
)
def test_a_master_takes_anything_and_works_on(target: Target, count: int) -> None:
    with no_failure_logged():
        grown = flood(target, count)
        assert len(target.service.strangers()) <= 1000
        real = Real(target)
        fleet = target.service.vehicles
        real.live_until(lambda: all(view.idle for view in fleet().values()) and target.service.standby() is None, 900)
        for vehicle, node in (("forklift-1", "dock-1"), ("tugger-1", "dock-2")):
            target.submit(f"last-{vehicle}", {"action": "move", "vehicles": [vehicle], "to": node})
        real.live_until(lambda: sum(e.status.ended and e.job.startswith("last") for e in target.events) == 2, 900)
    last = [event for event in target.events if event.job.startswith("last") and event.status.ended]
    assert [event.status for event in last] == [JobStatus.DONE] * 2, last
    assert grown < GROWTH_MB
