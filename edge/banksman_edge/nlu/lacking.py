"""Names that begin or end as names of the site do and are none of them: "washing line west" where there is one north
and one south, "grading line three" where there is a second. The site lacks what they name; no other is meant. Where
nothing tells which of several places is meant, "the washing line", it may be any of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from banksman_edge.nlu.language import ARTICLES, FILLER, FROM, LOAD, LOADS, TO, Language
from banksman_edge.nlu.names import Name, NameIndex, What
from banksman_edge.nlu.numbers import NumberReader
from banksman_edge.nlu.telling import LEAST_SHARED, fits
from banksman_edge.nlu.tokens import UNSPACED, Tokens, plain, skip
from banksman_edge.phonetics import sound_of

LONGEST_MARKER = 3
"""Tokens that a preposition has at most."""

Thing = tuple[What, str]
Found = tuple[What, tuple[str, ...], int, float, str]
"""What is named, its id (none where the site lacks it), where that ends, likeness, and role by its ending."""


@dataclass(slots=True)
class _Family:
    """Things whose names share a stretch of words. ``numbered``: those that have a number behind it; ``before`` and
    ``behind``: those that have one word more there."""

    numbered: dict[int, set[Thing]] = field(default_factory=dict)
    before: dict[Thing, list[Name]] = field(default_factory=dict)
    behind: dict[Thing, list[Name]] = field(default_factory=dict)


class Lacking:
    """Finds such names, and those whose number is said in another way than the site's file writes it."""

    def __init__(self, names: Sequence[Name], numbers: NumberReader, language: Language, *, dense: bool) -> None:
        self._numbers, self._language = numbers, language
        self._families: dict[str, _Family] = {}
        self._whole = {name.joined for name in names}
        heads: dict[str, Name] = {}
        for name in names:
            for head in self._add(name):
                heads.setdefault(head.joined, head)
        self._index = NameIndex(list(heads.values()), language.code, dense=dense)

    def at(self, tokens: Tokens, start: int, similar: float) -> Iterator[Found]:
        """What is named from ``start`` on."""
        for head, length, score in self._index.matches(tokens[start : start + self._index.longest + 1], similar):
            end = start + length
            family = self._families[head.joined]
            if family.numbered and not self._is_verb(tokens[start:end]):
                yield from self._numbered(tokens, head, family, end, score)
            if self._tells(tokens, (start, end + 1), end, head, family.behind):
                yield What.UNKNOWN, (), end + 1, score, ""
            elif open_places := self._open_places(tokens, start, end, head, family):
                yield What.PLACE, open_places, end, score, head.role(tokens[:end])
        if not self._strange(tokens, start):
            return
        for head, length, score in self._index.matches(tokens[start + 1 : start + self._index.longest + 2], similar):
            end = start + 1 + length
            if self._tells(tokens, (start, end), start, head, self._families[head.joined].before):
                yield What.UNKNOWN, (), end, score, ""

    def _add(self, name: Name) -> Iterator[Name]:
        """Enter a name in the families of its parts that others may have, too; those parts."""
        last, thing = len(name.tokens) - 1, (name.what, name.id)
        if name.number is not None and name.head:
            head = self._part(name, 0, name.head)
            self._families.setdefault(head.joined, _Family()).numbered.setdefault(name.number, set()).add(thing)
            yield head
        elif last > 0 and name.what not in (What.VEHICLE_KIND, What.PLACE_KIND):
            for first, end, rest in ((0, last, last), (1, last + 1, 0)):
                small = all(FILLER in self._language.roles_of((token,)) for token in name.tokens[first:end])
                short = self._language.code in UNSPACED and end - first < LEAST_SHARED
                if not small and not short and plain(name.tokens[first:end]) not in self._whole:
                    head = self._part(name, first, end)
                    family = self._families.setdefault(head.joined, _Family())
                    members = family.behind if rest else family.before
                    members.setdefault(thing, []).append(self._part(name, rest, rest + 1))
                    yield head

    def _part(self, name: Name, first: int, end: int) -> Name:
        tokens = name.tokens[first:end]
        joined = plain(tokens)
        forms = name.forms[first:end] if len(name.forms) == len(name.tokens) else tuple({token: ""} for token in tokens)
        sound = sound_of(joined, self._language.code)
        return replace(name, tokens=tokens, joined=joined, sound=sound, forms=forms, number=None, head=0)

    def _open_places(self, tokens: Tokens, start: int, end: int, head: Name, family: _Family) -> tuple[str, ...]:
        """The places any of which may be meant, where nothing tells which, not even a misspelt word: "the washing
        line"; a single word has to stand where a place does."""
        places = [key for what, key in {**family.before, **family.behind} if what is What.PLACE]
        told = bool(family.behind) and self._strange(tokens, end)
        told |= bool(family.before) and start > 0 and self._strange(tokens, start - 1)
        told |= self._says_rest(tokens, end, family.behind) or self._says_rest(tokens, start - 1, family.before)
        if len(places) < 2 or told or self._numbers.read(tokens, end) or self._is_verb(tokens[start:end]):
            return ()
        return tuple(places) if len(head.tokens) > 1 or self._is_governed(tokens, start, end) else ()

    def _says_rest(self, tokens: Tokens, at: int, members: Mapping[Thing, Sequence[Name]]) -> bool:
        """Whether the word at ``at`` is the rest of a name that may also mean something alone: "meat room"."""
        rests = (rest for names in members.values() for rest in names)
        return 0 <= at < len(tokens) and any(rest.inflected(tokens[at : at + 1]) for rest in rests)

    def _numbered(self, tokens: Tokens, head: Name, family: _Family, end: int, score: float) -> Iterator[Found]:
        first = skip(tokens, end, self._language.markers)
        number = self._numbers.read(tokens, first)
        if number is None:
            return
        role = number.role or head.role(tokens[:end])
        end = first + number.length
        counted = self._language.match(tokens, end)
        if counted and counted[0].roles & {LOAD, LOADS}:
            return
        end = skip(tokens, end, self._language.counters)
        things = family.numbered.get(number.value, set())
        for what, thing in things:
            yield what, (thing,), end, score, role
        if not things:
            yield What.UNKNOWN, (), end, score, ""

    def _tells(
        self, tokens: Tokens, span: tuple[int, int], at: int, head: Name, members: Mapping[Thing, Sequence[Name]]
    ) -> bool:
        """Whether the word at ``at`` tells that none of several is meant, by a word that nobody knows; beside a single
        word it has to stand where a place does."""
        if len(members) < 2 or not self._strange(tokens, at):
            return False
        rests = (rest for names in members.values() for rest in names)
        if any(fits(rest, (0, 1), tokens[at : at + 1], self._language.code) for rest in rests):
            return False
        return len(head.tokens) > 1 or self._is_governed(tokens, *span)

    def _strange(self, tokens: Tokens, at: int) -> bool:
        known = at >= len(tokens) or self._language.match(tokens, at) or self._numbers.read(tokens, at)
        return not known and tokens[at][0].isalpha()

    def _is_governed(self, tokens: Tokens, start: int, end: int) -> bool:
        if self._language.postfix:
            suffixes = self._language.inflection.suffixes.items()
            ends = any(role and tokens[end - 1].endswith(suffix) for suffix, role in suffixes)
            return ends or any(self._leads(tokens[end : end + n]) for n in range(1, LONGEST_MARKER + 1))
        article = tokens[start - 1 : start] if start else ()
        small = bool(article) and bool(self._language.roles_of(article) & {FILLER, ARTICLES})
        stops = {start, start - 1} if small else {start}
        return any(
            self._leads(tokens[stop - n : stop]) for stop in stops for n in range(1, LONGEST_MARKER + 1) if n <= stop
        )

    def _leads(self, phrase: Tokens) -> bool:
        return bool(self._language.roles_of(phrase) & {TO, FROM})

    def _is_verb(self, phrase: Tokens) -> bool:
        known = self._language.phrases.get(phrase)
        return bool(known and known.actions)
