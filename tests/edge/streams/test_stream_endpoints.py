"""When an utterance begins and ends: open microphone and push-to-talk, on speech and a clock that follows it."""

from __future__ import annotations

import numpy as np
import pytest
from stream_world import BLOCK_S, Listener, ScriptedRecognition, in_a_room, quiet, spoken

from banksman_edge import Sound
from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.errors import RecogniserError
from banksman_edge.streams import Ending, Endpointing, Nothing

ENDS = Endpointing()
SLACK_S = 0.07  # two frames and a block


@pytest.fixture(scope="module")
def words(speech: dict[str, Sound]) -> np.ndarray:
    return np.asarray(spoken(speech["en-callsign"]))  # it has no pause in it


def test_an_order_gives_all_its_events_in_order(words: np.ndarray) -> None:
    listener = Listener(ScriptedRecognition("go to dock two."))
    listener.hear(in_a_room(quiet(1), words, quiet(2)))
    assert listener.names == ["speech_started", "partial", "endpoint", "final"]
    started, _partial, endpoint, final = listener.events
    length = len(words) / SAMPLE_RATE
    assert abs(started.at - 1) < 0.25
    assert abs(endpoint.spoken - 1 - length) < 0.25
    assert final.transcript.text == "go to dock two."
    assert abs(final.ended - final.began - length) < 0.4
    assert abs(final.sound.seconds - length) < 1.0
    assert final.clarity > 20


@pytest.mark.parametrize(
    ("text", "silence_s"), [("whole.", ENDS.whole), ("from the…", ENDS.part), ("nice weather", ENDS.other)]
)
def test_the_silence_to_wait_for_depends_on_what_was_said(words: np.ndarray, text: str, silence_s: float) -> None:
    listener = Listener(ScriptedRecognition(text))
    listener.hear(in_a_room(quiet(1), words, quiet(2)))
    (endpoint,) = listener.of("endpoint")
    assert silence_s <= endpoint.at - endpoint.spoken < silence_s + SLACK_S


def test_the_answer_is_there_with_the_endpoint_and_nothing_is_recognised_twice(words: np.ndarray) -> None:
    recognition = ScriptedRecognition("whole.")
    listener = Listener(recognition)
    listener.hear(in_a_room(quiet(1), words, quiet(2)))
    assert listener.of("final")[0].at == listener.of("endpoint")[0].at
    assert len(recognition.heard) == len(listener.of("partial")) == 1


def test_what_comes_late_after_an_utterance_does_not_move_when_it_was_said(words: np.ndarray) -> None:
    recognition = ScriptedRecognition("whole.", slow=True)
    listener = Listener(recognition)
    began = listener.clock.monotonic() + 1
    listener.hear(in_a_room(quiet(1), words, quiet(1)))
    listener.clock.advance(1.5)  # the network stalls, and catches up in one block
    listener.stream.feed(quiet(0.1))
    recognition.answer()
    (final,) = listener.of("final")
    assert abs(final.began - began) < 0.25
    assert abs(final.ended - began - len(words) / SAMPLE_RATE) < 0.25


def test_in_one_block_or_many_it_was_said_at_the_same_time(words: np.ndarray) -> None:
    told = []
    for block_s in (BLOCK_S, 10.0):
        listener = Listener(ScriptedRecognition("whole."))
        listener.hear(in_a_room(quiet(1), words, quiet(2)), block_s)
        told += [final.began for final in listener.of("final")]
    assert abs(told[0] - told[1]) < 0.1


def test_whoever_pauses_in_an_order_may_finish_it(words: np.ndarray) -> None:
    recognition = ScriptedRecognition("take the pallet from…", "take the pallet from here to there.")
    listener = Listener(recognition)
    listener.hear(in_a_room(quiet(1), words, quiet(0.8), words, quiet(2)))
    assert listener.names == ["speech_started", "partial", "partial", "endpoint", "final"]
    assert listener.of("final")[0].transcript.text.endswith("there.")
    assert listener.of("final")[0].sound.seconds > 2 * len(words) / SAMPLE_RATE + 0.8


def test_two_orders_are_two(words: np.ndarray) -> None:
    listener = Listener(ScriptedRecognition("one.", "two."))
    listener.hear(in_a_room(quiet(1), words, quiet(0.8), words, quiet(2)))
    assert [final.transcript.text for final in listener.of("final")] == ["one.", "two."]
    first, second = (final.sound.seconds for final in listener.of("final"))
    assert max(first, second) < len(words) / SAMPLE_RATE + 1


def test_a_slow_recogniser_is_waited_for_and_what_speech_overtakes_is_dropped(words: np.ndarray) -> None:
    recognition = ScriptedRecognition("all of it.", slow=True)
    listener = Listener(recognition)
    listener.hear(in_a_room(quiet(1), words, quiet(0.4), words, quiet(2)))
    assert listener.names == ["speech_started", "endpoint"]
    assert (recognition.dropped, len(recognition.partials), len(recognition.finals)) == (1, 0, 1)
    recognition.answer()
    assert listener.names[2:] == ["final"]
    assert len(recognition.heard[0].samples) > 2 * len(words)


def test_a_result_that_comes_within_the_silence_ends_it_at_once(words: np.ndarray) -> None:
    recognition = ScriptedRecognition("whole.", slow=True)
    listener = Listener(recognition)
    sound = in_a_room(quiet(1), words, quiet(2))
    listener.hear(sound, until=lambda: bool(recognition.partials))
    started = listener.stream.seconds
    rest = sound[int(started * SAMPLE_RATE) :]
    listener.hear(rest[: int(0.25 * SAMPLE_RATE)])  # more than a whole order's silence, less than another's
    assert listener.names == ["speech_started"]
    recognition.answer()
    assert listener.names == ["speech_started", "partial", "endpoint", "final"]


def test_speech_in_noise_gets_more_silence(words: np.ndarray) -> None:
    noise = quiet(10, 0.06)
    sound = in_a_room(quiet(2), words, quiet(2))
    clear, noisy = (Listener(ScriptedRecognition("whole.")) for _ in range(2))
    clear.hear(sound)
    noisy.hear(sound + noise[: len(sound)])
    waits = [e.at - e.spoken for listener in (clear, noisy) for e in listener.of("endpoint")]
    assert noisy.of("final")[0].clarity < ENDS.clear < clear.of("final")[0].clarity
    assert waits[1] - waits[0] >= 0.05


def test_silence_hum_and_clicks_are_no_speech() -> None:
    listener = Listener(ScriptedRecognition("made up."))
    hum = (0.1 * np.sin(2 * np.pi * 50 * np.arange(5 * SAMPLE_RATE) / SAMPLE_RATE)).astype(np.float32)
    clicks = quiet(5)
    clicks[8000::8000] = 0.9
    listener.hear(np.concatenate([quiet(5), hum, clicks]))
    assert listener.events == []


def test_what_holds_no_words_comes_to_nothing_and_says_so(words: np.ndarray) -> None:
    listener = Listener(ScriptedRecognition(""))
    listener.hear(in_a_room(quiet(1), words, quiet(2)))
    assert [(e.reason, listener.of("final")) for e in listener.of("nothing")] == [(Nothing.NO_WORDS, [])]


def test_recognition_that_fails_harms_one_utterance_only(words: np.ndarray) -> None:
    failing = RecogniserError("the model is broken")
    listener = Listener(ScriptedRecognition(failing, failing, "again."))
    listener.hear(in_a_room(quiet(1), words, quiet(2), words, quiet(2)))
    assert [(e.reason, e.detail) for e in listener.of("nothing")] == [(Nothing.FAILED, "the model is broken")]
    assert [e.transcript.text for e in listener.of("final")] == ["again."]


def test_somebody_who_never_pauses_is_cut_before_whisper_s_limit(words: np.ndarray) -> None:
    listener = Listener(ScriptedRecognition("on and on"))
    talk = words[np.abs(words) > 0.003]
    listener.hear(in_a_room(quiet(1), *[talk] * int(60 * SAMPLE_RATE / len(talk)), quiet(2)), block_s=0.25)
    endings = [endpoint.ending for endpoint in listener.of("endpoint")]
    assert endings[:2] == [Ending.TOO_LONG, Ending.TOO_LONG]
    assert max(final.sound.seconds for final in listener.of("final")) <= ENDS.longest + 0.1
    assert sum(final.sound.seconds for final in listener.of("final")) > 55


def test_the_size_of_the_blocks_does_not_matter(words: np.ndarray) -> None:
    sound = in_a_room(quiet(1), words, quiet(2))
    heard = []
    for block_s in (0.0005, BLOCK_S, 0.1, 5):
        listener = Listener(ScriptedRecognition("whole."))
        listener.hear(sound, block_s=block_s)
        heard.append([(e.name, e.at) for e in listener.events])
    assert heard[0] == heard[1] == heard[2] == heard[3]


def test_minutes_of_orders_take_a_moment_and_leave_nothing_open(words: np.ndarray) -> None:
    recognition = ScriptedRecognition("whole.")
    listener = Listener(recognition)
    one = in_a_room(words, quiet(30))
    for _ in range(3):
        listener.hear(one, block_s=1)
        recognition.heard.clear()
    assert len(listener.of("final")) == 3
    assert listener.stream.busy_since() == []


# Push-to-talk


def test_what_is_said_between_press_and_release_is_one_utterance(words: np.ndarray) -> None:
    listener = Listener(ScriptedRecognition("all of it."), push_to_talk=True)
    listener.hear(in_a_room(words, quiet(1)))
    assert listener.events == []
    listener.stream.press()
    listener.hear(in_a_room(words, quiet(3), words, quiet(3)))
    assert "endpoint" not in listener.names
    listener.stream.release()
    endpoint, final = listener.of("endpoint")[0], listener.of("final")[0]
    assert (endpoint.ending, final.at) == (Ending.RELEASED, endpoint.at)
    assert final.sound.seconds > 2 * len(words) / SAMPLE_RATE + 3


def test_a_release_in_the_last_word_waits_for_no_silence(words: np.ndarray) -> None:
    listener = Listener(ScriptedRecognition("go.", slow=True), push_to_talk=True)
    listener.stream.press()
    listener.hear(in_a_room(words))
    listener.stream.release()
    assert listener.names[-1] == "endpoint"
    assert len(listener.recognition.finals) == 1
    listener.recognition.answer()
    assert listener.names[-1] == "final"


def test_a_button_pressed_in_silence_comes_to_nothing() -> None:
    listener = Listener(ScriptedRecognition("made up."), push_to_talk=True)
    for sound, detail in ((quiet(2), ""), (np.zeros(2 * SAMPLE_RATE, np.float32), "the microphone is dead")):
        listener.stream.press()
        listener.hear(sound)
        listener.stream.release()
        assert (listener.events[-1].name, listener.events[-1].detail) == ("nothing", detail)
        assert listener.events[-1].reason is Nothing.NOBODY_SPOKE


def test_what_was_said_before_a_release_is_not_heard_again_after_the_next_press(words: np.ndarray) -> None:
    recognition = ScriptedRecognition("go.")
    listener = Listener(recognition, push_to_talk=True)
    for _ in range(2):
        listener.stream.press()
        listener.hear(in_a_room(words))
        listener.stream.release()
    assert len(recognition.heard) == 2
    assert abs(recognition.heard[1].seconds - len(words) / SAMPLE_RATE) < 0.1


def test_a_stream_that_ends_in_the_middle_of_an_order_gives_none(words: np.ndarray) -> None:
    for push_to_talk in (False, True):
        listener = Listener(ScriptedRecognition("half.", slow=True), push_to_talk=push_to_talk)
        if push_to_talk:
            listener.stream.press()
        listener.hear(in_a_room(quiet(1), words))
        listener.stream.close()
        assert listener.events[-1].name == "nothing"
        assert listener.events[-1].reason is Nothing.CUT_OFF
        listener.hear(in_a_room(quiet(1), words, quiet(2)))
        assert "final" not in listener.names
