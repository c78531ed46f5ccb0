"""What a question mark makes of words that order as well as they tell: "dobbiamo mandare il carrello due …?"."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate

from banksman_edge.nlu.language import ARTICLES
from banksman_edge.nlu.names import What
from banksman_edge.nlu.reading import MAY_TELL, Reading
from banksman_edge.nlu.tokens import ASKED, BREAK, UNSPACED, tokenize


def as_asked(reading: Reading, text: str) -> Reading:
    """A reading as its text is written: what people ask each other is no order, and what may be asked is read back."""
    if not ASKED.search(text) or not any(command.action.drives for command in reading.commands):
        return reading
    if reading.clause.ponders:
        return replace(reading, commands=())
    may_ask = reading.clause.may_ask or (not reading.clause.may_tell and _is_said_of_vehicle(reading, text))
    return replace(reading, certainty=reading.certainty * MAY_TELL) if may_ask else reading


def _is_said_of_vehicle(reading: Reading, text: str) -> bool:
    """Whether a vehicle is named first of all and not set off from what follows, and so is rather spoken of than spoken
    to: "robot two has to go to dock one?". Not where verbs come last."""
    first = next(iter(reading.mentions), None)
    if first is None or first.what is not What.VEHICLE or reading.words.postfix or reading.language in UNSPACED:
        return False
    parted = set(accumulate(len(tokenize(part, reading.language)) for part in BREAK.split(text)))
    subject = all(ARTICLES in reading.words.roles_of((token,)) for token in reading.tokens[: first.start])
    return subject and first.end not in parted and not reading.clause.weak_verbs
