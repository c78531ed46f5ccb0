"""The master from outside, in every version: what it sends to a vehicle made of JSON, and how it reads it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bench import write_site
from black_box import MANUFACTURER, PATIENCE_S, TIMESTAMP, Wording, fresh, schema_of
from brokers import MOSQUITTO
from matrix import VERSIONS
from paper_vehicle import PaperVehicle

from banksman_edge.fleet import Code, FleetError, FleetService, JobStatus, OrderEvent
from banksman_shared.broker import RunningBroker
from banksman_shared.commands import parse_commands
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import load_site

ONLY_3_0 = pytest.mark.parametrize("words", ["3.0.0"], indirect=True)
_jobs = itertools.count()


@dataclass
class Bench:
    """A master and one vehicle, v0, that stands on A and is automatic."""

    words: Wording
    vehicle: PaperVehicle
    fleet: FleetService
    events: list[OrderEvent] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    charge: float = 80.0

    def hear(self, event: OrderEvent) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def submit(self, action: str, **details: Any) -> str:
        job = f"job-{next(_jobs)}"
        self.fleet.submit(job, parse_commands([{"action": action, "vehicles": ["v0"], **details}]))
        return job

    def refused(self, action: str, **details: Any) -> Code:
        with pytest.raises(FleetError) as refusal:
            self.submit(action, **details)
        return refusal.value.code

    def until(self, job: str, *statuses: JobStatus) -> OrderEvent:
        """The first event of a job with one of these statuses."""

        def found() -> OrderEvent | None:
            return next((e for e in self.events if e.job == job and e.status in statuses), None)

        with self.changed:
            assert self.changed.wait_for(lambda: found() is not None, PATIENCE_S), self.events
            event = found()
            assert event is not None
            return event

    def tell(self, **changes: Any) -> None:
        """Have the vehicle publish a state, and wait until the fleet has read it."""
        self.charge -= 1.0
        self.vehicle.say(**changes, charge=self.charge)
        self.see(battery=self.charge)

    def see(self, **wanted: object) -> None:
        """Wait until the fleet's view of the vehicle is as wanted."""
        waiting = threading.Event()
        for _ in range(int(PATIENCE_S / 0.02)):
            view = self.fleet.vehicles()["v0"]
            if all(getattr(view, name) == value for name, value in wanted.items()):
                return
            waiting.wait(0.02)
        raise AssertionError(self.fleet.vehicles()["v0"])


@pytest.fixture(params=VERSIONS)
def words(request: pytest.FixtureRequest) -> Wording:
    return Wording(request.param)


@pytest.fixture
def bench(words: Wording, mqtt_broker: RunningBroker, tmp_path: Path) -> Iterator[Bench]:
    name = fresh("yard")
    write_site(tmp_path, name, 1)
    site = load_site(tmp_path)
    with PaperVehicle(mqtt_broker.url, words, f"{name}-0") as vehicle:
        vehicle.introduce()
        vehicle.connect()
        fleet = FleetService(site, MqttSettings(mqtt_broker.url), version=words.version)
        bench = Bench(words, vehicle, fleet)
        fleet.listen(bench.hear)
        with fleet:
            vehicle.say()
            bench.see(idle=True)
            yield bench


@MOSQUITTO
def test_orders_and_instant_actions_are_sent_once_at_most_and_not_retained(bench: Bench) -> None:
    job = bench.submit("move", to="b0")
    bench.until(job, JobStatus.ACCEPTED)
    bench.submit("stop")
    bench.vehicle.action("startPause")
    sent = [*bench.vehicle.heard("order"), *bench.vehicle.heard("instantActions")]
    assert {(m.topic, m.qos, m.retained) for m in sent} == {("order", 0, False), ("instantActions", 0, False)}


def test_headers_name_vehicle_version_and_time_and_count_by_one(bench: Bench) -> None:
    job = bench.submit("move", to="b0")
    bench.until(job, JobStatus.ACCEPTED)
    for action in ("stop", "resume"):
        bench.until(bench.submit(action), JobStatus.DONE)
    bench.submit("cancel")
    bench.vehicle.action("cancelOrder")
    for topic in ("order", "instantActions"):
        bodies = [m.body for m in bench.vehicle.heard(topic)]
        assert [body["headerId"] for body in bodies] == list(range(len(bodies)))
        for body in bodies:
            named = (body["version"], body["manufacturer"], body["serialNumber"])
            assert named == (bench.words.version, MANUFACTURER, bench.vehicle.serial)
            assert TIMESTAMP.fullmatch(body["timestamp"])
            age = datetime.now(UTC) - datetime.fromisoformat(body["timestamp"])
            assert abs(age.total_seconds()) < 600


def test_everything_sent_fits_the_official_schemas(bench: Bench) -> None:
    job = bench.submit("pick", to="c0")
    bench.until(job, JobStatus.ACCEPTED)
    for action in ("stop", "resume"):
        bench.until(bench.submit(action), JobStatus.DONE)
    bench.submit("cancel")
    bench.vehicle.action("cancelOrder")
    for topic in ("order", "instantActions"):
        schema = schema_of(bench.words.version, topic)
        faults = [f"{e.json_path}: {e.message}" for m in bench.vehicle.heard(topic) for e in schema.iter_errors(m.body)]
        assert faults == []


def test_ids_are_made_of_the_recommended_characters(bench: Bench) -> None:
    bench.until(bench.submit("pick", to="c0"), JobStatus.ACCEPTED)
    order = bench.vehicle.order()
    parts = [*order["nodes"], *order["edges"]]
    ids = [order["orderId"], *(p.get("nodeId") or p["edgeId"] for p in parts)]
    ids += [a["actionId"] for part in parts for a in part["actions"]]
    assert [i for i in ids if not i or not all(c.isascii() and (c.isalnum() or c in "_-.:") for c in i)] == []


def test_an_order_begins_where_the_vehicle_is_and_counts_from_zero(bench: Bench) -> None:
    bench.until(bench.submit("move", to="c0"), JobStatus.ACCEPTED)
    order = bench.vehicle.heard("order")[0].body
    assert order["orderUpdateId"] == 0
    assert (order["nodes"][0]["nodeId"], order["nodes"][0]["sequenceId"], order["nodes"][0]["released"]) == (
        "A0",
        0,
        True,
    )
    assert [n["sequenceId"] for n in order["nodes"]] == list(range(0, 2 * len(order["nodes"]), 2))
    assert [e["sequenceId"] for e in order["edges"]] == list(range(1, 2 * len(order["nodes"]) - 1, 2))


def test_an_order_has_only_the_optional_fields_that_the_factsheet_lists(bench: Bench) -> None:
    bench.until(bench.submit("move", to="c0"), JobStatus.ACCEPTED)
    order = bench.vehicle.order()
    required_of_node = {"nodeId", "sequenceId", "released", "actions", "nodePosition"}
    required_of_edge = {"edgeId", "sequenceId", "released", "actions", "startNodeId", "endNodeId"}
    assert {key for node in order["nodes"] for key in node} <= required_of_node
    assert {key for node in order["nodes"] for key in node["nodePosition"]} <= {"x", "y", "mapId"}
    assert {key for edge in order["edges"] for key in edge} <= required_of_edge


def test_a_stop_is_confirmed_wherever_the_version_reports_it(bench: Bench) -> None:
    bench.tell(driving=True, paused=None)
    bench.until(bench.submit("stop"), JobStatus.DONE, JobStatus.LATE)
    bench.tell(driving=False)
    bench.see(stopped=True)
    assert bench.vehicle.actions().count("startPause") >= 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("validationError", "VALIDATION_FAILURE"),
        ("orderError", "UNSUPPORTED_PARAMETER"),
        ("orderError", "INVALID_ORDER_ACTION"),
        ("orderUpdateError", "OTHER_ORDER_ACTIVE"),
        ("noRouteError", "START_NODE_OUT_OF_RANGE"),
        ("noRouteError", "NO_ROUTE_TO_TARGET"),
        ("orderError", "MOBILE_ROBOT_NOT_AVAILABLE"),
        ("orderError", "UNKNOWN_MAP_ID"),
        ("makersOwnError", "MAKERS_OWN_ERROR"),
    ],
)
def test_a_refusal_ends_the_job_with_a_sentence(bench: Bench, old: str, new: str) -> None:
    bench.vehicle.refuse_with = bench.words.error(old, new)
    event = bench.until(bench.submit("move", to="b0"), JobStatus.FAILED)
    assert event.code not in (None, Code.NOT_ACKNOWLEDGED, Code.TOO_LATE)
    assert "v0" in event.detail
    assert bench.words.error(old, new) not in event.detail or old == "makersOwnError"
    assert len(bench.vehicle.heard("order")) == 1


@pytest.mark.parametrize("mode", ["MANUAL", "SERVICE", "TEACHIN"])
def test_no_order_goes_to_a_vehicle_that_somebody_else_controls(bench: Bench, mode: str) -> None:
    bench.tell(operatingMode="TEACH_IN" if bench.words.new and mode == "TEACHIN" else mode)
    bench.see(automatic=False)
    assert bench.refused("move", to="b0") is Code.MANUAL
    assert bench.vehicle.heard("order") == []


def test_a_semiautomatic_vehicle_is_commanded(bench: Bench) -> None:
    bench.tell(operatingMode="SEMIAUTOMATIC")
    bench.until(bench.submit("move", to="b0"), JobStatus.ACCEPTED)


@ONLY_3_0
@pytest.mark.parametrize("mode", ["STARTUP", "INTERVENED"])
def test_no_order_goes_to_a_vehicle_that_starts_or_is_intervened(bench: Bench, mode: str) -> None:
    bench.tell(operatingMode=mode)
    bench.see(automatic=False)
    assert bench.refused("move", to="b0") is Code.MANUAL


@pytest.mark.parametrize(
    ("level", "works"), [("WARNING", True), ("URGENT", True), ("CRITICAL", True), ("FATAL", False)]
)
def test_only_a_fatal_error_keeps_a_vehicle_from_new_orders(bench: Bench, level: str, works: bool) -> None:
    if not bench.words.new and level in ("URGENT", "CRITICAL"):
        level = "WARNING"
    bench.tell(errors=[{"errorType": "someError", "errorLevel": level, "errorReferences": []}])
    bench.see(errors=("someError",))
    if works:
        bench.until(bench.submit("move", to="b0"), JobStatus.ACCEPTED)
    else:
        assert bench.refused("move", to="b0") is Code.VEHICLE_ERROR


def test_information_decides_nothing(bench: Bench) -> None:
    info = {"infoType": "emergency", "infoLevel": "INFO", "infoDescription": "FATAL: do not use this vehicle"}
    bench.tell(information=[info])
    job = bench.submit("move", to="b0")
    bench.until(job, JobStatus.ACCEPTED)
    bench.vehicle.drive("B")
    bench.until(job, JobStatus.DONE)


def test_texts_in_any_script_are_read(bench: Bench) -> None:
    error = {
        "errorType": "motor",
        "errorLevel": "FATAL",
        "errorReferences": [],
        "errorDescription": "モーター停止 ⚠ Störung",
    }
    bench.tell(errors=[error])
    bench.see(fatal=True, errors=("motor: モーター停止 ⚠ Störung",))


def test_a_position_that_is_not_to_be_trusted_keeps_the_vehicle_from_orders(bench: Bench) -> None:
    bench.tell(localised=False)
    bench.see(initialised=False)
    assert bench.refused("move", to="b0") is Code.NOT_LOCALISED


@pytest.mark.parametrize("state", ["OFFLINE", "CONNECTIONBROKEN", "HIBERNATING"])
def test_nothing_is_sent_to_a_vehicle_that_is_not_online(bench: Bench, state: str) -> None:
    if state == "HIBERNATING" and not bench.words.new:
        state = "OFFLINE"
    bench.vehicle.connect("CONNECTION_BROKEN" if bench.words.new and state == "CONNECTIONBROKEN" else state)
    bench.see(connected=False)
    assert bench.refused("move", to="b0") is Code.OFFLINE
    assert bench.vehicle.heard("order") == []


@ONLY_3_0
def test_instant_actions_block_nothing_and_are_cleared_when_they_have_ended(bench: Bench) -> None:
    bench.until(bench.submit("stop"), JobStatus.DONE)
    bench.until(bench.submit("resume"), JobStatus.DONE)
    assert bench.vehicle.action("startPause")["blockingType"] == "NONE"
    bench.vehicle.action("clearInstantActions")


@ONLY_3_0
@MOSQUITTO
def test_answers_to_requests_are_sent_once_at_most_and_not_retained(bench: Bench) -> None:
    request = {
        "requestId": "r1",
        "requestType": "ACCESS",
        "zoneId": "z",
        "zoneSetId": "s",
        "requestStatus": "REQUESTED",
    }
    bench.vehicle.say(zoneRequests=[request])
    answer = bench.vehicle.wait("responses")
    assert [(r["requestId"], r["grantType"]) for r in answer["responses"]] == [("r1", "REJECTED")]
    assert {(m.qos, m.retained) for m in bench.vehicle.heard("responses")} == {(0, False)}
