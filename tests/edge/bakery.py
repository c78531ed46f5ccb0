"""What becomes of something that is said first at the bakery of tests/data/moods, where nobody knows of any vehicle."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from banksman_edge import Pipeline
from banksman_edge.asr import Transcript
from banksman_edge.comprehension import Comprehension
from banksman_shared.commands import to_document
from banksman_shared.site import load_site

FOLDER = Path(__file__).parents[1] / "data" / "moods"


@cache
def comprehension() -> Comprehension:
    site = load_site(FOLDER / "bakery")
    return Comprehension.without_fleet(site, Pipeline(site, None))


def found(language: str, text: str) -> tuple[str, Any]:
    """The verdict, and the commands as a document."""
    read, judgement = comprehension().first_words(Transcript(text, language, 1.0))
    return str(judgement.verdict), to_document(read.commands)
