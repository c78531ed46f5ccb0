"""``banksman teach whisper export``: a model folder with its adapter and its card, if it passes the gate."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.evaluate import Report, Score, documents
from banksman_edge.lab.teach.gate import objections
from banksman_edge.lab.teach.hearing import TAUGHT
from banksman_edge.lab.teach.manifest import Clip, read_clips
from banksman_edge.lab.teach.report import digest_of, read_report
from banksman_shared.models.adapter import merge, read_adapter
from banksman_shared.models.ctranslate2_file import read_weights, write_weights

ADAPTER, CARD = "adapter.safetensors", "card.json"
TEACH = "teach whisper"
WEIGHTS = "model.bin"
CONFIG = "config.json"
_BESIDE = ("tokenizer.json", "vocabulary.*", "preprocessor_config.json")


def write_model(base: Path, adapter: Path, out: Path) -> Path:
    """A CTranslate2 folder with the adapter merged into ``base``'s weights; returns ``out``.

    Raises:
        ModelError: the adapter is damaged, or of another model.
    """
    out.mkdir(parents=True, exist_ok=True)
    changes = read_adapter(adapter)
    merged = merge(read_weights(base / WEIGHTS), changes)
    unfinished = out / f"{WEIGHTS}.part"
    with unfinished.open("wb") as file:
        write_weights(merged, file)
    unfinished.replace(out / WEIGHTS)
    for pattern in _BESIDE:
        for path in base.glob(pattern):
            shutil.copyfile(path, out / path.name)
    # The recogniser reads from here how much sound the encoder is to get, and in which languages it is good.
    config = json.loads((base / CONFIG).read_text("utf-8"))
    config |= {"context_s": TAUGHT.least, "padding_s": TAUGHT.margin}
    config["taught_languages"] = json.loads(changes.about.get("languages", "[]"))
    (out / CONFIG).write_text(json.dumps(config, indent=1) + "\n", "utf-8")
    return out


def export(data: Path, base: Path, out: Path) -> dict[str, Any]:
    """Write the model folder ``out`` from the prepared, trained and evaluated folder ``data``; returns its card.

    Raises:
        TeachingError: it is not evaluated, or the gate refuses it.
    """
    report = read_report(data / ADAPTER, TEACH, Score)
    if refused := objections(report):
        raise TeachingError(f"the taught weights are not good enough to be used: {'; '.join(refused)}")
    write_model(base, data / ADAPTER, out)
    shutil.copyfile(data / ADAPTER, out / ADAPTER)
    card = _card(data, base, out, report)
    (out / CARD).write_text(json.dumps(card, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return card


def _card(data: Path, base: Path, out: Path, report: Report) -> dict[str, Any]:
    adapter = read_adapter(out / ADAPTER)
    clips = read_clips(data)
    return {
        "base": {
            "model": "Whisper base, multilingual, CTranslate2 float16",
            "sha256": digest_of(base / WEIGHTS, TEACH),
        },
        "adapter": {"sha256": digest_of(out / ADAPTER, TEACH), "bytes": (out / ADAPTER).stat().st_size},
        "model": {"sha256": digest_of(out / WEIGHTS, TEACH), "bytes": (out / WEIGHTS).stat().st_size},
        "context": {"least_s": TAUGHT.least, "margin_s": TAUGHT.margin},
        "training": {
            **{key: json.loads(text) for key, text in adapter.about.items()},
            "clips": _counts(clips, test=False),
        },
        "test": {"clips": _counts(clips, test=True), "scores": documents(report)},
        "licence": "Apache-2.0; the base is MIT (OpenAI), the voices of the synthesised speech Apache-2.0 (Kokoro-82M)",
        "commands": [
            f"banksman teach whisper {step}" for step in ("prepare DIR", "train DIR", "evaluate DIR", "export DIR OUT")
        ],
    }


def _counts(clips: Sequence[Clip], *, test: bool) -> Mapping[str, Mapping[str, int]]:
    """Clips by where they come from and language."""
    of = {"synthesised": Counter[str](), "recorded": Counter[str](), "noise": Counter[str]()}
    for clip in clips:
        if clip.test is test:
            source = "synthesised" if clip.synthesised else "noise" if clip.kind == "noise" else "recorded"
            of[source][clip.language or "none"] += 1
    return {source: dict(sorted(counted.items())) for source, counted in of.items()}
