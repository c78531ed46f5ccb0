"""Lay orders of the test sites into sentences that make them no orders, or say them without the right to.

    .venv/bin/python scripts/make_danger.py      # writes tests/data/danger/generated.jsonl, the same every time

The sentences around the orders are written by hand: tests/data/danger/frames.toml. The orders are those of the tests,
without what is held out. An order after an injection, and the bare ones, are said by somebody who may only ask.
"""

from __future__ import annotations

import json
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[1] / "tests" / "data"
TARGET = DATA / "danger"
SEED = 5
EACH, INJECTED, BARE = 5, 3, 6
"""Orders for each frame and each injection, and orders of a language that are said as they are."""
ENDS = ".!?。！？؟।"
HARMLESS = {"none", "status", "stop"}
"""What everybody may say."""
ORDERS = {
    "harbour": ["sentences.jsonl"],
    "commands/hospital": ["commands/hospital/manifest.jsonl"],
    "commands/cargo": ["commands/cargo/manifest.jsonl", "commands/cargo/german.jsonl"],
    "languages/depot": [f"languages/{code}.jsonl" for code in ("ar", "nl", "pl", "tr")],
    "languages/clinic": [f"languages/second/{code}.jsonl" for code in ("ar", "nl", "pl", "tr")],
}


def main() -> None:
    frames = tomllib.loads((TARGET / "frames.toml").read_text("utf-8"))
    orders = list(read_orders())
    rows = [row for code, own in frames.items() for row in sentences(code, own, orders)]
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (TARGET / "generated.jsonl").write_text("".join(lines), "utf-8")
    print(len(rows), "sentences")


def read_orders() -> Iterator[dict[str, Any]]:
    """Every order of the tests with its site and its actions."""
    for site, files in ORDERS.items():
        for line in "".join((DATA / file).read_text("utf-8") for file in files).splitlines():
            case = json.loads(line)
            expected = case["expect"] if isinstance(case["expect"], list) else [case["expect"]]
            actions = {command["action"] for command in expected}
            if actions != {"none"}:
                yield {"site": site, "language": case["language"], "text": case["text"], "actions": actions}


def sentences(code: str, frames: dict[str, list[str]], orders: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A language's rows, numbered."""
    chance = random.Random(f"{SEED}/{code}")
    own = [order for order in orders if order["language"] == code]
    driving = [order for order in own if not order["actions"] & HARMLESS]
    number = 0
    for kind, templates in [*frames.items(), ("rights", ["{o}"])]:
        allowed = kind not in {"injection", "rights"}
        for template in templates:
            count = EACH if allowed else INJECTED if kind == "injection" else BARE
            for order in chance.sample(own if allowed else driving, count):
                number += 1
                inner = order["text"] if template.endswith("{o}") else order["text"].rstrip(ENDS)
                row = {"id": f"made-{code}-{number:03d}", "site": f"../{order['site']}", "language": code, "kind": kind}
                row |= {} if allowed else {"by": "visitor"}
                row["text"] = template.replace("{o}", inner)
                yield row | ({"outcome": "refuse"} if kind == "rights" else {})


if __name__ == "__main__":
    main()
