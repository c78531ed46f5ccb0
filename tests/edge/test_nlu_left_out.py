"""What a language model leaves out of what was said is not lost: it is asked about, or nothing is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from edge_world import ScriptedModel

from banksman_edge import Interpretation, Transcript, Understanding
from banksman_edge.nlu.cascade import DOUBTFUL
from banksman_shared.site import load_site

PLAIN = Understanding(load_site(Path(__file__).parents[1] / "data" / "lookalikes"), None)
SURE = 0.95


class Taught(ScriptedModel):
    """Answers in English, German and Turkish."""

    languages = frozenset({"en", "de", "tr"})


def read(text: str, line: str, language: str = "en") -> Interpretation:
    understanding = PLAIN.with_model(None, Taught(line, probability=SURE))
    return understanding.understand(Transcript(text, language, 1.0))


@pytest.mark.parametrize(
    ("text", "line", "language"),
    [
        ("shuttle 2 and shuttle 20 scoot to gate 1 and gate 2", "move V1,V2 to P2", "en"),
        ("shuttle 2 and shuttle 20 scoot to gate 1 and gate 2", "move V1 to P1", "en"),
        ("Shuttle 2 und Shuttle 20 düsen zu Tor 1 und Tor 2", "move V1,V2 to P2", "de"),
        ("mekik 2 ve mekik 20 fırlasın kapı 1 ve kapı 2", "move V1,V2 to P2", "tr"),
    ],
)
def test_of_several_vehicles_and_places_nobody_knows_who_goes_where(text: str, line: str, language: str) -> None:
    assert read(text, line, language).is_nothing


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("shuttle 2 scoot to gate 1 via gate 2", "move V1 to P2"),
        ("shuttle 2 scoot with shuttle 20 to gate 1", "move V1 to P1"),
        ("shuttle 2 and shuttle 20 scoot to gate 1", "move V1 to P1"),
        ("shuttle 2 scoot to gate 1 seven", "move V1 to P1"),
    ],
)
def test_a_name_or_number_that_is_left_out_is_asked_about(text: str, line: str) -> None:
    found = read(text, line)
    assert found.commands
    assert found.confidence <= SURE * DOUBTFUL


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("shuttle 2 and shuttle 20 scoot to gate 1", "move V1,V2 to P1"),
        ("shuttle 2 scoot over to gate 1", "move V1 to P1"),
        ("shuttles scoot over to gate 1 with shuttle 20", "move all K1 to P1"),
        ("shuttle 2 scoot over to gate 1, not to gate 2", "move V1 to P1"),
        ("shuttle 2 freeze dude while shuttle 20 leaves gate 1", "stop V1"),
    ],
)
def test_what_is_told_or_rightly_left_out_is_as_sure_as_before(text: str, line: str) -> None:
    found = read(text, line)
    assert not found.is_nothing
    assert found.confidence > SURE * DOUBTFUL


@pytest.mark.parametrize("quote", ["washing line west", "washing line"])
def test_what_a_model_quotes_of_a_name_that_is_lacking_is_no_other(quote: str) -> None:
    found = read("shuttle 2 sort of scoot over yonder washing line west", f'move V1 to "{quote}"')
    assert found.confidence <= SURE * DOUBTFUL or found.is_nothing


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("shuttle 2 rattles like crazy", False),
        ("shuttle 2 rattles like crazy?", True),
        ("howdy shuttle 2, whereabouts are you", True),
    ],
)
def test_an_answer_that_no_known_word_asks_for_is_doubtful(text: str, sure: bool) -> None:
    found = read(text, "status V1")
    assert (found.confidence > SURE * DOUBTFUL) is sure
    assert not found.is_nothing


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Whenever do the shuttles knock off?", False),
        ("howdy, whereabouts are the shuttles, status?", True),
    ],
)
def test_what_else_is_asked_about_a_whole_kind_is_not_answered_with_how_they_are(text: str, asked: bool) -> None:
    assert read(text, "status all K1").is_nothing is not asked
