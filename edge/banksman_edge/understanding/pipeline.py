"""Understanding: from a transcript to commands. Read from top to bottom, this is what becomes of a sentence:

names of the site → stop → plain orders (the fast path) → the reader, a taught Llama → the proof.

A certain stop asks nobody. A plain order is read without the model, for speed alone. Everything else is put before the
reader with tags in place of names; what it answers is only believed as far as the proof finds all that was said in it.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from banksman_edge.asr.transcript import Hypothesis, Transcript
from banksman_edge.errors import LanguageModelError
from banksman_edge.understanding.entities.finder import EntityFinder
from banksman_edge.understanding.entities.mention import WHERE, Mention, What
from banksman_edge.understanding.parse import Asked, Parse, Tier, Trace, nothing
from banksman_edge.understanding.parts import ALL, Part, Without
from banksman_edge.understanding.proof import left_over
from banksman_edge.understanding.reader.engine import Answer
from banksman_edge.understanding.reader.lines import Meaning, meaning_of
from banksman_edge.understanding.reader.reader import Reader
from banksman_edge.understanding.reader.tagged import Tagged, tagged
from banksman_edge.understanding.rivals import rivals
from banksman_edge.understanding.stop.finder import CERTAIN, LIKELY, Stop, StopFinder
from banksman_edge.understanding.templates.plain import PlainOrders
from banksman_edge.understanding.text.tokens import Words, is_markup, is_unspaced, words_of
from banksman_edge.understanding.text.vocabulary import known_words
from banksman_shared.commands import Action
from banksman_shared.site import Site

_log = logging.getLogger(__name__)

PLAIN_CONFIDENCE = 0.97
PER_RANK = 0.99
"""Confidence kept for each hypothesis of the recogniser that is passed over."""
DOUBT_NATS = 18.0
"""Confidence falls to 1/e for a hypothesis so many nats less likely than the best."""
STOP_NATS = 5.0
"""Nats by which a hypothesis may be less likely than the best for a stop in it to count."""
MOST_READ = 3
"""Hypotheses that are read."""
LONGEST_STOP = 300
"""Characters of a text in which a stop is looked for without being asked: nobody shouts more."""
READ_BACK = 0.79
"""The most that is believed of a reading which leaves something over: it is read back."""
NO_STOP = 0.6
"""How sure the reader must be that a sentence with a stop word in it stops nobody."""
SURE_OF_TALK = 0.8
"""From here on the reader is sure that nobody of the fleet is meant; below it, whoever calls a vehicle is answered."""


class Understanding(Protocol):
    """The one door of this package."""

    def parse(self, transcript: Transcript) -> Parse:
        """What a transcript asks for, with a trace of what every stage said; the action ``none`` where it asks for
        nothing."""
        ...

    def stop(self, transcript: Transcript) -> Parse | None:
        """The stop of a transcript, where it is certain; asks no model, and raises nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text in the language that it is most likely in, with what of the site is named in it."""

    text: str
    language: str
    words: Words
    mentions: tuple[Mention, ...]


class Pipeline:
    """Understands orders about one site. ``reader`` None: stops and plain orders alone are understood. ``without``:
    parts that are left out, to see what they are worth."""

    def __init__(self, site: Site, reader: Reader | None, *, without: Without = ALL) -> None:
        self.site, self.reader, self._without = site, reader, without
        self.finders = {code: EntityFinder(site, code, without) for code in site.languages}
        self._stops = StopFinder({} if Part.STOPS in without else self.finders)
        plain = {} if Part.PLAIN in without else self.finders
        self._plain = {code: PlainOrders(site, finder) for code, finder in plain.items()}

    def with_reader(self, reader: Reader | None) -> Pipeline:
        """The same with another reader; names are found as before, which takes seconds to prepare."""
        other = object.__new__(Pipeline)
        other.site, other.reader, other._without = self.site, reader, self._without
        other.finders, other._stops, other._plain = self.finders, self._stops, self._plain
        return other

    # The door

    def stop(self, transcript: Transcript) -> Parse | None:
        """See :class:`Understanding`."""
        for hypothesis in _near(transcript) if len(transcript.text) <= LONGEST_STOP else ():
            found = self._stops.find(hypothesis.text, (hypothesis.language,))
            if found and found.certain:
                return _stopped(found, CERTAIN, Trace(hypothesis.text, found.language, stop=found.reason))
        return None

    def parse(self, transcript: Transcript) -> Parse:
        """See :class:`Understanding`."""
        if stop := self.stop(transcript):
            return stop
        heard = [self.sentence(h.text, h.language) for _, h in _weighed(transcript)] if self._plain else []
        plain = [self._plainly(sentence) for sentence in heard[:MOST_READ]]
        if plain and plain[0] and all(one is None or one.commands == plain[0].commands for one in plain):
            return plain[0]
        return self.guess(transcript)

    def guess(self, transcript: Transcript) -> Parse:
        """What the reader makes of a transcript, whatever is certain or plain in it."""
        heard = list(_weighed(transcript))[:MOST_READ]
        if not heard:
            return nothing(transcript.language, Tier.STOP, "nobody spoke")
        if any(is_markup(hypothesis.text) for _, hypothesis in heard):
            return nothing(transcript.language, Tier.LLAMA, "it holds signs that nobody speaks")
        return self._read_all([(likelihood, self.sentence(h.text, h.language)) for likelihood, h in heard])

    def sentence(self, text: str, language: str = "") -> Sentence:
        """A text with its language and names; ``language``: that in which it was heard."""
        words = words_of(text)
        code = self._language_of(words, language)
        return Sentence(text, code, words, self.finders[code].find(words))

    def _language_of(self, words: Words, heard: str) -> str:
        """The language of the site that a text is in: that in which it was heard, else that which knows most of it."""
        return heard if heard in self.finders else max(self.finders, key=lambda code: self._known_share(words, code))

    def _known_share(self, words: Words, code: str) -> float:
        finder, tokens = self.finders[code], words.tokens
        known = known_words(code)
        unspaced = sum(is_unspaced(token[0]) for token in tokens)
        if unspaced:
            kana = any("\u3040" <= token[0] <= "\u30ff" for token in tokens)
            return float(code == ("ja" if kana else "zh")) + (0.5 if code in ("ja", "zh") else 0.0)
        told = sum(token in known or token.isdigit() or finder.is_known(token) for token in tokens)
        return told / max(1, len(tokens))

    # The fast path

    def _plainly(self, sentence: Sentence) -> Parse | None:
        plain = self._plain.get(sentence.language)
        commands = plain.read(sentence.words, sentence.mentions) if plain else None
        if commands is None:
            return None
        score = min((mention.score for mention in sentence.mentions), default=1.0)
        choices = next((mention.ids for mention in sentence.mentions if len(mention.ids) > 1), ())
        trace = Trace(sentence.text, sentence.language, sentence.mentions, plain=commands)
        confidence = PLAIN_CONFIDENCE * score
        return Parse(
            commands, confidence, Tier.GRAMMAR, sentence.language, "a plain order", choices, named=True, trace=trace
        )

    # The reader

    def _read_all(self, sentences: list[tuple[float, Sentence]]) -> Parse:
        """The reading of the likeliest hypothesis, or of another that is an order where that is none; and whether
        another was as likely heard that differs in a number."""
        answers: dict[str, Answer] = {}
        read: list[tuple[float, Parse]] = []
        asked = {""}
        for likelihood, sentence in sentences:
            ids = " ".join(one for mention in sentence.mentions for one in mention.ids)
            if read and ids in asked:
                continue  # it names the same: what it says otherwise is less likely than what was read
            asked.add(ids)
            read.append((likelihood, self.read(sentence, answers)))
        first = read[0][1]
        orders = [(parse.confidence * likelihood, parse) for likelihood, parse in read if not parse.is_nothing]
        if not orders:
            return first
        confidence, best = orders[0] if not first.is_nothing else max(orders, key=lambda order: order[0])
        others = [(sure, parse.commands) for sure, parse in orders if parse.language == best.language]
        choices = best.choices or rivals(self.site, best.language, [(confidence, best.commands), *others])
        return replace(best, confidence=confidence, choices=choices)

    def read(self, sentence: Sentence, answers: dict[str, Answer] | None = None) -> Parse:
        """What the reader and the proof make of a sentence. ``answers``: what the reader has said of tagged sentences
        before, so that it need not be asked again."""
        code, finder = sentence.language, self.finders[sentence.language]
        doubtful = self._stops.find(sentence.text, (code,))
        shown = tagged(sentence.words, sentence.mentions)
        tags = {tag: mention.ids for tag, mention in shown.things.items()}
        trace = Trace(sentence.text, code, sentence.mentions, doubtful.reason if doubtful else "")
        try:
            answer = self._answer(shown, answers if answers is not None else {})
            meaning = meaning_of(answer.line, shown, finder, self.site)
        except Exception as error:  # noqa: BLE001  the reader is anybody's, and a stop must not be lost to a fault in it
            if not isinstance(error, (LanguageModelError, ValueError)):
                _log.error("the reader failed: %s", type(error).__name__)
            trace = replace(trace, asked=(Asked(shown.text, tags, None, str(error)),))
            if doubtful and doubtful.stands:
                return _stopped(doubtful, LIKELY, trace)
            return nothing(code, Tier.LLAMA, f"the reader gave no usable answer: {error}")
        trace = replace(trace, asked=(Asked(shown.text, tags, answer),))
        if doubtful and (stopped := _in_doubt(doubtful, answer, meaning, trace)):
            return stopped
        return self._proved(sentence, shown, answer, meaning, trace)

    def _answer(self, shown: Tagged, answers: dict[str, Answer]) -> Answer:
        if self.reader is None:
            raise LanguageModelError("there is no language model")
        if shown.text not in answers:
            answers[shown.text] = self.reader.answer(shown)
        return answers[shown.text]

    # The proof

    def _proved(self, sentence: Sentence, shown: Tagged, answer: Answer, meaning: Meaning, trace: Trace) -> Parse:
        code = sentence.language
        lacking = next((m.text for m in sentence.mentions if m.what is What.UNKNOWN), meaning.unknown)
        stops = any(command.action is Action.STOP for command in meaning.commands)
        acts = answer.line not in (Action.NONE, Action.PLAN) and not stops
        if acts and lacking:
            return replace(nothing(code, Tier.LLAMA, "names what this site lacks", lacking), trace=trace)
        calls = any(mention.what in (What.VEHICLE, What.GROUP) for mention in sentence.mentions)
        if answer.line == Action.NONE:
            doubt = calls and answer.probability < SURE_OF_TALK
            return replace(
                nothing(code, Tier.LLAMA, "the reader takes it for talk", "", answer.probability),
                addressed=doubt,
                trace=trace,
            )
        left = left_over(meaning, shown, self.finders[code], answer.line, self._without)
        confidence = answer.probability * meaning.certainty
        reason = f"the reader read '{shown.text}' as '{answer.line}'"
        if left:
            confidence, reason = min(confidence, READ_BACK), f"{reason}, which leaves {', '.join(left)} over"
        kinds = any(mention.what is What.PLACE_KIND for mention in sentence.mentions)
        placed = any(mention.what in WHERE and mention.what is not What.PLACE_KIND for mention in sentence.mentions)
        return Parse(
            meaning.commands,
            confidence,
            Tier.LLAMA,
            code,
            reason,
            meaning.choices,
            meaning.vague or (kinds and not placed),
            questioned=sentence.text.rstrip().endswith(("?", "？", "؟")),
            addressed=calls,
            named=bool(sentence.mentions),
            trace=replace(trace, left_over=left),
        )


def _in_doubt(stop: Stop, answer: Answer, meaning: Meaning, trace: Trace) -> Parse | None:
    """The stop of a sentence with a stop word among other words, where the reader does not know better."""
    sure = answer.probability >= NO_STOP and not meaning.unknown
    if any(command.action is Action.STOP for command in meaning.commands):
        return None if sure else _stopped(stop, LIKELY, trace)
    if sure and (answer.line == Action.NONE or not stop.called):
        return None
    return _stopped(stop, LIKELY, trace) if stop.stands else None


def _stopped(stop: Stop, confidence: float, trace: Trace) -> Parse:
    return Parse((stop.command,), confidence, Tier.STOP, stop.language, stop.reason, named=True, trace=trace)


def _near(transcript: Transcript) -> Iterator[Hypothesis]:
    """The hypotheses that are likely enough for a stop in them to count."""
    yield from (h for h in transcript.hypotheses if h.score >= transcript.score - STOP_NATS and h.text)


def _weighed(transcript: Transcript) -> Iterator[tuple[float, Hypothesis]]:
    """The hypotheses that differ in more than case and marks, with how likely each is beside the best, 0 to 1."""
    seen: set[tuple[str, str]] = set()
    best: Hypothesis | None = None
    for hypothesis in transcript.hypotheses:
        key = (hypothesis.language, "".join(filter(str.isalnum, hypothesis.text.casefold())))
        if not key[1] or key in seen:
            continue
        best = best or hypothesis
        less_likely = min(0.0, hypothesis.score - best.score)
        yield math.exp(less_likely / DOUBT_NATS) * PER_RANK ** len(seen), hypothesis
        seen.add(key)
