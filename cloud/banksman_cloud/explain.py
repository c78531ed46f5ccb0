"""A plan in a few sentences, for the operator who approves it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from banksman_shared.plans import AvoidGoal, Goal, Goals, Step, TransportGoal
from banksman_shared.site import Site

_Names = Callable[[Iterable[str]], str]


def explain(site: Site, language: str, goals: Goals, steps: Sequence[Step]) -> str:
    """English sentences with the names of ``language`` for places and vehicles, each number as it is in the plan."""

    def names(ids: Iterable[str]) -> str:
        return ", ".join(site.label(thing, language) for thing in dict.fromkeys(ids))

    sentences = [_goal(goal, [s for s in steps if s.goal == i], names) for i, goal in enumerate(goals.goals)]
    sentences.append(f"All is done after {_duration(max(step.end_s for step in steps))}.")
    sentences += [f"Not part of the plan: {words}." for words in goals.unsupported]
    return " ".join(sentences)


def _goal(goal: Goal, steps: Sequence[Step], names: _Names) -> str:
    if isinstance(goal, AvoidGoal):
        return f"Nobody drives to or through {names(goal.places)}."
    limit = f", within {_duration(goal.within_s)}" if goal.within_s is not None else ""
    who = names(step.vehicle for step in steps)
    when = f", done after {_duration(max(step.end_s for step in steps))}" if steps else ""
    if isinstance(goal, TransportGoal):
        trips = Counter((step.origin or "", step.destination) for step in steps)
        loads = ", ".join(f"{n} from {names([a])} to {names([b])}" for (a, b), n in trips.items())
        return f"{goal.count} {'load' if goal.count == 1 else 'loads'} ({loads}) by {who}{limit}{when}."
    ways = ", ".join(f"{names([step.vehicle])} to {names([step.destination])}" for step in steps)
    return f"{goal.action.capitalize()}: {ways}{limit}{when}."


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
