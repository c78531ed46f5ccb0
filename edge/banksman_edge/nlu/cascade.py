"""Understanding: from a transcript to commands, cheap and certain first.

Stop words, then grammar, then the language model. The model is asked only about sentences that name
something of the site, so chatter costs nothing and can cause nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from typing import Self

from banksman_edge.asr.transcript import Transcript, Wholeness
from banksman_edge.errors import LanguageModelError
from banksman_edge.nlu.clear_orders import is_clear_order
from banksman_edge.nlu.closeness import kept_beside, rivals
from banksman_edge.nlu.corrections import all_stops
from banksman_edge.nlu.for_planner import WORKING, as_planned, plan_of, wants_a_plan
from banksman_edge.nlu.grammar import Grammar
from banksman_edge.nlu.interpretation import Interpretation, Tier
from banksman_edge.nlu.items import itemize
from banksman_edge.nlu.left_out import leaves_out, mixes_up
from banksman_edge.nlu.lines import commands_of, grammar
from banksman_edge.nlu.llama import Answer, LanguageModel
from banksman_edge.nlu.marked import FAR, Find, Marked, read_line
from banksman_edge.nlu.marked import grammar as marked_grammar
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.mentions import SIMILAR
from banksman_edge.nlu.names import What
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.readings import Reader, Weighed, for_somebody, most_explained, naming_one, substance, weighed
from banksman_edge.nlu.reasons import may_order_beside
from banksman_edge.nlu.sketch import Sketch, sketch
from banksman_edge.nlu.stop import exact_stop
from banksman_edge.nlu.stop_tier import StopTier
from banksman_edge.nlu.strange import strange_place
from banksman_edge.nlu.talk import SUPPOSES, is_cited, talk_of
from banksman_edge.nlu.taught import TaughtModel
from banksman_edge.nlu.tokens import as_written
from banksman_edge.nlu.unsaid import asks_something_else, calls_another, is_unsaid
from banksman_edge.nlu.until import without_waited_for
from banksman_shared.commands import NOTHING, Action, Command
from banksman_shared.site import Site

GRAMMAR_CONFIDENCE = 0.97
BARELY_SIMILAR = 0.73
"""Names this alike are still taken for the site's where nothing better is found; the result is confirmed."""
KIND_ONLY = 0.8
"""Confidence kept where a kind of vehicle is named and not which one; its number may have been lost."""
DOUBTFUL = 0.8
"""Confidence of the model kept where a name seems to have been lost beside an "and", or nothing that is known says what
it read."""
AMONG_TALK = 0.75
"""Confidence of the model kept where some part of what is said tells, asks or denies: what it reads is read back."""
BRIEF = 3
"""Known phrases in a row that are an order though they name nothing of the site: "please, go on". More are talk."""
QUESTION_MARKS = ("?", "？", "؟")


class Understanding:
    """Understands orders about one site. ``model`` is asked in languages that ``taught`` was not taught; where there is
    none, the third tier is left out."""

    def __init__(self, site: Site, model: LanguageModel | None, taught: TaughtModel | None = None) -> None:
        self._site = site
        self._model, self._taught = model, taught
        self._grammars = {language: Grammar(site, language) for language in site.languages}
        self._reader = Reader(self._grammars)
        self._read = self._reader.read
        self._stops = StopTier(self._grammars, self._reader, site.rules.policy.heard)

    def with_model(self, model: LanguageModel | None, taught: TaughtModel | None = None) -> Self:
        """The same with these language models; the grammars, which take seconds to make, are shared."""
        other = copy(self)
        other._model, other._taught = model, taught
        return other

    def stop(self, transcript: Transcript) -> Interpretation | None:
        """The first tier alone: whether somebody is told to stop."""
        return self._stops.stop(transcript)

    def understand(self, transcript: Transcript) -> Interpretation:
        """What the transcript asks for; the action ``none`` where it asks for nothing."""
        return self.known(transcript) or self.guess(transcript)

    def known(self, transcript: Transcript) -> Interpretation | None:
        """The first two tiers, as far as they are sure: a stop, or a sentence of which every word is known. None where
        more has to be looked at."""
        if stop := self.stop(transcript):
            return stop
        found = _best_complete(self._read(transcript, SIMILAR), self._site)
        return _worded(found, transcript) if found and not self._is_no_stop(transcript, found) else None

    def guess(self, transcript: Transcript) -> Interpretation:
        """What a transcript that is not :meth:`known` asks for most likely."""
        read = self._guessed(transcript)
        if self._is_no_stop(transcript, read):
            why = "a stop among words that were hardly heard, or in words that mean something else than an order"
            return _nothing(read.language, read.tier, why)
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
        loose = self._read(transcript, BARELY_SIMILAR)
        if not loose:
            return _nothing(transcript.language, Tier.STOP, "nobody spoke")
        exactly = most_explained(self._read(transcript, SIMILAR))
        best = exactly if exactly.retold else most_explained(loose)  # no name that is hardly alike makes it an order
        if not exactly.clause.unknown_words and not exactly.retold and wants_a_plan(exactly):
            return plan_of(exactly)
        if not best.retold and (found := _best_complete(loose, self._site)):
            return found
        stops = None if is_cited(transcript.text) else self._retold_stop(best)
        known = stops or _without_model(best, exactly, transcript.text, self._grammars[best.language].read)
        if sure := known or self._roughly(transcript, best):
            return sure
        meant = self._asked(transcript, best)
        other = naming_one(self.hypotheses(transcript), best) if meant.is_nothing else None
        if other is None or _without_model(other[2], other[2], other[1], self._grammars[other[2].language].read):
            return meant
        again = self._asked(replace(transcript, text=other[1]), other[2])
        return meant if again.is_nothing else replace(again, confidence=again.confidence * other[0])

    def _asked(self, transcript: Transcript, best: Reading) -> Interpretation:
        meant, questioned = self._ask_model(best), transcript.text.rstrip().endswith(QUESTION_MARKS)
        told = without_waited_for(meant.commands, best, self._grammars[best.language].finder, transcript.text)
        if not told:
            return _nothing(best.language, Tier.LLAMA, "whom the language model tells is only waited for")
        meant = as_planned(replace(meant, commands=told), best)
        items = itemize(best.tokens, self._grammars[best.language].finder, best.mentions)
        if any(asks_something_else(command, best.clause) for command in meant.commands):
            return _nothing(best.language, Tier.LLAMA, "no known word asks how they all are")
        told_how = all(command.action is Action.STATUS for command in meant.commands)
        if told_how and calls_another(transcript.text, self._grammars[best.language].items):
            return _nothing(best.language, Tier.LLAMA, "somebody else is asked")
        if mixes_up(items, meant.commands, self._site):
            return _nothing(best.language, Tier.LLAMA, "the language model left out who or what is named")
        unsaid = (is_unsaid(command.action, best.clause, questioned=questioned) for command in meant.commands)
        doubtful = leaves_out(best, items, meant.commands, self._site) or any(unsaid)
        kept = (DOUBTFUL if doubtful else 1.0) * (AMONG_TALK if best.clause.is_talk else 1.0)
        return replace(meant, confidence=meant.confidence * kept, questioned=questioned)

    def _roughly(self, transcript: Transcript, best: Reading) -> Interpretation | None:
        """What the grammar makes of it without the words that it does not know; a model knows better."""
        if self._model or self._is_taught(best.language):
            return None
        reading = self._grammars[best.language].roughly(transcript.text, similar=BARELY_SIMILAR)
        if reading is None:
            return None
        vague = bool(reading.clause.vague) and not reading.clause.places
        certainty = GRAMMAR_CONFIDENCE * reading.certainty
        why = "some words are not known"
        return Interpretation(reading.commands, certainty, Tier.GRAMMAR, best.language, why, reading.choices, vague)

    def _retold_stop(self, best: Reading) -> Interpretation | None:
        """The stops that the model finds in what sounds like somebody else's words: "I told you to stop three"."""
        clause = best.clause
        of_a_place = clause.places and not (clause.vehicles or clause.kinds or clause.groups or clause.everybody)
        supposed = SUPPOSES in talk_of(best.language).roles(best.tokens, best.mentions)
        if not best.retold or supposed or clause.negated or Action.STOP not in clause.actions or of_a_place:
            return None  # "laten we bij dok twee pauze houden"
        meant = self._ask_model(best)
        stops = all_stops(meant.commands)
        return replace(meant, commands=stops) if stops else None

    def hypotheses(self, transcript: Transcript) -> Iterator[tuple[float, str, Grammar]]:
        """Every hypothesis with its likelihood beside the best, 0 to 1, and the grammar of each language that it may be
        in, that of the language it was heard in first."""
        for likelihood, hypothesis in weighed(transcript):
            yield from ((likelihood, hypothesis.text, spoken) for spoken in self._reader.grammars(hypothesis))

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

    def _is_taught(self, language: str) -> bool:
        return self._taught is not None and language in self._taught.languages

    def _ask_model(self, reading: Reading) -> Interpretation:
        language, clause = reading.language, reading.clause
        drawn = sketch(reading.tokens, [self._as_place(mention) for mention in reading.mentions], language)
        try:
            if self._taught and language in self._taught.languages:
                answer = self._taught.answer(drawn.text, marked_grammar(drawn))
                meant = read_line(answer.line, drawn, self._finder(language), self._site)
            elif self._model:
                answer = self._model.answer(drawn.text, grammar(drawn))
                meant = Marked(commands_of(answer.line, drawn, self._site))
            else:
                missing = clause.missing or strange_place(reading, self._grammars[language].finder)
                return _nothing(language, Tier.GRAMMAR, "not a sentence the grammar knows", missing)
        except (LanguageModelError, ValueError) as error:
            return _nothing(language, Tier.LLAMA, f"the language model gave no usable answer: {error}")
        if clause.zones:
            meant = replace(meant, commands=_of_zones(meant.commands))
        return _interpretation(reading, drawn, answer, meant)

    def _as_place(self, mention: Mention) -> Mention:
        """A zone as the model, which knows none, may read of it; what comes of it is put right by :func:`_of_zones`."""
        if mention.what is not What.ZONE:
            return mention
        return replace(mention, what=What.PLACE, ids=(min(self._site.rules.zones[mention.ids[0]].places),))

    def _finder(self, language: str) -> Find:
        """Finds names that are less alike than those of a sentence: somebody has said that it is a name."""
        finder = self._grammars[language].finder
        return lambda text: finder.find(finder.tokens(text), similar=FAR)


def _interpretation(reading: Reading, drawn: Sketch, answer: Answer, meant: Marked) -> Interpretation:
    language, clause = reading.language, reading.clause
    confidence = answer.probability * min(1.0, clause.certainty) * meant.certainty
    if meant.commands == (NOTHING,):
        if meant.unknown and (clause.vehicles or clause.groups):
            return _nothing(language, Tier.LLAMA, "names what this site lacks", meant.unknown, confidence)
        return _nothing(language, Tier.LLAMA, "the language model takes it for talk", "", confidence)
    return Interpretation(
        meant.commands,
        confidence,
        Tier.LLAMA,
        language,
        f"the language model read '{drawn.text}' as '{answer.line}'",
        clause.ambiguous,
        meant.vague or (bool(clause.vague) and not clause.places),
        clause.missing,
        addressed=clause.addresses,
        named=reading.names_something,
    )


def _of_zones(commands: tuple[Command, ...]) -> tuple[Command, ...]:
    """What a model read of a sentence that names a zone: a stop, something for the planner, or nothing."""
    if any(command.action is Action.STOP for command in commands):
        return commands
    planned = any(command.action in {*WORKING, Action.PLAN} for command in commands)
    return (Command(Action.PLAN, ()),) if planned else (NOTHING,)


def _worded(read: Interpretation, transcript: Transcript) -> Interpretation:
    """With the name that the site lacks as it was said, for whoever is told."""
    return replace(read, unknown=as_written(read.unknown, transcript.text, read.language)) if read.unknown else read


def _nothing(language: str, tier: Tier, reason: str, unknown: str = "", confidence: float = 1.0) -> Interpretation:
    return Interpretation((NOTHING,), confidence, tier, language, reason, unknown=unknown)


def _without_model(best: Reading, exactly: Reading, text: str, read: Callable[[str], Reading]) -> Interpretation | None:
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
    if clause.is_talk and (clause.planning or not may_order_beside(text, best, read)):
        # The model makes orders of what was done yesterday, is being done, and must not be.
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
