"""How much of an order a text is, as far as that can be told in milliseconds."""

from __future__ import annotations

from dataclasses import replace

from banksman_edge.asr import Transcript
from banksman_edge.streams.endpointing import Fullness, Judge
from banksman_edge.understanding import Understanding
from banksman_edge.understanding.entities import What
from banksman_edge.understanding.text import CALLED_OUT
from banksman_shared.actions import Action

_GOES_SOMEWHERE = {Action.MOVE, Action.TRANSPORT, Action.PICK, Action.DROP}


def order_judge(understanding: Understanding) -> Judge:
    """Judges by stops, plain orders and names alone, in milliseconds: no language model is asked."""

    def judge(transcript: Transcript) -> Fullness:
        if not transcript.text:
            return Fullness.OTHER
        best = replace(transcript, alternatives=())
        if understanding.stop(best):
            return Fullness.STOP
        read = understanding.quick(best)
        if read is None:
            sentence = understanding.sentence(best.text, best.language)
            if not sentence.mentions:
                return Fullness.OTHER if CALLED_OUT.search(best.text) else Fullness.TALK
            last = sentence.mentions[-1]  # what ends with a place may be whole; "forklift two, take the" is not
            whole = last.what is What.PLACE and last.end == len(sentence.words)
            return Fullness.OTHER if whole else Fullness.PART
        placeless = any(c.action in _GOES_SOMEWHERE and c.destination is None for c in read.commands)
        if placeless or read.vague or read.unknown:
            return Fullness.PART
        # Whoever has a load picked up often goes on to say where it belongs.
        return Fullness.OTHER if read.commands[-1].action is Action.PICK else Fullness.WHOLE

    return judge
