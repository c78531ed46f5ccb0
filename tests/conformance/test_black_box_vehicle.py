"""The simulated vehicle from outside, in every version: what it sends, takes and refuses."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bench import Bench, simulator
from black_box import OUTGOING, TIMESTAMP, Json, Witness, schema_of, tapped
from brokers import MOSQUITTO
from diary import zone, zone_set
from matrix import VERSIONS
from papers import about, action, status

from banksman_shared.broker import RunningBroker

ONLY_3_0 = pytest.mark.parametrize("benches", ["3.0.0"], indirect=True)
WITH_MAPS = pytest.mark.parametrize("benches", ["2.1.0", "3.0.0"], indirect=True)


# How messages are sent


@MOSQUITTO
def test_topics_have_the_service_levels_of_the_standard(bench: Bench) -> None:
    bench.accept(bench.order("ABCD"))
    bench.arrive("D")
    seen = len(bench.witness.heard("factsheet"))
    bench.instantly("factsheetRequest")
    bench.witness.wait("factsheet", lambda _: True, seen)
    bench.witness.wait("visualization", lambda _: True)
    levels = {topic: {m.qos for m in bench.witness.heard(topic)} for topic in OUTGOING}
    assert levels == {"state": {0}, "connection": {1}, "factsheet": {0}, "visualization": {0}}


def test_connection_and_factsheet_are_retained_and_nothing_else(bench: Bench, mqtt_broker: RunningBroker) -> None:
    bench.now()
    with Witness(mqtt_broker.url, bench.witness.prefix) as late:
        late.wait("connection", lambda c: c["connectionState"] == "ONLINE")
        late.wait("factsheet", lambda f: "typeSpecification" in f)
        bench.now()
        late.wait("state", lambda _: True)
        retained = {topic for topic in OUTGOING if any(m.retained for m in late.heard(topic))}
    assert retained == {"connection", "factsheet"}


def test_headers_name_vehicle_version_and_time_and_count_by_one(bench: Bench) -> None:
    bench.accept(bench.order("AB"))
    bench.arrive("B")
    _, manufacturer, serial = bench.witness.prefix.rsplit("/", 2)
    for topic in OUTGOING:
        bodies = [m.body for m in bench.witness.heard(topic)]
        assert bodies
        for body in bodies:
            assert (body["version"], body["manufacturer"], body["serialNumber"]) == (
                bench.words.version,
                manufacturer,
                serial,
            )
            assert TIMESTAMP.fullmatch(body["timestamp"])
            age = datetime.now(UTC) - datetime.fromisoformat(body["timestamp"])
            assert abs(age.total_seconds()) < 600
        first = bodies[0]["headerId"]
        assert [body["headerId"] for body in bodies] == list(range(first, first + len(bodies)))


def test_everything_sent_on_an_eventful_journey_fits_the_official_schemas(bench: Bench) -> None:
    bench.refuse(bench.order("DC"))
    pick = action("pick", stationType="floor", loadType="EPAL")
    order = bench.order("ABC", base=2, at={"B": [pick]})
    bench.accept(order)
    bench.state(lambda s: s["driving"])
    halt = bench.instantly("startPause")
    bench.state(lambda s: status(s, halt) == "FINISHED")
    bench.instantly("stopPause")
    bench.instantly("playFanfare")
    bench.state(lambda s: status(s, pick["actionId"]) == "FINISHED")
    cancel = bench.instantly("cancelOrder")
    bench.state(lambda s: status(s, cancel) == "FINISHED")
    for topic in OUTGOING:
        schema = schema_of(bench.words.version, topic)
        faults = [f"{e.json_path}: {e.message}" for m in bench.witness.heard(topic) for e in schema.iter_errors(m.body)]
        assert faults == []


@ONLY_3_0
def test_zone_sets_and_answers_to_requests_are_heard(bench: Bench) -> None:
    y = 10.0 * bench.number
    area = zone("RELEASE", 3.0, 4.0, releaseLossBehavior="STOP")
    area["vertices"] = [{"x": v["x"], "y": v["y"] + y} for v in area["vertices"]]
    bench.witness.send("zoneSet", {**bench.header("zoneSet"), **zone_set(area)})
    bench.state(lambda s: [z["zoneSetId"] for z in s.get("zoneSets", ())] == ["set"])
    bench.instantly("enableZoneSet", zoneSetId="set")
    bench.accept(bench.order("AB"))
    waiting = bench.state(lambda s: bool(s.get("zoneRequests")))
    grant = {"requestId": waiting["zoneRequests"][0]["requestId"], "grantType": "GRANTED"}
    bench.witness.send("responses", {**bench.header("responses"), "responses": [grant]})
    bench.arrive("B")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_connection_has_a_heartbeat_of_15_seconds_and_a_last_will(
    version: str, mqtt_broker: RunningBroker, tmp_path: Path
) -> None:
    """Read from the CONNECT packet (MQTT 3.1.1 §3.1), which is the first thing that a client sends."""
    with tapped(mqtt_broker.url) as (url, packets), simulator(tmp_path, url, version, 1) as benches:
        next(benches)
        packet = next(p for p in packets if b"/connection" in p)
    name = packet.index(b"MQTT")
    flags, heartbeat_s = packet[name + 5], int.from_bytes(packet[name + 6 : name + 8], "big")
    assert (packet[0], heartbeat_s) == (0x10, 15)
    assert flags & 0b0011_1100 == 0b0010_1100, "a will, with quality of service 1, retained"
    broken = "CONNECTION_BROKEN" if version == "3.0.0" else "CONNECTIONBROKEN"
    assert f'"connectionState":"{broken}"'.encode() in packet


# Orders


def test_base_and_horizon_are_reported_and_the_horizon_is_not_entered(bench: Bench) -> None:
    order = bench.order("ABCD", base=2, at={"C": [action("pick")]})
    bench.accept(order)
    waiting = bench.state(lambda s: s["lastNodeId"] == bench.id("B") and not s["driving"])
    assert [(n["nodeId"], n["released"]) for n in waiting["nodeStates"]] == [
        (bench.id("C"), False),
        (bench.id("D"), False),
    ]
    assert [a["actionStatus"] for a in waiting["actionStates"] if a["actionType"] == "pick"] == ["WAITING"]
    bench.accept(bench.order("BC", order_id=order["orderId"], update_id=1, first=2))
    end = bench.arrive("C")
    assert (end["lastNodeSequenceId"], end["errors"]) == (4, [])


def test_an_update_may_delete_the_horizon(bench: Bench) -> None:
    order = bench.order("ABC", base=2, at={"C": [action("pick")]})
    bench.accept(order)
    state = bench.accept(bench.order("B", order_id=order["orderId"], update_id=1, first=2))
    assert [n["nodeId"] for n in state["nodeStates"] if not n["released"]] == []
    assert [a for a in state["actionStates"] if a["actionType"] == "pick"] == []
    bench.arrive("B")


def test_a_node_may_come_twice_in_an_order(bench: Bench) -> None:
    order = bench.order("ABAB")
    bench.accept(order)
    end = bench.state(lambda s: s["lastNodeSequenceId"] == 6)
    passed = [(s["lastNodeId"], s["lastNodeSequenceId"]) for s in bench.states() if s["orderId"] == order["orderId"]]
    assert list(dict.fromkeys(passed)) == [(bench.id(n), 2 * i) for i, n in enumerate("ABAB")]
    assert end["errors"] == []


def test_new_actions_at_the_decision_point_come_on_a_node_of_their_own(bench: Bench) -> None:
    first, second = action("pick"), action("drop")
    order = bench.order("AB", at={"B": [first]})
    bench.accept(order)
    bench.arrive("B")
    update = bench.order("BB", order_id=order["orderId"], update_id=1, first=2)
    update["nodes"][0]["actions"] = [first]
    update["nodes"][1]["actions"] = [second]
    bench.accept(update)
    end = bench.state(lambda s: status(s, second["actionId"]) == "FINISHED")
    assert (end["lastNodeSequenceId"], end["errors"]) == (4, [])
    assert bench.history(first["actionId"])[-1] == "FINISHED"
    assert bench.history(first["actionId"]).count("RUNNING") == 1


@ONLY_3_0
def test_a_new_order_counts_from_zero(bench: Bench) -> None:
    error = bench.refuse(bench.order("AB", first=2))
    assert error["errorType"] == "VALIDATION_FAILURE"


@ONLY_3_0
def test_a_new_order_has_update_id_zero(bench: Bench) -> None:
    bench.refuse(bench.order("AB", update_id=1))
    assert bench.now()["orderId"] == ""


def _no_edge(bench: Bench) -> Json:
    return {**bench.order("AB"), "edges": []}


def _mistyped(bench: Bench) -> Json:
    order = bench.order("AB")
    order["nodes"][1]["sequenceId"] = "two"
    return order


def _unknown_action(bench: Bench) -> Json:
    return bench.order("AB", at={"B": [action("playFanfare")]})


def _far_away(bench: Bench) -> Json:
    return bench.order("DC")


def _unknown_map(bench: Bench) -> Json:
    order = bench.order("AB")
    order["nodes"][1]["nodePosition"]["mapId"] = "cellar"
    return order


@pytest.mark.parametrize(
    ("fault", "old", "new"),
    [
        (_no_edge, "validationError", "VALIDATION_FAILURE"),
        (_unknown_action, "orderError", "INVALID_ORDER_ACTION"),
        (_far_away, "noRouteError", "START_NODE_OUT_OF_RANGE"),
    ],
)
def test_an_order_that_cannot_be_taken_is_refused_by_name_until_another_is_accepted(
    bench: Bench, fault: Any, old: str, new: str
) -> None:
    order = fault(bench)
    error = bench.refuse(order)
    assert (error["errorType"], error["errorLevel"]) == (bench.words.error(old, new), "WARNING")
    after = bench.now()
    assert (after["orderId"], after["nodeStates"], after["actionStates"] if bench.words.new else []) == ("", [], [])
    assert about(after, "orderId", order["orderId"])
    accepted = bench.accept(bench.order("AB"))
    assert accepted["errors"] == []


def test_a_message_that_is_no_order_is_reported_and_harms_nothing(bench: Bench) -> None:
    bench.send_order(_mistyped(bench))
    wanted = bench.words.error("validationError", "VALIDATION_FAILURE")
    bench.state(lambda s: [e["errorType"] for e in s["errors"]] == [wanted])
    assert bench.accept(bench.order("AB"))["errors"] == []


@WITH_MAPS
def test_a_map_that_the_vehicle_does_not_have_is_refused(bench: Bench) -> None:
    error = bench.refuse(_unknown_map(bench))
    if bench.words.new:
        assert (error["errorType"], error["errorLevel"]) == ("UNKNOWN_MAP_ID", "WARNING")
    assert bench.now()["orderId"] == ""


def test_another_order_is_refused_while_one_is_active(bench: Bench) -> None:
    order = bench.order("ABCD")
    bench.accept(order)
    error = bench.refuse(bench.order("AB"))
    expected = bench.words.error("orderUpdateError", "OTHER_ORDER_ACTIVE")
    assert (error["errorType"], error["errorLevel"]) == (expected, "WARNING")
    assert bench.state(lambda s: s["lastNodeId"] == bench.id("B"))["orderId"] == order["orderId"]


def test_an_outdated_update_is_refused_and_the_order_goes_on(bench: Bench) -> None:
    order = bench.order("ABC", base=2)
    bench.accept(order)
    bench.accept(bench.order("BC", order_id=order["orderId"], update_id=2, first=2))
    error = bench.refuse(bench.order("BA", order_id=order["orderId"], update_id=1, first=2))
    expected = bench.words.error("orderUpdateError", "OUTDATED_ORDER_UPDATE")
    assert (error["errorType"], error["errorLevel"]) == (expected, "WARNING")
    assert {"referenceKey": "orderUpdateId", "referenceValue": "1"} in error["errorReferences"]
    end = bench.arrive("C")
    assert about(end, "orderId", order["orderId"]), "the warning stays until a new order is accepted"


def test_the_same_update_again_is_ignored_but_not_with_other_content(bench: Bench) -> None:
    order = bench.order("ABCD")
    bench.accept(order)
    bench.send_order(order)
    assert bench.now()["errors"] == []
    other = {**bench.order("ABC"), "orderId": order["orderId"]}
    if bench.words.new:
        error = bench.refuse(other)
        assert (error["errorType"], error["errorLevel"]) == ("SAME_ORDER_UPDATE_ID", "WARNING")
    else:
        bench.send_order(other)
        assert bench.now()["errors"] == []
    assert bench.arrive("D")["orderId"] == order["orderId"]
