"""How a line most often goes on, so that the model judges all of it in one evaluation (speculative decoding).

A draft changes no answer: where the model writes something else, what was evaluated behind it is not used.
"""

from __future__ import annotations

from banksman_edge.understanding.reader.lines import AT_PLACE, NO_PLACE
from banksman_edge.understanding.reader.tagged import PLACES, Tagged

_ACTIONS = frozenset((*AT_PLACE, "transport", *NO_PLACE))


def draft(line: str, sentence: Tagged) -> tuple[str, ...]:
    """The parts that probably follow a line which is empty or ends in an action; nothing where it ends otherwise. Who
    and where are what the sentence names and the line has not used, in order."""
    words = line.replace(",", " ").split()
    if words and words[-1] not in _ACTIONS:
        return ()
    who, kinds, places = (
        [tag for tag in sentence.tags(sort) if tag not in words and sentence.things[tag].end]
        for sort in ("VG", "K", PLACES)
    )
    action = words[-1] if words else "transport" if len(places) > 1 else "move"
    parts = [] if words else [action]
    if who:
        parts += [f" {who[0]}", *(f",{tag}" for tag in who[1:])]
    else:
        parts.append(f" one {kinds[0]}" if kinds else " all" if action == "stop" else " any")
    if action == "transport" and len(places) > 1:
        parts += [" from", f" {places[0]}", " to", f" {places[1]}"]
    elif places and action not in NO_PLACE:
        parts += [" to", f" {places[0]}"]
    return tuple(parts)
