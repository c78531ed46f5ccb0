"""What a small model's answer makes of the figures of a request: amounts are put right where code can tell which is
meant, and what was left out is found, since a plan without a limit that somebody gave could be driven all the same."""

from __future__ import annotations

from collections.abc import Sequence

from banksman_cloud.providers.evidence import keep_evident
from banksman_cloud.providers.joined import apiece, drives, emptied, in_one, renumbered
from banksman_cloud.providers.limits import with_limits
from banksman_cloud.providers.parts import clause_with, unquoted
from banksman_cloud.providers.prompt import GoalPrompt
from banksman_cloud.providers.slips import apart, without_slips
from banksman_cloud.reading import (
    Figure,
    Figures,
    figures_of,
    members,
    said_in,
    speaks_for,
    types_said,
    unheard,
    unproved,
)
from banksman_shared.plans import Goal, Goals, NamedThing, ReserveGoal, SendGoal, TransportGoal
from banksman_shared.site import Site

_NEAR = 1
"""Words between what is said of charging and the per cent up to which it is."""
_LEAST_BARE, _FULL = 10, 100
"""Between which a number that charging is said to is a per cent."""


def evident(prompt: GoalPrompt, goals: Goals) -> Goals:
    """The goals of a small model as far as the request speaks for them, with all that its words leave no doubt of."""
    site, mentions, language = prompt.site, prompt.mentions, prompt.language
    kept = keep_evident(site, prompt.request, goals, mentions, language)
    read = prompt.figures()
    if not mentions:
        return kept
    sure = tuple(mention for mention in mentions if mention.sure)
    wishes = apiece(kept, language)
    if read is not None:
        wishes = drives(site, prompt.request, with_said_reserves(wishes, read, prompt), read, sure)
        wishes = with_counts(site, wishes, read)
    whole = in_one(site, prompt.request, without_slips(site, wishes, sure, language), sure, language)
    plain = with_types(whole, prompt.types, mentions)
    if read is None:
        return plain
    told = without_figures_told(plain, read, sure)
    limited = with_limits(with_reserves(prompt, with_percents(told, read), read), read, language)
    return emptied(prompt.request, limited, language)


def without_figures_told(goals: Goals, figures: Figures, mentions: Sequence[NamedThing]) -> Goals:
    """The goals, without leaving out a figure in the words of one of them: it may be read from there."""

    def is_told(words: str) -> bool:
        quoted = any(words.strip(" ,;.") in goal.words for goal in goals.goals)
        return quoted and len(figures.within(words)) == 1 and not said_in(words, mentions)

    return goals.model_copy(update={"unsupported": tuple(w for w in goals.unsupported if not is_told(w))})


def left_out(prompt: GoalPrompt, goals: Goals) -> tuple[str, ...]:
    """Words of the request that no goal says, so that something in it was lost; nothing where there is a question
    anyway."""
    read = prompt.figures()
    if not prompt.mentions or read is None or goals.unclear:
        return ()
    lost = dict.fromkeys(figure.words for figure in unheard(goals, read))
    places = prompt.site.places.keys()
    ways = (words for words in goals.unsupported if len(said_in(words, prompt.mentions) & places) > 1)
    lost |= dict.fromkeys(ways)  # from one place to another is something that can be said
    lost |= dict.fromkeys(unquoted(prompt, goals))
    lost |= dict.fromkeys(unproved(prompt.site, goals, prompt.mentions))
    return (*lost, *apart(goals, prompt.mentions, prompt.site, prompt.request))


def with_counts(site: Site, goals: Goals, figures: Figures) -> Goals:
    """The goals, with the only number of loads or vehicles that stands in the words of each."""
    counted = tuple(_counted(site, goal, figures) for goal in goals.goals)
    return goals.model_copy(update={"goals": counted})


def _counted(site: Site, goal: Goal, figures: Figures) -> Goal:
    if not isinstance(goal, TransportGoal | SendGoal):
        return goal
    others = {(kind, value) for kind, value in figures_of(goal) if kind != "count"}
    others |= {("count", each) for each in (getattr(goal, "at_most", None), getattr(goal, "until", None)) if each}
    of_vehicles = isinstance(goal, SendGoal)
    fit = [f for f in figures.within(goal.words) if f.of_vehicles == of_vehicles and not f.readings & others]
    numbers = {value for figure in fit for value in figure.all("count")}
    if not numbers and isinstance(goal, TransportGoal) and figures.says_all(goal.words):
        return goal.model_copy(update={"count": None})
    if len(numbers) != 1:
        return goal
    (count,) = numbers
    if isinstance(goal, SendGoal) and not goal.among:
        whole = [members(site, each) for each in goal.vehicles]
        several = len(whole) == 1 and len(whole[0]) > int(count)  # "keep two forklifts charging"
        return goal.model_copy(update={"count": count, "vehicles": (), "among": goal.vehicles}) if several else goal
    return goal.model_copy(update={"count": count})


def with_types(goals: Goals, types: Sequence[str], mentions: Sequence[NamedThing]) -> Goals:
    """The goals, with the only type of load that stands in the words of each; ``types``: of loads that are about."""
    made = []
    for goal in goals.goals:
        said = types_said(goal.words, types, mentions) if isinstance(goal, TransportGoal) and not goal.load_type else ()
        made.append(goal.model_copy(update={"load_type": said[0]}) if len(said) == 1 else goal)
    return goals.model_copy(update={"goals": tuple(made)})


def with_percents(goals: Goals, figures: Figures) -> Goals:
    """The goals, with a per cent that none of them has for the charging that it is said of: up to that, first. Of
    charging a bare number may be one too ("charged to fifty")."""
    made = list(goals.goals)
    for figure in unheard(goals, figures):
        percents = list(figure.all("percent"))
        if not percents and not figure.of_vehicles:
            bare = [value for kind, value in figure.readings if kind == "count" and len(figure.readings) == 1]
            percents = [value for value in bare if _LEAST_BARE <= int(value) <= _FULL]
        for at, goal in enumerate(made):
            charges = isinstance(goal, SendGoal) and goal.action == "charge" and not (goal.until or goal.after)
            if len(percents) == 1 and charges and _is_of(figure, figures.span(goal.words)):
                made[at] = goal.model_copy(update={"until": float(percents[0]), "when": "first"})
    return goals.model_copy(update={"goals": tuple(made)})


def _is_of(figure: Figure, span: tuple[int, int]) -> bool:
    """Whether a figure stands in a stretch of the text, or a word behind it."""
    start, end = span
    return start <= figure.start and end > 0 and (figure.end <= end or 0 <= figure.start - end <= _NEAR)


def with_said_reserves(goals: Goals, figures: Figures, prompt: GoalPrompt) -> Goals:
    """The goals, without a charge to be kept that nobody said. Who stays plugged in charges."""
    said = {value for figure in figures.found for kind, value in figure.readings if kind in ("percent", "count")}
    made: list[list[Goal]] = []
    for goal in goals.goals:
        if not isinstance(goal, ReserveGoal) or int(goal.percent) in said:
            made.append([goal])
            continue
        who = tuple(sorted(said_in(goal.words, prompt.mentions) & prompt.site.vehicles.keys()))
        charges = who and speaks_for("charge", goal.words, prompt.language)
        made.append([SendGoal(words=goal.words, vehicles=who, action="charge")] if charges else [])
    return renumbered(goals, made)


def with_reserves(prompt: GoalPrompt, goals: Goals, figures: Figures) -> Goals:
    """The goals, and one for a per cent that none of them has, where words beside it say that batteries keep it."""
    made = list(goals.goals)
    for figure in unheard(goals, figures):
        percents = list(figure.all("percent"))
        words = clause_with(prompt.request, figures.tokens[figure.start : figure.end]) if len(percents) == 1 else ""
        if words and speaks_for("below", words, prompt.language):
            vehicles = tuple(sorted(said_in(words, prompt.mentions) & prompt.site.vehicles.keys()))
            made.append(ReserveGoal(words=words, percent=float(percents[0]), vehicles=vehicles))
    return goals.model_copy(update={"goals": tuple(made)})
