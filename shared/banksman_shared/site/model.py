"""A checked site. Whoever holds a :class:`Site` can rely on every reference in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from banksman_shared.site.rules import Rules
from banksman_shared.vda5050 import VehicleAddress

Names = Mapping[str, tuple[str, ...]]
"""Language code → the names used in that language, the preferred one first."""


class EarlyStop(StrEnum):
    """What a stop word halts as soon as it is heard in the sound, before anybody knows what else was said."""

    ALL = "all"
    """Everything at once."""
    NAMED = "named"
    """Where a name came before, or speech goes straight on, those named; everything when no name comes."""
    OFF = "off"
    """Nothing: stops wait until the sentence has been recognised."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of vehicle or place, and what people call it."""

    id: str
    names: Names


@dataclass(frozen=True, slots=True)
class Vehicle:
    id: str
    kind: str
    number: int | None
    names: Names
    address: VehicleAddress
    home: str


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a vehicle can be told to go. ``node`` is where it stops; ``station`` is what it serves."""

    id: str
    kind: str | None
    number: int | None
    names: Names
    node: str
    station: str | None = None
    charger: bool = False
    height: float | None = None
    """Metres from the floor to where loads are picked and dropped; None where the layout does not say."""
    load_type: str | None = None
    """The type of load that the layout says is handled there, if it says one."""


@dataclass(frozen=True, slots=True)
class Group:
    id: str
    vehicles: tuple[str, ...]
    names: Names


@dataclass(frozen=True, slots=True)
class OwnAction:
    """Something that only this site's vehicles do. ``type``: of the VDA 5050 action, done where the vehicle stands, or
    at a place, which is asked for if it is ``at_place`` and none was said; ``examples``: sentences that ask for it, by
    language."""

    id: str
    names: Names
    type: str
    at_place: bool
    parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)
    examples: Names = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the layout; metres on the map ``map_id``."""

    id: str
    x: float
    y: float
    map_id: str
    theta: float | None = None
    actions: frozenset[str] = frozenset()
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)
    """By action type, the parameters that the layout gives for it there."""

    @property
    def load_types(self) -> frozenset[str]:
        """Types of load that its actions name (the parameter ``loadType``)."""
        return frozenset(str(given["loadType"]) for given in self.parameters.values() if given.get("loadType"))


@dataclass(frozen=True, slots=True)
class Edge:
    """A one-way edge. ``length`` in metres, ``max_speed`` in m/s; empty ``kinds`` lets every kind through.

    ``never_loaded`` and ``never_empty`` are the kinds that may not use it with, or without, a load.
    """

    id: str
    start: str
    end: str
    length: float
    max_speed: float | None = None
    kinds: frozenset[str] = frozenset()
    never_loaded: frozenset[str] = frozenset()
    never_empty: frozenset[str] = frozenset()

    def open_to(self, kind: str, loaded: bool | None = None) -> bool:
        """Whether vehicles of a kind may use it; ``loaded`` None: whatever they carry."""
        if self.kinds and kind not in self.kinds:
            return False
        return not ((loaded is True and kind in self.never_loaded) or (loaded is False and kind in self.never_empty))


@dataclass(frozen=True, slots=True)
class Layout:
    nodes: Mapping[str, Node]
    edges: Mapping[str, Edge]
    stations: Mapping[str, tuple[str, ...]]
    """Station id → its interaction nodes."""
    heights: Mapping[str, float] = field(default_factory=dict)
    """Station id → its height in metres, where the layout gives one."""


@dataclass(frozen=True, slots=True)
class Site:
    id: str
    name: str
    languages: tuple[str, ...]
    vehicle_kinds: Mapping[str, Kind]
    place_kinds: Mapping[str, Kind]
    vehicles: Mapping[str, Vehicle]
    places: Mapping[str, Place]
    groups: Mapping[str, Group]
    layout: Layout
    early_stop: EarlyStop = EarlyStop.ALL
    rules: Rules = field(default_factory=Rules)
    phrases: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    """Language → action → what people here also say for it."""
    actions: Mapping[str, OwnAction] = field(default_factory=dict)
    document: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)
    """``site.toml`` and the layout as read, for handing the site to another process; see :func:`parse_site`.
    Without its rules: who works there is nobody else's business."""

    def chargers(self) -> tuple[Place, ...]:
        return tuple(place for place in self.places.values() if place.charger)

    def places_of(self, reference: str) -> frozenset[str]:
        """The places of ``zone:ID``; of anything else, itself."""
        zone = self.rules.zones.get(reference.removeprefix("zone:")) if reference.startswith("zone:") else None
        return zone.places if zone else frozenset({reference})

    def label(self, thing: str, language: str) -> str:
        """What people call a vehicle, place, group or ``zone:ID`` in ``language``: "forklift 3", "cold store"."""
        zone = self.rules.zones.get(thing.removeprefix("zone:")) if thing.startswith("zone:") else None
        item = zone or self.vehicles.get(thing) or self.places.get(thing) or self.groups.get(thing)
        if item is None:
            return thing
        if own := item.names.get(language):
            return own[0]
        kind = self._kind(item) if isinstance(item, Vehicle | Place) else None
        if kind and isinstance(item, Vehicle | Place) and item.number is not None and kind.names.get(language):
            return f"{kind.names[language][0]} {item.number}"
        return thing

    def _kind(self, item: Vehicle | Place) -> Kind | None:
        kinds = self.vehicle_kinds if isinstance(item, Vehicle) else self.place_kinds
        return kinds.get(item.kind) if item.kind else None
