"""What a vehicle can do by its factsheet (2.1.0 §6.15), and what it must therefore not be told.

A factsheet is the manufacturer's word and often a short one: what it leaves out, the vehicle is taken to be able
to do, and whatever it then refuses is its own refusal.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from banksman_edge.fleet.model import Code, Problem
from banksman_edge.fleet.orders import DROP, PICK, START_CHARGING, Stop
from banksman_shared.site import Place
from banksman_shared.vda5050 import BlockingType, Factsheet, Load

HEIGHT_TOLERANCE_M = 0.05
"""A station's height and a fork's reach are measured at different points of the load."""

_VERBS = {PICK: "pick up loads", DROP: "put down loads", START_CHARGING: "charge"}


@dataclass(frozen=True, slots=True)
class Ability:
    """One action by the factsheet. Empty scopes or blocking types: it does not say."""

    scopes: frozenset[str] = frozenset()
    blocking_types: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LoadSet:
    """One kind of load it can handle. Kilograms, metres; None: the factsheet does not say."""

    load_type: str | None = None
    max_weight: float | None = None
    lowest: float | None = None
    highest: float | None = None

    def takes(self, load: Load | None) -> bool:
        """Whether the load may be of this set, by what is known of both."""
        if load is None:
            return True
        other_type = None not in (load.load_type, self.load_type) and load.load_type != self.load_type
        too_heavy = load.weight is not None and self.max_weight is not None and load.weight > self.max_weight
        return not other_type and not too_heavy


@dataclass(frozen=True, slots=True)
class Capability:
    """What one vehicle can do, and what it carries now. Made by :func:`read_capability`."""

    abilities: Mapping[str, Ability] = field(default_factory=dict)
    """By action type; empty: the factsheet lists none."""
    load_sets: tuple[LoadSet, ...] = ()
    tallest: float | None = None
    """Metres: how high the vehicle itself becomes, which no fork of it exceeds."""
    speed: float | None = None
    """m/s."""
    max_nodes: int | None = None
    """So many nodes an order may have."""
    optional: frozenset[str] | None = None
    """The optional fields of orders that it can use, by the end of their names; None: it does not say."""
    carried: Load | None = None

    def carrying(self, load: Load | None) -> Capability:
        """The same vehicle with a load; None: nothing, or nobody knows what."""
        return replace(self, carried=load)

    def uses(self, field_name: str) -> bool:
        """Whether it can use an optional field, such as ``nodePosition.theta``. Others must not be sent (§6.1.1)."""
        return self.optional is None or field_name.casefold() in self.optional

    def blocking_type(self, action_type: str) -> BlockingType:
        """How the action may block, the most cautious way that the vehicle allows."""
        ability = self.abilities.get(action_type)
        allowed = ability.blocking_types if ability else frozenset()
        cautious = (BlockingType.HARD, BlockingType.SOFT, BlockingType.NONE)
        return next((kind for kind in cautious if not allowed or kind in allowed), BlockingType.HARD)

    def objection(self, vehicle: str, stops: Sequence[Stop]) -> Problem | None:
        """The first thing on the way that the vehicle cannot do."""
        load = self.carried
        for stop in stops:
            if stop.action_type is None:
                continue
            if problem := self._unable(vehicle, stop.action_type):
                return problem
            if stop.place is None or stop.action_type not in (PICK, DROP):
                continue
            if stop.action_type == PICK:
                load = Load(load_type=stop.place.load_type)
            if problem := self._unfit(vehicle, stop.place, load):
                return problem
        return None

    def _unable(self, vehicle: str, action_type: str) -> Problem | None:
        verb = _VERBS.get(action_type, f"do '{action_type}'")
        if not self.abilities:
            return None
        ability = self.abilities.get(action_type)
        if ability is None:
            return Problem(
                Code.CANNOT, f"{vehicle} cannot {verb}: its factsheet has no action '{action_type}'", vehicle
            )
        if ability.scopes and "NODE" not in ability.scopes:
            text = f"{vehicle} cannot {verb} as part of an order: its factsheet has '{action_type}' for other uses only"
            return Problem(Code.CANNOT, text, vehicle)
        return None

    def _unfit(self, vehicle: str, place: Place, load: Load | None) -> Problem | None:
        sets = [each for each in self.load_sets if each.takes(load)]
        if self.load_sets and not sets and load is not None and load is not self.carried:
            text = f"{vehicle} cannot carry {load.load_type} loads, which {place.id} has"
            facts = {"place": place.id, "load": load.load_type or ""}
            return Problem(Code.WRONG_LOAD, text, vehicle, facts)
        # What it carries already it can carry, whatever its factsheet says; only the height is in question then.
        height = place.height
        if not height:  # exporters write 0 for stations whose height nobody entered
            return None
        highest = self._bound([each.highest for each in sets], max, self.tallest)
        lowest = self._bound([each.lowest for each in sets], min, None)
        what = _known(load)
        if highest is not None and height > highest + HEIGHT_TOLERANCE_M:
            text = f"{vehicle} lifts{what} to {highest:g} m; {place.id} needs {height:g} m"
            return Problem(Code.OUT_OF_REACH, text, vehicle, {"place": place.id, "reach": highest, "height": height})
        if lowest is not None and height < lowest - HEIGHT_TOLERANCE_M:
            text = f"{vehicle} lowers{what} to {lowest:g} m; {place.id} needs {height:g} m"
            return Problem(Code.OUT_OF_REACH, text, vehicle, {"place": place.id, "reach": lowest, "height": height})
        return None

    @staticmethod
    def _bound(values: Sequence[float | None], of: Any, otherwise: float | None) -> float | None:
        """The bound that all sets together leave; one that says nothing leaves none."""
        known = [value for value in values if value is not None]
        return of(known) if known and len(known) == len(values) else otherwise


UNKNOWN = Capability()
"""A vehicle without a factsheet: nothing speaks against anything."""


def read_capability(factsheet: Factsheet | None) -> Capability:
    """What a factsheet says, as far as it can be read: one that is wrong in places is right in the others."""
    if factsheet is None:
        return UNKNOWN
    physical, limits = factsheet.physical_parameters, factsheet.protocol_limits
    lowest, tallest = _number(physical.get("heightMin")), _number(physical.get("heightMax"))
    arrays = limits.get("maxArrayLens")
    nodes = _number(arrays.get("order.nodes")) if isinstance(arrays, dict) else None
    return Capability(
        abilities=dict(_abilities(factsheet.protocol_features)),
        load_sets=tuple(_load_sets(factsheet.load_specification)),
        # A vehicle that is always as high has no mast, and its height says nothing of its fork.
        tallest=tallest if tallest is not None and lowest is not None and lowest < tallest else None,
        speed=_number(physical.get("speedMax")) or None,
        max_nodes=int(nodes) if nodes else None,  # zero means no limit (2.1.0 §6.15)
        optional=_optional(factsheet.protocol_features.get("optionalParameters")),
    )


def loads_along(loaded: bool | None, stops: Sequence[Stop]) -> list[bool | None]:
    """Whether the vehicle carries something on the way to each stop, and after the last; None: nobody knows."""
    states = [loaded]
    for stop in stops:
        states.append(stop.action_type == PICK if stop.action_type in (PICK, DROP) else states[-1])
    return states


def _known(load: Load | None) -> str:
    """What is known of a load, as part of a sentence."""
    if load is not None and load.weight is not None:
        return f" {load.weight:g} kg"
    return f" {load.load_type} loads" if load is not None and load.load_type else ""


def _optional(listed: object) -> frozenset[str] | None:
    """The last two parts of each name: makers write them with and without "order" and "nodes" before."""
    if not isinstance(listed, list):
        return None
    names = (str(each.get("parameter", "")).casefold().split(".")[-2:] for each in _records(listed))
    return frozenset(".".join(name).replace("maximumspeed", "maxspeed") for name in names)


def _abilities(features: Mapping[str, Any]) -> Iterator[tuple[str, Ability]]:
    for listed in _records(features.get("agvActions")):
        name = listed.get("actionType")
        if isinstance(name, str):
            yield name, Ability(_words(listed.get("actionScopes")), _words(listed.get("blockingTypes")))


def _load_sets(specification: Mapping[str, Any]) -> Iterator[LoadSet]:
    for listed in _records(specification.get("loadSets")):
        kind = listed.get("loadType")
        yield LoadSet(
            load_type=kind if isinstance(kind, str) and kind else None,
            max_weight=_number(listed.get("maxWeight")),
            lowest=_number(listed.get("minLoadhandlingHeight")),
            highest=_number(listed.get("maxLoadhandlingHeight")),
        )


def _records(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _words(value: object) -> frozenset[str]:
    # The official schemas of 2.x put the values on the array itself, so some vehicles send one word bare.
    values = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return frozenset(each for each in values if isinstance(each, str))


def _number(value: object) -> float | None:
    """A finite number that is not negative, or nothing."""
    usable = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf
    return float(value) if usable and isinstance(value, int | float) else None
