"""Files that are made out of others once, and anew when those change."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from filelock import FileLock

from banksman_shared.models.assembly import UNFINISHED, identity_of


def derived(out: Path, recipe: str, sources: Sequence[Path], make: Callable[[Path], None]) -> Path:
    """``out``, which ``make`` wrote out of ``sources`` in the way that ``recipe`` names; other processes wait for it.

    Raises:
        OSError: its folder cannot be written.
    """
    note = out.with_name(f"{out.name}.json")
    told = [recipe, *map(_identity, sources)]
    with FileLock(out.with_name(f"{out.name}.lock")):
        if _noted(note) != [*told, _identity(out)]:
            unfinished = out.with_name(out.name + UNFINISHED)
            make(unfinished)
            unfinished.replace(out)
            note.write_text(json.dumps([*told, _identity(out)]), encoding="utf-8")
    return out


def _identity(path: Path) -> list[int]:
    return list(identity_of(path) or ())


def _noted(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
