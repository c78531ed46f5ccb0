"""From goals to a plan: who carries what in which order, when, and why there is no plan."""

from banksman_cloud.solving.assignment import lines, steps
from banksman_cloud.solving.bounds import hopeless
from banksman_cloud.solving.conflict_texts import say_conflict
from banksman_cloud.solving.conflicts import Conflict, Part, Wish, find_conflict
from banksman_cloud.solving.explanation import explain
from banksman_cloud.solving.handovers import in_turn, takes_turns
from banksman_cloud.solving.solver import Progress, Solution, keeps, solve
from banksman_cloud.solving.tasks import ways_to_choose
from banksman_cloud.solving.travel_times import TICKS_PER_S
from banksman_cloud.solving.vehicle_choice import WAYS

__all__ = [
    "TICKS_PER_S",
    "WAYS",
    "Conflict",
    "Part",
    "Progress",
    "Solution",
    "Wish",
    "explain",
    "find_conflict",
    "hopeless",
    "in_turn",
    "keeps",
    "lines",
    "say_conflict",
    "solve",
    "steps",
    "takes_turns",
    "ways_to_choose",
]
