"""``banksman teach llama export``: a folder with the adapter and its card, if it passes the gate."""

from __future__ import annotations

import json
import shlex
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.llama.calibrate import calibration_of, errors
from banksman_edge.lab.teach.llama.evaluate import TAUGHT, UNTAUGHT, Report, Score, total
from banksman_edge.lab.teach.llama.examples import read_examples
from banksman_edge.lab.teach.llama.gate import good_languages, objections
from banksman_edge.lab.teach.llama.prepare import ASKED
from banksman_edge.lab.teach.report import digest_of, read_report
from banksman_shared.models.taught import ADAPTER, AS_SAID, CARD, Calibration

RUNS = "runs.json"
TEACH = "teach llama"
_KNOWN = (
    "Sentences are of the corpus in edge/banksman_edge/lab/teach/corpus, and invented: phrases by hand in "
    "edge/banksman_edge/lab/teach/llama/data, names by chance, mishearing by rules. A twelfth of the corpus, one "
    "phrase in ten, and words of their own, are only tested with. What real people say is more varied."
)


def note_run(data: Path, base: str, base_path: Path, run: dict[str, Any]) -> None:
    """Remember how the adapter was trained, and on what, one run after another."""
    run = {"base": base, "base_sha256": digest_of(base_path, TEACH)} | run
    (data / RUNS).write_text(json.dumps([*_runs(data), run]), "utf-8")


def note_average(data: Path, others: Sequence[Path]) -> None:
    """Remember that the adapter is the mean of that in the folder and others."""
    mean = {"averaged_with": [digest_of(path, TEACH) for path in others]}
    (data / RUNS).write_text(json.dumps([*_runs(data), mean]), "utf-8")


def check_base(data: Path, base: str, base_path: Path) -> None:
    """See that the adapter was trained on this base, where that was written down.

    Raises:
        TeachingError: it was trained on another.
    """
    digest = digest_of(base_path, TEACH)
    for run in _runs(data):
        if run.get("base_sha256", digest) != digest:
            raise TeachingError(
                f"the adapter in {data} was trained on {run['base']}, which is not {base}: say --base {run['base']}"
            )


def _runs(data: Path) -> list[Any]:
    path = data / RUNS
    return list(json.loads(path.read_text("utf-8"))) if path.is_file() else []


def export(data: Path, base: str, base_path: Path, out: Path) -> dict[str, Any]:
    """Write the folder ``out`` from the prepared, trained and evaluated folder ``data``; returns its card.

    Raises:
        TeachingError: it was trained on another base, is not evaluated, or the gate refuses it.
    """
    check_base(data, base, base_path)
    report = read_report(data / ADAPTER, TEACH, Score)
    if refused := objections(report):
        raise TeachingError(f"the taught model is not good enough to be used: {'; '.join(refused)}")
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(data / ADAPTER, out / ADAPTER)
    card = _card(data, base, base_path, out, report)
    (out / CARD).write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return card


def _card(data: Path, base: str, base_path: Path, out: Path, report: Report) -> dict[str, Any]:
    examples, calibration = read_examples(data), calibration_of(report)
    orders = total(report, TAUGHT, list(report)).orders
    return {
        "base": base,
        "base_sha256": digest_of(base_path, TEACH),
        "languages": good_languages(report),
        "calibration": calibration,
        "calibration_error": errors(orders) | {"orders": len(orders)},
        "adapter": {"sha256": digest_of(out / ADAPTER, TEACH), "bytes": (out / ADAPTER).stat().st_size},
        "data": {
            "examples": dict(sorted(Counter(one.language for one in examples if not one.test).items())),
            "meanings": dict(sorted(Counter(one.line.split(" ")[0] for one in examples if not one.test).items())),
            "corrected": sum(one.corrected for one in examples),
            "about": _KNOWN,
        },
        "training": _runs(data),
        "test": {group: _counts(scores, calibration) for group, scores in report.items()},
        "families": _families(total(report, TAUGHT, list(report))),
        "licence": "Apache-2.0, as its base",
        "commands": list(_commands(base, _asked(data), _runs(data))),
    }


def _asked(data: Path) -> list[str]:
    """The options that the folder was prepared with; none of a folder of an earlier version."""
    path = data / ASKED
    return list(json.loads(path.read_text("utf-8"))) if path.is_file() else []


def _commands(base: str, asked: Sequence[str], runs: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What makes such an adapter: each run as it was asked for, as far as it was written down."""
    yield shlex.join(["banksman", "teach", "llama", "prepare", "lesson", *asked])
    for run in runs:
        if "averaged_with" in run:
            yield "banksman teach llama average lesson EARLIER…"
            continue
        options = "".join(f" --{name} {run[name]}" for name in ("rank", "steps", "minutes", "blend") if name in run)
        yield f"banksman teach llama train lesson --base {run.get('base', base)}{options}"
    yield f"banksman teach llama evaluate lesson --base {base}"
    yield f"banksman teach llama export lesson taught --base {base}"


def _families(score: Score) -> dict[str, Any]:
    """By family of sentences, in all languages, the worst first."""
    sentences = Counter(family for family, _ in score.families)
    exact = Counter(family for family, right in score.families if right)
    worst = sorted(sentences, key=lambda family: (exact[family] / sentences[family], family))
    return {family: {"sentences": sentences[family], "exact": exact[family]} for family in worst}


def _counts(scores: dict[str, Score], calibration: Calibration) -> dict[str, Any]:
    return {name: one.document(AS_SAID if name == UNTAUGHT else calibration) for name, one in scores.items()}
