"""Faults of the network on a real broker, and faults on command."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from sim_master import Master, wait_until
from sim_world import instantly, order

from banksman_firmware_sim import Fault, FaultKind, RunOptions, SimulatedFleet
from banksman_firmware_sim.cli import sim
from banksman_firmware_sim.faults.schedule import ScheduleError, read_schedule
from banksman_firmware_sim.wire.control import fault_topic
from banksman_shared.broker import RunningBroker, broker
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import Site
from banksman_shared.vda5050 import ConnectionState, State

ONLINE, BROKEN = ConnectionState.ONLINE, ConnectionState.CONNECTIONBROKEN


@pytest.fixture(scope="module")
def mqtt_broker() -> Iterator[RunningBroker]:
    """A broker without other simulators: those of other tests may still run on the common one."""
    with broker() as running:
        yield running


@pytest.fixture
def master(mqtt_broker: RunningBroker) -> Iterator[Master]:
    with Master(mqtt_broker.url) as listening:
        yield listening


@pytest.fixture
def fleet(yard: Site, mqtt_broker: RunningBroker, master: Master) -> Iterator[SimulatedFleet]:
    options = RunOptions(state_interval_s=0.2)
    with SimulatedFleet.from_site(yard, MqttSettings(mqtt_broker.url), speed_up=10, options=options) as running:
        yield running


def headers(master: Master, fleet: SimulatedFleet, vehicle: str = "lift") -> list[int]:
    return [message.header_id for message in master.heard(fleet.address(vehicle), "state")]


# The network


def test_a_vehicle_whose_network_is_away_drives_on_and_comes_back_by_itself(
    fleet: SimulatedFleet, master: Master
) -> None:
    address = fleet.address("lift")
    master.send(address, "order", order("ABCD", address=address))
    master.await_state(address, lambda s: s.driving)
    fleet.inject("lift", Fault(FaultKind.NETWORK_AWAY, seconds=20))
    master.await_connection(address, BROKEN)
    heard = len(headers(master, fleet))
    assert fleet.state("lift").driving
    master.await_connection(address, ONLINE)
    master.await_state(address, lambda s: s.last_node_id == "D" and not s.driving)
    assert len(headers(master, fleet)) > heard
    assert master.heard(fleet.address("tug"), "connection")[-1].header_id == 1  # its last will took the first


def test_lost_states_leave_gaps_and_lost_orders_are_not_driven(fleet: SimulatedFleet, master: Master) -> None:
    address = fleet.address("lift")
    fleet.inject("lift", Fault(FaultKind.MESSAGES_LOST, amount=1.0))
    before = fleet.state("lift").header_id
    master.send(address, "order", order("AB", address=address))
    wait_until(lambda: fleet.state("lift").header_id > before + 3)
    assert fleet.state("lift").order_id == ""
    fleet.clear("lift", FaultKind.MESSAGES_LOST)
    master.await_state(address, lambda s: s.header_id > before + 3)
    assert set(headers(master, fleet)).isdisjoint(range(before + 1, before + 3))
    assert master.heard(address, "connection")[-1].header_id == 1


def test_doubled_messages_arrive_twice_and_are_done_once(fleet: SimulatedFleet, master: Master) -> None:
    address = fleet.address("lift")
    fleet.inject("lift", Fault(FaultKind.MESSAGES_DUPLICATED, amount=1.0))
    master.send(address, "instantActions", instantly("startPause", address=address))
    state = master.await_state(address, lambda s: s.paused is True)
    assert len(state.every_action_state) == 1
    wait_until(lambda: len(headers(master, fleet)) > 8)
    seen = headers(master, fleet)[-6:]
    assert max(seen.count(number) for number in seen) == 2


def test_messages_out_of_order_arrive_all_the_same(fleet: SimulatedFleet, master: Master) -> None:
    fleet.inject("lift", Fault(FaultKind.MESSAGES_REORDERED, amount=1.0))
    wait_until(lambda: headers(master, fleet) != sorted(headers(master, fleet)))
    highest = max(headers(master, fleet))
    wait_until(lambda: set(range(highest)) <= set(headers(master, fleet)))


def test_late_messages_arrive_late(fleet: SimulatedFleet, master: Master) -> None:
    address = fleet.address("lift")
    fleet.inject("lift", Fault(FaultKind.MESSAGES_LATE, amount=30.0))
    wait_until(lambda: fleet.state("lift").header_id > max(headers(master, fleet), default=0) + 5)
    fleet.clear("lift", FaultKind.MESSAGES_LATE)
    assert master.heard(address, "connection")[-1].header_id == 1


def test_a_vehicle_that_reboots_forgets_its_order_and_stays_where_it_is(fleet: SimulatedFleet, master: Master) -> None:
    address = fleet.address("lift")
    master.send(address, "order", order("ABCD", address=address))
    master.await_state(address, lambda s: s.driving)
    fleet.inject("lift", Fault(FaultKind.REBOOT, seconds=10))
    master.await_connection(address, BROKEN)
    where = fleet.state("lift").agv_position
    master.await_connection(address, ONLINE)
    state = master.await_state(address, lambda s: s.order_id == "")
    assert (state.driving, state.node_states, state.agv_position) == (False, (), where)


def test_a_fleet_ends_in_the_middle_of_a_reboot(yard: Site, mqtt_broker: RunningBroker, master: Master) -> None:
    with SimulatedFleet.from_site(yard, MqttSettings(mqtt_broker.url)) as fleet:
        fleet.inject("lift", Fault(FaultKind.REBOOT, seconds=1000))
        master.await_connection(fleet.address("lift"), BROKEN)
    master.await_connection(fleet.address("tug"), ConnectionState.OFFLINE)


# By schedule


def test_a_schedule_happens(yard: Site, mqtt_broker: RunningBroker, master: Master) -> None:
    schedule = read_schedule("faults: [{at: 5, vehicles: lift, kind: network-away, for: 10}]", "test")
    options = RunOptions(schedule=schedule)
    with SimulatedFleet.from_site(yard, MqttSettings(mqtt_broker.url), speed_up=10, options=options) as fleet:
        master.await_connection(fleet.address("lift"), BROKEN)
        master.await_connection(fleet.address("lift"), ONLINE)
        assert len(master.heard(fleet.address("tug"), "connection")) == 1


def test_a_schedule_for_a_vehicle_that_is_not_there_is_refused(yard: Site, mqtt_broker: RunningBroker) -> None:
    schedule = read_schedule("faults: [{at: 5, vehicles: lorry, kind: reboot}]", "test")
    with pytest.raises(ScheduleError, match="'lorry'"):
        SimulatedFleet.from_site(yard, MqttSettings(mqtt_broker.url), options=RunOptions(schedule=schedule))


# On command


def fault(url: str, *arguments: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(sim, ["fault", *arguments, "--mqtt", url])
    return outcome.exit_code, f"{outcome.output}{outcome.exception or ''}"


def test_the_command_gives_and_ends_faults_and_says_what_the_vehicle_has(
    fleet: SimulatedFleet, master: Master, mqtt_broker: RunningBroker
) -> None:
    url, serial = mqtt_broker.url, fleet.address("lift").serial_number
    assert fault(url, serial, "messages-late", "--amount", "0.5") == (0, f"{serial}: messages-late\n")
    assert fault(url, serial, "network-away", "--for", "600") == (0, f"{serial}: messages-late, network-away\n")
    master.await_connection(fleet.address("lift"), BROKEN)
    assert fault(url, serial, "network-away", "--clear") == (0, f"{serial}: messages-late\n")
    master.await_connection(fleet.address("lift"), ONLINE)
    assert fault(url, serial, "--clear") == (0, f"{serial}: no fault\n")
    assert fault(url, serial, "--clear") == (0, f"{serial}: no fault\n")


def test_the_command_knows_vehicles_by_their_id(fleet: SimulatedFleet, mqtt_broker: RunningBroker) -> None:
    assert fault(mqtt_broker.url, "lift", "messages-lost") == (0, "lift: messages-lost\n")
    status, text = fault(mqtt_broker.url, "lorry", "reboot")
    assert status == 1
    assert "no simulated vehicle 'lorry'" in text
    assert "lift, tug" in text


def test_without_a_simulator_the_command_says_so(yard: Site, mqtt_broker: RunningBroker) -> None:
    with SimulatedFleet.from_site(yard, MqttSettings(mqtt_broker.url)):
        pass
    status, text = fault(mqtt_broker.url, "lift", "reboot")
    assert (status, "no simulator is running there" in text) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["lift"], "Name a KIND"),
        (["lift", "flood"], "flood"),
        (["lift", "obstacle", "--for", "-1"], "lasts more than 0 seconds"),
        (["lift", "obstacle", "--amount", "1"], "takes no amount"),
        (["lift", "messages-lost", "--amount", "30"], "share of messages, 0 to 1"),
        (["lift", "obstacle", "--clear", "--for", "3"], "--clear takes neither"),
    ],
)
def test_bad_usage_of_the_command_is_refused(arguments: list[str], reason: str) -> None:
    outcome = CliRunner().invoke(sim, ["fault", *arguments])
    assert outcome.exit_code == 2
    assert reason in outcome.output


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (b"nonsense", "malformed"),
        (b"\xff", ""),
        (b'{"id": "7"}', "needs a 'kind'"),
        (b'{"id": "7", "kind": "flood"}', "flood"),
        (b'{"id": "7", "kind": "reboot", "because": 1}', "because"),
        (b'{"id": "7", "kind": "messages-lost", "amount": 7}', "0 to 1"),
    ],
)
def test_what_is_wrong_with_a_request_is_the_answer(
    request_: bytes, reason: str, fleet: SimulatedFleet, mqtt_broker: RunningBroker
) -> None:
    answers: queue.Queue[bytes] = queue.Queue()
    topic = fault_topic(fleet.address("lift"))
    with MqttLink(MqttSettings(mqtt_broker.url)) as link:
        link.subscribe(f"{topic}/answer", lambda _, payload: answers.put(payload), qos=1)
        link.publish_and_wait(topic, request_)
        answer = json.loads(answers.get(timeout=30))
    assert answer["ok"] is False
    assert reason in answer["error"]
    assert answer["id"] == (
        "7" if request_.startswith(b'{"id": "7", "kind": "messages') or request_ == b'{"id": "7"}' else ""
    )
    assert isinstance(fleet.state("lift"), State)
