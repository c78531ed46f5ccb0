"""What of the site is named in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto


class What(Enum):
    """What a name stands for."""

    VEHICLE = auto()
    PLACE = auto()
    GROUP = auto()
    VEHICLE_KIND = auto()
    PLACE_KIND = auto()
    ZONE = auto()
    """Places that belong together: what is ordered of them is for the planner."""
    UNKNOWN = auto()
    """A kind with a number that the site does not have: "dock ninety"."""


WHO = frozenset({What.VEHICLE, What.VEHICLE_KIND, What.GROUP})
"""What says whom a sentence is about."""
WHERE = frozenset({What.PLACE, What.PLACE_KIND, What.ZONE})
"""What says where."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Something named in tokens [start, end). ``ids``: what it may be, several where the words fit several; ``score``:
    likeness, 0 to 1, where 1 is the name in one of its forms; ``text``: the words; ``role``: what an ending says of it,
    "from", "to", "plural"; ``before``: words written onto the name: the ل of للرصيف; ``bare``: a number alone."""

    what: What
    ids: tuple[str, ...]
    start: int
    end: int
    score: float
    text: str
    role: str = ""
    before: str = ""
    bare: bool = False


def kind_of_place(mentions: Iterable[Mention]) -> str:
    """The kind of place that is named without saying which: "to the dock"; empty where none is, or several."""
    kinds = {mention.ids[0] for mention in mentions if mention.what is What.PLACE_KIND}
    return kinds.pop() if len(kinds) == 1 else ""
