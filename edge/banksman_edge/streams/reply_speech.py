"""What a headset says to its operator: the most urgent first, nothing stale, and silent as soon as the operator speaks.

A reply is spoken piece by piece (from mark to mark of its punctuation), so that the first sound does not wait for
the last word, an urgent reply gets in between, and "Forklift 3:" need not be synthesised twice. Sound goes out at the
pace of speech, hardly ahead of it: what has not gone out can still be left unsaid.
"""

from __future__ import annotations

import heapq
import logging
import math
import re
import threading
from collections import deque
from concurrent.futures import CancelledError, Future, wait
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

import numpy as np

from banksman_edge.audio import SAMPLE_RATE, Samples
from banksman_edge.replies import Urgency
from banksman_edge.streams.spotting import StopSpotter
from banksman_edge.streams.stream import AudioStream
from banksman_edge.tts import Synthesis
from banksman_edge.turns import ReplyEvent
from banksman_shared.clock import Clock
from banksman_shared.errors import BanksmanError

log = logging.getLogger(__name__)

FRAME = 320
"""Samples that go out at a time: 20 ms."""
AHEAD_S = 0.1
"""So far ahead of the ear, against the network's hiccups."""
GAP = np.zeros(int(0.15 * SAMPLE_RATE), np.float32)
"""Silence between pieces."""
ECHO_S = 0.4
"""After the last sound went out, it is still heard: on its way, and in the room."""
LATEST_ECHO_S = 0.7
"""What went out so long ago may be what the microphone hears now."""
STOP_LIKE = 0.3
"""From this probability on, what was said itself may be heard as a stop word. Of 17 replies by espeak-ng in three
simulated rooms the spotter took five echoes for a stop; it had given the same moments in the replies 0.45 and more."""
STALE_S = {Urgency.ALARM: 30.0, Urgency.ANSWER: 8.0, Urgency.NEWS: 15.0}
"""What has waited for so long is not said any more; as text it was told at once."""
LONGEST_S = 15.0
"""Nobody is kept from ordering for longer by one reply in half duplex; all of it has been told as text."""
MOST = 16
"""Replies that wait for one ear."""
_PIECES = re.compile(r"(?<=[.!?:;,؟؛،])\s+|(?<=[。！？：；，।])\s*")


def pieces_of(text: str) -> list[str]:
    """A reply in the pieces that it is spoken in."""
    return [piece for piece in _PIECES.split(text) if piece.strip()]


class Playback(Protocol):
    """The loudspeaker of a headset. Its methods return at once; they are called from one thread."""

    def begin(self, reply: ReplyEvent) -> None:
        """A reply begins."""
        ...

    def play(self, frame: Samples) -> None:
        """The next sound of it, shape (n,), float32 in [-1, 1], 16 kHz."""
        ...

    def end(self, reply: ReplyEvent, *, cut: bool) -> None:
        """It is over. ``cut``: before its end; what has not been heard of it is to be forgotten."""
        ...


@dataclass(order=True, slots=True)
class _Due:
    urgency: Urgency
    number: int
    reply: ReplyEvent = field(compare=False)
    since: float = field(compare=False)
    pieces: list[str] = field(compare=False)
    spoken: int = field(default=0, compare=False)
    """Samples of it that have gone out."""


class ReplySpeech:
    """Speaks replies into one headset, on a thread of its own, while its stream is open.

    ``half_duplex``: the headset does not cancel echoes. What its microphone hears meanwhile is not taken for speech;
    stop words are still looked for, with ``spotter``, and push-to-talk opens it. Where echoes are cancelled, speaking
    is enough.
    """

    def __init__(
        self,
        stream: AudioStream,
        playback: Playback,
        synthesis: Synthesis,
        clock: Clock,
        *,
        half_duplex: bool,
        spotter: StopSpotter | None = None,
    ) -> None:
        self._stream, self._playback, self._synthesis, self._clock = stream, playback, synthesis, clock
        self._half_duplex, self._spotter = half_duplex, spotter
        kept_s = AHEAD_S + LATEST_ECHO_S + (spotter.window_s if spotter else 0.0)
        self._said: deque[tuple[int, Samples]] = deque(maxlen=math.ceil(kept_s * SAMPLE_RATE / FRAME))
        """When what went out is heard, in samples of the clock, and what it was."""
        self._waiting: list[_Due] = []
        self._numbers = count()
        self._hushed = self._closed = self._failing = False
        self._deaf_until: float | None = None
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name=f"mouth {stream.device}", daemon=True)
        self._thread.start()

    def say(self, reply: ReplyEvent) -> None:
        """Say it as soon as possible, if there is anything to say; from any thread."""
        if not (pieces := pieces_of(reply.text)):
            return
        with self._changed:
            due = _Due(reply.urgency, next(self._numbers), reply, self._clock.monotonic(), pieces)
            heapq.heappush(self._waiting, due)
            if len(self._waiting) > MOST:
                self._waiting.remove(max(self._waiting))
                heapq.heapify(self._waiting)
            self._changed.notify_all()

    def hush(self) -> None:
        """The operator speaks: what is being said is cut. From any thread; returns at once."""
        with self._changed:
            self._hushed = True
            self._changed.notify_all()

    def close(self) -> None:
        """Say nothing more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _work(self) -> None:
        while due := self._next():
            try:
                self._speak(due)
                self._failing = False
            except (BanksmanError, CancelledError) as error:
                level = logging.DEBUG if self._failing or self._closed else logging.WARNING
                log.log(level, "replies on %s are text only: %s", self._stream.device, error or "closing")
                self._failing = True
            except Exception:
                log.exception("a reply on %s could not be spoken", self._stream.device)

    def _next(self) -> _Due | None:
        """The most urgent reply once the operator is silent, or None at the end."""
        with self._changed:
            while not self._closed:
                now = self._clock.monotonic()
                self._waiting = [due for due in self._waiting if now - due.since < STALE_S[due.urgency]]
                heapq.heapify(self._waiting)
                if self._waiting and not self._stream.held:
                    self._hushed = False
                    return heapq.heappop(self._waiting)
                resting = self._reopen(now) and not self._waiting
                # Nobody tells when the operator or the echo falls silent.
                self._changed.wait(None if resting else FRAME / SAMPLE_RATE)
            self._stream.gate(None)
        return None

    def _reopen(self, now: float) -> bool:
        """Let the microphone be heard again when the echo has died away; whether it is."""
        if self._deaf_until is not None and now >= self._deaf_until:
            self._stream.gate(None)
            self._deaf_until = None
        return self._deaf_until is None

    def _speak(self, due: _Due) -> None:
        sounds = [self._synthesis.sound(piece, due.reply.language) for piece in due.pieces[:2]]
        first = self._made(sounds[0])
        if first is None:
            with self._changed:
                heapq.heappush(self._waiting, due)
            return
        cut = True
        try:
            self._playback.begin(due.reply)
            cut = not self._say_all(due, first, sounds[1:])
        finally:
            if self._half_duplex:
                self._deaf_until = self._clock.monotonic() + (0.0 if cut else ECHO_S)
            self._playback.end(due.reply, cut=cut)

    def _gate(self) -> None:
        """Take what the microphone hears from now on for an echo, where it may be one."""
        if self._half_duplex:
            self._deaf_until = self._clock.monotonic()
            self._stream.gate(self._sounded_like_stop)

    def _say_all(self, due: _Due, first: Samples, prepared: list[Future[Samples]]) -> bool:
        """Speak all pieces, each while the next is being synthesised; False if that was cut short."""
        began, sent = self._clock.monotonic(), 0
        for number, _piece in enumerate(due.pieces):
            if number:
                if self._gives_way(due, number):
                    return False
                if self._half_duplex:
                    self._deaf_until = began + sent / SAMPLE_RATE + ECHO_S
                if (made := self._made(prepared.pop(0))) is None:
                    return False
                first = made
                following = due.pieces[number + 1 : number + 2]
                prepared += [self._synthesis.sound(piece, due.reply.language) for piece in following]
                began = max(began, self._clock.monotonic() - sent / SAMPLE_RATE)
            sound = self._bounded(due, np.concatenate([first, GAP]), whole=number > 0 or due.spoken > 0)
            if not len(sound):
                break
            for at in range(0, len(sound), FRAME):
                frame = sound[at : at + FRAME]
                if not self._wait_until(began + sent / SAMPLE_RATE - AHEAD_S):
                    return False
                with self._changed:
                    self._said.append((round(began * SAMPLE_RATE) + sent, frame))
                self._playback.play(frame)
                sent += len(frame)
            due.spoken += len(sound)
        return self._wait_until(began + sent / SAMPLE_RATE)

    def _made(self, piece: Future[Samples]) -> Samples | None:
        """The next piece as soon as it has been synthesised, with the gate on; None where the operator speaks first.
        Until then the microphone is heard once the echo of what went out before has died away."""
        while not wait([piece], FRAME / SAMPLE_RATE).done:
            self._reopen(self._clock.monotonic())
            if not self._has_floor():
                return None
        sound = piece.result()
        self._gate()
        return sound if self._has_floor() else None

    def _bounded(self, due: _Due, sound: Samples, *, whole: bool) -> Samples:
        """As much of the next piece as is still said: where it is too long none of it if ``whole``."""
        left = int(LONGEST_S * SAMPLE_RATE) - due.spoken
        if not self._half_duplex or len(sound) <= left:
            return sound
        return sound[:0] if whole else sound[:left]

    def _gives_way(self, due: _Due, number: int) -> bool:
        """Whether something more urgent waits: the rest is put off until it has been said."""
        with self._changed:
            if not self._waiting or self._waiting[0].urgency >= due.urgency:
                return False
            due.pieces = due.pieces[number:]
            heapq.heappush(self._waiting, due)
            return True

    def _sounded_like_stop(self) -> bool:
        """Whether what has just been said may be what the spotter hears as a stop word. On the spotter's thread."""
        spotter = self._spotter
        if spotter is None:
            return False
        window, hop = int(spotter.window_s * SAMPLE_RATE), int(spotter.hop_s * SAMPLE_RATE)
        said = self._said_since(window + int(LATEST_ECHO_S * SAMPLE_RATE))
        ends = range(len(said), window - 1, -hop)
        return any(spotter.probability(said[end - window : end]) >= STOP_LIKE for end in ends)

    def _said_since(self, samples: int) -> Samples:
        """What has been heard from the loudspeaker for so long, and what is about to be."""
        began = round(self._clock.monotonic() * SAMPLE_RATE) - samples
        said = np.zeros(samples + int(AHEAD_S * SAMPLE_RATE), np.float32)
        with self._changed:
            for heard_at, frame in self._said:
                at = max(0, heard_at - began)
                part = frame[at - (heard_at - began) :][: max(0, len(said) - at)]
                said[at : at + len(part)] = part
        return said

    def _wait_until(self, when: float) -> bool:
        """Whether to go on then."""
        with self._changed:
            while self._has_floor():
                left = when - self._clock.monotonic()
                if left <= 0:
                    return True
                self._changed.wait(min(left, FRAME / SAMPLE_RATE))
        return False

    def _has_floor(self) -> bool:
        """Whether to go on speaking. A headset whose sound comes again may be in the middle of an utterance, of which
        no event tells."""
        return not (self._hushed or self._closed or self._stream.held)
