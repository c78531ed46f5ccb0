"""The silence that synthesisers put around what they say."""

from __future__ import annotations

import numpy as np

from banksman_edge.audio import Samples
from banksman_edge.errors import SynthesisError

SILENT = 0.01
"""Of the peak; what is below is silence."""


def trimmed(samples: Samples) -> Samples:
    """Without the silence around it, float32 at a peak of 0.5.

    Raises:
        SynthesisError: it is all silence.
    """
    peak = float(np.abs(samples).max(initial=0.0))
    loud = np.flatnonzero(np.abs(samples) > SILENT * peak)
    if not len(loud):
        raise SynthesisError("there is nothing to say in it")
    return np.asarray(0.5 / peak * samples[loud[0] : loud[-1] + 1], np.float32)
