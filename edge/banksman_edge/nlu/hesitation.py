"""Words with which people make others wait for what they say next: "wait, send cart two to gate one".

Alone they may stop, and before an order they are said to whoever listens; so the order is read back first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.items import itemize
from banksman_edge.nlu.language import FILLER, HESITATES
from banksman_edge.nlu.mentions import MentionFinder
from banksman_edge.nlu.reading import MAY_TELL, Reading
from banksman_edge.nlu.tokens import BREAK, Tokens, sentences_of


def hesitates(items: Sequence[Item]) -> bool:
    """Whether an order begins with such words, or holds some that stop nobody."""
    return any(item.plays(HESITATES) and (at == 0 or not item.actions) for at, item in enumerate(items))


def behind_hesitation(items: Sequence[Item], parted: int) -> int | None:
    """The token at which an order behind such words begins; None where there are none, or what follows may belong to
    them, "wait for cart two". ``parted``: how many tokens stand before the first comma."""
    first = next((at for at, item in enumerate(items) if not _is_small(item)), len(items))
    if not any(item.plays(HESITATES) for item in items[:first]) or first == len(items):
        return None
    begins = items[first]
    return begins.start if begins.start == parted or begins.actions else None


def order_behind_hesitation(
    text: str, whole: Reading, finder: MentionFinder, read: Callable[[Tokens], Reading]
) -> Reading | None:
    """The order behind words that make others wait, "wait, send cart two to gate one"; never surely. Without a
    place, or as a sentence of their own, they may stop."""
    if not whole.clause.places or len(sentences_of(text)) > 1:
        return None
    parted = len(finder.tokens(BREAK.split(text)[0]))
    begin = behind_hesitation(itemize(whole.tokens, finder, whole.mentions), parted)
    order = read(whole.tokens[begin:]) if begin else whole
    drives = bool(order.commands) and all(command.action.drives for command in order.commands)
    found = replace(whole, commands=order.commands, certainty=order.certainty * MAY_TELL, choices=order.choices)
    return found if drives else None


def _is_small(item: Item) -> bool:
    return item.plays(HESITATES) or (item.plays(FILLER) and not item.actions)
