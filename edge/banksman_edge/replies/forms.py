"""Numbers, units and lists as each language writes them, by the rules and data of Unicode's CLDR (Babel, BSD).

Digits are Western ones in every language: that is CLDR's default for Hindi, and what Arabic-speaking warehouses have on
their vehicles, racks and screens, since the numbers in site files are these.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from babel import Locale
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

_LOCALES = {"en": "en_GB"}
"""Metres, and no comma before "and". Others go by their code."""


class Unit(StrEnum):
    """What a number counts; the values are CLDR's names where it has the unit."""

    METRE = "length-meter"
    MINUTE = "duration-minute"
    PERCENT = "percent"
    SECOND = "duration-second"
    LOAD = "loads"
    VEHICLE = "vehicles"
    MORE_CONDITIONS = "more-conditions"
    MORE_PLACES = "more-places"


_OURS = frozenset({Unit.LOAD, Unit.VEHICLE, Unit.MORE_CONDITIONS, Unit.MORE_PLACES})
"""What CLDR does not count: the forms are tables of these names in the language's file."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of something, to be said in the language of the sentence it stands in."""

    value: float
    unit: Unit


@cache
def locale_of(language: str) -> Locale:
    """What CLDR knows of a language, by its ISO 639 code."""
    return Locale.parse(_LOCALES.get(language, language))


def amount(wanted: Amount, language: str, forms: Mapping[str, Mapping[str, str]]) -> str:
    """``3 steps``, ``5 Minuten``, ``80 %``. ``forms``: plural forms by unit and CLDR's plural category."""
    locale, value = locale_of(language), wanted.value
    if wanted.unit is Unit.PERCENT:
        return format_percent(value / 100, locale=locale).replace("\xa0", " ")
    if wanted.unit in _OURS:
        return forms[wanted.unit][locale.plural_form(value)].format(n=format_decimal(value, locale=locale))
    number = float(f"{value:.4g}")
    said = format_unit(number, wanted.unit, "long", locale=locale)
    # Where CLDR has one form for both lengths, Babel finds it as the short one, and says the unit's name for the long.
    return said if wanted.unit not in said else format_unit(number, wanted.unit, "short", locale=locale)


def joined(parts: Sequence[str], language: str) -> str:
    """``a, b and c``."""
    return format_list(list(parts), locale=locale_of(language))


_EUPHONY = {
    "es": (
        (re.compile(r"\bo (?=h?[oó]|8|11\b)", re.IGNORECASE), "u "),
        (re.compile(r"\by (?=h?[ií](?![aeoué]))", re.IGNORECASE), "e "),
    ),
    "fr": ((re.compile(r"\bde (?=[aàâeéèêëiîïoôuùûœæ](?!nze\b))", re.IGNORECASE), "d'"),),
}
"""What a word becomes before the sound that a name begins with: "d'allée 2", "puerta 1 u horno 2"."""


def euphonic(text: str, language: str) -> str:
    """The text with our words as they are before the names that were put in."""
    for pattern, word in _EUPHONY.get(language, ()):
        text = pattern.sub(word, text)
    return text


def capital(text: str, language: str) -> str:
    """The text with its first letter large; Turkish has a large i of its own."""
    first = "İ" if language == "tr" and text.startswith("i") else text[:1].upper()
    return first + text[1:]
