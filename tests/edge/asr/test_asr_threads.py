"""How many threads are fastest here: measured, kept, and used."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from banksman_edge import Sound, Transcript
from banksman_edge.app.checkup import Finding, Health, examine
from banksman_edge.asr import thread_count
from banksman_edge.asr.thread_count import Timing, candidates, keep_thread_count, kept_thread_count, measure_threads
from banksman_shared.models import default_whisper
from banksman_shared.models.store import CACHE_VARIABLE

SOUND = Sound(np.zeros(1600, np.float32))


class Slow:
    """Hears nothing, in so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def transcribe(self, sound: Sound) -> Transcript:
        assert len(sound.samples)
        time.sleep(self._seconds)
        return Transcript("", "en", 0.0)


@pytest.mark.parametrize(("most", "tried"), [(1, [1]), (2, [1, 2]), (6, [1, 2, 4, 6]), (16, [1, 2, 4, 8, 16])])
def test_powers_of_two_are_tried_and_all_there_are(most: int, tried: list[int]) -> None:
    assert candidates(most) == tried


def test_each_number_is_timed_and_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thread_count, "usable_cpus", lambda: 4)
    seen: list[Timing] = []
    timings = measure_threads(lambda count: Slow(0.05 if count == 2 else 0.2), [SOUND], seen.append)
    assert seen == timings
    assert [timing.threads for timing in timings] == [1, 2, 4]
    assert min(timings, key=lambda timing: timing.ms).threads == 2


def test_what_was_kept_is_used_for_that_model_alone(tmp_path: Path) -> None:
    keep_thread_count("a", 2, tmp_path)
    keep_thread_count("b", 3, tmp_path)
    assert [kept_thread_count(name, tmp_path) for name in "abc"] == [2, 3, 0]


def test_another_machine_s_measurement_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_thread_count("a", 2, tmp_path)
    monkeypatch.setattr(thread_count, "usable_cpus", lambda: 99)
    assert kept_thread_count("a", tmp_path) == 0


@pytest.mark.parametrize("text", ["", "[]", "{", '{"cpus": 1}', '{"cpus": %d, "threads": {"a": "two", "b": -1}}'])
def test_a_damaged_file_counts_as_none_and_is_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "threads.json").write_text(text % thread_count.usable_cpus() if "%" in text else text)
    assert kept_thread_count("a", tmp_path) == kept_thread_count("b", tmp_path) == 0
    keep_thread_count("a", 2, tmp_path)
    assert kept_thread_count("a", tmp_path) == 2


@pytest.mark.parametrize("languages", [["en"], ["en", "nl"]])
def test_the_doctor_says_whether_they_were_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, languages: list[str]
) -> None:
    def finding() -> Finding:
        return next(one for one in examine(languages) if one.what == "recogniser's threads")

    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    assert finding().health is Health.OPTIONAL
    assert "banksman bench threads" in finding().remedy
    keep_thread_count(default_whisper(languages), 1)
    assert finding().health is Health.GOOD
    assert finding().found.startswith("1 of ")
