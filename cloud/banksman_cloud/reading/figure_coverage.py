"""Which figures of a request no goal says."""

from __future__ import annotations

from collections.abc import Iterator

from banksman_cloud.reading.figure_finder import Figure, Figures
from banksman_shared.plans import Goal, Goals, TransportGoal

_FIELDS = {
    "count": ("count", "at_most", "until", "percent"),
    "seconds": ("within_s", "not_before_s", "from_s", "until_s"),
    "time": ("by", "not_before", "from_time", "until_time"),
    "percent": ("until", "percent"),
}


def unheard(goals: Goals, figures: Figures) -> tuple[Figure, ...]:
    """Figures of the request that are in no goal, nor told to be left out or unclear. What may be an article ("a load")
    is not missed, nor an amount that others add up to."""
    heard = {each for goal in goals.goals for each in figures_of(goal)} | {("count", 1)}
    carried = [g.count or 0 for g in goals.goals if isinstance(g, TransportGoal)]
    heard.add(("count", sum(carried)))
    told = {id(figure) for words in (*goals.unsupported, *goals.unclear) for figure in figures.within(words)}
    return tuple(f for f in figures.found if f.readings and not f.readings & heard and id(f) not in told)


def figures_of(goal: Goal) -> Iterator[tuple[str, int | str]]:
    """What a goal says in figures, as a :class:`Figure` reads them."""
    for kind, names in _FIELDS.items():
        for name in names:
            if (value := getattr(goal, name, None)) is not None:
                yield kind, int(value) if isinstance(value, float) else value
