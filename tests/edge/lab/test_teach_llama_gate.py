"""What of a taught language model may be exported: the gate, the report it reads, and the folder that comes out."""

from __future__ import annotations

import hashlib
import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from edge_world import ScriptedModel

import banksman_shared
from banksman_edge import LanguageModelError
from banksman_edge.cli.teach_llama import llama
from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.llama.calibrate import calibration_of, errors
from banksman_edge.lab.teach.llama.evaluate import Report, Score, evaluate
from banksman_edge.lab.teach.llama.examples import Example, write_examples
from banksman_edge.lab.teach.llama.export import TEACH, export, note_run
from banksman_edge.lab.teach.llama.gate import LEAST, good_languages, objections
from banksman_edge.lab.teach.llama.prepare import ASKED
from banksman_edge.lab.teach.llama.run import run_evaluation
from banksman_edge.lab.teach.report import read_report, write_report
from banksman_edge.understanding.reader.reader import calibrated
from banksman_shared.models.taught import ADAPTER, AS_SAID, CARD, read_card

SHIPPED = Path(banksman_shared.__file__).parent / "data"
GOOD, WORSE = Score(30, 27), Score(30, 20)


def report(**groups: tuple[Score, Score]) -> Report:
    """Of each language what the taught and what the untaught model got right of the same sentences."""
    return {name: {"taught": ours, "compared": ours, "untaught": theirs} for name, (ours, theirs) in groups.items()}


def test_it_may_be_used_in_the_languages_in_which_it_is_no_worse() -> None:
    found = report(en=(GOOD, WORSE), de=(GOOD, GOOD), fr=(WORSE, GOOD))
    assert (good_languages(found), objections(found)) == (["de", "en"], [])


def test_one_sentence_of_ten_is_chance_and_costs_no_language() -> None:
    assert good_languages(report(es=(Score(10, 7), Score(10, 8)))) == ["es"]


def test_a_language_that_was_not_learnt_is_left_out_though_the_other_is_worse_still() -> None:
    learnt, not_learnt = Score(100, int(100 * LEAST)), Score(100, int(100 * LEAST) - 1)
    assert good_languages(report(en=(learnt, Score(100)), de=(not_learnt, Score(100)))) == ["en"]


def test_one_that_is_worse_everywhere_is_refused() -> None:
    assert "no language" in objections(report(en=(WORSE, GOOD)))[0]


def test_one_that_gives_orders_that_nobody_gave_is_refused() -> None:
    careless, other = replace(GOOD, orders=((0.97, False),) * 3), replace(WORSE, orders=((0.97, False), (0.2, False)))
    assert (
        "3 of 30 sentences lead to orders that nobody gave, instead of 1 of 30"
        in objections(report(en=(careless, other)))[0]
    )


def test_one_that_is_worse_on_an_operator_s_own_sentences_is_refused() -> None:
    found = report(en=(GOOD, WORSE)) | report(**{"own/en": (WORSE, GOOD)})
    assert objections(found) == ["own/en: 20 of 30 right instead of 27"]


# How sure it may be


TOO_SURE = Score(200, 100, orders=((0.98, True), (0.98, False), (0.9, False), (0.9, True), (0.9, False)) * 40)


def test_a_model_that_is_too_sure_is_believed_less() -> None:
    calibration = calibration_of(report(en=(TOO_SURE, WORSE)))
    assert calibrated(0.98, calibration) == pytest.approx(0.5, abs=0.02)
    assert calibrated(0.9, calibration) == pytest.approx(0.33, abs=0.02)
    assert (TOO_SURE.false_orders(), TOO_SURE.false_orders(calibration)) == (40, 0)
    found = errors(TOO_SURE.orders)
    assert found["said"] > 0.4
    assert found["calibrated"] < 0.1


def test_of_a_few_orders_nothing_is_concluded() -> None:
    assert calibration_of(report(en=(replace(GOOD, orders=((0.9, False),) * 5), WORSE))) == AS_SAID
    assert calibrated(0.73, AS_SAID) == pytest.approx(0.73)
    assert (calibrated(1.0, AS_SAID), calibrated(0.0, AS_SAID)) == (pytest.approx(1.0), pytest.approx(0.0))


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    """Trained, with three sentences to test with."""
    tests = [
        Example("V1 hurry to P1", "move V1 to P1", "en", test=True),
        Example("all K1 rest now", "park all K1", "en", test=True),
        Example('V1 to the pool', 'move V1 to "pool"', "en", test=True),
    ]  # fmt: skip
    write_examples(tmp_path, [*tests, Example("V1 rest", "park V1", "en")])
    (tmp_path / ADAPTER).write_bytes(b"factors")
    (tmp_path / "base.gguf").write_bytes(b"weights")
    note_run(tmp_path, "smollm2-135m", tmp_path / "base.gguf", {"steps": 3, "rank": 10})
    note_run(tmp_path, "smollm2-135m", tmp_path / "base.gguf", {"steps": 2, "rank": 10, "blend": 0.5})
    return tmp_path


def test_both_are_asked_the_same(lesson: Path) -> None:
    ours = ScriptedModel("move V1 to P1", "park all K1", 'move V1 to "pool"')
    other = ScriptedModel("none", "park all K1", "none")
    scores = evaluate(lesson, ours, other, lambda *_: None)["en"]
    assert {name: (one.sentences, one.exact, one.missed) for name, one in scores.items()} == {
        "taught": (3, 3, 0),
        "compared": (3, 3, 0),
        "untaught": (3, 1, 2),
    }
    assert other.asked == ours.asked


def test_an_order_is_false_only_where_it_would_be_carried_out(lesson: Path) -> None:
    bold, shy = ScriptedModel("stop V1", probability=0.97), ScriptedModel("stop V1", probability=0.2)
    assert evaluate(lesson, bold, shy, lambda *_: None)["en"]["taught"].false_orders() == 3
    assert evaluate(lesson, shy, bold, lambda *_: None)["en"]["taught"].false_orders() == 0


def test_the_folder_has_the_adapter_and_a_card_that_says_where_it_comes_from(lesson: Path, tmp_path: Path) -> None:
    base = tmp_path / "base.gguf"
    write_report(lesson / ADAPTER, TEACH, report(en=(GOOD, WORSE)))
    (lesson / ASKED).write_text('["--languages", "en", "--sentences", "20", "--tests", "5"]', "utf-8")
    card = export(lesson, "smollm2-135m", base, tmp_path / "out")
    assert json.loads((tmp_path / "out" / CARD).read_text("utf-8")) == json.loads(json.dumps(card))
    assert (tmp_path / "out" / ADAPTER).read_bytes() == b"factors"
    assert (read_card(tmp_path / "out").base, read_card(tmp_path / "out").languages) == ("smollm2-135m", ("en",))
    assert card["data"]["examples"] == {"en": 1}
    of = {"base": "smollm2-135m", "base_sha256": hashlib.sha256(b"weights").hexdigest(), "rank": 10}
    assert card["training"] == [of | {"steps": 3}, of | {"steps": 2, "blend": 0.5}]
    assert card["calibration"] == AS_SAID
    assert card["commands"] == [
        "banksman teach llama prepare lesson --languages en --sentences 20 --tests 5",
        "banksman teach llama train lesson --base smollm2-135m --rank 10 --steps 3",
        "banksman teach llama train lesson --base smollm2-135m --rank 10 --steps 2 --blend 0.5",
        "banksman teach llama evaluate lesson --base smollm2-135m",
        "banksman teach llama export lesson taught --base smollm2-135m",
    ]


@pytest.mark.parametrize("name", ["qwen2.5-coder-0.5b-taught"])
def test_the_commands_on_a_shipped_card_can_be_run_as_they_are_written(name: str) -> None:
    card = json.loads((SHIPPED / name / CARD).read_text("utf-8"))
    commands = [shlex.split(command) for command in card["commands"]]
    assert sum(command[3] == "train" for command in commands) == sum("steps" in run for run in card["training"])
    for program, group, model, command, *arguments in commands:
        assert (program, group, model) == ("banksman", "teach", "llama")
        where_earlier_ones_lay = [str(SHIPPED / name)] if command == "average" else []
        written = [one for one in arguments if one != "EARLIER…"] + where_earlier_ones_lay
        context = llama.commands[command].make_context(command, written)
        assert context.params.get("base", card["base"]) == card["base"]


def test_an_adapter_is_not_exported_as_that_of_another_base(lesson: Path, tmp_path: Path) -> None:
    other, out = tmp_path / "other.gguf", tmp_path / "out"
    other.write_bytes(b"other weights")
    write_report(lesson / ADAPTER, TEACH, report(en=(GOOD, WORSE)))
    with pytest.raises(TeachingError, match="trained on smollm2-135m, which is not qwen: say --base smollm2-135m"):
        export(lesson, "qwen", other, out)
    assert not out.exists()
    with pytest.raises(TeachingError, match="trained on smollm2-135m"):
        run_evaluation(lesson, str(other), threads=1, progress=lambda *_: None)
    same = other.rename(tmp_path / "same.gguf")
    same.write_bytes(b"weights")
    assert export(lesson, str(same), same, out)["base"] == str(same)


def test_without_an_evaluation_of_these_very_weights_nothing_is_exported(lesson: Path, tmp_path: Path) -> None:
    with pytest.raises(TeachingError, match="evaluate"):
        read_report(lesson / ADAPTER, TEACH, Score)
    write_report(lesson / ADAPTER, TEACH, report(en=(GOOD, WORSE)))
    (lesson / ADAPTER).write_bytes(b"trained on")
    with pytest.raises(TeachingError, match="other weights"):
        export(lesson, "smollm2-135m", lesson / "base.gguf", tmp_path / "out")


def test_what_the_gate_refuses_is_not_exported(lesson: Path, tmp_path: Path) -> None:
    write_report(lesson / ADAPTER, TEACH, report(en=(WORSE, GOOD)))
    with pytest.raises(TeachingError, match="not good enough"):
        export(lesson, "smollm2-135m", lesson / "base.gguf", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("card", [None, "", "{}", '{"base": 3, "languages": []}'])
def test_a_folder_without_a_card_is_no_taught_model(tmp_path: Path, card: str | None) -> None:
    if card is not None:
        (tmp_path / CARD).write_text(card)
    with pytest.raises(LanguageModelError, match="no taught language model"):
        read_card(tmp_path)
