"""How long a silence must be before an utterance is taken to be over.

Waiting is what a spoken order spends most of its time on. So it depends on what was said: a whole order needs no
more than a breath of silence, one that breaks off ("take the pallet from …") gets time to go on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from banksman_edge.asr import Transcript

ONSET = (3, 4)
"""So many of so many frames must be voiced for speech to begin: a click is none."""
BURIED_DB = 3.0
"""What is hardly above the noise floor is not voiced, unless the detector is quite sure."""
SURE = 0.8


class Fullness(StrEnum):
    """How much of an order a text is."""

    STOP = "stop"
    WHOLE = "whole"
    PART = "part"
    """It names something of the site, and something is missing."""
    OTHER = "other"
    TALK = "talk"
    """It asks for nothing, names nothing of the site, and nobody calls it out."""


Judge = Callable[[Transcript], Fullness]


@dataclass(frozen=True, slots=True)
class Endpointing:
    """Lengths of silence in seconds, each measured from the end of the last word.

    ``speculate``: after so much, what there is is recognised while the silence goes on. ``unclear``: speech less than
    ``clear`` decibels above the noise needs so many times the silence, since its quiet parts drown. ``longest``: an
    utterance is ended after so long, within Whisper's window. ``pre_roll``: kept from before speech was noticed.
    """

    whole: float = 0.3
    other: float = 0.65
    part: float = 1.1
    speculate: float = 0.125
    unclear: float = 1.25
    clear: float = 10.0
    longest: float = 28.0
    pre_roll: float = 0.4

    def silence(self, fullness: Fullness | None, clarity: float) -> float:
        """The silence to wait for. ``fullness``: of what was recognised; None while that is not known."""
        wanted = {Fullness.STOP: self.whole, Fullness.WHOLE: self.whole, Fullness.PART: self.part}
        seconds = wanted.get(fullness, self.other) if fullness else self.other
        return seconds * (1.0 if clarity >= self.clear else self.unclear)
