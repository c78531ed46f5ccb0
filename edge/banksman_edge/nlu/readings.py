"""Every hypothesis of the recogniser as the languages of the site read it, with how likely it is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import msgspec

from banksman_edge.asr.transcript import Hypothesis, Transcript
from banksman_edge.nlu.grammar import Grammar
from banksman_edge.nlu.language import TO
from banksman_edge.nlu.reading import Reading
from banksman_shared.commands import Action

PER_RANK = 0.99
"""Confidence kept for each hypothesis that had to be passed over, however near in probability."""
DOUBT_NATS = 18.0
"""Confidence falls to 1/e for a hypothesis so many nats less likely than the best."""
STOP_NATS = 5.0
"""Nats by which a hypothesis may be less likely than the best for a stop in it to count. Less likely ones made stops of
"Yes.", "Aparca" and "And did they?"; of 800 spoken stops in 13 languages, most of them in noise, none was found by them
alone."""
FOREIGN = 0.5
"""A language that knows less than this share of the words that another knows is not the one that is spoken. Of 3,200
sentences 7 are read otherwise than if all languages read all, each in a wrong language then; in a quarter of the time.
"""

Weighed = tuple[float, Reading]
"""A reading, and how likely its hypothesis is beside the best, 0 to 1."""


class Reader:
    """Reads transcripts in the languages of one site."""

    def __init__(self, grammars: Mapping[str, Grammar]) -> None:
        self._grammars = grammars
        self._stops = {code: _words_that_stop(grammar) for code, grammar in grammars.items()}
        self._languages = lru_cache(maxsize=256)(self._languages_of)

    def read(self, transcript: Transcript, similar: float, *, repaired: bool = True) -> list[Weighed]:
        """Every hypothesis as :meth:`grammars` read it, with how likely the hypothesis is beside the best, 0 to 1. One
        that is hardly likely stops nobody."""
        read: list[Weighed] = []
        heard = likely(transcript).hypotheses
        for likelihood, hypothesis in weighed(transcript):
            if repaired or not hypothesis.repaired:
                readings = [grammar.read(hypothesis.text, similar=similar) for grammar in self.grammars(hypothesis)]
                counting = _without_false_stops(readings) if hypothesis in heard else _without_stops(readings)
                read += [(likelihood, reading) for reading in counting]
        return read

    def grammars(self, hypothesis: Hypothesis) -> list[Grammar]:
        """Those of the language it was heard in, which comes first, since a sentence may be whole in several; of those
        that it may be in by its words; and of those in which one of its words stops."""
        codes = dict.fromkeys((hypothesis.language, *self._languages(hypothesis.text)))
        return [self._grammars[code] for code in codes if code in self._grammars]

    def _languages_of(self, text: str) -> tuple[str, ...]:
        words = {code: grammar.finder.tokens(text) for code, grammar in self._grammars.items()}
        known = {code: sum(map(self._grammars[code].finder.known.__contains__, words[code])) for code in words}
        shares = {code: known[code] / max(1, len(words[code])) for code in words}
        least = FOREIGN * max(shares.values(), default=0.0)
        return tuple(c for c in words if shares[c] >= least or not self._stops[c].isdisjoint(words[c]))


def _words_that_stop(grammar: Grammar) -> frozenset[str]:
    """The words of phrases that stop somebody."""
    phrases = grammar.finder.language.phrases.items()
    return frozenset(word for phrase, what in phrases if Action.STOP in what.actions for word in phrase)


def _without_stops(readings: Sequence[Reading]) -> list[Reading]:
    return [r for r in readings if all(command.action is not Action.STOP for command in r.commands)]


def _without_false_stops(readings: Sequence[Reading]) -> list[Reading]:
    """The readings without stops by a preposition, where another language knows all words, finds a place behind it and
    explains as much: Portuguese "todas para o estacionamento" has names that are Spanish, too, but for its article."""
    if not any(map(_stops_weakly, readings)):
        return list(readings)
    led = [r for r in readings if Action.STOP not in r.clause.actions and not r.clause.unknown_words and _leads(r)]
    most = max(map(substance, led), default=None)
    return [r for r in readings if not (most and _stops_weakly(r) and substance(r) <= most)]


def _leads(reading: Reading) -> bool:
    return reading.clause.weak_verbs and bool(reading.clause.destinations or reading.clause.to_vague)


def _stops_weakly(reading: Reading) -> bool:
    """Whether it stops somebody, and a word in it that stops is a preposition, too."""
    if not reading.clause.weak_verbs or all(command.action is not Action.STOP for command in reading.commands):
        return False
    phrases = (reading.words.phrases.get((token,)) for token in reading.tokens)
    return any(phrase and Action.STOP in phrase.actions and TO in phrase.roles for phrase in phrases)


def distinct(transcript: Transcript) -> Iterator[Hypothesis]:
    """The hypotheses without those that differ in case and punctuation only."""
    seen: set[tuple[str, str]] = set()
    for hypothesis in transcript.hypotheses:
        key = (hypothesis.language, "".join(filter(str.isalnum, hypothesis.text.casefold())))
        if key[1] and key not in seen:
            seen.add(key)
            yield hypothesis


def weighed(transcript: Transcript) -> Iterator[tuple[float, Hypothesis]]:
    """The distinct hypotheses with their likelihood; only the first has 1."""
    best: Hypothesis | None = None
    for rank, hypothesis in enumerate(distinct(transcript)):
        best = best or hypothesis
        less_likely = min(0.0, hypothesis.score - best.score)
        yield math.exp(less_likely / DOUBT_NATS) * PER_RANK**rank, hypothesis


def likely(transcript: Transcript) -> Transcript:
    """Without the hypotheses that are too unlikely for a stop in them to count."""
    near = (hypothesis for hypothesis in transcript.alternatives if hypothesis.score >= transcript.score - STOP_NATS)
    return replace(transcript, alternatives=tuple(near))


def most_explained(readings: Sequence[Weighed]) -> Reading:
    """The best hypothesis in the language that explains most of it."""
    highest = max(likelihood for likelihood, _ in readings)
    return max((reading for likelihood, reading in readings if likelihood == highest), key=substance)


def substance(reading: Reading) -> tuple[float, float]:
    """How much of the sentence this language explains."""
    named = sum(mention.score * (mention.end - mention.start) for mention in reading.mentions)
    return (reading.known_share + named / max(1, len(reading.tokens)), reading.clause.certainty)


def for_somebody(heard: Sequence[tuple[float, float, Reading]]) -> tuple[float, Reading]:
    """The surest reading; for an order that is for nobody in particular, that of a likelier hypothesis which says whom
    it is for: "Du chasse, take the bag …", of Duchesse, where "Du chez, take the bag …" is surer, having no such name.
    """
    confidence, likelihood, reading = heard[0]
    for sure, likely, other in heard[1:]:
        to_anybody = tuple(msgspec.structs.replace(command, vehicles=()) for command in other.commands)
        if likely >= likelihood and to_anybody == reading.commands != other.commands:
            return sure, other
    return confidence, reading
