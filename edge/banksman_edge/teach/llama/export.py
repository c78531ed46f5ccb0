"""``banksman teach llama export``: a folder with the adapter and its card, if it passes the gate."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from banksman_edge.errors import TeachingError
from banksman_edge.nlu.taught import ADAPTER, CARD
from banksman_edge.teach.llama.evaluate import Report, Score
from banksman_edge.teach.llama.examples import read_examples
from banksman_edge.teach.llama.gate import good_languages, objections

REPORT, RUNS = "report.json", "runs.json"
_KNOWN = (
    "Sentences are invented: phrases by hand in edge/banksman_edge/teach/llama/data, names by chance, mishearing by "
    "rules. One phrase in ten, and words of their own, are only tested with. What real people say is more varied."
)


class _Kept(msgspec.Struct, frozen=True):
    adapter: str
    scores: dict[str, dict[str, Score]]


def write_report(data: Path, report: Report) -> None:
    """Keep an evaluation beside the adapter that it is of."""
    document = {"adapter": _digest(data / ADAPTER), "scores": report}
    (data / REPORT).write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=1))


def read_report(data: Path) -> Report:
    """The evaluation of the adapter that is there now.

    Raises:
        TeachingError: there is none, or it is of another adapter.
    """
    try:
        kept = msgspec.json.decode((data / REPORT).read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError) as error:
        raise TeachingError(f"{data} has no evaluation; run 'banksman teach llama evaluate {data}' first") from error
    if kept.adapter != _digest(data / ADAPTER):
        raise TeachingError(f"the evaluation in {data} is of other weights; run 'banksman teach llama evaluate' again")
    return kept.scores


def note_run(data: Path, run: dict[str, Any]) -> None:
    """Remember how the adapter was trained, one run after another."""
    (data / RUNS).write_text(json.dumps([*_runs(data), run]), "utf-8")


def _runs(data: Path) -> list[Any]:
    path = data / RUNS
    return list(json.loads(path.read_text("utf-8"))) if path.is_file() else []


def export(data: Path, base: str, base_path: Path, out: Path) -> dict[str, Any]:
    """Write the folder ``out`` from the prepared, trained and evaluated folder ``data``; returns its card.

    Raises:
        TeachingError: it is not evaluated, or the gate refuses it.
    """
    report = read_report(data)
    if refused := objections(report):
        raise TeachingError(f"the taught model is not good enough to be used: {'; '.join(refused)}")
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(data / ADAPTER, out / ADAPTER)
    card = _card(data, base, base_path, out, report)
    (out / CARD).write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return card


def _card(data: Path, base: str, base_path: Path, out: Path, report: Report) -> dict[str, Any]:
    examples = read_examples(data)
    return {
        "base": base,
        "base_sha256": _digest(base_path),
        "languages": good_languages(report),
        "adapter": {"sha256": _digest(out / ADAPTER), "bytes": (out / ADAPTER).stat().st_size},
        "data": {
            "examples": dict(sorted(Counter(one.language for one in examples if not one.test).items())),
            "meanings": dict(sorted(Counter(one.line.split(" ")[0] for one in examples if not one.test).items())),
            "corrected": sum(one.corrected for one in examples),
            "about": _KNOWN,
        },
        "training": _runs(data),
        "test": {group: {name: one.document() for name, one in scores.items()} for group, scores in report.items()},
        "licence": "Apache-2.0, as its base",
        "commands": [
            f"banksman teach llama {s}" for s in ("prepare DIR", "train DIR", "evaluate DIR", "export DIR OUT")
        ],
    }


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise TeachingError(f"{path} is missing; run 'banksman teach llama train' first") from error
