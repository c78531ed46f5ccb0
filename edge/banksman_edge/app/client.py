"""Talking to a running agent over MQTT: what ``banksman say`` and headsets do."""

from __future__ import annotations

import base64
import queue
import time
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from banksman_edge.app.gateway import event_topic, utterance_topic
from banksman_edge.audio import Sound, encode_flac, load_sound
from banksman_shared.errors import BanksmanError
from banksman_shared.mqtt import MqttLink, MqttSettings


class AgentClient:
    """Sends utterances to the agent of a site and reads what becomes of them. A context manager.

    ``pin``: with which the operator logs in, where the site wants to know who it is. ``device``: what is said on the
    same one is one conversation; None: one that nobody else has.
    """

    def __init__(
        self,
        site: str,
        settings: MqttSettings,
        *,
        operator: str | None = None,
        pin: str | None = None,
        device: str | None = None,
    ) -> None:
        self._site, self._operator, self._pin = site, operator, pin
        self._device = device or f"cli-{uuid.uuid4().hex[:8]}"
        self._sent: set[str] = set()
        self._events: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
        self._link = MqttLink(settings)
        self._link.subscribe(event_topic(site, "+"), self._receive, qos=1)

    def __enter__(self) -> Self:
        self._link.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._link.close()

    def send_text(self, text: str, language: str | None = None) -> str:
        """Send written words; returns the utterance's id."""
        return self._send({"text": text, "language": language})

    def send_file(self, path: Path) -> str:
        """Send a sound file as 16 kHz FLAC; returns the utterance's id.

        Raises:
            AudioError: it is no sound.
        """
        return self.send_sound(load_sound(path))

    def send_sound(self, sound: Sound) -> str:
        """Send a sound as FLAC; returns the utterance's id."""
        return self._send({"audio": base64.b64encode(encode_flac(sound)).decode("ascii")})

    def _send(self, content: dict[str, str | None]) -> str:
        key = uuid.uuid4().hex
        self._sent.add(key)
        document = {"id": key, "operator": self._operator, "pin": self._pin, "device": self._device, **content}
        payload = msgspec.json.encode({name: value for name, value in document.items() if value is not None})
        self._link.publish_and_wait(utterance_topic(self._site), payload)
        return key

    def next(self, utterance_id: str, timeout_s: float) -> tuple[str, dict[str, Any]]:
        """The next event of that utterance: its name and document.

        Raises:
            BanksmanError: nothing came in time.
        """
        ends = time.monotonic() + timeout_s
        while True:
            try:
                name, document = self._events.get(timeout=max(0.0, ends - time.monotonic()))
            except queue.Empty:
                raise BanksmanError(
                    f"nothing came from the agent of site '{self._site}' within {timeout_s:.0f} s; "
                    "is 'banksman edge run' running?"
                ) from None
            if document.get("id") == utterance_id:
                return name, document

    def next_of_all(self, timeout_s: float) -> tuple[str, dict[str, Any]] | None:
        """The next event of anything that was sent: its name and document; None if there is none in time."""
        ends = time.monotonic() + timeout_s
        while True:
            try:
                name, document = self._events.get(timeout=max(0.0, ends - time.monotonic()))
            except queue.Empty:
                return None
            if document.get("id") in self._sent:
                return name, document

    def _receive(self, topic: str, payload: bytes) -> None:
        document = msgspec.json.decode(payload)
        if isinstance(document, dict):
            self._events.put((topic.rpartition("/")[2], document))
