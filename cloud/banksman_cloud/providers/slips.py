"""What a small model mixes up and code can set right, since the request's words leave no doubt."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from banksman_cloud.providers.joined import once
from banksman_cloud.reading import UNSPACED, conditions, cues, members, said_in, speaks_for, spoken_fields
from banksman_shared.plans import AvoidGoal, Goal, Goals, NamedThing, SendGoal, TransportGoal, UseGoal
from banksman_shared.site import Site
from banksman_shared.text import fold


def without_slips(site: Site, goals: Goals, mentions: Sequence[NamedThing], language: str) -> Goals:
    """The goals with each vehicle where it is spoken of, with what somebody is sent to do there, and with vehicles kept
    out where the words say so."""
    first = _too(goals.goals, mentions, site, language)
    made = tuple(
        _ended(_used(_left_alone(site, _sent(site, goal, mentions, language), mentions, language), language), language)
        for goal in first
    )
    kept_out = frozenset(vehicle for goal in made if isinstance(goal, UseGoal) for vehicle in goal.never)
    made = tuple(_without(goal, kept_out, site, mentions) for goal in made)
    own = _in_order(tuple(_own(goal, made, mentions) for goal in made), language)
    waiting = any(getattr(goal, "after", ()) for goal in own)
    return goals.model_copy(update={"goals": own if waiting else once(own, mentions)})


def _too(goals: Sequence[Goal], mentions: Sequence[NamedThing], site: Site, language: str) -> list[Goal]:
    """With what was said before for whoever does so "too": "three carts charge fully, and stacker one too"."""
    made: list[Goal] = []
    for goal in goals:
        made.append(_as_before(goal, made[-1], mentions, site, language) if made else goal)
    return made


def _as_before(goal: Goal, before: Goal, mentions: Sequence[NamedThing], site: Site, language: str) -> Goal:
    """What somebody else is sent to do, for words with "too" that say neither what nor where."""
    both = isinstance(goal, SendGoal) and isinstance(before, SendGoal)
    if not (both and speaks_for("too", goal.words, language)):
        return goal
    said, named = spoken_fields(goal.words, language), said_in(goal.words, mentions)
    if said & {"charge", "park"} or named & site.places.keys():
        return goal
    return goal.model_copy(update={field: getattr(before, field) for field in ("action", "destinations", "until")})


def _own(goal: Goal, goals: Sequence[Goal], mentions: Sequence[NamedThing]) -> Goal:
    """A goal that quotes another one's words within its own, without the vehicles that are named only there."""
    if not isinstance(goal, TransportGoal | SendGoal):
        return goal
    inner = [o for o in goals if isinstance(o, TransportGoal | SendGoal) and o.words != goal.words]
    inner = [o for o in inner if fold(o.words) in fold(goal.words) and o.vehicles]
    rest = fold(goal.words)
    for other in inner:
        rest = rest.replace(fold(other.words), " ", 1)
    named = said_in(rest, mentions)
    theirs = {vehicle for other in inner for vehicle in other.vehicles} - named
    kept = tuple(vehicle for vehicle in goal.vehicles if vehicle not in theirs)
    return goal.model_copy(update={"vehicles": kept}) if kept else goal


def _sent(site: Site, goal: Goal, mentions: Sequence[NamedThing], language: str) -> Goal:
    """What somebody is sent to do where they are sent. Who is sent is not left out."""
    goal = _carries_nothing(site, goal, mentions, language)
    if not isinstance(goal, SendGoal):
        return goal
    if {*goal.vehicles, *goal.among} <= set(goal.without):
        goal = goal.model_copy(update={"without": ()})
    said = spoken_fields(goal.words, language) if language in cues() else frozenset()
    if goal.action == "park" and "park" not in said and language in cues():
        # "Stays plugged in", "wait at the gate"
        goal = goal.model_copy(update={"action": "move"}) if goal.destinations else goal
        goal = goal.model_copy(update={"action": "charge"}) if "charge" in said and not goal.destinations else goal
    if goal.action == "move" and not said_in(goal.words, mentions) & site.places.keys() and language in cues():
        homeward = [action for action in ("charge", "park") if action in said]  # "is put on the mains", "goes home"
        goal = goal.model_copy(update={"action": homeward[0], "destinations": ()}) if homeward else goal
    if goal.action == "charge":
        stays = "stays" in said and goal.when == "last" and not (goal.after or goal.until)
        return goal.model_copy(update={"when": "only"}) if stays else goal
    return _by_its_places(site, goal, mentions)


def _carries_nothing(site: Site, goal: Goal, mentions: Sequence[NamedThing], language: str) -> Goal:
    """Words that name vehicles and no place carry nothing: "put two forklifts on charge and leave them there"."""
    if not isinstance(goal, TransportGoal) or not mentions or language not in cues():
        return goal
    named, said = said_in(goal.words, mentions), spoken_fields(goal.words, language)
    does = [action for action in ("charge", "park") if action in said]
    who = tuple(vehicle for vehicle in goal.vehicles if members(site, vehicle) <= named)
    if named & site.places.keys() or not who or not does:
        return goal
    several = len(who) == 1 and goal.count is not None and len(members(site, who[0])) > goal.count
    chosen = {"among": who, "count": goal.count} if several else {"vehicles": who}
    return SendGoal(words=goal.words, action=does[0], **chosen)


def _by_its_places(site: Site, goal: SendGoal, mentions: Sequence[NamedThing]) -> Goal:
    """Going to any charger is charging, and driving to any of the places where one's own is, is parking."""
    chargers = {charger.id for charger in site.chargers()}
    named = said_in(goal.words, mentions) & site.places.keys()
    if named and named <= chargers:
        return goal.model_copy(update={"action": "charge", "destinations": ()})
    if goal.action != "move" or len(goal.destinations) < 2:
        return goal
    there = {place for each in goal.destinations for place in site.places_of(each)}
    homes = {site.vehicles[v].home for v in goal.vehicles if v in site.vehicles}
    if homes and homes <= there and len(homes) == len(goal.vehicles):
        return goal.model_copy(update={"action": "park", "destinations": ()})
    return goal


def _left_alone(site: Site, goal: Goal, mentions: Sequence[NamedThing], language: str) -> Goal:
    """Who is sent nowhere that is named, in words that deny something ("cart two does not move") or say that they stay,
    does nothing; nor is who is left out sent anywhere ("anybody but cart two")."""
    if not isinstance(goal, SendGoal) or not goal.vehicles or said_in(goal.words, mentions) & site.places.keys():
        return goal
    said = spoken_fields(goal.words, language)
    stays = language in cues() and "stays" in said and goal.action == "park"
    denied = "without" in said and "except" not in said
    senses = {sense for each in conditions(site, goal.words, language, mentions) for sense in each.senses}
    excepted = goal.action == "move" and "except" in senses and "only" not in senses
    if (denied or stays or excepted) and not said & {"charge", "park"}:
        return UseGoal(words=goal.words, never=goal.vehicles)
    return goal


def _without(goal: Goal, vehicles: frozenset[str], site: Site, mentions: Sequence[NamedThing]) -> Goal:
    """A transport without vehicles that other words of the request keep out of everything."""
    if not isinstance(goal, TransportGoal) or not goal.vehicles or not vehicles:
        return goal
    gone = _all_members(site, vehicles) - said_in(goal.words, mentions)
    kept = tuple(each for each in goal.vehicles if not members(site, each) <= gone)
    return goal.model_copy(update={"vehicles": kept})


def _all_members(site: Site, references: frozenset[str]) -> frozenset[str]:
    return frozenset(vehicle for each in references for vehicle in members(site, each))


def _used(goal: Goal, language: str) -> Goal:
    """ "Not cart four" leaves it out; "nobody but cart four" is the other way round."""
    if not isinstance(goal, UseGoal) or not goal.only or goal.never:
        return goal
    said = spoken_fields(goal.words, language)
    if "without" in said and "except" not in said and "at_most" not in said:
        return goal.model_copy(update={"only": (), "never": goal.only})
    return goal


def _ended(goal: Goal, language: str) -> Goal:
    """What is closed "for the next ten minutes" is closed until then, and not from then on."""
    if not isinstance(goal, AvoidGoal) or goal.from_s is None or goal.until_s or goal.until_time:
        return goal
    now = speaks_for("next", goal.words, language)
    return goal.model_copy(update={"from_s": None, "until_s": goal.from_s}) if now else goal


def _in_order(goals: tuple[Goal, ...], language: str) -> tuple[Goal, ...]:
    """What is carried "and then" comes after what is said before it, where no goal comes after another. Who is sent
    somewhere goes there last anyway."""
    if language not in cues() or any(getattr(goal, "after", ()) for goal in goals):
        return goals
    made: list[Goal] = []
    for goal in goals:
        tasks = [index for index, other in enumerate(made) if isinstance(other, TransportGoal | SendGoal)]
        then = isinstance(goal, TransportGoal) and tasks and _begins_with_then(goal.words, language)
        made.append(goal.model_copy(update={"after": (tasks[-1],)}) if then else goal)
    return tuple(made)


def _begins_with_then(words: str, language: str) -> bool:
    said = fold(words)
    return any(
        said.startswith(fold(cue)) and (language in UNSPACED or not said[len(fold(cue)) :][:1].isalnum())
        for cue in cues()[language]["then"]
    )


def apart(goals: Goals, mentions: Sequence[NamedThing], site: Site, request: str) -> Iterator[str]:
    """Names of vehicles that one transport is given to though a place stands between them in the request: what each is
    to do are two things, of which one is lost."""
    said = fold(request)
    single = [(said.find(fold(m.words)), m) for m in mentions if len(m.ids) == 1 and m.sure]
    places = [at for at, mention in single if mention.ids[0] in site.places]
    for goal in goals.goals:
        if isinstance(goal, TransportGoal):
            named = sorted((at, m.words) for at, m in single if m.ids[0] in goal.vehicles)
            for (first, _), (second, words) in itertools.pairwise(named):
                if any(first < at < second for at in places):
                    yield words
