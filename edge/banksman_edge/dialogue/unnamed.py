"""Orders that name nobody, beside what was said before: for whom "go to dock five", "then go home" or
"let it go" is."""

from __future__ import annotations

from collections.abc import Iterable

from banksman_edge.asr import Transcript
from banksman_edge.dialogue.hearing import DRIVING, Order, lacks
from banksman_edge.dialogue.references import Reference
from banksman_edge.dialogue.words import THEM, words_of
from banksman_edge.nlu import Interpretation, Understanding
from banksman_edge.nlu.language import THEN, language_data
from banksman_edge.nlu.names import What
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.slots import told
from banksman_edge.nlu.tokens import Tokens, tokenize

CERTAIN = 0.9
"""Confidence from which every word of an order is accounted for."""


def names_nobody(understanding: Understanding, transcript: Transcript, known: Interpretation) -> bool:
    """Whether an order that is understood leaves open whom it is for: "send a tugger to dock two" does not, nor does
    "send somebody"."""
    if any(c.vehicles for c in known.commands) or known.confidence < CERTAIN:
        return False
    for _, text, grammar in understanding.hypotheses(transcript):
        if grammar.language == known.language:
            reading, words = grammar.read(text), words_of(known.language)
            kinds = any(mention.what is What.VEHICLE_KIND for mention in reading.mentions)
            return not kinds and not _says(reading, (*words.one, *words.anyone))
    return False


def _says(reading: Reading, phrases: Iterable[Tokens]) -> bool:
    """Whether one of the phrases is said, and is no part of a name."""
    named = {at for mention in reading.mentions for at in range(mention.start, mention.end)}
    tokens = reading.tokens
    return any(
        tokens[at : at + len(phrase)] == phrase and at not in named for phrase in phrases for at in range(len(tokens))
    )


def unnamed_order(
    understanding: Understanding, transcript: Transcript, known: Interpretation, *, spoken: bool
) -> Order | None:
    """An order that names nobody, and is for whoever was spoken of: in a form that is said of others, "niech jedzie",
    "que vaya"; or, where somebody was (``spoken``), one that goes on from the last, "then go home"."""
    whom = words_of(known.language).of_others(transcript.text)
    if not whom and spoken and _goes_on(transcript, known):
        whom = THEM
    drives = all(command.action in DRIVING for command in known.commands)
    if not (whom and drives and lacks(known.commands)[0] and names_nobody(understanding, transcript, known)):
        return None
    commands = told(known.commands, (Reference(whom).token,))
    return Order(commands, known.confidence, known.language, names=True, carries=False)


def _goes_on(transcript: Transcript, known: Interpretation) -> bool:
    """Whether an order begins with "then", or is one step with a "then" in it."""
    tokens = tokenize(transcript.text, known.language)
    match, single = language_data(known.language).match, len(known.commands) == 1
    found = (match(tokens, at) for at in range(len(tokens) if single else 1))
    return any(phrase and THEN in phrase[0].roles for phrase in found)
