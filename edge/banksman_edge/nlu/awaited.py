"""Who is only waited for: "robot two, wait at dock one for forklift three" sends nobody but the robot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from banksman_edge.nlu.inflection import OBJECT
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.items import itemize
from banksman_edge.nlu.language import AND, ARTICLES, AWAITED, AWAITS, AWAITS_BARE, FILLER, FROM, THEN, TO, Language
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.mentions import MentionFinder
from banksman_edge.nlu.names import WHERE, WHO
from banksman_edge.nlu.reading import MAY_TELL, Reading
from banksman_edge.nlu.tokens import Tokens
from banksman_shared.commands import Action

_ARTICLES = 2
"""Tokens of small words between the marker of who is waited for and their name, at most."""


def without_awaited(
    tokens: Tokens, mentions: Sequence[Mention], items: Sequence[Item], language: Language
) -> tuple[Tokens, tuple[Mention, ...]] | None:
    """The tokens and names without those who are waited for, where somebody else, or a place, is named; None where
    nobody is waited for."""
    spans = list(_spans(tokens, items, language))
    if not spans:
        return None
    left = [m for m in mentions if not any(m.start < end and start < m.end for start, end in spans)]
    if not any(m.what in WHO or m.what in WHERE for m in left):
        return None
    return without(spans, tokens, left)


def without(
    spans: Sequence[tuple[int, int]], tokens: Tokens, mentions: Sequence[Mention]
) -> tuple[Tokens, tuple[Mention, ...]]:
    """Tokens and names without what stands from one token to another; the names stand elsewhere."""
    kept = [at for at in range(len(tokens)) if not any(start <= at < end for start, end in spans)]
    moved = {at: new for new, at in enumerate(kept)}
    return tuple(tokens[at] for at in kept), tuple(
        replace(m, start=moved[m.start], end=moved[m.end - 1] + 1) for m in mentions
    )


def only_waits(reading: Reading, finder: MentionFinder, *, apart: bool) -> bool:
    """Whether nobody is told anything, and it is only said who is waited for: "wait for cart two", which stops nobody.
    ``apart``: whether something is set off by a comma. Then a name with no more than an article may be whom it is said
    to: "attends, le chariot deux"."""
    tokens, language = reading.tokens, finder.language
    items = itemize(tokens, finder, reading.mentions)
    spans = list(_spans(tokens, items, language))
    verbs = [item for item in items if item.actions]
    if not spans or not verbs or not all(item.plays(AWAITS) for item in verbs):
        return False
    if any((item.is_who or item.is_where) and not _within(item, spans) for item in items):
        return False
    stops = any(Action.STOP in item.actions for item in verbs)
    return language.postfix or not stops or _is_marked(tokens, items, spans[0][0], language, apart=apart)


def waits_only(reading: Reading) -> Reading:
    """A reading that tells nobody anything but that somebody is waited for."""
    return replace(reading, commands=(), clause=replace(reading.clause, verbs=[], only_waits=True))


def _within(item: Item, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= item.start < end for start, end in spans)


def _is_marked(tokens: Tokens, items: Sequence[Item], start: int, language: Language, *, apart: bool) -> bool:
    """Whether the name behind ``start`` has a word that says for whom, and but articles in between: "wait for me, cart
    two" is said to the cart."""
    name = next(item.start for item in items if item.is_who and item.start >= start)
    length = next((n for n in (2, 1) if AWAITED in language.roles_of(tokens[start : start + n])), 0)
    marker, between = tokens[start : start + length], tokens[start + length : name]
    plain = not apart or ARTICLES not in language.roles_of(marker)
    return bool(marker) and plain and all(ARTICLES in language.roles_of((token,)) for token in between)


def beside_awaited(told: Reading, tokens: Tokens, mentions: tuple[Mention, ...]) -> Reading:
    """What is left of a sentence without those who are waited for, ``told``: never surely an order, and one who waits
    for them first, and goes then, needs a plan."""
    actions = {command.action for command in told.commands}
    if Action.STOP in actions and len(actions) > 1:
        told = replace(told, commands=(), clause=replace(told.clause, planning=True))
    return replace(told, tokens=tokens, mentions=mentions, certainty=told.certainty * MAY_TELL)


def _spans(tokens: Tokens, items: Sequence[Item], language: Language) -> Iterator[tuple[int, int]]:
    """From where to where somebody is named who is waited for, with the words that say so."""
    last = -1
    for at, item in enumerate(items):
        if not item.is_who:
            continue
        find = _behind_noun if language.postfix else _before_noun
        joined = last >= 0 and _continues(items, last, at)  # "for forklift two and robot one"
        if span := (items[last].end, item.end) if joined else find(tokens, items, at, language):
            last = at
            yield span


def _before_noun(tokens: Tokens, items: Sequence[Item], at: int, language: Language) -> tuple[int, int] | None:
    """The span of a vehicle behind a verb of waiting, and behind the word that says for whom."""
    verb = next((n for n in range(at - 1, -1, -1) if items[n].actions), None)
    if verb is None or not items[verb].plays(AWAITS) or not _are_small(items[verb + 1 : at]):
        return None
    begin = _marker(tokens, items[at].start, language)
    if begin is not None and begin >= items[verb].start + 1:
        return begin, items[at].end
    # "Wait at dock one, Otto" is said to Otto, unless somebody else was called before.
    direct = not items[at - 1].is_where and Action.STOP not in items[verb].actions
    bare = items[verb].plays(AWAITS_BARE) and (direct or any(item.is_who for item in items[:verb]))
    alone = not any(item.actions for item in items[at + 1 :])
    return (items[at].start, items[at].end) if bare and alone else None


def _marker(tokens: Tokens, end: int, language: Language) -> int | None:
    """Where the word begins that says for whom, before a name, articles in between; None where there is none."""
    for stop in range(end, max(0, end - _ARTICLES) - 1, -1):
        if stop < end and FILLER not in language.roles_of(tokens[stop : stop + 1]):
            return None
        for length in (2, 1):
            if stop >= length and AWAITED in language.roles_of(tokens[stop - length : stop]):
                return stop - length
    return None


def _behind_noun(tokens: Tokens, items: Sequence[Item], at: int, language: Language) -> tuple[int, int] | None:
    """The same where verbs come last: フォークリフト3を待って, "forklift üçü bekle"."""
    mention, end = items[at].mention, items[at].end
    length = next((n for n in (2, 1) if AWAITED in language.roles_of(tokens[end : end + n])), 0)
    if not length and not (mention and mention.role == OBJECT):
        return None
    verb = next((n for n in range(at + 1, len(items)) if items[n].actions and items[n].start >= end), None)
    if verb is None or not items[verb].plays(AWAITS) or not _are_small(items[at + 1 : verb]):
        return None
    return items[at].start, end + length


def _continues(items: Sequence[Item], last: int, at: int) -> bool:
    """Whether nothing but an "and" stands between two names, and no verb behind them."""
    between = items[last + 1 : at]
    joined = any(item.plays(AND) for item in between) and all(_is_and_or_small(item) for item in between)
    return joined and not any(item.actions for item in items[at + 1 :])


def _is_and_or_small(item: Item) -> bool:
    return not item.actions and not item.mention and (item.plays(AND) or item.plays(FILLER))


def _are_small(items: Sequence[Item]) -> bool:
    """Whether nothing but places, prepositions and the like stands there."""
    joints = any(item.plays(AND) or item.plays(THEN) for item in items)
    return not joints and all(item.is_where or any(map(item.plays, (FILLER, FROM, TO, AWAITED))) for item in items)
