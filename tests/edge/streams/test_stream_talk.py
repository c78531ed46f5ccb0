"""Stop words in the middle of talk and in conversations, and what is no conversation."""

from __future__ import annotations

from itertools import cycle
from typing import Any

import numpy as np
import pytest
from stream_world import Inline, Listener, ScriptedRecognition, ScriptedSpotter, in_a_room, quiet, soft_and_loud, spoken

from banksman_edge import Sound
from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.errors import RecogniserError
from banksman_edge.streams import Fullness
from banksman_edge.streams.speech import Speech
from banksman_edge.streams.talk_detection import TalkDetection

LEVEL = -25.0


@pytest.fixture(scope="module")
def words(speech: dict[str, Sound]) -> Any:
    return spoken(speech["en-callsign"])


def said(began_s: float, ended_s: float, loudness: float = LEVEL) -> Speech:
    """An utterance, all of which has been recognised."""
    began, ended = round(began_s * SAMPLE_RATE), round(ended_s * SAMPLE_RATE)
    return Speech(began, [], voiced_from=began, voiced_to=ended, covers=ended, loudness=loudness)


def conversed(talk: TalkDetection, at_s: float, level: float = LEVEL) -> float:
    return talk.conversed_s(round(at_s * SAMPLE_RATE), level)


def test_who_pauses_has_not_been_talking_and_talk_counts_on_for_a_while_after_it() -> None:
    talk = TalkDetection()
    assert talk.spoken_s(0) == 0
    for at in (*range(0, 2 * SAMPLE_RATE, 512), *range(5 * SAMPLE_RATE // 2, 3 * SAMPLE_RATE, 512)):
        talk.voiced(at)
    assert 0.4 < talk.spoken_s(3 * SAMPLE_RATE) < 0.5
    assert 0.4 < talk.spoken_s(4 * SAMPLE_RATE - 1024) < 0.5
    assert talk.spoken_s(5 * SAMPLE_RATE) == 0


def test_a_conversation_is_what_was_recognised_as_talk_lately() -> None:
    talk = TalkDetection()
    assert conversed(talk, 1) == 0
    talk.recognised(said(1, 3), Fullness.TALK)
    talk.recognised(said(5, 9), Fullness.TALK)
    assert conversed(talk, 10) == pytest.approx(6)
    assert conversed(talk, 17) == pytest.approx(5)
    assert conversed(talk, 21) == pytest.approx(3)
    assert conversed(talk, 24.1) == 0


def test_an_utterance_counts_once_as_far_as_it_has_been_recognised() -> None:
    talk = TalkDetection()
    talk.recognised(said(1, 3), Fullness.TALK)
    talk.recognised(said(1, 6), Fullness.TALK)
    assert conversed(talk, 7) == pytest.approx(5)
    talk.recognised(said(1, 8), Fullness.PART)
    assert conversed(talk, 9) == 0


@pytest.mark.parametrize("fullness", [Fullness.WHOLE, Fullness.STOP])
def test_who_gives_an_order_has_spoken_to_nobody_else(fullness: Fullness) -> None:
    talk = TalkDetection()
    talk.recognised(said(1, 5), Fullness.TALK)
    talk.recognised(said(6, 8), fullness)
    assert conversed(talk, 9) == 0


def test_with_the_button_pressed_nobody_speaks_to_others() -> None:
    talk = TalkDetection()
    speech = said(1, 5)
    speech.pressed = True
    talk.recognised(speech, Fullness.TALK)
    assert conversed(talk, 6) == 0


def test_what_is_said_far_behind_a_shout_is_no_conversation_of_who_shouts() -> None:
    talk = TalkDetection()
    talk.recognised(said(1, 9, loudness=-50), Fullness.TALK)
    assert conversed(talk, 10, level=-28) == 0
    assert conversed(talk, 10, level=-32) == pytest.approx(8)


def after(words: Any, recognition: ScriptedRecognition, **stream: Any) -> list[Any]:
    """The stops told where somebody speaks for a while and a stop word follows, of which the spotter is fairly sure."""
    listener = Listener(recognition, stops=Inline(ScriptedSpotter(sure=0.8)), **stream)
    soft, word = soft_and_loud(words)
    talk = [part for _ in range(5) for part in (soft, quiet(1))]
    listener.hear(in_a_room(quiet(1), *talk, word, quiet(1)))
    stops = listener.of("stop")
    listener.hear(quiet(20))
    listener.hear(in_a_room(word, quiet(1)))
    assert len(listener.of("stop")) == len(stops) + 1
    return stops


def test_a_stop_within_a_conversation_needs_surer_looks(words: Any) -> None:
    assert not after(words, ScriptedRecognition("talk"))


@pytest.mark.parametrize("script", ["whole.", "take the pallet from…", "other", RecogniserError("broken")])
def test_what_may_have_been_said_to_the_system_is_no_conversation(words: Any, script: Any) -> None:
    assert len(after(words, ScriptedRecognition(script))) == 1


def test_what_is_not_recognised_yet_is_no_conversation(words: Any) -> None:
    assert len(after(words, ScriptedRecognition("talk", slow=True))) == 1


def test_what_is_said_with_the_button_pressed_is_no_conversation(words: Any) -> None:
    listener = Listener(ScriptedRecognition("talk"), stops=Inline(ScriptedSpotter(sure=0.8)), push_to_talk=True)
    soft, word = soft_and_loud(words)
    listener.stream.press()
    listener.hear(in_a_room(quiet(1), *[part for _ in range(5) for part in (soft, quiet(1))]))
    listener.stream.release()
    listener.hear(in_a_room(word, quiet(1)))
    assert len(listener.of("stop")) == 1


def test_where_no_sound_came_for_a_while_what_was_said_before_it_is_over(words: Any) -> None:
    listener = Listener(ScriptedRecognition("talk"), stops=Inline(ScriptedSpotter(sure=0.8)))
    soft, word = soft_and_loud(words)
    listener.hear(in_a_room(quiet(1), *[part for _ in range(5) for part in (soft, quiet(1))]))
    listener.clock.advance(600)
    listener.hear(in_a_room(word, quiet(1)))
    assert len(listener.of("stop")) == 1


def test_a_look_that_comes_after_the_end_of_a_stream_tells_nothing(words: Any) -> None:
    class Later(Inline):
        def show(self, _stream: object, _window: Any, looked: Any) -> bool:
            late.append(looked)
            return True

    late: list[Any] = []
    listener = Listener(ScriptedRecognition("talk"), stops=Later(ScriptedSpotter()))
    listener.hear(in_a_room(quiet(1), words))
    late[-4](0.99)
    listener.stream.close()
    for looked in late[-3:]:
        looked(0.99)
    assert not listener.of("stop")


def test_a_stop_that_is_heard_late_in_an_utterance_with_a_hole_counts(words: Any) -> None:
    recognition = ScriptedRecognition("stop", slow=True)
    listener = Listener(recognition)
    listener.hear(in_a_room(quiet(1), words))
    listener.stream.lost()
    listener.hear(in_a_room(words, quiet(1)))
    while recognition.finals or recognition.partials:
        recognition.answer()
    assert listener.names[-1] == "final"
    assert np.isfinite(listener.of("final")[0].sound.samples).all()


class Spotter(ScriptedSpotter):
    """Hears next to nothing, or what it is told to, in the looks that it is shown one by one."""

    words = frozenset({"stop"})

    def __init__(self, *found: float) -> None:
        super().__init__()
        self._found = iter(found)

    def probability(self, window: Any) -> float:
        return next(self._found, 0.02) if len(window) else 0.0


class Sparing(Inline):
    """Looks at some windows only: ``stop_evidence`` says which, in turn."""

    def __init__(self, spotter: ScriptedSpotter, stop_evidence: str) -> None:
        super().__init__(spotter)
        self._stop_evidence = cycle(stop_evidence)

    def show(self, stream: object, window: Any, looked: Any) -> bool:
        return super().show(stream, window, looked) if next(self._stop_evidence) == "x" else True


def likeness_of(words: Any, text: str, stop_evidence: str = "x", spotter: Spotter | None = None, **heard: Any) -> float:
    """How like a stop word the sound is told to be of which the recogniser made ``text``."""
    listener = Listener(ScriptedRecognition(text), stops=Sparing(spotter or Spotter(), stop_evidence))
    if heard.get("pressed"):
        listener.stream.press()
    first, second = (
        in_a_room(quiet(1), words[: SAMPLE_RATE // 2]),
        in_a_room(words[SAMPLE_RATE // 2 : SAMPLE_RATE], quiet(2)),
    )
    noise = quiet(10, heard.get("noise", 0.0))
    listener.hear(first + noise[: len(first)])
    if heard.get("holed"):
        listener.stream.lost()
    listener.hear(second + noise[: len(second)])
    listener.stream.release()
    (final,) = listener.of("final")
    return float(final.transcript.signals.stop_like)


@pytest.mark.parametrize("text", ["stop", "Stop!", "Stop, stop, stop!"])
def test_a_final_tells_how_like_a_stop_word_its_sound_was(words: Any, text: str) -> None:
    assert likeness_of(words, text) == pytest.approx(0.02)


def test_of_all_looks_at_it_the_surest_counts(words: Any) -> None:
    found = np.zeros(40)
    found[8] = 0.3
    assert likeness_of(words, "stop", spotter=Spotter(*found)) == pytest.approx(0.3)


def test_what_was_spotted_before_it_was_another_word(words: Any) -> None:
    listener = Listener(ScriptedRecognition("stop"), stops=Inline(Spotter(*[0.3] * 12)))
    for _ in range(2):
        listener.hear(in_a_room(quiet(1), words[:SAMPLE_RATE], quiet(2)))
    before, after = (final.transcript.signals.stop_like for final in listener.of("final"))
    assert (before, after) == (pytest.approx(0.3), pytest.approx(0.02))


class AtTheEnd(Spotter):
    """Finds one where the sound ends, and silence of a moment follows."""

    def probability(self, window: Any) -> float:
        hop = int(self.hop_s * SAMPLE_RATE)
        return 0.99 if np.abs(window[-2 * hop : -hop]).max() > 0.001 and not window[-hop:].any() else 0.02


@pytest.mark.parametrize("pressed", [True, False])
def test_where_the_sound_ends_with_a_word_silence_is_taken_to_follow(words: Any, pressed: bool) -> None:
    listener = Listener(ScriptedRecognition("talk"), stops=Inline(AtTheEnd()), push_to_talk=pressed)
    if pressed:
        listener.stream.press()
    cut = SAMPLE_RATE // 2
    listener.hear(in_a_room(quiet(1), words[:cut]))
    assert not listener.of("stop")
    listener.stream.release()
    assert len(listener.of("stop")) == 1
    listener.hear(np.zeros(SAMPLE_RATE, np.float32))
    assert len(listener.of("stop")) == 1


def test_where_the_sound_ends_long_after_a_word_it_is_not_looked_at_again(words: Any) -> None:
    listener = Listener(ScriptedRecognition("talk"), stops=Inline(AtTheEnd()))
    listener.hear(in_a_room(quiet(1), words[: SAMPLE_RATE // 2], quiet(1)))
    listener.stream.release()
    assert not listener.of("stop")


def test_a_sound_that_ends_with_what_it_says_was_looked_at_to_its_end(words: Any) -> None:
    listener = Listener(ScriptedRecognition("stop"), stops=Inline(Spotter()))
    listener.hear(in_a_room(quiet(1), words[: SAMPLE_RATE // 2]))
    listener.stream.release()
    (final,) = listener.of("final")
    assert final.transcript.signals.stop_like == pytest.approx(0.02)


@pytest.mark.parametrize("text", ["halt", "stopp", "full stop", "stop now", "tug one, stop", "…"])
def test_of_what_the_spotter_does_not_listen_for_it_tells_nothing(words: Any, text: str) -> None:
    assert likeness_of(words, text) == 1


@pytest.mark.parametrize(
    ("text", "stop_evidence"),
    [("stop", "xo"), ("Stop!", "xoo"), ("Stop!", "x" * 6 + "oo" + "x" * 50), ("stop", "x" * 9 + "o" * 50)],
)
def test_what_was_not_looked_at_all_the_time_may_be_a_stop(words: Any, text: str, stop_evidence: str) -> None:
    assert likeness_of(words, text, stop_evidence) == 1


@pytest.mark.parametrize("heard", [{"pressed": True}, {"holed": True}, {"noise": 0.1}])
def test_what_is_heard_badly_or_said_with_the_button_pressed_may_be_a_stop(words: Any, heard: Any) -> None:
    assert likeness_of(words, "stop", **heard) == 1
