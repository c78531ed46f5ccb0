"""Two agents on one site: one answers, the other is silent and stays ready."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from edge_world import PATIENCE_S, Recorder, agent_of

from banksman_edge import Agent, FleetService
from banksman_edge.app.client import AgentClient
from banksman_edge.app.gateway import Gateway
from banksman_shared.broker import RunningBroker
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import Site


@contextmanager
def at_work(site: Site, settings: MqttSettings, heard: Recorder) -> Iterator[Agent]:
    with ExitStack() as parts:
        fleet = parts.enter_context(FleetService(site, settings))
        agent = parts.enter_context(agent_of(site, fleet, heard))
        parts.enter_context(Gateway(agent, settings))
        yield agent


def until(met: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not met():
        assert time.monotonic() < end
        time.sleep(0.02)


def decided(client: AgentClient, text: str) -> str:
    """Say something; its id, once somebody has decided about it."""
    key = client.send_text(text, "en")
    while client.next(key, PATIENCE_S)[0] != "decision":
        pass
    return key


def test_an_utterance_is_answered_once_and_by_the_other_when_the_first_has_gone(
    site: Site, mqtt_broker: RunningBroker
) -> None:
    settings, first_heard, second_heard = MqttSettings(mqtt_broker.url), Recorder(), Recorder()
    with ExitStack() as first, AgentClient(site.id, settings) as client:
        first.enter_context(at_work(site, settings, first_heard))
        with at_work(site, settings, second_heard) as second:
            early = decided(client, "where is forklift one")
            stop = decided(client, "stop")
            first.close()
            until(lambda: second.fleet.standby() is None)
            late = decided(client, "where is forklift one")
    assert [event.id for event in first_heard.of("utterance")] == [early, stop]
    assert [event.id for event in second_heard.of("utterance")] == [late]


def test_an_agent_that_stands_by_says_so_to_whoever_speaks_to_it_alone(site: Site, mqtt_broker: RunningBroker) -> None:
    settings = MqttSettings(mqtt_broker.url)
    with at_work(site, settings, Recorder()), at_work(site, settings, heard := Recorder()) as second:
        decision = second.say("Stapler eins, fahr zur Rampe zwei", language="de")
        assert decision.verdict == "reject"
        assert "this one stands by" in decision.reason
        heard.until_reply("ein anderes System steuert die Fahrzeuge; dieses wartet.")
        assert second.say("halt", language="de").verdict == "accept", "a stop is never refused"
