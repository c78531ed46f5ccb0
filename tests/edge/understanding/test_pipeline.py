"""What stands around the reader: phrases of a site, stops that were hardly heard, and files that are broken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from banksman_edge import Pipeline, Transcript
from banksman_edge.understanding.reader.reader import Remembering
from banksman_edge.understanding.reader.tagged import Tagged, tagged
from banksman_edge.understanding.templates import phrases
from banksman_edge.understanding.text.tokens import words_of
from banksman_shared.actions import Action
from banksman_shared.commands import STOP_ALL, Command
from banksman_shared.models.engine import Answer
from banksman_shared.site import Site, load_site

HARBOUR = Path(__file__).parents[2] / "data" / "harbour"
PHRASES = {"en": {"charge": ("juice up", "top … up"), "stop": ("drop anchor",)}}


@pytest.fixture(scope="module")
def harbour() -> Site:
    return load_site(HARBOUR)


@pytest.fixture(scope="module")
def with_phrases(harbour: Site) -> Pipeline:
    return Pipeline(replace(harbour, phrases=PHRASES))


@pytest.mark.parametrize("text", ["Stacker two, juice up", "stacker two juice up please", "Top stacker two up"])
def test_a_phrase_of_a_site_is_read_as_the_languages_own_word(with_phrases: Pipeline, text: str) -> None:
    read = with_phrases.quick(Transcript(text, "en", 1.0))
    assert read is not None
    assert read.commands == (Command(Action.CHARGE, ("st-2",)),)


@pytest.mark.parametrize("language", ["en", ""])
def test_a_site_may_have_a_stop_of_its_own(with_phrases: Pipeline, language: str) -> None:
    stop = with_phrases.stop(Transcript("Drop anchor!", language, 1.0))
    assert stop is not None
    assert stop.commands == (STOP_ALL,)


@pytest.mark.parametrize(
    ("text", "confidence", "stops"),
    [
        ("Stop! That is what he always said to us", 1.0, True),
        ("Stop! That is what he always said to us", 0.01, False),  # talk, of which half was not heard
        ("Stacker two, stop right now please, now", 0.01, True),
        ("Stop!", 0.01, True),
    ],
)
def test_what_was_hardly_heard_stops_whom_it_names(harbour: Site, text: str, confidence: float, stops: bool) -> None:
    assert (Pipeline(harbour).stop(Transcript(text, "en", confidence)) is not None) is stops


@pytest.mark.parametrize(
    ("text", "vehicles"), [('"Stop!"', ("*",)), ('stop "stacker two"', ("st-2",)), ("stop stacker two", ("st-2",))]
)
def test_quotation_marks_around_all_or_a_name_hide_no_stop(harbour: Site, text: str, vehicles: tuple[str, ...]) -> None:
    stop = Pipeline(harbour).stop(Transcript(text, "en", 1.0))
    assert stop is not None
    assert stop.commands == (Command(Action.STOP, vehicles),)


def test_a_fault_in_finding_names_loses_no_stop(harbour: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline = Pipeline(replace(harbour, phrases=PHRASES))

    def fail(*_: Any) -> str:
        raise RuntimeError("a fault")

    monkeypatch.setattr("banksman_edge.understanding.templates.site_phrases._replaced", fail)
    assert pipeline.stop(Transcript("Stop!", "en", 1.0)) is not None


def test_a_broken_language_file_leaves_an_understanding_that_stops(
    harbour: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: str) -> Any:
        raise ValueError("broken")

    phrases.phrases_of.cache_clear()
    monkeypatch.setattr(phrases, "_read", fail)
    try:
        assert Pipeline(harbour).stop(Transcript("Stop!", "en", 1.0)) is not None
    finally:
        phrases.phrases_of.cache_clear()


@pytest.mark.parametrize(
    ("text", "language", "command"),
    [
        ("Stacker one, unload at gate three.", "en", Command(Action.DROP, ("st-1",), destination="gate-3")),
        ("¿Dónde está la lanzadera ocho?", "es", Command(Action.STATUS, ("sh-8",))),
        ("All shuttles go to gate two.", "en", Command(Action.MOVE, ("kind:shuttle",), destination="gate-2")),
    ],
)
def test_a_plain_order_needs_no_reader(harbour: Site, text: str, language: str, command: Command) -> None:
    read = Pipeline(harbour).quick(Transcript(text, language, 1.0))
    assert read is not None
    assert read.commands == (command,)


@pytest.mark.parametrize("text", ["Could stacker one go to gate three?", "Shuttles go to gate two.", "Gate, unload."])
def test_what_may_mean_something_else_is_left_to_the_reader(harbour: Site, text: str) -> None:
    assert Pipeline(harbour).quick(Transcript(text, "en", 1.0)) is None


def test_what_the_reader_said_of_a_sentence_is_not_asked_for_again() -> None:
    class Counting:
        languages = frozenset({"en"})
        asked = 0

        def answer(self, sentence: Tagged) -> Answer:
            self.asked += 1
            return Answer(f"none {sentence.text}", 1.0)

    counting = Counting()
    remembering = Remembering(counting, most=2)
    said = [remembering.answer(tagged(words_of(text), ())).line for text in ("a", "b", "a", "c", "a", "b")]
    assert said == ["none a", "none b", "none a", "none c", "none a", "none b"]
    assert counting.asked == 4
