"""What a request names and its goals do not do justice to, whichever model understood it and in whatever language.

Every name is used once, in a field that fits. Where that does not hold, another plan was understood than was asked for,
and nobody but whoever asked knows which.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from banksman_cloud.providers.names import said_in
from banksman_shared.plans import AvoidGoal, Goal, Goals, NamedThing, OneWayGoal, TransportGoal
from banksman_shared.site import Site

_NAMING = ("origins", "destinations", "places", "vehicles", "without", "among", "only", "never")


def unproved(site: Site, goals: Goals, mentions: Sequence[NamedThing]) -> tuple[str, ...]:
    """Words of the request that have to be asked about: a place, zone or vehicle that no goal has, though it is told
    to be left out; loads that go from places to the same places, or to and fro; a place that is closed and driven to.
    ``goals``: as a model wrote them."""
    found = itertools.chain(_left_out(site, goals, mentions), _nowhere(goals.goals), _closed(goals.goals))
    return tuple(dict.fromkeys(found))


def _left_out(site: Site, goals: Goals, mentions: Sequence[NamedThing]) -> Iterator[str]:
    """What is told to be left out and names something that no goal has."""
    used = {thing for goal in goals.goals for thing in _named(goal)}
    known = {*site.places, *site.vehicles, *(f"zone:{zone}" for zone in site.rules.zones)}
    certain = [m for m in mentions if m.sure and len(m.ids) == 1 and m.ids[0] in known and m.ids[0] not in used]
    return (words for words in goals.unsupported if said_in(words, certain))


def _named(goal: Goal) -> tuple[str, ...]:
    if isinstance(goal, OneWayGoal):
        return goal.start, goal.end
    return tuple(thing for name in _NAMING for thing in getattr(goal, name, ()))


def _nowhere(goals: Sequence[Goal]) -> Iterator[str]:
    """Transports that leave loads where they are, and those that undo each other at the same time."""
    transports = [goal for goal in goals if isinstance(goal, TransportGoal)]
    for goal in transports:
        if goal.origins and {*goal.origins} <= {*goal.destinations}:
            yield goal.words
    for one, other in itertools.combinations(transports, 2):
        there, back = (one.origins, one.destinations), (other.destinations, other.origins)
        if (
            all(there)
            and not (one.after or other.after)
            and all({*own} == {*opposite} for own, opposite in zip(there, back, strict=True))
        ):
            yield other.words


def _closed(goals: Sequence[Goal]) -> Iterator[str]:
    """What is closed for good to everybody, where it is one of several places that something is carried between or
    somebody sent to. Where it is the only one, the wishes contradict each other."""
    for closed in goals:
        ends = closed.model_dump(include={"from_s", "until_s", "from_time", "until_time", "vehicles"}).values()
        if isinstance(closed, AvoidGoal) and not any(ends):
            places = {*closed.places}
            ways = ({*getattr(goal, end, ())} for goal in goals for end in ("origins", "destinations"))
            if any(places & way and not way <= places for way in ways):
                yield closed.words
