"""espeak-ng as a process: every language of the replies, and each way in which a program can fail."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from voice_world import NEEDS_ESPEAK

from banksman_edge.app.checkup import Health, examine
from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.errors import SynthesisError
from banksman_edge.phonetics import kana_of
from banksman_edge.replies import Phrasebook
from banksman_edge.tts import Espeak, espeak, load_speaker
from banksman_shared.site import bundled_site, load_site

LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "it", "ja", "nl", "pl", "pt", "sv", "tr", "zh")


@NEEDS_ESPEAK
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_of_the_replies_is_spoken(language: str) -> None:
    speaker = Espeak()
    text = Phrasebook(load_site(bundled_site())).say("no_planner", language)
    assert speaker.speaks(language)
    sound = speaker.speak(text, language)
    assert sound.dtype == np.float32
    assert np.abs(sound).max() == pytest.approx(0.5, abs=1e-3)
    assert 1 < len(sound) / SAMPLE_RATE < 10
    assert np.abs(sound[[0, -1]]).max() > 0.004  # no silence around it


@NEEDS_ESPEAK
def test_nothing_in_a_text_commands_the_program() -> None:
    speaker = Espeak()
    plain = speaker.speak("dock 2", "en")
    assert np.array_equal(speaker.speak("dock\x01 2", "en"), plain)
    assert np.array_equal(speaker.speak("dock 2\x00", "en"), plain)
    assert len(speaker.speak("-v de --help", "en")) > 0
    assert len(speaker.speak("x " * 5000, "en")) / SAMPLE_RATE < 600


@NEEDS_ESPEAK
def test_a_language_without_a_voice_and_a_text_without_words_are_one_sentence_each() -> None:
    speaker = Espeak()
    assert not speaker.speaks("tlh")
    with pytest.raises(SynthesisError, match=r"espeak-ng failed: .*voice does not exist"):
        speaker.speak("hello", "tlh")
    with pytest.raises(SynthesisError, match="said nothing that can be heard"):
        speaker.speak("", "en")


def program(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> Espeak:
    """A program of that name that misbehaves."""
    fake = folder / "espeak-ng"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return Espeak()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exec sleep 60", "did not end within"),
        ("echo 'out of luck' >&2; exit 3", "espeak-ng failed: out of luck"),
        ("exit 3", "espeak-ng failed: exit 3"),
        ("kill -SEGV $$", "espeak-ng failed: exit -11"),
        ("echo nonsense", "said nothing that can be heard"),
        ("cat >/dev/null", "said nothing that can be heard"),
    ],
)
def test_a_program_that_fails_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
) -> None:
    monkeypatch.setattr(espeak, "LONGEST_S", 0.5)
    with pytest.raises(SynthesisError, match=reason):
        program(tmp_path, script, monkeypatch).speak("hello", "en")


def test_a_program_that_is_removed_meanwhile_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    speaker = program(tmp_path, "exit 0", monkeypatch)
    (tmp_path / "espeak-ng").unlink()
    with pytest.raises(SynthesisError, match="cannot be started"):
        speaker.speak("hello", "en")


def test_without_the_program_replies_are_text_unless_it_was_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert load_speaker(None) is None
    assert load_speaker("off") is None
    with pytest.raises(SynthesisError, match="espeak-ng is missing: install it from the system"):
        load_speaker("espeak")


def test_the_doctor_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    finding = next(finding for finding in examine({"en"}) if finding.what == "voice espeak")
    assert finding.health is Health.OPTIONAL
    assert "apt-get install espeak-ng" in finding.remedy


@NEEDS_ESPEAK
def test_the_doctor_says_which_voices_there_are() -> None:
    finding = next(finding for finding in examine({"en"}) if finding.what == "voice espeak")
    assert finding.health is Health.GOOD
    assert "languages and dialects" in finding.found


@NEEDS_ESPEAK
def test_without_a_choice_espeak_speaks() -> None:
    assert isinstance(load_speaker(None), Espeak)


def test_kanji_are_read_and_particles_sound_as_they_are_spoken() -> None:
    assert kana_of("フォークリフト 3は倉庫へ行きます。") == "フォークリフト 3ワソウコエイキます。"
