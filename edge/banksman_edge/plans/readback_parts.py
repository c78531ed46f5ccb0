"""How the parts of a plan are put: trips, charging, vehicles and places, each in a few words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from banksman_edge.replies import Amount, Phrasebook, Unit, capital, joined, reply_language
from banksman_shared.plans import Step
from banksman_shared.site import Site, Zone
from banksman_shared.text import fold

MOST_PARTS = 3
"""So many things of one sort are named; of more, only how many there are."""
Way = tuple[str | None, str]
"""From where to where."""
IN_SECONDS = 90
"""Durations below this are said in seconds."""


def span(seconds: float) -> Amount:
    """A duration as people say it, rounded up."""
    if seconds < IN_SECONDS:
        return Amount(max(1, math.ceil(seconds)), Unit.SECOND)
    return Amount(math.ceil(seconds / 60), Unit.MINUTE)


def count_vehicles(vehicles: Iterable[str]) -> Amount:
    return Amount(len(set(vehicles)), Unit.VEHICLE)


class PlanWords:
    """Puts parts of plans of a site in a language."""

    def __init__(self, site: Site, phrases: Phrasebook, language: str) -> None:
        self._site, self._phrases, self._language = site, phrases, language

    def part(self, key: str, **values: object) -> str:
        """A part of a sentence, filled in."""
        return self._phrases.part(key, self._language, **values)

    def capital(self, text: str) -> str:
        """The text with its first letter large."""
        return capital(text, reply_language(self._language))

    def amount(self, wanted: Amount) -> str:
        return self._phrases.amount(wanted, self._language)

    def joined(self, parts: Iterable[str]) -> str:
        """``a, b and c``."""
        return joined(list(parts), reply_language(self._language))

    def label(self, thing: str | None) -> str:
        return self._site.label(thing or "", self._language)

    def work(self, steps: Sequence[Step], most: int = MOST_PARTS) -> Iterator[str]:
        """What the steps do; of more than ``most`` ways only how many loads."""
        trips: Counter[Way] = Counter((s.origin, s.destination) for s in steps if s.origin is not None)
        sends = [step for step in steps if step.origin is None]
        charging = [step.vehicle for step in sends if step.action == "charge"]
        others = [step for step in sends if step.action != "charge"]
        if len(trips) > most:
            trips = self._by_zone(trips, most)
        if len(trips) > most:
            yield self.amount(Amount(trips.total(), Unit.LOAD))
        else:
            for (origin, to), n in trips.items():
                yield self.trip(n, origin, to)
        if charging:
            yield self.part("plan_charge", who=self.who(charging))
        if len(others) <= most:
            yield from (self._send(step) for step in others)
        else:
            yield self.who([step.vehicle for step in others])

    def _by_zone(self, trips: Counter[Way], most: int) -> Counter[Way]:
        """The same trips from or to a zone that has a name, where that makes them so few."""
        for zone in self._zones():

            def place(of: str | None, zone: Zone = zone) -> str:
                return f"zone:{zone.id}" if of in zone.places else of or ""

            merged: Counter[Way] = Counter()
            for (origin, to), loads in trips.items():
                merged[place(origin), place(to)] += loads
            if len(merged) <= most and all(origin != to for origin, to in merged):
                return merged
        return trips

    def _zones(self) -> list[Zone]:
        """Zones with a name in the language, the largest first."""
        named = [zone for zone in self._site.rules.zones.values() if zone.names.get(self._language)]
        return sorted(named, key=lambda zone: -len(zone.places))

    def trip(self, loads: int, origin: str | None, to: str) -> str:
        """So many loads from there to there."""
        return self.part("plan_carry", loads=Amount(loads, Unit.LOAD), origin=self.label(origin), to=self.label(to))

    def _send(self, step: Step) -> str:
        key = "plan_park" if step.action == "park" else "plan_move"
        return self.part(key, who=self.who([step.vehicle]), to=self.label(step.destination))

    def who(self, vehicles: Sequence[str]) -> str:
        """The vehicles; of many, how many."""
        few = list(dict.fromkeys(vehicles))
        if len(few) > MOST_PARTS:
            return self.amount(count_vehicles(few))
        return self._phrases.who(few, self._language)

    def which(self, vehicles: Sequence[str]) -> str:
        """The vehicles; of many, whole groups and kinds as such, so that it is heard which they are."""
        left = list(dict.fromkeys(vehicles))
        said: list[str] = []
        if len(left) > MOST_PARTS:
            for name, members in sorted(self._whole().items(), key=lambda each: -len(each[1])):
                if members <= set(left):
                    said.append(name)
                    left = [vehicle for vehicle in left if vehicle not in members]
        if len(said) + len(left) > MOST_PARTS:
            return self.amount(count_vehicles(vehicles))
        return self._phrases.who([*said, *left], self._language)

    def _whole(self) -> dict[str, set[str]]:
        """The vehicles of every group and kind that has several, by its selector."""
        named = {f"group:{group.id}": set(group.vehicles) for group in self._site.groups.values()}
        for kind in self._site.vehicle_kinds:
            named[f"kind:{kind}"] = {v.id for v in self._site.vehicles.values() if v.kind == kind}
        return {name: members for name, members in named.items() if len(members) > 1}

    def places(self, places: Iterable[str], quoted: str = "") -> str:
        """The places, zones by their name where ``quoted`` has it or there are many; then the first and how many
        more."""
        left = list(dict.fromkeys(places))
        said: list[str] = []
        for zone in self._zones():
            called = any(fold(name) in fold(quoted) for names in zone.names.values() for name in names)
            if zone.places <= set(left) and (called or len(left) > MOST_PARTS):
                said.append(f"zone:{zone.id}")
                left = [place for place in left if place not in zone.places]
        every = [self.label(place) for place in (*said, *left)]
        few, more = every[:MOST_PARTS], len(every) - MOST_PARTS
        return self.joined([*few, self.amount(Amount(more, Unit.MORE_PLACES))] if more > 0 else few)
