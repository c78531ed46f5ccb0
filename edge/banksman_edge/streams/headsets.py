"""All streams of an agent: each headset hears and speaks for itself, and what several hear at once is handed on best
first."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet, WeakValueDictionary

from banksman_edge.asr import Recogniser, Transcript
from banksman_edge.audio import Sound
from banksman_edge.errors import RecogniserError
from banksman_edge.streams.device_names import DeviceNames
from banksman_edge.streams.endpointing import Fullness, Judge
from banksman_edge.streams.events import Final, NothingHeard, SoundTrouble, SpeechStarted, StopHeard, StreamEvent
from banksman_edge.streams.recognition import SharedRecogniser
from banksman_edge.streams.reply_speech import STALE_S, Playback, ReplySpeech
from banksman_edge.streams.shared_parts import Emit, SharedParts
from banksman_edge.streams.spotting import StopSpotter, StopWatch
from banksman_edge.streams.stream import AudioStream
from banksman_edge.tts import Speaker, Synthesis
from banksman_edge.turns import WINDOW_S, ReplyEvent
from banksman_edge.utterance import Session, Spoken, Utterance
from banksman_shared.clock import Clock

log = logging.getLogger(__name__)

LATE_S = 10.0
"""An order that is understood so long after it was said (the recogniser was overrun) is dropped, and said to be."""
HOLD_S = 0.25
"""What one headset heard waits so long for what another hears at the same time, and may hear more clearly."""

MOST_MISSED = 64
"""Replies that wait for headsets to come back."""

NO_SPOTTING = (
    "a headset that does not cancel echoes hears nothing but stop words during a reply, and none are looked for here; "
    "see [stop] early in site.toml, or use headsets that cancel echoes, or push-to-talk"
)


@dataclass(frozen=True, slots=True)
class Wearer:
    """Whose headset it is. ``operator``: who they say they are; ``session``: who showed a PIN for this stream."""

    operator: str | None = None
    language: str | None = None
    session: Session | None = None


NOBODY = Wearer()


class Headsets:
    """Opens streams and submits what is said in them. ``stop`` is called at once with every stop word spotted.

    ``recogniser`` None: the agent is deaf, and whatever wants it to hear is told so.
    """

    def __init__(
        self,
        recogniser: Recogniser | None,
        judge: Judge,
        clock: Clock,
        submit: Callable[[Utterance], Any],
        stop: Callable[[StopHeard, Wearer], Any],
    ) -> None:
        self._recogniser = SharedRecogniser(recogniser) if recogniser else None
        self._judge, self._clock, self._submit, self._stop = judge, clock, submit, stop
        self.names = DeviceNames()
        self._stops: StopWatch | None = None
        self._synthesis: Synthesis | None = None
        self._mouths: WeakValueDictionary[str, ReplySpeech] = WeakValueDictionary()
        self._missed: deque[tuple[ReplyEvent, float]] = deque(maxlen=MOST_MISSED)
        self._told_mute = False
        self._streams: WeakSet[AudioStream] = WeakSet()
        self._held: list[tuple[Final, Wearer, AudioStream]] = []
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def spot_stops(self, spotter: StopSpotter) -> None:
        """Look for stop words in the sound of all streams that are opened from now on."""
        self._stops = StopWatch(spotter)

    def speak_with(self, speaker: Speaker) -> None:
        """Speak replies on headsets that :meth:`give_voice` is called for from now on."""
        self._synthesis = Synthesis(speaker)

    @property
    def hears(self) -> bool:
        """Whether there is a recogniser."""
        return self._recogniser is not None

    @property
    def synthesis(self) -> Synthesis | None:
        """What speaks the replies; None where nothing does."""
        return self._synthesis

    def give_voice(self, stream: AudioStream, playback: Playback, *, half_duplex: bool) -> ReplySpeech | None:
        """Speak the replies to a stream's operator, too, until the mouth or the agent is closed; None if nothing can.

        ``half_duplex``: its microphone hears its loudspeaker; see :class:`ReplySpeech`. Without a button that takes
        stop spotting: nothing else would hear a stop during a reply.
        """
        if self._synthesis is None:
            log.info("replies on %s are text only, since nothing here speaks; see 'banksman doctor'", stream.device)
            return None
        spotter = self._stops.spotter if self._stops else None
        if half_duplex and spotter is None and not stream.push_to_talk:
            level = logging.DEBUG if self._told_mute else logging.WARNING
            log.log(level, "replies on %s are text only: %s", stream.device, NO_SPOTTING)
            self._told_mute = True
            return None
        reply_speech = ReplySpeech(
            stream, playback, self._synthesis, self._clock, half_duplex=half_duplex, spotter=spotter
        )
        now = self._clock.monotonic()
        with self._lock:
            self._mouths[stream.device] = reply_speech
            missed = [reply for reply, since in self._missed if now - since < STALE_S[reply.urgency]]
            self._missed = deque((each for each in self._missed if each[0].device != stream.device), MOST_MISSED)
        for reply in missed:
            if reply.device == stream.device:
                reply_speech.say(reply)
        return reply_speech

    def reply(self, reply: ReplyEvent) -> None:
        """Have a reply spoken on the headset that it is for, if that has a voice, or has one again before the reply is
        stale: after a restart of the agent headsets come back later than the news of it. Returns at once."""
        if not reply.device or self._synthesis is None:
            return
        with self._lock:
            reply_speech = self._mouths.get(reply.device)
            if reply_speech is None:
                self._missed.append((reply, self._clock.monotonic()))
        if reply_speech:
            reply_speech.say(reply)

    def _hush(self, device: str) -> None:
        if reply_speech := self._mouths.get(device):
            reply_speech.hush()

    def speaking(self, device: str) -> bool:
        """Whether somebody is speaking into a device just now."""
        with self._lock:
            return any(stream.device == device and stream.speaking for stream in self._streams)

    def transcribe(self, sound: Sound) -> Transcript:
        """Recognise a whole sound, in turn with the streams.

        Raises:
            RecogniserError: recognition failed, or there is no recogniser.
        """
        return self._recognition().transcribe(sound)

    def close(self) -> None:
        """Hear and say nothing any more."""
        if self._stops:
            self._stops.close()
        for reply_speech in list(self._mouths.values()):
            reply_speech.close()
        if self._synthesis:
            self._synthesis.close()
        if self._recogniser:
            self._recogniser.close()

    def _recognition(self) -> SharedRecogniser:
        if self._recogniser is None:
            raise RecogniserError("this agent has no recogniser and cannot hear sound; send text")
        return self._recogniser

    def open(
        self,
        device: str,
        wearer: Wearer = NOBODY,
        *,
        push_to_talk: bool = False,
        obeyed: bool = True,
        listener: Emit | None = None,
    ) -> AudioStream:
        """A new stream of sound, heard until it is closed.

        ``device`` tells headsets apart: the same words that two of them hear at once count once. ``listener`` gets the
        stream's events before anything is done about them, on threads that it must not keep waiting. Without
        ``obeyed`` it is all that gets them: nothing is carried out.

        Raises:
            RecogniserError: there is no recogniser.
        """

        def hear(event: StreamEvent) -> None:
            if isinstance(event, StopHeard) and obeyed:
                self._stop(event, wearer)
            if isinstance(event, StopHeard | SpeechStarted):
                self._hush(device)
            if isinstance(event, SoundTrouble):
                log.warning("the sound of %s is %s", device, event.trouble)
            if listener:
                listener(event)
            if obeyed:
                self._follow(stream, wearer, event)

        shared_parts = SharedParts(self._recognition(), self._judge, self._clock, self._stops if obeyed else None)
        stream = AudioStream(device, shared_parts, hear, push_to_talk=push_to_talk)
        if not obeyed:
            return stream
        with self._lock:
            self._streams.add(stream)
        return stream

    def _follow(self, stream: AudioStream, wearer: Wearer, event: StreamEvent) -> None:
        match event:
            case Final():
                if stream.closed and self._judge(event.transcript) is not Fullness.STOP:
                    log.info("what %s had heard last was no stop and is dropped: it is closed", event.device)
                    self._hand_on(self._settled())
                elif self._judge(event.transcript) is Fullness.STOP:
                    self._hand_on([(event, wearer)])
                else:
                    self._hold(event, wearer, stream)
            case NothingHeard():
                log.info("nothing came of a sound of %s: %s", event.device, event.reason)
                self._hand_on(self._settled())

    def _hold(self, final: Final, wearer: Wearer, stream: AudioStream) -> None:
        with self._lock:
            self._held.append((final, wearer, stream))
        self._hand_on(self._settled())
        with self._lock:
            if self._held and self._timer is None:
                self._timer = threading.Timer(HOLD_S, self._give_up)
                self._timer.daemon = True
                self._timer.start()

    def _settled(self, *, late: bool = False) -> list[tuple[Final, Wearer]]:
        """What need not wait, the clearest first: all of it once nobody else is heard at the same time any more."""
        with self._lock:
            if not late and any(self._has_rival(final, stream) for final, _, stream in self._held):
                return []
            ready, self._held = self._held, []
            return sorted(((final, wearer) for final, wearer, _ in ready), key=lambda held: -held[0].clarity)

    def _has_rival(self, final: Final, stream: AudioStream) -> bool:
        others = (other for other in self._streams if other is not stream)
        return any(abs(began - final.began) <= WINDOW_S for other in others for began in other.busy_since())

    def _give_up(self) -> None:
        with self._lock:
            self._timer = None
        self._hand_on(self._settled(late=True))

    def _hand_on(self, ready: list[tuple[Final, Wearer]]) -> None:
        for final, wearer in ready:
            spoken = Spoken(final.transcript, final.began, final.ended, wearer.session)
            utterance = Utterance(
                sound=final.sound,
                spoken=spoken,
                language=wearer.language,
                operator=wearer.operator,
                device=final.device,
                deadline=self._clock.time() - self._clock.monotonic() + final.ended + LATE_S,
            )
            self._submit(utterance)
