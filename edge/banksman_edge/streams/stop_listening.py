"""How one stream listens for stop words, all the time somebody speaks."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

import numpy as np

from banksman_edge.asr import Transcript
from banksman_edge.audio import SAMPLE_RATE, SPEECH, Samples
from banksman_edge.streams.events import StopHeard
from banksman_edge.streams.shared_parts import Emit
from banksman_edge.streams.speech import Speech
from banksman_edge.streams.spotting import StopWatch
from banksman_edge.streams.stop_evidence import Moment, StopEvidence, falls_silent, loudest
from banksman_edge.streams.talk_detection import TalkDetection
from banksman_edge.understanding.text import tokens_of

HINT = 0.2
"""From this probability of speech on stop words are looked for; before anybody is sure that there is speech."""
AFTERMATH_S = 0.5
"""And for so long after it."""
STOP_AGAIN_S = 1.0
"""One stop word is told once."""
BEHIND_S, APART_S = 0.2, 0.2
"""So long behind a word, and no further apart, looks must have been taken to have seen whether it stops."""
DROWNED_DB = 6.0
"""A word that is less above the noise may go on for longer than it seems."""
GOING_ON = 2
"""So many frames of voice in a row are speech that goes on."""
MOST_SEEN = 64
"""Looks that are kept, of six seconds and more."""


class StopListening:
    """Emits a :class:`StopHeard` for each stop word. ``deaf``: whether none is to be told just now; it is asked, and
    stops are emitted, on the spotter's thread. Positions are in samples."""

    def __init__(self, device: str, stops: StopWatch, emit: Emit, deaf: Callable[[], bool]) -> None:
        self._device, self._stops, self._emit, self._deaf = device, stops, emit, deaf
        self._stop_evidence = StopEvidence(stops.spotter.threshold)
        self.talk = TalkDetection()
        """The stream tells it what is said."""
        self._words, self._hop = stops.spotter.words, int(stops.spotter.hop_s * SAMPLE_RATE)
        self._until = self._next = self._told_until = 0
        self._seen: deque[tuple[int, float]] = deque(maxlen=MOST_SEEN)
        self._voice: deque[float] = deque(maxlen=GOING_ON)
        self._lock = threading.Lock()

    def take(self, position: int, probability: float, newest: deque[Samples]) -> bool:
        """Look at the newest sound if it is time to. ``probability``: of speech in the last frame.

        Returns False where the spotter does not keep up.
        """
        self._voice.append(probability)
        if probability >= HINT:
            self._until = position + int(AFTERMATH_S * SAMPLE_RATE)
        if not max(self._next, self._told_until) <= position <= self._until:
            return True
        spotter = self._stops.spotter
        self._next = position + self._hop
        window = np.concatenate(newest)[-int(spotter.window_s * SAMPLE_RATE) :]
        conversed_s = self.talk.conversed_s(position, loudest(window))
        silent = falls_silent(window)
        goes_on = not silent and min(self._voice) >= SPEECH
        moment = Moment(position, self.talk.spoken_s(position), silent, conversed_s, goes_on)
        return self._stops.show(self, window, partial(self._looked, moment))

    def end(self, position: int, newest: deque[Samples]) -> None:
        """The sound ends here: look once more, as if silence followed. A word is surest a moment behind its end."""
        self.take(position + self._hop, 0.0, deque([*newest, np.zeros(self._hop, np.float32)]))

    def with_likeness(self, speech: Speech, heard: Transcript, clarity: float) -> Transcript:
        """What was heard, with how like a stop word its sound is: where it says nothing but what the spotter listens
        for, all of it was looked at, and nobody pressed a button to say it. ``clarity``: in dB above the noise."""
        unsure = speech.pressed or speech.holed or clarity < DROWNED_DB
        if unsure or not _says_only(self._words, heard):
            return heard
        with self._lock:
            seen = [(at, probability) for at, probability in self._seen if at > speech.began]
        began = speech.voiced_from or 0
        until = min(speech.voiced_to + int(BEHIND_S * SAMPLE_RATE), speech.closed_at + self._hop)
        ends = [began, *(at for at, _ in seen if at > began)]
        if ends[-1] < until or np.diff(ends).max() > APART_S * SAMPLE_RATE:
            return heard
        return replace(heard, signals=replace(heard.signals, stop_like=max(probability for _, probability in seen)))

    def _looked(self, moment: Moment, probability: float) -> None:
        """It does not wait for the stream's lock, which a listener may hold."""
        with self._lock:
            self._seen.append((moment.position, probability))
        if not self._stop_evidence.stop(moment, probability) or moment.position < self._told_until or self._deaf():
            return
        self._told_until = moment.position + int(STOP_AGAIN_S * SAMPLE_RATE)
        self._emit(StopHeard(self._device, moment.position / SAMPLE_RATE, probability))


def _says_only(words: Iterable[str], heard: Transcript) -> bool:
    """Whether the text is made of these words alone, one or several times."""
    wanted = sorted({tokens_of(word) for word in words} - {()}, key=len, reverse=True)
    rest = said = tokens_of(heard.text)
    while rest:
        if not (word := next((word for word in wanted if rest[: len(word)] == word), None)):
            return False
        rest = rest[len(word) :]
    return bool(said)
