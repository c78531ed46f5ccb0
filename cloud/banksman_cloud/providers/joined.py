"""One wish that a small model took for several, and several that it took for one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from banksman_cloud.providers.cues import cues, spoken_fields
from banksman_cloud.providers.figures import Figures
from banksman_cloud.providers.names import said_in
from banksman_shared.plans import Goal, Goals, NamedThing, SendGoal, TransportGoal
from banksman_shared.site import Site
from banksman_shared.text import fold

_GAP = 8
"""Characters between two stretches of a request that are said in one breath: a comma, "and"."""


def apiece(goals: Goals, language: str) -> Goals:
    """The goals, with one for each place where so much goes to, or comes from, each of several."""
    made = tuple(one for goal in goals.goals for one in _apiece(goal, language))
    waits = any(getattr(goal, "after", ()) for goal in goals.goals)  # by the number of a goal
    return goals if waits else goals.model_copy(update={"goals": made})


def _apiece(goal: Goal, language: str) -> Iterator[Goal]:
    many = language in cues() and isinstance(goal, TransportGoal) and "each" in spoken_fields(goal.words, language)
    sides = [side for side in ("origins", "destinations") if many and len(getattr(goal, side)) > 1]
    if len(sides) == 1 and getattr(goal, "count", None) is not None:
        yield from (goal.model_copy(update={sides[0]: (place,)}) for place in getattr(goal, sides[0]))
    else:
        yield goal


def in_one(site: Site, request: str, goals: Goals, mentions: Sequence[NamedThing]) -> Goals:
    """The goals, without the drive that is only the rest of what is said of a transport: where to ("fetch two from
    customs | and bring them to chute 4"), or with whom ("five from gate 2 to the sorter | robots only")."""
    made: list[Goal] = []
    for goal in goals.goals:
        whole = _whole(site, request, made[-1], goal, mentions) if made else None
        if whole is None:
            made.append(goal)
        else:
            made[-1] = whole
    waits = any(getattr(goal, "after", ()) for goal in goals.goals)
    return goals if waits else goals.model_copy(update={"goals": tuple(made)})


def _whole(site: Site, request: str, goal: Goal, drive: Goal, mentions: Sequence[NamedThing]) -> Goal | None:
    """A transport together with the drive that is a part of it; None if it is none."""
    if not isinstance(goal, TransportGoal) or not isinstance(drive, SendGoal) or drive.action != "move":
        return None
    begin, end = request.find(goal.words), request.find(drive.words)
    follows = begin >= 0 and 0 <= end - begin - len(goal.words) <= _GAP
    if not follows or not drive.vehicles or not goal.destinations or set(drive.destinations) != set(goal.destinations):
        return None
    where, to = said_in(drive.words, mentions) & site.places.keys(), set(goal.destinations)
    only_there = where & to and not said_in(goal.words, mentions) & to and set(drive.vehicles) <= set(goal.vehicles)
    whom = not where and (not goal.vehicles or goal.vehicles == drive.vehicles)
    if not (only_there or whom):
        return None
    words = request[begin : end + len(drive.words)]
    return goal.model_copy(update={"words": words, "vehicles": goal.vehicles or drive.vehicles})


def drives(site: Site, request: str, goals: Goals, figures: Figures, mentions: Sequence[NamedThing]) -> Goals:
    """The goals, with a drive for what is no transport: a vehicle and one place are named, no amount, and nothing
    before that could be fetched ("send cart 3 to dock 3 and cart 4 to the winder")."""
    made = tuple(_driven(site, request, goal, figures, mentions) for goal in goals.goals)
    return goals.model_copy(update={"goals": made})


def _driven(site: Site, request: str, goal: Goal, figures: Figures, mentions: Sequence[NamedThing]) -> Goal:
    if not isinstance(goal, TransportGoal) or not goal.vehicles or not mentions or goal.load_type:
        return goal
    named = said_in(goal.words, mentions)
    before, found, _ = request.partition(goal.words)
    where, to = named & site.places.keys(), set(goal.destinations)
    amount = figures.within(goal.words) or figures.says_all(goal.words)
    if not found or amount or where != to or len(where) != 1 or not set(goal.vehicles) <= named:
        return goal
    if goal.origins != goal.destinations and not said_in(before, mentions).isdisjoint(goal.origins):
        return goal  # "… take them to dock three"
    common = {name: value for name, value in goal if name in _OF_A_TASK}
    return SendGoal(action="move", destinations=goal.destinations, **common)


_OF_A_TASK = ("words", "vehicles", "without", "within_s", "by", "not_before_s", "not_before", "after")


def once(goals: Sequence[Goal], mentions: Sequence[NamedThing]) -> tuple[Goal, ...]:
    """All loads between the same places twice ("clear dock one, take everything to bay two") are carried once, the way
    of the first, under all that is said of them."""
    kept: list[Goal] = []
    for goal in goals:
        same = [index for index, other in enumerate(kept) if _is_same(goal, other, mentions)]
        if same:
            said = {name: value for name, value in goal if value and name not in _OF_THE_FIRST}
            known = {name: value for name, value in kept[same[0]] if value}
            kept[same[0]] = kept[same[0]].model_copy(update=said | known)
        else:
            kept.append(goal)
    return tuple(kept)


_OF_THE_FIRST = ("words", "kind", "priority", "origins", "destinations")


def _is_same(goal: Goal, other: Goal, mentions: Sequence[NamedThing]) -> bool:
    """Where its own words name both ends, a goal goes that way and no other."""
    if not isinstance(goal, TransportGoal) or not isinstance(other, TransportGoal):
        return False
    again = goal.count == other.count and fold(goal.words) in fold(other.words)  # the same words once more
    if (not again and (goal.count is not None or other.count is not None)) or goal.load_type != other.load_type:
        return False
    ways, named = [{each.origins, each.destinations} for each in (goal, other)], said_in(goal.words, mentions)
    both = named.issuperset((*goal.origins, *goal.destinations))
    return ways[0] == ways[1] and (goal.origins == other.origins or not both)
