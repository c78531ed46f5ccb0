"""Two agents on one site, and masters that are none of ours."""

from __future__ import annotations

import itertools
import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec
import pytest
from wire_vehicle import WireVehicle
from yard import commands, go, yard_site

from banksman_edge.fleet import Code, FleetError, FleetService, FleetStore
from banksman_edge.fleet.orders import new_action
from banksman_edge.fleet.other_commanders import QUIET_S, REMEMBERED_IDS, OtherCommanders
from banksman_edge.fleet.presence import (
    HEARTBEAT_S,
    MAX_AGENTS,
    ROLL_CALL_S,
    SILENT_S,
    AgentState,
    Election,
    Presence,
    presence_topic,
)
from banksman_edge.fleet.stop_latches import StopLatches
from banksman_shared.broker import RunningBroker
from banksman_shared.clock import ManualClock
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import Site
from banksman_shared.vda5050 import InstantActions, Order, Topics, codec_for

_runs = itertools.count()

HEADER = {"header_id": 0, "timestamp": "", "version": "2.1.0", "manufacturer": "Acme", "serial_number": "agv-1"}


@dataclass
class Broker:
    """Hands documents to all agents, and keeps the last of each for those that come later."""

    clock: ManualClock = field(default_factory=ManualClock)
    agents: dict[str, Election] = field(default_factory=dict)
    kept: dict[str, bytes] = field(default_factory=dict)

    def add(self, name: str) -> Election:
        agent = self.agents[name] = Election(name, f"host-{name}", self.clock)
        self.reach(name)
        return agent

    def reach(self, name: str) -> None:
        """The agent connects: what was kept comes first."""
        self.agents[name].join()
        for instance, payload in list(self.kept.items()):
            self.agents[name].hear(instance, payload)

    def publish(self, instance: str, payload: bytes) -> None:
        self.kept[instance] = payload
        if not payload:
            del self.kept[instance]
        for agent in self.agents.values():
            if agent.joined:
                agent.hear(instance, payload)

    def lose(self, name: str) -> None:
        """The agent's connection breaks, and the broker publishes its will."""
        self.agents[name].leave()
        self.publish(name, b"")

    def kill(self, name: str) -> None:
        self.agents.pop(name)
        self.publish(name, b"")

    def run(self, seconds: float = 0.0) -> None:
        for _ in range(max(3, round(seconds / 0.2))):
            for name, agent in list(self.agents.items()):
                if (due := agent.tick()) is not None:
                    self.publish(name, due)
            self.clock.advance(0.2 if seconds else 0.0)

    def active(self) -> list[str]:
        return [name for name, agent in self.agents.items() if agent.active]


def test_an_agent_alone_commands_as_soon_as_the_broker_has_shown_who_is_there() -> None:
    broker = Broker()
    agent = broker.add("a")
    assert not agent.active
    broker.run()
    assert agent.active


def test_the_one_that_was_there_first_commands_whatever_its_clock_says() -> None:
    broker = Broker()
    broker.add("z")
    broker.run(1)
    late = broker.add("a")
    late.me = msgspec.structs.replace(late.me, since="1999-01-01T00:00:00.000Z")
    broker.run(30)
    assert broker.active() == ["z"]
    assert late.commander == broker.agents["z"].me


def test_the_one_that_stands_by_takes_over_when_the_first_is_gone() -> None:
    broker = Broker()
    for name in ("a", "b", "c"):
        broker.add(name)
        broker.run(1)
    broker.kill("a")
    broker.run()
    assert broker.active() == ["b"]


def test_who_starts_at_the_same_moment_is_ranked_the_same_by_all() -> None:
    broker = Broker()
    for name in ("b", "c", "a"):
        broker.add(name)
    broker.run(5)
    assert broker.active() == ["a"]


def test_an_agent_that_hangs_without_a_will_counts_as_gone_in_the_end() -> None:
    broker = Broker()
    broker.add("a")
    broker.run(1)
    broker.add("b")
    broker.run(1)
    del broker.agents["a"]
    broker.run(SILENT_S - 1)
    assert broker.active() == []
    broker.run(2)
    assert broker.active() == ["b"]


def test_what_a_crashed_broker_kept_of_a_dead_agent_does_not_bind_for_long() -> None:
    broker = Broker()
    ghost = Presence("ghost", "host", AgentState.ACTIVE, "2000-01-01T00:00:00.000Z")
    broker.kept["ghost"] = msgspec.json.encode(ghost)
    broker.add("a")
    broker.run(1)
    assert broker.active() == []
    broker.run(SILENT_S)
    assert broker.active() == ["a"]


def test_who_lost_the_broker_does_not_take_the_command_back() -> None:
    broker = Broker()
    broker.add("a")
    broker.run(1)
    broker.add("b")
    broker.run(1)
    broker.lose("a")
    broker.run(1)
    assert broker.active() == ["b"]
    broker.reach("a")
    broker.run(10)
    assert broker.active() == ["b"]


def test_two_that_find_themselves_active_settle_on_one() -> None:
    left, right = Broker(), Broker()
    right.clock = left.clock
    left.add("b")
    left.run(1)
    right.add("a")
    right.run(1)
    assert (left.active(), right.active()) == (["b"], ["a"])
    left.agents["a"] = right.agents["a"]
    left.run(3 * HEARTBEAT_S)
    assert left.active() == ["b"], "the earlier one stays"


def test_the_old_will_of_a_replaced_connection_is_answered() -> None:
    broker = Broker()
    broker.add("a")
    broker.run(1)
    broker.publish("a", b"")
    broker.run()
    assert Presence("a", "host-a", AgentState.ACTIVE, broker.agents["a"].me.since) == msgspec.json.decode(
        broker.kept["a"], type=Presence
    )


def test_a_broker_that_shows_nobody_anything_does_not_keep_an_agent_from_working() -> None:
    clock = ManualClock()
    agent = Election("a", "host", clock)
    agent.join()
    agent.tick()
    assert not agent.active
    clock.advance(ROLL_CALL_S)
    agent.tick()
    assert agent.active


def test_documents_that_are_none_are_ignored() -> None:
    broker = Broker()
    broker.add("a")
    for payload in (b"{", b"[]", b"\xff", msgspec.json.encode(Presence("b", "h", AgentState.ACTIVE, "1990"))):
        broker.publish("other", payload)
    broker.run(1)
    assert broker.active() == ["a"]


# Foreign masters


def order(order_id: str, update: int = 0) -> Order:
    return Order(**HEADER, order_id=order_id, order_update_id=update, nodes=(), edges=())


def instant(kind: str) -> InstantActions:
    return InstantActions(**HEADER, actions=(new_action(kind),))


def wire(message: Order | InstantActions) -> bytes:
    return codec_for("2.1.0").encode(message)


@dataclass
class Alone:
    """An agent that commands, on a clock that the test moves."""

    clock: ManualClock = field(default_factory=ManualClock)

    def __post_init__(self) -> None:
        self.other_commanders = OtherCommanders("yard", self.clock)
        self.other_commanders.join()
        payload = self.other_commanders.tick()
        assert payload
        self.other_commanders.hear_agent(self.other_commanders.topic, payload)
        assert self.other_commanders.standby() is None

    def hear(self, message: Order | InstantActions) -> None:
        hear = self.other_commanders.hear_order if isinstance(message, Order) else self.other_commanders.hear_actions
        hear("agv-1", wire(message))


def test_our_own_messages_come_back_unnoticed() -> None:
    alone = Alone()
    for message in (order("ours"), order("ours", 1), instant("cancelOrder")):
        assert alone.other_commanders.lets_out(message)
        alone.hear(message)
    assert alone.other_commanders.standby() is None


@pytest.mark.parametrize(
    ("message", "what"),
    [(order("theirs"), "it sent it an order"), (instant("cancelOrder"), "it sent it 'cancelOrder'")],
)
def test_a_foreign_master_is_noticed_and_named(message: Order | InstantActions, what: str) -> None:
    alone = Alone()
    alone.hear(message)
    standby = alone.other_commanders.standby()
    assert standby is not None
    assert not standby.another_agent
    assert standby.problem.code is Code.STANDBY
    assert standby.problem.sentence == (
        f"another master commands agv-1 ({what}); no orders go out until it has been quiet for 60 s"
    )
    assert standby.problem.code.passing


@pytest.mark.parametrize("kind", ["stateRequest", "factsheetRequest", "logReport", "startPause", "flashLights"])
def test_who_only_asks_or_stops_a_vehicle_commands_nobody(kind: str) -> None:
    alone = Alone()
    alone.hear(instant(kind))
    assert alone.other_commanders.standby() is None


def test_masters_of_2_0_0_that_name_their_actions_otherwise_are_noticed_too() -> None:
    alone = Alone()
    payload = wire(instant("cancelOrder")).replace(b'"actions"', b'"instantActions"')
    alone.other_commanders.hear_actions("agv-1", payload)
    assert alone.other_commanders.standby() is not None


def test_new_orders_wait_and_what_runs_goes_on() -> None:
    alone = Alone()
    assert alone.other_commanders.lets_out(order("running"))
    alone.hear(order("theirs"))
    assert not alone.other_commanders.lets_out(order("new"))
    assert alone.other_commanders.lets_out(order("running"))
    assert alone.other_commanders.lets_out(order("from before a restart", 3))
    assert alone.other_commanders.lets_out(instant("startPause"))
    barred = {
        action: alone.other_commanders.bars(commands({"action": action, "vehicles": ["agv-1"]})) is not None
        for action in ("stop", "resume", "cancel", "park")
    }
    assert barred == {"stop": False, "resume": False, "cancel": False, "park": True}


def test_it_ends_when_the_foreign_master_has_been_quiet_for_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    alone = Alone()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            alone.hear(order("theirs"))
            alone.clock.advance(QUIET_S - 1)
            alone.other_commanders.tick()
            assert alone.other_commanders.standby() is not None
        alone.clock.advance(1)
        alone.other_commanders.tick()
    assert alone.other_commanders.standby() is None
    assert [record.message for record in caplog.records] == [
        "another master commands agv-1 (it sent it an order); no orders go out until it has been quiet for 60 s",
        "nobody else commands this site; orders go out again",
    ]


def test_garbage_on_the_topics_of_vehicles_is_nobodys_command() -> None:
    alone = Alone()
    for payload in (b"", b"{", b"[" * 100_000, b'{"orderId": 3}', b'{"actions": [{}]}', b"\xff\xfe"):
        alone.other_commanders.hear_order("agv-1", payload)
        alone.other_commanders.hear_actions("agv-1", payload)
    assert alone.other_commanders.standby() is None


def test_beside_another_agent_only_stops_are_taken() -> None:
    alone = Alone()
    boss = Presence("boss", "edge-1", AgentState.ACTIVE, "1999-01-01T00:00:00.000Z")
    alone.other_commanders.hear_agent("banksman/v1/yard/agents/boss", msgspec.json.encode(boss))
    standby = alone.other_commanders.standby()
    assert standby is not None
    assert standby.another_agent
    assert "the agent on edge-1 has commanded this site since 1999" in standby.problem.sentence
    assert alone.other_commanders.bars(commands({"action": "stop", "vehicles": ["*"]})) is None
    assert alone.other_commanders.bars(commands({"action": "resume", "vehicles": ["*"]})) is not None
    assert alone.other_commanders.bars(commands(go("agv-1", "dock-1"))) is not None
    alone.hear(order("of the boss"))
    alone.other_commanders.hear_agent("banksman/v1/yard/agents/boss", b"")
    alone.other_commanders.tick()
    assert alone.other_commanders.standby() is None, "what the other agent commanded was its business"


def test_what_a_broker_kept_of_a_dead_agent_ends_no_stop() -> None:
    master, alone = Stops(()), Alone()
    stop_latches = StopLatches(master, None, alone.other_commanders)
    master.set_latches({"agv-1"})
    boss = Presence("boss", "edge-1", AgentState.ACTIVE, "1999-01-01T00:00:00.000Z", ("agv-2",))
    alone.other_commanders.hear_agent("banksman/v1/yard/agents/boss", msgspec.json.encode(boss))
    stop_latches.settle()
    assert master.stops == {"agv-1", "agv-2"}
    alone.other_commanders.hear_agent("banksman/v1/yard/agents/boss", msgspec.json.encode(boss))
    stop_latches.settle()
    assert master.stops == {"agv-2"}, "it lives: what it says is so"


class Stops:
    """A master's latches, and nothing else of it."""

    def __init__(self, stops: Collection[str]) -> None:
        self.stops = frozenset(stops)

    def latched(self) -> frozenset[str]:
        return self.stops

    def set_latches(self, vehicles: Collection[str]) -> None:
        self.stops = frozenset(vehicles)


def test_without_a_broker_nobody_stands_by() -> None:
    alone = Alone()
    alone.hear(order("theirs"))
    alone.other_commanders.leave()
    assert alone.other_commanders.standby() is None


def test_the_memory_for_our_own_ids_is_bounded() -> None:
    alone = Alone()
    for number in range(REMEMBERED_IDS + 1):
        alone.other_commanders.lets_out(order(f"o-{number}"))
    alone.hear(order("o-1"))
    assert alone.other_commanders.standby() is None
    alone.hear(order("o-0"))
    assert alone.other_commanders.standby() is not None


# On a broker


@pytest.fixture
def site() -> Site:
    """The yard, with an id and addresses that nobody used before."""
    run = f"-r{next(_runs)}"
    return replace(yard_site(run), id=f"yard{run}")


def until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)


def codes(fleet: FleetService) -> list[Code]:
    return [problem.code for problem in fleet.check(commands(go("agv-1", "dock-1")))]


def test_the_second_agent_stands_by_until_the_first_has_gone(site: Site, mqtt_broker: RunningBroker) -> None:
    settings = MqttSettings(mqtt_broker.url)
    with WireVehicle(site, "agv-1", mqtt_broker.url, "2.1.0") as car:
        first = FleetService(site, settings).start()
        with FleetService(site, settings) as second:
            car.report()
            until(lambda: first.vehicles()["agv-1"].idle and second.vehicles()["agv-1"].idle)
            assert (codes(first), codes(second)) == ([], [Code.STANDBY])
            with pytest.raises(FleetError, match="this one stands by"):
                second.submit("j", commands(go("agv-1", "dock-1"), {"action": "stop", "vehicles": ["agv-1"]}))
            car.until("instantActions", lambda m: m["actions"][0]["actionType"] == "startPause")
            assert first.standby() is None, "whoever stops a vehicle claims nothing"
            assert car.received("order") == []
            first.close()
            until(lambda: second.standby() is None)


def test_an_agent_that_dies_is_replaced_through_its_last_will(site: Site, mqtt_broker: RunningBroker) -> None:
    settings = MqttSettings(mqtt_broker.url)
    first = FleetService(site, settings).start()
    with FleetService(site, settings) as second:
        assert second.standby() is not None
        first._closing.set()
        first._link.abandon()
        until(lambda: second.standby() is None)
    first.close()


def test_agents_leave_nothing_behind(site: Site, mqtt_broker: RunningBroker) -> None:
    settings, kept = MqttSettings(mqtt_broker.url), []
    with FleetService(site, settings):
        pass
    with MqttLink(settings) as link:
        link.subscribe(presence_topic(site.id, "+"), lambda _topic, payload: kept.append(payload))
        done = threading.Event()
        link.subscribe(f"{site.id}/done", lambda _topic, _payload: done.set())
        link.publish_and_wait(f"{site.id}/done", b"")
        assert done.wait(60)
    assert kept == []


def test_an_order_of_a_foreign_master_is_seen_and_ours_is_not(site: Site, mqtt_broker: RunningBroker) -> None:
    settings = MqttSettings(mqtt_broker.url)
    with (
        WireVehicle(site, "agv-1", mqtt_broker.url, "2.1.0") as car,
        FleetService(site, settings) as fleet,
        MqttLink(settings) as stranger,
    ):
        car.report()
        until(lambda: fleet.vehicles()["agv-1"].idle)
        fleet.submit("j", commands(go("agv-1", "dock-1")))
        mine = car.until("order")
        assert fleet.standby() is None
        theirs = {**mine, "orderId": "theirs"}
        stranger.publish_and_wait(Topics().of(site.vehicles["agv-1"].address, "order"), json.dumps(theirs).encode())
        until(lambda: fleet.standby() is not None)
        with pytest.raises(FleetError, match="another master commands agv-1"):
            fleet.submit("k", commands(go("agv-2", "aisle-9")))


def test_stops_pass_from_the_agent_that_commands_to_the_one_that_takes_over(
    site: Site, mqtt_broker: RunningBroker, tmp_path: Path
) -> None:
    settings = MqttSettings(mqtt_broker.url)
    with (
        FleetStore(tmp_path / "first") as first_store,
        FleetStore(tmp_path / "second") as second_store,
        FleetService(site, settings, store=first_store) as first,
    ):
        second_store.latch(["tug-1"], on=True)  # from a time when the second commanded
        with FleetService(site, settings, store=second_store) as second:
            first.stop("s", ["agv-1", "agv-2"])
            until(lambda: stopped(second) == {"agv-1", "agv-2"})
            assert second_store.latched() == first_store.latched() == {"agv-1", "agv-2"}
            first.close()
            until(lambda: second.standby() is None)
            assert stopped(second) == {"agv-1", "agv-2"}


def test_whoever_takes_over_hears_that_plans_may_be_unfinished() -> None:
    world = Broker()
    first, second, third = world.add("a"), world.add("b"), world.add("c")
    world.run(5)
    assert first.active
    first.show_plans(["x", "y"])
    world.run(5)
    assert second.left_behind() is None
    world.kill("a")
    world.run(SILENT_S + 1)
    assert second.active
    assert (second.left_behind(), second.left_behind()) == ("host-a", None)
    world.kill("b")
    world.run(SILENT_S + 1)
    assert third.active
    assert third.left_behind() is None  # the second one has said so


@pytest.mark.parametrize(("theirs", "ours"), [([], []), (["x"], ["x"])])
def test_there_is_nothing_to_hear_of_plans_that_are_driven_here_or_of_none(theirs: list[str], ours: list[str]) -> None:
    world = Broker()
    first, second = world.add("a"), world.add("b")
    world.run(5)
    first.show_plans(theirs)
    second.show_plans(ours)
    world.run(5)
    world.kill("a")
    world.run(SILENT_S + 1)
    assert second.active
    assert second.left_behind() is None


def test_the_one_that_takes_over_tells_its_heir(site: Site, mqtt_broker: RunningBroker) -> None:
    settings, heard = MqttSettings(mqtt_broker.url), list[str]()
    with FleetService(site, settings) as first, FleetService(site, settings) as second:
        second.succession.inherit(heard.append)
        first.succession.show(["x"])
        until(
            lambda: bool(
                second._other_commanders._election.commander and second._other_commanders._election.commander.plans
            )
        )
        first.close()
        until(lambda: bool(heard))
    assert heard == [socket.gethostname()]


def test_a_stop_outlives_the_agent_and_a_resume_ends_it(site: Site, mqtt_broker: RunningBroker, tmp_path: Path) -> None:
    settings = MqttSettings(mqtt_broker.url)
    with FleetStore(tmp_path) as store, FleetService(site, settings, store=store) as fleet:
        fleet.stop("s", ["agv-1"])
    with (
        FleetStore(tmp_path) as store,
        FleetService(site, settings, store=store) as fleet,
        WireVehicle(site, "agv-1", mqtt_broker.url, "2.1.0") as car,
    ):
        assert stopped(fleet) == {"agv-1"}
        until(lambda: fleet.vehicles()["agv-1"].reporting)
        assert codes(fleet) == [Code.STOPPED]
        fleet.resume("r", ["agv-1"])
        car.until("instantActions", lambda m: m["actions"][0]["actionType"] == "stopPause")
        until(lambda: store.latched() == frozenset())


def stopped(fleet: FleetService) -> set[str]:
    return {vehicle for vehicle, view in fleet.vehicles().items() if view.stopped}


def test_nonsense_among_the_agents_is_logged_once_for_each_name_and_for_so_many_names(
    caplog: pytest.LogCaptureFixture,
) -> None:
    presence = Election("me", "here", ManualClock())
    for number in range(MAX_AGENTS * 3):
        for _ in range(2):
            presence.hear(f"agent-{number}", b"nonsense")
    assert caplog.text.count("was ignored") == MAX_AGENTS
