"""Checks what a model understood against the site and the request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pydantic import ValidationError

from banksman_cloud.providers.names import said_in
from banksman_shared.plans import AvoidGoal, Goal, Goals, NamedThing, SendGoal, TransportGoal
from banksman_shared.site import Site
from banksman_shared.text import fold

MAX_LOADS = 200


def read_goals(answer: str | Goals) -> Goals | list[str]:
    """The goals in a model's answer, or what is wrong with its form in plain words."""
    if isinstance(answer, Goals):
        return answer
    try:
        return Goals.model_validate_json(answer)
    except ValidationError as error:
        return [f"{'.'.join(map(str, e['loc'])) or 'the answer'}: {e['msg']}" for e in error.errors()[:5]]


def cite(goals: Goals, request: str) -> Goals:
    """Goals whose ``words`` stand in the request; a quotation that does not becomes the whole request."""
    said = fold(request)
    cited = (
        goal if fold(goal.words) and fold(goal.words) in said else goal.model_copy(update={"words": request})
        for goal in goals.goals
    )
    return goals.model_copy(update={"goals": tuple(cited)})


def check_goals(site: Site, goals: Goals, request: str, mentions: Sequence[NamedThing] = ()) -> list[str]:
    """Everything in ``goals`` that the site cannot mean, and every place of ``request`` that is missing in them, in
    sentences a model or an operator can act on. With ``mentions`` also every place in them that nobody named."""
    faults: list[str] = []
    for goal in goals.goals:
        faults += [f"'{goal.words}': {fault}" for fault in _goal(site, goal)]
    faults += _together(goals)
    if goals.goals:
        faults += _forgotten(site, goals, request, mentions)
        faults += _invented(site, goals, mentions)
    loads = sum(goal.count for goal in goals.goals if isinstance(goal, TransportGoal))
    if loads > MAX_LOADS:
        faults.append(f"{loads} loads are more than one plan takes ({MAX_LOADS})")
    if not any(isinstance(goal, TransportGoal | SendGoal) for goal in goals.goals):
        faults.append("the request names nothing for a vehicle to do")
    return faults


def _goal(site: Site, goal: Goal) -> Iterator[str]:
    if isinstance(goal, AvoidGoal):
        yield from _unknown("place", goal.places, site.places)
        return
    yield from _unknown("vehicle", goal.vehicles, site.vehicles)
    yield from _unknown("place", goal.destinations, site.places)
    if isinstance(goal, TransportGoal):
        yield from _unknown("place", goal.origins, site.places)
        if set(goal.origins) == set(goal.destinations) and len(set(goal.origins)) == 1:
            yield f"origin and destination are both {goal.origins[0]}"
        return
    if goal.action == "move" and not goal.destinations:
        yield "a move needs a destination"
    if not goal.vehicles and goal.count > len(site.vehicles):
        yield f"the site has only {len(site.vehicles)} vehicles, not {goal.count}"
    for place in goal.destinations:
        if goal.action == "charge" and place in site.places and not site.places[place].charger:
            yield f"{place} is no charger"


def _unknown(what: str, ids: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    listed, names = list(ids), set(known)
    for name in dict.fromkeys(listed):
        if name not in names:
            yield f"the site has no {what} '{name}'"
        elif listed.count(name) > 1:
            yield f"{what} '{name}' stands twice"


def _places(goal: Goal) -> tuple[str, ...]:
    if isinstance(goal, AvoidGoal):
        return goal.places
    return (*goal.destinations, *(goal.origins if isinstance(goal, TransportGoal) else ()))


def _forgotten(site: Site, goals: Goals, request: str, mentions: Sequence[NamedThing]) -> Iterator[str]:
    """A place that is named and in no goal means that a wish, perhaps a prohibition, was lost."""
    used = {place for goal in goals.goals for place in _places(goal)}
    if any(isinstance(goal, SendGoal) and not goal.destinations for goal in goals.goals):
        used.update(place.id for place in site.chargers())  # whichever is nearest, or the vehicle's home
        used.update(vehicle.home for vehicle in site.vehicles.values())
    for words in goals.unsupported:
        used.update(said_in(words, mentions) if mentions else _named(site, words))
    # A kind ("the aisles") names no place for certain, so it is not missed.
    certain = {m.ids[0]: m.words for m in mentions if len(m.ids) == 1 and m.ids[0] in site.places}
    for place, name in (certain if mentions else _named(site, request)).items():
        if place not in used:
            yield f"the request names {name} ({place}), and no goal speaks of it"


def _invented(site: Site, goals: Goals, mentions: Sequence[NamedThing]) -> Iterator[str]:
    """A place that nobody named is a slip, unless it goes on from one that was: "docks one to four"."""
    named = {i for mention in mentions for i in mention.ids if i in site.places}
    kinds = {site.places[i].kind for i in named if site.places[i].number is not None}
    for goal in goals.goals:
        for place in _places(goal) if mentions else ():
            known = site.places.get(place)
            usual = isinstance(goal, SendGoal) and goal.action != "move"
            if known and place not in named and known.kind not in kinds and not usual:
                yield f"'{goal.words}' uses {place}, which the request does not name"


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


def _together(goals: Goals) -> Iterator[str]:
    """What single goals cannot show."""
    avoided = {place for goal in goals.goals if isinstance(goal, AvoidGoal) for place in goal.places}
    ended: dict[str, str] = {}
    for goal in goals.goals:
        if isinstance(goal, AvoidGoal):
            continue
        for ids in (goal.destinations, goal.origins if isinstance(goal, TransportGoal) else ()):
            if ids and avoided.issuperset(ids):
                yield f"'{goal.words}' needs {' or '.join(ids)}, which is to be avoided"
        for vehicle in goal.vehicles if isinstance(goal, SendGoal) else ():
            if vehicle in ended:
                yield f"'{goal.words}' sends {vehicle} on after '{ended[vehicle]}', which has no end; ask for it later"
            if isinstance(goal, SendGoal) and goal.action != "move":
                ended[vehicle] = goal.words
