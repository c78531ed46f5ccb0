"""Where things lie in this checkout, for the tests of the project itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "banksman_shared": ROOT / "shared",
    "banksman_edge": ROOT / "edge",
    "banksman_cloud": ROOT / "cloud",
    "banksman_firmware_sim": ROOT / "firmware_sim",
}


def modules(package: str) -> list[Path]:
    """The Python files of one of our packages."""
    return sorted((PACKAGES[package] / package).rglob("*.py"))


def files() -> Iterator[Path]:
    """All files of the project: those below the root that .gitignore does not leave out."""
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()] + [".git"]
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if not any(fnmatch(name, pattern) for pattern in ignored)]
        yield from (Path(folder) / name for name in names)
