"""The parts of understanding that stand beside the reader, each of which can be left out, to see what it is worth.

``banksman bench rent`` leaves them out one by one. What is worth nothing is to go.
"""

from __future__ import annotations

from enum import StrEnum


class Part(StrEnum):
    """A part that can be left out."""

    PLAIN = "plain orders without the reader"
    STOPS = "stops without the reader"
    SIMILAR = "names that are only similar"
    FOREIGN = "numbers of other languages"
    CALLED = "numbers that are called or marked"
    PROVED_NAMES = "the proof of names"
    PROVED_NUMBERS = "the proof of numbers"
    PROVED_WORDS = "the proof of the closed class"


Without = frozenset[Part]
ALL: Without = frozenset()
