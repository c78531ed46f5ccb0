"""Words with which people make others wait for what they say next: "wait, send cart two to gate one".

Alone they may stop, and before an order they are said to whoever listens; so the order is read back first.
"""

from __future__ import annotations

from collections.abc import Sequence

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.language import FILLER, HESITATES


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


def _is_small(item: Item) -> bool:
    return item.plays(HESITATES) or (item.plays(FILLER) and not item.actions)
