"""Anything at all over a real broker, to vehicles and their master at once: 20,000 payloads with `make soak`."""

from __future__ import annotations

import threading
import time

import pytest
from corpus import FROM_VEHICLES, TO_VEHICLES, corpus
from mutation import Mutator
from watching import no_failure_logged, resident_mb

from banksman_edge.fleet import FleetService, OrderEvent
from banksman_firmware_sim import Fault, FaultKind, RunOptions, SimulatedFleet
from banksman_shared.broker import RunningBroker
from banksman_shared.commands import parse_commands
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import Site
from banksman_shared.vda5050 import VehicleAddress, codec_for

GROWTH_MB = 60.0
TOPICS = (*TO_VEHICLES[:2], *FROM_VEHICLES)


def flood(url: str, site: Site, count: int) -> float:
    """Send so many payloads to vehicles, master and strangers; by how many megabytes the process grew over them."""
    mutator, topics, before = Mutator(corpus("2.1.0"), "broker"), codec_for("2.1.0").topics, 0.0
    addresses = [vehicle.address for vehicle in site.vehicles.values()]
    with MqttLink(MqttSettings(url)) as link:
        for number in range(count):
            if number == count // 3:
                before = resident_mb()
            topic = TOPICS[number % len(TOPICS)]
            stranger = number % 50 == 0
            address = VehicleAddress("Odd", f"{number}") if stranger else addresses[number % len(addresses)]
            if number % 100 == 99:
                link.publish_and_wait(topics.of(address, topic), mutator.payload(topic))
            else:
                link.publish(topics.of(address, topic), mutator.payload(topic))
    return resident_mb() - before


@pytest.mark.parametrize(
    "count",
    [
        pytest.param(1_000, id="short"),
        pytest.param(20_000, marks=[pytest.mark.soak, pytest.mark.timeout(3600)], id="long"),
    ],
)
def test_a_fleet_on_a_broker_takes_anything_and_works_on(site: Site, mqtt_broker: RunningBroker, count: int) -> None:
    settings, ended, events = MqttSettings(mqtt_broker.url), threading.Event(), list[OrderEvent]()

    def hear(event: OrderEvent) -> None:
        events.append(event)
        if event.job == "last" and event.status.ended:
            ended.set()

    with no_failure_logged():
        options = RunOptions(state_interval_s=0.5)
        with SimulatedFleet.from_site(site, settings, speed_up=20, options=options) as fleet:
            with FleetService(site, settings):
                grown = flood(mqtt_broker.url, site, count)
            for vehicle in fleet:
                fleet.inject(vehicle, Fault(FaultKind.REBOOT, seconds=1))
            # A new master: the old one stands by for a minute, having seen another command its vehicles.
            with FleetService(site, settings) as service:
                service.listen(hear)
                deadline = time.monotonic() + 60
                while not (service.vehicles()["forklift-1"].idle and service.standby() is None):
                    assert time.monotonic() < deadline, service.vehicles()["forklift-1"]
                    time.sleep(0.1)
                service.submit("last", parse_commands([{"action": "move", "vehicles": ["forklift-1"], "to": "dock-1"}]))
                assert ended.wait(60), events
    assert events[-1].status == "done", events
    assert grown < GROWTH_MB
