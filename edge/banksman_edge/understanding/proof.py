"""Is all that was said accounted for? The proof knows no language but for a closed class of words.

A reading is of certain words of its sentence. Every name, every number and every word of the closed class (not,
without, except, only, until, or, if, a question word) has to be consumed by it in a role that fits. What is left over
is not known to be wrong, and is read back: it is never dropped in silence, and never a reason to act.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from banksman_edge.understanding.context import How, Reply
from banksman_edge.understanding.entities.finder import EntityFinder
from banksman_edge.understanding.entities.mention import Mention, What
from banksman_edge.understanding.optional_parts import ALL, Part, Without
from banksman_edge.understanding.reader.lines import Meaning
from banksman_edge.understanding.reader.tagged import Tagged
from banksman_edge.understanding.text.language import Language
from banksman_edge.understanding.text.tokens import Words
from banksman_shared.actions import Action
from banksman_shared.commands import HANDLING

_QUOTED = re.compile(r'"[^"]*"')
_CONDITIONS = ("if", "until", "or")
_KINDS = (What.VEHICLE_KIND, What.PLACE_KIND)


def left_over(
    meaning: Meaning, sentence: Tagged, finder: EntityFinder, line: str, without: Without = ALL
) -> tuple[str, ...]:
    """What of the sentence a reading does not account for, in its own words; nothing where all is consumed."""
    actions = {command.action for command in meaning.commands}
    if actions & {Action.NONE, Action.PLAN}:
        return ()
    found = [] if Part.PROVED_NAMES in without else [mention.text for mention in _names(meaning, sentence)]
    found += [] if Part.PROVED_NUMBERS in without else _numbers(meaning, sentence, finder)
    found += [] if Part.PROVED_WORDS in without else _closed(meaning, sentence, finder.language, line)
    return tuple(dict.fromkeys(f"'{text}'" for text in found))


def _names(meaning: Meaning, sentence: Tagged) -> Iterator[Mention]:
    """Names that nobody uses. A kind beside what is of it says nothing more."""
    used = {one for mention in meaning.used for one in mention.ids}
    used |= sentence.context.named if meaning.how is How.INSTEAD else set()  # what is replaced may be named
    yield from (m for m in sentence.mentions if m.what not in _KINDS and not used & set(m.ids))


def _numbers(meaning: Meaning, sentence: Tagged, finder: EntityFinder) -> Iterator[str]:
    """Numbers that count something which is carried: what they count is said behind them."""
    carries = any(command.action in HANDLING for command in meaning.commands)
    for at, number in finder.numbers_in(sentence.words, sentence.mentions) if carries else ():
        quoted = meaning.quoted & set(range(at, at + number.length))
        end = at + number.length
        counts = end < len(sentence.words) and end not in sentence.words.pauses
        if number.value > 1 and not number.ordinal and not quoted and counts:
            yield sentence.words.written(at, at + number.length)


def _closed(meaning: Meaning, sentence: Tagged, language: Language, line: str) -> Iterator[str]:
    """Words of the closed class that the reading has no place for."""
    words, spares = sentence.words, " but " in _QUOTED.sub("", line)
    replaced = _replaced(meaning, sentence)
    unused = [mention.end for mention in _names(meaning, sentence)]
    asks = all(command.action is Action.STATUS for command in meaning.commands)
    stops = all(command.action is Action.STOP for command in meaning.commands)
    for key, start, end in closed_in(words, language, sentence.mentions):
        consumed = (
            (key == "except" and spares)
            or (
                key in ("not", "without")
                and (stops or spares or unused or end in replaced or _begins_quote(meaning, end))
            )
            or (key == "only" and bool(meaning.used))
            or (key == "asks" and asks)
            or (key in _CONDITIONS and (asks or stops))
        )
        if not consumed:
            yield words.written(start, end)


def _replaced(meaning: Meaning, sentence: Tagged) -> frozenset[int]:
    """The tokens before which a "no" or "not" is of what an order takes the place of: at the beginning of a sentence
    with a pause behind it ("no, dock two", but never "not dock two"), and before what the other order names."""
    if meaning.how is not How.INSTEAD:
        return frozenset()
    named = sentence.context.named
    replaced = {mention.start for mention in sentence.mentions if named & set(mention.ids)}
    return frozenset(replaced | ({1} & sentence.words.pauses))


def has_a_yes(words: Words, language: Language) -> bool:
    """Whether a sentence holds one of the words that are a yes: a model alone does not make one of what has none."""
    longest = max(map(len, language.yes), default=0)
    spans = ((at, at + size) for at in range(len(words)) for size in range(1, longest + 1))
    return any(tuple(words.tokens[start:end]) in language.yes for start, end in spans)


def is_more_than(reply: Reply, sentence: Tagged, language: Language) -> bool:
    """Whether a sentence says more than a reply: it names what was not named before it; or, for a yes, it asks
    something, denies, or has a condition."""
    if any(m.what not in _KINDS and not sentence.context.named & set(m.ids) for m in sentence.mentions):
        return True
    return reply is Reply.YES and any(closed_in(sentence.words, language, sentence.mentions))


def _begins_quote(meaning: Meaning, end: int) -> bool:
    """Whether what is quoted stands behind a word: "forklift two, no, three"."""
    return any(at >= end for at in meaning.quoted)


def closed_in(words: Words, language: Language, mentions: tuple[Mention, ...] = ()) -> Iterator[tuple[str, int, int]]:
    """The words of the closed class outside of names that say more than "and", "all" and "then": key and tokens."""
    named = {at for mention in mentions for at in range(mention.start, mention.end)}
    at = 0
    while at < len(words):
        key, length = (language.closed_at(words.tokens, at) or ("", 1)) if at not in named else ("", 1)
        ambiguous = words.tokens[at : at + length] in language.closed.get("ambiguous", ())
        if key and key not in ("and", "then", "all") and not ambiguous:
            yield key, at, at + length
        at += length
