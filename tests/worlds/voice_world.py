"""What the tests of spoken replies share: a speaker that says tones, an ear that keeps what it hears, and whether
espeak-ng and Kokoro are here."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.errors import SynthesisError
from banksman_edge.tts import find_espeak
from banksman_edge.tts.voices import cached_voices
from banksman_edge.turns.events import ReplyEvent
from banksman_shared.models import ModelState, ModelStore

PATIENCE_S = 60.0
NEEDS_ESPEAK = pytest.mark.skipif(find_espeak() is None, reason="needs espeak-ng (Debian: apt-get install espeak-ng)")


def has_kokoro() -> bool:
    """Whether the model is here, and its voices are or can be fetched."""
    store = ModelStore()
    there = store.state(store.catalogue["kokoro-82m"]) in (ModelState.READY, ModelState.PACKAGED)
    return there and (cached_voices().is_file() or shutil.which("npm") is not None)


class ToneSpeaker:
    """Speaks every text as a tone of so many seconds, or of the number in it; a text with "fail" fails."""

    def __init__(self, seconds: float = 0.06) -> None:
        self.seconds = seconds
        self.said: list[str] = []

    def speaks(self, language: str) -> bool:
        return language != "xx"

    def speak(self, text: str, language: str) -> Any:  # noqa: ARG002  a tone has none
        self.said.append(text)
        if "fail" in text:
            raise SynthesisError("no voice today")
        count = int(self.seconds * SAMPLE_RATE)
        return (0.3 * np.sin(2 * np.pi * 440 / SAMPLE_RATE * np.arange(count))).astype(np.float32)


class NoStops:
    """A stop spotter that hears none."""

    window_s, hop_s, threshold = 0.5, 0.1, 0.5
    words = frozenset[str]()

    def probability(self, window: Any) -> float:  # noqa: ARG002  whatever there is in it
        return 0.0


@dataclass
class Ear:
    """A loudspeaker's other side: keeps replies, sound, and how each reply ended."""

    log: list[tuple[str, str]] = field(default_factory=list)
    samples: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def begin(self, reply: ReplyEvent) -> None:
        self._note("begin", reply.text)

    def play(self, frame: Any) -> None:
        with self.changed:
            self.samples += len(frame)
            self.changed.notify_all()

    def end(self, reply: ReplyEvent, *, cut: bool) -> None:
        self._note("cut" if cut else "end", reply.text)

    def _note(self, what: str, text: str) -> None:
        with self.changed:
            self.log.append((what, text))
            self.changed.notify_all()

    def until(self, holds: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(holds, PATIENCE_S), self.log

    def until_over(self, count: int) -> list[tuple[str, str]]:
        """What happened when so many replies were over."""
        self.until(lambda: sum(what != "begin" for what, _ in self.log) >= count)
        return self.log
