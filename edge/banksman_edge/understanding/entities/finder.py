"""Finds what of the site is named in a sentence: vehicles, places, groups, kinds and zones, with any language's number.

A number is a vehicle's or a place's only beside a kind ("forklift three", "the third dock", 3号叉车), beside a word for
any vehicle ("machine two"), behind a marker ("number three"), or where it is called ("Three, …"). Any other number may
be an hour or an amount; the reader quotes it where it means somebody ("forklift three, no, four").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from banksman_edge.understanding.entities.mention import Mention, What
from banksman_edge.understanding.entities.names import SHORT_SOUND, SIMILAR, Name, NameIndex, names_of
from banksman_edge.understanding.optional_parts import ALL, Part, Without
from banksman_edge.understanding.text.inflection import PLURAL
from banksman_edge.understanding.text.language import language_of, languages_with_data
from banksman_edge.understanding.text.numbers import NumberReader, SpokenNumber
from banksman_edge.understanding.text.tokens import RANK, Tokens, Words, is_unspaced, skip, words_of
from banksman_edge.understanding.text.vocabulary import common_words, known_words
from banksman_shared.site import Place, Site, Vehicle

HEARD_AS = 0.78
"""Likeness kept where a number was written as another word: "aid" for eight, so that it is read back."""
SURE, ONE_OF = 0.95, 0.9
"""Likeness of a number that one vehicle has, or several."""
_SPECIFIC = {What.VEHICLE: 0.45, What.PLACE: 0.45, What.GROUP: 0.45, What.ZONE: 0.45, What.UNKNOWN: 0.2}
_KINDS = {What.VEHICLE_KIND: What.VEHICLE, What.PLACE_KIND: What.PLACE}
_MOST_LISTED = 20

_Key = tuple[What, str]


@lru_cache(maxsize=64)
def number_reader(code: str, also: frozenset[int] = frozenset()) -> NumberReader:
    """The reader of a language's numbers; ``also``: large ones that must be understood."""
    return NumberReader(language_of(code), also)


class EntityFinder:
    """Finds the names of one site in sentences of one language. ``without``: parts that are left out."""

    def __init__(self, site: Site, code: str, without: Without = ALL) -> None:
        self._site, self.language, self._without = site, language_of(code), without
        self._numbered: dict[tuple[_Key, int], str] = {}
        for vehicle in site.vehicles.values():
            self._number_of(What.VEHICLE_KIND, vehicle)
        for place in site.places.values():
            self._number_of(What.PLACE_KIND, place)
        large = frozenset(number for _, number in self._numbered if number > 120)
        self.numbers = number_reader(code, large)
        others = () if Part.FOREIGN in without else languages_with_data()
        self._others = tuple(number_reader(other, large) for other in others if other != code)
        self._shared: dict[str, tuple[str, ...]] = {}
        names = list(self._with_families(names_of(site, self.language)))
        names += list(self._shared_beginnings(names))
        never_borrowed = common_words(code) | self.numbers.words
        self._index = NameIndex(names, self.language, known_words(code), never_borrowed)
        self._known = self.numbers.words | {token for name in names for form in name.forms for token in form}
        numbers = self.language.numbers
        self._markers = tuple(dict.fromkeys((*numbers.markers, ("number",))))
        forms = {form for word in numbers.vehicles for form in self.language.inflection.forms(word)}
        self._vehicle_words = tuple(sorted(forms, key=len, reverse=True))

    def _number_of(self, what: What, one: Vehicle | Place) -> None:
        if one.kind and one.number is not None:
            self._numbered[(what, one.kind), one.number] = one.id

    def find(self, words: Words, *, similar: float = SIMILAR) -> tuple[Mention, ...]:
        """The mentions that together explain most of a sentence, without overlap, in order."""
        similar = 1.0 if Part.SIMILAR in self._without else similar
        found = list(self._candidates(words, similar))
        exact = [mention for mention in found if mention.score == 1]
        best = _best_cover([m for m in found if not any(_adds_nothing(m, one) for one in exact)], len(words))
        return tuple(mention for mention in best if not self._may_be_a_place(mention, best))

    def _may_be_a_place(self, mention: Mention, found: Iterable[Mention]) -> bool:
        """Whether a number alone may as well be that of a place of a kind named before it: 去2号月台，不对，3号. The
        reader quotes it then, and says by that which it is."""
        if not mention.bare or mention.what is not What.VEHICLE:
            return False
        number = self._site.vehicles[mention.ids[0]].number
        places = (self._site.places[m.ids[0]] for m in found if m.what is What.PLACE and m.end <= mention.start)
        return any(place.kind and ((What.PLACE_KIND, place.kind), number) in self._numbered for place in places)

    def mentions_in(self, text: str, *, similar: float = SIMILAR) -> tuple[Mention, ...]:
        return self.find(words_of(text), similar=similar)

    def is_known(self, token: str) -> bool:
        """Whether a token is part of a name, or of a number in the finder's own language."""
        return token in self._known

    def numbers_in(self, words: Words, mentions: Iterable[Mention]) -> list[tuple[int, SpokenNumber]]:
        """The numbers that stand outside the mentions, with the tokens at which they begin."""
        taken = {at for mention in mentions for at in range(mention.start, mention.end)}
        found, at = [], 0
        while at < len(words):
            number = self._number(words.tokens, at) if at not in taken else None
            if number and not taken & set(range(at, at + number.length)):
                found.append((at, number))
                at += number.length
            else:
                at += 1
        return found

    def thing_of_kind(self, like: str, number: int) -> str | None:
        """The vehicle or place with a number that is of the same kind as another one."""
        for what, things in ((What.VEHICLE_KIND, self._site.vehicles), (What.PLACE_KIND, self._site.places)):
            if like in things and (kind := things[like].kind):
                return self._numbered.get(((what, kind), number))
        return None

    def of_kind(self, kind: str, number: int) -> str | None:
        """The place of a kind with a number."""
        return self._numbered.get(((What.PLACE_KIND, kind), number))

    # Names that end in a number are told apart by it, as numbered things of a kind are: "loading ramp forty".

    def _with_families(self, names: Iterable[Name]) -> Iterator[Name]:
        for name in names:
            yield name
            last = self._last_number(name.tokens)
            if last and name.what in (What.VEHICLE, What.PLACE):
                at, number = last
                what = What.VEHICLE_KIND if name.what is What.VEHICLE else What.PLACE_KIND
                key = f"\0{' '.join(name.tokens[:at])}"
                self._numbered[(what, key), number] = name.id
                head = name.tokens[:at]
                yield replace(
                    name, what=what, id=key, tokens=head, forms=name.forms[:at], joined="".join(head), own=False
                )

    def _shared_beginnings(self, names: Iterable[Name]) -> Iterator[Name]:
        """What several names of one sort begin with and are told apart behind: "washing line" of "washing line north"
        and "washing line south", where it is no name itself. It may mean any of them."""
        heads: dict[tuple[What, Tokens], dict[str, Name]] = {}
        whole = {name.tokens for name in names}
        for name in names:
            if name.what in (What.VEHICLE, What.PLACE) and len(name.tokens) > 1:
                heads.setdefault((name.what, name.tokens[:-1]), {})[name.id] = name
        for (what, head), found in heads.items():
            if len(found) > 1 and head not in whole:
                first, key = next(iter(found.values())), f"\0{what.name} {' '.join(head)}"
                self._shared[key] = tuple(found)
                yield replace(first, id=key, tokens=head, forms=first.forms[:-1], joined="".join(head), own=False)

    def _last_number(self, tokens: Tokens) -> tuple[int, int] | None:
        for at in range(1, len(tokens)):
            number = self._number(tokens, at)
            if number and at + number.length == len(tokens):
                return at, number.value
        return None

    # Candidates

    def _candidates(self, words: Words, similar: float) -> Iterator[Mention]:
        tokens = words.tokens
        for start in range(len(tokens)):
            for name, end, score, before in self._index.at(tokens, start, similar=similar, pauses=words.pauses):
                if name.what in _KINDS:
                    yield from self._numbered_after(words, name, start, end, score, before)
                if ids := self._shared.get(name.id) or (() if name.id.startswith("\0") else (name.id,)):
                    role = name.role(tokens[start:end])
                    yield _mention(words, name.what, ids, (start, end), score, role, before)
            for name, end, before in self._index.short_kinds_at(tokens, start, words.pauses):
                yield from self._numbered_after(words, name, start, end, SHORT_SOUND, before)
            yield from self._numbered_before(words, start, similar)
            if Part.CALLED not in self._without:
                yield from self._by_number_alone(words, start)

    def _numbered_after(
        self, words: Words, name: Name, start: int, end: int, score: float, before: str
    ) -> Iterator[Mention]:
        """ "Forklift number three", and with it "and four"."""
        tokens, key = words.tokens, (name.what, name.id)
        at = skip(tokens, skip(tokens, end, self.language.numbers.links), self._markers)
        for phrase, value in self.language.numbers.heard_as.items():
            if tokens[end : end + len(phrase)] == phrase and (key, value) in self._numbered:
                thing = self._numbered[key, value]
                yield _mention(words, _KINDS[name.what], (thing,), (start, end + len(phrase)), score * HEARD_AS)
        number = self._number(tokens, at, key)
        if number is None or (number.ordinal and not self._exists(key, number.value)):
            return
        first = True
        for _ in range(_MOST_LISTED):
            after = at + number.length
            if tokens[after - 1] == RANK:
                after -= 1
            if self._counts(tokens, after):
                return
            after = skip(tokens, after, self.language.numbers.counters)
            thing = self._numbered.get((key, number.value), "")
            if not thing and (name.id.startswith("\0") or not first):
                return
            what = _KINDS[name.what] if thing else What.UNKNOWN
            role = number.role or name.role(tokens[start:end])
            role = role if role != PLURAL else ""
            ids = (thing,) if thing else ()
            yield _mention(words, what, ids, (start, after), score, role, before if first else "")
            following = self._next_listed(words, after, key)
            if following is None:
                return
            start = at = end = following
            first = False
            listed = self._number(tokens, at, key)
            if listed is None or listed.ordinal:
                return
            number = listed

    def _next_listed(self, words: Words, at: int, key: _Key) -> int | None:
        """Where the next number of "one, two and three" begins, if a number of that kind does."""
        tokens = words.tokens
        following = skip(tokens, at, self.language.closed["and"]) if self.language.closed else at
        following = skip(tokens, following, self._markers)
        if following == at and at not in words.pauses:
            # Without marks only a list that ends in an "and" is one: "one two and three".
            number = self._number(tokens, at, key)
            after = at + number.length if number else at
            if number is None or skip(tokens, after, self.language.closed.get("and", ())) == after:
                return None
        number = self._number(tokens, following, key)
        return following if number and not number.ordinal and self._exists(key, number.value) else None

    def _numbered_before(self, words: Words, start: int, similar: float) -> Iterator[Mention]:
        """ "Third forklift", 三号叉车, "dört ve beş numaralı araç"."""
        tokens, numbers = words.tokens, self.language.numbers
        first = skip(tokens, start, self._markers)
        listed: list[tuple[int, int, SpokenNumber]] = []
        before: Tokens = ()
        at = first
        for _ in range(_MOST_LISTED):
            number = self._number(tokens, at)
            if number is None:
                return
            after = at + number.length
            counted = skip(tokens, after, (*numbers.counters, *(numbers.rank_counters if number.ordinal else ())))
            counter = tokens[after:counted]
            if before and counter != before:
                return
            before = counter
            listed.append((at if listed else start, counted, number))
            # In 二号机器人 the counter is 号, and not 号机.
            counts = {after + len(one) for one in numbers.counters if tokens[after : after + len(one)] == one}
            for ends in {counted, *counts}:
                kind_at = skip(tokens, ends, numbers.links)
                apart = ends in words.pauses and tokens[ends - 1] != RANK
                inside = kind_at < len(tokens) and not apart
                told = number.ordinal or counter or first > start
                for name, end, score, _ in (
                    self._index.at(tokens, kind_at, similar=similar, pauses=words.pauses) if inside else ()
                ):
                    # Where words are not set apart, a number without a counter is a name: 12病棟.
                    named = is_unspaced(tokens[kind_at][0]) and self._exists((name.what, name.id), number.value)
                    if name.what not in _KINDS or not (told or named):
                        continue
                    if not counter and self._has_own_number(tokens, end, name):
                        continue
                    yield from self._listed(words, name, listed, end, score)
            joined_at = skip(tokens, counted, self.language.closed.get("and", ()))
            if joined_at == counted and counted not in words.pauses and not counted > after:
                return
            at = skip(tokens, joined_at, self._markers)

    def _has_own_number(self, tokens: Tokens, end: int, name: Name) -> bool:
        """Whether a number of its own follows a kind: in "first dock two" the first is no dock's."""
        number = self._number(tokens, skip(tokens, end, self._markers))
        return number is not None and not number.ordinal and self._exists((name.what, name.id), number.value)

    def _listed(
        self, words: Words, name: Name, listed: list[tuple[int, int, SpokenNumber]], end: int, score: float
    ) -> Iterator[Mention]:
        key = (name.what, name.id)
        known = [self._numbered.get((key, number.value), "") for _, _, number in listed]
        if len(listed) > 1 and not all(known):
            return
        for place, ((start, after, _), thing) in enumerate(zip(listed, known, strict=True)):
            last = place == len(listed) - 1
            if thing or not name.id.startswith("\0"):
                what = _KINDS[name.what] if thing else What.UNKNOWN
                role = name.role(words.tokens[end - len(name.tokens) : end]) if last else ""
                span, ids = (start, end if last else after), (thing,) if thing else ()
                yield _mention(words, what, ids, span, score, role if role != PLURAL else "")

    def _by_number_alone(self, words: Words, start: int) -> Iterator[Mention]:
        """ "Machine two", "number three", 3号; and "Three, …" where it is called."""
        tokens, numbers = words.tokens, self.language.numbers
        word = skip(tokens, start, self._vehicle_words)
        first = skip(tokens, word, self._markers)
        number = self._number(tokens, first)
        if number is None or self._counts(tokens, first + number.length):
            return
        after = first + number.length
        end = skip(tokens, after, numbers.counters)
        called = start == 0 and end in words.pauses and not number.ordinal and end < len(tokens)
        vehicles_counter = tokens[after:end] in numbers.vehicle_counters
        if first == start and not called and not vehicles_counter:
            return
        ids = tuple(one.id for one in self._site.vehicles.values() if one.number == number.value)
        score = SURE if len(ids) == 1 else ONE_OF
        if ids:
            yield Mention(What.VEHICLE, ids, start, end, score, words.written(start, end), number.role, bare=True)
            return
        places = tuple(one.id for one in self._site.places.values() if one.number == number.value)
        if len(places) == 1 and word == start and not called:
            yield Mention(What.PLACE, places, start, end, SURE, words.written(start, end), number.role, bare=True)
        elif word > start:
            yield Mention(What.UNKNOWN, (), start, end, SURE, words.written(start, end))

    # Numbers

    def _number(self, tokens: Tokens, at: int, of: _Key | None = None) -> SpokenNumber | None:
        """The number that begins at a token, in the spoken language; beside a kind (``of``) also in the languages that
        the site's names are written in, where the kind has it."""
        if at >= len(tokens):
            return None
        found = self.numbers.read(tokens, at)
        if of is None:
            return found
        if found and self._exists(of, found.value):
            return found
        split = self.numbers.read_of(tokens, at, lambda n: self._exists(of, n), lambda _t, _a: True) if found else None
        if split and self._exists(of, split.value):
            return split
        for reader in self._others:
            other = reader.read(tokens, at)
            if other and self._exists(of, other.value):
                return other
        return found

    def _counts(self, tokens: Tokens, at: int) -> bool:
        """Whether what stands at a token counts things and numbers none: the 台 of 2台."""
        numbers = self.language.numbers
        return skip(tokens, at, numbers.rank_counters) > max(at, skip(tokens, at, numbers.counters))

    def _exists(self, key: _Key, number: int) -> bool:
        return (key, number) in self._numbered


def _mention(
    words: Words,
    what: What,
    ids: tuple[str, ...],
    span: tuple[int, int],
    score: float,
    role: str = "",
    before: str = "",
) -> Mention:
    return Mention(what, ids, *span, score, words.written(*span), role, before)


def _adds_nothing(mention: Mention, exact: Mention) -> bool:
    """Whether words that are only like a name hold that very name: "a carretilla" beside "carretilla"."""
    inside = mention.start <= exact.start and exact.end <= mention.end
    return mention.score < 1 and inside and (mention.what, mention.ids) == (exact.what, exact.ids)


def _best_cover(candidates: list[Mention], length: int) -> tuple[Mention, ...]:
    """Weighted interval scheduling: most tokens covered, exact before similar, things before kinds."""
    by_end: dict[int, list[Mention]] = {}
    for mention in candidates:
        by_end.setdefault(mention.end, []).append(mention)
    best: list[tuple[float, tuple[Mention, ...]]] = [(0.0, ())]
    for end in range(1, length + 1):
        options = [best[end - 1]]
        for mention in by_end.get(end, ()):
            weight, chosen = best[mention.start]
            options.append((weight + _gain(mention), (*chosen, mention)))
        best.append(max(options, key=lambda option: option[0]))
    return best[length][1]


def _gain(mention: Mention) -> float:
    length = mention.end - mention.start
    if mention.bare:
        return 0.2  # anything that explains the number together with its neighbours is better
    # Half a token less for what is only similar, so that a name never swallows the preposition before it.
    gain = length if mention.score == 1 else (length - 0.5) * mention.score**4
    return gain + _SPECIFIC.get(mention.what, 0.0)
