"""A vehicle or a place of the site that a sentence names."""

from __future__ import annotations

from dataclasses import dataclass

from banksman_edge.nlu.names import What


@dataclass(frozen=True, slots=True)
class Mention:
    """``ids``: what it may be; one, unless the words fit several. Tokens [start, end). ``score`` 0 to 1."""

    what: What
    ids: tuple[str, ...]
    start: int
    end: int
    score: float
    text: str
    bare: bool = False
    """A number without the kind of thing it numbers: "number three"."""
    role: str = ""
    """What the ending makes of it, where endings do the work of prepositions: "rampaya", to the ramp."""
    called_by_place: bool = False
    """Whether it is whoever is somewhere."""
