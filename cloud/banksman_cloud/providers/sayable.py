"""What a small model may name and say about one request: its answer is held to that by a grammar.

All that it could only make up is left out: places and vehicles that the request does not name, and fields of which no
word in the request speaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from banksman_cloud.providers.evidence import named_vehicles
from banksman_cloud.providers.prompt import GoalPrompt
from banksman_cloud.reading import (
    Figures,
    heard_places,
    load_types,
    members,
    selector,
    spoken_fields,
    stands,
    types_said,
)
from banksman_shared.site import Site
from banksman_shared.text import fold


@dataclass(frozen=True, slots=True)
class Sayable:
    """``vehicles``: ids, ``kind:ID`` and ``group:ID``; ``places``: ids and ``zone:ID``; ``areas``: kinds of places, for
    what is closed; ``types`` of load; ``fields`` that are only written where something speaks of them; ``figures``:
    the numbers and times that may be written, None where nobody can read them; ``shut``: of the places those that may
    be closed or made one-way, None for all."""

    vehicles: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    fields: frozenset[str] = frozenset()
    figures: Figures | None = None
    shut: tuple[str, ...] | None = None
    kinds: frozenset[str] = frozenset({"charge", "reserve"})
    """What else may be said, where words speak for it."""

    @property
    def closable(self) -> tuple[str, ...]:
        return self.places if self.shut is None else self.shut

    @property
    def selectors(self) -> tuple[str, ...]:
        return tuple(vehicle for vehicle in self.vehicles if ":" in vehicle)


def sayable(prompt: GoalPrompt) -> Sayable:
    """By what the request names, as far as that is known; else any place may be meant."""
    site, read = prompt.site, prompt.figures()
    types = types_said(prompt.request, sorted({*prompt.types, *load_types(site)}), prompt.mentions)
    fields = spoken_fields(prompt.request, prompt.language)
    if read is not None:
        fields = fields | {"clock"} if read.all("time") else fields - {"clock"}
    if not prompt.mentions:
        heard = named_vehicles(site, prompt.request)
        whole = [each for each in _selectors(site) if members(site, each) and members(site, each) <= heard]
        vehicles = (*(vehicle for vehicle in site.vehicles if vehicle in heard), *whole)
        zones = tuple(f"zone:{zone}" for zone in site.rules.zones)
        spoken = heard_places(site, prompt.request)
        places = tuple(place for place in site.places if place in spoken) or (*site.places,)
        return Sayable(vehicles, (*places, *zones), tuple(f"kind:{k}" for k in site.place_kinds), types, fields, read)
    named: dict[str, None] = {}
    areas: dict[str, None] = {}
    for mention in prompt.mentions:
        meant = selector(site, mention)
        if meant and mention.ids[0] in site.places:
            areas[meant] = None
        named |= dict.fromkeys(mention.ids if meant is None or meant in areas else (meant,))
    vehicles = tuple(each for each in named if members(site, each) <= site.vehicles.keys())
    return Sayable(vehicles, tuple(each for each in named if each not in vehicles), tuple(areas), types, fields, read)


def sayable_kinds(prompt: GoalPrompt, words: str) -> frozenset[str]:
    """Whether a stretch of the request speaks of charging, and of per cents to keep."""
    read, site = prompt.figures(), prompt.site
    spoken = "charge" in spoken_fields(words, prompt.language)
    chargers = {charger.id for charger in site.chargers()}
    named = {each for mention in prompt.mentions if stands(fold(mention.words), words) for each in mention.ids}
    here = read.within(words) if read else ()
    told = not here or any(kind == "percent" for each in here for kind, _ in each.readings)
    return frozenset({"charge"} if spoken or named & chargers else ()) | ({"reserve"} if told else set())


def _selectors(site: Site) -> Iterator[str]:
    yield from (f"kind:{kind}" for kind in site.vehicle_kinds)
    yield from (f"group:{group}" for group in site.groups)
