"""What a small model's answer must be able to point at in the request.

A small model likes to fill in vehicles nobody named. Vehicles are always called by a name or kind of the site, so
their absence from the quoted words can be seen in code; the counted things and the ways to say "go" cannot.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from banksman_cloud.reading import LIMITS, heard_as, may_say, members, said_in, selector, spoken_fields
from banksman_shared.plans import AvoidGoal, Goal, Goals, NamedThing, PreferGoal, ReserveGoal, SendGoal, TransportGoal
from banksman_shared.site import Site
from banksman_shared.text import fold

_SAID = (AvoidGoal, PreferGoal)
"""What some words say, without which there is nothing in it; what else they say is missed by others."""


def named_vehicles(site: Site, text: str, mentions: Sequence[NamedThing] = ()) -> frozenset[str]:
    """Vehicles that ``text`` may speak of: by their own name, or one of their kind or group. ``mentions``, where
    they are known, are taken for all that the request names."""
    if mentions:
        return said_in(text, mentions).intersection(site.vehicles)
    said = fold(text)
    kinds = {kind.id for kind in site.vehicle_kinds.values() if heard_as(kind.names, said)}
    grouped = {v for group in site.groups.values() if heard_as(group.names, said) for v in group.vehicles}
    return frozenset(
        v.id
        for v in site.vehicles.values()
        if v.kind in kinds or v.id in grouped or fold(v.id) in said or heard_as(v.names, said)
    )


def keep_evident(
    site: Site, request: str, goals: Goals, mentions: Sequence[NamedThing] = (), language: str = "en"
) -> Goals:
    """``goals`` without what nothing in the ``request`` in a ``language`` speaks for."""
    kept: list[Goal] = []
    unsupported = list(goals.unsupported)
    quoted = " / ".join(goal.words for goal in goals.goals if not isinstance(goal, PreferGoal))  # has no vehicles
    free = named_vehicles(site, request, mentions) - named_vehicles(site, quoted, mentions) if mentions else frozenset()
    once = [_without_repeats(goal) for goal in goals.goals]
    given = tuple(dict.fromkeys(once))
    places: dict[Goal, int] = {}
    for goal in given:
        evident = _evident(site, request, goal, mentions, free, language)
        if evident is not None:
            places[goal] = len(kept)
            kept.append(evident)
        elif (
            not isinstance(goal, AvoidGoal | PreferGoal) and goal.words not in unsupported
        ):  # told twice is better than lost
            unsupported.append(goal.words)
    moved = {index: places[goal] for index, goal in enumerate(once) if goal in places}
    moved = {index: at for index, at in moved.items() if isinstance(kept[at], TransportGoal | SendGoal)}
    waiting = [_waiting(index, goal, moved) for index, goal in enumerate(kept)]
    made = tuple(_no_more_urgent(goal, waiting) for goal in waiting)
    return Goals(goals=made, unsupported=tuple(unsupported), unclear=goals.unclear)


def _no_more_urgent(goal: Goal, goals: Sequence[Goal]) -> Goal:
    """A small model likes to call things urgent; where all transports are alike, none of them is."""
    if isinstance(goal, TransportGoal) and len({g.priority for g in goals if isinstance(g, TransportGoal)}) == 1:
        return goal.model_copy(update={"priority": "normal"})
    return goal


def _waiting(index: int, goal: Goal, moved: Mapping[int, int]) -> Goal:
    """The goal with what it waits for counted among those that are left and are something to be done, never itself."""
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


def _evident(
    site: Site, request: str, goal: Goal, mentions: Sequence[NamedThing], free: frozenset[str], language: str
) -> Goal | None:
    """``free``: vehicles that are named in the request and quoted by no goal; any goal may mean them."""
    named = named_vehicles(site, goal.words, mentions)
    barred = "without" in spoken_fields(goal.words, language)  # who is named may be the one that may not
    if isinstance(goal, TransportGoal):
        left_out = _said(site, goal.without, named | free)
        meant = tuple(v for v in _said(site, goal.vehicles, named | free) if v not in left_out)
        meant = meant or (tuple(named) if len(named) == 1 and not left_out and not barred else ())
        return goal.model_copy(update={"vehicles": meant, "without": left_out})
    if isinstance(goal, _SAID) and not _is_said(site, request, goal, mentions, language):
        return None
    if isinstance(goal, AvoidGoal | ReserveGoal):
        return goal.model_copy(update={"vehicles": _said(site, goal.vehicles, named | free)})
    return _evident_send(site, request, goal, mentions, named, barred) if isinstance(goal, SendGoal) else goal


def _is_said(
    site: Site, request: str, goal: AvoidGoal | PreferGoal, mentions: Sequence[NamedThing], language: str
) -> bool:
    """Whether words of the request close something, or prefer something; all are to be done soon anyway."""
    if not mentions or (isinstance(goal, PreferGoal) and goal.what == "early"):
        return True
    if isinstance(goal, AvoidGoal) and "free" in spoken_fields(goal.words, language):
        return True
    senses = LIMITS if isinstance(goal, AvoidGoal) else {"prefer"}
    return may_say(site, request, goal.words, language, mentions, senses)


def _evident_send(
    site: Site, request: str, goal: SendGoal, mentions: Sequence[NamedThing], named: frozenset[str], barred: bool
) -> Goal | None:
    before, _, _ = request.partition(goal.words)
    everybody = named_vehicles(site, before if mentions else request, mentions)
    referred = goal.vehicles and _said(site, goal.vehicles, everybody) == goal.vehicles  # "then park it"
    if not named and not referred:
        return None
    changes: dict[str, tuple[str, ...]] = {"without": _said(site, goal.without, named)}
    if goal.action != "move" and not _names_place(site, goal.words, mentions):
        changes["destinations"] = ()
    return _some_of(site, goal.model_copy(update=changes), () if barred else mentions, named)


def _some_of(site: Site, goal: SendGoal, mentions: Sequence[NamedThing], named: frozenset[str]) -> Goal:
    """Of a kind or group of which only a number is sent, any may be: "two forklifts" are not all of them."""
    all_of = {v for v in goal.vehicles if len(members(site, v)) > goal.count > 1}
    if len(goal.vehicles) == len(all_of) == 1:
        return goal.model_copy(update={"vehicles": (), "among": goal.vehicles})
    among = _said(site, goal.among, named)
    if not goal.vehicles and not among:
        spoken = dict.fromkeys(selector(site, m) for m in mentions if named.issuperset(m.ids))
        among = tuple(each for each in spoken if each)
    return goal.model_copy(update={"among": () if goal.vehicles else among})


def _said(site: Site, references: Iterable[str], named: frozenset[str]) -> tuple[str, ...]:
    """Those of which all vehicles are named."""
    return tuple(each for each in references if members(site, each) <= named)


def _names_place(site: Site, words: str, mentions: Sequence[NamedThing]) -> bool:
    """Whether a single place is named: "the charger" is whichever is nearest."""
    if mentions:
        return not said_in(words, (m for m in mentions if len(m.ids) == 1)).isdisjoint(site.places)
    said = f" {fold(words)} "
    names = [p.names for p in site.places.values()] + [k.names for k in site.place_kinds.values()]
    return any(f" {fold(name)} " in said for each in names for spoken in each.values() for name in spoken)
