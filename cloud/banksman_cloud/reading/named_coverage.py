"""What a request names and its goals do not do justice to, whichever model understood it and in whatever language.

Every name is used once, in a field that fits. Where that does not hold, another plan was understood than was asked for,
and nobody but whoever asked knows which.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from banksman_cloud.reading.goals import things_in, unnamed_in
from banksman_cloud.reading.names import said_in
from banksman_shared.plans import AvoidGoal, Goal, Goals, NamedThing, TransportGoal
from banksman_shared.site import Site


def unproved(site: Site, goals: Goals, mentions: Sequence[NamedThing]) -> dict[str, str]:
    """Words of the request that have to be asked about, each with what is wrong with it, for a model: a place, zone or
    vehicle that no goal has, though it is told to be left out; loads that go from places to the same places, or to and
    fro; a place that is closed and one of several that are driven to. ``goals``: as a model wrote them."""
    return dict(itertools.chain(_left_out(site, goals, mentions), _nowhere(goals.goals), _closed(goals.goals)))


def _left_out(site: Site, goals: Goals, mentions: Sequence[NamedThing]) -> Iterator[tuple[str, str]]:
    """What is told to be left out and names something that no goal has."""
    missing = unnamed_in(site, things_in(site, goals.goals), mentions)
    for words in goals.unsupported:
        for thing in sorted(said_in(words, missing)):
            yield words, f"'{words}' is left out, and no goal has {thing}: say what it is there for"


def _nowhere(goals: Sequence[Goal]) -> Iterator[tuple[str, str]]:
    """Transports that leave loads where they are, and those that undo each other at the same time."""
    transports = [goal for goal in goals if isinstance(goal, TransportGoal)]
    for goal in transports:
        if goal.origins and {*goal.origins} <= {*goal.destinations}:
            yield goal.words, f"'{goal.words}' carries loads from places to the same places: say where from"
    for one, other in itertools.combinations(transports, 2):
        undone = ({*one.origins}, {*one.destinations}) == ({*other.destinations}, {*other.origins})
        if one.origins and undone and not (one.after or other.after):
            yield other.words, f"'{other.words}' undoes '{one.words}'"


def _closed(goals: Sequence[Goal]) -> Iterator[tuple[str, str]]:
    """What is closed for good to everybody, where it is one of several places that something is carried between or
    somebody sent to. Where it is the only one, the wishes contradict each other."""
    for closed in goals:
        if not isinstance(closed, AvoidGoal):
            continue
        if any((closed.from_s, closed.until_s, closed.from_time, closed.until_time, closed.vehicles)):
            continue
        places = {*closed.places}
        ways = ({*getattr(goal, end, ())} for goal in goals for end in ("origins", "destinations"))
        if any(places & way and not way <= places for way in ways):
            yield closed.words, f"'{closed.words}' closes a place that another goal needs"
