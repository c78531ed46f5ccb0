"""Who is only named to say how long somebody waits: "wait here until forklift two is done" tells forklift two nothing.

The words are the table ``[waiting]`` of a language's file: ``until``, before a vehicle, or, where verbs come last,
``until_behind``, behind a verb with one of the ``endings``, of which a vehicle with one of the ``subjects`` is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate

from banksman_edge.nlu.awaited import beside_awaited, waits_only, without
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.items import all_joined, itemize
from banksman_edge.nlu.language import AND, ARTICLES, AWAITS, FILLER, THEN, table_of
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.mentions import MentionFinder
from banksman_edge.nlu.names import WHERE, WHO, What
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.tokens import BREAK, UNSPACED, Tokens, tokenize
from banksman_shared.commands import Action, Command

_SMALL = 2
"""Articles and the like between "until" and a vehicle, at most."""
_LONGEST = 8
"""Words between a vehicle and the "until" behind its verb, at most; half the characters where words are not parted."""
_SELECTED = {What.VEHICLE: "", What.GROUP: "group:", What.VEHICLE_KIND: "kind:"}


@dataclass(frozen=True, slots=True)
class _Words:
    until: tuple[Tokens, ...]
    behind: tuple[Tokens, ...]
    ends: tuple[Tokens, ...]
    """What begins the rest of the sentence: "तब तक"."""
    subjects: frozenset[str]
    endings: tuple[str, ...]
    inverted: int
    """Words that may stand between "until" and a vehicle, as verbs do in "hasta que termine la carretilla"."""


@dataclass(frozen=True, slots=True)
class _Until:
    """Tokens [start, end) of a clause, and the vehicles of which it is."""

    start: int
    end: int
    who: tuple[Mention, ...]


@cache
def _words_of(code: str) -> _Words:
    table = table_of(code).get("waiting", {})
    until, behind, ends = (
        tuple(sorted((tokenize(words, code) for words in table.get(key, ())), key=len, reverse=True))
        for key in ("until", "until_behind", "until_ends")
    )
    subjects, endings = (
        tuple(tokenize(word, code)[0] for word in table.get(key, ())) for key in ("subjects", "endings")
    )
    return _Words(until, behind, ends, frozenset(subjects), endings, table.get("inverted", 0))


def waiting_until(
    whole: Reading, finder: MentionFinder, text: str, read: Callable[[Tokens, tuple[Mention, ...]], Reading]
) -> Reading | None:
    """What a sentence tells without the clause that says until when, where that is of vehicles and somebody is to wait;
    None where it is no such sentence. Where nobody is named beside them, nobody is told anything."""
    clauses = list(_clauses(whole, finder, text))
    if not clauses:
        return None
    spans = [(clause.start, clause.end) for clause in clauses]
    left = [m for m in whole.mentions if not any(m.start < end and start < m.end for start, end in spans)]
    tokens, mentions = without(spans, whole.tokens, left)
    verbs = [item for item in itemize(tokens, finder, mentions) if item.actions]
    if not verbs or not any(item.plays(AWAITS) or Action.STOP in item.actions for item in verbs):
        return None
    if not any(mention.what in WHO for mention in mentions):
        if any(mention.what in WHERE for mention in mentions):
            return None
        return replace(waits_only(whole), waits_until=True)
    return beside_awaited(read(tokens, mentions), whole.tokens, whole.mentions)


def without_waited_for(
    commands: Sequence[Command], reading: Reading, finder: MentionFinder, text: str
) -> tuple[Command, ...]:
    """Commands without those to vehicles that are only named to say until when something is done."""
    waited = [mention for clause in _clauses(reading, finder, text) for mention in clause.who]
    if not waited:
        return tuple(commands)
    others = {who for m in reading.mentions if m not in waited for who in _selectors(m)}
    only = {who for mention in waited for who in _selectors(mention)} - others
    return tuple(command for command in commands if only.isdisjoint(command.vehicles))


def _selectors(mention: Mention) -> Iterator[str]:
    if mention.what in _SELECTED:
        yield from (f"{_SELECTED[mention.what]}{each}" for each in mention.ids)


def _clauses(reading: Reading, finder: MentionFinder, text: str) -> Iterator[_Until]:
    words = _words_of(finder.language.code)
    if not (words.until or words.behind) or not any(m.what in WHO for m in reading.mentions):
        return
    breaks = _breaks(reading.tokens, finder, text)
    items = itemize(reading.tokens, finder, reading.mentions)
    last = 0
    for at, item in enumerate(items):
        if item.is_who and item.start >= last and (found := _clause_of(items, at, reading, words, breaks)):
            last = found.end
            yield found


def _breaks(tokens: Tokens, finder: MentionFinder, text: str) -> list[int]:
    """Before which tokens something is set off; none where the parts of a text are not read as the text is."""
    lengths = list(accumulate(len(finder.tokens(part)) for part in BREAK.split(text) if part))
    return lengths if lengths and lengths[-1] == len(tokens) else [len(tokens)]


def _clause_of(items: Sequence[Item], at: int, reading: Reading, words: _Words, breaks: Sequence[int]) -> _Until | None:
    end = next((b for b in breaks if b > items[at].start), len(reading.tokens))
    begin = _until_before(reading, items[at].start, words, max((b for b in breaks if b <= items[at].start), default=0))
    last = all_joined(items, at)
    who = tuple(item.mention for item in items[at : last + 1] if item.is_who and item.mention)
    if begin is not None:
        return _Until(begin, _end_before(items, last, end, reading.tokens, words), who)
    until = _until_behind(items, last, reading, words, end)
    return _Until(items[at].start, until, who) if until else None


def _until_before(reading: Reading, start: int, words: _Words, least: int) -> int | None:
    """Where the word begins that says until when, with but articles before the vehicle at ``start``."""
    tokens, language = reading.tokens, reading.words
    named = max((mention.end for mention in reading.mentions if mention.end <= start), default=0)
    most = 0 if language.code in UNSPACED else _SMALL + words.inverted
    strange = 0
    for stop in range(start, max(least, named, start - most) - 1, -1):
        if stop < start and not language.roles_of(tokens[stop : stop + 1]) & {FILLER, ARTICLES}:
            strange += 1
        if strange > words.inverted:
            return None
        for until in words.until:
            begin = stop - len(until)
            if begin >= 0 and tokens[begin:stop] == until:
                return begin + (AWAITS in language.roles_of(until[:1]))  # of "espera a que" the verb stays
    return None


def _end_before(items: Sequence[Item], last: int, end: int, tokens: Tokens, words: _Words) -> int:
    """Where a clause ends that begins with "until": where something is set off, or another step begins."""
    for at in range(last + 1, len(items)):
        item = items[at]
        if item.start >= end:
            break
        if any(tokens[item.start : item.start + len(word)] == word for word in words.ends):
            return item.start
        if (item.plays(AND) or item.plays(THEN)) and any(other.actions for other in items[at:]):
            return item.start
    return end


def _until_behind(items: Sequence[Item], last: int, reading: Reading, words: _Words, end: int) -> int:
    """Where the word ends that says until when, behind the verb of a vehicle; 0 where there is none."""
    tokens, start = reading.tokens, items[last].end
    if not words.behind or (words.subjects and not words.subjects.intersection(tokens[start : start + 1])):
        return 0
    for at in range(start + 1, min(end, start + _LONGEST * (1 + (reading.language in UNSPACED))) + 1):
        said = any(tokens[at : at + len(word)] == word for word in words.behind)
        if said and tokens[at - 1].endswith(words.endings):
            between = [item.mention for item in items[last + 1 :] if item.start < at and item.mention]
            if words.subjects or all(mention.role for mention in between):
                return at + next(len(word) for word in words.behind if tokens[at : at + len(word)] == word)
    return 0
