"""Utterances over MQTT: what is well formed is heard, what is not is refused, and the agent lives on."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
import soundfile
from edge_world import PATIENCE_S, FleetDouble, Recorder, agent_of

from banksman_edge.app.client import AgentClient
from banksman_edge.app.gateway import Gateway, utterance_topic
from banksman_shared.broker import RunningBroker
from banksman_shared.errors import BanksmanError
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import Site


class Desk:
    """Whoever sends raw utterances and reads the answers."""

    def __init__(self, site: Site, client: AgentClient, link: MqttLink) -> None:
        self._topic, self._client, self._link = utterance_topic(site.id), client, link

    def send(self, payload: bytes | dict[str, Any]) -> None:
        data = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self._link.publish_and_wait(self._topic, data)

    def decision(self, key: str) -> dict[str, Any]:
        while True:
            name, document = self._client.next(key, PATIENCE_S)
            if name == "decision":
                return document


@pytest.fixture
def desk(site: Site, fleet: FleetDouble, heard: Recorder, mqtt_broker: RunningBroker) -> Iterator[Desk]:
    settings = MqttSettings(mqtt_broker.url)

    @contextmanager
    def at_work() -> Iterator[Desk]:
        agent = agent_of(site, fleet, heard)
        with agent, Gateway(agent, settings), AgentClient(site.id, settings) as client, MqttLink(settings) as link:
            yield Desk(site, client, link)

    with at_work() as open_desk:
        yield open_desk


def tone() -> str:
    buffer = io.BytesIO()
    soundfile.write(buffer, np.zeros(8000, np.float32), 16000, format="FLAC")
    return base64.b64encode(buffer.getvalue()).decode()


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({}, "either 'text' or 'audio'"),
        ({"text": "stop", "audio": tone()}, "either 'text' or 'audio'"),
        ({"audio": "no base64!"}, "the audio is not base64"),
        ({"audio": base64.b64encode(b"this is no sound at all").decode()}, "not a sound that can be read"),
        ({"audio": ""}, "not a sound that can be read"),
        ({"text": "stop " * 1000}, "at most 2000 characters"),
        ({"text": 7}, r"\$\.text"),
        ({"text": "stop", "deadline": "tomorrow at ten"}, "is not an ISO 8601 time"),
        ({"text": "stop", "operator": {}}, r"\$\.operator"),
        ({"text": "stop", "operator": "x" * 129}, "'operator' has at most 128 characters"),
        ({"text": "stop", "device": "x" * 100_000}, "'device' has at most 128 characters"),
        ({"text": "stop", "language": "x" * 36}, "'language' has at most 35 characters"),
        ({"operator": "ann", "pin": "1" * 129}, "'pin' has at most 128 characters"),
    ],
    ids=[
        "neither",
        "both",
        "base64",
        "no sound",
        "empty sound",
        "huge",
        "number",
        "deadline",
        "operator",
        "long operator",
        "long device",
        "long language",
        "long pin",
    ],
)
def test_a_malformed_utterance_with_an_id_is_answered_with_the_reason(
    desk: Desk, fleet: FleetDouble, more: dict[str, Any], reason: str
) -> None:

    desk.send({"id": "bad", **more})
    decision = desk.decision("bad")
    assert decision["decision"] == "reject"
    assert re.search(reason, decision["reason"])
    assert fleet.submissions == []
    desk.send({"id": "good", "text": "stop"})
    assert desk.decision("good")["decision"] == "accept"


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        (b'{"id": "nan", "device": "hs-1", "text": "stop", "deadline": NaN}', "nan"),
        (b'{"id": "inf", "device": "hs-1", "text": "stop", "deadline": Infinity}', "inf"),
        (b'{"id": "half", "device": "hs-1", "text": "stop \\ud800"}', "half"),
        (b'{"id": 5, "device": "hs-1", "text": "stop"}', "5"),
        (b'{"id": "text", "device": "hs-1", "text": 7}', "text"),
    ],
)
def test_a_refusal_reaches_the_device_that_an_unreadable_message_names(
    desk: Desk, fleet: FleetDouble, heard: Recorder, payload: bytes, key: str
) -> None:
    desk.send(payload)
    assert desk.decision(key)["decision"] == "reject"
    assert heard.until_reply("I did not understand", key=key).device == "hs-1"
    assert fleet.submissions == []


def test_what_is_nested_too_deep_is_one_line_of_the_log(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.send(b"[" * 100_000)
    desk.send({"id": "good", "text": "where is forklift one"})
    desk.decision("good")
    assert "was dropped; no answer can name it: not an utterance" in caplog.text
    assert "RecursionError" not in caplog.text


def test_messages_that_are_nothing_at_all_are_ignored(desk: Desk, fleet: FleetDouble) -> None:
    for payload in (
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b'"stop"',
        b'{"text": "stop"}',
        b'{"id": "", "text": "stop"}',
        b'{"id": 5, "text": "stop"}',
        json.dumps({"id": "x" * 129, "text": "stop"}).encode(),
        b'{"id": "deep", "text": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b"[" * 100_000,
    ):
        desk.send(payload)
    desk.send({"id": "good", "text": "forklift one, park", "unknown": "fields are ignored"})
    assert desk.decision("good")["decision"] == "accept"
    assert [job for job, _ in fleet.submissions] == ["good"]


def test_a_message_that_cannot_be_answered_is_logged_with_the_reason(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.send(b'\xef\xbb\xbf{"id": "bom", "text": "stop"}')
    desk.send({"id": "good", "text": "where is forklift one"})
    desk.decision("good")
    assert "was dropped; no answer can name it: not an utterance" in caplog.text


@pytest.mark.parametrize("text", ["forklift one " * 150, "去" * 2000, "and then " * 220])
def test_what_is_too_long_to_be_an_order_holds_nobody_up(desk: Desk, fleet: FleetDouble, text: str) -> None:
    desk.send({"id": "long", "text": text[:2000], "language": "en"})
    assert "are no order" in desk.decision("long")["reason"]
    desk.send({"id": "good", "text": "forklift one, park"})
    assert desk.decision("good")["decision"] == "accept"


def test_a_name_that_is_not_here_is_said_back_in_short(desk: Desk, heard: Recorder) -> None:
    desk.send({"id": "nines", "text": "forklift " + "9" * 1900 + ", park"})
    desk.decision("nines")
    assert len(heard.until_reply("There is no", key="nines").text) < 80


def test_a_message_delivered_twice_is_carried_out_once(desk: Desk, fleet: FleetDouble) -> None:
    for _ in range(2):
        desk.send({"id": "again", "text": "forklift one, park"})
    desk.send({"id": "next", "text": "where is forklift one"})
    desk.decision("next")
    assert [job for job, _ in fleet.submissions] == ["again"]


def test_a_deadline_in_the_past_drops_the_order(desk: Desk, fleet: FleetDouble) -> None:
    for key, deadline in (("old", "2020-01-01T00:00:00Z"), ("older", 1_500_000_000), ("oldest", 0)):
        desk.send({"id": key, "text": "forklift one, park", "deadline": deadline})
        assert desk.decision(key)["decision"] == "reject"
    desk.send({"id": "future", "text": "forklift one, park", "deadline": "2100-01-01T00:00:00Z"})
    assert desk.decision("future")["decision"] == "accept"
    assert [job for job, _ in fleet.submissions] == ["future"]


def test_the_decision_document_has_the_contract_s_command(desk: Desk) -> None:
    desk.send({"id": "seq", "text": "forklift two, pick up at dock four, then drop it at aisle ten", "operator": "ann"})
    decision = desk.decision("seq")
    assert decision["command"] == [
        {"action": "pick", "vehicles": ["forklift-2"], "to": "dock-4"},
        {"action": "drop", "vehicles": ["forklift-2"], "to": "aisle-10"},
    ]
    assert set(decision) == {"id", "decision", "command", "tier", "confidence", "language", "reason", "latency_ms"}
    assert set(decision["latency_ms"]) == {"asr", "nlu", "total"}
    desk.send({"id": "talk", "text": "what time is lunch"})
    assert desk.decision("talk")["command"] == {"action": "none", "vehicles": []}


def test_without_an_agent_the_client_says_what_to_start(site: Site, mqtt_broker: RunningBroker) -> None:
    with AgentClient(site.id, MqttSettings(mqtt_broker.url)) as client:
        key = client.send_text("stop")
        with pytest.raises(
            BanksmanError, match=r"nothing came from the agent of site .* is 'banksman edge run' running?"
        ):
            client.next(key, 0.2)
