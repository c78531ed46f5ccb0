"""Talk that a network takes for stop words: heard as a stream hears it, and taught as what it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from banksman_edge.asr import HOP_S, StopEncoder, StopHead, pooled
from banksman_edge.lab.teach.stop.clips import StopClip
from banksman_edge.lab.teach.stop.features import Encoded, Features, batches, scene_maker, whisper_encoder
from banksman_edge.lab.teach.stop.scenes import Window

LIKELY = 0.03
"""From this probability of any family on, a window of talk is worth teaching; chosen by hand."""
ANYWAY = 0.02
"""The share of the others that is taught, too."""


def with_hard_talk(
    features: Features,
    head: StopHead,
    folder: Path,
    clips: Sequence[StopClip],
    *,
    hours: float,
    seed: int,
    done: Callable[[float], None],
) -> Features:
    """The features with those of talk that ``head`` finds hard, among so many hours of it. ``done`` gets the seconds
    heard.

    Raises:
        ModelError: the Whisper for it is not here.
        TeachingError: there is no talk among the clips.
    """
    random = np.random.default_rng(seed)
    encoder, maker = whisper_encoder(), scene_maker(folder, clips)
    kept, heard_s = [features.encoded[:0]], 0.0
    while heard_s < hours * 3600:
        for batch in batches(maker.talk(HOP_S, random)):
            kept.append(_hard(batch, encoder, head, random))
            heard_s += len(batch) * HOP_S
            done(len(batch) * HOP_S)
    return features.with_talk(np.concatenate(kept))


def _hard(batch: Sequence[Window], encoder: StopEncoder, head: StopHead, random: np.random.Generator) -> Encoded:
    encoded = encoder.encode(np.stack([window.samples for window in batch]))
    chosen = (head(encoded).max(axis=1) >= LIKELY) | (random.random(len(batch)) < ANYWAY)
    return pooled(encoded[chosen]).astype(np.float16)
