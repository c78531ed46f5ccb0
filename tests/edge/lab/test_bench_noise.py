"""Noises are what their level says, and the same every time."""

from __future__ import annotations

import numpy as np
import pytest

from banksman_edge.audio import SAMPLE_RATE, Sound, VoiceActivity
from banksman_edge.lab.bench.noise import NOISES, babble, hours_of_noise, lay_over, speech_level

SECOND = SAMPLE_RATE


def power(samples: np.ndarray) -> float:
    return float(np.square(samples, dtype=np.float64).mean())


@pytest.fixture(scope="module")
def order(speech: dict[str, Sound]) -> Sound:
    return speech["en-move"]


@pytest.mark.parametrize("name", NOISES)
@pytest.mark.parametrize("level_db", [20, 5])
def test_noise_is_as_far_below_the_speech_as_asked(name: str, level_db: int, order: Sound) -> None:
    noise = NOISES[name](30 * SECOND, np.random.default_rng(3))[: len(order.samples)]
    mixed = lay_over(order, lambda count, _: noise[:count], level_db, np.random.default_rng(3))
    added = mixed.samples - order.samples
    ratio = 10 * np.log10(speech_level(order) ** 2 / power(added) * power(noise))
    assert ratio == pytest.approx(level_db, abs=0.1)


def test_speech_level_does_not_depend_on_the_silence_around(order: Sound) -> None:
    silence = np.zeros(3 * SECOND, np.float32)
    longer = Sound(np.concatenate([silence, order.samples, silence]))
    assert speech_level(longer) == pytest.approx(speech_level(order), rel=0.02)
    assert speech_level(Sound(silence)) == 0.0


def test_what_would_clip_is_turned_down_as_a_whole(order: Sound) -> None:
    loud = Sound(order.samples / np.abs(order.samples).max())
    mixed = lay_over(loud, NOISES["pink"], 0, np.random.default_rng(1))
    assert np.abs(mixed.samples).max() <= 0.99 + 1e-6


@pytest.mark.parametrize("name", NOISES)
def test_the_same_seed_gives_the_same_noise_and_another_does_not(name: str) -> None:
    once, again, other = (NOISES[name](SECOND, np.random.default_rng(seed)) for seed in (5, 5, 6))
    assert np.array_equal(once, again)
    assert not np.array_equal(once, other)
    assert once.std() == pytest.approx(1, rel=1e-3)


def test_babble_is_speech_to_the_ear(speech: dict[str, Sound]) -> None:
    made = babble(list(speech.values()))(6 * SECOND, np.random.default_rng(2))
    assert VoiceActivity().segments(Sound(0.1 * made))


def test_babble_runs_backwards_so_that_it_holds_no_word() -> None:
    falls = Sound(np.tile(np.linspace(1, 0, 700, dtype=np.float32), 40))  # sharp rises, slow falls
    made = np.diff(babble([falls])(SECOND, np.random.default_rng(2)))
    assert made.min() < -10 * made.max()


def test_hours_of_noise_are_as_long_as_asked_and_hold_every_kind() -> None:
    pieces = list(hours_of_noise(100, seed=1, piece_s=3))
    assert sum(sound.seconds for _, sound in pieces) == pytest.approx(100, abs=1)
    assert {name for name, _ in pieces} == set(NOISES)
    assert all(np.abs(sound.samples).max() <= 1 for _, sound in pieces)
    again = list(hours_of_noise(100, seed=1, piece_s=3))
    assert [name for name, _ in again] == [name for name, _ in pieces]
    assert np.array_equal(again[-1][1].samples, pieces[-1][1].samples)
