"""The same said in many languages means the same: tests/data/parallel."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from dialogue_script import commands_in

from banksman_edge import Understanding
from banksman_edge.asr import Transcript
from banksman_shared.commands import NOTHING
from banksman_shared.site import load_site

DATA = Path(__file__).parents[1] / "data"


def _sentences() -> Iterator[tuple[str, str, str]]:
    """Language, text, and what it means."""
    wanted = ""
    lines = (
        line for path in sorted((DATA / "parallel").glob("*.txt")) for line in path.read_text("utf-8").splitlines()
    )
    for line in lines:
        if line.startswith("== "):
            _, _, wanted = line.partition(" => ")
        elif line and not line.startswith("#"):
            language, _, text = line.partition(": ")
            yield language, text, wanted


SENTENCES = list(_sentences())


@pytest.fixture(scope="module")
def understanding() -> Understanding:
    return Understanding(load_site(DATA / "eval" / "hospital"), None)


@pytest.mark.parametrize(("language", "text", "wanted"), SENTENCES)
def test_the_same_in_every_language(language: str, text: str, wanted: str, understanding: Understanding) -> None:
    found = understanding.understand(Transcript(text, language, 1.0)).commands
    assert found == ((NOTHING,) if wanted == "none" else commands_in(wanted))


def test_most_are_said_in_most_languages() -> None:
    assert len({language for language, _, _ in SENTENCES}) == 13
    assert len(SENTENCES) >= 200
