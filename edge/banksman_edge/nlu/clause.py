"""What a clause says: its verbs, whom it addresses, and which place plays which role."""

from __future__ import annotations

from dataclasses import dataclass, field

from banksman_edge.nlu.mention import Mention
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
    """Whether its last words are strange, behind a name."""
    strange_ends: bool = False
    """Whether its first or last words are strange."""
    unknown_beside_load: bool = False
    """Whether a stretch of unknown words stands beside what is known to be a load."""
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
    """Whether a load is named in its plural: "crates"."""
    counted_loads: bool = False
    """Whether it is said how many."""
    counted_kinds: int = 0
    """How many of a kind of vehicle are asked for: "two forklifts"."""
    all_else: bool = False
    """Whether "all" is said of places, "to all wards", or of what is carried, "everything": of no vehicle."""
    everybody: bool = False
    """Whether it is said of all vehicles."""
    attaches: bool = False
    """Whether a verb charges what it is done to at a charger: "put cart two on charger one"."""
    negated: bool = False
    forgets: bool = False
    """Whether something is not meant any more: "forget the lab"."""
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
    bare_way: bool = False
    """Whether it is a load, where to, and nothing else: "a box to the kitchen"."""
    arrived: bool = False
    """Whether it says that somebody is there, or done."""
    able: bool = False
    """Whether it says, or asks, how occupied somebody is: "free"."""
    spares: bool = False
    """Whether somebody is left out of those that are told."""
    planning: bool = False
    """Whether a word says a time, a condition or an amount."""
    goal: bool = False
    """Whether a verb asks for an end and not for a way, "clear dock one"."""
    place_is_object: bool = False
    """Whether a place is what a verb is done to: "unload dock one"."""
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
    """Likeness of the least certain name, 0 to 1."""
    ambiguous: tuple[str, ...] = ()
    """What a name may mean, where that is more than one."""

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
    def has_arrived(self) -> bool:
        """Whether it tells, and does not ask, that somebody is there or done."""
        return self.arrived and self.actions != {Action.STATUS}

    @property
    def is_whether_free(self) -> bool:
        """Whether it says of vehicles whether they are free, there or done, and nothing else."""
        nothing_else = not (self.places or self.actions or self.unknown_words or self.has_load or self.negated)
        return (self.able or self.arrived) and bool(self.vehicles) and nothing_else

    @property
    def is_whether_there(self) -> bool:
        """Whether it says of vehicles that they have got to a place, and nothing else."""
        nothing_else = not (self.actions or self.unknown_words or self.has_load or self.negated or self.planning)
        return self.arrived and len(set(self.places)) == 1 and bool(self.vehicles) and nothing_else

    @property
    def may_tell(self) -> bool:
        """Whether it may as well tell how things are: where a place is named beside a vehicle, and nothing says that it
        shall go there, "tug 3, stand 7", "tug 3 from stand 7 to stand 8"; or in words that do either."""
        one_trip = self.actions == {Action.CANCEL} and bool(self.places)  # it may be on another
        told = self.states and not self.pleads and Action.STATUS not in self.actions
        bare = self.weak_verbs and bool(self.neutral or (self.vehicles and self.origins and not self.has_load))
        return bare or told or one_trip or self.beside

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
