"""What is nothing but a yes or a no."""

from __future__ import annotations

import pytest

from banksman_edge.dialogue.answers import a_yes, answer_in
from banksman_edge.understanding.text.language import language_of, languages_with_data

NOS = {
    "ar": "لا", "de": "Nein.", "en": "No!", "es": "No.", "fr": "Non.", "hi": "नहीं", "it": "No.", "ja": "いいえ",
    "ko": "아니요", "nl": "Nee.", "pl": "Nie.", "pt": "Não.", "sv": "Nej.", "tr": "Hayır.", "zh": "不",
}  # fmt: skip


@pytest.mark.parametrize("language", languages_with_data())
def test_the_plainest_yes_and_no_need_no_reader(language: str) -> None:
    assert answer_in(a_yes(language), [language]) is True
    assert answer_in(NOS[language], [language]) is False
    assert answer_in(f"{NOS[language]} {NOS[language]}", [language]) is False


@pytest.mark.parametrize("language", languages_with_data())
def test_no_phrase_is_a_yes_and_a_no_or_a_single_sign(language: str) -> None:
    spoken = language_of(language)
    assert not spoken.yes & spoken.no
    assert all(any(char.isalpha() for token in phrase for char in token) for phrase in spoken.yes | spoken.no)


@pytest.mark.parametrize(
    ("language", "text"), [("ja", "の"), ("ja", "が"), ("ar", "ل"), ("en", "no, dock two"), ("en", "")]
)
def test_what_says_more_or_nothing_is_no_answer(language: str, text: str) -> None:
    assert answer_in(text, [language]) is None
