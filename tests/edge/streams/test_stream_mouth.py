"""What is said into one ear, in which order, and how it falls silent."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from stream_world import Listener, ScriptedRecognition, in_a_room, quiet, spoken
from voice_world import Ear, ToneSpeaker

from banksman_edge import Sound
from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.audio.levels import Trouble
from banksman_edge.replies.reply_urgency import Urgency
from banksman_edge.streams import StopWatch, StreamEvent
from banksman_edge.streams.endpointing import Fullness
from banksman_edge.streams.headsets import Headsets
from banksman_edge.streams.reply_speech import AHEAD_S, MOST, ReplySpeech
from banksman_edge.tts.synthesis import Synthesis
from banksman_edge.turns.events import ReplyEvent
from banksman_shared.clock import Clock, ManualClock, SystemClock


def reply(text: str, urgency: Urgency = Urgency.ANSWER) -> ReplyEvent:
    return ReplyEvent("u", text, "en", "headset", urgency)


class Person:
    """A headset, its operator and its loudspeaker."""

    def __init__(
        self,
        speaker: ToneSpeaker,
        *,
        half_duplex: bool = False,
        clock: Clock | None = None,
        text: str = "an order.",
        push_to_talk: bool | None = None,
        **shared_parts: Any,
    ):
        button = not half_duplex if push_to_talk is None else push_to_talk
        self.listener = Listener(ScriptedRecognition(text), push_to_talk=button, **shared_parts)
        self.stream, self.ear, self.synthesis = self.listener.stream, Ear(), Synthesis(speaker)
        watch = shared_parts.get("stops")
        self.reply_speech = ReplySpeech(
            self.stream,
            self.ear,
            self.synthesis,
            clock or SystemClock(),
            half_duplex=half_duplex,
            spotter=watch.spotter if watch else None,
        )

    def close(self) -> None:
        self.reply_speech.close()
        self.reply_speech._thread.join(timeout=5)
        self.synthesis.close()


@pytest.fixture
def speaker() -> ToneSpeaker:
    return ToneSpeaker()


@pytest.fixture
def person(speaker: ToneSpeaker) -> Iterator[Person]:
    wearing = Person(speaker)
    yield wearing
    wearing.close()


def told(person: Person) -> list[StreamEvent]:
    """What the listener was told, but that a busy machine did not keep up."""
    return [event for event in person.listener.events if getattr(event, "trouble", None) != Trouble.UNWATCHED]


def test_what_is_urgent_is_said_first_once_the_operator_is_silent(person: Person) -> None:
    person.stream.press()
    person.reply_speech.say(reply("news", Urgency.NEWS))
    person.reply_speech.say(reply("answer one"))
    person.reply_speech.say(reply("answer two"))
    person.reply_speech.say(reply("alarm", Urgency.ALARM))
    threading.Event().wait(0.1)
    assert person.ear.log == []
    person.stream.release()
    said = [text for what, text in person.ear.until_over(4) if what == "end"]
    assert said == ["alarm", "answer one", "answer two", "news"]


def test_what_has_waited_too_long_is_left_unsaid(speaker: ToneSpeaker) -> None:
    clock = ManualClock()
    person = Person(speaker, clock=clock)
    person.stream.press()
    person.reply_speech.say(reply("stale"))
    person.reply_speech.say(reply("still important", Urgency.ALARM))
    clock.advance(10)
    person.stream.release()
    person.ear.until(lambda: bool(person.ear.log))
    assert person.ear.log == [("begin", "still important")]
    person.close()
    assert "stale" not in [text for _, text in person.ear.log]


def test_there_is_an_end_to_what_waits(person: Person) -> None:
    person.stream.press()
    for number in range(2 * MOST):
        person.reply_speech.say(reply(f"news {number}", Urgency.NEWS))
    person.reply_speech.say(reply("alarm", Urgency.ALARM))
    person.stream.release()
    said = [text for what, text in person.ear.until_over(MOST) if what == "end"]
    assert said == ["alarm", *(f"news {number}" for number in range(MOST - 1))]


def test_a_reply_is_cut_as_soon_as_the_operator_speaks(person: Person, speaker: ToneSpeaker) -> None:
    speaker.seconds = 30.0
    person.reply_speech.say(reply("a long story"))
    person.ear.until(lambda: person.ear.samples > 0)
    person.reply_speech.hush()
    assert person.ear.until_over(1) == [("begin", "a long story"), ("cut", "a long story")]
    heard = person.ear.samples
    threading.Event().wait(0.1)
    assert person.ear.samples == heard < 30 * SAMPLE_RATE


@pytest.mark.parametrize("half_duplex", [False, True])
def test_a_reply_waits_for_the_end_of_an_utterance_and_not_for_a_pause_in_it(
    speaker: ToneSpeaker, speech: dict[str, Sound], half_duplex: bool
) -> None:
    order = spoken(speech["en-callsign"])
    person = Person(speaker, half_duplex=half_duplex, push_to_talk=False, text="an order and…")
    person.listener.hear(in_a_room(quiet(0.5), order, quiet(0.45)))
    assert person.listener.of("speech_started")
    assert not person.listener.of("endpoint")
    person.reply_speech.say(reply("done"))
    threading.Event().wait(0.1)
    assert person.ear.log == []
    person.listener.hear(quiet(1.5), until=lambda: bool(person.listener.of("endpoint")))
    assert person.ear.until_over(1) == [("begin", "done"), ("end", "done")]
    person.close()


def test_a_headset_that_fell_silent_in_the_middle_hushes_the_reply_when_it_is_heard_again(
    speaker: ToneSpeaker, speech: dict[str, Sound]
) -> None:
    order = spoken(speech["en-callsign"])
    speaker.seconds = 30.0
    person = Person(speaker, push_to_talk=False, text="an order and…")
    person.listener.hear(in_a_room(quiet(0.5), order))
    person.listener.clock.advance(1.0)
    person.reply_speech.say(reply("a long story"))
    person.ear.until(lambda: person.ear.samples > 0)
    person.listener.hear(in_a_room(order[:1600]))
    assert person.ear.until_over(1) == [("begin", "a long story"), ("cut", "a long story")]
    assert len(person.listener.of("speech_started")) == 1
    person.close()


def test_sound_goes_out_hardly_ahead_of_the_ear(speaker: ToneSpeaker) -> None:
    clock = ManualClock()
    speaker.seconds = 2.0
    person = Person(speaker, clock=clock)
    person.reply_speech.say(reply("two seconds"))
    person.ear.until(lambda: person.ear.samples > 0)
    threading.Event().wait(0.2)
    assert person.ear.samples <= (AHEAD_S + 0.04) * SAMPLE_RATE
    person.close()


def test_an_alarm_gets_in_between_the_sentences_of_a_long_reply(person: Person, speaker: ToneSpeaker) -> None:
    speaker.seconds = 0.2
    story = "Forklift 1: at dock 1. Forklift 2: at dock 2. Forklift 3: at dock 3."
    person.reply_speech.say(reply(story))
    person.ear.until(lambda: person.ear.samples > 0)
    person.reply_speech.say(reply("alarm", Urgency.ALARM))
    assert person.ear.until_over(3) == [
        ("begin", story), ("cut", story), ("begin", "alarm"), ("end", "alarm"), ("begin", story), ("end", story),
    ]  # fmt: skip
    assert sorted(speaker.said) == sorted(
        ["Forklift 1:", "at dock 1.", "Forklift 2:", "at dock 2.", "Forklift 3:", "at dock 3.", "alarm"]
    )


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("叉车 3：完成。前往码头 2。", ["叉车 3：", "完成。", "前往码头 2。"]),
        ("{who}. Oui ou non ?", ["{who}.", "Oui ou non ?"]),
        ("It is 3.5 metres: yes", ["It is 3.5 metres:", "yes"]),
        ("الخطة: خطوتان. هل أبدأ؟", ["الخطة:", "خطوتان.", "هل أبدأ؟"]),
    ],
)
def test_pieces_end_where_a_speaker_pauses(person: Person, speaker: ToneSpeaker, text: str, pieces: list[str]) -> None:
    person.reply_speech.say(reply(text))
    person.ear.until_over(1)
    assert speaker.said == pieces


def test_speech_that_fails_is_logged_once_and_the_next_reply_is_spoken(
    person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for text in ("fail one", "fail two", "it works"):
            person.reply_speech.say(reply(text))
        assert person.ear.until_over(1) == [("begin", "it works"), ("end", "it works")]
    assert [record.message for record in caplog.records] == ["replies on headset are text only: no voice today"]


@pytest.mark.parametrize(
    ("half_duplex", "text", "said_s"),
    [(True, "One. Two. Three. Four.", 2 * 0.35), (True, "One", 0.35), (False, "One. Two. Three. Four.", 4 * 0.35)],
)
def test_in_half_duplex_no_reply_keeps_the_microphone_closed_for_long(
    speaker: ToneSpeaker, monkeypatch: pytest.MonkeyPatch, half_duplex: bool, text: str, said_s: float
) -> None:
    monkeypatch.setattr("banksman_edge.streams.reply_speech.LONGEST_S", 0.8 if "." in text else 0.35)
    speaker.seconds = 0.2 if "." in text else 30.0
    person = Person(speaker, half_duplex=half_duplex)
    person.reply_speech.say(reply(text))
    assert person.ear.until_over(1) == [("begin", text), ("end", text)]
    assert person.ear.samples == pytest.approx(said_s * SAMPLE_RATE, abs=1)
    person.close()


def test_a_reply_without_words_is_nothing_to_say(person: Person, caplog: pytest.LogCaptureFixture) -> None:
    for text in ("", "  \n", "words"):
        person.reply_speech.say(reply(text))
    assert person.ear.until_over(1) == [("begin", "words"), ("end", "words")]
    assert caplog.records == []


class Spotter:
    """Hears a stop in whatever is as loud as this."""

    window_s, hop_s, threshold = 0.5, 0.1, 0.5
    words = frozenset[str]()

    def probability(self, window: Any) -> float:
        return float(np.abs(window).max() > 0.9)


def test_in_half_duplex_the_echo_of_a_reply_is_no_order_and_stop_words_are_heard(
    speaker: ToneSpeaker, speech: dict[str, Sound]
) -> None:
    echo = spoken(speech["en-callsign"])
    speaker.seconds = 30.0
    person = Person(speaker, half_duplex=True, stops=StopWatch(Spotter()))
    person.listener.hear(quiet(0.5))
    person.reply_speech.say(reply("a long story"))
    person.ear.until(lambda: person.ear.samples > 0)
    person.listener.hear(in_a_room(echo, quiet(1)))
    assert not told(person)
    person.listener.hear(in_a_room(3 * echo, quiet(0.2)), until=lambda: "stop" in person.listener.names)
    for _ in range(500):
        if "stop" in person.listener.names:
            break
        threading.Event().wait(0.01)
    assert set(person.listener.names) - {"trouble"} == {"stop"}
    person.reply_speech.hush()
    person.ear.until_over(1)
    for _ in range(500):
        if not person.stream._echoed:
            break
        threading.Event().wait(0.01)
    person.listener.hear(in_a_room(quiet(0.2), echo, quiet(1)))
    final = person.listener.of("final")[0]
    assert final.transcript.text == "an order."
    assert abs(final.sound.seconds - len(echo) / SAMPLE_RATE) < 1.5  # nothing of what was said before is in it
    person.close()


def test_in_half_duplex_a_reply_that_sounds_like_a_stop_is_none(speaker: ToneSpeaker, speech: dict[str, Sound]) -> None:
    class Easily(Spotter):
        """Hears a stop in whatever is not silent."""

        def probability(self, window: Any) -> float:
            return float(np.abs(window).max() > 0.01)

    echo = spoken(speech["en-callsign"])
    speaker.seconds = 1.5
    watch = StopWatch(Easily())
    person = Person(speaker, half_duplex=True, stops=watch)
    person.reply_speech.say(reply("stop-like"))
    person.ear.until(lambda: person.ear.samples > 0)
    person.listener.hear(in_a_room(echo))
    person.ear.until_over(1)
    while person.stream._echoed:
        threading.Event().wait(0.01)
    assert not told(person)
    person.listener.hear(in_a_room(echo), until=lambda: bool(person.listener.of("stop")))
    while not person.listener.of("stop"):
        threading.Event().wait(0.01)
    person.close()


class Halting(ToneSpeaker):
    """Says nothing with "wait" in it until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def speak(self, text: str, language: str) -> Any:
        if "wait" in text:
            assert self.go.wait(30), "nobody let the speaker go"
        return super().speak(text, language)


def opened(person: Person) -> bool:
    """Whether the microphone is heard again soon."""
    for _ in range(500):
        if not person.stream._echoed:
            return True
        threading.Event().wait(0.01)
    return False


@pytest.mark.parametrize("text", ["One. wait", "wait for it"])
def test_in_half_duplex_the_microphone_is_heard_while_the_next_piece_is_waited_for(
    speech: dict[str, Sound], text: str
) -> None:
    halting, clock = Halting(), ManualClock()
    person = Person(halting, half_duplex=True, clock=clock)
    person.reply_speech.say(reply("before"))
    person.ear.until(lambda: person.ear.samples > 0)
    clock.advance(0.3)
    person.ear.until_over(1)
    person.reply_speech.say(reply(text))
    if text.startswith("One"):
        person.ear.until(lambda: ("begin", text) in person.ear.log and person.ear.samples > 4000)
    clock.advance(1.0)
    assert opened(person)
    person.listener.hear(in_a_room(quiet(0.3), spoken(speech["en-callsign"])))
    assert person.listener.of("speech_started")
    halting.go.set()
    if text.startswith("One"):
        assert person.ear.until_over(2)[-1] == ("cut", text)
    else:
        person.listener.hear(quiet(1.5))
        person.ear.until(lambda: ("begin", text) in person.ear.log)
    person.close()


def test_what_was_said_a_while_ago_is_no_echo_any_more() -> None:
    class Easily(Spotter):
        """Hears a stop in whatever is not silent."""

        def probability(self, window: Any) -> float:
            return float(np.abs(window).max() > 0.01)

    halting, clock = Halting(), ManualClock()
    person = Person(halting, half_duplex=True, clock=clock, stops=StopWatch(Easily()))
    person.reply_speech.say(reply("One. wait"))
    person.ear.until(lambda: person.ear.samples > 0)
    echoed = person.stream._echoed
    assert echoed
    assert echoed()
    clock.advance(1.1)
    assert echoed()
    clock.advance(0.4)
    assert not echoed()
    halting.go.set()
    person.close()


def test_in_half_duplex_the_button_opens_the_microphone(speaker: ToneSpeaker, speech: dict[str, Sound]) -> None:
    speaker.seconds = 30.0
    person = Person(speaker, half_duplex=True)
    person.reply_speech.say(reply("a long story"))
    person.ear.until(lambda: person.ear.samples > 0)
    person.stream.press()
    person.listener.hear(in_a_room(spoken(speech["en-callsign"])))
    person.stream.release()
    assert person.listener.names[0] == "speech_started"
    assert [final.transcript.text for final in person.listener.of("final")] == ["an order."]
    person.close()


@pytest.mark.parametrize("broken", ["begin", "end"])
def test_a_loudspeaker_that_breaks_leaves_the_microphone_open_and_the_next_reply_is_said(
    speaker: ToneSpeaker, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    person = Person(speaker, half_duplex=True)
    broke = threading.Event()

    def fail(*_: Any, **__: Any) -> None:
        broke.set()
        raise OSError("the cable is out")

    with monkeypatch.context() as patch:
        patch.setattr(person.ear, broken, fail)
        person.reply_speech.say(reply("unheard"))
        assert broke.wait(30)
        assert opened(person)
    person.reply_speech.say(reply("heard"))
    person.ear.until(lambda: ("end", "heard") in person.ear.log)
    assert "a reply on headset could not be spoken" in caplog.text
    person.close()


def test_while_the_agent_closes_replies_are_left_unsaid_without_a_word(
    person: Person, caplog: pytest.LogCaptureFixture
) -> None:
    person.synthesis.close()
    person.reply_speech.say(reply("too late"))
    person.reply_speech.say(reply("later still"))
    while person.reply_speech._waiting:
        threading.Event().wait(0.01)
    person.close()
    assert [record.levelname for record in caplog.records if record.levelno > logging.INFO] == ["WARNING"]
    assert caplog.records[-1].message == (
        "replies on headset are text only: nothing is spoken any more, since the agent is closing"
    )


def test_a_closed_mouth_is_silent_and_leaves_the_microphone_open(speaker: ToneSpeaker) -> None:
    speaker.seconds = 30.0
    person = Person(speaker, half_duplex=True)
    person.reply_speech.say(reply("a long story"))
    person.ear.until(lambda: person.ear.samples > 0)
    assert person.stream._echoed
    person.close()
    assert person.ear.log[-1] == ("cut", "a long story")
    assert not person.stream._echoed


def test_what_was_told_while_a_headset_was_away_is_said_when_it_is_back(speaker: ToneSpeaker) -> None:
    """As after a restart of the agent, which headsets find out later than what becomes of a plan is told."""
    clock, person = ManualClock(), Person(speaker)
    headsets = Headsets(None, lambda _: Fullness.OTHER, clock, lambda _: None, lambda *_: None)
    headsets.speak_with(speaker)
    device = person.stream.device
    for text, urgency in (("stale", Urgency.ANSWER), ("the plan has ended", Urgency.ALARM)):
        headsets.reply(ReplyEvent("u", text, "en", device, urgency))
    headsets.reply(ReplyEvent("u", "somebody else's", "en", "another", Urgency.ALARM))
    clock.advance(10)
    reply_speech = headsets.give_voice(person.stream, person.ear, half_duplex=False)
    assert reply_speech
    person.ear.until(lambda: bool(person.ear.log))
    assert person.ear.log == [("begin", "the plan has ended")]
    assert [told.device for told, _ in headsets._missed] == ["another"]
    headsets.close()
    person.close()
