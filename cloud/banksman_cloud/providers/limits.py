"""Times and spans of time that a small model leaves out or mixes up, for the goals in whose words they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from banksman_cloud.reading import Figure, Figures, speaks_for, unheard
from banksman_shared.plans import AvoidGoal, Goal, Goals, SendGoal, TransportGoal

_NEAR = 2
"""Words between a limit and the words of the goal that it is for."""
_ENDS = {"time": ("by", "until_time"), "seconds": ("within_s", "until_s")}
_BEGINS = {"time": ("not_before", "from_time"), "seconds": ("not_before_s", "from_s")}
"""By what a figure says: the field of what is to be done, and of what is closed."""
_BOTH_ENDS = tuple(zip(_ENDS.values(), _BEGINS.values(), strict=True))


def with_limits(goals: Goals, figures: Figures, language: str) -> Goals:
    """The goals, with each time from when or by when that none of them has for the one whose words it stands in, else
    for the one whose words follow it ("by three: four boxes …"). A span that is the next one from now is an end."""
    made = [_one_ended(_with_window(_own(goal, goals, figures), figures), figures) for goal in goals.goals]
    for figure in unheard(goals.model_copy(update={"goals": tuple(made)}), figures):
        kinds = {kind: value for kind, value in figure.readings if kind in _ENDS}
        if len(kinds) != 1 or len(figure.readings) > 2:
            continue
        ((kind, value),) = kinds.items()
        begins = figure.begins and not figure.limit
        at = _limited(made, figures, figure, _BEGINS if begins else _ENDS)
        if at is not None and (begins or figure.limit or (kind == "seconds" and _next(figure, figures, language))):
            field = _field(made[at], _BEGINS if begins else _ENDS, kind)
            made[at] = made[at].model_copy(update={field: value})
    return goals.model_copy(update={"goals": tuple(made)})


def _next(figure: Figure, figures: Figures, language: str) -> bool:
    """Whether a span begins now: "for the next ten minutes"."""
    beside = figures.tokens[max(0, figure.start - _NEAR) : figure.end + _NEAR]
    return speaks_for("next", " ".join(beside), language)


def _field(goal: Goal, fields: Mapping[str, tuple[str, str]], kind: str) -> str:
    return fields[kind][isinstance(goal, AvoidGoal)]


def _limited(
    goals: Sequence[Goal], figures: Figures, figure: Figure, fields: Mapping[str, tuple[str, str]]
) -> int | None:
    """The number of the goal that a figure is for, where that is plain."""
    open_ = [
        (index, *figures.span(goal.words))
        for index, goal in enumerate(goals)
        if isinstance(goal, TransportGoal | SendGoal | AvoidGoal)
        and all(getattr(goal, _field(goal, fields, kind)) is None for kind in fields)
    ]
    around = [(end - start, index) for index, start, end in open_ if start <= figure.start and figure.end <= end]
    behind = [(start - figure.end, index) for index, start, end in open_ if 0 <= start - figure.end <= _NEAR and end]
    return min(around or behind, default=(0, None))[1]


def _own(goal: Goal, goals: Goals, figures: Figures) -> Goal:
    """A goal without a time of which another one speaks: "nobody in aisle two for ten minutes; after that, …"."""
    if not isinstance(goal, TransportGoal | SendGoal):
        return goal
    others = [figures.span(other.words) for other in goals.goals if isinstance(other, AvoidGoal)]
    for field, _ in _ENDS.values():
        said = [f for f in figures.found if any(getattr(goal, field) == value for _, value in f.readings)]
        if len(said) == 1 and not _near(said[0], figures.span(goal.words)) and any(_near(said[0], o) for o in others):
            goal = goal.model_copy(update={field: None})
    return goal


def _near(figure: Figure, span: tuple[int, int]) -> bool:
    """Whether a figure stands in a stretch of the text, or at once before it."""
    start, end = span
    return start < end and start - _NEAR <= figure.end <= end


def _one_ended(goal: Goal, figures: Figures) -> Goal:
    """One time cannot be both from when and by when: words beside it say which."""
    if not isinstance(goal, TransportGoal | SendGoal | AvoidGoal):
        return goal
    for ends, begins in _BOTH_ENDS:
        last, first = (names[isinstance(goal, AvoidGoal)] for names in (ends, begins))
        value = getattr(goal, last)
        if value is not None and value == getattr(goal, first):
            said = [figure for figure in figures.found if any(value == each for _, each in figure.readings)]
            goal = goal.model_copy(update={first if any(figure.limit for figure in said) else last: None})
    return goal


def _with_window(goal: Goal, figures: Figures) -> Goal:
    """What is closed "from nine to half past ten", whatever the model made of the two times."""
    if not isinstance(goal, AvoidGoal) or goal.from_s is not None or goal.until_s is not None:
        return goal
    said = [figure for figure in figures.within(goal.words) if not figure.of_vehicles]
    times = [(figure, values[0]) for figure in said if len(values := list(figure.all("time"))) == 1]
    if len(times) != 2:
        return goal
    (first, begin), (second, end) = times
    if second.start - first.end > _NEAR or begin == end:
        return goal
    return goal.model_copy(update={"from_time": begin, "until_time": end})
