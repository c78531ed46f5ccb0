"""Understanding: from a transcript to commands. Read from top to bottom, this is what becomes of a sentence:

names of the site → stop → plain orders (the fast path) → the reader, a taught Llama → the proof.

A certain stop asks nobody. A plain order is read without the model, for speed alone. Everything else is put before the
reader with tags in place of names; what it answers is only believed as far as the proof finds all that was said in it.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol, Self

from msgspec import structs

from banksman_edge.asr import Hypothesis, Transcript, Wholeness
from banksman_edge.understanding.close_hypotheses import rivals
from banksman_edge.understanding.context import NOTHING_BEFORE, Context, Reply
from banksman_edge.understanding.entities.finder import EntityFinder
from banksman_edge.understanding.entities.mention import WHERE, Mention, What
from banksman_edge.understanding.optional_parts import ALL, Part, Without
from banksman_edge.understanding.own_actions import OwnActions, Stateful, own_examples
from banksman_edge.understanding.parse import Asked, Parse, Tier, Trace, nothing
from banksman_edge.understanding.proof import closed_in, has_a_yes, is_more_than, left_over
from banksman_edge.understanding.reader.lines import Meaning, meaning_of
from banksman_edge.understanding.reader.reader import Reader, Remembering
from banksman_edge.understanding.reader.tagged import Tagged, tagged, tags_of
from banksman_edge.understanding.stop.finder import CERTAIN, LIKELY, Stop, StopFinder
from banksman_edge.understanding.templates.plain_orders import PlainOrders
from banksman_edge.understanding.templates.site_phrases import SitePhrases
from banksman_edge.understanding.text.tokens import Words, is_markup, is_quoting, is_unspaced, without_quotes, words_of
from banksman_edge.understanding.text.vocabulary import known_words
from banksman_shared.actions import Action
from banksman_shared.commands import DRIVING, EVERYBODY, Command
from banksman_shared.errors import LanguageModelError
from banksman_shared.models.engine import Answer
from banksman_shared.site import Site, Thresholds

_log = logging.getLogger(__name__)

PLAIN_CONFIDENCE = 0.97
PER_RANK = 0.99
"""Confidence kept for each hypothesis of the recogniser that is passed over."""
DOUBT_NATS = 18.0
"""Confidence falls to 1/e for a hypothesis so many nats less likely than the best."""
STOP_NATS = 5.0
"""Nats by which a hypothesis may be less likely than the best for a stop in it to count."""
NEAR = math.exp(-STOP_NATS / DOUBT_NATS)
"""The same as a likelihood beside the best."""
MOST_READ = 3
"""Hypotheses that are read."""
LONGEST_STOP = 200
"""Characters of a text in which a stop is looked for without being asked: nobody shouts more."""
SHOUT, UNSPACED_SHOUT = 3, 10
"""Words, or characters where words are not separated, that stop however badly they were heard."""
LONGEST_SHOUT_S = 4.0
"""Longer speech of which no more was heard is talk of which most was not heard. The longest of 282 spoken stops, in
noise, too, took 3.1 s."""
MOST_PULL = 3.0
"""Nats by which the words of the site may have bent what was hardly heard into a shout. Of 1,605 spoken stops, most in
noise, 19 that were found in the text were bent further; the spotter found all of them in the sound but three."""
UNLIKE = 0.125
"""Below this probability of the stop spotter what was hardly heard is no shout of a word that it listens for. Of 963
stops that were spoken into streams, most in noise, none was below, and the least like one had 0.15; both that were
heard in 208 recordings of talk in other languages were, with 0.11 and 0.005."""
BARELY_SIMILAR = 0.68
"""Least likeness of names where an order lacks one; what comes of it is read back."""
REMEMBERED = 256
"""Sentences of which it is remembered what they name: each is looked at by recognition, dialogue and here."""
READ_BACK = 0.79
"""The most that is believed of a reading which leaves something over: it is read back."""
NO_STOP = 0.6
"""How sure the reader must be that a sentence with a stop word in it stops nobody."""
SURE_OF_OWN = 0.95
"""How sure it must be that an action of the site's own is asked for, to be done without asking where the reader read
another order, or to be asked for at all where the reader read a stop."""
SURE_OF_TALK = 0.8
"""From here on the reader is sure that nobody of the fleet is meant; below it, whoever calls a vehicle is answered."""


class Understanding(Protocol):
    """The one door of this package."""

    site: Site

    def parse(self, transcript: Transcript, context: Context = NOTHING_BEFORE) -> Parse:
        """What a transcript asks for after what its speaker said before, with a trace of what every stage said; the
        action ``none`` where it asks for nothing."""
        ...

    def stop(self, transcript: Transcript) -> Parse | None:
        """The stop of a transcript, where it is certain; asks no model, and raises nothing."""
        ...

    def quick(self, transcript: Transcript, context: Context = NOTHING_BEFORE) -> Parse | None:
        """A certain stop or a plain order, in milliseconds; None where the reader has to be asked."""
        ...

    def sentence(self, text: str, language: str = "") -> Sentence:
        """A text with its language and names; ``language``: that in which it was heard."""
        ...

    def names_in(self, transcript: Transcript) -> tuple[Mention, ...]:
        """What of the site the likeliest text names, in order; for a planner that should not have to guess."""
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

    def __init__(self, site: Site, reader: Reader | None = None, *, without: Without = ALL) -> None:
        self.site, self._without = site, without
        self.reader = Remembering(reader) if reader else None
        self.finders: Mapping[str, EntityFinder] = {code: EntityFinder(site, code, without) for code in site.languages}
        self._stops = StopFinder({} if Part.STOPS in without else self.finders)
        plain = () if Part.PLAIN in without else self.finders.items()
        self._plain = {code: PlainOrders(site, finder) for code, finder in plain}
        self._phrases, self._site_tags = SitePhrases(site), tags_of(site)
        self._remembered = lru_cache(REMEMBERED)(self._sentence)
        self._own = self._own_actions(reader)

    def with_reader(self, reader: Reader | None) -> Self:
        """The same with another reader; names are found as before, which takes seconds to prepare."""
        other = copy(self)
        other.reader = Remembering(reader) if reader else None
        other._own = other._own_actions(reader)
        return other

    def warm_up(self) -> None:
        """Make now what would be made on first use, so that the first stop is as fast as any."""
        for code in self.site.languages:
            self.quick(Transcript("stop stop 1", code, 1.0))

    def _own_actions(self, reader: Reader | None) -> OwnActions | None:
        """What tells the site's own actions; None where there are none, or nobody can."""
        said = {action.id: action.examples for action in self.site.actions.values()}
        reader = reader.reader if isinstance(reader, Remembering) else reader
        if not said or reader is None:
            return None
        if not isinstance(reader, Stateful):
            _log.warning("the site's own actions are understood by a taught language model alone, and this is none")
            return None
        return OwnActions(reader, dict(own_examples(said, self._tagged)))

    def _tagged(self, text: str, language: str) -> Tagged:
        sentence = self.sentence(text, language)
        return tagged(sentence.words, sentence.mentions, self._site_tags)

    # The door

    def stop(self, transcript: Transcript) -> Parse | None:
        """See :class:`Understanding`."""
        if len(transcript.text) > LONGEST_STOP or is_quoting(self._in_plain_words(transcript.text)):
            return None
        hardly = is_hardly_heard(transcript, self.site.rules.policy.heard)
        if hardly and is_no_shout(transcript):
            return None
        for hypothesis in transcript.hypotheses[:1] if hardly else _near(transcript):
            found = self._stops.find(self._in_plain_words(hypothesis.text), (hypothesis.language,))
            put_in = hypothesis.repaired and not (found and found.alone)  # words that were put in make no stop of talk
            if found and found.certain and not put_in and (found.whom or not hardly):
                return _stopped(found, CERTAIN, Trace(hypothesis.text, found.language, stop=found.reason))
        return None

    def parse(self, transcript: Transcript, context: Context = NOTHING_BEFORE) -> Parse:
        """See :class:`Understanding`."""
        return self.quick(transcript, context) or self.ask(transcript, context)

    def quick(self, transcript: Transcript, context: Context = NOTHING_BEFORE) -> Parse | None:
        """See :class:`Understanding`."""
        if stop := self.stop(transcript):
            return stop
        if not self._plain:
            return None
        plain = [self._plainly(sentence) for _, sentence in self.sentences(transcript)]
        first = plain[0] if plain else None
        if context and first and not all(command.vehicles for command in first.commands):
            return None  # whoever was named before may be meant
        if context.question and first and first.vague:
            return None  # it may answer that
        return first if first and all(one is None or one.commands == first.commands for one in plain) else None

    def ask(self, transcript: Transcript, context: Context = NOTHING_BEFORE) -> Parse:
        """See :class:`Understanding`."""
        heard = self.sentences(transcript)
        if not heard:
            return nothing(transcript.language, Tier.STOP, "nobody spoke")
        if any(is_markup(sentence.text) for _, sentence in heard):
            return nothing(heard[0][1].language, Tier.LLAMA, "it holds signs that nobody speaks")
        if any(is_quoting(sentence.text) for _, sentence in heard):
            return nothing(heard[0][1].language, Tier.LLAMA, "it quotes what somebody said")
        read = self._read_all(heard, context)
        if lacks_something(read) and (misheard := self._barely(heard[0][1])):
            again = self._read(misheard, context)
            read = read if lacks_something(again) else again
        stops = all(command.action is Action.STOP for command in read.commands)
        if stops and is_hardly_heard(transcript, self.site.rules.policy.heard):
            return nothing(read.language, Tier.LLAMA, "a stop among words that were hardly heard")
        return read

    def sentences(self, transcript: Transcript) -> list[tuple[float, Sentence]]:
        """See :class:`Understanding`."""
        heard = list(_weighed(transcript))[:MOST_READ]
        return [(likelihood, self.sentence(h.text, h.language)) for likelihood, h in heard]

    def sentence(self, text: str, language: str = "") -> Sentence:
        """See :class:`Understanding`."""
        return self._remembered(text, language)

    def _barely(self, sentence: Sentence) -> Sentence | None:
        """The sentence with names in it that are hardly alike; None where there are none."""
        found = self.finders[sentence.language].find(sentence.words, similar=BARELY_SIMILAR)
        ids = {one for mention in sentence.mentions for one in mention.ids}
        new = any(mention.ids and not ids & set(mention.ids) for mention in found)
        return replace(sentence, mentions=found) if new else None

    def wholeness(self, text: str, language: str) -> Wholeness:
        """See :class:`Understanding`."""
        sentence = self.sentence(text, language)
        found = self._stops.find(sentence.text, (language,))
        if found and found.alone:
            return Wholeness.STOP
        plain = self._plainly(sentence)
        if plain and not plain.vague:
            return Wholeness.WHOLE
        kinds = any(mention.what in (What.VEHICLE_KIND, What.PLACE_KIND) for mention in sentence.mentions)
        return Wholeness.NUMBERLESS if kinds and self._plainly(sentence, numberless=True) else Wholeness.NONE

    def names_in(self, transcript: Transcript) -> tuple[Mention, ...]:
        """See :class:`Understanding`."""
        return self.sentence(transcript.text, transcript.language).mentions

    def _in_plain_words(self, text: str) -> str:
        """A text as a stop is looked for in it: no phrase of the site, and no quotes around a name, hide one. A fault
        in that must not keep anybody from stopping."""
        try:
            for code in self.finders:
                text = self._unquoted(self._phrases.in_plain_words(text, code), code)
        except Exception as error:  # noqa: BLE001
            _log.error("a text is looked through for stops as it stands: %s", type(error).__name__)
        return text

    def _unquoted(self, text: str, code: str) -> str:
        return without_quotes(text, lambda part: self._is_name(part, code)) if is_quoting(text) else text

    def _sentence(self, text: str, language: str) -> Sentence:
        code = self._language_of(words_of(text), language)
        text = self._unquoted(self._phrases.in_plain_words(text, code), code)
        words = words_of(text)
        return Sentence(text, code, words, self.finders[code].find(words))

    def _is_name(self, text: str, code: str) -> bool:
        words = words_of(text)
        found = self.finders[code].find(words)
        return len(found) == 1 and (found[0].start, found[0].end) == (0, len(words))

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

    def _plainly(self, sentence: Sentence, *, numberless: bool = False) -> Parse | None:
        """``numberless``: also where a kind stands for one of it, of which the number may have been lost."""
        plain = self._plain.get(sentence.language)
        commands = plain.read(sentence.words, sentence.mentions, numberless=numberless) if plain else None
        if commands is None:
            return None
        score = min((mention.score for mention in sentence.mentions), default=1.0)
        choices = next((mention.ids for mention in sentence.mentions if len(mention.ids) > 1), ())
        trace = Trace(sentence.text, sentence.language, sentence.mentions, plain=commands)
        confidence = PLAIN_CONFIDENCE * score
        open_ = any(mention.what is What.PLACE_KIND for mention in sentence.mentions)
        vague = open_ and any(command.action.drives and not command.destination for command in commands)
        return Parse(
            commands,
            confidence,
            Tier.GRAMMAR,
            sentence.language,
            "a plain order",
            choices,
            vague,
            named=True,
            trace=trace,
        )

    # The reader

    def _read_all(self, sentences: list[tuple[float, Sentence]], context: Context) -> Parse:
        """The reading of the likeliest hypothesis, or of another that is an order where that is none; and whether
        another was as likely heard that differs in a number."""
        read: list[tuple[float, Parse]] = []
        asked = {""}
        for likelihood, sentence in sentences:
            ids = " ".join(one for mention in sentence.mentions for one in mention.ids)
            may_stop = likelihood >= NEAR and self._stops.find(sentence.text, (sentence.language,))
            if read and ids in asked and not may_stop:
                continue  # it names the same: what it says otherwise is less likely than what was read
            asked.add(ids)
            # The likeliest was no plain order, or is asked about.
            plain = self._plainly(sentence) if read and not context else None
            read.append((likelihood, plain or self._read(sentence, context)))
        first = read[0][1]
        if first.reply:
            return first
        orders = [(parse.confidence * likelihood, parse) for likelihood, parse in read if not parse.is_nothing]
        if not orders:
            return first
        confidence, best = orders[0] if not first.is_nothing else max(orders, key=lambda order: order[0])
        others = [(sure, parse.commands) for sure, parse in orders if parse.language == best.language]
        choices = best.choices or rivals(self.site, best.language, [(confidence, best.commands), *others])
        return replace(best, confidence=confidence, choices=choices)

    def read(self, sentence: Sentence) -> Parse:
        """See :class:`Understanding`."""
        return self._plainly(sentence) or self._read(sentence)

    def _read(self, sentence: Sentence, context: Context = NOTHING_BEFORE) -> Parse:
        """What the reader and the proof make of a sentence."""
        code, finder = sentence.language, self.finders[sentence.language]
        doubtful = self._stops.find(sentence.text, (code,))
        shown = tagged(sentence.words, sentence.mentions, self._site_tags, context)
        tags = {tag: mention.ids for tag, mention in shown.things.items()}
        trace = Trace(sentence.text, code, sentence.mentions, doubtful.reason if doubtful else "")
        try:
            answer = self._answer(shown)
            meaning = meaning_of(answer.line, shown, finder, self.site)
        except Exception as error:  # noqa: BLE001  the reader is anybody's, and a stop must not be lost to a fault in it
            if not isinstance(error, (LanguageModelError, ValueError)):
                _log.error("the reader failed: %s", type(error).__name__)
            trace = replace(trace, asked=(Asked(shown.text, tags, None, str(error)),))
            if doubtful and doubtful.stands:
                return _stopped(doubtful, LIKELY, trace)
            lacking = next((m.text for m in sentence.mentions if m.what is What.UNKNOWN), "")
            reason = "names what this site lacks" if lacking else f"the reader gave no usable answer: {error}"
            return replace(nothing(code, Tier.LLAMA, reason, lacking), trace=trace)
        trace = replace(trace, asked=(Asked(shown.text, tags, answer),))
        if doubtful and (stopped := _in_doubt(doubtful, answer, meaning, trace)):
            return stopped
        read = self._proved(sentence, shown, answer, meaning, trace)
        if any(command.action is Action.OWN for command in read.commands):
            return self._other_work(sentence, read)
        if doubtful or read.reply:
            return read
        return self._own_action(sentence, read) or read

    def _answer(self, shown: Tagged) -> Answer:
        if self.reader is None:
            raise LanguageModelError("there is no language model")
        return self.reader.answer(shown)

    def _other_work(self, sentence: Sentence, read: Parse) -> Parse:
        """What the reader took for work that is no ordinary order: which of the site's own actions it is, or none."""
        found = self._like_an_example(sentence, other_work=True)
        if found is None:
            unknown = nothing(sentence.language, Tier.LLAMA, f"{read.reason}, and the site has no such action")
            return replace(unknown, addressed=read.addressed, trace=read.trace)
        name, sure = found
        commands = tuple(structs.replace(one, name=name) if one.action is Action.OWN else one for one in read.commands)
        reason = f"{read.reason}; it is like the examples of '{name}'"
        return replace(read, commands=commands, confidence=read.confidence * sure, reason=reason)

    def _like_an_example(self, sentence: Sentence, *, other_work: bool = False) -> tuple[str, float] | None:
        """The action of the site's own that a sentence is like the examples of; see :meth:`OwnActions.find`."""
        shown = tagged(sentence.words, sentence.mentions, self._site_tags)
        try:
            return self._own.find(shown, sentence.language, other_work=other_work) if self._own else None
        except LanguageModelError as error:
            _log.error("the site's own actions are not looked for: %s", error)
            return None

    def _own_action(self, sentence: Sentence, read: Parse) -> Parse | None:
        """An action of the site's own that a sentence asks for, with those who are named in it. The reader does not
        know these actions, and is sure of other orders in their place: so that one of its orders stands only where the
        sentence is less like the examples. What may be another order is read back."""
        found = self._like_an_example(sentence)
        if found is None:
            return None
        name, confidence = found
        if (read.is_nothing and confidence <= read.confidence) or (stops_somebody(read) and confidence < SURE_OF_OWN):
            return None
        if not read.is_nothing and confidence < SURE_OF_OWN:
            confidence = min(confidence, READ_BACK)
        lacking = next((m.text for m in sentence.mentions if m.what is What.UNKNOWN), "")
        trace = Trace(sentence.text, sentence.language, sentence.mentions)
        if lacking:
            return replace(nothing(sentence.language, Tier.LLAMA, "names what this site lacks", lacking), trace=trace)
        words, reason = sentence.words, f"it is like the examples of '{name}'"
        closed = list(closed_in(words, self.finders[sentence.language].language, sentence.mentions))
        if closed:
            left = ", ".join(f"'{words.written(start, end)}'" for _, start, end in closed)
            confidence, reason = min(confidence, READ_BACK), f"{reason}, which leaves {left} over"
        vehicles = _named_vehicles(sentence, self.finders[sentence.language])
        places: list[str | None] = [m.ids[0] for m in sentence.mentions if m.what is What.PLACE]
        choices = next((mention.ids for mention in sentence.mentions if len(mention.ids) > 1), ())
        commands = tuple(
            Command(Action.OWN, vehicles, destination=place, name=name) for place in dict.fromkeys(places or [None])
        )
        return Parse(
            commands,
            confidence,
            Tier.LLAMA,
            sentence.language,
            reason,
            choices,
            questioned=_is_question(sentence),
            addressed=True,
            named=bool(sentence.mentions),
            how=read.how,
            trace=trace,
        )

    # The proof

    def _proved(self, sentence: Sentence, shown: Tagged, answer: Answer, meaning: Meaning, trace: Trace) -> Parse:
        code = sentence.language
        lacking = next((m.text for m in sentence.mentions if m.what is What.UNKNOWN), meaning.unknown)
        stops = any(command.action is Action.STOP for command in meaning.commands)
        acts = answer.line not in (Action.NONE, Action.PLAN) and not stops
        if acts and lacking and meaning.reply not in (Reply.NO, Reply.UNDO):
            return replace(nothing(code, Tier.LLAMA, "names what this site lacks", lacking), trace=trace)
        calls = any(mention.what in (What.VEHICLE, What.GROUP) for mention in sentence.mentions)
        if answer.line == Action.NONE:
            doubt = calls and answer.probability < SURE_OF_TALK
            return replace(
                nothing(code, Tier.LLAMA, "the reader takes it for talk", "", answer.probability),
                addressed=doubt,
                trace=trace,
            )
        reason = f"the reader read '{shown.text}' as '{answer.line}'"
        if meaning.reply:
            language = self.finders[code].language
            more = is_more_than(meaning.reply, shown, language)
            more |= meaning.reply is Reply.YES and not has_a_yes(sentence.words, language)
            return Parse(
                meaning.commands,
                min(answer.probability, READ_BACK) if more else answer.probability,
                Tier.LLAMA,
                code,
                reason,
                reply=meaning.reply,
                addressed=True,
                trace=trace,
            )
        left = left_over(meaning, shown, self.finders[code], answer.line, self._without)
        confidence = answer.probability * meaning.certainty
        asks = all(command.action is Action.STATUS for command in meaning.commands)
        if asks and not sentence.mentions and any(not command.vehicles for command in meaning.commands):
            return replace(nothing(code, Tier.LLAMA, "it asks after nobody who is named"), trace=trace)
        if left and asks:
            why = f"{reason}, which leaves {', '.join(left)} over"
            return replace(nothing(code, Tier.LLAMA, why), addressed=calls, trace=trace)
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
            questioned=_is_question(sentence),
            addressed=calls,
            named=bool(sentence.mentions),
            how=meaning.how,
            breaks_off=meaning.breaks_off,
            trace=replace(trace, left_over=left),
        )


def stops_somebody(read: Parse) -> bool:
    """Whether a reading stops somebody."""
    return any(command.action is Action.STOP for command in read.commands)


def _is_question(sentence: Sentence) -> bool:
    """Whether it was written as one."""
    return sentence.text.rstrip().endswith(("?", "？", "؟"))


def _named_vehicles(sentence: Sentence, finder: EntityFinder) -> tuple[str, ...]:
    """Whom a sentence names, as a command has it; nobody where it names a kind, of which the fleet may choose one."""
    named = [m.ids[0] for m in sentence.mentions if m.what is What.VEHICLE]
    named += [f"group:{m.ids[0]}" for m in sentence.mentions if m.what is What.GROUP]
    tokens, language = sentence.words.tokens, finder.language
    everybody = any((language.closed_at(tokens, at) or ("", 0))[0] == "all" for at in range(len(tokens)))
    if not named and everybody:
        kinds = [f"kind:{m.ids[0]}" for m in sentence.mentions if m.what is What.VEHICLE_KIND]
        return tuple(kinds[:1]) or (EVERYBODY,)
    return tuple(dict.fromkeys(named))


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


def lacks_something(read: Parse) -> bool:
    """Whether a sentence calls a vehicle and nothing comes of it, or a place is missing in what it orders, so that a
    name in it may have been misheard."""
    if read.reply:
        return False
    if read.is_nothing:
        return read.addressed or bool(read.unknown)
    nowhere = {command.action for command in read.commands if not command.destination} & DRIVING
    needed = nowhere & {Action.MOVE, Action.TRANSPORT}  # the others may say all there is: "cart two, go and charge"
    return read.tier is Tier.LLAMA and bool(needed or (nowhere and read.confidence < READ_BACK))


def is_hardly_heard(transcript: Transcript, heard: Thresholds) -> bool:
    """Whether the best text is more than a shout, or no shout, and so badly heard that the policy would not act on any
    order without asking: a stop in it is talk then, unless somebody is named or everybody called. Three of four stops
    that were found in an hour of conversation were such sentences. Stops in the sound itself are found without it."""
    if transcript.confidence >= (heard.accept or 0.0):
        return False
    words = words_of(transcript.text).tokens
    shout = UNSPACED_SHOUT if words and is_unspaced(words[0][0]) else SHOUT
    return len(words) > shout or is_no_shout(transcript)


def is_no_shout(transcript: Transcript) -> bool:
    """Whether the sound speaks against a shout: it took too long, the words of the site made one of it, or it does not
    sound like one to the stop spotter, which then misses it, too."""
    words = words_of(transcript.text).tokens
    signals, once = transcript.signals, len(set(words)) == len(words)  # "Stop! Stop! Stop!" takes its time
    drawn_out = once and signals.spoken_s > LONGEST_SHOUT_S
    return drawn_out or signals.pull > MOST_PULL or signals.stop_like < UNLIKE


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
