"""One wish that a small model took for several, and several that it took for one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from banksman_cloud.reading import Figures, places_meant, said_in, speaks_for, spoken_fields
from banksman_shared.plans import AvoidGoal, Goal, Goals, NamedThing, OneWayGoal, SendGoal, TransportGoal
from banksman_shared.site import Site
from banksman_shared.text import fold

_GAP = 8
"""Characters between two stretches of a request that are said in one breath: a comma, "and"."""


def renumbered(goals: Goals, made: Sequence[Sequence[Goal]], into: Mapping[int, int] | None = None) -> Goals:
    """Goals of each of which became these, waiting for what became of those that they waited for. ``into``: which of
    them went on in which other one."""
    begins = [0, *itertools.accumulate(len(each) for each in made)]
    became = [range(begins[index], begins[index] + len(each)) for index, each in enumerate(made)]
    for index, other in (into or {}).items():
        became[index] = became[other]
    flat = [_waiting(goal, index, became) for index, goal in enumerate(itertools.chain.from_iterable(made))]
    return goals.model_copy(update={"goals": tuple(flat)})


def _waiting(goal: Goal, index: int, became: Sequence[range]) -> Goal:
    if not isinstance(goal, TransportGoal | SendGoal) or not goal.after:
        return goal
    gates = (gate for old in goal.after if old < len(became) for gate in became[old] if gate != index)
    return goal.model_copy(update={"after": tuple(dict.fromkeys(gates))})


def emptied(request: str, goals: Goals, language: str) -> Goals:
    """The goals, with the time by which places are to be empty for what is carried away from there: "docks one and two
    empty by three, everything to packing" closes nothing."""
    made: list[list[Goal]] = [[goal] for goal in goals.goals]
    for index, goal in enumerate(goals.goals):
        if not isinstance(goal, AvoidGoal) or not _is_to_become_empty(goal, language):
            continue
        away = [
            (at, other)
            for at, other in enumerate(goals.goals)
            if isinstance(other, TransportGoal) and other.origins and {*other.origins} <= {*goal.places}
        ]
        timed = any(getattr(other, name) is not None for _, other in away for name in _TIMES)
        if {place for _, other in away for place in other.origins} == {*goal.places} and not timed:
            limit = {"by": goal.until_time} if goal.until_time else {"within_s": goal.until_s}
            for at, other in away:
                made[at] = [other.model_copy(update=limit | _words_of_both(request, goal, other))]
            made[index] = []
    return renumbered(goals, made)


def _words_of_both(request: str, goal: Goal, more: Goal) -> dict[str, str]:
    """The words of two goals as one stretch of the request; nothing where they do not follow each other."""
    begin, end = request.find(goal.words), request.find(more.words)
    follows = begin >= 0 and 0 <= end - begin - len(goal.words) <= _GAP
    return {"words": request[begin : end + len(more.words)]} if follows else {}


def _is_to_become_empty(goal: AvoidGoal, language: str) -> bool:
    begins = goal.from_s is not None or goal.from_time is not None
    ends = goal.until_s is not None or goal.until_time is not None
    said = speaks_for("empty", goal.words, language) and not speaks_for("stays", goal.words, language)
    return ends and said and not begins


def apiece(goals: Goals, language: str) -> Goals:
    """The goals, with one for each place where so much goes to, or comes from, each of several."""
    return renumbered(goals, [tuple(_apiece(goal, language)) for goal in goals.goals])


def _apiece(goal: Goal, language: str) -> Iterator[Goal]:
    many = isinstance(goal, TransportGoal) and speaks_for("each", goal.words, language)
    sides = [side for side in ("origins", "destinations") if many and len(getattr(goal, side)) > 1]
    if len(sides) == 1 and getattr(goal, "count", None) is not None:
        yield from (goal.model_copy(update={sides[0]: (place,)}) for place in getattr(goal, sides[0]))
    else:
        yield goal


def in_one(site: Site, request: str, goals: Goals, mentions: Sequence[NamedThing], language: str) -> Goals:
    """The goals, each with what only goes on with it: where a transport is to ("fetch two from customs | and bring them
    to chute 4") or with whom ("five from gate 2 to the sorter | robots only"), that who charges stays there, and that
    nobody comes back on a way that is driven in one direction. Nothing is closed that is named only later."""
    made: list[list[Goal]] = []
    into: dict[int, int] = {}
    last = -1  # the goal that others may go on with
    for index, each in enumerate(goals.goals):
        goal = _one_way(site, each, mentions, language)
        whole = _whole(site, request, made[last][0], goal, mentions, language) if last >= 0 else None
        if whole is not None:
            made[last], into[index] = [whole], last
        keeps = whole is None and (not isinstance(goal, AvoidGoal) or _named_by_then(site, request, goal, mentions))
        made.append([goal] if keeps else [])
        last = index if keeps else last
    return renumbered(goals, made, into)


def _one_way(site: Site, goal: Goal, mentions: Sequence[NamedThing], language: str) -> Goal:
    """What is "one way from aisle 2 to aisle 4" is not closed."""
    if not isinstance(goal, AvoidGoal) or not speaks_for("one_way", goal.words, language):
        return goal
    named = ((fold(goal.words).find(fold(m.words)), m.ids[0]) for m in mentions if m.sure and len(m.ids) == 1)
    ends = [place for at, place in sorted(named) if at >= 0 and place in site.places]
    return OneWayGoal(words=goal.words, start=ends[0], end=ends[1]) if len(ends) == 2 else goal


def _named_by_then(site: Site, request: str, goal: AvoidGoal, mentions: Sequence[NamedThing]) -> bool:
    if not mentions:
        return True
    before, found, _ = request.partition(goal.words)
    named = said_in(before + found, mentions)
    return not found or any(places_meant(site, place) & named or place in named for place in goal.places)


def _whole(
    site: Site, request: str, goal: Goal, more: Goal, mentions: Sequence[NamedThing], language: str
) -> Goal | None:
    """Two goals as one, where the second is a part of the first; None if it is not."""
    words = _words_of_both(request, goal, more)
    if not words:
        return None
    where = said_in(more.words, mentions) & site.places.keys()
    if isinstance(goal, TransportGoal) and isinstance(more, SendGoal):
        carries = _carries(goal, more, where, said_in(goal.words, mentions))
        return goal.model_copy(update=words | {"vehicles": goal.vehicles or more.vehicles}) if carries else None
    if isinstance(goal, SendGoal) and isinstance(more, SendGoal):
        stays = (
            _stays(goal, more)
            and not said_in(more.words, mentions)
            and "park" not in spoken_fields(more.words, language)
        )
        return goal.model_copy(update=words | {"when": "only"}) if stays else None
    back = isinstance(goal, OneWayGoal) and isinstance(more, AvoidGoal) and not where
    return goal.model_copy(update=words) if back else None


def _stays(goal: SendGoal, more: SendGoal) -> bool:
    """Whether the same vehicles that charge are only told to go on: "and leave them there", "until the end"."""
    same = (goal.vehicles, goal.among) == (more.vehicles, more.among) and more.action in ("charge", "park")
    return same and goal.action == "charge" and goal.until is None and more.until is None


def _carries(goal: TransportGoal, drive: SendGoal, where: AbstractSet[str], named: AbstractSet[str]) -> bool:
    """Whether a drive is the rest of a transport, in the words of which some things are ``named``."""
    to = set(goal.destinations)
    if drive.action != "move" or not drive.vehicles or not to or set(drive.destinations) != to:
        return False
    only_there = where & to and not named & to and set(drive.vehicles) <= set(goal.vehicles)
    whom = not where and (not goal.vehicles or goal.vehicles == drive.vehicles)
    return bool(only_there or whom)


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


_TIMES = ("by", "within_s", "not_before", "not_before_s")
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
