"""Stops with which a text begins that runs on: recognisers leave out the commas of those who shout, "cart six stop
there's somebody behind you". What goes on with a stop, and so makes something else of it, is ``goes_on`` of the table
``[provisos]``, "stop **complaining**", save what begins as ``tells_why`` of it, "stop **something's** on the floor"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from banksman_edge.nlu.exclamations import behind_exclamations, says_stop_twice, shouts
from banksman_edge.nlu.grammar import Grammar
from banksman_edge.nlu.interpretation import Interpretation
from banksman_edge.nlu.language import (
    AND,
    ARTICLES,
    AWAITS,
    AWAITS_BARE,
    EACH,
    FROM,
    HESITATES,
    SHOUTS,
    THEN,
    TO,
    Language,
    Phrase,
    only_stops,
    table_of,
)
from banksman_edge.nlu.names import WHO
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.stop import LIKELY, exact_stop, forbids_stop, names_all
from banksman_edge.nlu.talk import SAYS, talk_of
from banksman_edge.nlu.tokens import BREAK, UNSPACED, Tokens, together, tokenize
from banksman_shared.commands import Action

LONGEST_WORDS, LONGEST_CHARACTERS = 10, 20
"""How long what says to stop, and whom, is at most."""
NEAR = 6
"""Words within which a reason is given behind where it is: "on the floor there's somebody"."""
LEAST_TOLD = 2
"""Words, or characters, that are told behind a stop: fewer belong to it."""
_LEADS_ON = frozenset({AND, AWAITS, AWAITS_BARE, FROM, THEN, TO})
"""What goes on with what is said before it: "stop at the gate", "stop and …"."""
_CALM = frozenset({AWAITS, AWAITS_BARE, HESITATES})
"""What makes wait for something."""
_OF = frozenset("の的がは")
"""What makes of a name whose something is, or of whom something is told: シャトル2のブレーキ."""
_HIRAGANA = re.compile(r"[\u3041-\u309f]")


def stop_running_on(text: str, grammar: Grammar) -> Interpretation | None:
    """The stop of somebody who is named, of everybody, or that is called out twice, with which a text begins, maybe
    behind a warning, and behind which no mark stands before what else is told."""
    whole = grammar.read(next((part for part in BREAK.split(text) if part), ""))
    calm = whole.commands or whole.taken_back or whole.clause.planning or whole.clause.another_day
    if calm or not _stopping(whole.tokens, whole.words):
        return None
    for start in _starts(whole):
        for end in _ends(start, whole):
            said = whole.tokens[start:end]
            reading = grammar.reading(said, grammar.finder.find(said))
            if any(command.action is not Action.STOP for command in reading.commands):
                break  # "pinza dos para la rotativa uno …" is no "pinza dos para"
            if _is_called_out(reading, whole.tokens[end:], grammar) and (stop := exact_stop(reading)):
                return replace(stop, confidence=LIKELY, reason="a stop before what runs on behind it")
    return None


def _starts(whole: Reading) -> Iterator[int]:
    """Where it may begin: at the first word, behind exclamations, or behind what is called out twice, "hey hey"."""
    tokens = whole.tokens
    yield 0
    if rest := behind_exclamations(tokens, whole.language):
        yield len(tokens) - len(rest)
    again = next((at for at in range(1, len(tokens)) if tokens[at] != tokens[0]), 0)
    if again > 1:
        yield again


def _ends(start: int, whole: Reading) -> Iterator[int]:
    """Where it may end, from the last: behind the word that stops, or what follows it, as long as nothing goes on."""
    tokens, words = whole.tokens, whole.words
    longest = LONGEST_CHARACTERS if whole.language in UNSPACED else LONGEST_WORDS
    if start and len(tokens) - start <= longest:
        yield len(tokens)
    named, ends, at, stops = {mention.start: mention.end for mention in whole.mentions}, list[int](), start, False
    while at < min(start + longest, len(tokens) - LEAST_TOLD):
        phrase, length = words.match(tokens, at) or (None, 1)
        stops = stops or (at not in named and phrase is not None and Action.STOP in phrase.actions)
        at = named.get(at, at + length)
        if stops and (at > len(tokens) - LEAST_TOLD or _goes_on(at, whole)):
            break
        ends += [at] if stops and tokens[at - 1] not in _OF else []
    yield from reversed(ends)


def _goes_on(at: int, whole: Reading) -> bool:
    """Whether what follows belongs to what is said before it, unless it tells why, or what is there."""
    rest, code = whole.tokens[at:], whole.language
    if _tells_why(rest, code) or behind_exclamations(rest, code) != rest:
        return False
    phrase, _ = whole.words.match(rest, 0) or (None, 1)
    if phrase is not None and phrase.roles & _LEADS_ON and SHOUTS not in phrase.roles:
        there = next((n for n in range(1, NEAR) if _begins(rest[n:], "since", code)), 0)
        return not there or any(at <= mention.start < at + there for mention in whole.mentions)
    return _begins(rest, "goes_on", code) or (code in UNSPACED and bool(_HIRAGANA.match(rest[0])))


def _tells_why(rest: Tokens, code: str) -> bool:
    return _begins(rest, "tells_why", code) or _begins(rest, "since", code)


def _is_called_out(reading: Reading, rest: Tokens, grammar: Grammar) -> bool:
    """Whether what reads as a stop is an order to stand, before ``rest``, and not part of what is told."""
    clause, words = reading.clause, reading.words
    told = reading.retold or clause.may_tell or clause.presents or clause.only_waits
    said_so = SAYS in talk_of(grammar.language).roles(rest, ()) and not shouts(rest, words)
    if told or said_so or not _is_shouted(reading) or forbids_stop(grammar.read(together(rest))):
        return False
    if says_stop_twice((*reading.tokens, *rest), words):
        return True
    stopping = _stopping(reading.tokens, words)
    opens, _ = words.match(reading.tokens, 0) or (None, 1)
    each = opens is not None and EACH in opens.roles  # "every stop counts"
    if each or any(phrase.roles & _CALM for phrase in stopping) or all(map(_may_lead, stopping)):
        return False
    named = any(mention.what in WHO for mention in reading.mentions)
    return named or _lets_nobody_move(reading) or (names_all(reading) and shouts(reading.tokens, words))


def _lets_nobody_move(reading: Reading) -> bool:
    """Whether it begins with words that stop, among them those of ``nobody_moves``: "nobody move", 谁都别动."""
    phrase, length = reading.words.match(reading.tokens, 0) or (None, 0)
    spans = (reading.tokens[at:length] for at in range(length))
    return only_stops(phrase) and any(_begins(span, "nobody_moves", reading.language) for span in spans)


def _is_shouted(reading: Reading) -> bool:
    """Whether a word in it stops at once, or means nothing but that, where nobody is spoken of: "the brakes of cart six
    …", "the cart stops …"."""
    words, tokens = reading.words, reading.tokens
    if any(token in _OF for mention in reading.mentions for token in tokens[mention.end - 1 : mention.end + 1]):
        return False
    starts = {0, *(max(0, mention.start - 1) for mention in reading.mentions)}
    spoken_of = any(words.roles_of(tokens[at : at + 1]) & {ARTICLES, FROM} for at in starts)
    return shouts(tokens, words) or (not spoken_of and any(map(only_stops, _stopping(tokens, words))))


def _may_lead(phrase: Phrase) -> bool:
    """Whether it may be a preposition, too: "pinza dos para el turno de noche no tiene batería"."""
    return TO in phrase.roles and not only_stops(phrase)


def _stopping(tokens: Tokens, words: Language) -> list[Phrase]:
    """The phrases in it that stop somebody."""
    found = filter(None, (words.match(tokens, at) for at in range(len(tokens))))
    return [phrase for phrase, _ in found if Action.STOP in phrase.actions]


def _begins(rest: Tokens, key: str, code: str) -> bool:
    ended = any(rest[0].endswith(words[1]) for words in _phrases(key, code) if rest and words[0] == "-")
    return ended or any(rest[: len(words)] == words for words in _phrases(key, code))


@cache
def _phrases(key: str, code: str) -> frozenset[Tokens]:
    listed = table_of(code).get("provisos", {}).get(key, ())
    return frozenset(("-", word[1:]) if word.startswith("-") else tokenize(word, code) for word in listed)
