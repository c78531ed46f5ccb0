"""The names of a site in one language, as tokens that may have endings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import lru_cache
from itertools import chain
from operator import contains

from rapidfuzz import fuzz, process

from banksman_edge.nlu.inflection import PLURAL, Inflection
from banksman_edge.nlu.language import TITLES, Language
from banksman_edge.nlu.numbers import NumberReader
from banksman_edge.nlu.telling import fits, telling_runs
from banksman_edge.nlu.tokens import Tokens, plain, tokenize
from banksman_edge.phonetics import alike, sound_of, spellings_of
from banksman_shared.numerals import number_words
from banksman_shared.site import Place, Site, Vehicle

EXACT_UP_TO = 3
"""Names of so few characters must match exactly: everything is similar to them."""
LONGEST_NUMBER = 6
"""Digits that a number in a name has at most."""
SAME_SOUND = 0.97
"""Likeness of what sounds the same."""


class What(Enum):
    VEHICLE = auto()
    PLACE = auto()
    GROUP = auto()
    VEHICLE_KIND = auto()
    PLACE_KIND = auto()
    ZONE = auto()
    """Places that belong together: what is ordered of them is for the planner."""
    UNKNOWN = auto()
    """A kind with a number that the site does not have: "dock ninety"."""


WHO = frozenset({What.VEHICLE, What.VEHICLE_KIND, What.GROUP})
"""What says whom a sentence is about."""
WHERE = frozenset({What.PLACE, What.PLACE_KIND, What.ZONE})
"""What says where."""


@dataclass(frozen=True, slots=True)
class Name:
    tokens: Tokens
    joined: str
    sound: str
    what: What
    id: str
    forms: tuple[Mapping[str, str], ...]
    """For each token the forms it may take, with the roles that their endings give."""
    number: int | None = None
    """The number that it ends with, "loading ramp forty", and the token at which that begins."""
    head: int = 0

    def inflected(self, tokens: Tokens) -> bool:
        """Whether the tokens are the name in one of its forms."""
        return len(tokens) == len(self.forms) and all(map(contains, self.forms, tokens))

    def role(self, tokens: Tokens) -> str:
        """What the ending of the last word says; that there are several, any of them says."""
        roles = [form.get(token, "") for form, token in zip(self.forms, tokens[-len(self.forms) :], strict=False)]
        return roles[-1] or (PLURAL if PLURAL in roles else "")


def names_of(site: Site, inflection: Inflection) -> Iterator[Name]:
    """The names of everything that has one in the language."""
    language = inflection.code
    tables: tuple[tuple[What, Mapping[str, Vehicle | Place]], ...] = (
        (What.VEHICLE, site.vehicles),
        (What.PLACE, site.places),
    )
    named: Iterable[tuple[What, str, Mapping[str, tuple[str, ...]]]] = [
        *((what, item.id, item.names) for what, items in tables for item in items.values()),
        *((What.GROUP, group.id, group.names) for group in site.groups.values()),
        *((What.VEHICLE_KIND, kind.id, kind.names) for kind in site.vehicle_kinds.values()),
        *((What.PLACE_KIND, kind.id, kind.names) for kind in site.place_kinds.values()),
        *((What.ZONE, zone.id, zone.names) for zone in site.rules.zones.values()),
    ]
    for what, key, names in named:
        known = names.get(language, ()) if what is not What.ZONE else zone_names(names, language)
        for name in dict.fromkeys(chain.from_iterable(spellings_of(one, language) for one in known)):
            tokens = tokenize(name, language)
            sound = sound_of(plain(tokens), language)
            yield Name(tokens, plain(tokens), sound, what, key, inflection.forms_of_words(name))


class NameIndex:
    """Finds the names that some words may be, out of many. ``dense``: a script of which only the sound is compared."""

    def __init__(
        self, names: Sequence[Name], language: str, *, dense: bool, numbers: NumberReader | None = None
    ) -> None:
        self._numbers = numbers
        self._telling = dict(zip(map(id, names), telling_runs(names, language) if numbers else (), strict=False))
        self._names, self._language, self._dense = names, language, dense
        self._remembered = lru_cache(maxsize=1024)(self._read)
        self.longest = max((len(name.tokens) for name in names), default=0)
        self._compared = [name.sound if dense else name.joined for name in names]
        self._same: dict[str, list[int]] = {}
        self._beginning: dict[tuple[int, str], list[int]] = {}
        for at, name in enumerate(names):
            for same in {name.joined, name.sound}:
                self._same.setdefault(same, []).append(at)
            for form in name.forms[0] if name.forms else ():
                self._beginning.setdefault((len(name.forms), form), []).append(at)

    def matches(self, tokens: Tokens, similar: float) -> tuple[tuple[Name, int, float], ...]:
        """Names that may begin the tokens, with length and likeness, 0 to 1. The last ones are remembered."""
        return self._remembered(tokens, similar)

    def _read(self, tokens: Tokens, similar: float) -> tuple[tuple[Name, int, float], ...]:
        found = []
        for name in self._near(tokens, similar):
            count = len(name.tokens)
            lengths = [length for length in (count, count + 1, count - 1) if 0 < length <= len(tokens)]
            score, length = max(((self._likeness(tokens[:length], name), length) for length in lengths), default=(0, 0))
            told = score >= similar and (score == 1 or self._is_told(tokens[:length], name))
            if told and not self._swallows(tokens[:length], name, score):
                found.append((name, length, score))
        return tuple(found)

    def _is_told(self, tokens: Tokens, name: Name) -> bool:
        """Whether what tells it from others is said, and no other number than its own."""
        if self._numbers and name.number is not None and (said := last_number(tokens, self._numbers)):
            if said[1] != name.number:
                return False
            return all(fits(name, run, tokens, self._language) for run in self._runs(name) if run[1] <= name.head)
        return all(fits(name, run, tokens, self._language) for run in self._runs(name))

    def _runs(self, name: Name) -> frozenset[tuple[int, int]]:
        return self._telling.get(id(name), frozenset())

    def _swallows(self, tokens: Tokens, name: Name, score: float) -> bool:
        """Whether the likeness is that of fewer words, with an article or preposition beside them."""
        return len(tokens) > len(name.tokens) and any(
            self._likeness(fewer, name) > score for fewer in (tokens[1:], tokens[:-1])
        )

    def _likeness(self, tokens: Tokens, name: Name) -> float:
        """How alike the words are, 0 to 1, by sound or by spelling."""
        heard, known = plain(tokens), name.joined
        if heard == known or name.inflected(tokens):
            return 1.0
        if heard[-1].isdigit():
            return 0.0  # "dock 2" is no misheard "dock": the digit is its number
        sound = sound_of(heard, self._language)
        if len(name.sound) > EXACT_UP_TO - self._dense and sound == name.sound:
            return SAME_SOUND
        if self._dense:
            comparable = len(name.sound) > EXACT_UP_TO and len(tokens) == len(name.tokens)
            return alike(sound, name.sound) if comparable else 0.0
        return fuzz.ratio(heard, known) / 100 if len(known) > EXACT_UP_TO else 0.0

    def _near(self, tokens: Tokens, similar: float) -> Iterator[Name]:
        """Names that the first tokens, up to one more than a name has, are, or sound or are spelt at least this much
        like, 0 to 1; in the order in which they were given."""
        ends = range(1, min(self.longest + 1, len(tokens)) + 1)
        found = {at for end in ends for at in self._like(tokens[:end], similar)}
        yield from map(self._names.__getitem__, sorted(found))

    def _like(self, tokens: Tokens, similar: float) -> Iterator[int]:
        heard = plain(tokens)
        sound = sound_of(heard, self._language)
        yield from self._same.get(heard, ())
        yield from self._same.get(sound, ())
        yield from self._beginning.get((len(tokens), tokens[0]), ())
        for _, _, at in process.extract(
            sound if self._dense else heard,
            self._compared,
            scorer=fuzz.ratio,
            score_cutoff=similar * 100,
            limit=None,
        ):
            yield at


def last_number(tokens: Tokens, numbers: NumberReader) -> tuple[int, int] | None:
    """Where the number begins that ends some words, and its value."""
    for start in range(len(tokens)):
        number = numbers.read(tokens, start)
        if number and start + number.length == len(tokens):
            return start, number.value
    return None


def titled_number(
    tokens: Tokens, start: int, at: int, numbers: NumberReader, language: Language
) -> tuple[int, int] | None:
    """Where the number of the kind at ``start`` begins, and its value, where it stands before it with a counter and
    what may be a number behind it, at ``at``, is a title: 58番スタッカーさん is no stacker three."""
    phrase = language.match(tokens, at) if start < at else None
    if phrase is None or TITLES not in phrase[0].roles:
        return None
    heads = (tokens[: start - len(c)] for c in language.counters if c and tokens[start - len(c) : start] == c)
    return next((number for head in heads if head and (number := last_number(head, numbers))), None)


def with_number(name: Name, numbers: NumberReader) -> Name:
    """The name with the number that it ends with, if it does."""
    last = last_number(name.tokens, numbers)
    return replace(name, head=last[0], number=last[1]) if last and last[0] else name


def digits_of(names: Iterable[Name]) -> set[int]:
    """The numbers that names have in digits."""
    return {int(token) for name in names for token in name.tokens if token.isdigit() and len(token) <= LONGEST_NUMBER}


def zone_names(names: Mapping[str, tuple[str, ...]], language: str) -> Iterator[str]:
    """What a zone is called in a language; a number at the end of a name also in words: "zone 2", "zone two"."""
    for name in names.get(language, ()):
        yield name
        head, _, last = name.rpartition(" ")
        if head and last.isdecimal():
            yield from (f"{head} {word}" for word in number_words(language, int(last)))
