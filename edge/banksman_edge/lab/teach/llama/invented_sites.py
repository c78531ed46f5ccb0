"""Invented sites, and what is named on them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from banksman_edge.lab.teach.llama.phrases import Phrases
from banksman_edge.lab.teach.sentences import load_grammar, noun_of, towns_and_countries
from banksman_edge.understanding.entities import EntityFinder
from banksman_edge.understanding.text import UNSPACED
from banksman_shared.numerals import number_words
from banksman_shared.site import Group, Kind, Layout, Place, Site, Vehicle
from banksman_shared.vda5050 import VehicleAddress

CHARGERS = {
    "en": "charger", "de": "die Ladestation", "es": "el cargador", "fr": "le chargeur", "it": "il caricatore",
    "zh": "充电桩", "ja": "充電器",
    "hi": "चार्जर", "ar": "الشاحن",
    "pt": "o carregador", "nl": "laadstation", "pl": "ładowarka", "tr": "şarj istasyonu",
    "sv": "laddstation",
}  # fmt: skip
_NUMERALS = re.compile(r"[一二三四五六七八九十百]+")
_TOWNS = 0.3
"""The share of call signs and rooms that are towns and countries, of which there are many."""
IN_WORDS = 0.6
"""The share of numbers that are written as words."""
_NEW_WORDS = 0.6
"""The share of a test's nouns that training never has."""


@dataclass(frozen=True, slots=True)
class Named:
    """A thing and what people call it: an article or nothing, then the name."""

    id: str
    article: str
    name: str


@dataclass(frozen=True, slots=True)
class Scene:
    """A site of one language with all that can be named there; ``strange`` is named though the site has it not."""

    site: Site
    finder: EntityFinder
    vehicles: tuple[Named, ...]
    places: tuple[Named, ...]
    chargers: tuple[Named, ...]
    kinds: tuple[Named, ...]
    groups: tuple[Named, ...]
    strange_vehicles: tuple[Named, ...]
    strange_places: tuple[Named, ...]


def make_scene(
    language: str, phrases: Phrases, random: random.Random, *, test: bool, in_words: float = IN_WORDS
) -> Scene:
    """A site of two kinds of vehicles and three of places, some with names of their own."""
    builder = _Builder(language, random, test=test, in_words=in_words)
    kinds = builder.nouns("vehicles", 3)
    vehicles = [one for i in (0, 1) for one in builder.numbered(kinds[i], f"k{i}", 4)]
    calls = [Named(f"c{i}", *builder.split(name)) for i, name in enumerate(builder.names("calls", 3))]
    spots = builder.nouns("places", 4)
    places = [one for i in (0, 1, 2) for one in builder.numbered(spots[i], f"p{i}", 3, place=True)]
    rooms = [Named(f"r{i}", *builder.split(name)) for i, name in enumerate(builder.names("rooms", 7))]
    chargers = builder.numbered(CHARGERS[language], "charger", 2, place=True)
    groups = tuple(Named(f"g{i}", *builder.split(name)) for i, name in enumerate(random.sample(phrases.groups, 2)))
    named = [Named(f"k{i}", *builder.split(kinds[i])) for i in (0, 1)]
    site = builder.site(vehicles, calls[:2], [*places, *rooms[:5]], chargers, groups)
    return Scene(
        site,
        EntityFinder(site, language),
        (*vehicles, *calls[:2]),
        (*places, *rooms[:5]),
        tuple(chargers),
        tuple(named),
        groups,
        (*builder.numbered(kinds[2], "x", 3), calls[2]),
        (*builder.numbered(spots[3], "x", 3, place=True), *rooms[5:]),
    )


class _Builder:
    """Draws words and makes the site's parts of them."""

    def __init__(self, language: str, random: random.Random, *, test: bool, in_words: float) -> None:
        self._language, self._random, self._test, self._in_words = language, random, test, in_words
        self._grammar = load_grammar(language)
        self._kinds: dict[str, Kind] = {}

    def nouns(self, name: str, count: int) -> list[str]:
        """Different words of a table of the Whisper lessons' words."""
        known, new = getattr(self._grammar.words, name), getattr(self._grammar.test_words, name)
        chosen: dict[str, None] = {}
        for _ in range(50 * count):
            words: Sequence[str] = new if self._test and self._random.random() < _NEW_WORDS else known
            chosen.setdefault(self._random.choice(words))
            if len(chosen) == count:
                break
        return list(chosen)

    def names(self, name: str, count: int) -> list[str]:
        """The same with towns and countries among them."""
        towns = towns_and_countries(self._language)
        return [
            self._random.choice(towns) if self._random.random() < _TOWNS else word for word in self.nouns(name, count)
        ]

    def split(self, name: str) -> tuple[str, str]:
        """Article and name."""
        noun = noun_of(name, self._language)
        return name.removesuffix(noun), noun

    def numbered(self, noun: str, kind: str, count: int, *, place: bool = False) -> list[Named]:
        """Things of a kind, with different numbers."""
        article, bare = self.split(noun)
        self._kinds[kind] = Kind(kind, {self._language: (bare,)})
        form = self._random.choice(self._grammar.place_number if place else self._grammar.vehicle_number)
        numbers = [*self._random.sample(range(1, 13), count - 1), self._random.randint(13, 60)]
        if self._language == "en":
            article = ""
        return [Named(f"{kind}-{n}", article, form.format(noun=bare, n=self._written(n))) for n in numbers]

    def _written(self, number: int) -> str:
        words = number_words(self._language, number)
        if self._language in UNSPACED:  # neither the days of the month, 初一, nor the numerals of banknotes, 壹
            words = tuple(word for word in words if _NUMERALS.fullmatch(word))
        return words[0] if words and self._random.random() < self._in_words else str(number)

    def site(
        self,
        vehicles: Iterable[Named],
        calls: Iterable[Named],
        places: Iterable[Named],
        chargers: Iterable[Named],
        groups: Iterable[Named],
    ) -> Site:
        """The site document that a reader of sentences needs; it has no layout."""
        code, address = self._language, VehicleAddress("Lesson", "0")
        own = {one.id: Vehicle(one.id, *_kind(one), {}, address, "") for one in vehicles}
        own |= {one.id: Vehicle(one.id, "", None, {code: (one.name,)}, address, "") for one in calls}
        all_places = {}
        for one in [*places, *chargers]:
            kind, number = _kind(one)
            names = {} if kind else {code: (one.name,)}
            all_places[one.id] = Place(one.id, kind or None, number, names, "", charger=kind == "charger")
        used = {v.kind for v in own.values()}
        return Site(
            "lesson",
            "Lesson",
            (code,),
            {key: kind for key, kind in self._kinds.items() if key in used},
            {key: kind for key, kind in self._kinds.items() if key in {p.kind for p in all_places.values()}},
            own,
            all_places,
            {one.id: Group(one.id, tuple(own), {code: (one.name,)}) for one in groups},
            Layout({}, {}, {}),
        )


def _kind(one: Named) -> tuple[str, int | None]:
    """Kind and number from an id like "k0-7"; a name of its own has neither."""
    kind, dash, number = one.id.rpartition("-")
    return (kind, int(number)) if dash else ("", None)
