"""Sentences for teaching: commands of invented sites in the languages offered, and talk that is none.

Words and sentence patterns are data (``data/*.toml``). Numbers of vehicles and places are written in digits, as
Whisper prefers them and as Kokoro reads them out; everything else as it is usually written in the language.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.resources import files
from typing import Any

from babel import Locale

LANGUAGES = ("en", "es", "fr", "it", "pt", "hi", "zh", "ja", "de")
SHARES = {"move": 22, "transport": 16, "pick": 8, "drop": 8, "charge": 7, "park": 6, "stop": 7, "resume": 4}
SHARES |= {"cancel": 4, "status": 8, "sequence": 7, "plan": 3, "answer": 2, "chatter": 15}
"""How often each kind of sentence comes, in parts."""
TESTED = 0.6
"""The share of a test's words and patterns that training never has; the rest it has in other sentences."""
FOREIGN = 0.35
"""The share of training's names of vehicles and rooms that are towns and countries, as each language writes them: no
site's word list has so many sounds."""
REPEATS = 3
"""Short ones ("Stop!") come again, from other mouths."""
_CHOICE = re.compile(r"\[([^\]]*)\]")
_SLOT = re.compile(r"\{(\w)\}")
_SHORT_NAME = re.compile(r"(?=.{2,14}$)[^\W\d_][^\d_(),・]*")


@dataclass(frozen=True, slots=True)
class Words:
    """What a language offers for each slot; nouns carry their article."""

    vehicles: tuple[str, ...]
    calls: tuple[str, ...]
    places: tuple[str, ...]
    rooms: tuple[str, ...]
    loads: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language's words and patterns; ``patterns`` are by kind of sentence."""

    words: Words
    patterns: Mapping[str, tuple[str, ...]]
    test_words: Words
    test_patterns: Mapping[str, tuple[str, ...]]
    vehicle_number: tuple[str, ...]
    place_number: tuple[str, ...]
    articles: tuple[str, ...]
    contractions: tuple[tuple[re.Pattern[str], str], ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """``kind`` is the action that is asked for, or answer, plan, sequence, chatter."""

    text: str
    language: str
    kind: str


@dataclass(frozen=True, slots=True)
class SiteWords:
    """The names of a real site in one language, numbers and all; they stand in for invented ones."""

    vehicles: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@cache
def load_grammar(language: str) -> Grammar:
    """The grammar of one of :data:`LANGUAGES`."""
    data = tomllib.loads((files("banksman_edge.lab.teach") / "data" / f"{language}.toml").read_text("utf-8"))
    test = data["test"]
    return Grammar(
        _words(data),
        {kind: tuple(patterns) for kind, patterns in data["templates"].items()},
        _words(test),
        {kind: tuple(patterns) for kind, patterns in test["templates"].items()},
        tuple(data["vehicle_number"]),
        tuple(data["place_number"]),
        tuple(data["articles"]),
        tuple((re.compile(pattern, re.IGNORECASE), to) for pattern, to in data["contractions"]),
    )


def _words(data: Mapping[str, Any]) -> Words:
    return Words(*(tuple(data[name]) for name in Words.__slots__))


@dataclass(slots=True)
class SentenceMaker:
    """Makes sentences of one language; the same ``random`` makes the same ones. ``test``: those kept for testing."""

    language: str
    random: random.Random
    test: bool = False
    site: SiteWords = field(default_factory=SiteWords)

    def make(self, count: int) -> Iterator[Sentence]:
        """``count`` sentences, none more than :data:`REPEATS` times as far as the patterns allow."""
        seen: Counter[str] = Counter()
        spare = 20 * count
        while count:
            sentence = self._one()
            spare -= 1
            if seen[sentence.text] >= REPEATS and spare > 0:
                continue
            seen[sentence.text] += 1
            count -= 1
            yield sentence

    def _one(self) -> Sentence:
        grammar = load_grammar(self.language)
        patterns = grammar.patterns
        if self.test and self.random.random() < TESTED:
            patterns = grammar.test_patterns
        kind = self._kind(patterns)
        pattern = _CHOICE.sub(lambda found: self.random.choice(found[1].split("|")), self._pick(patterns[kind]))
        text = _SLOT.sub(lambda found: self._fill(found[1], grammar), pattern)
        for old, new in grammar.contractions:
            text = old.sub(partial(_like, new), text)
        return Sentence(capital(text), self.language, kind)

    def _kind(self, patterns: Mapping[str, Sequence[str]]) -> str:
        kinds = [kind for kind in SHARES if kind in patterns]
        return self.random.choices(kinds, [SHARES[kind] for kind in kinds])[0]

    def _fill(self, slot: str, grammar: Grammar) -> str:
        match slot:
            case "V":
                return _bare(self._vehicle(grammar), grammar.articles)
            case "v" | "w":
                vehicle = self._vehicle(grammar)
                return vehicle if slot == "v" else _bare(vehicle, grammar.articles)
            case "p" | "q":
                return self._place(grammar)
            case "n":
                return str(self._number())
            case "l":
                return self._word("loads", grammar)
            case _:
                return self._pick(self.site.groups) if self.site.groups else self._word("groups", grammar)

    def _vehicle(self, grammar: Grammar) -> str:
        if self.site.vehicles:
            return self._pick(self.site.vehicles)
        if self.random.random() < 0.15:
            return self._name("calls", grammar)
        return self._numbered(self._word("vehicles", grammar), self._pick(grammar.vehicle_number), grammar)

    def _place(self, grammar: Grammar) -> str:
        if self.site.places:
            return self._pick(self.site.places)
        if self.random.random() < 0.35:
            return self._name("rooms", grammar)
        return self._numbered(self._word("places", grammar), self._pick(grammar.place_number), grammar)

    def _numbered(self, noun: str, form: str, grammar: Grammar) -> str:
        noun = _bare(noun, grammar.articles) if self.language == "en" else noun
        return form.format(noun=noun, n=self._number())

    def _number(self) -> int:
        return self.random.randint(1, 12) if self.random.random() < 0.6 else self.random.randint(1, 99)

    def _name(self, name: str, grammar: Grammar) -> str:
        if not self.test and self.random.random() < FOREIGN:
            return self._pick(towns_and_countries(self.language))
        return self._word(name, grammar)

    def _word(self, name: str, grammar: Grammar) -> str:
        words = grammar.test_words if self.test and self.random.random() < TESTED else grammar.words
        return self._pick(getattr(words, name))

    def _pick(self, words: Sequence[str]) -> str:
        return words[self.random.randrange(len(words))]


@cache
def towns_and_countries(language: str) -> tuple[str, ...]:
    """Short names from Unicode's CLDR."""
    locale = Locale.parse(language)
    names = {*(zone.get("city", "") for zone in locale.time_zones.values()), *locale.territories.values()}
    return tuple(sorted(name for name in names if _SHORT_NAME.fullmatch(name)))


def named_words(language: str) -> tuple[str, ...]:
    """All nouns of a language's grammar, with their articles."""
    words = load_grammar(language).words
    return (*words.vehicles, *words.places, *words.rooms)


def noun_of(word: str, language: str) -> str:
    """A noun without its article."""
    return _bare(word, load_grammar(language).articles)


def with_number(noun: str, number: int, language: str) -> str:
    """A noun with its number, in the language's usual order; English numbers stand without an article."""
    form = load_grammar(language).vehicle_number[0]
    return form.format(noun=noun_of(noun, language) if language == "en" else noun, n=number)


def _bare(noun: str, articles: Sequence[str]) -> str:
    return next((noun[len(article) :] for article in articles if noun.startswith(article)), noun)


def _like(new: str, found: re.Match[str]) -> str:
    """What replaces a match, with a capital where that had one."""
    text = found.expand(new)
    return text[0].upper() + text[1:] if found[0][0].isupper() else text


def capital(text: str) -> str:
    """The text with its first letter as a capital."""
    at = next((i for i, letter in enumerate(text) if letter.isalnum()), 0)
    return text[:at] + text[at].upper() + text[at + 1 :]
