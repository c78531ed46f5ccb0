"""Build the console's page from edge/console_page into the edge's package; needs node and npm.

    python scripts/build_console.py            build it
    python scripts/build_console.py --check    only say whether the page is built from the sources there are

The page is part of the package, so that nobody needs node to install or run it. ``built-from`` beside it holds a digest
of its sources, so that the check needs no node either.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "edge/console_page"
PAGE = ROOT / "edge/banksman_edge/console/page"
NOTE = PAGE / "built-from"


def digest() -> str:
    """SHA-256 over the names and contents of all sources."""
    found = hashlib.sha256()
    for path in sorted(SOURCES.rglob("*")):
        name = path.relative_to(SOURCES).as_posix()
        if path.is_file() and not name.startswith("node_modules/"):
            found.update(f"{name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return found.hexdigest()


def main() -> None:
    if "--check" in sys.argv:
        if not NOTE.is_file() or NOTE.read_text().strip() != digest():
            sys.exit("the console's page is older than its sources: run 'python scripts/build_console.py'")
        return
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=SOURCES, check=True)
    subprocess.run(["npm", "run", "build"], cwd=SOURCES, check=True)
    NOTE.write_text(digest() + "\n")


if __name__ == "__main__":
    main()
