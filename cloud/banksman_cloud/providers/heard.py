"""What a small model's answer makes of the figures of a request: amounts are put right where code can tell which is
meant, and what was left out is found, since a plan without a limit that somebody gave could be driven all the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from banksman_cloud.providers.evidence import keep_evident
from banksman_cloud.providers.figures import Figure, Figures
from banksman_cloud.providers.names import members, said_in, types_said
from banksman_cloud.providers.prompt import GoalPrompt
from banksman_cloud.providers.slips import apart, without_slips
from banksman_shared.plans import AvoidGoal, Goal, Goals, NamedThing, SendGoal, TransportGoal
from banksman_shared.site import Site

_FIELDS = {
    "count": ("count", "at_most", "until", "percent"),
    "seconds": ("within_s", "not_before_s", "from_s", "until_s"),
    "time": ("by", "not_before", "from_time", "until_time"),
    "percent": ("until", "percent"),
}

_NEAR = 2
"""Words between a limit and the words of the goal that it is for."""


def evident(prompt: GoalPrompt, goals: Goals) -> Goals:
    """The goals of a small model as far as the request speaks for them, with all that its words leave no doubt of."""
    site, mentions, language = prompt.site, prompt.mentions, prompt.language
    kept = keep_evident(site, prompt.request, goals, mentions, language)
    read = prompt.figures()
    if not mentions:
        return kept
    counted = with_counts(site, kept, read) if read else kept
    plain = with_types(without_slips(site, counted, mentions, language), prompt.types, mentions)
    return with_limits(with_percents(plain, read), read) if read else plain


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
    return (*lost, *apart(goals, prompt.mentions, prompt.site, prompt.request))


def with_counts(site: Site, goals: Goals, figures: Figures) -> Goals:
    """The goals, with the only number of loads or vehicles that stands in the words of each."""
    counted = tuple(_counted(site, goal, figures) for goal in goals.goals)
    return goals.model_copy(update={"goals": counted})


def _counted(site: Site, goal: Goal, figures: Figures) -> Goal:
    if not isinstance(goal, TransportGoal | SendGoal):
        return goal
    others = {(kind, value) for kind, value in _said(goal) if kind != "count"}
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


def with_limits(goals: Goals, figures: Figures) -> Goals:
    """The goals, with each time limit that none of them has for the one whose words it stands in, else for the one
    whose words follow it ("by three: four boxes …")."""
    made = list(goals.goals)
    for figure in unheard(goals, figures):
        kinds = {kind: value for kind, value in figure.readings if kind in _LIMITS}
        if not figure.limit or len(kinds) != 1 or len(figure.readings) > 2:
            continue
        ((kind, value),) = kinds.items()
        at = _limited(made, figures, figure)
        if at is not None:
            made[at] = made[at].model_copy(update={_limit(made[at], kind): value})
    return goals.model_copy(update={"goals": tuple(made)})


def with_percents(goals: Goals, figures: Figures) -> Goals:
    """The goals, with a per cent that none of them has for the charging in whose words it stands: up to that, first."""
    made = list(goals.goals)
    for figure in unheard(goals, figures):
        percents = [value for kind, value in figure.readings if kind == "percent"]
        for at, goal in enumerate(made):
            start, end = figures.span(goal.words)
            charges = isinstance(goal, SendGoal) and goal.action == "charge" and not (goal.until or goal.after)
            if len(percents) == 1 and charges and start <= figure.start and figure.end <= end:
                made[at] = goal.model_copy(update={"until": float(percents[0]), "when": "first"})
    return goals.model_copy(update={"goals": tuple(made)})


_LIMITS = {"time": ("by", "until_time"), "seconds": ("within_s", "until_s")}


def _limit(goal: Goal, kind: str) -> str:
    return _LIMITS[kind][isinstance(goal, AvoidGoal)]


def _limited(goals: Sequence[Goal], figures: Figures, figure: Figure) -> int | None:
    """The number of the goal that a limit is for, where that is plain."""
    open_ = [
        (index, *figures.span(goal.words))
        for index, goal in enumerate(goals)
        if isinstance(goal, TransportGoal | SendGoal | AvoidGoal)
        and all(getattr(goal, _limit(goal, kind)) is None for kind in _LIMITS)
    ]
    around = [(end - start, index) for index, start, end in open_ if start <= figure.start and figure.end <= end]
    behind = [(start - figure.end, index) for index, start, end in open_ if 0 <= start - figure.end <= _NEAR and end]
    return min(around or behind, default=(0, None))[1]


def unheard(goals: Goals, figures: Figures) -> tuple[Figure, ...]:
    """Figures of the request that are in no goal, nor told to be left out or unclear. What may be an article ("a load")
    is not missed, nor an amount that others add up to."""
    heard = {each for goal in goals.goals for each in _said(goal)} | {("count", 1)}
    carried = [g.count or 0 for g in goals.goals if isinstance(g, TransportGoal)]
    heard.add(("count", sum(carried)))
    told = {id(figure) for words in (*goals.unsupported, *goals.unclear) for figure in figures.within(words)}
    return tuple(f for f in figures.found if f.readings and not f.readings & heard and id(f) not in told)


def _said(goal: Goal) -> Iterator[tuple[str, int | str]]:
    for kind, names in _FIELDS.items():
        for name in names:
            if (value := getattr(goal, name, None)) is not None:
                yield kind, int(value) if isinstance(value, float) else value
