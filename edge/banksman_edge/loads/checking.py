"""Whether a list of loads fits its site."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from banksman_edge.errors import LoadsError
from banksman_edge.loads.model import LONGEST, MAX_LOADS, Told
from banksman_shared.clock import timestamp
from banksman_shared.site import Site

AHEAD_S = 60.0
"""A list may be so many seconds ahead of the machine's clock."""
_NAMED = 5
"""So many of what is wrong are named."""


def check_list(told: Told, site: Site, now: float) -> None:
    """Raises:
    LoadsError: it cannot be what stands at this site.
    """
    if len(told.loads) > MAX_LOADS:
        raise LoadsError(f"a list has at most {MAX_LOADS} loads, not {len(told.loads)}")
    if not math.isfinite(told.at) or told.at - now > AHEAD_S:
        raise LoadsError(f"the list is of a time to come ({told.at:.0f}, now it is {timestamp(now)}); set its clock")
    places = told.places or frozenset()
    named = dict.fromkeys((*(load.place for load in told.loads), *sorted(places)))
    if unknown := [place for place in named if place not in site.places]:
        raise LoadsError(f"the site has no place {_listed(unknown)}; use the ids of site.toml")
    times = Counter(load.id for load in told.loads)
    if twice := [load for load, count in times.items() if count > 1]:
        raise LoadsError(f"load {_listed(twice)} stands twice in the list; tell each once")
    words = [*times, *(load.type for load in told.loads if load.type is not None)]
    if wrong := [word for word in words if not 0 < len(word) <= LONGEST]:
        raise LoadsError(f"ids and types of loads have 1 to {LONGEST} characters, unlike {_listed(wrong)}")
    if told.places is not None and (beside := [load.place for load in told.loads if load.place not in places]):
        raise LoadsError(f"the list has loads at {_listed(beside)}, which is not among its 'places'")


def _listed(words: Iterable[str]) -> str:
    named = [f"'{word[:LONGEST]}'" for word in dict.fromkeys(words)]
    return ", ".join(named[:_NAMED]) + (f" and {len(named) - _NAMED} more" if len(named) > _NAMED else "")
