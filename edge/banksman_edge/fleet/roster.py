"""What commands have come to: which vehicle does which of them, and what speaks against the others."""

from __future__ import annotations

from dataclasses import dataclass

from banksman_edge.fleet.model import Problem
from banksman_shared.commands import Command
from banksman_shared.site import NOTHING_CLOSED, Closed, Place


@dataclass(frozen=True, slots=True)
class Assignment:
    """One command for one vehicle. ``destination`` None: where it stands."""

    step: int
    vehicle: str
    command: Command
    origin: Place | None = None
    destination: Place | None = None
    closed: Closed = NOTHING_CLOSED
    """What its order keeps out of."""
    gives_up: frozenset[str] = frozenset()
    """Of a cancel: the jobs whose work is given up; empty: all that the vehicle has."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What speaks against a command."""

    command: Command
    problem: Problem


@dataclass(frozen=True, slots=True)
class Roster:
    """The outcome: with objections nothing may be sent, apart from stops."""

    assignments: tuple[Assignment, ...]
    left_out: tuple[Objection, ...]
    """Vehicles meant as some of many, and unable."""
    objections: tuple[Objection, ...]
