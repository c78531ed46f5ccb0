"""Many vehicles in one process."""

from __future__ import annotations

import resource
import socket
import threading
from collections import Counter
from contextlib import ExitStack, closing

import pytest
from sim_master import Master, wait_until

from banksman_firmware_sim import RunOptions, SimulatedFleet
from banksman_firmware_sim.wire.connection_limit import SPARE_FILES, allow_connections
from banksman_shared.broker import RunningBroker, broker, free_port
from banksman_shared.errors import BanksmanError, BrokerError
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import Site
from banksman_shared.vda5050 import ConnectionState

MANY = 150


def test_many_vehicles_need_no_thread_each(site: Site, mqtt_broker: RunningBroker) -> None:
    before = threading.active_count()
    with (
        Master(mqtt_broker.url) as master,
        SimulatedFleet.from_site(site, MqttSettings(mqtt_broker.url), vehicles=MANY) as fleet,
    ):
        assert len(fleet) == MANY
        assert threading.active_count() < before + 20
        for vehicle in fleet:
            master.await_connection(fleet.address(vehicle), ConnectionState.ONLINE)
            master.await_state(fleet.address(vehicle), lambda s: s.order_id == "")
    assert threading.active_count() == before


def test_vehicles_stand_on_nodes_of_their_own_as_long_as_there_are_nodes(
    site: Site, mqtt_broker: RunningBroker
) -> None:
    nodes = len(site.layout.nodes)
    for count in (1, 2, nodes // 2, nodes - 1, nodes, nodes + 1, 3 * nodes):
        fleet = SimulatedFleet.from_site(site, MqttSettings(mqtt_broker.url), vehicles=count)
        taken = Counter(fleet.state(vehicle).last_node_id for vehicle in fleet)
        assert len(taken) == min(count, nodes)
        assert max(taken.values()) == -(-count // nodes)
        for vehicle in fleet:
            state = fleet.state(vehicle)
            node, position = site.layout.nodes[state.last_node_id], state.agv_position
            assert position is not None
            assert (position.x, position.y, position.map_id) == (node.x, node.y, node.map_id)


def test_a_restarted_broker_gets_all_vehicles_back(site: Site) -> None:
    port = free_port()
    with ExitStack() as running:
        with broker(port=port) as first:
            fleet = running.enter_context(
                SimulatedFleet.from_site(site, MqttSettings(first.url), vehicles=MANY, speed_up=10)
            )
        again = running.enter_context(broker(port=port))
        with Master(again.url) as master:
            for vehicle in fleet:
                master.await_connection(fleet.address(vehicle), ConnectionState.ONLINE)


def test_the_heartbeat_is_as_told(yard: Site, mqtt_broker: RunningBroker) -> None:
    with (
        Master(mqtt_broker.url) as master,
        SimulatedFleet.from_site(
            yard, MqttSettings(mqtt_broker.url), options=RunOptions(state_interval_s=0.2)
        ) as fleet,
    ):
        address = fleet.address("lift")
        wait_until(lambda: len(master.heard(address, "state")) >= 10)
        sheet = master.await_last(address, "factsheet", lambda _: True)
        assert sheet.protocol_limits["timing"]["defaultStateInterval"] == 0.2  # type: ignore[attr-defined]


def test_a_machine_that_allows_too_few_files_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    allowed: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 1000))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: allowed.append(limits))
    allow_connections(100)
    assert allowed == []
    allow_connections(500)
    assert allowed == [(500 + SPARE_FILES, 1000)]
    with pytest.raises(BanksmanError, match=r"1000 vehicles need 1128 open files and this machine allows 1000; raise"):
        allow_connections(1000)


def test_a_broker_that_refuses_is_quoted(yard: Site) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def refuse() -> None:
            peer, _ = server.accept()
            with closing(peer):
                peer.recv(1024)
                peer.sendall(b"\x20\x02\x00\x05")
                peer.recv(1024)

        doorman = threading.Thread(target=refuse)
        doorman.start()
        url = f"mqtt://127.0.0.1:{server.getsockname()[1]}"
        with (
            pytest.raises(BrokerError, match="did not let us in: Not authorized"),
            SimulatedFleet.from_site(yard, MqttSettings(url)),
        ):
            pass
        doorman.join()


def test_a_broker_that_is_not_there_is_one_error(yard: Site) -> None:
    url = f"mqtt://127.0.0.1:{free_port()}"
    with (
        pytest.raises(BrokerError, match="no MQTT broker answers at 127"),
        SimulatedFleet.from_site(yard, MqttSettings(url), vehicles=50),
    ):
        pass
