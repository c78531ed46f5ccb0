"""The master speaks 2.0.0, 2.1.0 and 3.0.0, to each vehicle as that one speaks itself."""

from __future__ import annotations

import itertools
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from wire_vehicle import WireVehicle
from yard import commands, go, yard_site

from banksman_edge.fleet import Code, FleetError, FleetService
from banksman_edge.fleet.enquiries import ANSWER_AGAIN_S, FACTSHEET_GRACE_S, FACTSHEET_TRIES, Enquiries
from banksman_edge.fleet.wire import Outgoing, Wire
from banksman_shared.broker import RunningBroker
from banksman_shared.clock import ManualClock
from banksman_shared.errors import MessageError
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import Site
from banksman_shared.vda5050 import (
    VERSIONS,
    BatteryState,
    Connection,
    ConnectionState,
    EdgeRequest,
    EStop,
    InstantActions,
    Load,
    OperatingMode,
    Order,
    RequestStatus,
    RequestType,
    Responses,
    SafetyState,
    State,
    VehicleAddress,
    ZoneRequest,
    codec_for,
)

_runs = itertools.count()


@pytest.fixture
def site() -> Site:
    """The yard, with addresses that nobody used before."""
    return yard_site(f"-v{next(_runs)}")


def until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("version", VERSIONS)
def test_orders_and_stops_go_out_in_the_version_that_is_asked_for(
    site: Site, mqtt_broker: RunningBroker, version: str
) -> None:
    url, strict = mqtt_broker.url, codec_for(version, strict=True)
    with (
        FleetService(site, MqttSettings(url), version=version) as fleet,
        WireVehicle(site, "agv-1", url, version) as car,
    ):
        until(lambda: fleet.vehicles()["agv-1"].idle)
        fleet.submit("j", commands({"action": "pick", "vehicles": ["agv-1"], "to": "dock-1"}))
        order = car.until("order")
        fleet.stop("s", ["agv-1"])
        stop = car.until("instantActions", lambda m: m["actions"][0]["actionType"] == "startPause")
    assert order["version"] == stop["version"] == version
    for kind, document in ((Order, order), (InstantActions, stop)):
        assert strict.decode(kind, json.dumps(document).encode())


def test_a_vehicle_of_an_older_minor_version_is_sent_that_one(site: Site, mqtt_broker: RunningBroker) -> None:
    url = mqtt_broker.url
    with (
        FleetService(site, MqttSettings(url)) as fleet,
        WireVehicle(site, "agv-1", url, "2.0.0") as old,
        WireVehicle(site, "agv-2", url, "2.1.0") as new,
    ):
        until(lambda: all(fleet.vehicles()[v].idle for v in ("agv-1", "agv-2")))
        fleet.submit("j", commands(go("agv-1", "dock-1")))
        fleet.submit("k", commands(go("agv-2", "aisle-9")))
        assert old.until("order")["version"] == "2.0.0"
        assert new.until("order")["version"] == "2.1.0"


def test_a_state_of_3_0_is_understood_as_one_of_2_1_is(site: Site, mqtt_broker: RunningBroker) -> None:
    url = mqtt_broker.url
    seen = []
    for version in ("2.1.0", "3.0.0"):
        with (
            FleetService(site, MqttSettings(url), version=version) as fleet,
            WireVehicle(site, "agv-1", url, version) as car,
        ):
            car.report(
                battery_state=BatteryState(battery_charge=42.0, charging=True),
                loads=(Load(load_id="p"),),
                safety_state=SafetyState(e_stop=EStop.MANUAL, field_violation=False),
                operating_mode=OperatingMode.MANUAL,
                paused=True,
            )
            until(lambda fleet=fleet: fleet.vehicles()["agv-1"].battery == 42.0)  # type: ignore[misc]
            view = fleet.vehicles()["agv-1"]
            assert view.picked is not None
            assert view.picked.id == "p"
            seen.append(replace(view, picked=replace(view.picked, at=0.0)))
    assert seen[0] == seen[1]
    assert (seen[0].loaded, seen[0].emergency_stop, seen[0].automatic, seen[0].paused) == (True, True, False, True)


def test_a_factsheet_of_3_0_counts_before_an_order_goes_out(site: Site, mqtt_broker: RunningBroker) -> None:
    url = mqtt_broker.url
    with (
        FleetService(site, MqttSettings(url), version="3.0.0") as fleet,
        WireVehicle(site, "agv-1", url, "3.0.0") as car,
    ):
        pick = commands({"action": "pick", "vehicles": ["agv-1"], "to": "dock-1"})
        until(lambda: fleet.check(pick) == [])
        car.describe(protocol_features={"agvActions": [{"actionType": "startCharging", "actionScopes": ["NODE"]}]})
        until(lambda: [problem.code for problem in fleet.check(pick)] == [Code.CANNOT])
        with pytest.raises(FleetError, match="agv-1 cannot pick up loads"):
            fleet.submit("j", pick)


def test_a_vehicle_of_3_0_gets_an_answer_to_what_it_asks_for(
    site: Site, mqtt_broker: RunningBroker, caplog: pytest.LogCaptureFixture
) -> None:
    url = mqtt_broker.url
    with (
        caplog.at_level(logging.WARNING),
        FleetService(site, MqttSettings(url), version="3.0.0") as fleet,
        WireVehicle(site, "agv-1", url, "3.0.0") as car,
    ):
        until(lambda: fleet.vehicles()["agv-1"].idle)
        car.report(zone_requests=(zone_request(),), edge_requests=(edge_request(),))
        answer = car.until("responses")
    assert answer["version"] == "3.0.0"
    assert answer["responses"] == [
        {"requestId": "r-1", "grantType": "REJECTED"},
        {"requestId": "r-2", "grantType": "REJECTED"},
    ]
    assert "asks for ACCESS to zone Z: rejected" in caplog.text
    assert "asks for CORRIDOR to edge P1-N3: rejected" in caplog.text


def test_a_version_that_nobody_speaks_is_refused_at_once(site: Site) -> None:
    with pytest.raises(MessageError, match=r"'1\.1\.0' is not spoken here"):
        FleetService(site, MqttSettings("mqtt://localhost"), version="1.1.0")


# Questions and answers, without a broker


def zone_request(status: RequestStatus = RequestStatus.REQUESTED) -> ZoneRequest:
    return ZoneRequest(
        request_id="r-1", request_type=RequestType.ACCESS, zone_id="Z", zone_set_id="S", request_status=status
    )


def edge_request() -> EdgeRequest:
    return EdgeRequest(
        request_id="r-2",
        request_type=RequestType.CORRIDOR,
        edge_id="P1-N3",
        sequence_id=1,
        request_status=RequestStatus.REQUESTED,
    )


ADDRESS = VehicleAddress("Acme", "agv-1")
HEADER: dict[str, Any] = {
    "header_id": 0, "timestamp": "", "version": "", "manufacturer": "Acme", "serial_number": "agv-1"
}  # fmt: skip


@dataclass
class Desk:
    """Enquiries on a clock that the test moves."""

    clock: ManualClock = field(default_factory=ManualClock)
    sent: list[Outgoing] = field(default_factory=list)
    broker_up: bool = True

    def __post_init__(self) -> None:
        self.enquiries = Enquiries(Wire(self._send, self.clock), self.clock)

    def _send(self, _address: VehicleAddress, _topic: str, message: Outgoing) -> bool:
        if self.broker_up:
            self.sent.append(message)
        return self.broker_up

    def state(self, *requests: ZoneRequest, mode: OperatingMode = OperatingMode.AUTOMATIC) -> None:
        message = State(
            **HEADER,
            order_id="",
            order_update_id=0,
            last_node_id="",
            last_node_sequence_id=0,
            driving=False,
            operating_mode=mode,
            node_states=(),
            edge_states=(),
            action_states=(),
            battery_state=BatteryState(battery_charge=80.0, charging=False),
            errors=(),
            safety_state=SafetyState(e_stop=EStop.NONE, field_violation=False),
            zone_requests=requests,
        )
        self.enquiries.take_state(ADDRESS, message)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.2)):
            self.enquiries.tick()
            self.clock.advance(0.2)

    def asked(self) -> int:
        found = [m for m in self.sent if isinstance(m, InstantActions)]
        assert {m.actions[0].action_type for m in found} <= {"factsheetRequest"}
        return len(found)

    def answers(self) -> int:
        return sum(isinstance(m, Responses) for m in self.sent)


def test_a_factsheet_that_nobody_has_is_asked_for_a_few_times() -> None:
    desk = Desk()
    desk.state()
    desk.run(FACTSHEET_GRACE_S - 1)
    assert desk.asked() == 0
    desk.run(120)
    assert desk.asked() == FACTSHEET_TRIES


def test_a_factsheet_that_came_is_not_asked_for() -> None:
    desk = Desk()
    desk.state()
    desk.enquiries.take_factsheet(ADDRESS)
    desk.run(60)
    assert desk.asked() == 0


@pytest.mark.parametrize("mode", sorted(set(OperatingMode) - {OperatingMode.AUTOMATIC, OperatingMode.SEMIAUTOMATIC}))
def test_a_vehicle_that_must_not_be_sent_actions_is_not_asked(mode: OperatingMode) -> None:
    desk = Desk()
    desk.state(mode=mode)
    desk.run(60)
    assert desk.asked() == 0


def test_a_vehicle_that_has_gone_is_asked_once_it_is_back() -> None:
    desk = Desk()
    desk.state()
    desk.enquiries.take_connection(ADDRESS, Connection(**HEADER, connection_state=ConnectionState.OFFLINE))
    desk.run(60)
    assert desk.asked() == 0
    desk.state()
    desk.run(60)
    assert desk.asked() == FACTSHEET_TRIES


def test_a_request_is_answered_once_and_again_if_it_still_stands() -> None:
    desk = Desk()
    for _ in range(3):
        desk.state(zone_request())
    assert desk.answers() == 1
    desk.clock.advance(ANSWER_AGAIN_S)
    desk.state(zone_request())
    assert desk.answers() == 2


def test_a_request_is_answered_when_the_broker_is_back() -> None:
    desk = Desk(broker_up=False)
    desk.state(zone_request())
    desk.broker_up = True
    desk.state(zone_request())
    assert desk.answers() == 1


def test_a_request_that_was_withdrawn_and_made_again_is_new() -> None:
    desk = Desk()
    desk.state(zone_request())
    desk.state()
    desk.state(zone_request())
    assert desk.answers() == 2


def test_what_was_decided_already_needs_no_answer() -> None:
    desk = Desk()
    for status in set(RequestStatus) - {RequestStatus.REQUESTED}:
        desk.state(zone_request(status))
    assert desk.answers() == 0
