"""What the stop spotter is taught with and tried on: plans, scenes and windows, tallies, and the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from banksman_edge.asr.stop_head import StopHead
from banksman_edge.asr.stop_spotter import HOP_S
from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.cli.teach_stop import stop
from banksman_edge.errors import TeachingError
from banksman_edge.teach.prepare import write_sound
from banksman_edge.teach.stop.clips import MANIFEST, Kind, StopClip, read_manifest, write_manifest
from banksman_edge.teach.stop.features import Features
from banksman_edge.teach.stop.hard import with_hard_talk
from banksman_edge.teach.stop.lines import all_lines, families, read_talk
from banksman_edge.teach.stop.prepare import ESPEAK, KOKORO, add_people, plan_lines
from banksman_edge.teach.stop.scenes import LATEST_S, SceneMaker, Take, Window, spoken_span
from banksman_edge.teach.stop.trial import NOISE_LEVELS, try_out
from banksman_edge.tts.synthesiser import LANGUAGES

SIZE = round(1.28 * SAMPLE_RATE)


def tone(seconds: float, hertz: float, level: float = 0.4) -> Any:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def take(kind: Kind, family: str = "", seconds: float = 0.5, hertz: float = 300, speaker: str = "") -> Take:
    clip = StopClip("x.flac", "en", kind, "text", family, "people" if speaker else KOKORO, speaker)
    return Take(clip, tone(seconds, hertz))


def windows_of(*takes: Take, times: int = 40) -> list[Window]:
    maker = SceneMaker(takes, [], families(), SIZE)
    return list(maker.windows(takes[0], times, np.random.default_rng(0)))


def test_talk_is_heard_hop_by_hop_in_one_language_and_no_window_of_it_is_a_stop_word() -> None:
    takes = [take(Kind.STOP, "stop"), *(take(Kind.TALK, seconds=1.0, hertz=h) for h in (200, 400))]
    foreign = Take(StopClip("y.flac", "de", Kind.TALK, "text", "", ESPEAK), tone(1.0, 800))
    maker = SceneMaker([*takes, foreign], [], families(), SIZE)
    heard = [list(maker.talk(0.1, np.random.default_rng(seed))) for seed in range(8)]
    assert all(len(windows) > 30 and not any(w.labels.any() for w in windows) for windows in heard)
    assert all(window.samples.shape == (SIZE,) for windows in heard for window in windows)


def test_what_a_network_takes_for_stop_words_in_talk_is_taught_as_none_and_kept(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    write_sound(tmp_path / "clips" / "x.flac", tone(1.0, 300))
    clips = [StopClip("clips/x.flac", "en", Kind.TALK, "text", "", KOKORO)]
    known = Features(
        np.zeros((1, 32, 512), np.float16), np.ones((1, len(families())), np.int8), np.ones(1, np.float32),
        np.zeros(1, np.int64),
    )  # fmt: skip
    heard: list[float] = []
    more = with_hard_talk(known, Everything(), tmp_path, clips, hours=0.001, seed=1, done=heard.append)
    assert len(more.labels) == 1 + round(sum(heard) / HOP_S) > 30
    assert more.labels[0].all()
    assert not more.labels[1:].any()
    again = with_hard_talk(known, Everything(), tmp_path, [], hours=0.001, seed=1, done=heard.append)
    np.testing.assert_array_equal(again.encoded, more.encoded)


class Everything(StopHead):
    """Takes everything for a stop word."""

    def __init__(self) -> None:
        pass

    def __call__(self, encoded: Any) -> Any:
        return np.ones((len(encoded), len(families())), np.float32)


def test_recordings_without_a_transcript_are_talk(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    write_sound(tmp_path / "talk.flac", tone(0.5, 300))
    rows = [{"audio": "talk.flac", "kind": "chatter", "language": "fi", "transcript": text} for text in (None, "stop")]
    (tmp_path / "manifest.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    assert [(clip.kind, clip.text) for clip in add_people(tmp_path / "manifest.jsonl", tmp_path)] == [
        (Kind.TALK, ""),
        (Kind.TALK, "stop"),
    ]


# What is said


def test_the_same_arguments_make_the_same_plan() -> None:
    assert plan_lines(["en", "ja"], 0.2) == plan_lines(["en", "ja"], 0.2)


def test_every_stop_word_is_spoken_by_all_engines_that_speak_its_language_to_teach_and_to_test() -> None:
    planned = {(x.clip.language, x.clip.text, x.clip.engine, x.clip.test) for x in plan_lines(list(all_lines()), 0.1)}
    words = [(c, w) for c, lines in all_lines().items() for words in lines.stop.values() for w in words]
    assert [
        (*word, engine, test)
        for word in words
        for engine in ((KOKORO, ESPEAK) if word[0] in LANGUAGES else (ESPEAK,))
        for test in (True, False)
        if (*word, engine, test) not in planned
    ] == []


def test_further_talk_is_spoken_once_by_each_engine_and_without_stop_words(tmp_path: Path) -> None:
    english = ["The lift is late.", "The lift is late.", "He said stop."]
    others = [("ja", "ストップと言った"), ("ja", "遅いね"), ("tlh", "nuqneH")]
    said = [*(("en", text) for text in english), *others]
    file = tmp_path / "talk.jsonl"
    file.write_text(
        "".join(f"{json.dumps({'language': code, 'text': text, 'id': 'x'})}\n" for code, text in said), "utf-8"
    )
    talk = read_talk([file])
    assert talk == {"en": ["The lift is late."], "ja": ["遅いね"]}
    without, planned = plan_lines(["en", "ja"], 0.2), plan_lines(["en", "ja"], 0.2, talk=talk)
    more = [x.clip for x in planned if x not in without]
    assert len({clip.audio for clip in more}) == len(more)
    assert sorted((clip.language, clip.engine, clip.kind, clip.test) for clip in more) == sorted(
        (c, e, Kind.TALK, False) for c in ("en", "ja") for e in (KOKORO, ESPEAK)
    )


@pytest.mark.parametrize("line", ["nothing", '{"language": "en"}', '["en", "text"]'])
def test_what_is_no_talk_is_told(tmp_path: Path, line: str) -> None:
    file = tmp_path / "talk.jsonl"
    file.write_text(line, "utf-8")
    with pytest.raises(TeachingError, match=r"talk\.jsonl is no talk"):
        read_talk([file])


def test_an_evaluation_alone_speaks_what_it_speaks_after_teaching() -> None:
    whole, alone = plan_lines(["en", "ja"], 0.2), plan_lines(["en", "ja"], 0.2, test_only=True)
    assert alone == [line for line in whole if line.clip.test]
    assert 0 < len(alone) < len(whole) / 2


def test_nothing_that_is_no_stop_is_taught_as_one() -> None:
    for line in plan_lines(["en", "es"], 0.3):
        assert bool(line.clip.family) == (line.clip.kind in (Kind.STOP, Kind.FINAL))


def test_random_words_hold_no_stop_word() -> None:
    salads = [x.clip.text.casefold().split() for x in plan_lines(["en"]) if x.clip.engine == ESPEAK and not x.clip.test]
    written = {sentence.casefold() for sentence in all_lines()["en"].talk}
    random = [words for words in salads if " ".join(words) not in written and len(words) > 4]
    assert len(random) > 20
    assert not any(word.strip(".,!?") in ("stop", "halt", "freeze") for words in random for word in words)


def test_a_language_without_stop_words_is_refused() -> None:
    with pytest.raises(TeachingError, match="no stop words are known for 'tlh'; there are en, "):
        plan_lines(["tlh"])


# What a window shows


def test_a_window_is_positive_only_just_after_the_word() -> None:
    """The word is a tone that nothing else has: where it counts as said, it must have ended within the window."""
    seen = windows_of(take(Kind.STOP, "stop"))
    positive = [w for w in seen if w.labels.max() == 1]
    negative = [w for w in seen if w.labels.max() <= 0]
    assert len(positive) == 80
    assert len(negative) > 20
    assert all(w.labels[families().index("stop")] == 1 and w.labels.sum() == 1 for w in positive)
    assert min(len(w.samples) for w in seen) == max(len(w.samples) for w in seen) == SIZE


def test_the_last_half_second_of_a_positive_window_holds_the_end_of_the_word(monkeypatch: pytest.MonkeyPatch) -> None:
    clean = Take(StopClip("x.flac", "en", Kind.STOP, "stop", "stop", KOKORO), tone(0.5, 300))
    maker = SceneMaker([clean], [np.zeros(SAMPLE_RATE, np.float32)], families(), SIZE)
    monkeypatch.setattr(maker, "_through_air", lambda sound, _random: sound)  # it would hide the tone
    for window in maker.windows(clean, 30, np.random.default_rng(1)):
        _, end = spoken_span(window.samples) if np.abs(window.samples).max() > 0 else (0, 0)
        if window.labels.max() == 1:
            assert SIZE - (LATEST_S + 0.05) * SAMPLE_RATE <= end <= SIZE


def test_what_begins_like_another_word_says_nothing_about_that_one() -> None:
    parts = [w for w in windows_of(take(Kind.STOP, "alto")) if w.labels.max() <= 0 and w.labels.min() < 0]
    assert parts
    assert all(np.flatnonzero(w.labels < 0).tolist() == [families().index("halt")] for w in parts)


def test_talk_is_negative_and_its_speaker_is_kept() -> None:
    seen = windows_of(take(Kind.TALK, seconds=3, speaker="ann"), times=3)
    assert 9 <= len(seen) <= 12
    assert all(w.labels.max() == 0 and w.speaker == "ann" for w in seen)


# How it is tried


class Loud:
    """Takes every window whose end is loud for a stop."""

    window_s, hop_s, threshold = 1.28, 0.096, 0.5

    def probability(self, window: Any) -> float:
        return 1.0 if np.abs(window[-800:]).max() > 0.3 else 0.0


def test_misses_and_false_alarms_are_counted() -> None:
    takes = [take(Kind.STOP, "stop"), take(Kind.TALK, seconds=3.0), take(Kind.CONTEXT)]
    tally = try_out(Loud(), takes, 0.5, np.random.default_rng(0))  # type: ignore[arg-type]
    figures = tally.document()
    assert figures["missed"] == {"en": {"clean": [0, 1], "20 dB": [0, 1], "10 dB": [0, 1], "5 dB": [0, 1]}}
    assert len(tally.alarms) == 3  # one a second, however many hops
    assert figures["talk_hours"] == pytest.approx(3 / 3600, abs=1e-3)
    assert figures["delay_ms"]["p95"] <= 0


def test_a_spotter_that_hears_nothing_misses_everything() -> None:
    class Deaf(Loud):
        def probability(self, window: Any) -> float:  # noqa: ARG002
            return 0.0

    tally = try_out(Deaf(), [take(Kind.STOP, "stop")], 0.5, np.random.default_rng(0))  # type: ignore[arg-type]
    assert sum(tally.missed.values()) == len(NOISE_LEVELS)
    assert tally.document()["delay_ms"] == {"p50": None, "p95": None}


# The list of clips and the command line


def test_the_manifest_comes_back_as_it_was_written(tmp_path: Path) -> None:
    clips = [
        StopClip("a.flac", "ja", Kind.STOP, "止まれ", "tomare", KOKORO, test=True),
        StopClip("b.flac", "", Kind.NOISE),
    ]
    write_manifest(tmp_path, clips)
    assert read_manifest(tmp_path) == clips


def test_a_damaged_manifest_is_refused(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text("{oh", encoding="utf-8")
    with pytest.raises(TeachingError, match=r"is damaged .*prepare again"):
        read_manifest(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(stop, arguments)


@pytest.mark.parametrize("command", ["train", "evaluate"])
def test_what_is_not_prepared_cannot_be_used(tmp_path: Path, command: str) -> None:
    result = run(command, str(tmp_path))
    assert result.exit_code != 0
    assert isinstance(result.exception, Exception)


@pytest.mark.parametrize("command", ["prepare", "train", "evaluate"])
def test_help_shows_an_example(command: str) -> None:
    result = run(command, "--help")
    assert result.exit_code == 0
    assert f"banksman teach stop {command} stop-data" in result.output
