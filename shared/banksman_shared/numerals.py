"""Numbers in words, by Unicode's rules (unicode-rbnf), as edge and planner both read them."""

from __future__ import annotations

import unicodedata
from functools import cache

from unicode_rbnf import FormatPurpose, RbnfEngine


def number_words(language: str, value: int, *, ordinal: bool = False) -> tuple[str, ...]:
    """A number in words, in all genders and cases the language has; none where its rules are not known."""
    purpose = FormatPurpose.ORDINAL if ordinal else FormatPurpose.CARDINAL
    try:
        forms = _engine(language).format_number(value, purpose).text_by_ruleset.values()
    except ValueError:
        return ()
    worded = [form for form in forms if form and not unicodedata.normalize("NFKC", form)[0].isdigit()]
    # Unicode's English leaves out what everybody but Americans says: "two hundred and ten".
    worded += [form.replace("hundred ", "hundred and ") for form in worded if language == "en" and "hundred " in form]
    return tuple(dict.fromkeys(worded))


def counting_word(language: str, value: int) -> str:
    """A number as it is read out where digits are written; none where its rules are not known."""
    try:
        return str(_engine(language).format_number(value, ruleset_names=["spellout-numbering"]).text)
    except ValueError:
        return ""


@cache
def _engine(language: str) -> RbnfEngine:
    return RbnfEngine.for_language(language)
