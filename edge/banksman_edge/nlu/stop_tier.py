"""Whether somebody is told to stop, by all hypotheses of a transcript in all languages of the site."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from banksman_edge.asr.transcript import Hypothesis, Transcript
from banksman_edge.nlu.answers import after_exclaimed_no
from banksman_edge.nlu.exclamations import beside_warning, tells_of_somebody
from banksman_edge.nlu.grammar import Grammar
from banksman_edge.nlu.interpretation import Interpretation
from banksman_edge.nlu.mentions import SIMILAR
from banksman_edge.nlu.no_stop import in_expressions, stops_besides
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.readings import Reader, Weighed, distinct, likely, most_explained, substance
from banksman_edge.nlu.stop import (
    begins_with_stop,
    exact_stop,
    forbids_stop,
    likely_stop,
    stop_at_the_end,
    stop_before_a_name,
    stop_before_an_order,
    stop_called_out,
    stop_called_to_all,
    stop_of_all,
    stop_said_first,
    stop_said_last,
    stop_set_off,
)
from banksman_edge.nlu.stop_running_on import stop_running_on
from banksman_edge.nlu.stop_warned import stop_after_warning
from banksman_edge.nlu.talk import is_cited
from banksman_edge.nlu.tokens import BREAK, CALLED_OUT, UNSPACED, sentences_of, tokenize
from banksman_shared.commands import STOP_ALL, Action
from banksman_shared.site import Thresholds

MAX_STOP_TEXT = 200
"""Characters; a longer text is no stop."""
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

_FINDERS = (
    stop_called_to_all,
    stop_at_the_end,
    stop_before_an_order,
    stop_set_off,
    stop_said_first,
    stop_of_all,
    stop_before_a_name,
    stop_after_warning,
    stop_said_last,
    stop_called_out,
    stop_running_on,
)
"""What finds a stop beside other words, in the order in which they are asked."""


class StopTier:
    """The first tier of understanding. ``heard``: the policy's row for how well something was heard."""

    def __init__(self, grammars: Mapping[str, Grammar], reader: Reader, heard: Thresholds) -> None:
        self._grammars, self._read, self._heard = grammars, reader.read, heard

    def stop(self, transcript: Transcript) -> Interpretation | None:
        """Whether somebody is told to stop. Takes milliseconds; nobody shouts a novel."""
        if len(transcript.text) > MAX_STOP_TEXT:
            return None
        if self.half_heard(transcript):
            return self._clear_stop(transcript)
        transcript = likely(transcript)
        transcript = self.besides(transcript) or transcript
        readings = [reading for _, reading in self._read(transcript, SIMILAR)]
        after_no = list(self._beside(after_exclaimed_no, transcript))
        warned = (reading for _, reading in self._beside(beside_warning, transcript))
        exact = chain(map(exact_stop, [*readings, *(r for _, r in after_no)]), map(_exclaimed_stop, warned))
        if stop := next(filter(None, exact), None):
            return self._of_all_first(transcript.text, stop) or stop
        if stop := self._stop_beside_an_order(transcript):
            return stop
        # Words that were put in neither make a stop out of talk nor talk out of a stop.
        read = self._read(transcript, SIMILAR, repaired=False)
        heard = [] if _denies(read) else _not_foreign(read)
        heard += [reading for hypothesis, reading in after_no if not hypothesis.repaired]
        if any(map(forbids_stop, heard)):
            return None
        guessed = (likely_stop(reading, self._expressed(reading, transcript, read)) for reading in heard)
        return next(filter(None, guessed), None) or self._stop_in_a_sentence(transcript)

    def _of_all_first(self, text: str, stop: Interpretation) -> Interpretation | None:
        """The stop of all with which a text begins, where the whole of it was read as that of somebody who is only
        spoken of: "everybody stop, cart six is running low"."""
        if len([part for part in BREAK.split(text) if part]) < 2 or stop.commands == (STOP_ALL,):
            return None
        grammar = self._grammars[stop.language]
        return None if grammar.read(text).clause.spares else stop_called_to_all(text, grammar)

    def besides(self, transcript: Transcript) -> Transcript | None:
        """What is said besides words that stop but mean something else where they stand; None where there are none."""
        return stops_besides(transcript, (grammar.finder.language for grammar in self._grammars.values()))

    @staticmethod
    def _expressed(reading: Reading, transcript: Transcript, read: Sequence[Weighed]) -> frozenset[int]:
        """The tokens of a reading that are part of expressions in the language that is spoken: not where something is
        called out or set off, or named, and may stand in it: "truck stop!". And what is told of somebody at the end:
        "dann kommt die Kurve, er bremst"."""
        parts = [part for part in BREAK.split(transcript.text) if part]
        last = tokenize(parts[-1], reading.language) if len(parts) > 1 else ()
        if reading.tokens[-len(last) :] == last and tells_of_somebody(last, reading.language):
            return frozenset(range(len(reading.tokens) - len(last), len(reading.tokens)))
        if CALLED_OUT.search(transcript.text) or len(parts) > 1 or reading.mentions:
            return frozenset()
        return in_expressions(reading.tokens, most_explained(read).language)

    def half_heard(self, transcript: Transcript) -> bool:
        """Whether the best text is more than a shout, or no shout, and so badly heard that the policy would not act on
        any order without asking: then no hypothesis says anything of stopping, and a stop in it is talk, unless it is
        a clear one. Three of four stops that were found in an hour of conversation were such sentences. Other stops in
        the sound itself are found without it.
        """
        if transcript.confidence >= (self._heard.accept or 0.0):
            return False
        shout = UNSPACED_SHOUT if transcript.language in UNSPACED else SHOUT
        return len(tokenize(transcript.text, transcript.language)) > shout or _is_no_shout(transcript)

    def _clear_stop(self, transcript: Transcript) -> Interpretation | None:
        """What counts though it was half heard, since talk hardly ever sounds like it: the stop of a vehicle that is
        named, alone or before a reason, or of everybody, first of all, however badly that was heard. Of 943 texts that
        talk was heard as, none was one."""
        if _is_no_shout(transcript) or is_cited(transcript.text):
            return None
        grammar = self._grammars.get(transcript.language)
        if grammar is None:
            return None
        reading, heard = grammar.read(transcript.text), transcript.confidence >= (self._heard.confirm or 0.0)
        named = exact_stop(reading) if reading.mentions and heard else None
        for find in (stop_said_first, stop_before_a_name) if heard else ():
            named = named or find(transcript.text, grammar)
        return named or stop_called_to_all(transcript.text, grammar)

    def _stop_in_a_sentence(self, transcript: Transcript) -> Interpretation | None:
        """A stop that is a sentence of its own, beside others that are no orders: "That would hit him! Stop!"."""
        if is_cited(transcript.text):
            return None
        for hypothesis in (h for h in distinct(transcript) if not h.repaired):
            sentences = sentences_of(hypothesis.text)
            for read in [g.read for g in self._grammars.values()] if len(sentences) > 1 else ():
                whole = read(hypothesis.text)
                said = [] if whole.commands else list(map(read, sentences))
                tale = any(r.retold and Action.STOP in r.clause.actions for r in said)  # of somebody who stops others
                shouted = [r for r in said if whole.retold and not tale and begins_with_stop(r)]
                found = [*map(exact_stop, said), *map(likely_stop, shouted)]
                if stop := next(filter(None, found), None):
                    return stop
        return None

    def _stop_beside_an_order(self, transcript: Transcript) -> Interpretation | None:
        """A stop with which an order begins or ends, or whatever else is said, in the language that explains most of
        it. What others said has none but those that are called out before it."""
        read = self._read(transcript, SIMILAR, repaired=False)
        if is_cited(transcript.text) or not read:
            return None
        finders = (stop_called_out, stop_called_to_all) if most_explained(read).retold else _FINDERS
        best = max(substance(reading) for _, reading in read)
        spoken = {reading.language for _, reading in read if substance(reading) == best}
        heard = [hypothesis.text for hypothesis in distinct(transcript) if not hypothesis.repaired]
        grammars = [self._grammars[code] for code in spoken]
        said = ((t, g) for text in heard for g in grammars for t in (text, beside_warning(text, g.language)) if t)
        return next(filter(None, (find(text, grammar) for text, grammar in said for find in finders)), None)

    def _beside(
        self, shout: Callable[[str, str], str | None], transcript: Transcript
    ) -> Iterator[tuple[Hypothesis, Reading]]:
        """What is said behind an exclaimed no or beside a warning, and in which hypothesis: "No, stop!" is no
        negation."""
        for code, grammar in self._grammars.items():
            for hypothesis in distinct(transcript):
                if rest := shout(hypothesis.text, code):
                    yield hypothesis, grammar.read(rest)


def _is_no_shout(transcript: Transcript) -> bool:
    """Whether the sound speaks against a shout: it took too long, the words of the site made one of it, or it does not
    sound like one to the stop spotter, which then misses it, too."""
    words = tokenize(transcript.text, transcript.language)
    signals, once = transcript.signals, len(set(words)) == len(words)  # "Stop! Stop! Stop!" takes its time
    drawn_out = once and signals.spoken_s > LONGEST_SHOUT_S
    return drawn_out or signals.pull > MOST_PULL or signals.stop_like < UNLIKE


def _exclaimed_stop(reading: Reading) -> Interpretation | None:
    """The stop in a sentence that says nothing else, and not where somebody stops: "Achtung, Wagen sechs hält im
    Labor"."""
    clause = reading.clause
    only = clause.actions == {Action.STOP} and not (clause.unknown_words or clause.places or clause.is_talk)
    return exact_stop(reading) if only and not (clause.everybody and clause.vehicles) else None


def _denies(readings: list[Weighed]) -> bool:
    """Whether somebody denies what was said: "nobody said stop"."""
    best = most_explained(readings) if readings else None
    return best is not None and best.retold and best.clause.negated


def _not_foreign(readings: list[Weighed]) -> list[Reading]:
    """The readings without those in languages to which some words are strange, where another knows as many words of the
    same hypothesis, and all but the name of somebody who is waited for, and finds no stop: Italian "e basta" has a word
    that stops in Spanish."""
    calm = {
        likelihood: reading.clause.unknown_words
        for likelihood, reading in sorted(readings, key=lambda pair: -pair[1].clause.unknown_words)
        if reading.clause.only_waits or not (reading.clause.unknown_words or Action.STOP in reading.clause.actions)
    }
    return [r for p, r in readings if p not in calm or not r.clause.unknown_words or r.clause.unknown_words < calm[p]]
