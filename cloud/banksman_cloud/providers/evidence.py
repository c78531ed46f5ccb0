"""What a small model's answer must be able to point at in the request.

A small model likes to fill in vehicles nobody named. Vehicles are always called by a name or kind of the site, so
their absence from the quoted words can be seen in code; the counted things and the ways to say "go" cannot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from banksman_cloud.providers.names import said_in
from banksman_shared.plans import Goal, Goals, NamedThing, SendGoal, TransportGoal
from banksman_shared.site import Site
from banksman_shared.site.model import Names
from banksman_shared.text import fold

_ENDING = 2
"""Letters at the end of a longer word that inflection may change."""


def named_vehicles(site: Site, text: str, mentions: Sequence[NamedThing] = ()) -> frozenset[str]:
    """Vehicles that ``text`` may speak of: by their own name, or one of their kind or group. ``mentions``, where
    they are known, are taken for all that the request names."""
    if mentions:
        return said_in(text, mentions).intersection(site.vehicles)
    said = fold(text)
    kinds = {kind.id for kind in site.vehicle_kinds.values() if _heard(kind.names, said)}
    grouped = {v for group in site.groups.values() if _heard(group.names, said) for v in group.vehicles}
    return frozenset(
        v.id
        for v in site.vehicles.values()
        if v.kind in kinds or v.id in grouped or fold(v.id) in said or _heard(v.names, said)
    )


def keep_evident(site: Site, request: str, goals: Goals, mentions: Sequence[NamedThing] = ()) -> Goals:
    """``goals`` without what nothing in the request speaks for."""
    kept: list[Goal] = []
    unsupported = list(goals.unsupported)
    quoted = " / ".join(goal.words for goal in goals.goals)
    free = named_vehicles(site, request, mentions) - named_vehicles(site, quoted, mentions) if mentions else frozenset()
    once = [_without_repeats(goal) for goal in goals.goals]
    given = tuple(dict.fromkeys(once))
    places: dict[Goal, int] = {}
    for goal in given:
        evident = _evident(site, request, goal, mentions, free)
        if evident is not None:
            places[goal] = len(kept)
            kept.append(evident)
        elif goal.words not in unsupported:  # told twice is better than lost
            unsupported.append(goal.words)
    moved = {index: places[goal] for index, goal in enumerate(once) if goal in places}
    waiting = [_waiting(index, goal, moved) for index, goal in enumerate(kept)]
    made = tuple(_no_more_urgent(goal, waiting) for goal in waiting)
    return Goals(goals=made, unsupported=tuple(unsupported), unclear=goals.unclear)


def _no_more_urgent(goal: Goal, goals: Sequence[Goal]) -> Goal:
    """A small model likes to call things urgent; where all transports are alike, none of them is."""
    if isinstance(goal, TransportGoal) and len({g.priority for g in goals if isinstance(g, TransportGoal)}) == 1:
        return goal.model_copy(update={"priority": "normal"})
    return goal


def _waiting(index: int, goal: Goal, moved: Mapping[int, int]) -> Goal:
    """The goal with what it waits for counted among the goals that are left, and never itself."""
    gates = goal.after if isinstance(goal, TransportGoal | SendGoal) else ()
    left = tuple(dict.fromkeys(moved[gate] for gate in gates if moved.get(gate, index) != index))
    return goal.model_copy(update={"after": left}) if gates else goal


def _without_repeats(goal: Goal) -> Goal:
    """A small model repeats itself: the same id twice in a list, the only destination among the origins."""
    lists = {k: tuple(dict.fromkeys(v)) for k, v in goal if isinstance(v, tuple)}
    for one, other in (("origins", "destinations"), ("destinations", "origins")):
        elsewhere = tuple(place for place in lists.get(one, ()) if place not in lists.get(other, ()))
        if elsewhere and len(lists.get(other, ())) == 1:
            lists[one] = elsewhere
    return goal.model_copy(update=lists)


def _evident(site: Site, request: str, goal: Goal, mentions: Sequence[NamedThing], free: frozenset[str]) -> Goal | None:
    """``free``: vehicles that are named in the request and quoted by no goal; any goal may mean them."""
    if isinstance(goal, TransportGoal):
        named = named_vehicles(site, goal.words, mentions)
        meant = tuple(v for v in goal.vehicles if v in named or v in free) or (tuple(named) if len(named) == 1 else ())
        return goal.model_copy(update={"vehicles": meant})
    if not isinstance(goal, SendGoal):
        return goal
    referred = goal.vehicles and named_vehicles(site, request, mentions).issuperset(goal.vehicles)  # "then park it"
    if not named_vehicles(site, goal.words, mentions) and not referred:
        return None
    if goal.action != "move" and not _names_place(site, goal.words, mentions):
        return goal.model_copy(update={"destinations": ()})
    return goal


def _names_place(site: Site, words: str, mentions: Sequence[NamedThing]) -> bool:
    """Whether a single place is named: "the charger" is whichever is nearest."""
    if mentions:
        return not said_in(words, (m for m in mentions if len(m.ids) == 1)).isdisjoint(site.places)
    said = f" {fold(words)} "
    names = [p.names for p in site.places.values()] + [k.names for k in site.place_kinds.values()]
    return any(f" {fold(name)} " in said for each in names for spoken in each.values() for name in spoken)


def _heard(names: Names, said: str) -> bool:
    return any(_stem(fold(name)) in said for spoken in names.values() for name in spoken)


def _stem(name: str) -> str:
    return name[:-_ENDING] if len(name) > 3 * _ENDING else name
