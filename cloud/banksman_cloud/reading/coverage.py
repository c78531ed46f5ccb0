"""What a request says and no goal does, whichever model understood it.

Names of single things are missed by :mod:`.goals`: without one there is no plan. What is here may also be
told to the operator as left out: conditions, figures, and names of several vehicles or places together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from banksman_cloud.reading.condition_finder import unsaid_conditions
from banksman_cloud.reading.figure_coverage import unheard
from banksman_cloud.reading.figure_finder import figures
from banksman_cloud.reading.goal_words import sayings
from banksman_cloud.reading.goals import spoken_of, stretch
from banksman_cloud.reading.named_coverage import unproved
from banksman_cloud.reading.names import is_called, places_meant, said_in, selector, types_said
from banksman_shared.plans import Goals, PlanRequest, TransportGoal
from banksman_shared.site import Site

_BARE = 2
"""Words that say little by themselves, at most."""
_WORD_BEFORE, _WORD_BEHIND = re.compile(r"\w+ $"), re.compile(r"^ \w+")


_SAY_IT = "no goal says what '{0}' says: say it in a goal that quotes it, else put it into \"unsupported\""


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Parts of a request, as they stand in it, each with what a model can act on; ``asked``: those of them that no plan
    is made without: they say which vehicle may or may not, or leave unproved that the plan is what was asked for."""

    parts: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()


def with_neighbours(request: str, words: str) -> str:
    """A word or two of a request with the word before and the word behind, where no punctuation parts them: nobody
    knows which "two" is no part of a plan."""
    at = request.find(words)
    if at < 0 or len(words.split()) > _BARE:
        return words
    before, behind = _WORD_BEFORE.search(request[:at]), _WORD_BEHIND.match(request[at + len(words) :])
    return f"{before[0] if before else ''}{words}{behind[0] if behind else ''}"


def unsaid(request: PlanRequest, site: Site, goals: Goals, written: Goals) -> Unsaid:
    """What neither ``goals``, as they were settled, nor those that were ``written`` say, nor is told to be left out."""
    both = (*sayings(site, goals.goals), *sayings(site, written.goals))
    told = (*goals.unsupported, *goals.unclear)
    lost = unsaid_conditions(site, request.request, request.language, request.mentions, both, told)
    others = (
        *_figures(request, site, written),
        *_together(request, site, goals, written),
        *_types(request, site, goals),
    )
    rest = (stretch(request.request, words) or words for words in others)
    parts = (*lost, *dict.fromkeys(words for words in rest if not any(words in part for part in lost)))
    open_ = unproved(site, written, request.mentions)
    personal = (words for words, personal in lost.items() if personal)
    return Unsaid({words: _SAY_IT.format(words) for words in parts} | open_, (*open_, *personal))


def _figures(request: PlanRequest, site: Site, written: Goals) -> Iterator[str]:
    read = figures(request.request, request.language, request.mentions, site.vehicles, request.now)
    if read is not None and request.mentions:  # else a number may be that of a name
        yield from (figure.words for figure in unheard(written, read) if figure.readings)


def _together(request: PlanRequest, site: Site, goals: Goals, written: Goals) -> Iterator[str]:
    """Names of several vehicles or places that no goal has anything to do with. What only sounds like one is none, and
    all vehicles are who does it anyway."""
    used = spoken_of(site, goals, written, request.mentions)
    counted = [goal.words for goal in goals.goals if getattr(goal, "at_most", None)]
    for words in (*goals.unclear, *counted):
        used |= said_in(words, request.mentions)
    for mention in request.mentions:
        meant = selector(site, mention) if mention.sure else None
        everybody = site.vehicles.keys() <= set(mention.ids)
        if meant and not everybody and used.isdisjoint(mention.ids) and is_called(site, meant, mention.words):
            yield mention.words


def _types(request: PlanRequest, site: Site, goals: Goals) -> Iterator[str]:
    """Types of load of which a transport speaks, and which it does not say, where others stand as well."""
    loads = [load for load in request.fleet.loads or () if load.type is not None]
    known = sorted({load.type for load in loads if load.type is not None})
    for goal in goals.goals:
        if isinstance(goal, TransportGoal) and not goal.load_type:
            there = {place for each in goal.origins for place in places_meant(site, each)}
            for kind in types_said(goal.words, known, request.mentions):
                if any(load.place in there and load.type != kind for load in loads):
                    yield kind
