"""The confidence: what it is made of, how it is fitted, and whether it says what is true."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from banksman_edge.asr.confidence import FEATURES, Calibration, features, read_calibration
from banksman_edge.asr.transcript import Signals, Transcript
from banksman_edge.cli.bench import bench
from banksman_edge.errors import RecogniserError
from banksman_edge.lab.bench.calibration import Example, figures, fit, halves, read_examples, reliability
from banksman_edge.lab.bench.commands import WRITTEN
from banksman_edge.lab.bench.reliability_plot import draw
from banksman_shared.errors import BanksmanError

ORDER = Transcript(
    "Stacker two, go to gate eleven.",
    "en",
    0.8,
    signals=Signals(voice=0.95, site_language=0.999, certainty=0.8),
    fit=1.0,
)
STEP = "base"


def test_each_signal_speaks_for_an_order_the_more_there_is_of_it() -> None:
    worse = {
        "voice": Transcript(ORDER.text, "en", 0.8, signals=replace(ORDER.signals, voice=0.4)),
        "words": Transcript(ORDER.text, "en", 0.8, signals=replace(ORDER.signals, no_speech=0.6)),
        "certainty": Transcript(ORDER.text, "en", 0.8, signals=replace(ORDER.signals, certainty=0.3)),
        "language": Transcript(ORDER.text, "en", 0.8, signals=replace(ORDER.signals, site_language=0.2)),
        "pull": Transcript(ORDER.text, "en", 0.8, signals=replace(ORDER.signals, pull=3)),
        "fit": Transcript(ORDER.text, "en", 0.8, signals=ORDER.signals, fit=0.2),
        "variety": Transcript("go go go go go", "en", 0.8, signals=ORDER.signals),
        "brevity": Transcript(ORDER.text + " I said so yesterday.", "en", 0.8, signals=ORDER.signals),
    }
    assert set(worse) == set(FEATURES)
    good = features(ORDER)
    for name, transcript in worse.items():
        bad = features(transcript)
        assert bad[name] < good[name], name
        assert {n for n in FEATURES if bad[n] < good[n] - 1e-9} <= {name, "variety"}, name


@pytest.mark.parametrize("extreme", [0.0, 1.0])
def test_features_stay_in_bounds_whatever_comes(extreme: float) -> None:
    signals = Signals(voice=extreme, no_speech=extreme, site_language=extreme, pull=1000 * extreme, certainty=extreme)
    for text in ("a", "\u0905" * 500, "la " * 300):
        found = features(Transcript(text, "en", extreme, signals=signals, fit=extreme))
        assert all(-1e-9 <= value <= 1 for value in found.values()), found


CALIBRATION = Calibration(-2.0, dict.fromkeys(FEATURES, 1.0), features(ORDER))


def test_probability_is_none_where_nothing_was_heard_and_the_reason_comes_along() -> None:
    nothing = Transcript("", "en", 0.0, reason="nobody spoke")
    assert CALIBRATION.probability(nothing) == 0.0
    assert CALIBRATION.doubt(nothing) == "nobody spoke"
    assert 0.5 < CALIBRATION.probability(ORDER) < 1


def test_doubt_names_what_is_most_unlike_an_order() -> None:
    talk = Transcript("Did you see the game?", "en", 0.8, signals=ORDER.signals, fit=0.0)
    assert CALIBRATION.doubt(talk) == "there are few words of the site in it"
    foreign = Transcript(ORDER.text, "en", 0.8, signals=replace(ORDER.signals, site_language=0.01))
    assert CALIBRATION.doubt(foreign) == "it may be another language than the site's"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("{", "cannot be read"),
        ('{"bias": 0, "weights": {}}', "cannot be read"),
        ('{"bias": 0, "weights": {"x": 1}, "usual": {"x": 1}}', "of another version"),
    ],
)
def test_coefficients_that_do_not_fit_are_refused(data: str, message: str) -> None:
    with pytest.raises(RecogniserError, match=message):
        read_calibration(data)


def examples(count: int, seed: int) -> list[Example]:
    """Utterances of which exactly the stated share is right: the truth is a logistic model of two signals."""
    random = np.random.default_rng(seed)
    made = []
    for number in range(count):
        fits, sure = float(random.random()), float(random.uniform(0.2, 1))
        p = 1 / (1 + np.exp(-(6 * fits + 4 * np.log10(sure) - 2)))
        transcript = Transcript(f"text {number}", "en", 0.0, signals=replace(ORDER.signals, certainty=sure), fit=fits)
        made.append(Example(transcript, bool(random.random() < p), f"{number // 2}"))
    return made


def test_fitted_probabilities_are_true_on_what_was_not_fitted_on() -> None:
    seen, unseen = halves(examples(4000, seed=1))
    model = fit(seen)
    assert model.weights["fit"] > 2
    assert reliability(model, unseen).error < 0.05
    found = figures(model, unseen)
    assert found["roc_auc"] > 0.8
    kept = [share["orders_kept"] for share in found["thresholds"].values()]
    let_through = [share["others_let_through"] for share in found["thresholds"].values()]
    assert kept == sorted(kept, reverse=True)
    assert all(k > o for k, o in zip(kept, let_through, strict=True))


def test_halves_never_share_a_sentence() -> None:
    seen, unseen = halves(examples(400, seed=2))
    assert not {e.group for e in seen} & {e.group for e in unseen}
    assert 100 < len(seen) < 300


def test_calibration_error_of_a_probability_that_lies() -> None:
    always_sure = Calibration(30.0, dict.fromkeys(FEATURES, 0.0), dict.fromkeys(FEATURES, 0.0))
    half = [Example(ORDER, number % 2 == 0, "") for number in range(100)]
    assert reliability(always_sure, half).error == pytest.approx(0.5)


def reports(folder: Path) -> list[Path]:
    """A report of commands, one of which nobody could read, and one of talk."""

    def row(transcript: Transcript, **more: Any) -> dict[str, Any]:
        signals = {"voice": 0.9, "no_speech": 0.01, "site_language": 0.9, "pull": 0.0, "fit": transcript.fit}
        return {"heard": transcript.text, "language": "en", "confidence": 0.8, "signals": signals, **more}

    move, none = {"action": "move", "vehicles": ["st-1"], "to": "gate-1"}, {"action": "none", "vehicles": []}
    written = [(f"c{i}", none if i == 0 else move) for i in range(12)]
    commands = [row(ORDER, id=i, text=i, step=WRITTEN, command=c) for i, c in written]
    commands += [row(ORDER, id=i, text=i, step=STEP, command=move) for i, _ in written]
    talk = [row(Transcript("so I said", "en", 0.8, fit=0.1), source=f"s{i}", command=none) for i in range(12)]
    silent = row(Transcript("", "en", 0.0), source="quiet", command=none)
    paths = [folder / "commands.json", folder / "chatter.json"]
    for path, rows in zip(paths, (commands, [*talk, silent]), strict=True):
        path.write_text(json.dumps({"rows": rows}), "utf-8")
    return paths


def test_examples_leave_out_what_says_nothing_about_hearing(tmp_path: Path) -> None:
    found = read_examples(reports(tmp_path), STEP)
    assert sum(e.right for e in found) == 11
    assert sum(not e.right for e in found) == 12
    with pytest.raises(BanksmanError, match="nothing to tell orders from talk by"):
        read_examples(reports(tmp_path), "taught")


def test_another_file_is_no_report(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]", "utf-8")
    with pytest.raises(BanksmanError, match="is no report of banksman bench commands or chatter"):
        read_examples([tmp_path / "x.json"], STEP)


def test_command_line_writes_coefficients_that_can_be_read_and_a_drawing(tmp_path: Path) -> None:
    out, plot = tmp_path / "confidence.json", tmp_path / "plot.svg"
    arguments = ["confidence", *reports(tmp_path), "--step", STEP, "--out", out, "--plot", plot]
    ended = CliRunner().invoke(bench, list(map(str, arguments)))
    assert ended.exit_code == 0, ended.output
    assert "orders kept" in ended.output
    model = read_calibration(out.read_text("utf-8"))
    talk = Transcript("so I said", "en", 0.8, signals=Signals(0.9, 0.01, 0.9), fit=0.1)
    assert model.probability(ORDER) > 0.5 > model.probability(talk)
    assert "banksman bench confidence" in json.loads(out.read_text("utf-8"))["command"]
    assert plot.read_text("utf-8").startswith("<svg")


def test_drawing_shows_every_part_that_has_examples() -> None:
    found = reliability(CALIBRATION, examples(200, seed=3))
    assert draw({"Held out": found}).count("<circle") == int((found.count > 0).sum())
