"""What may be said on a site, as a recogniser needs it: written out, in one language."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import permutations

import opencc

from banksman_edge.asr import Vocabulary
from banksman_edge.phonetics import spellings_of
from banksman_edge.understanding.templates.site_phrases import GAP
from banksman_edge.understanding.text.language import Language, language_of
from banksman_edge.understanding.text.numbers import SPOKEN
from banksman_edge.understanding.text.tokens import UNSPACED
from banksman_edge.understanding.text.vocabulary import written_words
from banksman_shared.numerals import counting_word, number_words
from banksman_shared.site import Place, Site, Vehicle

MOST_PAIRED = 20
"""Vehicles of a kind up to which any two of them are tried for what sounds like their numbers."""
_RANKS = range(1, 32)
"""Ordinals above are written in digits by everybody."""


def site_vocabulary(site: Site, code: str) -> Vocabulary:
    """Names of the site's vehicles and places, alone and with their numbers, and the words of orders. What has no name
    in the language is called by those of the others."""
    language = language_of(code)
    things: list[Vehicle | Place] = [*site.vehicles.values(), *site.places.values()]
    kinds = {**site.vehicle_kinds, **site.place_kinds}
    kind_names = {key: _spelt(kind.names, code) for key, kind in kinds.items()}
    names = {name for thing in [*things, *site.groups.values()] for name in _spelt(thing.names, code)}
    names |= {name for zone in site.rules.zones.values() for name in _spelt(zone.names, code)}
    nouns = names | {name for known in kind_names.values() for name in known}
    for thing in things:
        if thing.kind and thing.number is not None:
            for kind in kind_names[thing.kind]:
                read_aloud = kind not in kinds[thing.kind].names.get(code, ())
                names |= set(_numbered(kind, thing.number, language, in_digits=read_aloud))
                names |= {f"{several} {thing.number}" for several in language.inflection.plurals(kind)}
    numbers = {*SPOKEN, *(thing.number for thing in things if thing.number is not None)}
    words = {word for number in numbers for word in (str(number), *number_words(code, number))}
    words |= {word for number in _RANKS for word in number_words(code, number, ordinal=True)}
    words = {form for phrase in nouns | words for form in language.inflection.written(phrase)}
    words |= {form for known in kind_names.values() for name in known for form in language.inflection.plurals(name)}
    words |= set(written_words(code))
    words |= {phrase.replace(GAP, " ") for phrases in site.phrases.get(code, {}).values() for phrase in phrases}
    if code not in UNSPACED:
        words |= {word for phrase in words for word in phrase.split()}
    if code == "zh":
        names, words = (known | {_traditional(phrase) for phrase in known} for known in (names, words))
    read_out = {str(number): word for number in numbers if (word := counting_word(code, number))}
    return Vocabulary(
        frozenset(names), frozenset(words), code not in UNSPACED, read_out, frozenset(_pairs(site, language))
    )


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def _traditional(text: str) -> str:
    """Chinese in traditional characters, in which recognisers write about half of what they hear."""
    return str(_converter().convert(text))


def _spelt(names: Mapping[str, Iterable[str]], code: str) -> set[str]:
    own = names.get(code) or [name for others in names.values() for name in others]
    return {spelling for name in own for spelling in spellings_of(name, code)}


def _pairs(site: Site, language: Language) -> Iterator[str]:
    """The numbers of two vehicles of a kind, "1 and 2"."""
    unspaced = language.code in UNSPACED
    space = "" if unspaced else " "
    joins = language.closed.get("and", ())
    counter = min(("".join(one) for one in language.numbers.counters), key=len, default="") if unspaced else ""
    shortest = sorted(joins, key=len)[:1]
    between = "".join(f"{space}{space.join(join)}{space}" for join in shortest)
    for kind in site.vehicle_kinds if joins else ():
        numbers = [one.number for one in site.vehicles.values() if one.kind == kind and one.number is not None]
        if len(numbers) <= MOST_PAIRED:
            yield from (f"{one}{counter}{between}{other}{counter}" for one, other in permutations(numbers, 2))


def _numbered(kind: str, number: int, language: Language, *, in_digits: bool) -> Iterator[str]:
    """``in_digits``: with the number in digits alone, as recognisers write it."""
    unspaced = language.code in UNSPACED
    space = "" if unspaced else " "
    counters, ranks = language.numbers.counters, language.numbers.rank_counters
    for spoken in (str(number), *(() if in_digits else number_words(language.code, number))):
        yield f"{kind}{space}{spoken}"
        for counter in ("", *map("".join, counters)) if unspaced else ():
            yield f"{spoken}{counter}{kind}"
            yield f"{kind}{spoken}{counter}"
    for rank in number_words(language.code, number, ordinal=True) if unspaced and not in_digits else ():
        yield from (f"{rank}{counter}{kind}" for counter in ("", *map("".join, ranks)))
