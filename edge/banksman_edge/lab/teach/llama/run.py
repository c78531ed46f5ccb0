"""The steps of ``banksman teach llama`` on a prepared folder, with the extra's absence told in one sentence."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.llama.evaluate import Report, evaluate
from banksman_edge.lab.teach.llama.export import RUNS, TEACH, check_base, export, note_run
from banksman_edge.lab.teach.llama.schedule import Schedule
from banksman_edge.lab.teach.llama.states import write_states
from banksman_edge.lab.teach.report import write_report
from banksman_edge.understanding.reader.prompted import PromptedReader
from banksman_edge.understanding.reader.reader import STATES, TaughtReader
from banksman_shared.models import UNTAUGHT_LLAMA, ModelStore
from banksman_shared.models.taught import ADAPTER, CARD

Progress = Callable[[int, int, str], None]
"""Called with how much is done, of how much, and a remark."""


def run_training(folder: Path, base: str, schedule: Schedule, *, device: str, threads: int, progress: Progress) -> Path:
    """Train on ``folder``; returns the adapter's path.

    Raises:
        TeachingError: torch is not installed, the adapter there is of another base, or training failed.
    """
    try:
        import gguf  # noqa: F401, PLC0415  an extra
        import torch  # noqa: PLC0415
    except ImportError as error:
        raise TeachingError("training needs torch and gguf, which are not: pip install 'banksman[teach]'") from error
    from banksman_edge.lab.teach.llama.train import train  # noqa: PLC0415  needs torch

    torch.set_num_threads(threads)
    out, base_path = folder / ADAPTER, ModelStore().path(base)
    if not out.is_file():
        (folder / RUNS).unlink(missing_ok=True)
    check_base(folder, base, base_path)
    took = train(
        folder,
        base_path,
        out,
        schedule,
        lambda step, loss: progress(step, schedule.steps, f"loss {loss:.3f}"),
        device=device,
    )
    note_run(folder, base, base_path, asdict(schedule) | {"took_steps": took})
    return out


def run_evaluation(folder: Path, base: str, *, threads: int, progress: Progress) -> Report:
    """Compare the adapter in ``folder`` with the model that was never taught, and keep the report there."""
    store = ModelStore()
    if not (folder / ADAPTER).is_file():
        raise TeachingError(f"{folder / ADAPTER} is missing; run 'banksman teach llama train {folder}' first")
    check_base(folder, base, store.path(base))
    (folder / CARD).write_text(json.dumps({"base": base, "languages": []}), "utf-8")
    taught = TaughtReader.of(folder, store.path, threads=threads)
    other = PromptedReader(store.path(UNTAUGHT_LLAMA), threads=threads)
    report = evaluate(folder, taught, other, lambda done, total: progress(done, total, ""))
    write_report(folder / ADAPTER, TEACH, report)
    return report


def run_export(folder: Path, base: str, out: Path, progress: Progress) -> dict[str, Any]:
    """Export the adapter in ``folder``, with what it makes of ordinary sentences; returns its card."""
    store = ModelStore()
    card = export(folder, base, store.path(base), out)
    write_states(TaughtReader.of(out, store.path), card["languages"], out / STATES, progress)
    return card
