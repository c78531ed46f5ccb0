"""Which of the mentions that may be found in a sentence are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from banksman_edge.nlu.names import What

if TYPE_CHECKING:
    from banksman_edge.nlu.mention import Mention

_SPECIFIC = {What.VEHICLE: 0.45, What.PLACE: 0.45, What.GROUP: 0.45, What.ZONE: 0.45, What.UNKNOWN: 0.2}


def best_cover(candidates: list[Mention], length: int) -> tuple[Mention, ...]:
    """Weighted interval scheduling: most tokens covered, exact before similar, things before kinds."""
    by_end: dict[int, list[Mention]] = {}
    for mention in candidates:
        by_end.setdefault(mention.end, []).append(mention)
    best: list[tuple[float, tuple[Mention, ...]]] = [(0.0, ())]
    for end in range(1, length + 1):
        options = [best[end - 1]]
        for mention in by_end.get(end, ()):
            weight, chosen = best[mention.start]
            gain = _gain(mention) + _SPECIFIC.get(mention.what, 0.0)
            options.append((weight + gain, (*chosen, mention)))
        best.append(max(options, key=lambda option: option[0]))
    return best[length][1]


def _gain(mention: Mention) -> float:
    length = mention.end - mention.start
    if mention.bare:
        return 0.2  # anything that explains the number together with its neighbours is better
    # Half a token less for what is only similar, so that a name never swallows the preposition before it.
    return length if mention.score == 1 else (length - 0.5) * mention.score**4
