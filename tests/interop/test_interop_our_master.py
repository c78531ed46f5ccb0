"""Other people's vehicles under our master."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from interop_peers import PEERS, Peer
from interop_world import (
    MANUFACTURER,
    MAP,
    PATIENCE_S,
    Json,
    Lane,
    Wire,
    arrived,
    errors_about,
    fresh,
    status_of,
    write_site,
)

from banksman_edge.fleet import Code, FleetError, FleetService, JobStatus, OrderEvent
from banksman_shared.broker import RunningBroker
from banksman_shared.commands import Command, parse_commands
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import load_site
from banksman_shared.vda5050 import VehicleAddress

TIME_LAPSE = 10


@dataclass(frozen=True)
class Vehicles:
    """A peer that puts vehicles on the broker, and the version of the standard that they speak."""

    peer: Peer
    version: str


@pytest.fixture(scope="module", params=PEERS)
def vehicles(request: pytest.FixtureRequest, mqtt_broker: RunningBroker) -> Iterator[Vehicles]:
    start, version = PEERS[request.param]
    with start("vehicle", mqtt_broker.url) as peer:
        yield Vehicles(peer, version)


@dataclass
class News:
    """What a fleet's listener heard."""

    events: list[OrderEvent] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def hear(self, event: OrderEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait(self, job: str, status: JobStatus) -> OrderEvent:
        """The news of a job, once there is such. A job that ends otherwise fails the test at once."""
        event = self._wait(job, lambda e: e.status is status or e.status.ended)
        assert event.status is status, event
        return event

    def _wait(self, job: str, holds: Callable[[OrderEvent], bool]) -> OrderEvent:
        def found() -> OrderEvent | None:
            return next((e for e in self.events if e.job == job and holds(e)), None)

        with self._changed:
            assert self._changed.wait_for(lambda: found() is not None, PATIENCE_S), self.events
            event = found()
            assert event is not None
            return event


@dataclass
class Run:
    """Our master, a peer's vehicle v1 at the A of its lane, and a witness."""

    lane: Lane
    wire: Wire
    fleet: FleetService
    news: News

    def submit(self, job: str, **command: Any) -> None:
        self.fleet.submit(job, _commands(**command))


def _commands(**command: Any) -> tuple[Command, ...]:
    return parse_commands([{"vehicles": ["v1"], **command}])


@pytest.fixture
def circumstances(request: pytest.FixtureRequest) -> Json:
    """What is special about the vehicle of a test: what it loses, what it refuses."""
    return dict(getattr(request, "param", {}))


@pytest.fixture
def run(vehicles: Vehicles, circumstances: Json, mqtt_broker: RunningBroker, tmp_path: Path) -> Iterator[Run]:
    name, lane, news = fresh("hall"), Lane(1), News()
    site, settings = load_site(write_site(tmp_path, [lane], name)), MqttSettings(mqtt_broker.url)
    with Wire(mqtt_broker.url, VehicleAddress(MANUFACTURER, f"{name}-1")) as wire:
        at = {"x": lane.names["A"], "y": lane.y, "mapId": MAP, "lastNodeId": lane.id("A")}
        vehicles.peer.tell("vehicle", vehicle=wire.name, at=at, timeLapse=TIME_LAPSE, **circumstances)
        vehicles.peer.expect("started", serialNumber=wire.address.serial_number)
        with FleetService(site, settings, version=vehicles.version) as fleet:
            fleet.listen(news.hear)
            _await_idle(fleet)
            yield Run(lane, wire, fleet, news)


def _await_idle(fleet: FleetService) -> None:
    waiting = threading.Event()
    for _ in range(int(PATIENCE_S / 0.05)):
        if fleet.vehicles()["v1"].idle:
            return
        waiting.wait(0.05)
    raise AssertionError(fleet.vehicles())


def sent_actions(wire: Wire, kind: str) -> list[Json]:
    """The instant actions of a kind that our master sent."""
    messages = wire.all("instantActions")
    return [action for message in messages for action in message["actions"] if action["actionType"] == kind]


def test_a_load_is_fetched_and_brought(run: Run) -> None:
    run.submit("t", action="transport", **{"from": "b1", "to": "c1"})
    run.news.wait("t", JobStatus.DONE)
    end = run.wire.state(arrived(run.lane.id("C")))
    orders = run.wire.all("order")
    assert {order["orderId"] for order in orders} == {end["orderId"]}
    sent = {o["orderUpdateId"]: [a for node in o["nodes"] for a in node["actions"]] for o in orders}
    work = [action for actions in sent.values() for action in actions]
    # Were an action sent again with an update, some vehicles would do it again.
    assert [action["actionType"] for action in work] == ["pick", "drop"]
    loads = [bool(loads) for loads, _ in itertools.groupby(s.get("loads") for s in run.wire.all("state"))]
    assert loads[-2:] == [True, False]
    assert [run.wire.history(action["actionId"])[-1] for action in work] == ["FINISHED", "FINISHED"]


def test_a_stop_is_confirmed_by_the_state_and_a_resume_ends_it(run: Run) -> None:
    run.submit("m", action="move", to="c1")
    run.wire.state(lambda s: s["driving"])
    run.fleet.stop("s", ["v1"])
    run.news.wait("s", JobStatus.DONE)
    assert run.wire.state(lambda s: s["paused"])["nodeStates"]
    assert run.fleet.vehicles()["v1"].stopped
    run.fleet.resume("r", ["v1"])
    run.news.wait("r", JobStatus.DONE)
    run.news.wait("m", JobStatus.DONE)
    assert run.wire.state(arrived(run.lane.id("C")))["paused"] is False


def test_an_order_is_cancelled_on_the_way_and_the_vehicle_goes_elsewhere(run: Run) -> None:
    run.submit("m", action="move", to="c1")
    run.wire.state(lambda s: s["driving"] and s["lastNodeId"] == run.lane.id("B"))
    run.fleet.cancel("k", ["v1"])
    run.news.wait("m", JobStatus.CANCELLED)
    run.news.wait("k", JobStatus.DONE)
    cancel = run.wire.instant_action("cancelOrder")
    gone = run.wire.state(lambda s: status_of(s, cancel) == "FINISHED")
    assert (gone["nodeStates"], gone["edgeStates"], gone["driving"]) == ([], [], False)
    run.submit("h", action="move", to="a1")
    run.news.wait("h", JobStatus.DONE)
    assert run.fleet.vehicles()["v1"].node == run.lane.id("A")


def test_a_stop_outlives_the_order_that_it_stopped(run: Run) -> None:
    run.submit("m", action="move", to="c1")
    run.wire.state(lambda s: s["driving"])
    run.fleet.stop("s", ["v1"])
    run.news.wait("s", JobStatus.DONE)
    run.fleet.cancel("k", ["v1"])
    run.news.wait("m", JobStatus.CANCELLED)
    run.news.wait("k", JobStatus.DONE)
    with pytest.raises(FleetError) as refusal:
        run.submit("h", action="move", to="a1")
    assert refusal.value.code is Code.STOPPED
    # Some vehicles give up the pause with the order, and refuse to give it up again.
    run.fleet.resume("r", ["v1"])
    run.news.wait("r", JobStatus.DONE)
    run.submit("h", action="move", to="a1")
    run.news.wait("h", JobStatus.DONE)


def test_a_vehicle_without_an_order_is_not_sent_a_cancel(run: Run) -> None:
    with pytest.raises(FleetError):
        run.fleet.cancel("k", ["v1"])
    assert sent_actions(run.wire, "cancelOrder") == []


@pytest.mark.parametrize("circumstances", [{"lose": {"order": 1000}}], indirect=True)
def test_a_cancel_that_finds_no_order_ends_well(run: Run) -> None:
    run.submit("m", action="move", to="c1")
    run.news.wait("m", JobStatus.SENT)
    run.fleet.cancel("k", ["v1"])
    run.news.wait("m", JobStatus.CANCELLED)
    run.news.wait("k", JobStatus.DONE)
    cancel = run.wire.instant_action("cancelOrder")
    refusal = run.wire.state(lambda s: errors_about(s, "actionId", cancel) == ["noOrderToCancel"])
    assert refusal["nodeStates"] == []


@pytest.mark.parametrize("circumstances", [{"refuse": True}], indirect=True)
def test_a_refused_order_is_told_with_the_reason(run: Run) -> None:
    run.submit("m", action="move", to="c1")
    event = run.news.wait("m", JobStatus.FAILED)
    (order,) = run.wire.all("order")
    state = run.wire.state(lambda s: bool(s["errors"]))
    reference = {"referenceKey": "orderId", "referenceValue": order["orderId"]}
    assert reference in state["errors"][-1]["errorReferences"]
    # The one has no route, the other not the map; the operator hears it in the vehicle's own words.
    assert event.code is not None
    assert state["errors"][-1]["errorDescription"] in event.detail


@pytest.mark.parametrize("circumstances", [{"lose": {"order": 1}}], indirect=True)
def test_a_lost_order_is_sent_again_and_done_once(run: Run) -> None:
    run.submit("m", action="move", to="b1")
    run.news.wait("m", JobStatus.DONE)
    run.wire.state(arrived(run.lane.id("B")))
    first, again = run.wire.all("order")[:2]
    assert (first["orderId"], first["orderUpdateId"]) == (again["orderId"], again["orderUpdateId"])
    assert again["headerId"] == first["headerId"] + 1
    taken = [order for order, _ in itertools.groupby(s["orderId"] for s in run.wire.all("state"))]
    assert taken == ["", first["orderId"]]


@pytest.mark.parametrize("circumstances", [{"lose": {"startPause": 1}}], indirect=True)
def test_a_lost_stop_is_sent_again_until_the_state_confirms_it(run: Run) -> None:
    run.submit("m", action="move", to="c1")
    run.wire.state(lambda s: s["driving"])
    run.fleet.stop("s", ["v1"])
    run.news.wait("s", JobStatus.DONE)
    assert run.wire.state(lambda s: s["paused"])["nodeStates"]
    stops = [action["actionId"] for action in sent_actions(run.wire, "startPause")]
    assert len(stops) > 1
    assert len(set(stops)) == 1
