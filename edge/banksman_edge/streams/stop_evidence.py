"""What looks at a stream's newest sound say together: whether somebody has just said a stop word."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from banksman_edge.audio import SAMPLE_RATE, Samples

AGREEING = ((2, 0.45), (3, 0.0), (4, -0.2))
"""Looks in a row, and what is added to the threshold that each of them has to reach."""
AGREEING_IN_SILENCE = ((1, 0.4), (2, 0.0))
"""The same where nobody speaks on, besides: talk goes on. When one look of 0.95 or two of 0.6 were enough, silence or
not, two hours of talk, none of it taken for a conversation, had 44 alarms and not 27, and 43 of 612 words were missed,
not 46."""
SILENCE_DB, NEWEST_S, LATELY_S, FRAME_S = -20.0, 0.06, 0.6, 0.03
"""It is silent where the newest sound is this much softer than the loudest of late, in short frames."""
AGREEING_AS_SPEECH_GOES_ON = ((2, 0.95), (3, 0.8))
WORD_S = 0.6
"""What looks have to reach where somebody who has spoken for so long without a pause speaks straight on, whatever the
threshold. A word that is called out is over by then, or the next moment. Of six alarms in 1.7 hours of talk, most at
the beginning of a sentence, four were given while it went on. Of 1,236 stop words alone or behind a name one more was
missed, and of 504 that were said several times or with words straight behind them four."""
QUIETEST = 1e-6
"""Softer than any sound, full scale 1."""
MOST, LEAST = 0.95, 0.2
"""What is asked of looks at most and at least, whatever the threshold."""
LONELY, LONELY_IN_TALK = 0.95, 0.995
"""What a look has to reach that has no other just before it: the first in a while, or the spotter cannot keep up."""
TALK_S = 1.5
"""Who has just spoken for longer without a pause is talking. A stop word that is called out is over before, also with a
name before it."""
CONVERSED_S = 3.0
"""And who has spoken to others for longer, within :data:`talk.CONVERSATION_S`, is in a conversation. With all of it
taken for one as it is recognised, two hours of talk had 6 alarms and not 27."""
AGREEING_IN_TALK = ((2, 0.97),)
AGREEING_IN_TALK_FALLEN_SILENT = ((2, 0.9),)
"""What looks have to reach in talk and in a conversation, whatever the threshold."""
NEXT_S = 0.35
"""Looks further apart say nothing about each other; a word counts as just said for half a second."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a stream is looked at. ``position``: in samples; ``spoken_s``: how much somebody has spoken just before
    without a pause; ``silent``: whether the newest sound is silence; ``conversed_s``: how much was said to others
    lately; ``goes_on``: whether somebody surely speaks on in the newest sound."""

    position: int
    spoken_s: float
    silent: bool
    conversed_s: float
    goes_on: bool = False


def loudest(window: Samples) -> float:
    """The level of the loudest moment of late, in dB of full scale."""
    return 20 * math.log10(max(_levels(window), default=QUIETEST))


def falls_silent(window: Samples) -> bool:
    """Whether whoever spoke lately does not speak at the end of this sound."""
    levels = _levels(window)
    newest = levels[-round(NEWEST_S / FRAME_S) :]
    return bool(newest.size and newest.mean() < levels.max() * 10 ** (SILENCE_DB / 20))


def _levels(window: Samples) -> Samples:
    """Root mean squares of the newest short frames, the oldest first."""
    frame = round(FRAME_S * SAMPLE_RATE)
    lately = np.nan_to_num(window[-round(LATELY_S / FRAME_S) * frame :], posinf=1, neginf=-1).clip(-1, 1)
    power = np.square(lately[len(lately) % frame :]).reshape(-1, frame).mean(axis=1)
    return np.asarray(np.sqrt(power + QUIETEST**2), np.float32)


class StopEvidence:
    """What a spotter finds in one stream, look after look. A sound that is like a stop word at one moment only, as
    talk often is, is none; and in the middle of talk it takes more to be one. ``threshold``: of three looks."""

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._before: deque[tuple[int, float]] = deque(maxlen=max(count for count, _ in AGREEING) - 1)

    def stop(self, moment: Moment, probability: float) -> bool:
        """Whether a stop word has just been said, by this look and those before."""
        since = moment.position - NEXT_S * SAMPLE_RATE
        newest = [probability, *(before for at, before in self._before if at >= since)]
        self._before.appendleft((moment.position, probability))
        talking = moment.spoken_s > TALK_S
        if len(newest) == 1 and probability >= (LONELY_IN_TALK if talking else LONELY):
            return True
        talking = talking or moment.conversed_s > CONVERSED_S
        return any(_reach(newest, count, least) for count, least in self._enough(moment, talking))

    def _enough(self, moment: Moment, talking: bool) -> Sequence[tuple[int, float]]:
        if talking:
            return [*AGREEING_IN_TALK, *(AGREEING_IN_TALK_FALLEN_SILENT if moment.silent else ())]
        if moment.goes_on and moment.spoken_s > WORD_S:
            return AGREEING_AS_SPEECH_GOES_ON
        more = [*AGREEING, *(AGREEING_IN_SILENCE if moment.silent else ())]
        return [(count, float(np.clip(self._threshold + least, LEAST, MOST))) for count, least in more]


def _reach(stop_evidence: Sequence[float], count: int, least: float) -> bool:
    """Whether there are as many looks, the newest first, and those all reach this."""
    return len(stop_evidence) >= count and min(stop_evidence[:count]) >= least
