"""Stops with which a text begins that runs on: recognisers leave out the commas of those who shout, "cart six stop
there's somebody behind you". What goes on with a stop, and so makes something else of it, is ``goes_on`` of the table
``[provisos]``, "stop **complaining**", save what begins as ``tells_why`` of it, "stop **something's** on the floor"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from banksman_edge.nlu.exclamations import behind_exclamations, is_urgent, says_stop_twice
from banksman_edge.nlu.grammar import Grammar
from banksman_edge.nlu.interpretation import Interpretation
from banksman_edge.nlu.language import (
    AND,
    ARTICLES,
    AWAITS,
    AWAITS_BARE,
    FROM,
    HESITATES,
    SHOUTS,
    THEN,
    TO,
    Language,
    only_stops,
    table_of,
)
from banksman_edge.nlu.names import WHO
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.stop import LIKELY, exact_stop, forbids_stop, names_all, shouts
from banksman_edge.nlu.talk import SAYS, talk_of
from banksman_edge.nlu.tokens import BREAK, UNSPACED, Tokens, together, tokenize
from banksman_shared.commands import Action

LONGEST_WORDS, LONGEST_CHARACTERS = 10, 20
"""How long what says to stop, and whom, is at most."""
LONGEST_WORD = 3
"""Characters of a word that stops, 停车."""
LEAST_TOLD = 2
"""Words, or characters, that are told behind a stop: fewer belong to it."""
_LEADS_ON = frozenset({AND, AWAITS, AWAITS_BARE, FROM, THEN, TO})
"""What goes on with what is said before it: "stop at the gate", "stop and …"."""
_OF = frozenset("の的")
"""What makes of a name whose something is: シャトル2のブレーキ."""
_HIRAGANA = re.compile(r"[\u3041-\u309f]")


def stop_running_on(text: str, grammar: Grammar) -> Interpretation | None:
    """The stop of somebody who is named, of everybody, or that is called out twice, with which a text begins, maybe
    behind a warning, and behind which no mark stands before what else is told."""
    whole = grammar.read(next((part for part in BREAK.split(text) if part), ""))
    if whole.commands or whole.taken_back or whole.clause.planning or whole.clause.another_day:
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
    """Where it may end, from the last: not within a name, nor where what follows goes on with it."""
    tokens = whole.tokens
    longest = LONGEST_CHARACTERS if whole.language in UNSPACED else LONGEST_WORDS
    if 0 < len(tokens) - start <= longest and start:
        yield len(tokens)
    for end in range(min(start + longest, len(tokens) - LEAST_TOLD), start, -1):
        within = tokens[end - 1] in _OF or any(m.start < end < m.end for m in whole.mentions)
        if not within and not _goes_on(tokens[end:], whole.words):
            yield end


def _goes_on(rest: Tokens, words: Language) -> bool:
    code = words.code
    if _begins(rest, "tells_why", code):
        return False
    phrase, _ = words.match(rest, 0) or (None, 1)
    leads = phrase is not None and phrase.roles & _LEADS_ON and SHOUTS not in phrase.roles
    return bool(leads) or _begins(rest, "goes_on", code) or (code in UNSPACED and bool(_HIRAGANA.match(rest[0])))


def _is_called_out(reading: Reading, rest: Tokens, grammar: Grammar) -> bool:
    """Whether what reads as a stop is an order to stand, before ``rest``, and not part of what is told."""
    clause, words = reading.clause, reading.words
    told = reading.retold or clause.may_tell or clause.presents or clause.only_waits
    said_so = SAYS in talk_of(grammar.language).roles(rest, ()) and not shouts(rest, words)
    if told or said_so or not _is_shouted(reading) or forbids_stop(grammar.read(together(rest))):
        return False
    if says_stop_twice(reading.tokens, words):
        return True
    if _may_lead(reading) and not (is_urgent(reading.tokens, words) or _begins(rest, "tells_why", grammar.language)):
        return False
    named = any(mention.what in WHO for mention in reading.mentions)
    return named or _says_more_than_stop(reading) or (names_all(reading) and shouts(reading.tokens, words))


def _says_more_than_stop(reading: Reading) -> bool:
    """Whether it begins with several words that mean nothing but a stop: "nobody move", 谁都别动."""
    phrase, length = reading.words.match(reading.tokens, 0) or (None, 0)
    waits = phrase is not None and phrase.roles & {AWAITS, AWAITS_BARE, HESITATES}  # "hold on a second I think"
    return only_stops(phrase) and not waits and length >= (LONGEST_WORD if reading.language in UNSPACED else 2)


def _is_shouted(reading: Reading) -> bool:
    """Whether a word in it stops at once, or means nothing but that, where nobody is spoken of: "the brakes of cart six
    …", "the cart stops …"."""
    words, tokens = reading.words, reading.tokens
    if any(token in _OF for mention in reading.mentions for token in tokens[mention.end - 1 : mention.end + 1]):
        return False
    starts = {0, *(max(0, mention.start - 1) for mention in reading.mentions)}
    spoken_of = any(words.roles_of(tokens[at : at + 1]) & {ARTICLES, FROM} for at in starts)
    found = filter(None, (words.match(tokens, at) for at in range(len(tokens))))
    return shouts(tokens, words) or (not spoken_of and any(only_stops(phrase) for phrase, _ in found))


def _may_lead(reading: Reading) -> bool:
    """Whether all that stops in it may be a preposition, too: "pinza dos para el turno de noche no tiene batería"."""
    found = (reading.words.match(reading.tokens, at) for at in range(len(reading.tokens)))
    stopping = [phrase for phrase, _ in filter(None, found) if Action.STOP in phrase.actions]
    return all(TO in phrase.roles and not only_stops(phrase) for phrase in stopping)


def _begins(rest: Tokens, key: str, code: str) -> bool:
    return any(
        rest[: len(words)] == words or (words[0] == "-" and len(words) == 2 and rest[0].endswith(words[1]))
        for words in _phrases(key, code)
    )


@cache
def _phrases(key: str, code: str) -> frozenset[Tokens]:
    listed = table_of(code).get("provisos", {}).get(key, ())
    return frozenset(("-", word[1:]) if word.startswith("-") else tokenize(word, code) for word in listed)
