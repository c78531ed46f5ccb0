"""Loads, the lists of them that are told, and what vehicles do with them. Times are wall-clock seconds."""

from __future__ import annotations

from dataclasses import dataclass

MAX_LOADS = 2000
"""In one list: as many as a planner can be told of."""
LONGEST = 64
"""Characters of an id or a type."""


@dataclass(frozen=True, slots=True)
class Load:
    """Something that stands at a place and can be carried. ``place``: an id of the site."""

    id: str
    place: str
    type: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A list of loads, as they stood ``at`` a time. ``places``: those that it speaks for; None: all of the site.

    ``alone``: no other agent commanded the vehicles when it was told, whose doings this one would not know.
    """

    at: float
    loads: tuple[Load, ...]
    places: frozenset[str] | None = None
    alone: bool = True


@dataclass(frozen=True, slots=True)
class Stock:
    """What stands where, and the places of which nobody can tell."""

    loads: tuple[Load, ...]
    uncounted: frozenset[str] = frozenset()


@dataclass(slots=True)
class Move:
    """A load that a vehicle fetches from ``origin``, brings to ``destination``, or both.

    ``wish``: the order that it comes from. ``id`` and ``type`` are what the vehicle says of it; ``taken`` and ``put``
    when that happened.
    """

    job: str
    vehicle: str
    wish: str
    origin: str | None
    destination: str | None
    before: float | None = None
    """When the vehicle had last taken up something, before this was its turn."""
    id: str | None = None
    type: str | None = None
    taken: float | None = None
    put: float | None = None
    ended: float | None = None
    doubtful: float | None = None
    """Since when nobody knows what became of it."""
    recalled: bool = False
    """It is of an earlier run, so what the vehicle took up meanwhile may not have been seen."""
