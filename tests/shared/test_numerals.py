"""Numbers in words, as edge and planner both read them."""

from __future__ import annotations

import pytest

from banksman_shared.numerals import counting_word, number_words


@pytest.mark.parametrize(
    ("language", "value", "words"),
    [
        ("de", 21, "einundzwanzig"),
        ("es", 1, "una"),
        ("ja", 307, "三百七"),
        ("pl", 2, "dwie"),
        ("en", 110, "one hundred ten"),
        ("en", 110, "one hundred and ten"),
    ],
)
def test_a_number_has_its_words_in_all_genders_and_ways(language: str, value: int, words: str) -> None:
    assert words in number_words(language, value)


def test_ranks_are_words_of_their_own() -> None:
    assert "dritter" in number_words("de", 3, ordinal=True)
    assert "drei" not in number_words("de", 3, ordinal=True)


def test_no_digits_are_words_and_no_word_comes_twice() -> None:
    for language in ("ar", "de", "en", "es", "fr", "hi", "it", "ja", "nl", "pl", "pt", "sv", "tr", "zh"):
        words = number_words(language, 12)
        assert words
        assert len(set(words)) == len(words)
        assert not any(word[0].isdigit() for word in words)


def test_what_is_read_out_is_one_word() -> None:
    assert counting_word("en", 3) == "three"


def test_a_language_without_rules_has_none() -> None:
    assert number_words("xx", 3) == ()
    assert counting_word("xx", 3) == ""


def test_a_number_that_the_rules_leave_out_has_none() -> None:
    """Russian ranks end before thirty thousand."""
    assert number_words("ru", 30000, ordinal=True) == ()
    assert "тридцать тысяч" in number_words("ru", 30000)
