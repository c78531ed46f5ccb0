"""Cancellations, instant actions and maps of the simulated vehicle from outside, in every version."""

from __future__ import annotations

import pytest
from bench import Bench
from black_box import Json, fresh
from papers import about, action, status

ONLY_3_0 = pytest.mark.parametrize("benches", ["3.0.0"], indirect=True)
WITH_MAPS = pytest.mark.parametrize("benches", ["2.1.0", "3.0.0"], indirect=True)


# Cancellation


def test_cancelling_keeps_the_ids_and_empties_the_path(bench: Bench) -> None:
    pick = action("pick")
    order = bench.order("ABCD", at={"D": [pick]})
    bench.accept(order)
    bench.state(lambda s: s["driving"] and s["lastNodeId"] == bench.id("C"))
    cancel = bench.instantly("cancelOrder")
    end = bench.state(lambda s: status(s, cancel) == "FINISHED")
    assert (end["driving"], end["nodeStates"], end["edgeStates"]) == (False, [], [])
    assert (end["orderId"], status(end, pick["actionId"])) == (order["orderId"], "FAILED")
    assert bench.history(cancel) in (["RUNNING", "FINISHED"], ["FINISHED"])


def test_an_update_after_a_cancellation_is_refused(bench: Bench) -> None:
    order = bench.order("ABC", base=2)
    bench.accept(order)
    cancel = bench.instantly("cancelOrder")
    bench.state(lambda s: status(s, cancel) == "FINISHED")
    error = bench.refuse(bench.order("BC", order_id=order["orderId"], update_id=1, first=2))
    expected = bench.words.error("orderUpdateError", "ORDER_UPDATE_FOLLOWING_CANCEL")
    assert (error["errorType"], error["errorLevel"]) == (expected, "WARNING")


def test_cancelling_nothing_fails_with_its_own_error(bench: Bench) -> None:
    cancel = bench.instantly("cancelOrder")
    state = bench.state(lambda s: status(s, cancel) == "FAILED")
    (error,) = about(state, "actionId", cancel)
    expected = bench.words.error("noOrderToCancel", "NO_ORDER_TO_CANCEL")
    assert (error["errorType"], error["errorLevel"]) == (expected, "WARNING")


@ONLY_3_0
def test_only_the_order_that_is_named_is_cancelled(bench: Bench) -> None:
    order = bench.order("AB")
    bench.accept(order)
    cancel = bench.instantly("cancelOrder", orderId="another")
    state = bench.state(lambda s: status(s, cancel) == "FAILED")
    assert [e["errorType"] for e in about(state, "actionId", cancel)] == ["NO_ORDER_TO_CANCEL"]
    assert bench.arrive("B")["orderId"] == order["orderId"]
    named = bench.order("BCD")
    bench.accept(named)
    cancel = bench.instantly("cancelOrder", orderId=named["orderId"])
    bench.state(lambda s: status(s, cancel) == "FINISHED")


# Instant actions


def test_instant_actions_are_reported_where_the_version_has_them(bench: Bench) -> None:
    request = bench.instantly("stateRequest")
    state = bench.state(lambda s: status(s, request) == "FINISHED")
    here = "instantActionStates" if bench.words.new else "actionStates"
    assert [a["actionId"] for a in state[here]] == [request]


def test_an_instant_action_that_nobody_knows_fails_with_its_id(bench: Bench) -> None:
    odd = bench.instantly("playFanfare")
    state = bench.state(lambda s: status(s, odd) == "FAILED")
    (error,) = about(state, "actionId", odd)
    assert error["errorLevel"] == "WARNING"
    if bench.words.new:
        assert error["errorType"] == "INVALID_INSTANT_ACTION"
        assert bench.now()["errors"] == [], "it stays until an instant action is accepted"


def test_a_pause_is_prepared_as_running_and_then_finished(bench: Bench) -> None:
    bench.accept(bench.order("ABCD"))
    bench.state(lambda s: s["driving"] and s["lastNodeId"] == bench.id("C"))
    halt = bench.instantly("startPause")
    paused = bench.state(lambda s: status(s, halt) == "FINISHED")
    assert (paused["paused"], paused["driving"]) == (True, False)
    assert set(bench.history(halt)) <= {"RUNNING", "FINISHED"}
    again = bench.instantly("startPause")
    assert bench.state(lambda s: status(s, again) == "FINISHED")["paused"] is True
    go = bench.instantly("stopPause")
    assert bench.state(lambda s: status(s, go) == "FINISHED")["paused"] is False
    again = bench.instantly("stopPause")
    assert bench.state(lambda s: status(s, again) == "FINISHED")["paused"] is False
    bench.arrive("D")


@ONLY_3_0
def test_instant_actions_stay_in_the_state_until_they_are_cleared(bench: Bench) -> None:
    first = bench.instantly("stateRequest")
    bench.state(lambda s: status(s, first) == "FINISHED")
    bench.accept(bench.order("AB"))
    assert status(bench.arrive("B"), first) == "FINISHED"
    clear = bench.instantly("clearInstantActions")
    bench.state(lambda s: status(s, first) is None and status(s, clear) in (None, "FINISHED"))


def test_the_factsheet_comes_when_asked_for(bench: Bench) -> None:
    before = len(bench.witness.heard("factsheet"))
    request = bench.instantly("factsheetRequest")
    bench.witness.wait("factsheet", lambda _: True, before)
    bench.state(lambda s: status(s, request) == "FINISHED")


def test_a_log_is_stored_and_named(bench: Bench) -> None:
    sheet = bench.witness.wait("factsheet", lambda _: True)
    actions = sheet["protocolFeatures"]["mobileRobotActions" if bench.words.new else "agvActions"]
    assert "logReport" in [a["actionType"] for a in actions]
    report = bench.instantly("logReport", reason="a test")
    state = bench.state(lambda s: status(s, report) == "FINISHED")
    entries = [a for name in ("actionStates", "instantActionStates") for a in state.get(name, ())]
    (entry,) = [a for a in entries if a["actionId"] == report]
    assert entry["actionResult" if bench.words.new else "resultDescription"]


# Maps


def _maps(state: Json) -> dict[tuple[str, str], str]:
    return {(m["mapId"], m["mapVersion"]): m["mapStatus"] for m in state["maps"]}


@WITH_MAPS
def test_a_map_is_downloaded_enabled_and_deleted(bench: Bench) -> None:
    before = _maps(bench.now())
    new = {"mapId": fresh("annex"), "mapVersion": "1"}
    load = bench.instantly("downloadMap", **new, mapDownloadLink="https://maps.example/annex.zip")
    loaded = bench.state(lambda s: status(s, load) == "FINISHED")
    assert _maps(loaded) == {**before, (new["mapId"], "1"): "DISABLED"}
    assert bench.history(load)[-1] == "FINISHED"
    again = bench.instantly("downloadMap", **new, mapDownloadLink="https://maps.example/annex.zip")
    refused = bench.state(lambda s: status(s, again) == "FAILED")
    errors = about(refused, "actionId", again) or about(refused, "mapId", new["mapId"])
    assert [e["errorLevel"] for e in errors] == ["WARNING"]
    assert bench.words.error("x", errors[0]["errorType"]) in ("x", "DUPLICATE_MAP")
    second = {"mapId": new["mapId"], "mapVersion": "2"}
    bench.instantly("downloadMap", **second, mapDownloadLink="https://maps.example/annex-2.zip")
    bench.state(lambda s: (new["mapId"], "2") in _maps(s))
    for version, other in (("1", "2"), ("2", "1")):
        enable = bench.instantly("enableMap", mapId=new["mapId"], mapVersion=version)
        enabled = _maps(bench.state(lambda s, enable=enable: status(s, enable) == "FINISHED"))
        assert (enabled[new["mapId"], version], enabled[new["mapId"], other]) == ("ENABLED", "DISABLED")
    delete = bench.instantly("deleteMap", **new)
    assert (new["mapId"], "1") not in _maps(bench.state(lambda s: status(s, delete) == "FINISHED"))
    for kind in ("enableMap", "deleteMap"):
        gone = bench.instantly(kind, **new)
        bench.state(lambda s, gone=gone: status(s, gone) == "FAILED")


@WITH_MAPS
def test_the_map_in_use_is_listed_enabled_and_cannot_be_deleted(bench: Bench) -> None:
    state = bench.now()
    in_use = bench.words.position(state)["mapId"]
    (version,) = [v for (name, v), st in _maps(state).items() if name == in_use and st == "ENABLED"]
    delete = bench.instantly("deleteMap", mapId=in_use, mapVersion=version)
    kept = bench.state(lambda s: status(s, delete) == "FAILED")
    assert _maps(kept)[in_use, version] == "ENABLED"
