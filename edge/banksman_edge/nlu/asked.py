"""What a question mark makes of words that order as well as they tell: "dobbiamo mandare il carrello due …?"."""

from __future__ import annotations

from dataclasses import replace

from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.reasons import MAY_TELL
from banksman_edge.nlu.tokens import ASKED


def as_asked(reading: Reading, text: str) -> Reading:
    """A reading as its text is written: what people ask each other is no order, and what may be asked is read back."""
    if not ASKED.search(text) or not any(command.action.drives for command in reading.commands):
        return reading
    if reading.clause.ponders:
        return replace(reading, commands=())
    return replace(reading, certainty=reading.certainty * MAY_TELL) if reading.clause.may_ask else reading
