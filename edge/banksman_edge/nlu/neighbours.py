"""What stands beside an item, and so says what it means."""

from __future__ import annotations

from collections.abc import Sequence

from banksman_edge.nlu.items import Item
from banksman_edge.nlu.language import FILLER
from banksman_edge.nlu.names import What


def continues_unknown(items: Sequence[Item], index: int) -> bool:
    """Whether an unknown word belongs to the one before it, articles and the like in between: "bags of blood"."""
    at = index - 1
    while at > 0 and items[at].plays(FILLER) and not items[at].actions:
        at -= 1
    return at >= 0 and items[at].unknown and items[at].amount is None


def beside_load(items: Sequence[Item], index: int) -> bool:
    """Whether the next word that says something, on either side, is a load: "a container of vaccines"."""
    for way in (reversed(items[:index]), items[index + 1 :]):
        neighbour = next((item for item in way if item.actions or not item.plays(FILLER)), None)
        if neighbour and neighbour.is_load:
            return True
    return False


def before_load(items: Sequence[Item], index: int) -> bool:
    """Whether loads are meant by what stands before them: "all the crates"."""
    following = next((item for item in items[index + 1 :] if item.actions or not item.plays(FILLER)), None)
    return following is not None and (following.is_load)


def counts_loads(items: Sequence[Item], index: int) -> bool:
    """Whether a number says how many loads: "six pallets", 三个托盘."""
    following = items[index + 1 : index + 3]
    return any(item.is_load for item in following)


def counts_vehicles(items: Sequence[Item], index: int) -> bool:
    """Whether a number says how many of a kind of vehicle: "two forklifts"."""
    following = items[index + 1].mention if index + 1 < len(items) else None
    return following is not None and following.what is What.VEHICLE_KIND
