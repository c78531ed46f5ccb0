"""The comparison of recognisers, the floor under it, and the command line that shows them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from banksman_edge.audio import SAMPLE_RATE, Sound, encode_flac
from banksman_edge.cli.bench import bench
from banksman_edge.lab.bench import tables
from banksman_edge.lab.bench.compared_recognisers import BEST, DEFAULTS, OURS, Contender
from banksman_edge.lab.bench.speech import compare, floor, summarise
from banksman_edge.lab.bench.speed_limits import Machine, measure, work_of
from banksman_edge.lab.evaluation import Case
from banksman_edge.lab.word_errors import errors
from banksman_shared.models import ModelStore

SPEECH = Path(__file__).parents[2] / "data" / "speech"
SECONDS = 3.0


@pytest.fixture(scope="module")
def whisper() -> Path:
    return ModelStore().path("whisper-base")


@pytest.mark.parametrize(
    ("reference", "heard", "language", "expected"),
    [
        ("Send tug two to the dock.", "send TUG 2 to the dock", "en", (0, 6)),
        ("Send tug two to the dock.", "Send tug to the dock", "en", (1, 6)),
        ("Loader twenty-five, go.", "loader 25 go", "en", (0, 3)),
        ("三号牵引车", "3號牽引車", "zh", (0, 5)),
        ("三号牵引车", "三号前引车", "zh", (1, 5)),
        ("カート2番", "カート二番", "ja", (0, 5)),
        ("वार्ड बारह", "वार्ड 12", "hi", (0, 2)),
    ],
)
def test_errors_do_not_count_spelling(reference: str, heard: str, language: str, expected: tuple[int, int]) -> None:
    assert errors(reference, heard, language) == expected


def sounding(tmp_path: Path, count: int) -> list[Case]:
    path = tmp_path / "clip.flac"
    path.write_bytes(encode_flac(Sound(np.zeros(SAMPLE_RATE, np.float32))))
    return [Case(f"c{i}", str(path), "go to dock two", "en") for i in range(count)]


def test_contenders_take_turns_in_being_first_after_one_clip_that_does_not_count(tmp_path: Path) -> None:
    order: list[str] = []

    def contender(name: str) -> Contender:
        def hear(sound: Sound) -> tuple[str, str]:
            order.append(name)
            return "go to dock 2", "en"

        return Contender(name, hear)

    rows = compare([contender("x"), contender("y"), contender("z")], sounding(tmp_path, 3), lambda: None)
    assert "".join(order) == "xyz" + "xyz" + "yzx" + "zxy"
    assert len(rows) == 9
    assert {(row.wrong, row.words) for row in rows} == {(0, 4)}


def test_summary_compares_with_the_defaults(tmp_path: Path) -> None:
    names = (OURS, DEFAULTS, BEST)
    heard = {OURS: "go to dock 2", DEFAULTS: "go to dock", BEST: ""}
    rivals = [Contender(name, lambda _, name=name: (heard[name], "en")) for name in names]  # type: ignore[misc]
    summary = summarise(compare(rivals, sounding(tmp_path, 2), lambda: None))
    assert list(summary) == [OURS, DEFAULTS, BEST]
    assert summary[DEFAULTS]["times_faster"] == {"p50": 1.0, "p95": 1.0}
    assert summary[OURS]["times_faster"]["p50"] > 0
    assert [summary[name]["error_rate"] for name in names] == [0.0, 0.25, 1.0]
    assert summary[OURS]["by_language"] == {"en": 0.0}


def test_work_of_whisper_base_is_what_its_size_says(whisper: Path) -> None:
    """Six layers of width 512: 19 M weights in the encoder, and 2 operations for each and each frame."""
    work = work_of(whisper, SECONDS, 12, 1)
    layers = 6 * 12 * 512 * 512
    assert work.encoder_bytes == layers + 2 * 3 * 80 * 512 + 3 * 512 * 512
    assert work.encoder_operations == pytest.approx(2 * 150 * work.encoder_bytes + 6 * 4 * 150 * 150 * 512, rel=1e-9)
    assert work_of(whisper, 2 * SECONDS, 12, 1).encoder_operations > 2 * work.encoder_operations
    assert work_of(whisper, SECONDS, 24, 1).decoder_bytes == pytest.approx(2 * work.decoder_bytes, rel=0.02)
    assert work_of(whisper, SECONDS, 12, 2).decoder_bytes == 2 * work.decoder_bytes


def test_machine_is_measured_in_sensible_orders_of_magnitude() -> None:
    machine = measure("cpu", 1)
    assert 1e9 < machine.operations < 1e14
    assert 1e8 < machine.bytes < 1e13


def test_floor_is_bound_by_what_is_scarcer(whisper: Path, tmp_path: Path) -> None:
    work = work_of(whisper, SECONDS, 12, 1)
    quick_sums = Machine(1e18, 1e9, "int8").floor_ms(work)
    quick_memory = Machine(1e9, 1e18, "int8").floor_ms(work)
    assert quick_sums["decoder"] == pytest.approx(work.decoder_bytes / 1e6)
    assert quick_memory["encoder"] == pytest.approx(work.encoder_operations / 1e6)
    rows = compare([Contender(DEFAULTS, lambda _: ("go", "en"))], sounding(tmp_path, 1), lambda: None)
    found = floor(Machine(1e12, 1e10, "int8"), whisper, rows)
    assert found["floor_ms"]["total"] == pytest.approx(
        found["floor_ms"]["encoder"] + found["floor_ms"]["decoder"], abs=0.2
    )
    assert "Floor for the median clip (1.0 s" in tables.floor_sentence(found)


@pytest.mark.models
@pytest.mark.soak
def test_command_line_puts_the_three_side_by_side(tmp_path: Path) -> None:
    report = tmp_path / "speech.json"
    arguments = ["speech", SPEECH / "manifest.jsonl", "--limit", 2, "--threads", 1, "--json", report]
    ended = CliRunner().invoke(bench, list(map(str, arguments)))
    assert ended.exit_code == 0, ended.output
    written = json.loads(report.read_text("utf-8"))
    assert list(written["contenders"])[:3] == [OURS, DEFAULTS, BEST]  # whisper.cpp follows where it is installed
    assert {row["contender"] for row in written["rows"]} >= {OURS, DEFAULTS, BEST}
    assert all(row["text"] and row["ms"] > 0 for row in written["rows"])
    assert "Floor for the median clip" in ended.output


def test_manifest_without_sound_is_refused_in_a_sentence(tmp_path: Path) -> None:
    manifest = tmp_path / "texts.jsonl"
    manifest.write_text('{"id": "a", "text": "go"}', "utf-8")
    ended = CliRunner().invoke(bench, ["speech", str(manifest)])
    assert str(ended.exception) == f"{manifest} has no line with 'audio'"
