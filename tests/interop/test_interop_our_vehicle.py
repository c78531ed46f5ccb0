"""Our vehicles under other people's masters."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from interop_peers import PEERS, Peer
from interop_world import (
    MANUFACTURER,
    Json,
    Lane,
    Wire,
    action,
    arrived,
    done_once,
    errors_about,
    fresh,
    status_of,
    write_site,
)

from banksman_firmware_sim import Dialect, RunOptions, SimulatedFleet
from banksman_shared.broker import RunningBroker
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import load_site
from banksman_shared.vda5050 import VehicleAddress

LANES = 16
SPEED_UP = 15
FAR_M = 1000.0
PALLET = {"stationType": "floor", "loadType": "EPAL"}


@contextmanager
def from_the_command_line(site: Path, url: str, version: str) -> Iterator[None]:
    """The vehicles as ``banksman sim run`` puts them on a broker."""
    command = "from banksman_shared.cli import main; main()"
    options = ["--site", str(site), "--mqtt", url, "--vda-version", version, "--speed-up", str(SPEED_UP)]
    with subprocess.Popen([sys.executable, "-c", command, "sim", "run", *options], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        yield
        process.terminate()
        assert process.wait(30) == 0


@contextmanager
def in_process(site: Path, url: str, version: str) -> Iterator[None]:
    options = RunOptions(Dialect(version=version))
    with SimulatedFleet.from_site(load_site(site), MqttSettings(url), speed_up=SPEED_UP, options=options):
        yield


OURS = {"vda-5050-lib": from_the_command_line, "vda5050-sdk": in_process}


@dataclass
class Master:
    """A peer that is master control, and the vehicles that it has for its tests."""

    peer: Peer
    name: str
    lanes: Iterator[Lane]


@pytest.fixture(scope="module", params=PEERS)
def master(
    request: pytest.FixtureRequest, mqtt_broker: RunningBroker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Master]:
    start, version = PEERS[request.param]
    name, lanes = fresh("hall"), [Lane(i) for i in range(1, LANES + 1)]
    site = write_site(tmp_path_factory.mktemp("site"), lanes, name)
    with start("master", mqtt_broker.url) as peer, OURS[request.param](site, mqtt_broker.url, version):
        yield Master(peer, name, iter(lanes))


@dataclass
class Run:
    """One vehicle, its lane, its master, and a witness."""

    master: Peer
    lane: Lane
    wire: Wire

    def order(self, order: Json) -> None:
        self.master.tell("order", vehicle=self.wire.name, order=order)

    def resend(self, order: Json) -> None:
        """Past the peer's own checks."""
        self.master.tell("resend", vehicle=self.wire.name, order=order)

    def instantly(self, kind: str) -> str:
        """Send an instant action. Returns its id."""
        document = action(kind, "NONE")
        self.master.tell("instant", vehicle=self.wire.name, actions=[document])
        return str(document["actionId"])

    def told_of(self, action_id: str, status: str) -> None:
        """The peer has understood what became of an action."""
        self.master.expect("action", actionId=action_id, status=status)


@pytest.fixture
def run(master: Master, mqtt_broker: RunningBroker) -> Iterator[Run]:
    lane = next(master.lanes)
    with Wire(mqtt_broker.url, VehicleAddress(MANUFACTURER, f"{master.name}-{lane.number}")) as wire:
        master.peer.expect("connection", serialNumber=wire.address.serial_number, state="ONLINE")
        yield Run(master.peer, lane, wire)
        assert master.peer.unread(wire.address) == []


def finished(action_id: str) -> Callable[[Json], bool]:
    return lambda state: status_of(state, action_id) == "FINISHED"


def test_a_load_is_picked_and_dropped_after_a_stitched_update(run: Run) -> None:
    lane, wire = run.lane, run.wire
    pick, drop = (action(kind, **PALLET) for kind in ("pick", "drop"))
    order = lane.order("ABC", at={"B": [pick]})
    order["nodes"][2]["released"] = order["edges"][1]["released"] = False
    run.order(order)
    horizon = wire.state(lambda s: s["orderId"] == order["orderId"] and len(s["nodeStates"]) > 0)
    assert [n["released"] for n in horizon["nodeStates"]][-1] is False
    loaded = wire.state(lambda s: bool(s.get("loads")))
    assert loaded["lastNodeId"] == lane.id("B")
    assert wire.state(lambda s: s.get("newBaseRequest") is True)["orderId"] == order["orderId"]
    update = {
        **order,
        "orderUpdateId": 1,
        "nodes": [lane.node("B", 2), lane.node("C", 4, drop)],
        "edges": [lane.edge("B", "C", 3)],
    }
    run.order(update)
    end = wire.state(lambda s: s["orderUpdateId"] == 1 and arrived(lane.id("C"))(s))
    assert (end["loads"], end["errors"]) == ([], [])
    assert {status_of(end, a["actionId"]) for a in (pick, drop)} == {"FINISHED"}
    for document in (pick, drop):
        assert done_once(wire.history(document["actionId"]))
        run.told_of(document["actionId"], "FINISHED")


def test_an_update_on_the_way_is_stitched_to_the_order(run: Run) -> None:
    lane, wire = run.lane, run.wire
    pick = action("pick", **PALLET)
    order = lane.order("AB", at={"B": [pick]})
    run.order(order)
    # A master extends what it knows to have been taken.
    run.told_of(pick["actionId"], "WAITING")
    update = {"nodes": [lane.node("B", 2, pick), lane.node("C", 4)], "edges": [lane.edge("B", "C", 3)]}
    run.order({**order, "orderUpdateId": 1, **update})
    end = wire.state(lambda s: s["orderUpdateId"] == 1 and arrived(lane.id("C"))(s))
    assert end["errors"] == []
    # The update names the action of the shared node again, and it is done once.
    assert done_once(wire.history(pick["actionId"]))


def test_a_vehicle_pauses_where_it_is_and_goes_on(run: Run) -> None:
    lane, wire = run.lane, run.wire
    run.order(lane.order("ABC"))
    wire.state(lambda s: s["driving"])
    pause = run.instantly("startPause")
    paused = wire.state(finished(pause))
    assert (paused["paused"], paused["driving"]) == (True, False)
    assert paused["nodeStates"]
    run.told_of(pause, "FINISHED")
    resume = run.instantly("stopPause")
    assert wire.state(finished(resume))["paused"] is False
    run.told_of(resume, "FINISHED")
    assert wire.state(arrived(lane.id("C")))["errors"] == []


def test_a_cancelled_order_is_gone_and_a_new_one_is_taken_from_there(run: Run) -> None:
    lane, wire = run.lane, run.wire
    pick = action("pick", **PALLET)
    order = lane.order("ABC", at={"C": [pick]})
    run.order(order)
    wire.state(lambda s: s["driving"] and s["lastNodeId"] == lane.id("B"))
    cancel = run.instantly("cancelOrder")
    gone = wire.state(finished(cancel))
    assert (gone["nodeStates"], gone["edgeStates"], gone["driving"]) == ([], [], False)
    assert (gone["orderId"], status_of(gone, pick["actionId"])) == (order["orderId"], "FAILED")
    assert lane.names["B"] <= gone["agvPosition"]["x"] < lane.names["C"]
    run.told_of(cancel, "FINISHED")
    back = lane.order("BA")
    here = gone["agvPosition"]["x"] - lane.names["B"]
    back["nodes"][0]["nodePosition"]["allowedDeviationXY"] = here + 0.5
    run.order(back)
    end = wire.state(lambda s: s["orderId"] == back["orderId"] and arrived(lane.id("A"))(s))
    assert end["errors"] == []


def test_there_may_be_nothing_to_cancel(run: Run) -> None:
    cancel = run.instantly("cancelOrder")
    state = run.wire.state(lambda s: status_of(s, cancel) is not None)
    assert status_of(state, cancel) == "FAILED"
    assert errors_about(state, "actionId", cancel) == ["noOrderToCancel"]
    run.told_of(cancel, "FAILED")


def test_an_order_is_over_when_it_is_done_and_cannot_be_cancelled_any_more(run: Run) -> None:
    lane, wire = run.lane, run.wire
    run.order(lane.order("AB"))
    wire.state(arrived(lane.id("B")))
    cancel = run.instantly("cancelOrder")
    state = wire.state(lambda s: status_of(s, cancel) is not None)
    assert status_of(state, cancel) == "FAILED"
    assert errors_about(state, "actionId", cancel) == ["noOrderToCancel"]


def test_an_order_that_begins_far_away_is_refused(run: Run) -> None:
    lane, wire = run.lane, run.wire
    order = lane.order("AB")
    for node in order["nodes"]:
        node["nodePosition"]["x"] += FAR_M
        node["nodeId"] = fresh("elsewhere")
    order["edges"][0].update(startNodeId=order["nodes"][0]["nodeId"], endNodeId=order["nodes"][1]["nodeId"])
    run.resend(order)
    state = wire.state(lambda s: bool(s["errors"]))
    assert len(errors_about(state, "orderId", order["orderId"])) == 1
    assert (state["orderId"], state["nodeStates"], state["driving"]) == ("", [], False)
    assert {error["errorLevel"] for error in state["errors"]} == {"WARNING"}
    # It is not offended: the next order is taken, and the error goes.
    good = lane.order("AB")
    run.order(good)
    assert wire.state(arrived(lane.id("B")))["errors"] == []


def test_an_order_with_an_unknown_action_is_refused_as_a_whole(run: Run) -> None:
    lane, wire = run.lane, run.wire
    order = lane.order("AB", at={"B": [action("playFanfare")]})
    run.resend(order)
    state = wire.state(lambda s: bool(s["errors"]))
    assert errors_about(state, "orderId", order["orderId"]) == ["orderError"]
    assert (state["orderId"], state["nodeStates"], state["actionStates"]) == ("", [], [])


def test_an_order_that_comes_twice_is_done_once(run: Run) -> None:
    lane, wire = run.lane, run.wire
    pick = action("pick", **PALLET)
    order = lane.order("AB", at={"B": [pick]})
    run.order(order)
    wire.state(lambda s: status_of(s, pick["actionId"]) is not None)
    run.resend(order)
    end = wire.state(arrived(lane.id("B")))
    assert done_once(wire.history(pick["actionId"]))
    run.resend(order)
    probe = run.instantly("stateRequest")
    after = wire.state(finished(probe))
    assert (after["orderId"], after["nodeStates"], after["errors"]) == (order["orderId"], [], [])
    assert end["errors"] == []
    assert all(not state["errors"] for state in wire.all("state"))
    visited = [node for node, _ in itertools.groupby(s["lastNodeId"] for s in wire.all("state"))]
    assert visited == [lane.id(name) for name in "AB"]


def test_an_update_older_than_the_order_is_refused(run: Run) -> None:
    lane, wire = run.lane, run.wire
    newer = {**lane.order("AB"), "orderUpdateId": 3}
    run.resend(newer)
    wire.state(arrived(lane.id("B")))
    run.resend({**newer, "orderUpdateId": 2})
    state = wire.state(lambda s: bool(s["errors"]))
    assert errors_about(state, "orderId", newer["orderId"]) == ["orderUpdateError"]
    assert errors_about(state, "orderUpdateId", "2") == ["orderUpdateError"]
    assert state["orderUpdateId"] == 3


def test_an_instant_action_that_nobody_knows_fails(run: Run) -> None:
    odd = run.instantly("playFanfare")
    state = run.wire.state(lambda s: status_of(s, odd) is not None)
    assert status_of(state, odd) == "FAILED"
    run.told_of(odd, "FAILED")
