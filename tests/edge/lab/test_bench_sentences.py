"""The development set of thirteen languages on four sites: what its files hold, and that the grammar alone is exact."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from banksman_edge import Pipeline
from banksman_edge.cli.bench import bench
from banksman_edge.lab.bench.certainty import certainty, reliability_of
from banksman_edge.lab.bench.sentences import Ground, grounds, measure, merge
from banksman_edge.lab.evaluation import Case, Row
from banksman_edge.turns.events import Verdict
from banksman_shared.commands import NOTHING, SELECTORS, parse_commands
from banksman_shared.errors import BanksmanError

ROOT = Path(__file__).parents[3]
SETS = ROOT / "tests" / "data" / "eval"
LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "it", "ja", "nl", "pl", "pt", "tr", "zh")
PARTS = {"heldout": 60, "natural": 30, "pattern": 60}
QUICK = ("brewery", "hospital")
"""Of the four sites; all of them are ``make bench``."""
LEAST = {"natural": 0.85, "pattern": 0.95}


@pytest.fixture(scope="module")
def sites() -> list[Ground]:
    return grounds(SETS)


@pytest.fixture(scope="module")
def rows(sites: list[Ground]) -> dict[str, list[Row]]:
    """What the grammar makes of the quick sites."""
    quick = [ground for ground in sites if ground.site.id in QUICK]
    return merge([measure(ground, Pipeline(ground.site, None), lambda: None) for ground in quick])


@pytest.mark.parametrize("part", PARTS)
def test_every_language_has_its_share_of_a_part(sites: list[Ground], part: str) -> None:
    counted = Counter(case.language for ground in sites for case in ground.parts[part])
    assert counted == dict.fromkeys(LANGUAGES, PARTS[part])


def test_a_fifth_of_what_was_written_by_hand_is_talk(sites: list[Ground]) -> None:
    cases = [case for ground in sites for part in ("natural", "heldout") for case in ground.parts[part]]
    talk = [case for case in cases if parse_commands(case.expect) == (NOTHING,)]
    assert 0.18 <= len(talk) / len(cases) <= 0.25


def test_what_is_expected_exists_on_the_site(sites: list[Ground]) -> None:
    for ground in sites:
        site = ground.site
        selectable = {*site.vehicles, *site.groups, *site.vehicle_kinds, *site.places, "*"}
        for case in (case for cases in ground.parts.values() for case in cases):
            for command in parse_commands(case.expect):
                named = {v.split(":", 1)[1] if v.startswith(SELECTORS) else v for v in command.vehicles}
                assert named <= selectable, case
                assert {command.origin, command.destination} - {None} <= set(site.places), case


def test_no_sentence_is_in_two_parts(sites: list[Ground]) -> None:
    said = [(g.site.id, case.text) for g in sites for part in ("natural", "heldout") for case in g.parts[part]]
    assert len(set(said)) == len(said)


def test_the_sentences_by_pattern_are_those_of_the_patterns(tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in SETS.glob("*/pattern.jsonl")}
    subprocess.run([sys.executable, ROOT / "scripts" / "make_eval.py"], check=True, timeout=120)
    assert {path: path.read_bytes() for path in SETS.glob("*/pattern.jsonl")} == before


def test_talk_causes_nothing(rows: dict[str, list[Row]]) -> None:
    talk = [row for own in rows.values() for row in own if parse_commands(row.case.expect) == (NOTHING,)]
    assert [row.case.text for row in talk if row.decision is not Verdict.REJECT] == []
    assert len(talk) > 13 * 10


def test_the_command_prints_a_table_and_writes_a_report(tmp_path: Path) -> None:
    site = tmp_path / "sets" / "brewery"
    site.mkdir(parents=True)
    for name in ("site.toml", "layout.lif.json"):
        (site / name).write_bytes((SETS / "brewery" / name).read_bytes())
    nothing, stop = {"action": "none", "vehicles": []}, {"action": "stop", "vehicles": ["forklift-1"]}
    cases = [
        {"id": "1", "text": "Forklift two, go to dock three", "language": "en", "expect": nothing},
        {"id": "2", "text": "Stapler eins, halt an", "language": "de", "expect": stop},
    ]
    (site / "mine.jsonl").write_text("\n".join(map(json.dumps, cases)), "utf-8")
    report, plot = tmp_path / "report.json", tmp_path / "reliability.svg"
    options = ["--show", "mine", "--json", str(report), "--reliability", str(plot)]
    done = CliRunner().invoke(bench, ["sentences", str(site.parent), *options], catch_exceptions=False)
    assert done.exit_code == 0
    assert "mine" in done.stdout
    assert "1: Forklift two, go to dock three" in done.stderr
    document = json.loads(report.read_text("utf-8"))
    assert document["summary"]["mine"]["false_actions"] == 1
    assert [(row["part"], row["ok"]) for row in document["rows"]] == [("mine", False), ("mine", True)]
    found = document["summary"]["mine"]["certainty"]
    assert (found["all"]["n"], found["all"]["right"]) == (2, 0.5)
    assert {tier: own["right"] for tier, own in found["by_tier"].items()} == {"grammar": 0.0, "stop": 1.0}
    assert found["by_decision"]["accept"] == {"share": 1.0, "right": 0.5}
    assert found["by_decision"]["ask"] == {"share": 0.0, "right": None}
    assert "mine; calibration error" in plot.read_text("utf-8")


def row(said: float, *, right: bool, command: object = None) -> Row:
    case = Case("a", text="x", expect={"action": "stop", "vehicles": ["*"]})
    meant = {"action": "stop", "vehicles": ["*" if right else "forklift-1"]}
    return Row(case, "x", "en", command or meant, Verdict.ACCEPT, "stop", said, right, {})


def test_confidence_is_as_true_as_its_share_of_right_readings() -> None:
    honest = [row(0.75, right=number < 3) for number in range(4)]
    boastful = [row(1.0, right=False)] * 4
    assert certainty(honest)["all"]["expected_calibration_error"] == 0.0
    assert certainty(boastful)["all"]["expected_calibration_error"] == 1.0
    assert certainty(boastful)["all"]["brier"] == 1.0


def test_what_was_taken_for_no_order_says_nothing_about_confidence() -> None:
    nothing = row(1.0, right=False, command={"action": "none", "vehicles": []})
    assert certainty([nothing])["all"] == {"n": 0}
    assert reliability_of([nothing]).count.sum() == 0


def test_a_folder_without_sites_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BanksmanError, match=r"holds no folder with a site\.toml"):
        grounds(tmp_path)
