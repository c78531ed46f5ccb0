"""Stop words in noise, and how many of them a spotter misses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from banksman_edge.asr.stop_head import CARD_FILE, load_networks
from banksman_edge.asr.stop_spotter import bundled_head
from banksman_edge.audio import Sound, encode_flac, load_sound
from banksman_edge.cli.bench_stop import stop_words
from banksman_edge.errors import AudioError, RecogniserError
from banksman_edge.lab.bench.stops import LEVELS_DB, Word, recorded, robots, summarise, try_words
from banksman_edge.lab.bench.tables import stops_table
from banksman_edge.lab.teach.stop.export import leaning, write_head
from banksman_edge.tts.espeak import find_espeak
from banksman_shared.errors import BanksmanError

MANIFEST = Path(__file__).parents[2] / "data" / "stop" / "manifest.jsonl"


class Spotter:
    """Hears a stop where it has been quiet for ``after_s`` after something loud, noise or not."""

    window_s, hop_s, threshold = 1.28, 0.096, 0.8
    words = frozenset[str]()

    def __init__(self, after_s: float) -> None:
        self._quiet = int(after_s * 16_000)

    def probability(self, window: Any) -> float:
        power = np.convolve(np.square(window), np.full(800, 1 / 800), "same")
        loud = np.flatnonzero(power > 0.1 * power.max())
        return float(loud[-1] < len(window) - self._quiet - 800)


def said(text: str) -> Word:
    row = next(json.loads(line) for line in MANIFEST.read_text("utf-8").splitlines() if f'"{text}"' in line)
    return Word(row["language"], text, row["voice"], load_sound(MANIFEST.parent / row["audio"]))


def test_only_stop_words_of_the_languages_are_taken() -> None:
    words = recorded(MANIFEST, ["en", "ja"])
    assert [(word.language, word.text) for word in words] == [
        ("en", "stop"),
        ("en", "halt"),
        ("en", "freeze"),
        ("ja", "止まれ"),
        ("ja", "ストップ"),
    ]


def test_a_manifest_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "m.jsonl").write_text("[]\n", "utf-8")
    with pytest.raises(BanksmanError, match=r"m\.jsonl is no manifest of recordings"):
        recorded(tmp_path / "m.jsonl", ["en"])


def test_what_is_spotted_too_late_is_missed_and_delays_are_counted_from_the_end() -> None:
    words, steps = [said("halt")], list[None]()
    quick = try_words(Spotter(0.2), words, 0, lambda: steps.append(None))
    assert len(quick) == len(steps) == len(LEVELS_DB)
    assert quick[0].delay_s is not None
    assert 0 < quick[0].delay_s < 0.6
    late = try_words(Spotter(0.8), words, 0, lambda: None)
    assert late[0].delay_s is None


def test_misses_are_counted_by_language_and_noise() -> None:
    word, other = said("halt"), Word("fr", "stop", "somebody", Sound(np.zeros(1600, np.float32)))
    trials = [t for w in (word, other) for t in try_words(Spotter(0.2), [w], 0, lambda: None)]
    figures = summarise(trials)
    assert figures["missed"]["en"]["clean"] == [0, 1]
    assert figures["missed"]["fr"]["clean"] == [1, 1]
    assert figures["missed"]["all"]["clean"] == [1, 2]
    assert list(figures["missed"]["all"]) == ["clean", "20 dB", "10 dB", "5 dB"]


def test_where_there_is_talk_in_its_language_a_word_is_also_said_after_some_of_it() -> None:
    class Counting(Spotter):
        looks = 0

        def probability(self, window: Any) -> float:
            self.looks += len(window) > 0
            return 0.0

    talk, looks, spotter = {"en": [MANIFEST.parent / "stop-en-1.flac"]}, list[int](), Counting(0.2)
    words = [said("halt"), Word("fr", "stop", "somebody", said("halt").sound)]
    trials = try_words(spotter, words, 0, lambda: looks.append(spotter.looks), talk)
    assert [trial.setting for trial in trials].index("after talk") == len(LEVELS_DB)
    clean, after_talk = looks[0], looks[len(LEVELS_DB)] - looks[len(LEVELS_DB) - 1]
    assert after_talk > 5 * clean
    figures = summarise(trials)
    assert figures["missed"]["all"]["after talk"][1] == 1
    assert "after talk" not in figures["missed"]["fr"]
    assert stops_table(figures).row_count == 3


def test_a_silent_recording_of_talk_is_one_sentence(tmp_path: Path) -> None:
    silent = tmp_path / "silent.flac"
    silent.write_bytes(encode_flac(Sound(np.zeros(16_000, np.float32))))
    with pytest.raises(AudioError, match=r"silent\.flac is silent; make it anew"):
        try_words(Spotter(0.2), [said("halt")], 0, lambda: None, {"en": [silent]})


@pytest.mark.skipif(find_espeak() is None, reason="espeak-ng is not installed")
def test_every_word_of_a_language_is_said_by_as_many_voices_as_asked() -> None:
    words = list(robots(["sv"], 2))
    assert sorted(word.text for word in words) == ["halt", "halt", "stopp", "stopp", "stå still", "stå still"]
    assert len({word.sound.samples.tobytes() for word in words}) == 6


@pytest.mark.models
def test_the_command_prints_misses_and_writes_every_word(tmp_path: Path) -> None:
    report = tmp_path / "stops.json"
    arguments = [str(MANIFEST), "--languages", "en", "--robots", "0", "--json", str(report)]
    result = CliRunner().invoke(stop_words, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    assert "missed of said" in result.output
    document = json.loads(report.read_text("utf-8"))
    assert document["missed"]["en"]["clean"] == [0, 3]
    assert len(document["words"]) == 3 * len(LEVELS_DB)
    assert document["delay_ms"]["p95"] < 600


@pytest.mark.models
def test_the_command_tries_a_head_of_ones_own_and_refuses_what_is_none(tmp_path: Path) -> None:
    head, report = tmp_path / "head", tmp_path / "stops.json"
    write_head(head, [leaning(network, -50.0) for network in load_networks(bundled_head())])
    arguments = [str(MANIFEST), "--languages", "ko", "--robots", "0", "--stop-head", str(head), "--json", str(report)]
    assert CliRunner().invoke(stop_words, arguments, catch_exceptions=False).exit_code == 0
    assert json.loads(report.read_text("utf-8"))["missed"]["ko"]["clean"] == [1, 1]
    (head / CARD_FILE).unlink()
    with pytest.raises(RecogniserError, match="holds no usable stop spotter"):
        CliRunner().invoke(stop_words, arguments, catch_exceptions=False)
