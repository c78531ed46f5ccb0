"""What all streams of sound share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from banksman_edge.streams.endpointing import Endpointing, Judge
from banksman_edge.streams.events import StreamEvent
from banksman_edge.streams.recognition import Recognition
from banksman_edge.streams.spotting import StopWatch
from banksman_shared.clock import Clock

Emit = Callable[[StreamEvent], None]


@dataclass(frozen=True, slots=True)
class SharedParts:
    """``judge``: how much of an order a text is; ``stops``: None where nothing spots them."""

    recognition: Recognition
    judge: Judge
    clock: Clock
    stops: StopWatch | None = None
    endpointing: Endpointing = field(default_factory=Endpointing)
