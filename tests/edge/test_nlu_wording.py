"""Words that are spelt otherwise than the data spells them."""

from __future__ import annotations

import pytest

from banksman_edge.nlu.language import language_data
from banksman_edge.nlu.tokens import Tokens
from banksman_edge.nlu.wording import Wording


def worded(text: str, language: str, *known: str) -> Tokens:
    return Wording(language_data(language), frozenset(known))(text)


@pytest.mark.parametrize(
    ("written", "known"),
    [("फोरन", "फौरन"), ("बैल्ट", "बेल्ट"), ("देजी", "डेजी"), ("किछन", "किचन"), ("लोन्डरी", "लॉन्ड्री"), ("स्टान", "स्थान")],
)
def test_a_hindi_word_is_the_known_one_that_sounds_the_same(written: str, known: str) -> None:
    names = ("फौरन", "बेल्ट", "डेजी", "किचन", "लॉन्ड्री", "स्थान", "रुक")
    assert worded(f"{written} रुक", "hi", *names) == (known, "रुक")


def test_a_hindi_verb_that_is_written_onto_the_word_before_it_comes_apart() -> None:
    known = ("खत्म", "उठा", "हो", "लो", "आलो", "है", "कि")
    assert worded("खत्महो उठालो", "hi", *known) == ("खत्म", "हो", "उठा", "लो")
    assert worded("आलो हैलो किलो", "hi", *known) == ("आलो", "हैलो", "किलो")


def test_a_known_word_stays_as_it_is_spelt() -> None:
    assert worded("पुल", "hi", "फुल", "पुल") == ("पुल",)


def test_a_word_that_sounds_like_two_known_ones_stays_unknown() -> None:
    assert worded("टाला", "hi", "ताला", "थाला") == ("टाला",)


def test_short_words_sound_like_everything() -> None:
    assert worded("खो", "hi", "को") == ("खो",)


def test_where_spelling_tells_words_apart_they_stay() -> None:
    assert worded("carinho filha", "pt", "carrinho", "fila") == ("carinho", "filha")
