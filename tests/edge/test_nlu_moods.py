"""What is said of a vehicle in words that order as well as tell: what it will do, whether it can; and "wait" before an
order. Of such sentences none is done at once. The site is known to no other test."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from banksman_edge import Transcript, Understanding
from banksman_edge.comprehension import Comprehension
from banksman_shared.commands import to_document
from banksman_shared.site import load_site

FOLDER = Path(__file__).parents[1] / "data" / "moods"


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    language: str
    text: str
    decision: str
    command: Any


SENTENCES = [msgspec.json.decode(line, type=Sentence) for line in (FOLDER / "bakery.jsonl").read_bytes().splitlines()]
LANGUAGES = sorted({sentence.language for sentence in SENTENCES})


@cache
def comprehension() -> Comprehension:
    site = load_site(FOLDER / "bakery")
    return Comprehension.without_fleet(site, Understanding(site, None))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_may_be_told_is_read_back_and_what_is_asked_for_is_done(language: str) -> None:
    wrong = []
    for sentence in (one for one in SENTENCES if one.language == language):
        read, judgement = comprehension().first_words(Transcript(sentence.text, language, 1.0))
        found = (str(judgement.verdict), to_document(read.commands))
        if found != (sentence.decision, sentence.command):
            wrong.append((sentence.id, sentence.text, *found))
    assert wrong == []


def test_there_are_enough_of_them_in_every_language() -> None:
    assert len(LANGUAGES) == 14
    assert len(SENTENCES) >= 200
    assert sum(sentence.decision == "confirm" for sentence in SENTENCES) >= 100
