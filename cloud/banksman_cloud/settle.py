"""What goals refer to becomes ids, seconds and numbers: kinds, groups, zones, times of day, "all".

Code does this, not the model: what a model reckons may be wrong. In settled goals only ids are left.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from banksman_cloud.amounts import split
from banksman_cloud.questions import Questions
from banksman_shared.plans import FleetSnapshot, Goal, Goals
from banksman_shared.site import Site

_VEHICLES = ("vehicles", "without", "among", "only", "never")
_PLACES = ("places", "origins", "destinations")
_TIMES = {"by": "within_s", "not_before": "not_before_s", "from_time": "from_s", "until_time": "until_s"}
"""Times of day, and the seconds from now that they become."""
_DAY_S = 24 * 3600.0


def settle(
    site: Site, fleet: FleetSnapshot, goals: Goals, now: str | None = None, language: str = "en"
) -> tuple[Goals, list[str], list[str]]:
    """The goals with all references resolved; which of these there are not, in sentences; and what only the asker can
    tell, in sentences of their ``language``. ``now``: local time of the site, ISO 8601."""
    made = _Settling(site, now, Questions(site, language))
    parts = split(fleet, [made.goal(goal) for goal in goals.goals], made.questions)
    return goals.model_copy(update={"goals": _renumbered(parts)}), made.faults, made.questions.asked


@dataclass(slots=True)
class _Settling:
    site: Site
    now: str | None
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
        return goal.model_copy(update=changes | self._moments(goal))

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
        return tuple(found) if list(references) == found else tuple(dict.fromkeys(found))

    def _places(self, goal: Goal, references: Iterable[str]) -> tuple[str, ...]:
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
        return tuple(found)

    def _moments(self, goal: Goal) -> dict[str, float]:
        """The fields in seconds from now that the goal's times of day become."""
        said = {name: time for name in _TIMES if (time := getattr(goal, name, None))}
        try:
            now = datetime.fromisoformat(self.now or "")
        except ValueError:
            for time in said.values():
                self.questions.ask("ask_clock", goal, time=time)
            return {}
        ahead = {name: _ahead(now, time) for name, time in said.items()}
        if "from_time" in ahead and "until_time" in ahead:  # the end is the first one after the beginning
            begin = ahead["from_time"]
            ahead["until_time"] = begin + ((ahead["until_time"] - begin) % _DAY_S or _DAY_S)
        made: dict[str, float] = {}
        for name, seconds in ahead.items():
            if seconds <= 0 and name != "from_time":
                self.questions.ask("ask_past", goal, time=said[name])
                continue
            given = getattr(goal, _TIMES[name])
            if name == "not_before":
                made[_TIMES[name]] = max(seconds, given or 0.0)
            else:
                made[_TIMES[name]] = min(max(0.0, seconds), math.inf if given is None else given)
        return made


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


def _ahead(now: datetime, time: str) -> float:
    """Seconds from ``now`` to when clocks show ``time``, which may be past: of yesterday's, today's and tomorrow's
    the nearest, since at ten in the evening two is tonight and at three in the afternoon it is over."""
    hour, minute = map(int, time.split(":"))
    seconds = (now.replace(hour=hour, minute=minute, second=0, microsecond=0) - now).total_seconds()
    return (seconds + _DAY_S / 2) % _DAY_S - _DAY_S / 2
