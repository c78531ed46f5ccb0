"""The steps of ``banksman teach whisper`` on a prepared folder, with the extra's absence told in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.evaluate import Report, evaluate
from banksman_edge.lab.teach.export import ADAPTER, TEACH, export, write_model
from banksman_edge.lab.teach.report import write_report
from banksman_shared.models import ModelStore

Progress = Callable[[int, int, str], None]
"""Called with how much is done, of how much, and a remark."""


def run_training(folder: Path, base: str, *, steps: int, device: str, threads: int, progress: Progress) -> Path:
    """Train on ``folder``; returns the adapter's path.

    Raises:
        TeachingError: torch is not installed, or training failed.
    """
    try:
        import torch  # noqa: PLC0415  an extra
    except ImportError as error:
        raise TeachingError("training needs torch, which is not installed: pip install 'banksman[teach]'") from error
    from banksman_edge.lab.teach.train import Schedule, train  # noqa: PLC0415  needs torch

    torch.set_num_threads(threads)
    out = folder / ADAPTER
    model = ModelStore().path(base)
    train(folder, model, out, Schedule(steps=steps), lambda *told: progress(*_told(told, steps)), device=device)
    return out


def _told(told: tuple[int, float], steps: int) -> tuple[int, int, str]:
    return told[0], steps, f"loss {told[1]:.3f}"


def run_evaluation(folder: Path, base: str, *, threads: int, progress: Progress) -> Report:
    """Compare the adapter in ``folder`` with the model it is for, and keep the report there."""
    model = ModelStore().path(base)
    taught = write_model(model, folder / ADAPTER, folder / "taught")
    report = evaluate(folder, model, taught, lambda done, total: progress(done, total, ""), threads=threads)
    write_report(folder / ADAPTER, TEACH, report)
    return report


def run_export(folder: Path, base: str, out: Path) -> dict[str, Any]:
    """Export the adapter in ``folder``; returns its card."""
    return export(folder, ModelStore().path(base), out)
