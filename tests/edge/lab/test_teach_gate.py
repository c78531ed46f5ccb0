"""What may be exported: the gate, the report it reads, and the folder that comes out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import ctranslate2
import numpy as np
import pytest

from banksman_edge.audio import load_sound
from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.evaluate import Report, Score, evaluate, total
from banksman_edge.lab.teach.export import ADAPTER, TEACH, export
from banksman_edge.lab.teach.gate import LEFT_OUT, RECORDED, SPARE, objections
from banksman_edge.lab.teach.hearing import PUBLISHED, TAUGHT, Hearing
from banksman_edge.lab.teach.manifest import Clip, write_clips
from banksman_edge.lab.teach.prepare import write_sound
from banksman_edge.lab.teach.report import read_report, write_report
from banksman_edge.lab.word_errors import errors
from banksman_shared.models import ModelStore
from banksman_shared.models.adapter import Adapter, Factors, write_adapter
from banksman_shared.models.ctranslate2_file import read_weights

SPEECH = Path(__file__).parents[2] / "data" / "speech"


def score(errors: int, length: int = 100, **more: int) -> Score:
    return Score(clips=20, errors=errors, length=length, **more)


def report(**changes: tuple[Score, Score]) -> Report:
    groups = {
        "commands/en": (score(20), score(10)),
        "noisy/en": (score(30), score(20)),
        "recorded": (score(15), score(15)),
        "left out": (score(25), score(25)),
    } | changes
    return {name: {"published": before, "taught": after} for name, (before, after) in groups.items()}


def test_weights_that_are_better_at_commands_and_no_worse_at_the_rest_pass() -> None:
    assert objections(report()) == []
    assert objections(report(recorded=(score(15), score(15 + int(100 * RECORDED))))) == []
    assert objections(report(**{"left out": (score(25), score(25 + int(100 * LEFT_OUT)))})) == []


@pytest.mark.parametrize(
    ("changes", "objection"),
    [
        ({"recorded": (score(15), score(20))}, "recorded people: error rate 0.200 instead of 0.150"),
        ({"left out": (score(25), score(35))}, "languages left out: error rate 0.350 instead of 0.250"),
        ({"own recordings": (score(5), score(9))}, "own recordings"),
        ({"commands/en": (score(20), score(20))}, "commands: error rate 0.200, no better than 0.200"),
        ({"noisy/en": (score(30), score(31))}, "noisy"),
        ({"recorded": (score(15), score(15, runaway=SPARE + 1))}, "2 runaway repetitions instead of 0"),
        ({"commands/en": (score(20), score(5, wrong_language=SPARE + 1))}, "2 clips in the wrong language"),
    ],
)
def test_weights_that_are_worse_are_refused_with_the_figures(
    changes: dict[str, tuple[Score, Score]], objection: str
) -> None:
    found = objections(report(**changes))
    assert len(found) == 1
    assert objection in found[0]


def test_scores_add_up_over_groups() -> None:
    both = total(report(**{"commands/es": (score(10, 50), score(5, 50))}), "commands", "published")
    assert (both.clips, both.errors, both.length) == (40, 30, 150)
    assert both.error_rate == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "Forklift three, go to dock twelve!", "forklift 3 go to dock 12"),
        ("es", "Ve al muelle veintiuno.", "ve al muelle 21"),
        ("zh", "三號叉車，去冷庫。", "3号叉车去冷库"),
        ("hi", "डॉक तीन पर जाओ।", "डॉक 3 पर जाओ"),
    ],
)
def test_how_numbers_are_written_is_no_error(language: str, one: str, other: str) -> None:
    assert errors(one, other, language)[0] == 0


def test_without_a_report_or_with_that_of_other_weights_nothing_is_exported(tmp_path: Path) -> None:
    with pytest.raises(TeachingError, match="no evaluation"):
        export(tmp_path, tmp_path, tmp_path / "out")
    write_adapter(tmp_path / ADAPTER, Adapter({}))
    write_report(tmp_path / ADAPTER, TEACH, report())
    assert read_report(tmp_path / ADAPTER, TEACH, Score) == report()
    write_adapter(tmp_path / ADAPTER, Adapter({}, {"trained": "anew"}))
    with pytest.raises(TeachingError, match="of other weights"):
        export(tmp_path, tmp_path, tmp_path / "out")


def test_what_the_gate_refuses_is_not_written(tmp_path: Path) -> None:
    write_adapter(tmp_path / ADAPTER, Adapter({}))
    write_report(tmp_path / ADAPTER, TEACH, report(recorded=(score(15), score(40))))
    with pytest.raises(TeachingError, match="not good enough to be used: recorded people"):
        export(tmp_path, tmp_path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.fixture(scope="module")
def base() -> Path:
    return ModelStore().path("whisper-base")


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory, base: Path) -> Iterator[Path]:
    """A folder with a few test clips and an adapter that changes next to nothing."""
    folder = tmp_path_factory.mktemp("lesson")
    (folder / "clips").mkdir()
    rows = [json.loads(line) for line in (SPEECH / "manifest.jsonl").read_text("utf-8").splitlines()]
    clips = []
    for row in [row for row in rows if row["id"] in ("en-move", "es-move", "en-chatter-1")]:
        write_sound(folder / "clips" / row["audio"], load_sound(SPEECH / row["audio"]).samples)
        voice = {} if row["id"] == "en-chatter-1" else {"af_nicole": 1.0}
        text = "" if not voice else row["text"]
        clips.append(Clip(row["id"], f"clips/{row['audio']}", row["language"], text, "", test=True, voice=voice))
    clips.append(Clip("trained", "clips/en-move.flac", "en", "Send tugger 2 to the workshop."))
    write_clips(folder, clips)
    width = read_weights(base / "model.bin")["decoder/layer_0/ffn/linear_0/weight"].shape
    small = Factors(np.full((width[0], 1), 1e-3), np.full((1, width[1]), 1e-3))
    write_adapter(folder / ADAPTER, Adapter({"decoder/layer_0/ffn/linear_0": small}))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.models
def test_both_models_are_heard_on_every_test_clip(lesson: Path, base: Path) -> None:
    done: list[tuple[int, int]] = []
    found = evaluate(lesson, base, base, lambda at, of: done.append((at, of)), threads=1)
    assert set(found) == {"commands/en", "commands/es", "noisy/en", "noisy/es", "recorded"}
    assert {scores["taught"].clips for scores in found.values()} == {1}
    assert done[-1] == (5, 5)
    clean = found["commands/en"]["published"]
    assert clean.errors <= 1
    assert clean.wrong_language == 0
    assert clean.seconds > 0
    # The same weights, but with less context than they were trained for.
    assert found["recorded"]["published"].error_rate <= 0.2


@pytest.mark.models
def test_an_exported_folder_is_a_whole_model_with_its_card(tmp_path: Path, lesson: Path, base: Path) -> None:
    write_report(lesson / ADAPTER, TEACH, report())
    card = export(lesson, base, tmp_path / "out")
    ctranslate2.models.Whisper(str(tmp_path / "out"), device="cpu")
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert (config["context_s"], config["padding_s"]) == (TAUGHT.least, TAUGHT.margin)
    assert json.loads((tmp_path / "out" / "card.json").read_text()) == json.loads(json.dumps(card))
    assert card["base"]["sha256"].startswith("d01c3014881c")
    assert card["model"]["sha256"] != card["base"]["sha256"]
    assert card["test"]["clips"]["synthesised"] == {"en": 1, "es": 1}
    assert card["test"]["scores"]["recorded"]["taught"]["error_rate"] == 0.15


@pytest.mark.models
def test_the_same_sound_is_heard_with_any_context(lesson: Path, base: Path) -> None:
    hearing = Hearing(base, threads=1)
    sound = load_sound(lesson / "clips" / "en-move.flac").samples
    heard = hearing.hear(sound, PUBLISHED, among=("en", "es"))
    assert heard.language == "en"
    assert "workshop" in heard.text.lower()
    assert not heard.runaway
    assert hearing.features(TAUGHT.pad(sound[:8000])).shape == (80, 150)
    assert hearing.tokens("去", "zh") != hearing.tokens("去", "en")
