"""Vehicles and places that are called by their number alone: "number three", "el catorce", "machine two"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from banksman_edge.nlu.language import (
    AWAITS,
    AWAITS_BARE,
    FROM,
    HESITATES,
    LOAD,
    LOADS,
    TO,
    Language,
    Phrase,
    table_of,
)
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.names import What
from banksman_edge.nlu.numbers import NumberReader, SpokenNumber
from banksman_edge.nlu.tokens import UNSPACED, Tokens, skip, together, tokenize
from banksman_shared.commands import Action
from banksman_shared.site import Site

ROOM = 100
"""Least number with an ending that names a place by itself, "210'a": smaller ones may be hours or amounts."""
SURE, ONE_OF = 0.95, 0.9
"""Likeness of a number that one vehicle has, or several."""
UNSURE = 0.8
"""And of one that may not have been said of a vehicle, so that it is confirmed."""
_OF_VEHICLES = frozenset({Action.MOVE, Action.STATUS, Action.CHARGE, Action.PARK, Action.RESUME, Action.CANCEL})

At = Callable[[Tokens, int], bool]


class LoneNumbers:
    """Finds them in one language. ``ranks_next``: whether a rank before a token is of what begins there; ``counts``:
    whether a number before it says how many."""

    def __init__(self, site: Site, language: Language, numbers: NumberReader, ranks_next: At, counts: At) -> None:
        self._site, self._language, self._numbers = site, language, numbers
        self._ranks_next, self._counts = ranks_next, counts
        articles = table_of(language.code).get("numbers", {}).get("articles", ())
        self._articles = frozenset(tokenize(article, language.code) for article in articles)
        inflect = language.inflection.forms
        inflected = (inflect(" ".join(counter)) for counter in language.counters)
        self._counter_roles = {form: role for forms in inflected for form, role in forms.items() if role}
        self._vehicle_words = {form for word in language.vehicle_words for form in inflect(word)}

    def bare_number(self, tokens: Tokens, start: int) -> Iterator[Mention]:
        """ "Number three", where no kind is said; and one behind an article, "que el catorce vaya al muelle dos"."""
        first = skip(tokens, start, self._language.markers)
        number = self._numbers.read(tokens, first)
        if number is None:
            return
        end = skip(tokens, first + number.length, self._language.counters)
        named = first > start or end > first + number.length
        counted = self._language.match(tokens, end)
        if counted and counted[0].roles & {LOAD, LOADS}:
            return  # 一个箱子 is one crate
        ranks = number.ordinal or any(tokens[end - len(link) : end] == link for link in self._language.links)
        if ranks and self._ranks_next(tokens, end):
            return  # 2番目の廊下
        called = self._of_vehicles(tokens, start, end, number)
        if called and (named or (first == start and self._is_called_by_article(tokens, start, end, number))):
            yield called if named and not self._may_be_a_place(tokens, end) else replace(called, score=UNSURE)
        places = tuple(place.id for place in self._site.places.values() if place.number == number.value)
        if len(places) == 1 and not called and (named or (number.role and number.value >= ROOM)):
            role = number.role or self._counter_roles.get(tokens[first + number.length : end], "")
            yield Mention(What.PLACE, places, start, end, SURE, " ".join(tokens[start:end]), bare=True, role=role)

    def _of_vehicles(self, tokens: Tokens, start: int, end: int, number: SpokenNumber) -> Mention | None:
        ids = tuple(v.id for v in self._site.vehicles.values() if v.number == number.value)
        score = SURE if len(ids) == 1 else ONE_OF
        return Mention(What.VEHICLE, ids, start, end, score, " ".join(tokens[start:end]), bare=True) if ids else None

    def _is_called_by_article(self, tokens: Tokens, start: int, end: int, number: SpokenNumber) -> bool:
        """Whether a number that no place has stands behind an article, "el catorce", with known words alone before it,
        none of which leads there, and a verb, a way or nothing behind it: "el catorce de mayo" is a date. Beside words
        that stop, make wait or take up something it may be something else."""
        places = any(place.number == number.value for place in self._site.places.values())
        if number.ordinal or places or tokens[start - 1 : start] not in self._articles:
            return False
        at, leads = 0, False
        while at < start - 1:
            found = self._language.match(tokens[: start - 1], at)
            if found is None or self._numbers.read(tokens, at) or not _goes_with_vehicles(found[0]):
                return False
            leads, at = bool(found[0].roles & {FROM, TO}), at + found[1]
        behind = self._language.match(tokens, end)
        goes_on = bool(behind and _goes_with_vehicles(behind[0]) and (behind[0].actions or TO in behind[0].roles))
        return not leads and (goes_on or end == len(tokens))

    def _may_be_a_place(self, tokens: Tokens, end: int) -> bool:
        """Whether what stands behind a number and its counter, where words are not parted, may be the kind of place
        that has it, misheard: 3番性能 for 3番線の."""
        if self._language.code not in UNSPACED or end == len(tokens):
            return False
        if any(tokens[end - len(counter) : end] == counter for counter in self._language.vehicle_counters):
            return False
        return self._ranks_next(tokens, end) or TO in self._language.roles_of(tokens[end : end + 1])

    def any_vehicle(self, tokens: Tokens, start: int) -> Iterator[Mention]:
        """ "Machine two": whichever vehicle has the number, where the kind is not said."""
        length = max((len(w) for w in self._vehicle_words if tokens[start : start + len(w)] == w), default=0)
        first = skip(tokens, start + length, self._language.markers)
        number = self._numbers.read(tokens, first) if length else None
        if number is None:
            return
        end = first + number.length
        counted = self._language.match(tokens, end)
        loads = counted and counted[0].roles & {LOAD, LOADS}
        if loads or (self._ranks_next(tokens, end) if number.ordinal else self._counts(tokens, end)):
            return
        end = skip(tokens, end, self._language.counters)
        ids = tuple(v.id for v in self._site.vehicles.values() if v.number == number.value)
        what, score = What.VEHICLE if ids else What.UNKNOWN, ONE_OF if len(ids) > 1 else SURE
        yield Mention(what, ids, start, end, score, together(tokens[start:end]))


def _goes_with_vehicles(phrase: Phrase) -> bool:
    """Whether what it says is said of vehicles, and is no stop, which may be a preposition, and no waiting."""
    waits = phrase.roles & {AWAITS, AWAITS_BARE, HESITATES}
    return not (waits or Action.STOP in phrase.actions or (phrase.actions and not phrase.actions & _OF_VEHICLES))
