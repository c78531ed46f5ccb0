"""Rooms, headsets and noise laid over speech."""

from __future__ import annotations

import numpy as np
import pytest

from banksman_edge.audio.sound import SAMPLE_RATE
from banksman_edge.lab.teach.augment import Augmentation, band_pass, machine, mix, pink, reverberate, white


def tone(hertz: float, seconds: float = 1.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE).astype(np.float32)


def power(sound: np.ndarray) -> float:
    return float(np.mean(sound.astype(np.float64) ** 2))


@pytest.mark.parametrize("snr", [0.0, 10.0, 25.0])
def test_noise_is_mixed_at_the_ratio_asked_for_whatever_silence_there_is(snr: float) -> None:
    random = np.random.default_rng(1)
    speech = np.pad(0.2 * tone(300), SAMPLE_RATE)
    noise = Augmentation().noise(len(speech), random)
    assert power(noise) == pytest.approx(1, rel=0.01)
    added = mix(speech, noise, snr) - speech
    loud = speech[np.abs(speech) > 0.05 * 0.2]
    assert 10 * np.log10(power(loud) / power(added)) == pytest.approx(snr, abs=0.1)


def test_kinds_of_noise_differ_in_their_spectrum() -> None:
    def low_share(sound: np.ndarray) -> float:
        spectrum = np.abs(np.fft.rfft(sound)) ** 2
        return float(spectrum[: len(spectrum) // 8].sum() / spectrum.sum())

    random = np.random.default_rng(2)
    shares = [low_share(make(4 * SAMPLE_RATE, random)) for make in (white, pink, machine)]
    assert shares == sorted(shares)
    assert shares[0] == pytest.approx(1 / 8, abs=0.02)
    assert shares[2] > 0.9


def test_a_room_makes_sound_go_on_after_it_ended() -> None:
    click = np.zeros(SAMPLE_RATE, np.float32)
    click[100] = 1.0
    wet = reverberate(click, 0.5, np.random.default_rng(3))
    assert len(wet) == len(click)
    assert wet[100] == pytest.approx(1.0, abs=1e-4)
    early, late = power(wet[200:2000]), power(wet[6000:8000])
    assert early > 10 * late > 0


def test_a_headset_lets_only_its_band_through() -> None:
    for hertz, share in [(50, 0.01), (1000, 1.0), (7500, 0.01)]:
        passed = band_pass(tone(hertz), 300, 3400)
        assert power(passed) / power(tone(hertz)) == pytest.approx(share, abs=0.02)


def test_what_comes_out_is_a_sound_whatever_went_in() -> None:
    random = np.random.default_rng(4)
    voices = [tone(hertz, 0.3) for hertz in range(100, 700, 100)]
    laid = Augmentation([tone(60, 2.0)], voices)
    for speech in (0.5 * tone(400), np.zeros(800, np.float32), 1e-4 * tone(200, 0.2)):
        for _ in range(30):
            sound = laid.apply(speech, random)
            assert sound.dtype == np.float32
            assert np.isfinite(sound).all()
            assert np.abs(sound).max() <= 1
            assert 0.94 * len(speech) <= len(sound) <= 1.06 * len(speech) + 0.8 * SAMPLE_RATE


def test_the_same_seed_lays_the_same_over_it() -> None:
    laid = Augmentation([tone(60, 2.0)])
    first, again = (laid.apply(tone(400), np.random.default_rng(5)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
