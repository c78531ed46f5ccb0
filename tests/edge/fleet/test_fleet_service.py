"""The fleet on a real broker with simulated vehicles."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest
from yard import commands, go, yard_site

from banksman_edge.fleet import Code, FleetService, JobStatus, OrderEvent
from banksman_firmware_sim import SimulatedFleet
from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_shared.broker import RunningBroker, broker, free_port
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import Site
from banksman_shared.vda5050 import Order, State, Topics, VehicleAddress, codec_for

CODEC = codec_for("2.1.0")

_runs = itertools.count()


@dataclass
class News:
    """What a fleet's listener heard, and what went over the wire."""

    events: list[OrderEvent] = field(default_factory=list)
    ordered: list[str] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def hear(self, event: OrderEvent) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait(self, job: str, status: JobStatus, code: Code | None = None, *, times: int = 1) -> list[OrderEvent]:
        """The events of that kind, once there are so many."""

        def found() -> list[OrderEvent]:
            same = [e for e in self.events if (e.job, e.status) == (job, status)]
            return [e for e in same if code in (None, e.code)]

        with self._changed:
            assert self._changed.wait_for(lambda: len(found()) >= times, 60), self.events
            return found()

    def on_order(self, _topic: str, payload: bytes) -> None:
        self.ordered.append(CODEC.decode(Order, payload).order_id)

    def on_state(self, _topic: str, payload: bytes) -> None:
        if order_id := CODEC.decode(State, payload).order_id:
            self.taken.add(order_id)


def until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)


@dataclass
class Running:
    site: Site
    fleet: FleetService
    sim: SimulatedFleet
    news: News


@contextmanager
def running(url: str, *, speed_up: float) -> Iterator[Running]:
    """Fleet, vehicles and a witness on one broker, with addresses that nobody used before."""
    site, settings, news = yard_site(f"-{next(_runs)}"), MqttSettings(url), News()
    with ExitStack() as stack:
        outcome_check = stack.enter_context(MqttLink(settings))
        for vehicle in site.vehicles.values():
            outcome_check.subscribe(Topics().of(vehicle.address, "order"), news.on_order)
            outcome_check.subscribe(Topics().of(vehicle.address, "state"), news.on_state)
        sim = stack.enter_context(SimulatedFleet.from_site(site, settings, speed_up=speed_up))
        fleet = FleetService(site, settings)
        fleet.listen(news.hear)
        stack.enter_context(fleet)
        until(lambda: all(view.idle for view in fleet.vehicles().values()))
        yield Running(site, fleet, sim, news)


@pytest.fixture
def yard_on_air(mqtt_broker: RunningBroker) -> Iterator[Running]:
    with running(mqtt_broker.url, speed_up=10) as run:
        yield run


def test_a_transport_is_driven_to_its_end(yard_on_air: Running) -> None:
    r = yard_on_air
    r.fleet.submit("t", commands({"action": "transport", "vehicles": [], "from": "aisle-9", "to": "dock-1"}))
    (event,) = r.news.wait("t", JobStatus.DONE)
    assert [e.status for e in r.news.events] == ["queued", "sent", "accepted", "running", "done"]
    assert event.vehicle == "agv-2"
    assert r.sim.state("agv-2").last_node_id == "D1"
    assert r.fleet.vehicles()["agv-2"].node == "D1"


def test_charge_then_go_home(yard_on_air: Running) -> None:
    r = yard_on_air
    r.fleet.submit(
        "c", commands({"action": "charge", "vehicles": ["agv-1"]}, {"action": "park", "vehicles": ["agv-1"]})
    )
    r.news.wait("c", JobStatus.DONE, times=2)
    state = r.sim.state("agv-1")
    assert (state.last_node_id, state.battery_state.charging) == ("P1", False)
    assert len(r.news.taken) == 2


def test_stop_all_and_resume(yard_on_air: Running) -> None:
    r = yard_on_air
    r.fleet.submit("m", commands(go("agv-1", "charger-1")))
    r.news.wait("m", JobStatus.RUNNING)
    r.fleet.stop("s", ["*"])
    r.news.wait("s", JobStatus.DONE, times=3)
    assert r.sim.state("agv-1").paused
    assert r.fleet.vehicles()["agv-1"].stopped
    r.fleet.resume("r", ["*"])
    r.news.wait("r", JobStatus.DONE, times=3)
    r.news.wait("m", JobStatus.DONE)
    assert len(r.news.ordered) == 1


def test_cancel_half_way_and_go_elsewhere(yard_on_air: Running) -> None:
    r = yard_on_air
    r.fleet.submit("m", commands(go("agv-1", "charger-1")))
    r.news.wait("m", JobStatus.RUNNING)
    r.fleet.submit("k", commands({"action": "cancel", "vehicles": ["agv-1"]}, go("agv-1", "aisle-9")))
    r.news.wait("m", JobStatus.CANCELLED)
    r.news.wait("k", JobStatus.DONE, times=2)
    assert r.sim.state("agv-1").last_node_id == "S9"


@pytest.mark.soak
def test_others_go_round_one_that_is_out_of_order_and_who_cannot_waits_until_it_is_well(yard_on_air: Running) -> None:
    """It stands at park-1, or a little way before it."""
    r = yard_on_air
    r.fleet.submit("m", commands(go("agv-1", "dock-1")))
    r.news.wait("m", JobStatus.RUNNING)
    r.sim.inject("agv-1", Fault(FaultKind.EMERGENCY_STOP))
    r.fleet.submit("k", commands({"action": "cancel", "vehicles": ["agv-1"]}))
    r.news.wait("m", JobStatus.CANCELLED)
    until(lambda: "P1" in r.fleet.vehicles()["agv-1"].bars)
    r.fleet.submit("home", commands(go("tug-1", "park-1")))
    r.fleet.submit("round", commands(go("agv-2", "dock-1")))
    r.news.wait("round", JobStatus.DONE)
    assert r.sim.state("agv-2").last_node_id == "D1"
    (late,) = r.news.wait("home", JobStatus.LATE)
    assert (late.code, late.facts) == (Code.WAITING, {"other": "agv-1"})
    r.sim.clear("agv-1", FaultKind.EMERGENCY_STOP)
    r.news.wait("home", JobStatus.DONE)
    assert r.sim.state("tug-1").last_node_id == "P1"
    assert r.fleet.vehicles()["agv-1"].bars == ()


def test_a_vehicle_that_vanishes_and_comes_back(yard_on_air: Running) -> None:
    r = yard_on_air
    r.fleet.submit("m", commands(go("agv-1", "charger-1")))
    r.news.wait("m", JobStatus.RUNNING)
    r.sim.vanish("agv-1")
    r.news.wait("m", JobStatus.LATE, Code.VANISHED)
    assert not r.fleet.vehicles()["agv-1"].connected
    r.sim.come_back("agv-1")
    r.news.wait("m", JobStatus.DONE)
    assert len(r.news.ordered) == len(r.news.taken) == 1


def test_garbage_and_strangers_harm_nobody(yard_on_air: Running, mqtt_broker: RunningBroker) -> None:
    r = yard_on_air
    stranger = VehicleAddress("Elsewhere", f"x-{next(_runs)}")
    with MqttLink(MqttSettings(mqtt_broker.url)) as link:
        link.publish_and_wait(Topics().of(stranger, "state"), b"{}")
        for payload in (b"", b"\xff\xfe", b"[1", b'{"headerId": "one"}'):
            for topic in ("state", "connection", "factsheet"):
                link.publish_and_wait(Topics().of(r.site.vehicles["agv-1"].address, topic), payload)
    until(lambda: stranger in r.fleet.strangers())
    r.fleet.submit("m", commands(go("agv-1", "park-2")))
    r.news.wait("m", JobStatus.DONE)


def test_a_listener_that_fails_or_submits_harms_nobody(yard_on_air: Running) -> None:
    r = yard_on_air

    def fail(_event: OrderEvent) -> None:
        raise RuntimeError("on purpose")

    def go_on(event: OrderEvent) -> None:
        if (event.job, event.status) == ("a", JobStatus.DONE):
            r.fleet.submit("b", commands(go("agv-1", "park-1")))

    r.fleet.listen(fail)
    r.fleet.listen(go_on)
    r.fleet.submit("a", commands(go("agv-1", "park-2")))
    r.news.wait("b", JobStatus.DONE)


def test_what_vehicles_do_while_the_agent_closes_is_told(yard_on_air: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    r = yard_on_air
    r.fleet.submit("m", commands(go("agv-1", "park-2")))
    r.news.wait("m", JobStatus.RUNNING)
    bid_goodbye = r.fleet._link.publish_and_wait

    def slowly(topic: str, payload: bytes, **how: bool) -> None:
        until(lambda: r.fleet.vehicles()["agv-1"].job is None)
        bid_goodbye(topic, payload, **how)

    monkeypatch.setattr(r.fleet._link, "publish_and_wait", slowly)
    r.fleet.close()
    assert [e.status for e in r.news.events][-1] == JobStatus.DONE


@pytest.mark.parametrize("lost", ["on the way", "before it was taken"])
def test_a_broker_that_dies_in_the_middle_of_an_order(lost: str) -> None:
    port = free_port()
    with ExitStack() as brokers:
        url = brokers.enter_context(broker(port=port)).url
        # Slow enough to be on the way when the broker goes.
        with running(url, speed_up=5) as r:
            if lost == "on the way":
                r.fleet.submit("m", commands(go("agv-1", "charger-1")))
                r.news.wait("m", JobStatus.RUNNING)
                brokers.close()
            else:
                r.sim.vanish("agv-1")
                r.fleet.submit("m", commands(go("agv-2", "charger-1")))
                brokers.close()
            until(lambda: not any(view.connected for view in r.fleet.vehicles().values()))
            brokers.enter_context(broker(port=port))
            r.news.wait("m", JobStatus.DONE)
            vehicle = "agv-1" if lost == "on the way" else "agv-2"
            assert r.sim.state(vehicle).last_node_id == "C1"
            assert len(r.news.taken) == len(set(r.news.ordered)) == 1
            assert [e.status for e in r.news.events].count(JobStatus.DONE) == 1


def test_a_fault_of_the_control_does_not_end_it(
    yard_on_air: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    r, failed = yard_on_air, threading.Event()
    tick = r.fleet._master.tick

    def faulty() -> None:
        if not failed.is_set():
            failed.set()
            raise RuntimeError("on purpose")
        tick()

    monkeypatch.setattr(r.fleet._master, "tick", faulty)
    assert failed.wait(60)
    r.fleet.submit("m", commands(go("agv-1", "park-2")))
    r.news.wait("m", JobStatus.DONE)
    assert "the fleet's control failed" in caplog.text
