"""One clause taken apart: its verbs, whom it addresses, and which place plays which role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from banksman_edge.nlu.inflection import OBJECT, PAIR, STATES
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import (
    ABLE,
    ALL,
    ASKS,
    ATTACHES,
    DAYS,
    EITHER,
    FACTS,
    FILLER,
    FROM,
    GOAL,
    LETS,
    LOAD,
    LOADS,
    NEED,
    NEEDS,
    NOT,
    PLAN,
    PONDERS,
    TELLS,
    TO,
    WISHES,
    Language,
)  # fmt: skip
from banksman_edge.nlu.mentions import Mention
from banksman_edge.nlu.names import What
from banksman_edge.nlu.neighbours import (
    HANDLING,
    OF_ALL,
    all_but_vehicles,
    all_of_load,
    before,
    beside_load,
    continues_unknown,
    counts_loads,
    counts_strange,
    counts_vehicles,
    follows_verb,
    inquires,
    is_acted_on,
    is_some,
    is_stray,
    is_turned,
    may_tell_of_vehicle,
    presents_vehicle,
    says_something,
    stands_between,
    verbs_of,
)
from banksman_edge.nlu.origins import put_load_at_origin
from banksman_edge.nlu.prepositions import preposition_of, role_of_place
from banksman_edge.nlu.tenses import add_what_is_told
from banksman_edge.nlu.tokens import UNSPACED
from banksman_edge.nlu.untold import names_beside, untold
from banksman_shared.commands import Action


@dataclass(slots=True)
class Clause:
    """What a clause says, before anything is decided about it."""

    length: int = 0
    """How many items it has."""
    later: bool = False
    """Whether it is a further step of a sequence, whose vehicle has been named."""
    verbs: list[frozenset[Action]] = field(default_factory=list)
    weak_verbs: bool = True
    """Whether all verbs may be prepositions: "para" in "para o hangar"."""
    vehicles: list[Mention] = field(default_factory=list)
    kinds: list[Mention] = field(default_factory=list)
    groups: list[Mention] = field(default_factory=list)
    origins: list[str] = field(default_factory=list)
    destinations: list[str] = field(default_factory=list)
    neutral: list[str] = field(default_factory=list)
    """Places with no role of their own: "at aisle nine"."""
    zones: list[Mention] = field(default_factory=list)
    unknown_words: int = 0
    unknown_runs: int = 0
    """Stretches of unknown words; one of them, beside a verb that handles loads, may be what the load is called."""
    strange_runs: int = 0
    """Those that are no numbers."""
    strange_end: bool = False
    strange_ends: bool = False
    unknown_beside_load: bool = False
    handles: bool = False
    """Whether a verb says to take, carry or put down, and not just that something is needed."""
    vague: str = ""
    """A kind of place that is named and of which the site has several: "the dock"."""
    to_vague: bool = False
    """Whether it says to go there: "to the charger"."""
    missing: str = ""
    """What names something that the site lacks."""
    has_load: bool = False
    several_loads: bool = False
    counted_loads: bool = False
    """Whether it is said how many."""
    counted_kinds: int = 0
    """How many of a kind of vehicle are asked for: "two forklifts"."""
    all_else: bool = False
    everybody: bool = False
    attaches: bool = False
    """Whether a verb charges what it is done to at a charger: "put cart two on charger one"."""
    negated: bool = False
    asks: bool = False
    """Whether it asks if something is so: "does forklift three go"."""
    inquires: bool = False
    """Whether it asks with a verb that orders where it stands elsewhere: "should cart two go"."""
    only_waits: bool = False
    """Whether somebody is waited for, and nobody told anything: "wait for forklift three"."""
    tells: bool = False
    """Whether it tells what is so: "forklift three is going"."""
    another_day: bool = False
    """Whether it is said for another day than today: "tomorrow"."""
    ponders: bool = False
    """Whether it asks, if a question mark is written, what is to be done: "dobbiamo …?"."""
    presents: bool = False
    """Whether it names a vehicle before a verb that tells as well as it orders: "Roboter zwei fährt"."""
    states: bool = False
    """Whether it says of a vehicle what it does, will do or can do, in words that order as well as they tell."""
    facts: bool = False
    """Whether it asks or tells how things are or were, which no wish makes an order: "please, did cart three go"."""
    beside: bool = False
    """Whether a vehicle may be no more than what another one's way or work is about: "wait for cart two, cart one"."""
    pleads: bool = False
    """Whether it wishes in other words than those."""
    wishes: bool = False
    """Whether it says that what it asks or tells shall be so: "make sure that forklift three goes"."""
    needs: bool = False
    """Whether it says of a place that it lacks something: "room two needs towels"."""
    able: bool = False
    """Whether it says, or asks, how occupied somebody is: "free"."""
    spares: bool = False
    """Whether somebody is left out of those that are told."""
    planning: bool = False
    goal: bool = False
    """Whether a verb asks for an end and not for a way, "clear dock one"."""
    place_is_object: bool = False
    vehicle_is_object: bool = False
    """Whether a vehicle directly follows a verb: "bring forklift three"."""
    vehicle_is_set: bool = False
    """Whether a vehicle, and no load, is what a verb is done to: "put cart two on dock one"."""
    lets: bool = False
    """Whether a verb leaves somebody where they are: "leave cart two at dock one"."""
    either: bool = False
    """Whether it leaves open which is meant: "cart two or cart three"."""
    stray_number: bool = False
    """Whether a number follows a name that has one: "cart two one"."""
    certainty: float = 1.0
    ambiguous: tuple[str, ...] = ()

    @property
    def actions(self) -> frozenset[Action]:
        return frozenset().union(*self.verbs)

    @property
    def places(self) -> list[str]:
        return [*self.origins, *self.destinations, *self.neutral]

    @property
    def is_talk(self) -> bool:
        """Whether it forbids, asks or tells, and so orders nothing; to ask for the status is an order."""
        wished = self.wishes and not self.facts and not (self.asks and self.tells)
        mood = (self.asks or self.tells or self.facts) and not wished and Action.STATUS not in self.actions
        return self.negated or mood or self.only_waits or (self.inquires and not self.later)

    @property
    def is_whether_free(self) -> bool:
        """Whether it says of vehicles whether they are free, and nothing else."""
        nothing_else = not (self.places or self.actions or self.unknown_words or self.has_load or self.negated)
        return self.able and bool(self.vehicles) and nothing_else

    @property
    def may_tell(self) -> bool:
        """Whether it may as well tell how things are: where a place is named beside a vehicle, and nothing says that it
        shall go there, "tug 3, stand 7"; or in words that do either."""
        one_trip = self.actions == {Action.CANCEL} and bool(self.places)  # it may be on another
        told = self.states and not self.pleads and Action.STATUS not in self.actions
        return (self.weak_verbs and bool(self.neutral)) or told or one_trip or self.beside

    @property
    def may_ask(self) -> bool:
        """Whether it may ask as well as order if a question mark is written: "cart two to dock one?"."""
        bare = (self.presents or self.weak_verbs) and not self.wishes
        return bare and not self.may_tell and Action.STATUS not in self.actions

    @property
    def names_something(self) -> bool:
        """Whether it names vehicles or places, or everybody."""
        named = self.vehicles or self.kinds or self.groups or self.places or self.zones or self.vague or self.missing
        return bool(named) or self.everybody

    @property
    def addresses(self) -> bool:
        """Whether somebody seems to be told something; also "four pallets from dock one to two, with the carts"."""
        who = self.vehicles or self.kinds or self.groups
        both_ends = self.origins and (self.destinations or self.neutral)
        return bool((who and (self.verbs or self.places)) or (self.verbs and both_ends))

    @property
    def about_the_site(self) -> bool:
        """Whether anything of the site or its loads is named at all."""
        named = self.vehicles or self.kinds or self.groups or self.places or self.zones
        return bool(named or self.has_load or self.missing or self.vague)


def read_clause(items: Sequence[Item], language: Language, sole_places: Mapping[str, str]) -> Clause:
    """Gather what the items say. ``sole_places``: kind of place → the only place of that kind."""
    clause = Clause(length=len(items))
    clause.verbs = verbs_of(items, postfix=language.postfix)
    strange = [item.unknown and item.amount is None for item in items if says_something(item)]
    clause.strange_runs = sum(now and not before for before, now in zip([False, *strange], strange, strict=False))
    last = next((item for item in reversed(items) if item.actions or item.mention), Item(0, 0))
    clause.strange_end = any(strange[-1:]) and last.mention is not None
    clause.strange_ends = any(strange[:1] + strange[-1:])
    clause.handles = any(item.actions & HANDLING and not (item.plays(NEED) or item.plays(NEEDS)) for item in items)
    clause.states = may_tell_of_vehicle(items, postfix=language.postfix, dense=language.code in UNSPACED)
    clause.presents = presents_vehicle(items, postfix=language.postfix)
    clause.inquires = inquires(items)
    others = untold(items, postfix=language.postfix)
    clause.beside = bool(others) or (not language.postfix and names_beside(items))
    clause.weak_verbs = all(item.plays(FROM) or item.plays(TO) for item in items if item.actions)
    for index, item in ((at, item) for at, item in enumerate(items) if at not in others):
        if item.mention is not None:
            _add_mention(clause, items, index, language, sole_places)
        elif item.amount is not None and not item.plays(PLAN) and counts_loads(items, index):
            clause.counted_loads |= item.amount > 1
        elif is_some(items, index):
            clause.counted_loads = True
        elif item.amount is not None and item.amount > 1 and counts_vehicles(items, index):
            clause.counted_kinds = item.amount
        elif is_stray(items, index):
            clause.stray_number = True
        elif item.unknown:
            clause.unknown_words += 1
            clause.unknown_runs += not continues_unknown(items, index)
            clause.unknown_beside_load |= beside_load(items, index)
        elif item.plays(ALL) and not item.actions and all_of_load(items, index, postfix=language.postfix):
            clause.counted_loads = True
        else:
            _add_phrase(clause, item)
            clause.either |= item.plays(EITHER) and (not item.plays(FILLER) or stands_between(items, index))
    named = clause.vehicles or clause.kinds or clause.groups
    clause.all_else = all_but_vehicles(items, carries=clause.handles and bool(clause.places and not named))
    put_load_at_origin(clause, items)
    way = bool(clause.handles and clause.origins and (clause.destinations or clause.neutral))
    clause.counted_loads |= way and any(counts_strange(items, index) for index in range(len(items)))
    add_what_is_told(clause, items)
    clause.goal |= clause.place_is_object and Action.DROP in clause.actions  # to unload a place, not at it, clears it
    return clause


def _add_mention(
    clause: Clause, items: Sequence[Item], index: int, language: Language, sole_places: Mapping[str, str]
) -> None:
    mention = items[index].mention
    assert mention is not None  # noqa: S101  the caller has looked
    clause.certainty = min(clause.certainty, mention.score)
    clause.ambiguous = mention.ids if len(mention.ids) > 1 else clause.ambiguous
    match mention.what:
        case What.VEHICLE:
            clause.vehicles.append(mention)
            clause.asks |= index > 0 and is_turned(before(items, index), items)
            clause.facts |= clause.asks and index > 0 and before(items, index).plays(STATES)
            clause.vehicle_is_object |= mention.role == OBJECT or follows_verb(items, index)
            clause.vehicle_is_set |= mention.role == OBJECT or is_acted_on(items, index, postfix=language.postfix)
            clause.wishes |= mention.called_by_place
            clause.pleads |= mention.called_by_place
        case What.GROUP:
            clause.groups.append(mention)
        case What.VEHICLE_KIND:
            clause.kinds.append(mention)
        case What.PLACE:
            clause.place_is_object |= mention.role == OBJECT
            place_list(items, index, language, clause).append(mention.ids[0])
        case What.PLACE_KIND if mention.ids[0] in sole_places:
            place_list(items, index, language, clause).append(sole_places[mention.ids[0]])
        case What.PLACE_KIND:
            clause.vague = mention.ids[0]
            marker = preposition_of(items, index, postfix=language.postfix)
            clause.to_vague = mention.role == TO or (marker is not None and marker.plays(TO))
        case What.ZONE:
            clause.zones.append(mention)
        case What.UNKNOWN:
            clause.missing = clause.missing or mention.text


def place_list(items: Sequence[Item], index: int, language: Language, clause: Clause) -> list[str]:
    """Which list a place belongs to, by the words beside it."""
    role = role_of_place(items, index, postfix=language.postfix)
    return {FROM: clause.origins, TO: clause.destinations}.get(role, clause.neutral)


def _add_phrase(clause: Clause, item: Item) -> None:
    clause.has_load |= item.is_load
    clause.several_loads |= item.plays(LOADS) and not item.plays(LOAD)
    clause.counted_loads |= item.plays(PAIR)
    clause.everybody |= item.plays(ALL) and item.actions <= OF_ALL  # "who is at dock two"
    clause.attaches |= item.plays(ATTACHES)
    clause.lets |= item.plays(LETS)
    clause.negated |= item.plays(NOT) and not item.actions
    clause.asks |= item.plays(ASKS)
    clause.tells |= item.plays(TELLS)
    clause.facts |= item.plays(FACTS)
    clause.wishes |= item.plays(WISHES)
    clause.pleads |= item.plays(WISHES) and not item.plays(STATES)
    clause.goal |= item.plays(GOAL)
    clause.needs |= item.plays(NEEDS)
    clause.able |= item.plays(ABLE)
    clause.ponders |= item.plays(PONDERS)
    clause.another_day |= item.plays(DAYS)
    clause.planning |= item.plays(PLAN) and not (item.actions or item.plays(ALL) or item.plays(FILLER))
