"""What stands for the names of a site while a request is away from it.

Kinds ("forklift", "dock") and numbers stay, since a planner could not understand a request without them. Names of
vehicles, places and groups, ids, names that the site's file lists, and loads become a letter and a number: ``v1``,
``p1``, ``c1``. They are the same for all that belongs to one plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from banksman_edge.plans.privacy.folding import finder, finder_in, folded, is_secret
from banksman_edge.plans.privacy.text import HiddenText, Secret, hide, stand_ins_free
from banksman_edge.understanding.templates.phrases import phrases_of
from banksman_edge.understanding.text import tokens_of
from banksman_shared.plans import NamedThing
from banksman_shared.site import Group, Kind, Place, Site, Vehicle, Zone

LETTERS = "abcdefghijklmnopqrstuvwxyz"
_LIKE_A_NAME = 70.0
"""Per cent that words must be like a name of a thing, to be a form of it and not its kind and number."""


@dataclass(slots=True)
class Ids:
    """Ids of one sort and their stand-ins, both ways."""

    letter: str
    known: dict[str, str] = field(default_factory=dict)
    back: dict[str, str] = field(default_factory=dict)

    def add(self, name: str) -> str:
        if name not in self.known:
            stand_in = f"{self.letter}{len(self.known) + 1}"
            self.known[name], self.back[stand_in] = stand_in, name
        return self.known[name]


class Pseudonyms:
    """All stand-ins for one request. ``text``: the request itself; ``types``: of loads that the fleet tells of."""

    def __init__(self, site: Site, text: str, types: Iterable[str] = ()) -> None:
        self.site = site
        self._between = stand_ins_free([text, *_kept_words(site)], LETTERS)
        self.name = f"w{self._between}1"
        self._sorts: list[Ids] = []
        self.vehicles, self.places = self._sort("v", site.vehicles), self._sort("p", site.places)
        self.groups, self.loads = self._sort("g", site.groups), self._sort("l")
        self.zones = self._sort("z", (zone.id for zone in self.named_zones()))
        self.types = self._sort("t", sorted(t for t in {*types, *_load_types(site)} if not is_load_word(site, t)))
        self.nodes, self.edges = self._sort("n", site.layout.nodes), self._sort("e", site.layout.edges)
        self.stations = self._sort("s", site.layout.stations)
        self.maps = self._sort("m", sorted({node.map_id for node in site.layout.nodes.values()}))
        leaving = site.rules.leaving
        self.customers, self.goods = self._sort("c", leaving.customers), self._sort("k", leaving.goods)
        self.people = self._sort("o", site.rules.operators)
        self.quotations = self._sort("q")
        self.vehicle_kinds = self._sort("a", (k.id for k in site.vehicle_kinds.values() if not _is_own_word(k)))
        self.place_kinds = self._sort("b", (k.id for k in site.place_kinds.values() if not _is_own_word(k)))
        self.secrets: tuple[Secret, ...] = tuple(self._secrets())

    def named_zones(self) -> list[Zone]:
        """Zones that can be named aloud; nobody else is told of the others."""
        return [zone for zone in self.site.rules.zones.values() if any(zone.names.values())]

    def _sort(self, letter: str, names: Iterable[str] = ()) -> Ids:
        ids = Ids(letter + self._between)
        for name in names:
            ids.add(name)
        self._sorts.append(ids)
        return ids

    def words(self, text: str, also: Sequence[Secret] = ()) -> HiddenText:
        """A text with its names hidden."""
        return hide(text, [*self.secrets, *also])

    def forms(self, text: str, mentions: Iterable[NamedThing]) -> list[Secret]:
        """Names as they were said in ``text``, inflected or misheard; not where they are kind and number."""
        return [(finder_in(text, m.words), stand_in) for m in mentions if (stand_in := self.own_name(m))]

    def meant(self, language: str) -> dict[str, str]:
        """For each stand-in, what people call the thing."""
        found = {stand_in: name for ids in self._sorts for stand_in, name in ids.back.items()}
        for ids in (self.vehicles, self.places, self.groups):
            found |= {stand_in: self.site.label(name, language) for stand_in, name in ids.back.items()}
        found |= {stand_in: self.site.label(f"zone:{name}", language) for stand_in, name in self.zones.back.items()}
        return {**found, self.name: self.site.name}

    def of(self, ids: Ids, name: str) -> str:
        """The stand-in for an id; the id itself where it is no more than a word."""
        return ids.known.get(name, name)

    def own_name(self, mention: NamedThing) -> str | None:
        """The stand-in for the thing that is named, if it is called by a name of its own that tells something."""
        if not is_secret(mention.words) or is_verb(self.site, mention.words):
            return None
        for ids, things in ((self.vehicles, self.site.vehicles), (self.places, self.site.places)):
            if len(mention.ids) == 1 and mention.ids[0] in things and _by_name(things[mention.ids[0]], mention.words):
                return ids.known[mention.ids[0]]
        if len(mention.ids) == 1 and mention.ids[0].startswith("zone:"):
            return self.zones.known[mention.ids[0].removeprefix("zone:")]
        groups = (g for g in self.site.groups.values() if tuple(dict.fromkeys(g.vehicles)) == mention.ids)
        return next((self.groups.known[g.id] for g in groups if _by_name(g, mention.words)), None)

    def _secrets(self) -> Iterator[Secret]:
        """What is hidden wherever it stands. Of what two names share, the first has it."""
        site = self.site
        public = {_compact(words) for words in _numbered(site)}

        def finders(names: Iterable[str], stand_in: str, *, begins: bool = False) -> Iterator[Secret]:
            for name in names:
                if is_secret(name) and _compact(name) not in public:
                    yield finder(name, begins=begins), stand_in

        for ids in (self.customers, self.goods):
            for name, stand_in in ids.known.items():
                yield from finders([name], stand_in, begins=True)
        named: list[tuple[Ids, Mapping[str, Vehicle | Place | Group | Zone]]] = [
            (self.vehicles, site.vehicles),
            (self.places, site.places),
            (self.groups, site.groups),
            (self.zones, {zone.id: zone for zone in self.named_zones()}),
        ]
        for ids, things in named:
            for thing in things.values():
                own = (name for spoken in thing.names.values() for name in spoken if not is_verb(site, name))
                yield from finders(own, ids.known[thing.id])
        for ids in (self.types, self.people, self.vehicles, self.places, self.groups, self.zones):
            for name, stand_in in ids.known.items():
                yield from finders([] if is_ordinary(site, name) else [name], stand_in)
        for vehicle in site.vehicles.values():
            yield from finders([vehicle.address.serial_number], self.vehicles.known[vehicle.id])
        yield from finders((name for name in (site.name, site.id) if not is_ordinary(site, name)), self.name)


def is_verb(site: Site, words: str) -> bool:
    """Whether these are words with which an order is given here: no planner could do without them."""
    return any(tokens_of(words) in phrases_of(code).actions for code in site.languages)


def is_ordinary(site: Site, words: str) -> bool:
    """Whether this is one of the few words that plain orders are made of, in a language of the site."""
    tokens = tokens_of(words)
    known = (phrases_of(code) for code in site.languages)
    return any(tokens in phrases.actions or tokens in phrases.roles for phrases in known)


def is_load_word(site: Site, words: str) -> bool:
    """Whether this is what loads are called in a language of the site, whatever they are."""
    return any(phrases_of(code).roles.get(tokens_of(words)) == "load" for code in site.languages)


def _compact(words: str) -> str:
    return folded(words).text.replace(" ", "")


def _is_own_word(kind: Kind) -> bool:
    """Whether the kind's id is one of its names, and so no more than a word for it."""
    plain = folded(kind.id).text
    return any(plain == folded(name).text for names in kind.names.values() for name in names)


def _by_name(thing: Vehicle | Place | Group, words: str) -> bool:
    if not isinstance(thing, Group) and (thing.kind is None or thing.number is None):
        return True
    plain = folded(words).text
    names = (folded(name).text for spoken in thing.names.values() for name in spoken)
    return any(fuzz.ratio(plain, name) >= _LIKE_A_NAME for name in names)


def _load_types(site: Site) -> set[str]:
    handled = {kind for node in site.layout.nodes.values() for kind in node.load_types}
    return handled | set(site.rules.leaving.sensitive_loads)


def _kept_words(site: Site) -> Iterator[str]:
    """All words that leave as they are, besides those of the request."""
    for kind in (*site.vehicle_kinds.values(), *site.place_kinds.values()):
        yield kind.id
        yield from (name for names in kind.names.values() for name in names)


def _numbered(site: Site) -> Iterator[str]:
    """Every kind by its name, and with every number there is of it."""
    numbered: list[tuple[str | None, int | None]] = [(v.kind, v.number) for v in site.vehicles.values()]
    numbered += [(p.kind, p.number) for p in site.places.values()]
    for kinds in (site.vehicle_kinds, site.place_kinds):
        for kind in kinds.values():
            numbers = [number for of, number in numbered if of == kind.id and number is not None]
            for name in (kind.id, *(name for names in kind.names.values() for name in names)):
                yield name
                yield from (f"{name} {number}" for number in numbers)
