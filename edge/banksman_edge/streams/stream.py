"""A stream of sound: frames in, events out."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable

import numpy as np

from banksman_edge.asr import Transcript
from banksman_edge.audio import (
    FRAME,
    HYSTERESIS,
    SAMPLE_RATE,
    SPEECH,
    LevelMeter,
    Samples,
    SpeechDetector,
    Trouble,
    clean,
)
from banksman_edge.streams.endpointing import BURIED_DB, ONSET, SURE, Fullness
from banksman_edge.streams.events import (
    Ending,
    Endpoint,
    Final,
    Nothing,
    NothingHeard,
    PartialText,
    SoundTrouble,
    SpeechStarted,
)
from banksman_edge.streams.recognition import Task
from banksman_edge.streams.shared_parts import Emit, SharedParts
from banksman_edge.streams.speech import PAUSE_S, Speech
from banksman_edge.streams.stop_listening import StopListening
from banksman_edge.streams.talk_detection import SILENT_S
from banksman_shared.errors import BanksmanError

HOLE_S = 0.7
"""What begins so soon after missing sound may have begun in it."""


class AudioStream:
    """The sound of one microphone, in order. Safe to use from several threads.

    An open microphone ends an utterance where enough silence follows. With ``push_to_talk`` it is what lies between
    :meth:`press` and :meth:`release`, and stop words are still heard all the time. Listeners are called one event
    after the other, on the thread that fed the stream or on the recogniser's, and must be quick.
    """

    def __init__(self, device: str, shared_parts: SharedParts, emit: Emit, *, push_to_talk: bool = False) -> None:
        self.device, self.push_to_talk = device, push_to_talk
        self._shared_parts, self._emit, self._ends = shared_parts, emit, shared_parts.endpointing
        self._detector, self._meter = SpeechDetector(), LevelMeter()
        self._rest = np.zeros(0, np.float32)
        self._position = self._ended_at = 0
        self._hole_at = -SAMPLE_RATE
        self._fed_at = self._zero = shared_parts.clock.monotonic()
        self._stops = StopListening(device, shared_parts.stops, emit, self._is_deaf) if shared_parts.stops else None
        window_s = shared_parts.stops.spotter.window_s if shared_parts.stops else 0.0
        self._recent: deque[Samples] = deque(maxlen=_frames(max(window_s, shared_parts.endpointing.pre_roll)))
        self._voiced: deque[bool] = deque(maxlen=ONSET[1])
        self._speech: Speech | None = None
        self._unheard: list[Speech] = []
        self._pressed = self._closed = False
        self._echoed: Callable[[], bool] | None = None
        self._lock = threading.RLock()

    @property
    def seconds(self) -> float:
        """How much sound there has been."""
        return self._position / SAMPLE_RATE

    @property
    def closed(self) -> bool:
        """Whether no more sound is taken. What it heard before may still come out."""
        return self._closed

    @property
    def speaking(self) -> bool:
        """Whether somebody spoke within the last moments. Takes no lock, like :meth:`busy_since`."""
        speech = self._speech
        return speech is not None and self._position - speech.voiced_to < PAUSE_S * SAMPLE_RATE

    @property
    def held(self) -> bool:
        """Whether the operator has the floor: what they say is not over yet, or they keep the button pressed. Not a
        headset that fell silent in the middle of it. Takes no lock."""
        coming = self._shared_parts.clock.monotonic() - self._fed_at < PAUSE_S
        return self._pressed or (coming and self._speech is not None)

    def gate(self, echoed: Callable[[], bool] | None) -> None:
        """Until None comes, no speech begins: a loudspeaker stands beside the microphone. Stop words count unless
        ``echoed`` says they may be its own; what is being said already, or with the button pressed, is heard."""
        self._echoed = echoed

    def busy_since(self) -> list[float]:
        """When the utterances began (monotonic-clock seconds) of which it is not known yet what was said. No lock is
        taken, since other streams ask in the middle of their events; it may be a frame behind."""
        speech, ended = self._speech, [speech.spoken(speech.zero)[0] for speech in self._unheard]
        return [*ended, speech.spoken(self._zero)[0]] if speech and speech.voiced_from is not None else ended

    def feed(self, samples: Samples) -> None:
        """The next samples, any number of them: shape (n,), float32, 16 kHz. What is no number is :meth:`lost`."""
        with self._lock:
            if self._closed:
                return
            self._forget_after_gap(len(samples) / SAMPLE_RATE)
            self._fed_at = self._shared_parts.clock.monotonic()
            joined = np.concatenate([self._rest, samples])
            self._zero = self._fed_at - (self._position + len(joined)) / SAMPLE_RATE
            whole = len(joined) // FRAME * FRAME
            self._rest = joined[whole:]
            for at in range(0, whole, FRAME):
                self._take(joined[at : at + FRAME])

    def _forget_after_gap(self, seconds: float) -> None:
        """Sound that comes after a while in which none came, ``seconds`` of it, continues nothing."""
        gap_s = self._shared_parts.clock.monotonic() - self._fed_at - seconds
        if self._stops and gap_s > SILENT_S:
            self._stops.talk.forget()

    def lost(self) -> None:
        """Sound is missing between what was fed and what will be: of the utterance around it only a stop counts."""
        with self._lock:
            if not self._closed:
                self._holed(self._meter.lost())

    def press(self) -> None:
        """The operator begins to speak: what comes until :meth:`release` is one utterance."""
        with self._lock:
            if not self._closed:
                self._pressed = True
                self._speech = self._speech or self._begin()
                self._speech.pressed = True

    def release(self) -> None:
        """The utterance is over; also at the end of a file. What is still missing of its last frame is silence."""
        with self._lock:
            if len(self._rest):
                self._take(np.pad(self._rest, (0, FRAME - len(self._rest))))
                self._rest = np.zeros(0, np.float32)
            if self._stops:
                self._stops.end(self._position, self._recent)
            self._pressed = False
            if self._speech is not None:
                self._end(self._speech, Ending.RELEASED)

    def close(self) -> None:
        """There is no more sound. An utterance that was not over comes to nothing."""
        with self._lock:
            self._closed = True
            if self._speech is not None:
                speech, self._speech = self._speech, None
                if speech.task:
                    self._shared_parts.recognition.drop(speech.task)
                speech.ended, speech.task = True, None
                if speech.voiced_from is not None:
                    self._nothing(Nothing.CUT_OFF, "the stream ended in the middle of it")

    # Frame by frame

    def _take(self, frame: Samples) -> None:
        if not np.isfinite(frame).all():
            self._holed(self._meter.broken())
        frame = clean(frame)
        self._position += FRAME
        self._recent.append(frame)
        self._tell_troubles(self._meter.feed(frame))
        probability = float(self._detector.probabilities(frame)[0])
        if self._stops and not self._stops.take(self._position, probability, self._recent):
            self._tell_troubles(self._meter.unwatched())
        if self._echoed and self._speech is None:
            self._voiced.clear()
            self._ended_at = self._position  # what is heard afterwards does not begin in here
            return
        voiced = self._is_voiced(probability)
        self._voiced.append(voiced)
        if voiced and self._stops:
            self._stops.talk.voiced(self._position)
        if self._speech is None:
            if self.push_to_talk or sum(self._voiced) < ONSET[0]:
                return
            self._speech = self._begin()
            self._speech.start(self._position - ONSET[1] * FRAME, self._position, self._meter.level)
            self._tell_started(self._speech)
            return
        speech = self._speech
        silent_so_far = speech.voiced_from is None
        speech.add(frame, self._position, voiced=voiced, level=self._meter.level)
        if silent_so_far and voiced:
            self._tell_started(speech)
        self._consider(speech)

    def _holed(self, troubles: list[Trouble]) -> None:
        self._tell_troubles(troubles)
        self._hole_at = self._position
        if self._speech is not None:
            self._speech.holed = True

    def _is_voiced(self, probability: float) -> bool:
        talking = self._speech is not None and bool(self._voiced) and self._voiced[-1]
        if probability < (SPEECH - HYSTERESIS if talking else SPEECH):
            return False
        return probability >= SURE or self._meter.level >= self._meter.floor + BURIED_DB

    def _begin(self) -> Speech:
        """With what was heard just before, which may hold the first consonant, and not what was said before that."""
        count = min(_frames(self._ends.pre_roll), (self._position - self._ended_at) // FRAME)
        frames = list(self._recent)[-count:] if count else []
        holed = self._position - self._hole_at < HOLE_S * SAMPLE_RATE
        return Speech(self._position - sum(map(len, frames)), frames, pressed=self._pressed, holed=holed)

    def _tell_started(self, speech: Speech) -> None:
        self._emit(SpeechStarted(self.device, (speech.voiced_from or 0) / SAMPLE_RATE))

    def _tell_troubles(self, troubles: list[Trouble]) -> None:
        for trouble in troubles:
            self._emit(SoundTrouble(self.device, self.seconds, trouble))

    # Is it over?

    def _consider(self, speech: Speech) -> None:
        """End the utterance, or have recognised what there is of it while the silence goes on."""
        if self._position - speech.began >= self._ends.longest * SAMPLE_RATE:
            self._end(speech, Ending.TOO_LONG)
            self._speech = self._begin() if self._pressed else None
            return
        if speech.voiced_from is None:
            return
        silence_s = (self._position - speech.voiced_to) / SAMPLE_RATE
        if silence_s >= self._ends.speculate and speech.covers != speech.voiced_to:
            self._recognise(speech)
        if self._pressed:
            return
        fullness = speech.fullness if speech.known else None
        if silence_s >= self._ends.silence(fullness, self._clarity(speech)):
            self._end(speech, Ending.SILENCE)

    def _end(self, speech: Speech, ending: Ending) -> None:
        self._speech, speech.ended, self._ended_at = None, True, self._position
        speech.closed_at, speech.zero = self._position, self._zero
        self._voiced.clear()
        if speech.voiced_from is None:
            self._nothing(Nothing.NOBODY_SPOKE, "the microphone is dead" if self._meter.still else "")
            return
        self._emit(Endpoint(self.device, self.seconds, speech.voiced_to / SAMPLE_RATE, ending))
        if speech.known and speech.transcript:
            self._conclude(speech, speech.transcript)
            return
        self._unheard.append(speech)
        if speech.task is None or speech.covers != speech.voiced_to:
            self._recognise(speech)
        if speech.task:
            self._shared_parts.recognition.final(speech.task)

    # What was said

    def _recognise(self, speech: Speech) -> None:
        if speech.task:
            self._shared_parts.recognition.drop(speech.task)
        task = Task(speech.sound(), lambda heard: self._heard(speech, task, heard))
        speech.task, speech.covers, speech.transcript = task, speech.voiced_to, None
        if not speech.ended:
            self._shared_parts.recognition.partial(task)

    def _heard(self, speech: Speech, task: Task, heard: Transcript | BanksmanError) -> None:
        """On the recogniser's thread. A text that further speech has overtaken is the partial one, too."""
        fullness = None if isinstance(heard, BanksmanError) else self._shared_parts.judge(heard)
        with self._lock:
            newest = task is speech.task
            if newest:
                speech.task, speech.fullness = None, fullness
                if self._stops:
                    self._stops.talk.recognised(speech, fullness)
            if speech.ended:
                if newest and speech in self._unheard:
                    self._unheard.remove(speech)
                    self._conclude(speech, heard)
                return
            if isinstance(heard, BanksmanError):
                return
            if heard.text not in ("", speech.told):
                speech.told = heard.text
                self._emit(PartialText(self.device, self.seconds, heard))
            if newest:
                speech.transcript = heard
                self._consider(speech)

    def _conclude(self, speech: Speech, heard: Transcript | BanksmanError) -> None:
        if isinstance(heard, BanksmanError):
            self._nothing(Nothing.FAILED, str(heard))
        elif not heard.text:
            self._nothing(Nothing.NO_WORDS, heard.reason)
        elif speech.holed and speech.fullness is not Fullness.STOP:
            self._nothing(Nothing.HOLES, "some of the sound is missing; say it again")
        else:
            began, ended = speech.spoken(speech.zero)
            at, clarity = speech.closed_at / SAMPLE_RATE, self._clarity(speech)
            position = speech.voiced_from or 0
            heard = self._stops.with_likeness(speech, heard, clarity) if self._stops else heard
            self._emit(Final(self.device, at, heard, speech.sound(), began, ended, clarity, position))

    def _nothing(self, reason: Nothing, detail: str = "") -> None:
        self._emit(NothingHeard(self.device, self.seconds, reason, detail))

    def _is_deaf(self) -> bool:
        """Whether no stop word counts. Asked on the spotter's thread, and takes no lock."""
        return self._closed or bool((echoed := self._echoed) and echoed())

    def _clarity(self, speech: Speech) -> float:
        return speech.loudness - self._meter.floor


def _frames(seconds: float) -> int:
    return max(1, math.ceil(seconds * SAMPLE_RATE / FRAME))
