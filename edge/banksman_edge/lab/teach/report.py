"""The evaluation of an adapter, kept beside it and bound to it by digest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from banksman_edge.errors import TeachingError

REPORT = "report.json"

S = TypeVar("S")


def write_report(adapter: Path, teach: str, report: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep an evaluation. ``teach``: the command that this belongs to, such as "teach llama"."""
    document = {"adapter": digest_of(adapter, teach), "scores": report}
    adapter.with_name(REPORT).write_bytes(msgspec.json.format(msgspec.json.encode(document), indent=1))


def read_report(adapter: Path, teach: str, score: type[S]) -> dict[str, dict[str, S]]:
    """The evaluation of the adapter that is there now, in scores of that type.

    Raises:
        TeachingError: there is none, or it is of another adapter.
    """
    folder = adapter.parent
    try:
        kept = msgspec.json.decode(adapter.with_name(REPORT).read_bytes())
        scores = msgspec.convert(kept["scores"], dict[str, dict[str, score]])  # type: ignore[valid-type]  # mypy wants no type in a variable
        of = str(kept["adapter"])
    except (OSError, KeyError, TypeError, msgspec.DecodeError) as error:
        raise TeachingError(f"{folder} has no evaluation; run 'banksman {teach} evaluate {folder}' first") from error
    if of != digest_of(adapter, teach):
        raise TeachingError(f"the evaluation in {folder} is of other weights; run 'banksman {teach} evaluate' again")
    return scores


def digest_of(path: Path, teach: str) -> str:
    """SHA-256 of a file that ``train`` wrote, or that was there before it.

    Raises:
        TeachingError: it is missing.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise TeachingError(f"{path} is missing; run 'banksman {teach} train' first") from error
