"""Exact commands, clean and in noise, and from the written words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from edge_world import ScriptedModel

from banksman_edge.asr import Transcript
from banksman_edge.audio import Sound
from banksman_edge.cli.bench import bench
from banksman_edge.lab.bench import tables
from banksman_edge.lab.bench.commands import CLEAN, WRITTEN, Result, measure, measure_written, noisy, summarise
from banksman_edge.lab.bench.hearing import Listener
from banksman_edge.lab.bench.recogniser_steps import steps
from banksman_edge.lab.evaluation import Case
from banksman_edge.understanding import Pipeline
from banksman_shared.site import Site

SPEECH = Path(__file__).parents[2] / "data" / "speech"
MOVE = {"action": "move", "vehicles": ["st-2"], "to": "gate-11"}


class Says:
    """A recogniser that hears one text after the other."""

    def __init__(self, *texts: str) -> None:
        self._texts = list(texts)

    def transcribe(self, _sound: Sound) -> Transcript:
        return Transcript(self._texts.pop(0), "en", 0.9)


def case(name: str, text: str = "Stacker two, go to gate eleven.", language: str = "en") -> Case:
    return Case(name, str(SPEECH / f"{name}.flac"), text, language, MOVE)


@pytest.fixture
def understanding(harbour: Site) -> Pipeline:
    return Pipeline(harbour, None)


def test_each_noise_gets_its_turn_and_the_same_seed_the_same_sound() -> None:
    cases = [case("en-move"), case("en-group"), case("en-stop")]
    first, again, other = (list(noisy(cases, 10, seed)) for seed in (1, 1, 2))
    assert sorted(noise for noise, _, _ in first) == ["babble", "machine", "pink"]
    assert [one.id for _, one, _ in first] == [one.id for one in cases]
    pairs = list(zip(first, again, other, strict=True))
    assert all(np.array_equal(a[2].samples, b[2].samples) for a, b, _ in pairs)
    assert not any(np.array_equal(a[2].samples, c[2].samples) for a, _, c in pairs)


def test_a_case_gets_another_noise_at_another_level() -> None:
    noises = {level: next(noisy([case("en-move"), case("en-stop")], level, 1))[0] for level in (20, 10, 5)}
    assert set(noises.values()) == {"machine", "pink", "babble"}


def test_exact_is_what_is_done_and_a_question_does_nothing(harbour: Site, understanding: Pipeline) -> None:
    listener = Listener(
        Says("Stacker two, go to gate eleven.", "Stacker two, go to the gate.", "", "Stacker one, go to gate eleven."),
        harbour,
        understanding,
    )
    cases = [case(name) for name in ("en-move", "en-group", "en-stop", "en-two")]
    results = measure(listener, "x", cases, None, 0, lambda: None)
    assert [result.ok for result in results] == [True, False, False, False]
    assert [str(result.reaction.verdict) for result in results] == ["accept", "ask", "reject", "accept"]
    assert summarise(results)["x"][CLEAN]["wrong_and_done"] == 1
    row = results[3].document()
    assert (row["wrong"], row["words"], row["ok"]) == (1, 6, False)


def test_written_words_are_read_without_a_recogniser(harbour: Site, understanding: Pipeline) -> None:
    results = measure_written(Listener(None, harbour, understanding), [case("en-move")], lambda: None)
    assert [result.ok for result in results] == [True]
    assert list(summarise(results)) == [WRITTEN]


def test_shares_are_by_step_level_language_and_noise(harbour: Site, understanding: Pipeline) -> None:
    right, wrong = "Stacker two, go to gate eleven.", "Stacker one, go to gate eleven."

    def result(step: str, level: str, noise: str, language: str, text: str) -> Result:
        reaction = Listener(None, harbour, understanding).read(text)
        return Result(step, level, noise, case("en-move", language=language), reaction)

    found = [
        result("plain", "clean", "clean", "en", right),
        result("plain", "10 dB", "pink", "en", wrong),
        result("plain", "10 dB", "babble", "es", right),
        result("taught", "10 dB", "pink", "en", right),
    ]
    summary = summarise(found)
    assert summary["plain"]["clean"]["all"] == 1.0
    assert summary["plain"]["10 dB"]["by_language"] == {"en": 0.0, "es": 1.0}
    assert summary["plain"]["10 dB"]["by_noise"] == {"babble": 1.0, "pink": 0.0}
    assert summary["plain"]["10 dB"]["verdicts"]["accept"] == 2
    assert list(summary["taught"]) == ["10 dB"]
    assert summary["plain"]["10 dB"]["read"] == {"plain": 0.5, "llama": 0.5}
    assert tables.commands_table(summary).row_count == 3


def test_each_stage_of_understanding_has_its_share(harbour: Site) -> None:
    understanding = Pipeline(harbour, ScriptedModel("move V1 to P1"))
    texts = ["Stacker two, go to gate eleven.", "Stacker two would look lovely over by gate eleven."]
    results = [
        Result("x", CLEAN, CLEAN, case("en-move"), Listener(None, harbour, understanding).read(text)) for text in texts
    ]
    assert summarise(results)["x"][CLEAN]["read"] == {"plain": 0.5, "llama": 1.0}
    stages = results[1].document()["stages"]
    assert (stages["plain"]["action"], stages["llama"]["action"]) == ("none", "move")


def test_every_model_is_measured_plain_before_the_sites_words_come_in() -> None:
    assert [step.name for step in steps(["base", "taught", "base"])] == [
        "base",
        "taught",
        "base, with the site's words",
        "taught, with the site's words",
    ]


@pytest.mark.models
def test_command_line_writes_the_table_and_every_row(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.jsonl"
    expect = {"action": "move", "vehicles": ["tugger-2"], "to": "workshop"}
    row = {"id": "en-move", "audio": str(SPEECH / "en-move.flac"), "text": "Send tugger two to the workshop."}
    manifest.write_text(json.dumps(row | {"language": "en", "expect": expect}), "utf-8")
    report = tmp_path / "report.json"
    arguments = ["commands", manifest, "--whisper", "whisper-base", "--clean-only", "--threads", 1, "--json", report]
    ended = CliRunner().invoke(bench, list(map(str, arguments)))
    assert ended.exit_code == 0, ended.output
    assert "exact commands" in ended.output
    rows = json.loads(report.read_text("utf-8"))["rows"]
    assert [row["step"] for row in rows] == [WRITTEN, "whisper-base", "whisper-base, with the site's words"]
    assert [row["ok"] for row in rows] == [True, True, True]
