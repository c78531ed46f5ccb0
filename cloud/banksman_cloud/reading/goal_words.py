"""What each goal says of who may, who may not, where, in which order and what matters: as senses that words of a
request have (``data/conditions.toml``), and of whom or what it says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from banksman_cloud.reading.names import members, places_meant
from banksman_shared.plans import (
    AvoidGoal,
    Goal,
    OneWayGoal,
    PreferGoal,
    ReserveGoal,
    SendGoal,
    TransportGoal,
    UseGoal,
)
from banksman_shared.site import Site

_ORDER = frozenset({"first", "order"})
_LATER = frozenset({"later"})


@dataclass(frozen=True, slots=True)
class Saying:
    """One field of a goal, which quotes ``words``. ``names``: whom or what it is about, empty for all; ``others``: they
    are those whom it leaves out, so it says so only where it is quoted. ``anywhere``: it holds for the whole request,
    whatever it quotes. ``together``: senses that it has only beside "nobody" and the like."""

    words: str
    senses: frozenset[str]
    names: frozenset[str] = frozenset()
    others: bool = False
    anywhere: bool = False
    together: frozenset[str] = frozenset()

    def means(self, senses: frozenset[str]) -> bool:
        return bool(self.senses & senses or ("deny" in senses and self.together & senses))


def sayings(site: Site, goals: Sequence[Goal]) -> Iterator[Saying]:
    """All that goals say of these."""
    ordered = {index for goal in goals for index in getattr(goal, "after", ())}
    carried = [index for index, goal in enumerate(goals) if isinstance(goal, TransportGoal)]
    if len(carried) == 1:
        yield Saying(goals[carried[0]].words, frozenset({"first"}))
        if any(isinstance(goal, SendGoal) for goal in goals):
            ordered |= {*carried}  # who is sent somewhere goes before or after it
    for index, goal in enumerate(goals):
        if isinstance(goal, TransportGoal | SendGoal):
            yield from _of_task(site, goal, ordered=index in ordered)
        else:
            yield from _of_condition(site, goal)


def _of_condition(site: Site, goal: Goal) -> Iterator[Saying]:
    words = goal.words
    if isinstance(goal, AvoidGoal):
        timed = _ORDER | _LATER if goal.from_s is not None or goal.until_s is not None or goal.until_time else set()
        names = frozenset(place for each in goal.places for place in places_meant(site, each))
        senses = frozenset({"deny", "only", "except", "closed"} | timed)
        yield Saying(words, senses, names | _vehicles(site, goal.vehicles))
    elif isinstance(goal, OneWayGoal):
        yield Saying(words, frozenset({"deny", "only", "closed"}), frozenset({goal.start, goal.end}))
    elif isinstance(goal, ReserveGoal):
        yield Saying(
            words, frozenset({"deny", "most", "except"}), _vehicles(site, goal.vehicles or tuple(site.vehicles))
        )
    elif isinstance(goal, UseGoal):
        yield from _only(site, words, _vehicles(site, goal.only))
        yield from _never(site, words, _vehicles(site, goal.never))
    elif isinstance(goal, PreferGoal):
        yield Saying(words, frozenset({"prefer", "only"}))
        yield Saying(words, frozenset({"prefer"}), anywhere=True)


def _of_task(site: Site, goal: TransportGoal | SendGoal, *, ordered: bool) -> Iterator[Saying]:
    words, who, senses = goal.words, _vehicles(site, goal.vehicles), set[str]()
    yield from _only(site, words, who)
    yield from _never(site, words, _vehicles(site, goal.without))
    if goal.after or goal.not_before_s is not None or goal.not_before:
        senses |= {*_ORDER, *_LATER, "deny", "only"}
    if goal.within_s is not None or goal.by:
        senses |= {*_ORDER, "most"}
    if isinstance(goal, SendGoal):
        yield from _only(site, words, _vehicles(site, goal.among))
        senses |= _ORDER  # it comes before or after all else that is done
        senses |= {"deny", "only"} if goal.when != "last" else set()
    else:
        senses |= _ORDER if ordered else set()
        senses |= {"most"} if goal.count else set()
        senses |= {*_ORDER, "prefer", "deny"} if goal.priority != "normal" else set()
        senses |= {"most", "only", "deny", "prefer"} if goal.at_most else set()
        senses |= {"only"} if goal.load_type else set()
    yield Saying(words, frozenset(senses), who)


def _only(site: Site, words: str, vehicles: frozenset[str]) -> Iterator[Saying]:
    """These, and so none of the others."""
    if vehicles:
        yield Saying(words, frozenset({"only"}), vehicles, together=frozenset({"except"}))
    if vehicles and (others := frozenset(site.vehicles) - vehicles):
        yield Saying(words, frozenset({"deny", "except"}), others, others=True)


def _never(site: Site, words: str, vehicles: frozenset[str]) -> Iterator[Saying]:
    """None of these, and so only the others."""
    if vehicles:
        yield Saying(words, frozenset({"deny", "except"}), vehicles)
    if vehicles and (others := frozenset(site.vehicles) - vehicles):
        yield Saying(words, frozenset({"only"}), others, others=True)


def _vehicles(site: Site, references: Sequence[str]) -> frozenset[str]:
    return frozenset(vehicle for each in references for vehicle in members(site, each))
