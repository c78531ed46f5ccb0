"""The first tier: stopping. It asks no model and errs on the side of standing still."""

from __future__ import annotations

from banksman_edge.nlu.grammar import Reading
from banksman_edge.nlu.interpretation import Interpretation, Tier
from banksman_edge.nlu.language import only_stops
from banksman_edge.nlu.tokens import UNSPACED
from banksman_shared.commands import STOP_ALL, Action, Command

MAX_STRANGE_WORDS = 2
MAX_WORDS = 6
CERTAIN = 0.99
LIKELY = 0.9


def exact_stop(reading: Reading) -> Interpretation | None:
    """A sentence that says nothing but whom to stop. Where the words fit several, all of them stop."""
    if not reading.commands or any(command.action is not Action.STOP for command in reading.commands):
        return None
    meant = dict.fromkeys(vehicle for command in reading.commands for vehicle in command.vehicles)
    commands = (Command(Action.STOP, (*meant, *(v for v in reading.choices if v not in meant))),)
    return Interpretation(commands, CERTAIN, Tier.STOP, reading.language, "stop words")


def forbids_stop(reading: Reading) -> bool:
    """A sentence that is understood, and says not to stop."""
    clause = reading.clause
    return clause.negated and not clause.unknown_words and Action.STOP in clause.actions


def likely_stop(reading: Reading) -> Interpretation | None:
    """A short sentence that begins or ends with a word that means nothing but "stop": everybody is stopped,
    since a misheard name must not keep a vehicle going."""
    clause = reading.clause
    longest = MAX_WORDS * 2 if reading.language in UNSPACED else MAX_WORDS  # a word has two characters
    calm = clause.negated or clause.places or len(reading.tokens) > longest
    if reading.commands or calm or clause.unknown_words > MAX_STRANGE_WORDS or not _at_an_end(reading):
        return None
    return Interpretation((STOP_ALL,), LIKELY, Tier.STOP, reading.language, "a stop word beside words not understood")


def begins_with_stop(reading: Reading) -> bool:
    """Whether a sentence of the speaker's own begins with a word that means nothing but "stop"."""
    found = reading.words.match(reading.tokens, 0)
    return not reading.retold and found is not None and only_stops(found[0])


def _at_an_end(reading: Reading) -> bool:
    tokens = reading.tokens
    slack = MAX_STRANGE_WORDS if reading.language in UNSPACED else 0
    for start in range(len(tokens)):
        found = reading.words.match(tokens, start)
        if found is None or (start != 0 and start + found[1] < len(tokens) - slack):
            continue
        if only_stops(found[0]):
            return True
    return False
