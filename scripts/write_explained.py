"""Write docs/measured/explain.md: how ten sentences are understood on the bundled site, stage by stage.

python scripts/write_explained.py
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "measured" / "explain.md"
SENTENCES = (
    "forklift two, no wait, three to dock one",
    "Could somebody get a pallet over to packing? They're waiting.",
    "All forklifts except forklift three go home.",
    "Carretilla cuatro, cuando puedas llévate esto al muelle dos",
    "Der Stapler drei ist gestern an Rampe zwei stehen geblieben.",
    "stop the music",
    "forklift three stop there's somebody behind you",
    "Send forklift two to dock ninety.",
    "forklift one and forklift two, one of you to dock one or dock two",
    "Move four pallets from aisle two to dock one before noon.",
)


def explained(text: str) -> str:
    """What the command prints."""
    command = [Path(sys.executable).with_name("banksman"), "explain", text]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | {"COLUMNS": "110"})
    return "\n".join(line.rstrip() for line in done.stdout.strip("\n").split("\n"))


if __name__ == "__main__":
    parts = ["# Ten sentences, explained", "", "`python scripts/write_explained.py` wrote this page.", ""]
    for sentence in SENTENCES:
        parts += [f"## {sentence}", "", "```", explained(sentence), "```", ""]
    PAGE.write_text("\n".join(parts), "utf-8")
