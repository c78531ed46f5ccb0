"""Checks what a model understood against the site and the request."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from banksman_cloud.errors import TooLargeError
from banksman_cloud.reading.ambiguous_places import one_of_several
from banksman_cloud.reading.consistency import contradictions
from banksman_cloud.reading.nameable import heard_places, lacking
from banksman_cloud.reading.names import places_meant, said_in
from banksman_shared.plans import (
    MAX_LOADS,
    AvoidGoal,
    Goal,
    Goals,
    NamedThing,
    OneWayGoal,
    PlanRequest,
    SendGoal,
    TransportGoal,
)
from banksman_shared.site import Site
from banksman_shared.text import fold

NO_WORK = "the request names nothing for a vehicle to do"


def read_goals(answer: str | Goals) -> Goals | list[str]:
    """The goals in a model's answer, or what is wrong with its form in plain words.

    Raises:
        TooLargeError: there are more goals than one request takes, or a transport has more loads than one plan.
    """
    if isinstance(answer, Goals):
        return answer
    try:
        return Goals.model_validate_json(answer)
    except ValidationError as error:
        many = next((e["ctx"] for e in error.errors() if e["loc"] == ("goals",) and e["type"] == "too_long"), None)
        if many is not None:
            raise TooLargeError(
                f"{many['actual_length'] or 'so many'} wishes are more than one request takes; ask for "
                f"{many['max_length']} at most, and for the rest when they are done"
            ) from error
        large = [e for e in error.errors() if e["loc"][-2:] == ("transport", "count") and _is_above(e)]
        if len(large) == error.error_count():
            raise _too_large(sum(e["input"] for e in large)) from error
        return [f"{'.'.join(map(str, e['loc'])) or 'the answer'}: {e['msg']}" for e in error.errors()[:5]]


def cite(goals: Goals, request: str) -> tuple[Goals, list[str]]:
    """The goals with the exact stretch of the request as their ``words``, and which quote what nobody said."""
    cited: list[Goal] = []
    faults: list[str] = []
    for goal in goals.goals:
        words = stretch(request, goal.words)
        if words is None:
            faults.append(f"'{goal.words}' does not stand in the request; quote its words as they are")
        cited.append(goal.model_copy(update={"words": request if words is None else words}))
    return goals.model_copy(update={"goals": tuple(cited)}), faults


def stretch(request: str, words: str) -> str | None:
    """The part of ``request`` that reads as ``words`` but for case, accents and punctuation; None if none does."""
    if words and words in request:
        return words
    said, target = fold(request), fold(words)
    at = said.find(target)
    if not target or at < 0:
        return None
    length = len(request)
    rest = len(said) - at
    begin = bisect_left(range(length + 1), True, key=lambda i: len(fold(request[i:])) < rest) - 1
    end = bisect_left(range(begin, length + 1), len(target), key=lambda j: len(fold(request[begin:j]))) + begin
    found = request[begin:end].strip()
    return found if fold(found) == target else None


def check_goals(
    site: Site,
    goals: Goals,
    request: str,
    mentions: Sequence[NamedThing] = (),
    types: Collection[str] = (),
    written: Goals | None = None,
) -> list[str]:
    """Everything in ``goals`` that the site cannot mean, and every place of ``request`` that is missing in them, in
    sentences a model or an operator can act on. With ``mentions`` also every place in them that nobody named, and
    every vehicle that is missing. ``types``: of loads that the fleet knows besides those of the layout. ``written``:
    the goals before they were settled, which may speak of places where nothing stands."""
    faults: list[str] = []
    for goal in goals.goals:
        faults += [f"'{goal.words}': {fault}" for fault in _goal(site, goal, types)]
    faults += [found.sentence for found in contradictions(goals.goals)]
    if goals.goals:
        faults += _forgotten(site, goals, written or goals, request, mentions)
        faults += _invented(site, goals, request, mentions)
        faults += (
            () if mentions else (f"the request names {name}, which the site lacks" for name in lacking(site, request))
        )
    if not any(isinstance(goal, TransportGoal | SendGoal) for goal in goals.goals):
        faults.append(NO_WORK)
    return faults


def check_amount(goals: Goals) -> None:
    """Raises:
    TooLargeError: they are about more loads than one plan takes. No other words for it would help.
    """
    loads = sum(goal.count or 0 for goal in goals.goals if isinstance(goal, TransportGoal))
    if loads > MAX_LOADS:
        raise _too_large(loads)


def _is_above(fault: ErrorDetails) -> bool:
    number = isinstance(fault["input"], int)  # and no text that reads as one
    return number and fault["type"] == "less_than_equal" and fault["ctx"]["le"] == MAX_LOADS


def _too_large(loads: int) -> TooLargeError:
    return TooLargeError(
        f"{loads} loads are more than one plan takes; ask for {MAX_LOADS} at most, and for the rest when they are done"
    )


def load_types(site: Site) -> frozenset[str]:
    """The types of load that the layout tells of."""
    nodes = (kind for node in site.layout.nodes.values() for kind in node.load_types)
    return frozenset((*nodes, *(place.load_type for place in site.places.values() if place.load_type)))


def _goal(site: Site, goal: Goal, types: Collection[str]) -> Iterator[str]:
    for name in ("vehicles", "without", "among", "only", "never"):
        yield from _unknown("vehicle", getattr(goal, name, ()), site.vehicles)
    for name in ("origins", "destinations", "places"):
        yield from _unknown("place", getattr(goal, name, ()), site.places)
    if isinstance(goal, OneWayGoal):
        yield from _unknown("place", (goal.start, goal.end), site.places)
    elif isinstance(goal, TransportGoal):
        if set(goal.origins) == set(goal.destinations) and len(set(goal.origins)) == 1:
            yield f"origin and destination are both {goal.origins[0]}"
        if goal.load_type is not None and goal.load_type not in {*types, *load_types(site)}:
            yield f"nothing here is of the type '{goal.load_type}'"
    elif isinstance(goal, SendGoal):
        yield from _send(site, goal)


def _send(site: Site, goal: SendGoal) -> Iterator[str]:
    if goal.action == "move" and not goal.destinations:
        yield "a move needs a destination"
    if not goal.vehicles and goal.count > len(goal.among or site.vehicles):
        yield f"the site has only {len(goal.among or site.vehicles)} vehicles, not {goal.count}"
    for place in goal.destinations:
        if goal.action == "charge" and place in site.places and not site.places[place].charger:
            yield f"{place} is no charger"
    if goal.until is not None and (goal.action, goal.when) != ("charge", "first"):
        yield "only a vehicle that charges first and then goes on charges to a per cent"
    if goal.when == "first" and goal.action == "park":
        yield "a vehicle that parks does nothing after it"
    if goal.when == "first" and goal.after:
        yield "what a vehicle does first cannot wait for something else"


def _unknown(what: str, ids: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    names = set(known)
    for name, times in Counter(ids).items():
        if name not in names:
            yield f"the site has no {what} '{name}'"
        elif times > 1:
            yield f"{what} '{name}' stands twice"


def _places(goal: Goal) -> tuple[str, ...]:
    if isinstance(goal, OneWayGoal):
        return goal.start, goal.end
    if isinstance(goal, AvoidGoal):
        return goal.places
    return (*getattr(goal, "destinations", ()), *getattr(goal, "origins", ()))


def _vehicles(goal: Goal) -> tuple[str, ...]:
    names = ("vehicles", "without", "among", "only", "never")
    return tuple(vehicle for name in names for vehicle in getattr(goal, name, ()))


def things_in(site: Site, goals: Sequence[Goal]) -> set[str]:
    """The places, zones and vehicles that goals have to do with."""
    used = {thing for goal in goals for thing in (*_places(goal), *_vehicles(goal))}
    if any(isinstance(goal, SendGoal) and not goal.destinations for goal in goals):
        used.update(place.id for place in site.chargers())  # whichever is nearest, or the vehicle's home
        used.update(vehicle.home for vehicle in site.vehicles.values())
    return used


def unnamed_in(site: Site, used: set[str], mentions: Sequence[NamedThing]) -> list[NamedThing]:
    """The names of a single place, zone or vehicle, certain to be meant, of which nothing is ``used``. A kind ("the
    aisles") names no place for certain."""
    known = {*site.places, *site.vehicles, *(f"zone:{zone}" for zone in site.rules.zones)}
    certain = (mention for mention in mentions if mention.sure and len(mention.ids) == 1 and mention.ids[0] in known)
    return [m for m in certain if m.ids[0] not in used and not site.places_of(m.ids[0]) <= used]


def spoken_of(site: Site, goals: Goals, written: Goals, mentions: Sequence[NamedThing]) -> set[str]:
    """The places, zones and vehicles that goals, as they are settled and as they were ``written``, have to do with, or
    that are told to be left out."""
    used = things_in(site, goals.goals) | things_in(site, written.goals)
    for words in goals.unsupported:
        used.update(said_in(words, mentions) if mentions else _named(site, words))
    return used


def _forgotten(site: Site, goals: Goals, written: Goals, request: str, mentions: Sequence[NamedThing]) -> Iterator[str]:
    """A place, zone or vehicle that is named and in no goal means that a wish, perhaps a prohibition, was lost."""
    used = spoken_of(site, goals, written, mentions)
    named = mentions or [NamedThing(words=name, ids=(thing,)) for thing, name in _named(site, request).items()]
    for thing, name in {m.ids[0]: m.words for m in unnamed_in(site, used, named)}.items():
        yield f"the request names {name} ({thing}), and no goal speaks of it"


def _invented(site: Site, goals: Goals, request: str, mentions: Sequence[NamedThing]) -> Iterator[str]:
    """A place that nobody named is a slip, unless it goes on from one that was: "docks one to four". Without
    ``mentions`` it is one where the request has words of other places' names."""
    named = {place for mention in mentions for i in mention.ids for place in site.places_of(i) if place in site.places}
    named |= set() if mentions else heard_places(site, request)
    kinds = {site.places[i].kind for i in named if site.places[i].number is not None}
    for goal in goals.goals:
        for place in _places(goal) if named else ():
            known = site.places.get(place)
            usual = isinstance(goal, SendGoal) and goal.action != "move"
            if known and place not in named and known.kind not in kinds and not usual:
                yield f"'{goal.words}' uses {place}, which the request does not name"


def guessed(site: Site, goals: Goals, request: PlanRequest) -> tuple[str, ...]:
    """Names in the request that may mean several places ("the dock"), of which ``goals``, as a model wrote them, picked
    some that nobody named, or all where one is meant. Which charger or home it is, is not picked by goals."""
    mentions = request.mentions
    meant = {m.words: frozenset(place for i in m.ids for place in site.places_of(i)) for m in mentions}
    named = {m.ids[0] for m in mentions if len(m.ids) == 1}
    sent = (g for g in goals.goals if not isinstance(g, SendGoal) or g.action == "move")
    picked = {place for goal in sent for each in _places(goal) for place in places_meant(site, each)}
    several = {words: ids for words, ids in meant.items() if len(ids) > 1 and ids <= site.places.keys()}
    single = {m.words for m in one_of_several(site, request)}
    return tuple(
        words
        for words, ids in several.items()
        if picked.intersection(ids) - named and (words in single or not picked >= ids)
    )


def named_in(site: Site, text: str) -> tuple[NamedThing, ...]:
    """The places and zones whose full names stand in a text, where nobody has found that out."""
    return tuple(NamedThing(words=name, ids=(thing,)) for thing, name in _named(site, text).items())


def _named(site: Site, text: str) -> dict[str, str]:
    """Places whose full name stands in ``text``, with that name. Longer names hide the shorter ones inside them."""
    said = f" {fold(text)} "
    found: dict[str, str] = {}
    for name, place in sorted(_spoken(site), key=lambda pair: -len(pair[0])):
        if f" {name} " in said:
            found.setdefault(place, name)
            said = said.replace(f" {name} ", " | ")
    return found


def _spoken(site: Site) -> Iterator[tuple[str, str]]:
    for place in site.places.values():
        kind = site.place_kinds.get(place.kind or "")
        for names in place.names.values():
            yield from ((fold(name), place.id) for name in names)
        for names in kind.names.values() if kind and place.number is not None else ():
            yield from ((fold(f"{name} {place.number}"), place.id) for name in names)
    for zone in site.rules.zones.values():
        for names in zone.names.values():
            yield from ((fold(name), f"zone:{zone.id}") for name in names)
