"""How much of an order a text is, as the site's grammar sees it."""

from __future__ import annotations

from dataclasses import replace

from banksman_edge.asr.transcript import Transcript
from banksman_edge.nlu import Understanding
from banksman_edge.nlu.tokens import CALLED_OUT
from banksman_edge.streams.endpointing import Fullness, Judge
from banksman_shared.commands import Action

_GOES_SOMEWHERE = {Action.MOVE, Action.TRANSPORT, Action.PICK, Action.DROP}


def order_judge(understanding: Understanding) -> Judge:
    """Judges by the grammar alone, in milliseconds: no language model is asked."""
    grammar = understanding.with_model(None)

    def judge(transcript: Transcript) -> Fullness:
        if not transcript.text:
            return Fullness.OTHER
        best = replace(transcript, alternatives=())
        if grammar.stop(best):
            return Fullness.STOP
        read = grammar.understand(best)
        if read.is_nothing:
            if grammar.names_in(best):
                return Fullness.PART
            return Fullness.OTHER if CALLED_OUT.search(best.text) else Fullness.TALK
        placeless = any(c.action in _GOES_SOMEWHERE and c.destination is None for c in read.commands)
        if placeless or read.vague or read.unknown:
            return Fullness.PART
        # Whoever has a load picked up often goes on to say where it belongs.
        return Fullness.OTHER if read.commands[-1].action is Action.PICK else Fullness.WHOLE

    return judge
