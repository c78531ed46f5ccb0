"""How loud it is in a stream, and what is wrong with a microphone: told once an episode."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from stream_world import Listener, ScriptedRecognition, quiet, spoken

from banksman_edge import Sound
from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.audio.levels import LevelMeter, Trouble
from banksman_edge.streams.events import Nothing


def feed(meter: LevelMeter, samples: Any) -> list[Trouble]:
    frames = samples[: len(samples) // 512 * 512].reshape(-1, 512)
    return [trouble for frame in frames for trouble in meter.feed(frame)]


def test_the_noise_floor_is_that_of_the_room_and_not_of_who_speaks(speech: dict[str, Sound]) -> None:
    meter = LevelMeter()
    feed(meter, quiet(5, 0.003))
    alone = meter.floor
    assert abs(alone - 20 * np.log10(0.003)) < 2
    talk = np.concatenate([spoken(speech["en-move"])] * 4)
    feed(meter, talk + quiet(len(talk) / SAMPLE_RATE + 1, 0.003)[: len(talk)])
    assert abs(meter.floor - alone) < 6


def test_the_noise_floor_follows_a_machine_that_is_switched_on_and_off() -> None:
    meter = LevelMeter()
    feed(meter, quiet(5, 0.001))
    before = meter.floor
    feed(meter, quiet(5, 0.05))
    assert abs(meter.floor - before - 34) < 3  # 20 log10(50)
    feed(meter, quiet(1, 0.001))
    assert abs(meter.floor - before) < 3


def test_clipping_is_told_once_an_episode() -> None:
    meter, loud = LevelMeter(), np.sign(np.sin(np.arange(SAMPLE_RATE))).astype(np.float32)
    assert feed(meter, quiet(2)) == []
    assert feed(meter, loud) == [Trouble.CLIPPING]
    assert feed(meter, np.concatenate([loud, quiet(2), loud])) == []
    assert feed(meter, np.concatenate([quiet(6), loud])) == [Trouble.CLIPPING]


def test_one_loud_bang_is_no_clipping() -> None:
    bang = quiet(2)
    bang[9000:9400] = 1.0
    assert feed(LevelMeter(), bang) == []


def test_a_dead_microphone_is_told_once_until_it_comes_back() -> None:
    meter = LevelMeter()
    assert feed(meter, np.zeros(4 * SAMPLE_RATE, np.float32)) == []
    assert feed(meter, np.zeros(60 * SAMPLE_RATE, np.float32)) == [Trouble.DEAD]
    assert meter.still
    assert feed(meter, quiet(6)) == []
    assert not meter.still
    assert feed(meter, np.full(10 * SAMPLE_RATE, 0.1, np.float32)) == [Trouble.DEAD]


def test_troubles_of_a_stream_come_as_events_and_the_next_utterance_works(speech: dict[str, Sound]) -> None:
    listener = Listener(ScriptedRecognition("go."))
    broken = np.full(SAMPLE_RATE, np.nan, np.float32)
    listener.hear(np.concatenate([quiet(1), broken, quiet(1), np.zeros(6 * SAMPLE_RATE, np.float32)]))
    assert [(e.trouble, round(e.at)) for e in listener.of("trouble")] == [(Trouble.BROKEN, 1), (Trouble.DEAD, 8)]
    listener.hear(np.concatenate([quiet(1), spoken(speech["en-move"]), quiet(1)]))
    assert [final.transcript.text for final in listener.of("final")] == ["go."]
    assert np.isfinite(listener.of("final")[0].sound.samples).all()


@pytest.mark.parametrize("text", ["go.", "stop"])
@pytest.mark.parametrize("hole", [np.nan, np.inf])
def test_of_an_utterance_with_a_hole_in_it_only_a_stop_counts(speech: dict[str, Sound], text: str, hole: float) -> None:
    words = spoken(speech["en-move"])
    holed = words.copy()
    holed[len(words) // 2] = hole
    listener = Listener(ScriptedRecognition(text))
    listener.hear(np.concatenate([quiet(1), holed, quiet(2)]))
    assert [trouble.trouble for trouble in listener.of("trouble")] == [Trouble.BROKEN]
    assert [final.transcript.text for final in listener.of("final")] == ["stop"] * (text == "stop")
    assert [nothing.reason for nothing in listener.of("nothing")] == [Nothing.HOLES] * (text == "go.")
    listener.hear(np.concatenate([quiet(1), words, quiet(2)]))
    assert listener.of("final")[-1].transcript.text == text


@pytest.mark.parametrize(("at", "counts"), [(-3.0, True), (-0.1, False), (0.5, False)])
def test_sound_that_was_lost_in_an_utterance_or_just_before_it_makes_it_nothing(
    speech: dict[str, Sound], at: float, counts: bool
) -> None:
    listener = Listener(ScriptedRecognition("go."))
    sound = np.concatenate([quiet(4), spoken(speech["en-move"]), quiet(2)])
    cut = int((4 + at) * SAMPLE_RATE)
    listener.hear(sound[:cut])
    listener.stream.lost()
    listener.stream.lost()
    listener.hear(sound[cut:])
    assert [trouble.trouble for trouble in listener.of("trouble")] == [Trouble.LOST]
    assert (len(listener.of("final")), len(listener.of("nothing"))) == ((1, 0) if counts else (0, 1))
