"""Rights by way of the doors: over a real broker, over a websocket, and on vehicles that drive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import pytest
from edge_world import PATIENCE_S, FleetDouble, Recorder, agent_of
from operators_world import PEOPLE, PIN, with_people
from plant import eventually, running_plant
from stream_world import in_a_room, spoken
from websockets.sync.client import ClientConnection, connect

from banksman_edge import Sound, Transcript
from banksman_edge.app.client import AgentClient
from banksman_edge.app.gateway import Gateway, device_topic, utterance_topic
from banksman_edge.stream_servers.service import StreamService
from banksman_edge.stream_servers.websocket import WebsocketServer
from banksman_shared.broker import RunningBroker
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import Site

ORDER = "forklift three, go to dock two"
DISTRUSTFUL = PEOPLE + "\n[access]\ntrust = []\n"


class Desk:
    """Whoever sends raw utterances and reads the decisions."""

    def __init__(self, site: Site, link: MqttLink, client: AgentClient) -> None:
        self._site, self._link, self._client, self._count = site, link, client, 0

    def say(self, text: str | None = None, topic: str | None = None, **more: Any) -> dict[str, Any]:
        self._count += 1
        document = {"id": f"u{self._count}", "text": text, **more}
        payload = json.dumps({name: value for name, value in document.items() if value is not None})
        self._link.publish_and_wait(topic or utterance_topic(self._site.id), payload.encode())
        while True:
            name, answer = self._client.next(f"u{self._count}", PATIENCE_S)
            if name == "decision":
                return answer


@contextmanager
def at_a_desk(site: Site, fleet: FleetDouble, url: str) -> Iterator[Desk]:
    settings = MqttSettings(url)
    agent = agent_of(site, fleet, Recorder())
    with agent, Gateway(agent, settings), AgentClient(site.id, settings) as client, MqttLink(settings) as link:
        yield Desk(site, link, client)


def test_over_the_broker_device_and_pin_tell_who_speaks(
    site: Site, fleet: FleetDouble, mqtt_broker: RunningBroker
) -> None:
    with at_a_desk(with_people(site), fleet, mqtt_broker.url) as desk:
        assert desk.say(ORDER)["decision"] == "reject"
        assert desk.say(ORDER, operator="ben")["decision"] == "reject"  # anybody can write that
        assert desk.say(ORDER, device="headset-7")["decision"] == "accept"
        assert desk.say("tugger one, go to dock two", device="headset-7")["decision"] == "reject"
        assert desk.say("tugger one, go to dock two", operator="ben", pin="0000")["decision"] == "reject"
        assert desk.say("tugger one, go to dock two", operator="ben", pin=PIN)["decision"] == "accept"
        assert desk.say(operator="ben", pin=PIN, device="tablet")["decision"] == "accept"
        assert desk.say("forklift one, charge", device="tablet")["decision"] == "accept"
        assert desk.say(device="tablet", logout=True)["decision"] == "accept"
        assert desk.say("forklift one, charge", device="tablet")["decision"] == "reject"
        assert desk.say("stop")["decision"] == "accept"
    assert [commands[0].action for commands in fleet.orders] == ["move", "move", "charge", "stop"]


def test_a_topic_of_its_own_vouches_for_a_device(site: Site, fleet: FleetDouble, mqtt_broker: RunningBroker) -> None:
    with at_a_desk(with_people(site, DISTRUSTFUL), fleet, mqtt_broker.url) as desk:
        own = device_topic(site.id, "headset-7")
        assert desk.say(ORDER, device="headset-7")["decision"] == "reject"
        assert desk.say(ORDER, own)["decision"] == "accept"
        refused = desk.say(ORDER, own, device="headset-9")
        assert refused["decision"] == "reject"
        assert "not the one of the topic" in refused["reason"]
    assert len(fleet.orders) == 1


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"pin": PIN}, "a 'pin' needs the 'operator'"),
        ({"pin": 1234, "operator": "ben"}, "pin"),
        ({"logout": "yes"}, "logout"),
        ({}, "either 'text' or 'audio'"),
        ({"text": "stop", "audio": "", "operator": "ben", "pin": PIN}, "either 'text' or 'audio'"),
    ],
)
def test_a_malformed_log_in_is_answered(
    site: Site, fleet: FleetDouble, mqtt_broker: RunningBroker, more: dict[str, Any], reason: str
) -> None:
    with at_a_desk(with_people(site), fleet, mqtt_broker.url) as desk:
        answer = desk.say(**more)
        assert (answer["decision"], reason in answer["reason"]) == ("reject", True), answer
        assert PIN not in json.dumps(answer)


def test_on_vehicles_that_drive_only_what_is_allowed_moves(site: Site, mqtt_broker: RunningBroker) -> None:
    with (
        running_plant(with_people(site), mqtt_broker.url) as plant,
        AgentClient(site.id, MqttSettings(mqtt_broker.url), operator="anna", pin=PIN) as anna,
        AgentClient(site.id, MqttSettings(mqtt_broker.url), operator="anna", pin=PIN) as anna_elsewhere,
        AgentClient(site.id, MqttSettings(mqtt_broker.url)) as guest,
    ):
        homes = {vehicle: plant.sim.state(vehicle).last_node_id for vehicle in plant.sim}
        keys = [
            guest.send_text("forklift one, go to dock one"),
            anna.send_text("tugger one, go to dock one"),
            anna.send_text("forklift two, go to the cold store"),
            anna_elsewhere.send_text("take a pallet from aisle one to dock two"),
        ]
        verdicts = [plant.heard.until(lambda e, k=key: e.name == "decision" and e.id == k).verdict for key in keys]
        assert verdicts == ["reject", "reject", "reject", "accept"]
        assert plant.agent.wait(keys[-1], PATIENCE_S)
        ((driven, status),) = plant.ended(keys[-1])
        assert (str(driven).partition("-")[0], status) == ("forklift", "done")
        still = {vehicle for vehicle in homes if plant.sim.state(vehicle).last_node_id == homes[vehicle]}
        assert still == set(homes) - {driven}
        stop = guest.send_text("stop")
        plant.heard.until(lambda e: e.name == "decision" and e.id == stop)
        eventually(lambda: all(plant.sim.state(vehicle).paused for vehicle in plant.sim), "all stand still")
        again = guest.send_text("go on")
        refused = plant.heard.until(lambda e: e.name == "decision" and e.id == again)
        assert refused.verdict == "reject"
        assert all(plant.sim.state(vehicle).paused for vehicle in plant.sim)


# Websocket


class Ears:
    """Hears the same order in every sound."""

    def transcribe(self, _sound: Sound) -> Transcript:
        return Transcript("tugger one, go to dock two", "en", 0.95)


@pytest.fixture(scope="module")
def order(speech: dict[str, Sound]) -> Any:
    return in_a_room(spoken(speech["en-callsign"]))


def test_a_websockets_hello_logs_in_that_connection_and_nothing_else(
    site: Site, fleet: FleetDouble, heard: Recorder, order: Any
) -> None:
    agent = agent_of(with_people(site), fleet, heard, recogniser=Ears())
    with agent, StreamService() as service, ExitStack() as opened:
        server = WebsocketServer(agent, "127.0.0.1", 0)
        service.open(server)
        told = 0

        def greet(**hello: Any) -> tuple[ClientConnection, dict[str, Any]]:
            socket = opened.enter_context(connect(f"ws://127.0.0.1:{server.port}", open_timeout=PATIENCE_S))
            socket.send(json.dumps({"type": "hello", "device": "microphone", "push_to_talk": True, **hello}))
            return socket, json.loads(socket.recv(PATIENCE_S))

        def next_speaker() -> str | None:
            nonlocal told
            told += 1
            heard.until(lambda _: len(heard.of("utterance")) >= told)
            operator: str | None = heard.of("utterance")[-1].speaker.operator
            return operator

        def said_by(socket: ClientConnection) -> str | None:
            socket.send(json.dumps({"type": "press"}))
            data = np.round(order * 32767).astype("<i2").tobytes()
            for at in range(0, len(data), 32000):
                socket.send(data[at : at + 32000])
            socket.send(json.dumps({"type": "release"}))
            return next_speaker()

        _, refused = greet(operator="ben", pin="0000")
        assert (refused["type"], "PIN" in refused["message"]) == ("error", True)
        bens, ready = greet(operator="ben", pin=PIN)
        assert (ready["type"], said_by(bens)) == ("ready", "ben")
        local = agent.headsets.open("microphone", push_to_talk=True)  # what --mic opens has this name, too
        local.press()
        local.feed(order)
        local.release()
        assert next_speaker() is None
        assert said_by(bens) == "ben"
        somebodys, ready = greet()  # takes the device over, without a PIN
        assert (ready["type"], said_by(somebodys)) == ("ready", None)
