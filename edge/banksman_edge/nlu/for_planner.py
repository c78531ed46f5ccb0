"""Which sentences are for the planner: amounts, conditions and goals of which no command can be made."""

from __future__ import annotations

from banksman_edge.nlu.clause import Clause
from banksman_edge.nlu.interpretation import Interpretation, Tier
from banksman_edge.nlu.language import AND
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.times import is_due
from banksman_shared.commands import Action, Command

MOSTLY_KNOWN = 0.75
"""Share of known words from which a sentence with an amount or a condition is taken for a goal."""
MOST_STRANGE_RUNS = 2
"""Stretches of unknown words up to which it is, if it neither begins nor ends with one."""
WORKING = frozenset({Action.MOVE, Action.PICK, Action.DROP, Action.TRANSPORT})

_BESIDE = frozenset({Action.PARK, Action.CHARGE})
"""What the rest may be told to do beside it."""

PLAN_CONFIDENCE = 0.85


def plan_of(reading: Reading) -> Interpretation:
    """A reading that is for the planner as it stands."""
    plan, why = Command(Action.PLAN, ()), "amounts or conditions"
    return Interpretation((plan,), PLAN_CONFIDENCE, Tier.GRAMMAR, reading.language, why, named=reading.names_something)


def wants_a_plan(reading: Reading) -> bool:
    """Whether a reading, of which most is known, is of work with amounts or conditions, or names a goal."""
    clause = reading.clause
    everything = clause.everybody and clause.handles and not clause.unknown_words
    joined = clause.handles and _joins(reading)
    # "Fetch a roll at the store, and put it on press two."
    fetched = frozenset({Action.PICK}) in clause.verbs and len(clause.verbs) > 1
    ends = max(len(set(clause.origins)), len(set(clause.destinations)))
    several = joined and ends > 1 and not fetched  # "to wards two and three"
    counted = (everything or several or says_amounts(clause)) and not clause.is_talk
    both_ends = clause.origins and (clause.destinations or clause.neutral)
    subject = clause.vehicles or clause.kinds or clause.groups or clause.has_load or both_ends or clause.all_else
    goal = clause.goal and not clause.is_talk and not clause.vehicles  # "robot two cleared the kitchen"
    told = not clause.tells and not clause.actions & {Action.STOP, Action.CANCEL}  # "don't move four pallets …"
    awaited = bool(clause.vehicles or clause.kinds or clause.has_load)
    due = clause.planning and awaited and is_due(reading.tokens, reading.language)
    goes = clause.vehicles or clause.kinds or clause.groups or clause.everybody or both_ends
    works = clause.actions & (WORKING if goes else WORKING - {Action.MOVE})  # "come to lunch in the hall later?"
    # "Cart six to the kitchen, the rest can park" has no verb for its first half.
    verbless = clause.planning and clause.vehicles and clause.destinations and told and not clause.unknown_words
    verbless = verbless and clause.actions <= _BESIDE and bool(clause.actions or len(clause.destinations) > 1)
    working = bool(works) or due or verbless or (both_ends and clause.counted_loads and told)
    kept = Action.CHARGE in clause.actions and counted and clause.planning  # "and keep two stackers charging"
    # "Tomorrow cart two goes to the kitchen" is no order, "tomorrow send cart two to the kitchen" is one.
    foretold = clause.another_day and (clause.states or clause.is_talk) and not clause.pleads
    asked = bool((working or kept) and subject) and bool(counted or clause.planning)
    # "Charge cart six until noon" is of no place; nor is "whenever do the carts knock off?", but that orders nothing.
    named = clause.vehicles or clause.groups or clause.everybody
    later = clause.planning and bool(clause.actions & _BESIDE) and named and not clause.is_talk
    reported = clause.facts or foretold
    # What begins or ends with strange words is a clause of somebody's about an order; one within may name a load.
    ends_known = due or not clause.strange_ends
    whole = clause.strange_runs <= MOST_STRANGE_RUNS and ends_known and reading.known_share >= MOSTLY_KNOWN
    somewhere = bool(clause.places or clause.zones or clause.all_else)
    ordered = ((asked and somewhere) or later) and not reported
    return reading.planned or (whole and (ordered or (goal and somewhere)))


def _joins(reading: Reading) -> bool:
    return any(AND in reading.words.roles_of((token,)) for token in reading.tokens)


def says_amounts(clause: Clause) -> bool:
    """Whether it is of more than a vehicle and its load: several loads, so many of something, a zone, all wards."""
    return bool(clause.several_loads or clause.counted_loads or clause.counted_kinds or clause.zones or clause.all_else)
