"""Sentences that are no orders by themselves and complete one: "dock twelve", "no, the other one", "the same for
forklift two". They are made of nothing but names, numbers and words that say what to do with them, in any order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from banksman_edge.dialogue.references import reference_of
from banksman_edge.dialogue.words import AND, BACK, IT, MEANT, NEXT, NO, NOT, PLACES, THEM, THERE, Words
from banksman_edge.understanding.entities.finder import EntityFinder
from banksman_edge.understanding.entities.mention import Mention, What
from banksman_edge.understanding.templates.phrases import phrases_of
from banksman_edge.understanding.text.numbers import SpokenNumber
from banksman_edge.understanding.text.tokens import UNSPACED, Tokens, skip
from banksman_shared.site import Site

_LONGEST_SMALL = 4


@dataclass(frozen=True, slots=True)
class Fragment:
    """``marks``: the keys of ``words`` that were said. ``places`` and ``origins``: where to, or nowhere in particular,
    and where from. ``denied``: the ids and numbers that a "not" belongs to, None for one that belongs to nothing;
    ``late``: the words of a correction that were said after a name, where they may mean anything."""

    marks: frozenset[str] = frozenset()
    vehicles: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    numbers: tuple[SpokenNumber, ...] = ()
    denied: tuple[str | int | None, ...] = ()
    towards: bool = False
    """Whether a word said that the place is where to."""
    kinds: tuple[str, ...] = ()
    """Kinds of vehicles and places that were said without a number: "the tugger"."""
    late: frozenset[str] = frozenset()
    either: tuple[str, ...] = ()
    """Places any of which may be meant: "the washing line"."""
    missing: str = ""
    certainty: float = 1.0

    @property
    def tells_who(self) -> bool:
        """Whether vehicles are named, or told from others, and not only spoken of: "them"."""
        spoken_of = {r.key for v in self.vehicles if (r := reference_of(v))} & {IT, THEM}
        return bool(self.numbers or self.vehicles) and not spoken_of

    @property
    def onward(self) -> str:
        """Where somebody goes on to, where nothing else is said: "back", "and then to dock two"; else ""."""
        if len(self.places) != 1 or self.vehicles or self.origins or self.numbers:
            return ""
        reference = reference_of(self.places[0])
        return self.places[0] if NEXT in self.marks or (reference and reference.key == BACK) else ""

    @property
    def names(self) -> bool:
        return bool(self.vehicles or self.places or self.origins or self.numbers)


@dataclass(slots=True)
class _Parts:
    marks: set[str] = field(default_factory=set)
    vehicles: dict[str, None] = field(default_factory=dict)
    places: dict[str, None] = field(default_factory=dict)
    origins: dict[str, None] = field(default_factory=dict)
    numbers: list[SpokenNumber] = field(default_factory=list)
    weak: list[SpokenNumber] = field(default_factory=list)
    """Numbers whose words may mean nothing, as in "the second one"."""
    missing: str = ""
    certainty: float = 1.0
    way: str = ""
    """"from" or "to", if the last word said so."""
    last_place: str = ""
    """The place just named, where the word that says from or to comes after it."""
    late: set[str] = field(default_factory=set)
    named: str | int | None = None
    """What was named last, by id or number."""
    denied: list[str | int | None] = field(default_factory=list)
    towards: bool = False
    kinds: dict[str, None] = field(default_factory=dict)
    either: tuple[str, ...] = ()
    denies: bool = False
    """A "not" waits for the name that it belongs to."""

    def mark(self, marks: Iterable[str], *, postfix: bool) -> None:
        """Take words in; a "not" belongs to the name behind it, or before it where the language has it so."""
        for mark in marks:
            corrects_late = mark == NO or (mark == MEANT and not self.marks & {NO, NOT, MEANT})
            if corrects_late and self.named is not None:
                self.late.add(mark)
            self.marks.add(mark)
            if mark == NOT and postfix and self.named is not None:
                self.denied.append(self.named)
            elif mark == NOT:
                self.denies = True

    def name(self, key: str | int) -> None:
        """Something is named."""
        if self.denies:
            self.denied.append(key)
        self.named, self.denies = key, False


class FragmentReader:
    """Reads fragments of one language about one site."""

    def __init__(self, site: Site, finder: EntityFinder, words: Words) -> None:
        self._site, self._finder, self._words = site, finder, words
        self._code = finder.language.code
        self._postfix = phrases_of(self._code).postfix

    def read(self, tokens: Tokens, mentions: Sequence[Mention], *, exclaimed: int = 0) -> Fragment | None:
        """What a sentence completes; None where a word of it is anything else. ``mentions``: with the references;
        ``exclaimed``: tokens of a no that is set off at the beginning, which denies nothing by name."""
        parts = _Parts()
        starts = {mention.start: mention for mention in mentions}
        at = exclaimed
        parts.marks |= {NO} if exclaimed else set()
        while at < len(tokens):
            mention = starts.get(at)
            own = self._own(tokens, at)
            if mention and mention.ids and own >= mention.end - at and reference_of(mention.ids[0]):
                mention = None  # "the same for …" is no "the same one"
            end = self._add_mention(parts, mention) if mention else self._add_words(parts, tokens, at, own)
            if end is None:
                return None
            at = end
        if parts.numbers or parts.weak:  # "la numero due" is no "là", and "el número dos" no "él"
            parts.vehicles = {v: None for v in parts.vehicles if not _is_reference(v, IT)}
            parts.places = {p: None for p in parts.places if not _is_reference(p, THERE)}
        places = [p for p in parts.places if not reference_of(p)] or list(
            parts.places
        )  # "back to dock two" is dock two
        return Fragment(
            frozenset(parts.marks),
            tuple(parts.vehicles),
            tuple(places),
            tuple(parts.origins),
            tuple(parts.numbers or ([] if parts.vehicles or parts.places else parts.weak)),
            (*parts.denied, *((None,) if parts.denies else ())),
            parts.towards,
            tuple(parts.kinds),
            frozenset(parts.late),
            parts.either,
            parts.missing,
            parts.certainty,
        )

    def _add_mention(self, parts: _Parts, mention: Mention) -> int | None:
        parts.certainty = min(parts.certainty, mention.score)
        site = self._site
        named = site.vehicles.get(mention.ids[0]) or site.places.get(mention.ids[0]) if mention.bare else None
        if named:
            parts.numbers.append(SpokenNumber(named.number or 0, mention.end - mention.start, ordinal=False))
            parts.name(named.number or 0)
            return mention.end
        match mention.what:
            case What.VEHICLE:
                parts.vehicles[mention.ids[0]] = None
                parts.name(mention.ids[0])
            case What.PLACE if len(mention.ids) > 1:
                parts.either = mention.ids
            case What.PLACE:
                reference = reference_of(mention.ids[0])
                from_here = "from" in (mention.role, "" if self._postfix else parts.way)
                away = from_here and not (reference and reference.key in PLACES)
                (parts.origins if away else parts.places)[mention.ids[0]] = None
                parts.towards |= "to" in (mention.role, parts.way)
                parts.last_place = mention.ids[0]
                parts.name(mention.ids[0])
            case What.UNKNOWN:
                parts.missing = parts.missing or mention.text
            case What.VEHICLE_KIND | What.PLACE_KIND:
                parts.kinds[mention.ids[0]] = None
            case _:
                return None
        parts.way = ""
        return mention.end

    def _add_words(self, parts: _Parts, tokens: Tokens, at: int, own: int) -> int | None:
        """Where the phrase or number ends that begins here; None if it is neither."""
        small = _longest(tokens, at, self._words.small)
        number, end = self._number(tokens, at)
        if number and end - at >= max(small, own):
            (parts.weak if small or own else parts.numbers).append(number)
            parts.name(number.value)
            return end
        if own and own >= small:
            parts.mark(self._words.say[tokens[at : at + own]], postfix=self._postfix)
            return at + own
        key, length = self._finder.language.closed_at(tokens, at) or ("", 0)
        if key == "then" and parts.named is None:
            parts.marks.add(NEXT)
            return at + length
        if key == "and":
            parts.marks |= {AND} if at == 0 else set()
            return at + length
        answers = self._words.yes if at == 0 else frozenset()
        said = _longest(tokens, at, self._words.no | answers)
        if said and said >= small:
            parts.mark({NO} if tokens[at : at + said] in self._words.no else (), postfix=self._postfix)
            return at + said
        way = _longest(tokens, at, self._words.ways)
        if way and way >= small:
            self._add_way(parts, self._words.ways[tokens[at : at + way]])
            return at + way
        return at + small if small else None

    def _add_way(self, parts: _Parts, way: str) -> None:
        parts.way = way
        if self._postfix and parts.way == "from" and parts.last_place in parts.places:
            parts.origins[parts.last_place] = parts.places.pop(parts.last_place)

    def _number(self, tokens: Tokens, at: int) -> tuple[SpokenNumber | None, int]:
        """The number that begins here, with or without "number" before it, and where it ends; none that says how many:
        3台."""
        numbers = self._finder.language.numbers
        first = at if self._code in UNSPACED else skip(tokens, at, numbers.markers)
        number = self._finder.numbers.read(tokens, first)
        if number is None:
            return None, at
        end = first + number.length
        counts = skip(tokens, end, numbers.rank_counters) > skip(tokens, end, numbers.counters)
        return (None, at) if counts and not number.ordinal else (number, end)

    def _own(self, tokens: Tokens, at: int) -> int:
        """How many tokens the longest phrase has that begins here, of those that complete an order; 0 for none."""
        longest = min(self._words.longest, len(tokens) - at)
        return next((n for n in range(longest, 0, -1) if tokens[at : at + n] in self._words.say), 0)


def _longest(tokens: Tokens, at: int, phrases: Collection[Tokens]) -> int:
    """How many tokens the longest of the phrases has that stands at a token; 0 for none."""
    most = min(_LONGEST_SMALL, len(tokens) - at)
    return next((n for n in range(most, 0, -1) if tokens[at : at + n] in phrases), 0)


def _is_reference(token: str, key: str) -> bool:
    reference = reference_of(token)
    return reference is not None and reference.key == key
