"""What the stop spotter is taught with and tried on: plans, scenes and windows, tallies, and the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from banksman_edge.asr.stop_head import CARD_FILE, StopHead, load_networks
from banksman_edge.asr.stop_spotter import HOP_S, bundled_head
from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.cli.teach_stop import stop
from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.prepare import write_sound
from banksman_edge.lab.teach.stop.clips import MANIFEST, Kind, StopClip, read_manifest, write_manifest
from banksman_edge.lab.teach.stop.export import load_beside
from banksman_edge.lab.teach.stop.features import Features
from banksman_edge.lab.teach.stop.hard_negatives import with_hard_talk
from banksman_edge.lab.teach.stop.lines import all_lines, families, read_talk, what_is_said
from banksman_edge.lab.teach.stop.prepare import ESPEAK, KOKORO, add_people, plan_lines
from banksman_edge.lab.teach.stop.scenes import LATEST_S, SceneMaker, Take, Window, spoken_span
from banksman_edge.lab.teach.stop.trial import NOISE_LEVELS, try_out
from banksman_edge.tts.synthesiser import LANGUAGES

SIZE = round(1.28 * SAMPLE_RATE)


def tone(seconds: float, hertz: float, level: float = 0.4) -> Any:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def take(kind: Kind, family: str = "", seconds: float = 0.5, hertz: float = 300, engine: str = KOKORO) -> Take:
    clip = StopClip("x.flac", "en", kind, "text", family, engine)
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


@pytest.mark.models
def test_what_a_network_takes_for_stop_words_in_talk_is_taught_as_none_and_kept(tmp_path: Path) -> None:
    write_sound_in(tmp_path, "clips/x.flac")
    clips = [StopClip("clips/x.flac", "en", Kind.TALK, "text", "", KOKORO)]
    known = Features(np.zeros((1, 32, 512), np.float16), np.ones((1, len(families())), np.int8), np.ones(1, np.float32))
    heard: list[float] = []
    more = with_hard_talk(known, Takes(1.0), tmp_path, clips, hours=0.001, seed=1, done=heard.append)
    looks = round(sum(heard) / HOP_S)
    assert len(more.labels) == 1 + looks > 30
    assert more.labels[0].all()
    assert not more.labels[1:].any()
    few = with_hard_talk(known, Takes(0.0), tmp_path, clips, hours=0.001, seed=1, done=heard.append)
    assert len(few.labels) < len(more.labels) / 5


class Takes(StopHead):
    """Takes everything for a stop word, or nothing."""

    def __init__(self, probability: float) -> None:
        self._probability = probability

    def __call__(self, encoded: Any) -> Any:
        return np.full((len(encoded), len(families())), self._probability, np.float32)


@pytest.mark.models
def test_without_talk_there_is_none_to_listen_to(tmp_path: Path) -> None:
    nothing = Features(*(np.zeros(0) for _ in range(3)))
    with pytest.raises(TeachingError, match="there is no talk among the clips"):
        with_hard_talk(nothing, Takes(1.0), tmp_path, [], hours=0.1, seed=1, done=lambda _s: None)


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "Stop!", (Kind.STOP, "stop")),
        ("en", "Forklift three, stop!", (Kind.FINAL, "stop")),
        ("en", "stop right there", None),
        ("en", "The stopwatch is new", (Kind.TALK, "")),
        ("fi", "stop", (Kind.STOP, "stop")),
        ("de", "Er rief: stop und rannte", None),
        ("hi", "कल मैंने कहा था रुको और वह गया", None),
        ("hi", "वह घर जाओ बोला", (Kind.TALK, "")),
        ("pl", "zatrzymaj się", (Kind.STOP, "zatrzymaj")),
        ("pl", "On się śmieje", (Kind.TALK, "")),
        ("pt", "Isto é para a doca", (Kind.TALK, "")),
        ("pt", "Para!", (Kind.STOP, "pare")),
        ("pt", "Para já com isso", None),
        ("pt", "Empilhadeira três para agora mesmo", None),
        ("pt", "Para! Que vem gente", None),
        ("pt", "Para a empilhadeira três", None),
        ("es", "Carretilla dos, para, que viene alguien", None),
        ("es", "Esto es para el muelle", (Kind.TALK, "")),
        ("es", "Para, para, que viene alguien", None),
        ("es", "Carretilla dos, ¡para!", (Kind.FINAL, "pare")),
        ("fr", "Arre\u0302te", (Kind.STOP, "arrete")),
        ("ja", "止まれと言った", None),
        ("zh", "停", (Kind.STOP, "ting")),
    ],
)
def test_what_holds_a_stop_word_is_no_talk(language: str, text: str, said: Any) -> None:
    assert what_is_said(language, text) == said


def people(folder: Path, *rows: Any) -> list[StopClip]:
    (folder / "clips").mkdir(exist_ok=True)
    write_sound(folder / "talk.flac", tone(0.5, 300))
    manifest = folder / "manifest.jsonl"
    manifest.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return add_people(manifest, folder)


def recorded(kind: str, text: Any) -> Any:
    return {"audio": "talk.flac", "kind": kind, "language": "en", "transcript": text}


def test_recorded_people_are_what_they_say_and_half_a_stop_is_left_out(tmp_path: Path) -> None:
    rows = [recorded("chatter", None), recorded("keyword", "stop"), recorded("chatter", "then stop it"),
            recorded("keyword", "one, stop"), recorded("noise", None)]  # fmt: skip
    assert [(clip.kind, clip.family) for clip in people(tmp_path, *rows)] == [
        (Kind.TALK, ""),
        (Kind.STOP, "stop"),
        (Kind.FINAL, "stop"),
        (Kind.NOISE, ""),
    ]


@pytest.mark.parametrize("row", [5, [1], {"audio": "talk.flac"}, recorded("keyword", None), recorded("chatter", 5)])
def test_what_is_no_manifest_of_people_is_told(tmp_path: Path, row: Any) -> None:
    with pytest.raises(TeachingError, match="is no manifest of recordings"):
        people(tmp_path, row)


def test_two_manifests_keep_their_sounds_apart(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    names = {people(folder, recorded("chatter", "hello"))[0].audio for folder in (tmp_path, tmp_path / "other")}
    assert len(names) == 2


@pytest.fixture
def sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A folder to teach from, with a network that is taught in no time; how many sounds each was taught with."""
    write_sound_in(tmp_path, "clips/talk.flac")
    write_manifest(tmp_path, [StopClip("clips/talk.flac", "en", Kind.TALK, "text", "", KOKORO)])
    some = load_networks(bundled_head())[0]
    seen: list[int] = []

    def taught(features: Features, *, seed: int, **_rest: Any) -> Any:
        seen.append(len(features.labels))
        return {**some, "out.bias": np.full_like(some["out.bias"], seed)}

    monkeypatch.setattr("banksman_edge.lab.teach.stop.training.train_head", taught)
    return seen


@pytest.mark.models
def test_a_head_is_taught_beside_another(tmp_path: Path, sizes: list[int]) -> None:
    known = load_networks(bundled_head())
    arguments = [str(tmp_path), "--networks", "2", "--talk-hours", "0.002", "--beside", str(bundled_head())]
    result = CliRunner().invoke(stop, ["train", *arguments, "--lean", "0.5", "--seed", "3"], catch_exceptions=False)
    assert result.exit_code == 0
    networks = load_networks(tmp_path / "head")
    assert [float(network["out.bias"][0]) for network in networks[:2]] == [4.5, 5.5]
    assert len(networks) == 2 + len(known)
    assert sizes[1] == sizes[2] > sizes[0]


@pytest.mark.models
def test_words_that_the_head_beside_knows_may_be_left_to_it(tmp_path: Path, sizes: list[int]) -> None:
    before = without_the_word_stop(tmp_path / "before")
    arguments = [str(tmp_path), "--networks", "2", "--talk-hours", "0", "--beside", str(before), "--new-words"]
    result = CliRunner().invoke(stop, ["train", *arguments, "--lean", "0"], catch_exceptions=False)
    assert result.exit_code == 0
    assert len(sizes) == 2
    new = np.array(families()) == "stop"
    for number, network in enumerate(load_networks(tmp_path / "head")):
        assert (np.isnan(network["out.bias"][new]) == (number >= 2)).all()
        if number < 2:
            assert np.isnan(network["out.bias"][~new]).all()


def test_new_words_need_a_head_that_knows_the_others(tmp_path: Path) -> None:
    result = CliRunner().invoke(stop, ["train", str(tmp_path), "--new-words"])
    assert result.exit_code == 2
    assert "--new-words needs --beside" in result.output


def without_the_word_stop(folder: Path) -> Path:
    """The head that is shipped, as if it had been taught another family of words for "stop"."""
    shutil.copytree(bundled_head(), folder)
    card = json.loads((folder / CARD_FILE).read_text("utf-8"))
    known = [family if family != "stop" else "gone" for family in card["families"]]
    (folder / CARD_FILE).write_text(json.dumps(card | {"families": known}), "utf-8")
    return folder


def test_a_head_for_another_encoder_is_not_taught_beside(tmp_path: Path) -> None:
    folder = shutil.copytree(bundled_head(), tmp_path / "head")
    card = json.loads((folder / CARD_FILE).read_text("utf-8"))
    (folder / CARD_FILE).write_text(json.dumps(card | {"whisper": "whisper-tiny"}), "utf-8")
    with pytest.raises(TeachingError, match="another encoder; teach without it"):
        load_beside(folder)


def test_a_network_keeps_silent_about_words_that_it_was_not_taught(tmp_path: Path) -> None:
    """Those of before judge what they know, and new words are left to new networks."""
    before, (first, *_) = load_beside(without_the_word_stop(tmp_path / "head")), load_beside(bundled_head())
    new = {**first, "out.bias": np.nan_to_num(first["out.bias"])}
    encoded = np.random.default_rng(0).normal(size=(3, 64, 512)).astype(np.float32)
    alone, all_agree = StopHead([new])(encoded), StopHead([*load_beside(bundled_head()), new])(encoded)
    expected = np.where(np.array(families()) == "stop", alone, all_agree)
    np.testing.assert_allclose(StopHead([*before, new])(encoded), expected, rtol=1e-3)


def write_sound_in(folder: Path, name: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    write_sound(folder / name, tone(1.0, 300))


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


def test_blank_lines_marks_and_separators_are_no_trouble_in_talk(tmp_path: Path) -> None:
    file = tmp_path / "talk.jsonl"
    file.write_text('\n{"language": "en", "text": "One\u2028two."}\n\n{"language": "en", "text": " "}\n', "utf-8-sig")
    assert read_talk([file]) == {"en": ["One\u2028two."]}


@pytest.mark.parametrize("line", ["nothing", '{"language": "en"}', '["en", "text"]', "[" * 100_000])
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


def test_talk_is_negative() -> None:
    seen = windows_of(take(Kind.TALK, seconds=3), times=3)
    assert 9 <= len(seen) <= 12
    assert all(w.labels.max() == 0 for w in seen)


# How it is tried


class Loud:
    """Takes every window whose end is loud for a stop."""

    window_s, hop_s, threshold = 1.28, 0.096, 0.5
    words = frozenset[str]()

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
