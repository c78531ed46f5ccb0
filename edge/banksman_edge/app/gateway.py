"""The agent on MQTT: utterances come in, events go out (docs/mqtt.md).

Where two agents serve a site, each gets every utterance. The one that commands answers; the other is silent, so
that nothing is done or said twice.
"""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Self

import msgspec

from banksman_edge.app.agent import Agent
from banksman_edge.errors import AudioError, LoadsError
from banksman_edge.loads import loads_topic, parse_loads, refusal_topic
from banksman_edge.turns import EVENT_NAMES, Event
from banksman_edge.utterance import parse_utterance, sender_of
from banksman_shared.errors import MessageError
from banksman_shared.mqtt import MqttLink, MqttSettings

log = logging.getLogger(__name__)


def utterance_topic(site: str) -> str:
    """Where utterances for the agent of a site are published."""
    return f"banksman/v1/{site}/utterance"


def device_topic(site: str, device: str) -> str:
    """Where one device publishes its utterances: on a topic that a broker can keep for it alone."""
    return f"{utterance_topic(site)}/{device}"


def event_topic(site: str, name: str) -> str:
    """Where the agent publishes its events; ``+`` for all of them."""
    return f"banksman/v1/{site}/events/{name}"


class Gateway:
    """Connects an agent to the broker for as long as the context lasts."""

    def __init__(self, agent: Agent, settings: MqttSettings) -> None:
        self._agent = agent
        self._site = agent.site.id
        self._link = MqttLink(settings)
        # A retained order would be carried out at every start.
        for topic in (utterance_topic(self._site), device_topic(self._site, "+")):
            self._link.subscribe(topic, self._on_utterance, qos=1, retained=False)
        self._link.subscribe(loads_topic(self._site), self._on_loads, qos=1)
        for name in EVENT_NAMES:
            agent.on(name, self._publish)

    def __enter__(self) -> Self:
        self._link.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._link.close()

    def _on_utterance(self, topic: str, payload: bytes) -> None:
        standby = self._agent.fleet.standby()
        if standby and standby.another_agent:
            log.debug("a message on %s was left to the agent that commands", topic)
            return
        device = topic.removeprefix(utterance_topic(self._site)).removeprefix("/") or None
        try:
            self._agent.submit(parse_utterance(payload, device))
        except (MessageError, AudioError) as error:
            if self._refuse(payload, device, str(error)):
                log.warning("a message on %s was refused; whoever sent it is told why", topic)
            else:
                log.warning("a message on %s was dropped; no answer can name it: %s", topic, error)

    def _on_loads(self, topic: str, payload: bytes) -> None:
        """An agent that stands by listens as well: it may have to take over."""
        if not payload:
            self._agent.loads.forget()
            return
        try:
            told = parse_loads(payload)
            self._agent.loads.tell(told.loads, at=told.at, places=told.places)
        except LoadsError as error:
            log.warning("the list on %s was refused: %s", topic, error)
            self._link.publish(refusal_topic(self._site), msgspec.json.encode({"reason": str(error)}), qos=1)

    def _refuse(self, payload: bytes, device: str | None, reason: str) -> bool:
        """Whoever sent it may be waiting; tell them, if the message at least has an id. Whether it has."""
        sender = sender_of(payload, device)
        if sender is None:
            return False
        key, named = sender
        self._agent.refuse(key, reason, named)
        return True

    def _publish(self, event: Event) -> None:
        self._link.publish(event_topic(self._site, event.name), msgspec.json.encode(event.document()), qos=1)
