"""Finding out who an utterance is from, once, when it comes in."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from banksman_edge.operators import Access, LogIn

if TYPE_CHECKING:
    from banksman_edge.turns import Turn

_REBUFFS = {LogIn.DONE: "", LogIn.WRONG: "wrong_pin", LogIn.LOCKED: "locked"}


def receive(access: Access, turn: Turn, *, in_haste: bool) -> None:
    """Set the turn's speaker, and log in or out whoever wants that.

    ``in_haste``: no PIN is tried, which is slow on purpose; a stop needs none.
    """
    utterance = turn.utterance
    turn.utterance = replace(utterance, pin=None)  # turns are remembered, PINs are not
    if utterance.log_out:
        access.log_out(utterance)
    if utterance.pin is None or in_haste:
        turn.speaker = access.identify(utterance)
        return
    outcome, turn.speaker = access.identify_by_pin(utterance, utterance.pin)
    turn.rebuff = _REBUFFS[outcome]
