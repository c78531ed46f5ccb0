"""Files that cannot be read are moved aside, for whoever wants to look, and the oldest of them go."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from banksman_shared.clock import Clock

ASIDE = "unreadable"
KEPT = 3
"""So many of a folder are kept."""

_SINCE = re.compile(rf"\.{ASIDE}-(\d+)")


def put_aside(path: Path, clock: Clock) -> Path:
    """Where it lies now; where it cannot be moved, it stays."""
    aside = path.with_name(f"{path.name}.{ASIDE}-{int(clock.time())}")
    with suppress(OSError):
        path.replace(aside)
    return aside


def prune(folder: Path, pattern: str) -> None:
    """Remove what was put aside long ago; ``pattern``: which files count, those of one moment as one."""
    times: dict[int, list[Path]] = {}
    for path in folder.glob(pattern):
        if found := _SINCE.search(path.name):
            times.setdefault(int(found[1]), []).append(path)
    for old in sorted(times)[:-KEPT]:
        for path in times[old]:
            with suppress(OSError):
                path.unlink()
