"""Files that are made out of others once, and anew when those change."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from filelock import FileLock


def derived(out: Path, recipe: str, sources: Sequence[Path], make: Callable[[Path], None]) -> Path:
    """``out``, which ``make`` wrote out of ``sources`` in the way that ``recipe`` names; other processes wait for it.

    Raises:
        OSError: its folder cannot be written.
    """
    note = out.with_name(f"{out.name}.json")
    told = [recipe, *map(_identity, sources)]
    with FileLock(out.with_name(f"{out.name}.lock")):
        if _noted(note) != [*told, _identity(out)]:
            unfinished = out.with_name(f"{out.name}.part")
            make(unfinished)
            unfinished.replace(out)
            note.write_text(json.dumps([*told, _identity(out)]), encoding="utf-8")
    return out


def _identity(path: Path) -> list[int]:
    """What changes when a file is written again or replaced: size, modification time, inode."""
    try:
        status = path.stat()
    except OSError:
        return []
    return [status.st_size, status.st_mtime_ns, status.st_ino]


def _noted(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
