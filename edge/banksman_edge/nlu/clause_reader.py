"""One clause taken apart, item by item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from banksman_edge.nlu.clause import Clause
from banksman_edge.nlu.inflection import OBJECT, PAIR, STATES
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import (
    ABLE,
    ALL,
    ARRIVED,
    ASKS,
    ATTACHES,
    DAYS,
    DESCRIBES,
    EITHER,
    FACTS,
    FILLER,
    FORGETS,
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
)
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
from banksman_edge.nlu.origins import put_fetched_at_origin, put_load_at_origin
from banksman_edge.nlu.prepositions import preposition_of, role_of_place
from banksman_edge.nlu.sequences import waits_first
from banksman_edge.nlu.tenses import add_what_is_told
from banksman_edge.nlu.tokens import UNSPACED
from banksman_edge.nlu.untold import names_beside, untold
from banksman_shared.commands import Action


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
    clause.planning = waits_first(items)
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
        elif not _describes_load(items, index):
            _add_phrase(clause, item)
            clause.either |= item.plays(EITHER) and (not item.plays(FILLER) or stands_between(items, index))
    clause.bare_way = _is_bare_way(items, clause)
    clause.negated |= clause.forgets and not clause.actions & {Action.STOP, Action.CANCEL}
    named = clause.vehicles or clause.kinds or clause.groups
    clause.all_else = all_but_vehicles(items, carries=clause.handles and bool(clause.places and not named))
    put_load_at_origin(clause, items)
    put_fetched_at_origin(clause, items)
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
    if mention.what in (What.VEHICLE, What.GROUP, What.VEHICLE_KIND):
        clause.vehicle_is_set |= mention.role == OBJECT or is_acted_on(items, index, postfix=language.postfix)
    match mention.what:
        case What.VEHICLE:
            clause.vehicles.append(mention)
            clause.asks |= index > 0 and is_turned(before(items, index), items)
            clause.facts |= clause.asks and index > 0 and before(items, index).plays(STATES)
            clause.vehicle_is_object |= mention.role == OBJECT or follows_verb(items, index)
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
    clause.forgets |= item.plays(FORGETS)
    clause.negated |= item.plays(NOT) and not item.actions
    clause.asks |= item.plays(ASKS)
    clause.tells |= item.plays(TELLS)
    clause.facts |= item.plays(FACTS)
    clause.wishes |= item.plays(WISHES)
    clause.pleads |= item.plays(WISHES) and not item.plays(STATES)
    clause.goal |= item.plays(GOAL)
    clause.needs |= item.plays(NEEDS)
    clause.able |= item.plays(ABLE)
    clause.arrived |= item.plays(ARRIVED)
    clause.ponders |= item.plays(PONDERS)
    clause.another_day |= item.plays(DAYS)
    clause.planning |= item.plays(PLAN) and not (item.actions or item.plays(ALL) or item.plays(FILLER))


def _describes_load(items: Sequence[Item], index: int) -> bool:
    """Whether a word for how something is, "empty", is said of the load beside it, which may be a strange word."""
    beside = [*items[index + 1 : index + 2], *items[max(0, index - 1) : index]]
    loads = (item.is_load or (item.unknown and item.amount is None) for item in beside)
    return items[index].plays(DESCRIBES) and any(loads)


def _is_bare_way(items: Sequence[Item], clause: Clause) -> bool:
    """Whether a load comes first, the place where it shall be comes last, and nobody is named: what is told of a load
    has a verb, "the box is for the kitchen", or something before it, "we have a box for the kitchen"."""
    first = next((at for at, item in enumerate(items) if item.is_load), None)
    if first is None:
        return False
    article = items[0].end == 1 + items[0].start and (items[0].plays(FILLER) or items[0].amount is not None)
    starts = first == 0 or (first == 1 and article)  # "a box", and no "here's a box"
    ends = items[-1].is_where or (len(items) > 1 and items[-2].is_where and items[-1].leads)
    named = clause.origins or clause.neutral or clause.vehicles or clause.kinds or clause.groups
    return starts and ends and len(clause.destinations) == 1 and not named
