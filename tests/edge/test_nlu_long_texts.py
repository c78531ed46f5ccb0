"""Long texts that say the same again and again take no longer than others: nobody may keep the grammar busy."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.site import load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)
TIMES = 200
LONGEST_S = 6.0
"""It took up to 43 s on two cores, and takes a second and a half; the machine may be busy."""


@pytest.mark.parametrize(
    "text",
    ["q", "dock two and", "forklift two", "go to dock two", "forklift two go to dock one and", "一号", "and two"],
)
def test_what_is_repeated_is_soon_read(text: str) -> None:
    UNDERSTANDING.understand(Transcript("dock", "", 1.0))
    began = time.process_time()
    UNDERSTANDING.understand(Transcript(" ".join([text] * TIMES), "", 1.0))
    assert time.process_time() - began < LONGEST_S


def test_a_long_order_of_many_steps_is_read() -> None:
    steps = ", then ".join(f"go to dock {place}" for place in ("one", "two", "three") * 8)
    commands = UNDERSTANDING.understand(Transcript(f"Forklift two, {steps}", "", 1.0)).commands
    assert [command.destination for command in commands] == ["dock-1", "dock-2", "dock-3"] * 8
