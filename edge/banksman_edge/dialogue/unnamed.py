"""Orders that name nobody, beside what was said before: for whom "go to dock five", "then go home" or
"let it go" is."""

from __future__ import annotations

from collections.abc import Iterable

from banksman_edge.asr import Transcript
from banksman_edge.dialogue.hearing import DRIVING, Order, lacks
from banksman_edge.dialogue.references import Reference, find_references, is_live
from banksman_edge.dialogue.words import FREE_ONE, IT, THEM, words_of
from banksman_edge.nlu import Interpretation, Understanding
from banksman_edge.nlu.language import THEN, language_data
from banksman_edge.nlu.names import What
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.slots import told
from banksman_edge.nlu.tokens import Tokens, tokenize

CERTAIN = 0.9
"""Confidence from which every word of an order is accounted for."""


def names_nobody(understanding: Understanding, transcript: Transcript, known: Interpretation) -> bool:
    """Whether an order that is understood leaves open whom it is for: "send a tugger to dock two" does not, nor do
    "send somebody" and "whoever is free should go"."""
    if any(c.vehicles for c in known.commands) or known.confidence < CERTAIN:
        return False
    reading, words = _read_as(understanding, transcript, known), words_of(known.language)
    if reading is None or any(mention.what is What.VEHICLE_KIND for mention in reading.mentions):
        return False
    whoever = any(is_live(m.ids[0]) for m in find_references(reading.tokens, reading.mentions, words))
    return not whoever and not _says(reading, (*words.one, *words.anyone))


def _says(reading: Reading, phrases: Iterable[Tokens]) -> bool:
    """Whether one of the phrases is said, and is no part of a name."""
    named = {at for mention in reading.mentions for at in range(mention.start, mention.end)}
    tokens = reading.tokens
    return any(
        tokens[at : at + len(phrase)] == phrase and at not in named for phrase in phrases for at in range(len(tokens))
    )


def unnamed_order(
    understanding: Understanding, transcript: Transcript, known: Interpretation, *, spoken: bool, live: bool
) -> Order | None:
    """An order that names nobody. It is for whoever was spoken of in a form that is said of others, "niech jedzie",
    "que vaya", or, where somebody was (``spoken``), if it goes on from the last, "then go home"; and for one of a kind,
    "send a tugger to dock two", where it is known who is free (``live``)."""
    if any(command.action not in DRIVING for command in known.commands):
        return None
    whom = words_of(known.language).of_others(transcript.text)
    if not whom and spoken and _goes_on(transcript, known):
        whom = THEM
    if whom and lacks(known.commands)[0] and names_nobody(understanding, transcript, known):
        commands = told(known.commands, (Reference(whom).token,))
        return Order(commands, known.confidence, known.language, names=True, carries=False)
    return _of_kind(understanding, transcript, known) if live else None


def _of_kind(understanding: Understanding, transcript: Transcript, known: Interpretation) -> Order | None:
    """An order for one of a kind, whichever is free."""
    if any(command.vehicles for command in known.commands):
        return None
    reading = _read_as(understanding, transcript, known)
    kinds = {m.ids[0] for m in reading.mentions if m.what is What.VEHICLE_KIND} if reading else set()
    if len(kinds) != 1:
        return None
    first, rest = known.commands[:1], known.commands[1:]
    commands = (*told(first, (Reference(FREE_ONE, kinds.pop()).token,)), *told(rest, (Reference(IT).token,)))
    return Order(commands, known.confidence, known.language, names=True, carries=False)


def _read_as(understanding: Understanding, transcript: Transcript, known: Interpretation) -> Reading | None:
    """The likeliest hypothesis as the grammar of the language that it was understood in reads it."""
    found = (g.read(text) for _, text, g in understanding.hypotheses(transcript) if g.language == known.language)
    return next(found, None)


def _goes_on(transcript: Transcript, known: Interpretation) -> bool:
    """Whether an order begins with "then", or is one step with a "then" in it."""
    tokens = tokenize(transcript.text, known.language)
    match, single = language_data(known.language).match, len(known.commands) == 1
    found = (match(tokens, at) for at in range(len(tokens) if single else 1))
    return any(phrase and THEN in phrase[0].roles for phrase in found)
