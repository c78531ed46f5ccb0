"""From a clause to a command: which action its verbs and slots make."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from banksman_edge.nlu.clause import Clause
from banksman_edge.nlu.inflection import PAIR, PLURAL
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import DEEDS, FILLER, TO
from banksman_edge.nlu.neighbours import HANDLING, begins_strangely
from banksman_shared.commands import EVERYBODY, Action, Command
from banksman_shared.site import Site

MOST_OF_LOAD = 2
"""Strange words that may tell a load where nobody is named."""
MAX_LOAD_WORDS = 4
"""Words, or half the characters where words are not separated, that a load the grammar does not know may have."""
_HANDLING = (Action.TRANSPORT, Action.PICK, Action.DROP)
_FLEETWIDE = (Action.STOP, Action.RESUME, Action.CANCEL, Action.STATUS, Action.CHARGE, Action.PARK)


def command_of(clause: Clause, site: Site) -> Command | None:
    """The one command that the clause can mean, or None."""
    if _points_out(clause):
        return None
    action = _control(clause) or _attaching(clause, site) or _setting(clause) or _done_to_vehicle(clause, site)
    action = action or _handling(clause) or _going(clause, site) or _unsaid(clause, site)
    if action is None or _is_withheld(action, clause):
        return None
    slots = _slots(action, clause)
    if slots is None:
        return None
    origin, destination = slots
    at = destination if action in _FLEETWIDE and clause.everybody else None
    vehicles = vehicles_of(clause, site, action, at)
    if vehicles is None:
        return None
    if action in (Action.STOP, Action.RESUME, Action.CANCEL, Action.STATUS) or (at and vehicles == (f"at:{at}",)):
        destination = None
    return Command(action, vehicles, origin=origin, destination=destination)


def status_of(clause: Clause) -> Command:
    """The question how the vehicles of a clause are."""
    return Command(Action.STATUS, tuple(dict.fromkeys(mention.ids[0] for mention in clause.vehicles)))


def _points_out(clause: Clause) -> bool:
    """Whether what sounds like a question says which place or load an order means: "leave it where it stands"."""
    return len(clause.verbs) > 1 and clause.verbs[0] <= HANDLING and Action.STATUS in clause.actions


def _is_withheld(action: Action, clause: Clause) -> bool:
    """Whether what is said beside an action calls it off: "no need for cart two to go", "leave cart two there", "cart
    two or cart three"."""
    called_off = action is not Action.CANCEL and any(verb == {Action.CANCEL} for verb in clause.verbs)
    left = action is Action.DROP and clause.lets and clause.vehicle_is_set and not clause.has_load
    bare = clause.attaches and clause.vehicle_is_set and not (clause.places or clause.has_load)  # "put cart two"
    return called_off or left or (bare and action is Action.DROP) or (clause.either and action is not Action.STOP)


def is_ended(clause: Clause) -> bool:
    """Whether what is ordered is to end: "stop sending cart two to the kitchen"."""
    return clause.verbs[:1] == [{Action.STOP}] and any(Action.MOVE in verb for verb in clause.verbs[1:2])


def _control(clause: Clause) -> Action | None:
    """Stop, cancel, resume and status: what concerns the vehicle's work as such."""
    actions = clause.actions
    if Action.STATUS in actions:
        return Action.STATUS
    # Who "waits" at a place goes there first.
    moving = bool(clause.origins or clause.destinations)
    moving |= bool(clause.neutral or clause.to_vague) and Action.MOVE in actions
    stands = bool(clause.vehicles) and not clause.destinations and actions == {Action.STOP}
    stands |= bool(clause.vehicles) and actions == {Action.CANCEL}  # "cancel cart two's trip to the kitchen"
    # "Lass das" calls off, "lass das an Rampe zwei" puts down.
    put = {Action.CANCEL} if Action.DROP in actions and clause.places else set()
    named = clause.vehicles or clause.kinds or clause.groups or clause.everybody
    if clause.has_load and not named and all({Action.STOP, Action.MOVE} <= verb for verb in clause.verbs):
        put.add(Action.STOP)  # "palet beklesin": a load that waits stops nobody
    if Action.PARK in actions:
        put.add(Action.RESUME)  # "you may go and park"
    for action in (Action.STOP, Action.CANCEL, Action.RESUME):
        if action in actions - put and (stands or not moving):
            # 停车 is to stop, and to park at the end of a trip.
            return Action.PARK if clause.later and {Action.STOP, Action.PARK} <= actions else action
    return None


def _attaching(clause: Clause, site: Site) -> Action | None:
    """Put or plug onto a charger: "put cart two on charger one", "put cart two on a charger"."""
    named = [site.places[place] for place in clause.places if place in site.places]
    told = clause.vehicles or clause.kinds or clause.groups
    charger = len(named) == len(clause.places) == 1 and named[0].charger
    charger |= clause.to_vague and not clause.places and _purpose(clause.vague, site) is Action.CHARGE
    return Action.CHARGE if clause.attaches and charger and told and not clause.has_load else None


def _setting(clause: Clause) -> Action | None:
    """Who is put somewhere is sent there, and puts nothing down: "put cart two on dock one"."""
    set_down = clause.attaches and clause.vehicle_is_set and Action.DROP in clause.actions
    return Action.MOVE if set_down and clause.places and not clause.has_load else None


def at_chargers(clause: Clause, site: Site) -> bool:
    """Whether places are named, and all of them charge."""
    places = clause.places
    return bool(places) and all(place in site.places and site.places[place].charger for place in places)


def _done_to_vehicle(clause: Clause, site: Site) -> Action | None:
    """What verbs of loads mean where a vehicle is what they are done to: at a charger, and where vehicles park, "charge
    le chariot deux au chargeur un"; and to somewhere, "fetch cart two to dock one"."""
    if clause.has_load or clause.unknown_words or not clause.actions & HANDLING:
        return None
    places = set(clause.places)
    chargers = at_chargers(clause, site)
    taken = clause.vehicle_is_object and Action.PICK in clause.actions
    if chargers and (taken or Action.CHARGE in clause.actions):
        return Action.CHARGE
    if places and Action.PARK in clause.actions and places <= _homes(site):
        return Action.PARK
    brought = clause.vehicle_is_object and clause.actions == {Action.TRANSPORT}  # "bring me cart two to the lab"
    sent, to = taken or brought or (clause.vehicle_is_set and Action.TRANSPORT in clause.actions), clause.destinations
    fetched = clause.vehicle_is_set and not clause.lets and clause.actions & {Action.TRANSPORT, Action.PICK}
    if fetched and len(clause.vehicles) == 1:
        sent, to = True, to or clause.neutral  # "hol den Stapler zwei an Rampe eins"
    return Action.MOVE if sent and to and len(places) == len(to) else None


def _handling(clause: Clause) -> Action | None:
    """Transport, pick, drop: what concerns loads. The slots decide between them."""
    actions = clause.actions
    both_ends = bool(clause.origins) and bool(clause.destinations or clause.neutral)
    both_ends |= len(clause.neutral) == 1 and len(clause.destinations) == 1
    taking = any(verb & {Action.PICK, Action.TRANSPORT, Action.DROP} for verb in clause.verbs)
    resting = actions & {Action.CHARGE, Action.PARK} and not clause.has_load and not clause.places
    if both_ends and clause.has_load and Action.MOVE in actions and not clause.vehicle_is_object:
        return Action.TRANSPORT  # "the box from rack five has to go to the workshop"
    tells = clause.needs and not (both_ends and clause.has_load)  # something is lacking, and nobody is to bring it
    if (
        not taking or resting or tells
    ):  # "sich aufladen" is what a vehicle does, "die Palette aufladen" what it does to a load
        return None
    if both_ends:
        # "Cart two, drive from the dock to the kitchen": what goes as well as carries goes, where no load is said.
        goes = (clause.vehicles or clause.kinds or clause.groups) and all(Action.MOVE in verb for verb in clause.verbs)
        return Action.TRANSPORT if clause.has_load or not (clause.vehicle_is_object or goes) else Action.MOVE
    strict = [verb for verb in clause.verbs if Action.MOVE not in verb]
    if not clause.has_load:
        return next((a for a in (Action.DROP, Action.PICK, Action.TRANSPORT) if any(a in v for v in strict)), None)
    if clause.origins:
        return Action.PICK if actions & {Action.PICK, Action.TRANSPORT} else None
    if clause.destinations:
        if Action.PICK in actions and any(verb == {Action.MOVE} for verb in clause.verbs):
            return Action.PICK  # "go to the dock to fetch the pallet"
        # "put the pallet at" drops it, "take the pallet to" carries it there.
        return next((a for a in (Action.TRANSPORT, Action.DROP, Action.PICK) if a in actions), None)
    return next((a for a in (Action.PICK, Action.DROP, Action.TRANSPORT) if a in actions), None)


def _going(clause: Clause, site: Site) -> Action | None:
    actions, places = clause.actions, [*clause.destinations, *clause.neutral]  # where it comes from says nothing
    for action in (Action.CHARGE, Action.PARK):
        if action in actions:
            # What is only referred to is no place of the site yet; the fleet looks whether it is a charger.
            named = [site.places[p] for p in places if p in site.places]
            if action is Action.PARK and clause.has_load and not clause.places:
                return None  # "put the pallet back in its place"
            if action is Action.PARK and Action.MOVE in actions and named and not _homes(site) & set(places):
                return Action.MOVE  # to stand by somewhere
            fits = all(place.charger for place in named) if action is Action.CHARGE else True
            return action if fits else None
    # "The cold store needs forklift two" sends it there, "needs kegs" or "a doctor" nobody.
    lacking = clause.needs and (clause.has_load or not (clause.vehicles or clause.kinds or clause.groups))
    if Action.MOVE not in actions or lacking or not (clause.places or clause.vague or clause.vehicles):
        return None
    aimed = places or (clause.origins and not clause.to_vague)
    return Action.MOVE if aimed else _purpose(clause.vague, site)


def _homes(site: Site) -> set[str | None]:
    return {vehicle.home for vehicle in site.vehicles.values()}


def _purpose(kind: str, site: Site) -> Action:
    """Why a vehicle goes to some place of a kind: "back to your parking place", "to a charger"."""
    meant = [place for place in site.places.values() if place.kind == kind]
    homes = _homes(site)
    if meant and all(place.charger for place in meant):
        return Action.CHARGE
    return Action.PARK if meant and all(place.id in homes for place in meant) else Action.MOVE


def _unsaid(clause: Clause, site: Site) -> Action | None:
    """No verb: "Tractor tres, a la posición siete", "the pallet from aisle nine to dock two"."""
    from_where = len(clause.origins) + len(clause.neutral) == 1 == len(clause.destinations)
    if clause.has_load and clause.weak_verbs and (from_where or clause.bare_way) and not clause.vehicle_is_object:
        return Action.TRANSPORT
    if _names_both_ends(clause):
        return Action.TRANSPORT
    told = clause.vehicles or clause.groups or (clause.kinds and (clause.everybody or _several(clause)))
    told = told or clause.later or (clause.everybody and bool(clause.destinations or clause.to_vague))
    if told and clause.to_vague and clause.weak_verbs and not clause.places and not clause.has_load:
        return _purpose(clause.vague, site)  # "robot two to the charger"
    whereto = len(clause.destinations) + len(clause.neutral) == 1 and not clause.origins
    return Action.MOVE if told and whereto and clause.weak_verbs and not clause.has_load else None


def _names_both_ends(clause: Clause) -> bool:
    """Whether it says nothing but who and from where to where: "forklift three, from aisle nine to dock two"."""
    ends = (len(clause.origins), len(clause.destinations), len(clause.neutral))
    return ends == (1, 1, 0) and len(clause.vehicles) == 1 and not clause.actions and not clause.later


def names_a_load(clause: Clause, items: Sequence[Item], *, postfix: bool, dense: bool) -> bool:
    """Whether the unknown words of a clause can be what the load is called: one stretch of a few words in a clause
    that says to take something, and from where to where, or who takes it where."""
    both_ends = bool(clause.origins) and bool(clause.destinations or clause.neutral)
    told = bool(clause.vehicles) and bool(clause.places)
    # "Take a box of muffins to the kitchen."
    carried = clause.unknown_beside_load and bool(clause.destinations or clause.neutral)
    carried &= Action.TRANSPORT in clause.actions
    carried &= clause.unknown_words <= MOST_OF_LOAD * (1 + dense)  # or it may be another language
    one = clause.unknown_runs == 1 and clause.unknown_words <= MAX_LOAD_WORDS * (1 + dense)
    fits = clause.unknown_beside_load or not clause.has_load
    # "Go to the kitchen, just kidding": who may be sent alone takes nothing that is named after the place.
    # And so no "transport from dock one to dock two takes ages".
    told_of = any(item.plays(DEEDS) for item in items)
    sent = not (clause.destinations or clause.neutral) and _leads_to_strange(items, postfix=postfix)
    trails = clause.strange_end and (told_of or all(Action.MOVE in verb for verb in clause.verbs))
    begins = begins_strangely(items) and not (postfix or dense)
    return (
        one
        and fits
        and not (trails or begins or sent)
        and clause.handles
        and not (clause.vehicle_is_object or clause.vehicle_is_set)
        and (both_ends or told or carried)
    )


def _leads_to_strange(items: Sequence[Item], *, postfix: bool) -> bool:
    """Whether what is not known is where somebody is sent: 温室27の花をバイテンまで運んで."""
    said = [item for item in items if item.actions or item.plays(TO) or not item.plays(FILLER)]
    if postfix:
        return any(word.unknown and marker.plays(TO) for word, marker in pairwise(said))
    return any(marker.plays(TO) and word.unknown for marker, word in pairwise(said))


def _slots(action: Action, clause: Clause) -> tuple[str | None, str | None] | None:
    """Origin and destination, or None if the places do not fit the action."""
    origins, destinations = list(clause.origins), list(clause.destinations)
    for place in clause.neutral:
        (origins if action is Action.TRANSPORT and destinations and not origins else destinations).append(place)
    if action in (Action.PICK, Action.DROP):
        destinations, origins = destinations + origins, []
    rests = action in (Action.PARK, Action.CHARGE) and not clause.has_load
    if origins and (rests or action is Action.MOVE) and _some_of_them(clause):
        return None
    if rests or action is Action.STOP or (action is Action.MOVE and (destinations or clause.to_vague)):
        origins = []  # where it stands now is no part of where to go
    if len(origins) > 1 or len(destinations) > 1:
        return None
    if action is not Action.TRANSPORT and origins:
        return None
    return (origins[0] if origins else None), (destinations[0] if destinations else None)


def vehicles_of(clause: Clause, site: Site, action: Action, at: str | None) -> tuple[str, ...] | None:
    """Whom the clause addresses, in the contract's form; None if that cannot be said in one command."""
    ids = tuple(dict.fromkeys(mention.ids[0] for mention in clause.vehicles))
    if ids:
        return None if clause.groups or (clause.everybody and len(ids) > 1 and clause.kinds) else ids
    if clause.groups:
        return (f"group:{clause.groups[0].ids[0]}",) if len(clause.groups) == 1 else None
    if clause.kinds:
        return _of_kind(clause, site, action)
    if at:
        return (f"at:{at}",)
    if clause.everybody and action in _HANDLING and not clause.has_load:
        return None  # "everything from dock one to dock two": the loads are meant
    if clause.everybody or action is Action.STOP:
        return (EVERYBODY,)
    return ()


def _several(clause: Clause) -> bool:
    """Whether vehicles of a kind are meant and not one: "the tugs", "both tugs"."""
    return bool(clause.counted_kinds) or any(mention.role in {PLURAL, PAIR} for mention in clause.kinds)


def _some_of_them(clause: Clause) -> bool:
    """Whether where they come from says who of them is meant: "the tugs that are in the yard", "all from the yard"."""
    return not clause.vehicles and bool(clause.groups or (clause.kinds and (clause.everybody or _several(clause))))


def _of_kind(clause: Clause, site: Site, action: Action) -> tuple[str, ...] | None:
    kind = clause.kinds[0].ids[0]
    members = [v.id for v in site.vehicles.values() if v.kind == kind]
    if len({mention.ids[0] for mention in clause.kinds}) > 1:
        return (EVERYBODY,) if clause.everybody else None
    counted = clause.counted_kinds or (2 if any(mention.role == PAIR for mention in clause.kinds) else 0)
    if counted and counted != len(members):
        return None
    if clause.everybody or _several(clause) or action in (Action.STOP, Action.STATUS):
        return (f"kind:{kind}",)
    return (members[0],) if len(members) == 1 else ()
