"""Numbers in words, by Unicode's rules (unicode-rbnf), as edge and planner both read them."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import chain

from unicode_rbnf import FormatPurpose, RbnfEngine
from unicode_rbnf.engine import RbnfError

_ALSO = {
    "en": (re.compile("hundred (?!thousand|million|billion)"), "hundred and "),
    "pt": (re.compile("catorze"), "quatorze"),
}
"""What Unicode's words leave out: what everybody but Americans says, "two hundred and ten", and what Brazilians say."""


def number_words(language: str, value: int, *, ordinal: bool = False) -> tuple[str, ...]:
    """A number in words, in all genders and cases the language has, and as it is said in other countries ("septante");
    none where its rules are not known."""
    worded = list(chain.from_iterable(_worded(code, value, ordinal=ordinal) for code in _codes(language)))
    if language in _ALSO:
        usual, also = _ALSO[language]
        worded += [usual.sub(also, form) for form in worded]
    return tuple(dict.fromkeys(worded))


def _worded(code: str, value: int, *, ordinal: bool) -> list[str]:
    purpose = FormatPurpose.ORDINAL if ordinal else FormatPurpose.CARDINAL
    try:
        forms = _engine(code).format_number(value, purpose).text_by_ruleset.values()
    except (ValueError, RbnfError):  # Russian has no rank for 30,000
        return []
    return [form for form in forms if form and not unicodedata.normalize("NFKC", form)[0].isdigit()]


@cache
def _codes(language: str) -> tuple[str, ...]:
    """The language, and it in the countries for which Unicode has rules."""
    return (language, *sorted(code for code in RbnfEngine.get_supported_languages() if code.startswith(f"{language}_")))


def counting_word(language: str, value: int) -> str:
    """A number as it is read out where digits are written; none where its rules are not known."""
    try:
        return str(_engine(language).format_number(value, ruleset_names=["spellout-numbering"]).text)
    except (ValueError, RbnfError):
        return ""


@cache
def _engine(language: str) -> RbnfEngine:
    return RbnfEngine.for_language(language)
