"""What streams share: one recogniser, whose time goes to what is final; one spotter of stop words, which waits for
nobody."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from stream_world import (
    PATIENCE_S,
    Inline,
    Listener,
    ScriptedRecognition,
    ScriptedSpotter,
    SlowRecogniser,
    in_a_room,
    quiet,
    soft_and_loud,
    sounds,
    spoken,
)

from banksman_edge import RecogniserError, Sound, Transcript
from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.audio.levels import Trouble
from banksman_edge.streams import SharedRecogniser, StopWatch
from banksman_edge.streams.recognition import MAX_FINALS, Task
from banksman_edge.streams.stop_evidence import CONVERSED_S, Moment, StopEvidence, falls_silent
from banksman_shared.errors import BanksmanError


class Answers:
    """What came back, in order."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._changed = threading.Condition()

    def task(self, sound: Sound) -> Task:
        return Task(sound, self.take)

    def take(self, heard: Transcript | BanksmanError) -> None:
        with self._changed:
            self.texts.append(str(heard) if isinstance(heard, BanksmanError) else heard.text)
            self._changed.notify_all()

    def wait(self, count: int) -> list[str]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.texts) >= count, PATIENCE_S), self.texts
            return self.texts


def test_finals_come_first_and_dropped_ones_never() -> None:
    slow, answers = SlowRecogniser(), Answers()
    shared = SharedRecogniser(slow)
    running, stale, partial, final, moved = map(answers.task, sounds(1, 2, 3, 4, 5))
    shared.partial(running)
    assert slow.entered.acquire(timeout=PATIENCE_S)
    for task in (stale, partial, moved):
        shared.partial(task)
    shared.final(final)
    shared.final(moved)
    shared.drop(stale)
    shared.final(running)  # it has begun; it is not recognised a second time
    slow.go.release(10)
    assert answers.wait(4) == ["heard 1", "heard 4", "heard 5", "heard 3"]
    shared.close()
    assert len(slow.sounds) == 4


def test_more_finals_than_can_be_answered_are_refused_at_once() -> None:
    slow, answers = SlowRecogniser(), Answers()
    shared = SharedRecogniser(slow)
    (sound,) = sounds(1)
    shared.final(answers.task(sound))
    assert slow.entered.acquire(timeout=PATIENCE_S)
    for _ in range(MAX_FINALS + 2):
        shared.final(answers.task(sound))
    assert answers.texts == ["there is too much to hear; say it again later"] * 2
    slow.go.release(1000)
    answers.wait(MAX_FINALS + 3)
    shared.close()


def test_whoever_waits_when_it_closes_is_told() -> None:
    slow, answers = SlowRecogniser(), Answers()
    shared = SharedRecogniser(slow)
    one, two = map(answers.task, sounds(1, 2))
    shared.final(one)
    assert slow.entered.acquire(timeout=PATIENCE_S)
    shared.final(two)
    closing = threading.Thread(target=shared.close)
    closing.start()
    assert answers.wait(1) == ["the agent is closing"]
    slow.go.release()
    closing.join(PATIENCE_S)
    assert answers.texts == ["the agent is closing", "heard 1"]
    with pytest.raises(RecogniserError):
        shared.transcribe(sounds(1)[0])


def test_whole_sounds_share_the_recogniser_too_and_get_their_own_errors() -> None:
    class Failing:
        def transcribe(self, sound: Sound) -> Transcript:
            if sound.seconds > 1:
                raise RecogniserError("too long for me")
            if sound.seconds == 0:
                raise ZeroDivisionError
            return Transcript("short", "en", 0.9)

    shared = SharedRecogniser(Failing())
    assert shared.transcribe(sounds(1)[0]).text == "short"
    with pytest.raises(RecogniserError, match="too long for me"):
        shared.transcribe(sounds(2)[0])
    with pytest.raises(RecogniserError, match="recognition failed; see the agent's log"):
        shared.transcribe(sounds(0)[0])
    assert shared.transcribe(sounds(1)[0]).text == "short"
    shared.close()


# Stop words


@pytest.fixture(scope="module")
def words(speech: dict[str, Sound]) -> Any:
    return spoken(speech["en-callsign"])


def loud_at(words: Any, second: float) -> Any:
    """The words with a loud fifth of a second in them."""
    marked = np.array(words) * (0.3 / np.abs(words).max())
    at = int(second * SAMPLE_RATE)
    marked[at : at + 3200] = 0.8 * np.sign(marked[at : at + 3200])
    return marked


def test_a_stop_is_told_in_the_middle_of_speech_once_and_nothing_else_is_disturbed(words: Any) -> None:
    spotter = ScriptedSpotter()
    listener = Listener(ScriptedRecognition("whole."), stops=Inline(spotter))
    listener.hear(in_a_room(quiet(1), loud_at(words, 1.0), quiet(2)))
    assert listener.names == ["speech_started", "stop", "partial", "endpoint", "final"]
    (stop,) = listener.of("stop")
    assert (stop.device, stop.probability) == ("headset", 0.95)
    assert 2.0 <= stop.at < 2.3
    assert {len(window) for window in spotter.windows[10:]} == {SAMPLE_RATE}


def looks_of(
    *probabilities: float,
    hop_s: float = 0.096,
    spoken_s: float = 0.5,
    silent: bool = False,
    conversed_s: float = 0.0,
    goes_on: bool = False,
) -> list[bool]:
    stop_evidence = StopEvidence(0.5)
    hops = (round(number * hop_s * SAMPLE_RATE) for number in range(1, len(probabilities) + 1))
    moments = (Moment(at, spoken_s, silent, conversed_s, goes_on) for at in hops)
    return [stop_evidence.stop(moment, probability) for moment, probability in zip(moments, probabilities, strict=True)]


def test_one_look_is_no_stop_however_sure_it_is_and_the_more_agree_the_less_sure_they_have_to_be() -> None:
    assert looks_of(0.1, 0.99, 0.1, 0.99) == [False] * 4
    assert looks_of(0.1, 0.96, 0.96, 0.1) == [False, False, True, False]
    assert looks_of(0.1, 0.9, 0.9, 0.1) == [False] * 4
    assert looks_of(0.1, 0.55, 0.55, 0.55, 0.1) == [False, False, False, True, False]
    assert looks_of(0.4, 0.4, 0.4, 0.1, 0.4) == [False] * 5
    assert looks_of(0.4, 0.4, 0.4, 0.4) == [False, False, False, True]


def test_where_nobody_speaks_on_one_sure_look_is_enough_or_two_that_are_less_sure() -> None:
    assert looks_of(0.1, 0.92, silent=True) == [False, True]
    assert looks_of(0.1, 0.85, 0.1, 0.85, silent=True) == [False] * 4
    assert looks_of(0.1, 0.55, 0.55, silent=True) == [False, False, True]
    assert looks_of(0.1, 0.96, 0.1, 0.96, silent=True, spoken_s=2) == [False] * 4


def test_silence_is_what_is_much_softer_than_what_was_said_just_before(words: Any) -> None:
    loudest = int(np.abs(words).argmax()) + 800
    assert not falls_silent(words[:loudest])
    assert falls_silent(np.concatenate([words[:loudest], 1e-3 * words[:1600]]))
    assert not falls_silent(quiet(1) + np.float32(1e-3))
    assert not falls_silent(words[:100])
    assert not falls_silent(words[:0])
    assert not falls_silent(np.full(SAMPLE_RATE, np.nan, np.float32))
    assert not falls_silent(np.full(SAMPLE_RATE, 1e30, np.float32))


def test_looks_that_are_far_apart_say_nothing_about_each_other_and_have_to_be_sure() -> None:
    assert looks_of(0.96, 0.94, hop_s=0.3) == [True, False]
    assert looks_of(0.94, 0.94, hop_s=0.4) == [False, False]
    assert looks_of(0.1, 0.96, hop_s=0.4) == [False, True]
    assert looks_of(0.96) == [True]
    assert looks_of(0.1, 0.97, 0.996, hop_s=0.4, spoken_s=2) == [False, False, True]


@pytest.mark.parametrize("threshold", [0.1, 0.6, 0.9])
def test_whatever_the_threshold_sure_looks_are_a_stop_and_others_are_none(threshold: float) -> None:
    stop_evidence = StopEvidence(threshold)
    moments = [Moment(round(n * 0.096 * SAMPLE_RATE), 0.5, silent=False, conversed_s=0) for n in range(12)]
    assert not any(stop_evidence.stop(moment, 0.1) for moment in moments[:6])
    assert [stop_evidence.stop(moment, 0.96) for moment in moments[6:8]] == [False, True]


def test_in_a_conversation_it_takes_as_much_after_a_pause() -> None:
    conversed = CONVERSED_S + 1
    assert looks_of(0.1, 0.96, 0.96, 0.96, 0.1, conversed_s=conversed) == [False] * 5
    assert looks_of(0.1, 0.98, 0.98, conversed_s=conversed) == [False, False, True]
    assert looks_of(0.1, 0.92, 0.92, conversed_s=conversed, silent=True) == [False, False, True]
    assert looks_of(0.1, 0.96, 0.96, conversed_s=CONVERSED_S - 1) == [False, False, True]
    assert looks_of(0.1, 0.96, hop_s=0.4, conversed_s=conversed) == [False, True]


def test_where_a_sentence_goes_straight_on_looks_have_to_be_surer_than_where_it_ends() -> None:
    on = {"goes_on": True, "spoken_s": 1.0}
    assert looks_of(0.1, 0.7, 0.7, 0.7, 0.7, 0.1, **on) == [False] * 6
    assert looks_of(0.1, 0.96, 0.96, **on) == [False, False, True]
    assert looks_of(0.1, 0.85, 0.85, 0.85, **on) == [False, False, False, True]
    assert looks_of(0.1, 0.7, 0.7, 0.7, goes_on=True, spoken_s=0.5) == [False, False, False, True]
    assert looks_of(0.1, 0.7, 0.7, silent=True, spoken_s=1.0) == [False, False, True]


def test_in_the_middle_of_talk_it_takes_more_to_be_a_stop() -> None:
    assert looks_of(0.1, 0.9, 0.96, 0.96, 0.98, 0.1, spoken_s=2) == [False] * 6
    assert looks_of(0.1, 0.98, 0.98, spoken_s=2) == [False, False, True]
    assert looks_of(0.1, 0.92, 0.92, spoken_s=2, silent=True) == [False, False, True]


@pytest.mark.parametrize(("pause_s", "stops"), [(0.1, 0), (0.6, 1)])
def test_a_stop_straight_after_talk_needs_a_surer_look_than_one_after_a_pause(
    words: Any, pause_s: float, stops: int
) -> None:
    listener = Listener(ScriptedRecognition("whole."), stops=Inline(ScriptedSpotter(sure=0.8)))
    soft, word = soft_and_loud(words)
    listener.hear(in_a_room(quiet(1), soft, soft, quiet(pause_s), word, quiet(2)))
    assert len(listener.of("stop")) == stops


@pytest.mark.parametrize(("rest_s", "stops"), [(0.6, 0), (0.0, 1)])
def test_what_is_like_a_stop_in_the_middle_of_a_sentence_is_none_and_at_its_end_it_is(
    words: Any, rest_s: float, stops: int
) -> None:
    listener = Listener(ScriptedRecognition("whole."), stops=Inline(ScriptedSpotter(sure=0.7, lasting_s=0.4)))
    soft, word = soft_and_loud(words)
    rest = soft[: int(rest_s * SAMPLE_RATE)]
    listener.hear(in_a_room(quiet(1), soft[: int(0.7 * SAMPLE_RATE)], word[1600:6400], rest, quiet(2)))
    assert len(listener.of("stop")) == stops


def test_stop_words_are_looked_for_while_somebody_speaks_and_not_in_silence(words: Any) -> None:
    spotter = ScriptedSpotter(loudness=9)
    listener = Listener(ScriptedRecognition("whole."), stops=Inline(spotter))
    listener.hear(quiet(20))
    assert spotter.windows == []
    listener.hear(in_a_room(words, quiet(10)))
    expected = (len(words) / SAMPLE_RATE + 0.5) / spotter.hop_s
    assert 0.6 * expected < len(spotter.windows) < 1.3 * expected


def test_push_to_talk_hears_a_stop_without_the_button(words: Any) -> None:
    listener = Listener(ScriptedRecognition("whole."), stops=Inline(ScriptedSpotter()), push_to_talk=True)
    listener.hear(in_a_room(quiet(1), loud_at(words, 1.0), quiet(1)))
    assert listener.names == ["stop"]


def test_a_stop_waits_neither_for_the_recogniser_nor_for_a_stream_that_hangs(words: Any) -> None:
    """The recogniser never answers, and who listens to another stream hangs in the middle of one of its events."""
    watch, heard, hanging = StopWatch(ScriptedSpotter(loudness=0)), threading.Event(), threading.Event()
    hang = lambda event: event.name == "stop" or hanging.wait(PATIENCE_S)  # noqa: E731
    stuck = Listener(ScriptedRecognition("whole.", slow=True), stops=watch, emit=hang)
    feeding = threading.Thread(target=stuck.hear, args=(in_a_room(quiet(1), words),))
    feeding.start()
    told = lambda event: event.name == "stop" and heard.set()  # noqa: E731
    listener = Listener(ScriptedRecognition("whole.", slow=True), stops=watch, emit=told)
    listener.hear(in_a_room(quiet(1), words))
    assert heard.wait(PATIENCE_S)
    assert feeding.is_alive()
    hanging.set()
    feeding.join(PATIENCE_S)
    watch.close()


def test_a_spotter_that_cannot_keep_up_sees_the_newest_sound_of_every_stream_in_turn() -> None:
    spotter = ScriptedSpotter(loudness=9)
    spotter.go.clear()
    watch = StopWatch(spotter)

    def show(stream: str, level: float) -> None:
        watch.show(stream, np.full(1600, level, np.float32), lambda _probability: None)

    show("a", 0.0)
    assert spotter.entered.acquire(timeout=PATIENCE_S)
    for level in (0.1, 0.2, 0.3):
        show("a", level)
        show("b", level + 0.05)
    spotter.go.set()
    for _ in range(2):
        assert spotter.entered.acquire(timeout=PATIENCE_S)
    watch.close()
    assert [round(float(window[0]), 2) for window in spotter.windows] == [0.0, 0.3, 0.35]


def test_a_stream_whose_stops_are_looked_for_too_late_tells_so_once(words: Any) -> None:
    spotter = ScriptedSpotter(loudness=9)
    spotter.go.clear()
    watch = StopWatch(spotter)
    listener = Listener(ScriptedRecognition("whole."), stops=watch)
    listener.hear(in_a_room(quiet(1), words, quiet(1)))
    assert [trouble.trouble for trouble in listener.of("trouble")] == [Trouble.UNWATCHED]
    spotter.go.set()
    watch.close()


def test_a_spotter_that_keeps_up_is_no_trouble(words: Any) -> None:
    watched = StopWatch(ScriptedSpotter(loudness=9))
    for _ in range(20):
        assert watched.show("a", np.zeros(1600, np.float32), lambda _probability: None)
        assert watched.spotter.entered.acquire(timeout=PATIENCE_S)
    watched.close()


def test_a_spotter_that_fails_goes_on_with_the_next_window(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(ScriptedSpotter):
        def probability(self, window: Any) -> float:
            if not self.windows:
                self.windows.append(window)
                raise ValueError
            return 1.0

    spotted = threading.Event()
    watch = StopWatch(Failing())
    for stream in ("a", "b"):
        watch.show(stream, np.zeros(1600, np.float32), lambda _probability: spotted.set())
    assert spotted.wait(PATIENCE_S)
    watch.close()
    assert "stop spotting failed" in caplog.text
