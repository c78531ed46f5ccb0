"""What refers to something in a transcript: whole orders with references in them, and fragments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from banksman_edge.asr import Transcript
from banksman_edge.dialogue.fragments import Fragment, FragmentReader
from banksman_edge.dialogue.references import (
    Reference,
    apart,
    find_references,
    is_live,
    meant_here,
    reference_of,
    with_references,
)
from banksman_edge.dialogue.resolve import is_open
from banksman_edge.dialogue.slots import told
from banksman_edge.dialogue.telling_words import by_telling_word
from banksman_edge.dialogue.things import GOING
from banksman_edge.dialogue.words import (
    BACK,
    IT,
    MEANT,
    NO,
    NOT,
    OTHER,
    PRONOUNS,
    THEM,
    Words,
    behind_no,
    is_one_of,
    says_one_of,
    words_in,
)
from banksman_edge.understanding import Parse, Sentence, Understanding
from banksman_edge.understanding.entities.mention import WHO, Mention, What
from banksman_edge.understanding.templates.phrases import phrases_of
from banksman_edge.understanding.text.language import language_of
from banksman_edge.understanding.text.tokens import is_markup, is_quoting, tokens_of, words_of
from banksman_shared.commands import Action, Command
from banksman_shared.site import Site

REFERRED = 0.95
"""Confidence kept of a fragment."""
MAY_FORBID = 0.8
"""And where the word for "no" may also say what must not be done: enough to ask for a yes."""
NOBODY = Reference(IT).token
"""Whom an order is for that names nobody, until it is known."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order with references in it. ``read``: how it was read, with references in place of ids; ``names``: whether it
    names anything of the site as well; ``carries``: whether its verb may be meant for a load."""

    read: Parse
    names: bool
    carries: bool

    @property
    def commands(self) -> tuple[Command, ...]:
        return self.read.commands


@dataclass(frozen=True, slots=True)
class Piece:
    """A fragment, and how sure it is."""

    fragment: Fragment
    confidence: float
    language: str
    length: int
    """Its tokens."""


class Hearing:
    """Reads references in the languages of one site."""

    def __init__(self, site: Site, understanding: Understanding) -> None:
        self._site, self._understanding = site, understanding
        finders = understanding.finders.items()
        self._fragments = {code: FragmentReader(site, finder, words_in(code)) for code, finder in finders}

    @staticmethod
    def is_spoken(transcript: Transcript) -> bool:
        """Whether it is all the speaker's own words: nothing is completed by what stands in quotation marks, or by
        signs that nobody speaks."""
        return not any(is_markup(h.text) or is_quoting(h.text) for h in transcript.hypotheses)

    def plan_called_off(self, transcript: Transcript) -> tuple[str, float] | None:
        """In which language a sentence calls off a plan ("forget the plan"), and how sure that is; None where it does
        not."""
        for likelihood, sentence in self._understanding.sentences(transcript):
            if is_one_of(words_in(sentence.language).no_plan, sentence.text, sentence.language):
                return sentence.language, likelihood
        return None

    def neither(self, transcript: Transcript) -> bool:
        """Whether a sentence says that nothing of what was offered is meant."""
        heard = (sentence for _, sentence in self._understanding.sentences(transcript))
        return any(is_one_of(words_in(s.language).neither, s.text, s.language) for s in heard)

    def place_kinds(self, transcript: Transcript) -> frozenset[str]:
        """The kinds of places that a sentence speaks of without a number: "go to the dock"."""
        heard = self._understanding.sentences(transcript)[:1]
        return frozenset(m.ids[0] for _, s in heard for m in s.mentions if m.what is What.PLACE_KIND)

    def order(self, transcript: Transcript, *, spoken: bool) -> Order | None:
        """The whole order with references in it that the likeliest text is, or that is told of others, "niech jedzie",
        or goes on from the last, "then go home"; None where it is none. ``spoken``: something was spoken of before."""
        for likelihood, sentence in self._understanding.sentences(transcript)[:1]:
            whom = words_in(sentence.language).of_others(sentence.text)
            if not whom and spoken and _goes_on(sentence):
                whom = THEM
            if order := self._order(sentence, spoken=spoken, whom=whom):
                read = replace(order.read, confidence=order.read.confidence * likelihood)
                return replace(order, read=read)
        return None

    def to_somebody(self, transcript: Transcript) -> Parse | None:
        """How the likeliest text that names nobody is read where it is known whom it is for; that is left out again."""
        for likelihood, sentence in self._understanding.sentences(transcript)[:1]:
            words = words_in(sentence.language)
            anyone = says_one_of(sentence.words.tokens, words.one | words.anyone)
            if not anyone and not any(mention.what in WHO for mention in sentence.mentions):
                read = self._understanding.read(_called(sentence, NOBODY))
                commands = told(read.commands, ()) if _is_for(read.commands, NOBODY) else ()
                return replace(read, commands=commands, confidence=read.confidence * likelihood) if commands else None
        return None

    def _order(self, sentence: Sentence, *, spoken: bool, whom: str = "") -> Order | None:
        words = words_in(sentence.language)
        said = self._understanding.sentence(apart(sentence.text, words, sentence.language), sentence.language)
        chosen = meant_here(find_references(said.words.tokens, said.mentions, words), said.mentions, spoken=spoken)
        front = self._without_return(said, words)
        if front is not None:
            chosen, said = tuple(m for m in chosen if m.end <= len(front.words)), front
        unnamed = not any(mention.what in WHO for mention in (*said.mentions, *chosen))
        if not chosen and not (whom and unnamed) and front is None:
            return None
        said = replace(said, mentions=with_references(said.mentions, chosen))
        read = self._understanding.read(_called(said, Reference(whom).token) if whom and unnamed else said)
        if front is not None:
            read = replace(read, commands=_and_back(read.commands))
        stops = any(command.action is Action.STOP for command in read.commands)
        if stops or not is_open(read.commands) or is_mixed(read.commands):
            return None  # nothing is stopped by reference: a stop needs none
        names = any(is_live(m.ids[0]) for m in chosen) or len(said.mentions) > 0
        return Order(read, names, _may_carry(said))

    def _without_return(self, sentence: Sentence, words: Words) -> Sentence | None:
        """What stands before the words for the way back, with which a sentence ends; None where it does not."""
        tokens = sentence.words.tokens
        for end in range(len(tokens), max(1, len(tokens) - 3), -1):
            for at in range(1, end):
                if tokens[at:end] in words.returns and all((token,) in words.small for token in tokens[end:]):
                    return self._understanding.sentence(sentence.words.written(0, at), sentence.language)
        return None

    def fragments(self, transcript: Transcript, asked_in: str = "", choices: Sequence[str] = ()) -> Iterator[Piece]:
        """What may complete an earlier order, or pick one of ``choices``, the likeliest first. A word or two may be of
        any language, and are taken for that of the question first."""
        languages = dict.fromkeys((asked_in, *self._fragments)) if asked_in else {}
        for likelihood, sentence in self._understanding.sentences(transcript):
            for code in dict.fromkeys((*languages, sentence.language)):
                said = self._understanding.sentence(sentence.text, code) if code in self._fragments else None
                if said and (piece := self._fragment(said, likelihood, choices)):
                    yield piece
                    break

    def _fragment(self, sentence: Sentence, likelihood: float, choices: Sequence[str]) -> Piece | None:
        code, tokens = sentence.language, sentence.words.tokens
        words = words_in(code)
        mentions = with_references(sentence.mentions, find_references(tokens, sentence.mentions, words))
        exclaimed, sure = _exclaimed_no(sentence.text, words, code)
        if any(mention.start < exclaimed for mention in mentions):
            exclaimed, sure = 0, True  # the "No." of a number
        fragment = self._fragments[code].read(tokens, mentions, exclaimed=exclaimed)
        said = fragment and (fragment.names or fragment.kinds or fragment.marks or fragment.missing or fragment.either)
        if fragment is None or not said:
            fragment = by_telling_word(tokens, choices, self._site, code)
        if fragment is None:
            return None
        late = MEANT in fragment.late and not phrases_of(code).postfix  # "and forklift four, sorry"
        confidence = fragment.certainty * likelihood * REFERRED * (MAY_FORBID if late or not sure else 1.0)
        return Piece(fragment, confidence, code, len(tokens))

    def instead(self, transcript: Transcript, *, of_somebody: bool) -> Order | None:
        """A whole order in place of another: behind "no" or "I meant", "no, go to dock three", or with an "instead" in
        it. ``of_somebody``: the other one was for somebody, whom this one is for, too, where it names nobody."""
        for likelihood, sentence in self._understanding.sentences(transcript)[:1]:
            words = words_in(sentence.language)
            without = words.without_instead(sentence.text)
            behind, sure = _behind_no(without or sentence.text, words, sentence.language)
            if without and not behind:
                behind, sure = without, True
            if behind and (order := self._instead(behind, sentence.language, of_somebody=of_somebody)):
                kept = likelihood * (1.0 if sure else MAY_FORBID)
                return replace(order, read=replace(order.read, confidence=order.read.confidence * kept))
        return None

    def _instead(self, text: str, code: str, *, of_somebody: bool) -> Order | None:
        words = words_in(code)
        said = self._understanding.sentence(apart(text, words, code), code)
        if self._fragments[code].read(said.words.tokens, said.mentions):
            return None
        chosen = meant_here(find_references(said.words.tokens, said.mentions, words), said.mentions, spoken=True)
        said = replace(said, mentions=with_references(said.mentions, chosen))
        unnamed = of_somebody and not any(mention.what in WHO for mention in said.mentions)
        read = self._understanding.read(_called(said, NOBODY) if unnamed else said)
        read = replace(read, commands=told(read.commands, ())) if unnamed else read
        works = bool(read.commands) and all(c.action in GOING for c in read.commands)
        return Order(read, True, _may_carry(said)) if works and not (read.choices or is_mixed(read.commands)) else None


def _called(sentence: Sentence, token: str) -> Sentence:
    """A sentence as it would be if somebody were called by name at its beginning."""
    words = words_of(f"V, {sentence.text}")
    shifted = (replace(m, start=m.start + 1, end=m.end + 1) for m in sentence.mentions)
    return replace(sentence, words=words, mentions=(Mention(What.VEHICLE, (token,), 0, 1, 1.0, "V"), *shifted))


def _and_back(commands: Sequence[Command]) -> tuple[Command, ...]:
    """The steps and the way back of whoever takes the last of them; nothing where one is no step to come back from, or
    does not say where. Where nobody is named, it is whoever was spoken of: nobody else's way back is known."""
    if not commands or any(c.action not in GOING or not (c.origin or c.destination) for c in commands):
        return ()
    steps = [Command(c.action, c.vehicles or (NOBODY,), origin=c.origin, destination=c.destination) for c in commands]
    return (*steps, Command(Action.MOVE, steps[-1].vehicles, destination=Reference(BACK).token))


def _is_for(commands: Sequence[Command], token: str) -> bool:
    return all(command.vehicles == (token,) for command in commands)


def _goes_on(sentence: Sentence) -> bool:
    """Whether it begins with "then"."""
    tokens, then = sentence.words.tokens, language_of(sentence.language).closed.get("then", ())
    return any(tokens[: len(phrase)] == phrase for phrase in then)


def is_mixed(commands: Sequence[Command]) -> bool:
    """Whether "it" would be somebody besides those that are named: then it is their load."""
    for command in commands:
        keys = {r.key if (r := reference_of(v)) else "" for v in command.vehicles}
        if len(keys) > 1 and keys & (PRONOUNS - {OTHER}):
            return True
    return False


def _may_carry(sentence: Sentence) -> bool:
    """Whether a verb in a sentence may be meant for a load."""
    actions = phrases_of(sentence.language).actions
    tokens = sentence.words.tokens
    spans = (tokens[at:end] for at in range(len(tokens)) for end in range(at + 1, min(at + 4, len(tokens)) + 1))
    return any(Action.TRANSPORT in actions.get(span, ()) for span in spans)


def _behind_no(text: str, words: Words, code: str) -> tuple[str, bool]:
    """What follows the "I meant", or the "no" with a comma behind it, that a sentence begins with, and whether that is
    for sure: without the comma, and in some languages even with it, "no" may forbid what follows."""
    if rest := behind_no(text, code):
        said = tokens_of(text.removesuffix(rest))
        meant, sure = _behind_meant(rest, words)
        return (meant, sure) if meant else (rest, NO in words.say.get(said, ()) or NOT not in words.say.get(said, ()))
    return _behind_meant(text, words)


def _exclaimed_no(text: str, words: Words, code: str) -> tuple[int, bool]:
    """How many tokens the no has that is set off at the beginning of a sentence, and whether it is for sure one."""
    rest = behind_no(text, code)
    said = tokens_of(text.removesuffix(rest)) if rest else ()
    return len(said), NO in words.say.get(said, ()) or NOT not in words.say.get(said, ())


def _behind_meant(text: str, words: Words) -> tuple[str, bool]:
    parts = text.split()
    for length in range(min(words.longest, len(parts) - 1), 0, -1):
        if MEANT in words.say.get(tokens_of(" ".join(parts[:length])), ()):
            return " ".join(parts[length:]), True
    return "", False
