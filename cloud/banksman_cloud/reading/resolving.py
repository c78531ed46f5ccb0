"""What goals refer to becomes ids, seconds and numbers: kinds, groups, zones, times of day, "all".

Code does this, not the model: what a model reckons may be wrong. In settled goals only ids are left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from banksman_cloud.reading.amounts import split
from banksman_cloud.reading.clocks import Clocks
from banksman_cloud.reading.questions import Questions
from banksman_shared.plans import FleetSnapshot, Goal, Goals, SendGoal
from banksman_shared.site import Site

_VEHICLES = ("vehicles", "without", "among", "only", "never")
_PLACES = ("places", "origins", "destinations")
_TIMES = {"by": "within_s", "not_before": "not_before_s", "from_time": "from_s", "until_time": "until_s"}
"""Times of day, and the seconds from now that they become."""
_LATER = ("not_before", "until_time")
"""Those of which of two the later one is meant: before them something must not be."""
_LONGEST_S = 24 * 3600.0
"""Seconds from now that goals can speak of."""


def settle(
    site: Site, fleet: FleetSnapshot, goals: Goals, clocks: Clocks | None = None, language: str = "en"
) -> tuple[Goals, list[str], list[str]]:
    """The goals with all references resolved; which of these there are not, in sentences; and what only the asker can
    tell, in sentences of their ``language``. ``clocks``: of the site, None if nobody told."""
    made = _Settling(site, clocks, Questions(site, language))
    parts = split(fleet, [made.goal(goal) for goal in goals.goals], made.questions)
    return goals.model_copy(update={"goals": _renumbered(parts)}), made.faults, made.questions.asked


@dataclass(slots=True)
class _Settling:
    site: Site
    clocks: Clocks | None
    questions: Questions
    faults: list[str] = field(default_factory=list)

    def goal(self, goal: Goal) -> Goal:
        changes: dict[str, Any] = {}
        for name in _VEHICLES:
            if references := getattr(goal, name, ()):
                changes[name] = self._vehicles(goal, references)
        for name in _PLACES:
            if references := getattr(goal, name, ()):
                changes[name] = self._places(goal, references)
        made = goal.model_copy(update=changes | self._moments(goal))
        if isinstance(made, SendGoal) and set(made.without) < set(made.vehicles):  # "all of them but this one"
            sent = tuple(vehicle for vehicle in made.vehicles if vehicle not in made.without)
            made = made.model_copy(update={"vehicles": sent})
        return made

    def _vehicles(self, goal: Goal, references: Sequence[str]) -> tuple[str, ...]:
        found: list[str] = []
        for reference in references:
            what, _, name = reference.partition(":")
            if what == "kind" and name in self.site.vehicle_kinds:
                found += [v.id for v in self.site.vehicles.values() if v.kind == name]
            elif what == "group" and name in self.site.groups:
                found += self.site.groups[name].vehicles
            elif name and what in ("kind", "group"):
                self.faults.append(f"'{goal.words}': the site has no {what} '{name}'")
            else:
                found.append(reference)
        return _once(references, found)

    def _places(self, goal: Goal, references: Sequence[str]) -> tuple[str, ...]:
        found: list[str] = []
        for reference in references:
            what, _, name = reference.partition(":")
            zone = self.site.rules.zones.get(name) if what == "zone" else None
            kind = name if what == "kind" and name in self.site.place_kinds else None
            if zone is not None:
                found += sorted(zone.places)
            elif kind is not None:
                found += [place.id for place in self.site.places.values() if place.kind == kind]
            elif name and what in ("zone", "kind"):
                self.faults.append(f"'{goal.words}': the site has no {what} '{name}'")
            else:
                found.append(reference)
        return _once(references, found)

    def _moments(self, goal: Goal) -> dict[str, float | None]:
        """The fields in seconds from now that the goal's times of day become, each so that what was said twice holds
        twice."""
        said = {name: time for name in _TIMES if (time := getattr(goal, name, None))}
        if self.clocks is None:
            for time in said.values():
                self.questions.ask("ask_clock", goal, time=time)
            return {}
        if said.get("from_time") is not None and said["from_time"] == said.get("until_time"):
            self.faults.append(f"'{goal.words}': it begins and ends at {said['from_time']}; leave out one of them")
        ahead = {name: self.clocks.ahead(time, late=name in _LATER) for name, time in said.items()}
        if "from_time" in ahead and "until_time" in ahead:  # the end is the first one after the beginning
            ahead["until_time"] = self.clocks.ahead_of(said["until_time"], ahead["from_time"])
        made: dict[str, float | None] = {}
        for name, seconds in ahead.items():
            if seconds <= 0 and name != "from_time":
                self.questions.ask("ask_past", goal, time=said[name])
                continue
            given = getattr(goal, _TIMES[name])
            both = (max(0.0, seconds),) if given is None else (max(0.0, seconds), given)
            made[_TIMES[name]] = max(both) if name in _LATER else min(both)
        if (made.get("until_s") or 0.0) > _LONGEST_S:
            made["until_s"] = None  # no plan takes a day
        return made


def _once(said: Sequence[str], meant: Sequence[str]) -> tuple[str, ...]:
    """What kinds, groups and zones together mean; an id that was said twice stays a slip."""
    return tuple(meant) if list(said) == meant else tuple(dict.fromkeys(meant))


def _renumbered(parts: Sequence[tuple[Goal, ...]]) -> tuple[Goal, ...]:
    """All parts of all goals. What waits for a goal waits for all parts of it."""
    numbers: dict[int, tuple[int, ...]] = {}
    for index, part in enumerate(parts):
        begin = sum(map(len, parts[:index]))
        numbers[index] = tuple(range(begin, begin + len(part)))
    made: list[Goal] = []
    for goal in (goal for part in parts for goal in part):
        gates = tuple(n for gate in getattr(goal, "after", ()) for n in numbers.get(gate, (gate,)))
        made.append(goal.model_copy(update={"after": gates}) if gates else goal)
    return tuple(made)
