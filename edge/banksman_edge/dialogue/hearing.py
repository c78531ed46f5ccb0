"""What refers to something in a transcript: whole orders with references in them, and fragments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from banksman_edge.asr import Transcript
from banksman_edge.dialogue.fragments import Fragment, read_fragment
from banksman_edge.dialogue.references import (
    MARK,
    choices_of,
    find_references,
    key_of,
    reference_of,
    split_clitics,
    with_references,
)
from banksman_edge.dialogue.referring import is_whole_order, mixed, only_asks, says_much, set_down, told_apart
from banksman_edge.dialogue.returning import Parts, and_back, without_return
from banksman_edge.dialogue.telling_words import by_telling_word
from banksman_edge.dialogue.words import (
    LIVE,
    MEANT,
    NO,
    NOT,
    PRONOUNS,
    Words,
    is_one_of,
    words_of,
)
from banksman_edge.fleet import VehicleView
from banksman_edge.nlu import Interpretation, Understanding
from banksman_edge.nlu.answers import after_exclaimed_no
from banksman_edge.nlu.cascade import GRAMMAR_CONFIDENCE, confidence_of
from banksman_edge.nlu.grammar import Grammar
from banksman_edge.nlu.language import DAYS, Language
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.names import What
from banksman_edge.nlu.talk import is_markup, quotation
from banksman_edge.nlu.tokens import Tokens, tokenize
from banksman_shared.commands import Action, Command
from banksman_shared.site import Site

REFERRED = 0.95
"""Confidence kept where something is only referred to."""
MAY_FORBID = 0.8
"""And where the word for "no" may also say what must not be done: enough to ask for a yes."""
UNNAMED = 5
"""Phrases in a row that are an order though all they name is referred to: "send it back there". More may be talk."""
DRIVING = frozenset({Action.MOVE, Action.PICK, Action.DROP, Action.TRANSPORT, Action.CHARGE, Action.PARK})
_WORK = frozenset({Action.MOVE, Action.PICK, Action.DROP, Action.TRANSPORT})


@dataclass(frozen=True, slots=True)
class Order:
    """An order with references in it, and how sure it is. ``names``: whether it names anything of the site as well;
    ``carries``: whether its verb may be meant for a load; ``choices``: which of several a name in it may mean."""

    commands: tuple[Command, ...]
    confidence: float
    language: str
    names: bool
    carries: bool
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """A fragment, and how sure it is."""

    fragment: Fragment
    confidence: float
    language: str
    length: int
    """Its tokens."""


def lacks(commands: Sequence[Command]) -> tuple[bool, bool]:
    """Whether an order that is understood leaves open who, and where, so that a reference may say it.

    "Pick it up at dock two" says which load; whoever is nearest may do that.
    """
    who = any(
        not c.vehicles
        and c.action not in (Action.PLAN, Action.NONE)
        and not (c.action is Action.TRANSPORT and c.origin)
        and not (c.action is Action.PICK and c.destination)
        for c in commands
    )
    where = any(c.action in _WORK and c.destination is None for c in commands)
    return who, where


def needs_no_context(order: Order, known: Interpretation | None, views: Mapping[str, VehicleView]) -> bool:
    """Whether the one load that is on a vehicle is meant: "put it down at dock two"."""
    if known is None or len(known.commands) != 1 or lacks(known.commands) != (True, False):
        return False
    pronouns = {r.key for v in order.commands[0].vehicles if (r := reference_of(v))}
    loaded = [view.loaded for view in views.values() if view.connected]
    carries = known.commands[0].action in (Action.TRANSPORT, Action.DROP)
    return carries and pronouns <= PRONOUNS and loaded.count(True) == 1 and None not in loaded


class Hearing:
    """Reads references in the languages of one site."""

    def __init__(self, site: Site, understanding: Understanding) -> None:
        self._site, self._understanding = site, understanding

    @staticmethod
    def is_spoken(transcript: Transcript) -> bool:
        """Whether it is all the speaker's own words: nothing is completed by what stands in quotation marks, or by
        signs that nobody speaks."""
        return not any(is_markup(h.text) or quotation(h.text) for h in transcript.hypotheses)

    def plan_called_off(self, transcript: Transcript) -> tuple[str, float] | None:
        """In which language a sentence calls off a plan ("forget the plan"), and how sure that is; None where it does
        not."""
        if self._understanding.retells(transcript):
            return None
        for likelihood, text, grammar in self._understanding.hypotheses(transcript):
            if is_one_of(words_of(grammar.language).no_plan, text, grammar.language):
                return grammar.language, likelihood * GRAMMAR_CONFIDENCE
        return None

    def neither(self, transcript: Transcript) -> bool:
        """Whether a sentence says that nothing of what was offered is meant."""
        hypotheses = self._understanding.hypotheses(transcript)
        return any(is_one_of(words_of(g.language).neither, text, g.language) for _, text, g in hypotheses)

    def place_kinds(self, transcript: Transcript, language: str) -> frozenset[str]:
        """The kinds of places that a sentence speaks of without a number: "go to the dock"."""
        for _, text, grammar in self._understanding.hypotheses(transcript):
            if grammar.language == language:
                return frozenset(m.ids[0] for m in grammar.read(text).mentions if m.what is What.PLACE_KIND)
        return frozenset()

    def order(self, transcript: Transcript, known: Interpretation | None) -> Order | None:
        """The likeliest whole order with a reference in it that says more than ``known``, the plain reading."""
        if self._understanding.retells(transcript):
            return None
        found = [
            order
            for likelihood, text, grammar in self._understanding.hypotheses(transcript)
            if known is None or grammar.language == known.language
            if (order := self._order(text, likelihood, grammar, known))
        ]
        return max(found, key=lambda order: order.confidence, default=None)

    def _order(self, text: str, likelihood: float, grammar: Grammar, known: Interpretation | None) -> Order | None:
        words = words_of(grammar.language)
        for said in self._parts(text, grammar, words):
            if front := without_return(*said, words, grammar.language):
                plain = grammar.reading(*front).commands
                if order := self._referring(front, plain, likelihood, grammar, returns=True):
                    return order
            if order := self._referring(said, known.commands if known else (), likelihood, grammar):
                return order
        return None

    @staticmethod
    def _referring(
        said: Parts, plain: Sequence[Command], likelihood: float, grammar: Grammar, *, returns: bool = False
    ) -> Order | None:
        """``plain``: the order without what it refers to; ``returns``: it ends with the way back."""
        tokens, mentions = said
        who, where = lacks(plain) if plain else (True, True)
        live = told_apart(plain) if plain else LIVE
        references = find_references(tokens, mentions, words_of(grammar.language))
        language = grammar.finder.language
        told = [m for m in references if key_of(m) not in LIVE - live and not _is_of_a_day(tokens, m, language)]
        for chosen in (*choices_of(told, who=who, where=where), *([()] if returns else [])):
            reading = grammar.reading(tokens, with_references(mentions, chosen))
            if returns:
                reading = replace(reading, commands=and_back(reading.commands))
            if not is_whole_order(reading):
                continue
            if only_asks(plain) and (only_asks(reading.commands) or reading.clause.weak_verbs):
                continue
            names = says_much(chosen) or any(not m.ids[0].startswith(MARK) for m in reading.mentions if m.ids)
            confidence = confidence_of(likelihood, reading) * REFERRED
            confidence *= 1.0 if names else min(1.0, UNNAMED / max(1, reading.clause.length))
            carries = Action.TRANSPORT in reading.clause.actions
            commands = set_down(plain, reading.commands) if Action.DROP in reading.clause.actions else reading.commands
            return Order(commands, confidence, grammar.language, names, carries, reading.choices)
        return None

    @staticmethod
    def _parts(text: str, grammar: Grammar, words: Words) -> Iterator[Parts]:
        """Tokens and names: with pronouns that are written as the end of a verb apart, and, since what looks like one
        may be another word, from the reading that the grammar remembers."""
        plain = grammar.read(words.apart(text))
        tokens = split_clitics(plain.tokens, words, grammar.finder.language)
        if tokens != plain.tokens:
            yield tokens, grammar.finder.find(tokens)
        yield plain.tokens, plain.mentions

    def fragments(self, transcript: Transcript, asked_in: str = "", choices: Sequence[str] = ()) -> Iterator[Piece]:
        """What may complete an earlier order, or pick one of ``choices``, the likeliest first; of equals that in the
        language of the question."""
        pieces = [
            piece
            for likelihood, text, grammar in self._understanding.hypotheses(transcript)
            if (piece := self._fragment(text, likelihood, grammar, choices))
        ]
        yield from sorted(pieces, key=lambda piece: (-piece.confidence, piece.language != asked_in))

    def _fragment(self, text: str, likelihood: float, grammar: Grammar, choices: Sequence[str]) -> Piece | None:
        words = words_of(grammar.language)
        reading = grammar.read(text)
        mentions = with_references(reading.mentions, find_references(reading.tokens, reading.mentions, words))
        exclaimed, sure = _exclaimed_no(text, words, grammar)
        if any(mention.start < exclaimed for mention in mentions):
            exclaimed, sure = 0, True  # the "No." of a number
        fragment = read_fragment(reading.tokens, mentions, words, grammar.finder, self._site, exclaimed=exclaimed)
        said = fragment and (fragment.names or fragment.kinds or fragment.marks or fragment.missing or fragment.either)
        if fragment is None or not said:
            fragment = by_telling_word(reading.tokens, choices, self._site, grammar.finder.language)
        if fragment is None:
            return None
        late = MEANT in fragment.late and not grammar.finder.language.postfix  # "and forklift four, sorry"
        confidence = confidence_of(likelihood, replace(reading, certainty=fragment.certainty), brief=False) * REFERRED
        confidence *= MAY_FORBID if late or not sure else 1.0
        return Piece(fragment, confidence, grammar.language, len(reading.tokens))

    def instead(self, transcript: Transcript, *, marked: bool) -> Order | None:
        """A whole order behind "no" or "I meant": "no, go to dock three"; ``marked``: one with an "instead" in it."""
        if marked and self._understanding.retells(transcript):
            return None
        found = [
            order
            for likelihood, text, grammar in self._understanding.hypotheses(transcript)
            if not marked or words_of(grammar.language).without_instead(text)
            if (order := self._instead(text, likelihood, grammar, marked=marked))
        ]
        return max(found, key=lambda order: order.confidence, default=None)

    def _instead(self, text: str, likelihood: float, grammar: Grammar, *, marked: bool) -> Order | None:
        words = words_of(grammar.language)
        plain = words.without_instead(text)
        behind, sure = _behind_no(plain or text, words, grammar)
        if marked and not behind:
            behind, sure = plain, True
        if not behind:
            return None
        rest, mentions = next(self._parts(behind, grammar, words))
        references = find_references(rest, mentions, words)
        for chosen in ((), *choices_of(references, who=True, where=True)):
            reading = grammar.reading(rest, with_references(mentions, chosen))
            works = all(c.action in _WORK for c in reading.commands)
            if reading.commands and works and not (reading.choices or mixed(reading)):
                confidence = confidence_of(likelihood, reading) * REFERRED * (1.0 if sure else MAY_FORBID)
                carries = Action.TRANSPORT in reading.clause.actions
                return Order(reading.commands, confidence, grammar.language, names=True, carries=carries)
        return None


def _behind_no(text: str, words: Words, grammar: Grammar) -> tuple[str, bool]:
    """What follows the "I meant", or the "no" with a comma behind it, that a sentence begins with, and whether that is
    for sure: without the comma, and in some languages even with it, "no" may forbid what follows."""
    if rest := after_exclaimed_no(text, grammar.language):
        said = tokenize(text.removesuffix(rest), grammar.language)
        meant, sure = _behind_meant(rest, words, grammar)
        return (meant, sure) if meant else (rest, NO in words.say.get(said, ()))
    return _behind_meant(text, words, grammar)


def _exclaimed_no(text: str, words: Words, grammar: Grammar) -> tuple[int, bool]:
    """How many tokens the no has that is set off at the beginning of a sentence, and whether it is for sure one."""
    rest = after_exclaimed_no(text, grammar.language)
    said = tokenize(text.removesuffix(rest), grammar.language) if rest else ()
    return len(said), NO in words.say.get(said, ()) or NOT not in words.say.get(said, ())


def _behind_meant(text: str, words: Words, grammar: Grammar) -> tuple[str, bool]:
    parts = text.split()
    for length in range(min(words.longest, len(parts) - 1), 0, -1):
        if MEANT in words.say.get(tokenize(" ".join(parts[:length]), grammar.language), ()):
            return " ".join(parts[length:]), True
    return "", False


def _is_of_a_day(tokens: Tokens, reference: Mention, language: Language) -> bool:
    """Whether it is the end of a day's name: "يوم الاثنين" is Monday, and no two that were spoken of."""
    found = language.match(tokens, reference.start - 1) if reference.start else None
    return found is not None and DAYS in found[0].roles and reference.start - 1 + found[1] >= reference.end
