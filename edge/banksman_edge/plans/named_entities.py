"""What a sentence names, for a planner that does not know the site's names as surely as the edge does."""

from __future__ import annotations

from collections.abc import Iterable

from banksman_edge.understanding.entities import SIMILAR, Mention, What
from banksman_shared.plans import NamedThing
from banksman_shared.site import Site

_LETTERS = 5
"""That a word has at least which resembles the name of a kind or group."""


def named_things(site: Site, mentions: Iterable[Mention]) -> tuple[NamedThing, ...]:
    """Vehicles, places and zones, in order, each once; groups and kinds stand for all their members."""
    found = tuple(mentions)
    exact = [f" {mention.text} " for mention in found if mention.score == 1]
    things = ((mention, _ids(site, mention)) for mention in found if not _piece(mention, exact))
    named = (NamedThing(words=m.text, ids=ids, sure=_is_sure(m)) for m, ids in things if ids)
    return tuple(dict.fromkeys(named))


def _is_sure(mention: Mention) -> bool:
    """Of one thing also what is nearly its name; of several at once nothing but their own ("qui" is not "quai")."""
    return mention.score == 1 or (mention.score >= SIMILAR and mention.what in (What.VEHICLE, What.PLACE, What.ZONE))


def _piece(mention: Mention, exact: Iterable[str]) -> bool:
    """Whether something only resembles a name, and is a piece of a name that is said here ("reels", "reel store")."""
    return mention.score < 1 and any(f" {mention.text} " in name for name in exact)


def _ids(site: Site, mention: Mention) -> tuple[str, ...]:
    match mention.what:
        case What.VEHICLE | What.PLACE:
            return mention.ids
        case What.VEHICLE_KIND:
            return tuple(v.id for v in site.vehicles.values() if v.kind in mention.ids)
        # What only resembles the name of a group or kind of place would open the door to all its members.
        case What.GROUP if _is_like(mention):
            return tuple(dict.fromkeys(v for group in mention.ids for v in site.groups[group].vehicles))
        case What.PLACE_KIND if _is_like(mention):
            return tuple(p.id for p in site.places.values() if p.kind in mention.ids)
        case What.ZONE:
            return tuple(f"zone:{zone}" for zone in mention.ids)
        case _:
            return ()


def _is_like(mention: Mention) -> bool:
    """Short words are like too many others."""
    return mention.score == 1 or (mention.score >= SIMILAR and len(mention.text) >= _LETTERS)
