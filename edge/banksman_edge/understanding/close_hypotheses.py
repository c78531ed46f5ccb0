"""When two hypotheses of one sentence are so close that asking is better than guessing: "dock two or dock twelve?".

The recogniser's other hypotheses say what else was heard. One that asks for the same thing with another number is a
rival: its own likelihood counts, and where the two numbers sound alike, less of it is enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from banksman_edge.phonetics import alike, sound_of
from banksman_shared.commands import Command
from banksman_shared.numerals import number_words
from banksman_shared.site import Place, Site, Vehicle

CLOSE = 0.9
"""Least confidence of a rival, as a share of the best reading's. It is a matter of a nat and a half."""
CLOSE_IF_ALIKE = 0.8
"""The same for numbers that sound alike: four nats."""
ALIKE = 0.7
"""From this likeness on two numbers sound alike. fifteen/fifty .73, dos/doce .86, six/seven .25."""


def rivals(
    site: Site, language: str, readings: Sequence[tuple[float, tuple[Command, ...]]]
) -> tuple[str, str] | tuple[()]:
    """The two things between which one has to ask, the likelier first; nothing if the best reading is clear.

    ``readings``: confidence and commands, the best first.
    """
    best, commands = readings[0]
    for confidence, others in readings[1:]:
        pair = _differing(commands, others)
        if pair and (numbers := _numbers(site, *pair)):
            least = CLOSE_IF_ALIKE if _sound_alike(language, *numbers) else CLOSE
            if confidence >= least * best:
                return pair
    return ()


def _differing(these: Sequence[Command], those: Sequence[Command]) -> tuple[str, str] | None:
    """The one thing in which two readings differ."""
    if [c.action for c in these] != [c.action for c in those]:
        return None
    one, other = list(_things(these)), list(_things(those))
    if len(one) != len(other):
        return None
    pairs = {(a, b) for a, b in zip(one, other, strict=True) if a != b}
    return (pair[0], pair[1]) if len(pairs) == 1 and (pair := pairs.pop()) and all(pair) else None


def _things(commands: Sequence[Command]) -> Iterator[str]:
    for command in commands:
        yield from (*command.vehicles, command.origin or "", command.destination or "")


def _numbers(site: Site, one: str, other: str) -> tuple[int, int] | None:
    """The numbers of two vehicles or places of one kind."""
    things: list[Vehicle | Place | None] = [site.vehicles.get(i) or site.places.get(i) for i in (one, other)]
    first, second = things
    if first is None or second is None or type(first) is not type(second) or first.kind != second.kind:
        return None
    return None if first.number is None or second.number is None else (first.number, second.number)


def _sound_alike(language: str, one: int, other: int) -> bool:
    words = [[sound_of(word, language) for word in number_words(language, number)] for number in (one, other)]
    return any(alike(a, b) >= ALIKE for a in words[0] for b in words[1])
