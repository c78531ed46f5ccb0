"""Pin all that the project needs: what ``make lock`` runs.

    python scripts/lock.py                          keep the pins there are
    python scripts/lock.py --upgrade-package ruff   or --upgrade for all: further words are for uv
    python scripts/lock.py --check                  only say whether the lock is current

The lock's first line holds a digest of what pyproject.toml asks for, so that the check needs no network.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
EXTRAS = ("edge", "broker", "cloud", "sim", "models", "dev")
COMPILE = (
    *("uv", "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-emit-index-url", "--no-annotate", "--no-header", "--quiet"),
    *(word for extra in EXTRAS for word in ("--extra", extra)),
)


def heading(pyproject: str) -> str:
    """The lock's first line: a digest of all in a pyproject.toml, and in the command, that decides the pins."""
    document = tomllib.loads(pyproject)
    project = document["project"]
    asked = {
        "python": project["requires-python"],
        "dependencies": project["dependencies"],
        "extras": project["optional-dependencies"],
        "uv": document["tool"]["uv"],
        "compile": COMPILE,
    }
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    return f"# Made by 'make lock' from pyproject.toml, whose requirements have the digest {digest}"


def is_current(lock: str, pyproject: str) -> bool:
    """Whether a lock was made from such a pyproject.toml."""
    return lock.partition("\n")[0] == heading(pyproject)


def main() -> int:
    """Write the lock, or check it: exit 1 if it is out of date."""
    pyproject = (ROOT / "pyproject.toml").read_text()
    if sys.argv[1:] == ["--check"]:
        if is_current(LOCK.read_text(), pyproject):
            return 0
        print("requirements.lock is older than pyproject.toml: run 'make lock'", file=sys.stderr)
        return 1
    uv = Path(sys.executable).with_name("uv")
    subprocess.run(
        [uv, *COMPILE[1:], *sys.argv[1:], "pyproject.toml", "--output-file", LOCK.name], cwd=ROOT, check=True
    )
    LOCK.write_text(f"{heading(pyproject)}\n{LOCK.read_text()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
