"""Vehicles on a real broker."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from brokers import MOSQUITTO
from sim_master import Master, wait_until
from sim_world import instantly, order

from banksman_firmware_sim import SimulatedFleet
from banksman_shared.broker import RunningBroker, broker, free_port
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import Site
from banksman_shared.vda5050 import ConnectionState, Factsheet, Header, VehicleAddress

ONLINE, OFFLINE, BROKEN = ConnectionState.ONLINE, ConnectionState.OFFLINE, ConnectionState.CONNECTIONBROKEN


@pytest.fixture
def master(mqtt_broker: RunningBroker) -> Iterator[Master]:
    with Master(mqtt_broker.url) as listening:
        yield listening


@pytest.fixture
def fleet(yard: Site, mqtt_broker: RunningBroker, master: Master) -> Iterator[SimulatedFleet]:
    """The yard's vehicles, ten times as fast as life, with the master listening before they come."""
    with SimulatedFleet.from_site(yard, MqttSettings(mqtt_broker.url), speed_up=10) as running:
        yield running


def anything(_message: Header) -> bool:
    return True


def test_vehicles_stand_at_home_and_say_so(fleet: SimulatedFleet, yard: Site, master: Master) -> None:
    home = {"lift": "A", "tug": "D"}
    assert list(fleet) == list(home)
    for vehicle, node in home.items():
        state = master.await_state(fleet.address(vehicle), anything)
        at = yard.layout.nodes[node]
        assert state.agv_position is not None
        assert (state.agv_position.x, state.agv_position.y, state.agv_position.map_id) == (at.x, at.y, at.map_id)
        assert (state.last_node_id, state.agv_position.theta) == (node, at.theta or 0)
        master.await_connection(fleet.address(vehicle), ONLINE)


@MOSQUITTO
def test_connection_and_factsheet_are_there_for_whoever_comes_later(
    fleet: SimulatedFleet, mqtt_broker: RunningBroker
) -> None:
    address = fleet.address("lift")
    wait_until(lambda: fleet.state("lift").header_id > 0)
    with Master(mqtt_broker.url) as late:
        late.await_connection(address, ONLINE)
        sheet = late.await_last(address, "factsheet", anything)
    assert isinstance(sheet, Factsheet)
    assert sheet.type_specification["agvClass"] == "FORKLIFT"


def test_an_order_is_driven_to_its_end(fleet: SimulatedFleet, master: Master) -> None:
    address = fleet.address("lift")
    master.await_state(address, anything)
    master.send(address, "order", order("ABCD", address=address))
    end = master.await_state(address, lambda s: s.order_id == "order" and not s.node_states and not s.driving)
    assert (end.last_node_id, end.errors) == ("D", ())
    assert fleet.state("tug").order_id == ""


def test_a_vehicle_is_stopped_and_goes_on(fleet: SimulatedFleet, master: Master) -> None:
    address = fleet.address("lift")
    master.send(address, "order", order("ABCD", address=address))
    master.await_state(address, lambda s: s.driving)
    master.send(address, "instantActions", instantly("startPause", address=address))
    stopped = master.await_state(address, lambda s: s.paused is True)
    assert (stopped.driving, len(stopped.node_states) > 0) == (False, True)
    master.send(address, "instantActions", instantly("stopPause", address=address))
    master.await_state(address, lambda s: s.last_node_id == "D" and not s.driving)


def test_bad_payloads_are_reported_and_harm_nothing(fleet: SimulatedFleet, master: Master) -> None:
    address = fleet.address("lift")
    for payload in (b"nonsense", b"\xff", b"{}", b""):
        for topic in ("order", "instantActions"):
            master.send(address, topic, payload)
    master.await_state(address, lambda s: {e.error_type for e in s.errors} == {"validationError"})
    master.send(address, "order", order("AB", address=address))
    master.await_state(address, lambda s: s.last_node_id == "B" and s.errors == ())


def test_a_vehicle_that_vanishes_is_reported_by_the_broker_and_can_come_back(
    fleet: SimulatedFleet, master: Master
) -> None:
    address = fleet.address("lift")
    master.await_connection(address, ONLINE)
    fleet.vanish("lift")
    master.await_connection(address, BROKEN)
    master.await_connection(fleet.address("tug"), ONLINE)
    seen = master.await_state(address, anything)
    fleet.come_back("lift")
    master.await_connection(address, ONLINE)
    master.await_state(address, lambda s: s.header_id > seen.header_id)
    master.send(address, "order", order("AB", address=address))
    master.await_state(address, lambda s: s.last_node_id == "B")


def test_what_a_vehicle_had_not_read_when_it_vanished_is_lost_and_holds_nothing_up(
    fleet: SimulatedFleet, master: Master
) -> None:
    address = fleet.address("lift")
    master.await_connection(address, ONLINE)
    reads_nothing, sent = threading.Event(), threading.Event()

    def vanish_without_reading() -> None:
        reads_nothing.set()
        assert sent.wait(30)
        fleet.vanish("lift")

    fleet._reactor.post(vanish_without_reading)
    assert reads_nothing.wait(30)
    for _ in range(100):
        master.send(address, "instantActions", instantly("startPause", address=address))
    sent.set()
    master.await_connection(address, BROKEN)
    assert not fleet.state("lift").paused
    fleet.come_back("lift")
    master.send(address, "order", order("AB", address=address))
    master.await_state(address, lambda s: s.last_node_id == "B")


def test_a_vehicle_without_connection_drives_to_the_end_of_its_base(fleet: SimulatedFleet, master: Master) -> None:
    address = fleet.address("lift")
    master.send(address, "order", order("ABCD", base=3, address=address))
    master.await_state(address, lambda s: s.driving)
    fleet.vanish("lift")
    wait_until(lambda: fleet.state("lift").last_node_id == "C" and not fleet.state("lift").driving)
    fleet.come_back("lift")
    state = master.await_state(address, lambda s: s.last_node_id == "C" and not s.driving)
    assert [n.released for n in state.node_states] == [False]


def test_a_fleet_ends_although_a_vehicle_is_gone(yard: Site, mqtt_broker: RunningBroker, master: Master) -> None:
    with SimulatedFleet.from_site(yard, MqttSettings(mqtt_broker.url)) as fleet:
        gone, there = fleet.address("lift"), fleet.address("tug")
        fleet.vanish("lift")
    master.await_connection(gone, BROKEN)
    master.await_connection(there, OFFLINE)


def test_vehicles_say_goodbye(yard: Site, mqtt_broker: RunningBroker, master: Master) -> None:
    with SimulatedFleet.from_site(yard, MqttSettings(mqtt_broker.url)) as fleet:
        addresses = [fleet.address(vehicle) for vehicle in fleet]
        for address in addresses:
            master.await_connection(address, ONLINE)
    for address in addresses:
        master.await_connection(address, OFFLINE)


def test_vehicles_introduce_themselves_to_a_restarted_broker(yard: Site) -> None:
    port = free_port()
    with ExitStack() as running:
        with broker(port=port) as first:
            fleet = running.enter_context(SimulatedFleet.from_site(yard, MqttSettings(first.url), speed_up=10))
            address = fleet.address("lift")
            with Master(first.url) as master:
                master.send(address, "order", order("ABCD", base=3, address=address))
                before = master.await_state(address, lambda s: s.driving)
        wait_until(lambda: fleet.state("lift").last_node_id == "C")
        again = running.enter_context(broker(port=port))
        with Master(again.url) as master:
            master.await_connection(address, ONLINE)
            master.await_last(address, "factsheet", anything)
            state = master.await_state(address, lambda s: s.last_node_id == "C")
            assert state.header_id > before.header_id
            master.send(address, "order", order("CD", update_id=1, first=4, address=address))
            master.await_state(address, lambda s: s.last_node_id == "D" and not s.driving)
            master.await_connection(fleet.address("tug"), ONLINE)


def test_any_number_of_vehicles_spreads_over_the_nodes(yard: Site, mqtt_broker: RunningBroker) -> None:
    for count, nodes in ((2, {"A", "C"}), (6, {"A", "B", "C", "D"})):
        fleet = SimulatedFleet.from_site(yard, MqttSettings(mqtt_broker.url), vehicles=count)
        assert [fleet.address(v) for v in fleet] == [
            VehicleAddress("Banksman", f"sim-{i:04d}") for i in range(1, count + 1)
        ]
        assert {fleet.state(v).last_node_id for v in fleet} == nodes


def test_the_vehicles_of_the_bundled_site_are_there(site: Site, mqtt_broker: RunningBroker, master: Master) -> None:
    with SimulatedFleet.from_site(site, MqttSettings(mqtt_broker.url)) as fleet:
        assert list(fleet) == list(site.vehicles)
        for vehicle in fleet:
            state = master.await_state(fleet.address(vehicle), anything)
            assert state.last_node_id == site.places[site.vehicles[vehicle].home].node
