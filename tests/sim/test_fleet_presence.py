"""Whether a vehicle is there, asleep or off, as the broker tells it; and what a vehicle comes with."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from brokers import MOSQUITTO
from sim_master import Master, wait_until
from sim_world import action, instantly

from banksman_firmware_sim import Dialect, Fault, FaultKind, RunOptions, SimulatedFleet
from banksman_shared.broker import RunningBroker
from banksman_shared.clock import timestamp
from banksman_shared.mqtt import MqttSettings, new_client
from banksman_shared.site import Site
from banksman_shared.vda5050 import ActionStatus, ConnectionState, State, VehicleAddress

ONLINE, OFFLINE = ConnectionState.ONLINE, ConnectionState.OFFLINE
HIBERNATING, BROKEN = ConnectionState.HIBERNATING, ConnectionState.CONNECTIONBROKEN


@pytest.fixture
def master(mqtt_broker: RunningBroker) -> Iterator[Master]:
    with Master(mqtt_broker.url, "3.0.0") as listening:
        yield listening


@pytest.fixture
def fleet(yard: Site, mqtt_broker: RunningBroker, master: Master) -> Iterator[SimulatedFleet]:
    options = RunOptions(Dialect(version="3.0.0"), state_interval_s=0.2)
    with SimulatedFleet.from_site(yard, MqttSettings(mqtt_broker.url), speed_up=10, options=options) as running:
        yield running


def presences(master: Master, address: VehicleAddress) -> list[object]:
    return [getattr(message, "connection_state", None) for message in master.heard(address, "connection")]


def tell(master: Master, address: VehicleAddress, kind: str, **parameters: object) -> None:
    master.send(address, "instantActions", instantly(action(kind, kind, "NONE", **parameters), address=address))


def test_a_vehicle_hibernates_silently_and_wakes_when_it_is_told(fleet: SimulatedFleet, master: Master) -> None:
    address = fleet.address("lift")
    tell(master, address, "startHibernation")
    master.await_connection(address, HIBERNATING)
    tell(master, address, "stateRequest")
    others = len(master.heard(fleet.address("tug"), "state"))
    silence = len(master.heard(address, "state"))
    wait_until(lambda: len(master.heard(fleet.address("tug"), "state")) > others + 5)
    assert len(master.heard(address, "state")) == silence
    tell(master, address, "stopHibernation")
    master.await_connection(address, ONLINE)
    master.await_state(address, lambda s: s.header_id >= silence)
    assert presences(master, address) == [ONLINE, HIBERNATING, ONLINE]


def test_a_vehicle_wakes_at_the_time_it_was_given(fleet: SimulatedFleet, master: Master) -> None:
    address = fleet.address("lift")
    tell(master, address, "startHibernation", wakeUpTime=timestamp(time.time() + 1))
    wait_until(lambda: presences(master, address) == [ONLINE, HIBERNATING, ONLINE])


def test_a_hibernating_vehicle_that_loses_its_connection_comes_back_hibernating(
    fleet: SimulatedFleet, master: Master
) -> None:
    address = fleet.address("lift")
    tell(master, address, "startHibernation")
    master.await_connection(address, HIBERNATING)
    fleet.inject("lift", Fault(FaultKind.NETWORK_AWAY, seconds=5))
    master.await_connection(address, BROKEN)
    master.await_connection(address, HIBERNATING)


def test_a_vehicle_that_is_shut_down_says_so_and_disconnects_until_it_is_switched_on(
    fleet: SimulatedFleet, master: Master
) -> None:
    address = fleet.address("lift")
    tell(master, address, "shutdown")
    master.await_connection(address, OFFLINE)
    last = master.await_state(address, lambda s: bool(s.every_action_state))
    assert [a.action_status for a in last.every_action_state] == [ActionStatus.FINISHED]
    tell(master, address, "stateRequest")
    others = len(master.heard(fleet.address("tug"), "state"))
    wait_until(lambda: len(master.heard(fleet.address("tug"), "state")) > others + 5)
    assert master.heard(address, "state")[-1] == last
    # It has disconnected: no last will, and nothing reaches it.
    assert presences(master, address) == [ONLINE, OFFLINE]
    fleet.inject("lift", Fault(FaultKind.REBOOT, seconds=1))
    master.await_connection(address, ONLINE)
    master.await_state(address, lambda s: s.header_id < last.header_id and not s.every_action_state)


@MOSQUITTO
def test_only_connection_is_sent_with_quality_of_service_1(yard: Site, mqtt_broker: RunningBroker) -> None:
    heard: dict[str, set[int]] = {}
    listening, complete = threading.Event(), threading.Event()
    client = new_client(MqttSettings(mqtt_broker.url))

    def hear(topic: str, qos: int) -> None:
        heard.setdefault(topic.rpartition("/")[2], set()).add(qos)
        if {"connection", "state", "factsheet"} <= heard.keys():
            complete.set()

    client.on_message = lambda _client, _data, message: hear(message.topic, message.qos)
    client.on_connect = lambda client, *_: client.subscribe(f"uagv/v2/Yard/{serial}/#", 2)
    client.on_subscribe = lambda *_: listening.set()
    serial = yard.vehicles["lift"].address.serial_number
    host, port, _ = MqttSettings(mqtt_broker.url).endpoint()
    client.connect(host, port)
    client.loop_start()
    try:
        assert listening.wait(30)
        with SimulatedFleet.from_site(yard, MqttSettings(mqtt_broker.url)):
            assert complete.wait(30)
    finally:
        client.disconnect()
        client.loop_stop()
    assert {topic for topic, levels in heard.items() if levels != {0}} == {"connection"}
    assert heard["connection"] == {1}


def test_vehicles_come_with_all_maps_of_their_site(yard: Site, mqtt_broker: RunningBroker) -> None:
    nodes = dict(yard.layout.nodes)
    nodes["D"] = replace(nodes["D"], map_id="cellar")
    site = replace(yard, layout=replace(yard.layout, nodes=nodes))
    fleet = SimulatedFleet.from_site(site, MqttSettings(mqtt_broker.url))
    for vehicle in fleet:
        state = fleet.state(vehicle)
        assert isinstance(state, State)
        assert {record.map_id for record in state.maps or ()} == {"floor", "cellar"}
