"""What a language model sees of endings that do the work of prepositions."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge.nlu.marked import quotable
from banksman_edge.nlu.mentions import MentionFinder
from banksman_edge.nlu.sketch import Sketch, sketch
from banksman_shared.site.load import load_site

DEPOT = Path(__file__).parents[1] / "data" / "languages" / "depot"


def drawn(text: str, language: str) -> Sketch:
    finder = MentionFinder(load_site(DEPOT), language)
    tokens = finder.tokens(text)
    return sketch(tokens, finder.find(tokens), language)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("paleti rampa 2'den rampa 1'e götür", "paleti P1 den P2 ye gotur"),
        ("rampa 1'e rampa 2'den palet getir", "P1 ye P2 den palet getir"),
        ("üçüncü rampaya git", "P1 ye git"),
        ("rampa 2'deki paleti al", "P1 paleti al"),
        ("forklift 2'ye söyle", "V1 soyle"),
    ],
)
def test_turkish_places_show_where_from_and_where_to(said: str, shown: str) -> None:
    assert drawn(said, "tr").text == shown


def test_what_is_shown_of_an_ending_cannot_be_quoted() -> None:
    assert quotable(drawn("paleti rampa 2'den rampa 1'e götür", "tr")) == ["paleti", "gotur"]


def test_languages_with_prepositions_show_no_endings() -> None:
    assert drawn("zawieź paletę z rampy drugiej do rampy pierwszej", "pl").text == "zawiez palete z P1 do P2"
