"""Understanding as an agent uses it: stops and whole sentences that the grammar knows, then the reader and its proof.

What the reader does stands in :mod:`banksman_edge.understanding.pipeline`. The grammar is the fast path before it, and
what dialogue reads references with.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from typing import Self

from banksman_edge.asr.transcript import Transcript, Wholeness
from banksman_edge.nlu.clear_orders import is_clear_order
from banksman_edge.nlu.closeness import kept_beside
from banksman_edge.nlu.for_planner import plan_of, wants_a_plan
from banksman_edge.nlu.grammar import Grammar
from banksman_edge.nlu.interpretation import Interpretation, Tier
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.mentions import SIMILAR
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.readings import Reader as Readings
from banksman_edge.nlu.readings import Weighed, for_somebody, most_explained, substance, weighed
from banksman_edge.nlu.stop import exact_stop
from banksman_edge.nlu.stop_tier import StopTier
from banksman_edge.nlu.strange import strange_place
from banksman_edge.nlu.tokens import as_written
from banksman_edge.understanding.parse import Trace
from banksman_edge.understanding.pipeline import Pipeline
from banksman_edge.understanding.reader.reader import Reader
from banksman_edge.understanding.rivals import rivals
from banksman_shared.commands import NOTHING, Action
from banksman_shared.site import Site

GRAMMAR_CONFIDENCE = 0.97
BARELY_SIMILAR = 0.73
"""Names this alike are still taken for the site's where nothing better is found; the result is confirmed."""
KIND_ONLY = 0.8
"""Confidence kept where a kind of vehicle is named and not which one; its number may have been lost."""
BRIEF = 3
"""Known phrases in a row that are an order though they name nothing of the site: "please, go on". More are talk."""


class Understanding:
    """Understands orders about one site. ``reader`` None: only what the grammar knows."""

    def __init__(self, site: Site, reader: Reader | None = None) -> None:
        self._site = site
        self._grammars = {language: Grammar(site, language) for language in site.languages}
        self._readings = Readings(self._grammars)
        self._read = self._readings.read
        self._stops = StopTier(self._grammars, self._readings, site.rules.policy.heard)
        self._pipeline = Pipeline(site, reader) if reader else None

    def with_model(self, reader: Reader | None) -> Self:
        """The same with this reader; the grammars, which take seconds to make, are shared."""
        other = copy(self)
        other._pipeline = None
        if reader:
            other._pipeline = self._pipeline.with_reader(reader) if self._pipeline else Pipeline(self._site, reader)
        return other

    def warm_up(self) -> None:
        """Make now what would be made on first use: the first stop is to be as fast as any."""
        for language in self._site.languages:
            self.parse(Transcript("stop stop 1", language, 1.0))

    def stop(self, transcript: Transcript) -> Interpretation | None:
        """The first tier alone: whether somebody is told to stop. Asks no model."""
        if found := self._stops.stop(transcript):
            return found
        found = self._pipeline.stop(transcript) if self._pipeline else None
        return found if found and not self._is_no_stop(transcript, found) else None

    def parse(self, transcript: Transcript) -> Interpretation:
        """What the transcript asks for, with what every stage said; the action ``none`` where it asks for nothing."""
        known = self.known(transcript)
        if known is None or known.trace:
            return known or self.guess(transcript)
        stop, plain = (known.reason, None) if known.tier is Tier.STOP else ("", known.commands)
        return replace(known, trace=Trace(transcript.text, known.language, stop=stop, plain=plain))

    def understand(self, transcript: Transcript) -> Interpretation:
        """The same."""
        return self.parse(transcript)

    def known(self, transcript: Transcript) -> Interpretation | None:
        """The first two tiers, as far as they are sure: a stop, or a sentence of which every word is known. None where
        more has to be looked at."""
        if stop := self.stop(transcript):
            return stop
        found = _best_complete(self._read(transcript, SIMILAR), self._site)
        return _worded(found, transcript) if found and not self._is_no_stop(transcript, found) else None

    def guess(self, transcript: Transcript) -> Interpretation:
        """What a transcript that is not :meth:`known` asks for most likely."""
        read = self._pipeline.guess(transcript) if self._pipeline else self._guessed(transcript)
        if self._is_no_stop(transcript, read):
            why = "a stop among words that were hardly heard, or in words that mean something else than an order"
            return _nothing(read.language, read.tier, why)
        if self._pipeline:
            return read
        if read.is_nothing and not read.unknown and self._orders(transcript):
            read = replace(read, addressed=True)
        return _worded(read, transcript)

    def _orders(self, transcript: Transcript) -> bool:
        """Whether it is clearly an order to the fleet, of which nothing was made."""
        readings = self._read(transcript, SIMILAR)
        best = most_explained(readings) if readings else None
        return best is not None and is_clear_order(best, self._grammars[best.language].finder, transcript.text)

    def _is_no_stop(self, transcript: Transcript, read: Interpretation) -> bool:
        stops = all(command.action is Action.STOP for command in read.commands)
        return stops and (self._stops.half_heard(transcript) or self._stops.besides(transcript) is not None)

    def _guessed(self, transcript: Transcript) -> Interpretation:
        """What the grammar makes of it where there is no reader."""
        loose = self._read(transcript, BARELY_SIMILAR)
        if not loose:
            return _nothing(transcript.language, Tier.STOP, "nobody spoke")
        exactly = most_explained(self._read(transcript, SIMILAR))
        best = exactly if exactly.retold else most_explained(loose)  # no name that is hardly alike makes it an order
        if not exactly.clause.unknown_words and not exactly.retold and wants_a_plan(exactly):
            return plan_of(exactly)
        if not best.retold and (found := _best_complete(loose, self._site)):
            return found
        known = _without_model(best, exactly)
        return known or self._roughly(transcript, best)

    def _roughly(self, transcript: Transcript, best: Reading) -> Interpretation:
        """What the grammar makes of it without the words that it does not know; a reader knows better."""
        grammar = self._grammars[best.language]
        reading = grammar.roughly(transcript.text, similar=BARELY_SIMILAR)
        if reading is None:
            missing = best.clause.missing or strange_place(best, grammar.finder)
            return _nothing(best.language, Tier.GRAMMAR, "not a sentence the grammar knows", missing)
        vague = bool(reading.clause.vague) and not reading.clause.places
        certainty = GRAMMAR_CONFIDENCE * reading.certainty
        why = "some words are not known"
        return Interpretation(reading.commands, certainty, Tier.GRAMMAR, best.language, why, reading.choices, vague)

    def hypotheses(self, transcript: Transcript) -> Iterator[tuple[float, str, Grammar]]:
        """Every hypothesis with its likelihood beside the best, 0 to 1, and the grammar of each language that it may be
        in, that of the language it was heard in first."""
        for likelihood, hypothesis in weighed(transcript):
            yield from ((likelihood, hypothesis.text, spoken) for spoken in self._readings.grammars(hypothesis))

    def retells(self, transcript: Transcript) -> bool:
        """Whether somebody's words are retold, or something is only supposed."""
        readings = self._read(transcript, SIMILAR)
        return bool(readings) and most_explained(readings).retold

    def wholeness(self, text: str, language: str) -> Wholeness:
        """Whether the grammar of a language accounts for every word of a text."""
        if self._grammars[language].is_strange(text):
            return Wholeness.NONE
        reading = self._grammars[language].read(text)
        if reading.commands and reading.lacks_a_number:
            return Wholeness.NUMBERLESS
        if exact_stop(reading):
            return Wholeness.STOP
        return Wholeness.WHOLE if reading.commands else Wholeness.NONE

    def names_in(self, transcript: Transcript) -> tuple[Mention, ...]:
        """What of the site the best hypothesis names, in order; for a planner that should not have to guess."""
        readings = [reading for likelihood, reading in self._read(transcript, BARELY_SIMILAR) if likelihood == 1]
        return max(readings, key=substance).mentions if readings else ()


def _worded(read: Interpretation, transcript: Transcript) -> Interpretation:
    """With the name that the site lacks as it was said, for whoever is told."""
    return replace(read, unknown=as_written(read.unknown, transcript.text, read.language)) if read.unknown else read


def _nothing(language: str, tier: Tier, reason: str, unknown: str = "", confidence: float = 1.0) -> Interpretation:
    return Interpretation((NOTHING,), confidence, tier, language, reason, unknown=unknown)


def _without_model(best: Reading, exactly: Reading) -> Interpretation | None:
    """What a sentence that is no whole order means for sure; None where the model has to be asked."""
    clause = best.clause
    if best.retold:
        return _nothing(best.language, Tier.GRAMMAR, "tells what somebody said or what might be, or is no speech")
    if best.taken_back:
        return _nothing(best.language, Tier.GRAMMAR, "takes back what it says")
    if best.aimless or not clause.about_the_site:
        return _nothing(best.language, Tier.GRAMMAR, "names nothing of this site")
    if clause.missing and clause.verbs and not clause.unknown_words:
        return _nothing(best.language, Tier.GRAMMAR, "names what this site lacks", clause.missing)
    if wants_a_plan(best) and (not clause.unknown_words or clause.certainty >= SIMILAR or wants_a_plan(exactly)):
        return plan_of(best)
    if clause.spares:
        return _nothing(best.language, Tier.GRAMMAR, "leaves somebody out in words that are not all known")
    if clause.is_talk:
        return _nothing(best.language, Tier.GRAMMAR, "says or asks what is, what was, or what is not to be done")
    return None


def _best_complete(readings: list[Weighed], site: Site) -> Interpretation | None:
    ordering = [(likelihood, r) for likelihood, r in readings if r.commands and not r.aimless]
    heard = [(confidence_of(likelihood, r), likelihood, r) for likelihood, r in ordering]
    if not heard or most_explained(readings).retold:
        return None
    heard.sort(key=lambda found: -found[0])
    complete = [(confidence, reading) for confidence, _, reading in heard]
    confidence, reading = for_somebody(heard)
    own = [(c, r.commands) for c, r in complete if r.language == reading.language]
    choices = reading.choices or rivals(site, reading.language, own)
    vague, confidence = bool(reading.clause.vague) and not reading.clause.places, confidence * kept_beside(own)
    return Interpretation(
        reading.commands, confidence, Tier.GRAMMAR, reading.language, "all words known", choices, vague
    )


def confidence_of(likelihood: float, reading: Reading, *, brief: bool = True) -> float:
    """How sure a reading of a hypothesis is, 0 to 1. ``brief``: whether many words that name nothing make it less."""
    clause = reading.clause
    if brief and not (clause.about_the_site or clause.everybody or clause.groups):
        likelihood *= min(1.0, BRIEF / max(1, clause.length))
    lost = clause.kinds and any(c.action.drives and not c.vehicles for c in reading.commands)
    return GRAMMAR_CONFIDENCE * reading.certainty * likelihood * (KIND_ONLY if lost else 1.0)
