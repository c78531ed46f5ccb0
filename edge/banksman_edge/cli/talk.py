"""``banksman talk``."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from banksman_edge.cli.say import DECISION_S, REPLY_S
from banksman_edge.cli.speaker import Speaker, speaker_options
from banksman_shared.errors import BanksmanError
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.options import mqtt_options, site_option
from banksman_shared.site import Site, load_site
from banksman_shared.vda5050 import VERSION, State, VehicleAddress, codec_for

if TYPE_CHECKING:
    from banksman_edge.app import AgentClient

MOST_SHOWN = 12
"""Vehicles of the floor beside the conversation."""
LONGEST_S = 60.0
"""Of what is said into the microphone."""


@click.command("talk")
@site_option
@mqtt_options("mqtt://localhost:1883")
@click.option("--language", help="What is spoken, such as 'en', if it is one.")
@speaker_options
@click.option("--mic", is_flag=True, help="Speak: Enter begins, Enter ends; what is typed is sent as text.")
@click.option("--vda-version", default=VERSION, show_default=True, help="What the vehicles of the floor speak.")
def talk(site_dir: Path, mqtt: MqttSettings, language: str | None, mic: bool, vda_version: str, **values: Any) -> None:
    """Talk with the running agent of a site, with its vehicles in sight.

    A line is said as it stands; Ctrl-D ends. Lines may come from a file, too: each is answered before the next.

    \b
    Examples:
      banksman talk --site my-site --mqtt mqtt://broker:1883
      banksman talk --mic
      banksman talk < dialogue.txt
    """
    from banksman_edge.app import AgentClient  # noqa: PLC0415  --help must not load NumPy

    site = load_site(site_dir)
    with AgentClient(site.id, mqtt, **Speaker.of(values).options) as client:
        if sys.stdin.isatty():
            with _Floor(site, mqtt, vda_version) as floor:
                _in_terminal(client, floor, language, speaks=mic)
        else:
            for line in filter(None, map(str.strip, sys.stdin)):
                click.echo(f"> {line}")
                _say_in_turn(client, line, language)


def _say_in_turn(client: AgentClient, line: str, language: str | None) -> None:
    """Say a line and wait for what is answered.

    Raises:
        BanksmanError: nothing came in time.
    """
    key, decided = client.send_text(line, language), None
    while decided is None:
        name, document = client.next(key, DECISION_S)
        decided = document if name == "decision" else None
    of = _ids_of(decided)
    while (event := client.next_of_all(REPLY_S)) is not None:
        name, document = event
        if name == "reply":
            click.echo(document["text"])
            if document["id"] in of:
                return
    click.echo(_silence(decided))


def _ids_of(decision: dict[str, Any]) -> tuple[str, ...]:
    """The utterances with whose ids a decision is answered: what follows a yes belongs to what was asked about."""
    return decision["id"], decision.get("follows", {}).get("utterance", "")


def _silence(decision: dict[str, Any]) -> str:
    """What is shown of a decision to which nothing is said."""
    if decision["decision"] == "reject":
        return f"(no answer: {decision['reason']})"
    return f"({decision['decision']})"


def _in_terminal(client: AgentClient, floor: _Floor, language: str | None, *, speaks: bool) -> None:
    from prompt_toolkit import PromptSession  # noqa: PLC0415  only people need it
    from prompt_toolkit.patch_stdout import patch_stdout  # noqa: PLC0415

    session: PromptSession[str] = PromptSession(bottom_toolbar=floor.shown, refresh_interval=0.5)
    closing = threading.Event()
    listener = threading.Thread(target=_print_answers, args=(client, closing), daemon=True)
    with patch_stdout():
        listener.start()
        with suppress(EOFError, KeyboardInterrupt):
            while True:
                line = session.prompt("> ").strip()
                if line:
                    client.send_text(line, language)
                elif speaks:
                    _speak(client, session.prompt)
    closing.set()
    listener.join(timeout=2)


def _speak(client: AgentClient, prompt: Any) -> None:
    """Record until Enter is pressed, and send it. A microphone that is not there is told."""
    import numpy as np  # noqa: PLC0415

    from banksman_edge.audio import SAMPLE_RATE, Microphone, Sound  # noqa: PLC0415

    try:
        microphone = Microphone()
    except BanksmanError as error:
        click.echo(f"banksman: {error}")
        return
    heard: list[Any] = []
    faults: list[BanksmanError] = []

    def record() -> None:
        try:
            for block in microphone.blocks():
                heard.append(block)
                if sum(map(len, heard)) > LONGEST_S * SAMPLE_RATE:
                    return
        except BanksmanError as error:
            faults.append(error)

    recorder = threading.Thread(target=record, daemon=True)
    recorder.start()
    prompt("speaking; Enter ends ")
    microphone.close()
    recorder.join(timeout=5)
    if faults:
        click.echo(f"banksman: {faults[0]}")
    elif heard:
        client.send_sound(Sound(np.concatenate(heard)))


def _print_answers(client: AgentClient, closing: threading.Event) -> None:
    """Print what is heard, and what is said, until ``closing``; of what is not answered, why."""
    unanswered: dict[str, tuple[float, dict[str, Any]]] = {}
    while not closing.is_set():
        event = client.next_of_all(0.2)
        for key, (since, decision) in list(unanswered.items()):
            if time.monotonic() - since > REPLY_S:
                del unanswered[key]
                click.echo(_silence(decision))
        if event is None:
            continue
        name, document = event
        match name:
            case "transcript" if document.get("confidence", 1.0) < 1.0:
                click.echo(f"heard: {document['text']}")
            case "decision":
                unanswered[document["id"]] = time.monotonic(), document
            case "reply":
                for key in [key for key, (_, decision) in unanswered.items() if document["id"] in _ids_of(decision)]:
                    del unanswered[key]
                click.echo(document["text"])


class _Floor:
    """Where the vehicles of a site are, by their own states. A context manager."""

    def __init__(self, site: Site, mqtt: MqttSettings, version: str) -> None:
        self._site, self._codec = site, codec_for(version)
        self._places = {place.node: place.id for place in site.places.values()}
        self._ids = {vehicle.address: vehicle.id for vehicle in site.vehicles.values()}
        self._states: dict[str, State] = {}
        self._link = MqttLink(mqtt)
        self._link.subscribe(self._codec.topics.every("state"), self._take)

    def __enter__(self) -> Self:
        self._link.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._link.close()

    def _take(self, topic: str, payload: bytes) -> None:
        parsed: tuple[VehicleAddress, str] | None = self._codec.topics.parse(topic)
        vehicle = self._ids.get(parsed[0]) if parsed else None
        if vehicle:
            with suppress(BanksmanError):
                self._states[vehicle] = self._codec.decode(State, payload)

    def shown(self) -> str:
        """A line for each vehicle."""
        lines = [self._line(vehicle) for vehicle in list(self._site.vehicles)[:MOST_SHOWN]]
        left = len(self._site.vehicles) - MOST_SHOWN
        return "\n".join([*lines, *([f"… and {left} more"] if left > 0 else [])])

    def _line(self, vehicle: str) -> str:
        state = self._states.get(vehicle)
        if state is None:
            return f"{vehicle:<16} not heard of"
        where = self._places.get(state.last_node_id, state.last_node_id or "?")
        battery = state.battery_state.battery_charge if state.battery_state else None
        doing = "paused" if state.paused else "driving" if state.driving else "loaded" if state.loads else ""
        charge = "" if battery is None else f"{battery:3.0f} %"
        return f"{vehicle:<16} {where:<16} {charge:<6} {doing}"
