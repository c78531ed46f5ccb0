"""Somebody whom the site does not know and who is only waited for: "wait for Hugo" stops nobody, "wait, Hugo" does.

A name is known by its capital letter, or by a title beside it; in German, where nouns have one too, if it has no
article and is nothing one waits for, "Freigabe". What may be anything else, "wait for clearance", may
mean that everybody shall stand, and stops: to stand is the safe side.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from banksman_edge.nlu.awaited import beside_awaited, only_waits, waits_only, without
from banksman_edge.nlu.item import Item
from banksman_edge.nlu.items import itemize
from banksman_edge.nlu.language import (
    ARTICLES,
    AWAITED,
    AWAITS,
    AWAITS_BARE,
    FILLER,
    FROM,
    TITLES,
    TO,
    Language,
    table_of,
)
from banksman_edge.nlu.mention import Mention
from banksman_edge.nlu.mentions import MentionFinder
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.tokens import BREAK, UNSPACED, Tokens, as_written, together
from banksman_edge.nlu.until import waiting_until

MOST_NAMES = 2
"""Words that a name has at most."""
_CAPITAL_NOUNS = frozenset({"de"})
"""Languages in which a capital letter is no sign of a name."""


ReadTokens = Callable[[Tokens, tuple[Mention, ...]], Reading]


def awaiting(whole: Reading, finder: MentionFinder, text: str, read: ReadTokens) -> Reading | None:
    """What a sentence tells without who is waited for, where that is somebody unknown; or nothing, where nobody is told
    anything but to wait for somebody. None where it is no such sentence."""
    if until := waiting_until(whole, finder, text, read):
        return until
    if span := _awaited(whole, finder, text):
        rest = read(*without([span], whole.tokens, whole.mentions))
        return beside_awaited(rest, whole.tokens, whole.mentions) if whole.mentions else waits_only(whole)
    apart = len(BREAK.split(text)) > 1
    return waits_only(whole) if whole.mentions and only_waits(whole, finder, apart=apart) else None


def _awaited(reading: Reading, finder: MentionFinder, text: str) -> tuple[int, int] | None:
    """From which token to before which it is said who is waited for."""
    tokens, language = reading.tokens, finder.language
    items = itemize(tokens, finder, reading.mentions)
    strange = [at for at, item in enumerate(items) if item.unknown]
    if not strange or any(item.actions and not (item.plays(AWAITS) or item.plays(AWAITED)) for item in items):
        return None
    first, last = strange[0], strange[-1]
    if last - first + 1 != len(strange) or not _is_name(tokens, items, first, last, language, text):
        return None
    verb = _verb_behind(items, last) if language.postfix else _verb_before(items, first, last, language)
    if verb is None:
        return None
    span = sorted((items[verb], items[first], items[last]), key=lambda item: item.start)
    said = as_written(together(tokens[span[0].start : span[-1].end]), text, language.code)
    if len([part for part in BREAK.split(said) if part]) != 1:
        return None  # "wait, Hugo"
    return (items[first].start, items[verb].start) if language.postfix else (items[verb].end, items[last].end)


def _is_name(tokens: Tokens, items: Sequence[Item], first: int, last: int, language: Language, text: str) -> bool:
    """Whether strange words are what somebody is called."""
    start, end = items[first].start, items[last].end
    if any(TITLES in language.roles_of(part) for part in _beside(tokens, start, end)):
        return last - first < MOST_NAMES * (2 if language.code in UNSPACED else 1)
    words = as_written(together(tokens[start:end]), text, language.code).split()
    capital = all(word[0].isupper() for word in words) and not text.isupper() and start > 0
    return capital and len(words) <= MOST_NAMES and not _is_cause(tokens, start, words, language)


def _is_cause(tokens: Tokens, start: int, words: Sequence[str], language: Language) -> bool:
    """Whether it may be a noun that everybody shall wait for, where nouns have capital letters."""
    if language.code not in _CAPITAL_NOUNS:
        return False
    table = table_of(language.code).get("waiting", {})
    bare = AWAITED in language.roles_of(tokens[start - 1 : start])
    endings = tuple(table.get("cause_endings", ()))
    return not bare or any(word in table.get("causes", ()) or word.endswith(endings) for word in words)


def _beside(tokens: Tokens, start: int, end: int) -> list[Tokens]:
    return [tokens[start - n : start] for n in (1, 2) if n <= start] + [tokens[end : end + n] for n in (1, 2)]


def _verb_before(items: Sequence[Item], first: int, last: int, language: Language) -> int | None:
    """The verb that waits, with the words that say for whom between it and the name, and nothing behind it."""
    at = first - 1
    while at >= 0 and not items[at].plays(AWAITS) and _is_small(items[at]):
        at -= 1
    if at < 0 or not items[at].plays(AWAITS) or not all(map(_is_small, items[last + 1 :])):
        return None
    between = items[at + 1 : first]
    bare = all(item.plays(TITLES) for item in between) and _takes_objects(items[at], language)
    return at if bare or any(item.plays(AWAITED) for item in between) else None


def _verb_behind(items: Sequence[Item], last: int) -> int | None:
    """The same where verbs come last."""
    at = last + 1
    while at < len(items) and not items[at].plays(AWAITS) and _is_small(items[at]):
        at += 1
    marked = any(item.plays(AWAITED) for item in items[last + 1 : at])
    return at if marked and at < len(items) and items[at].plays(AWAITS) else None


def _takes_objects(verb: Item, language: Language) -> bool:
    """Whether a verb that waits has the name right behind it, and nothing but articles may stand between."""
    markers = (phrase for phrase, meant in language.phrases.items() if AWAITED in meant.roles)
    bare = all(any(ARTICLES in language.roles_of((token,)) for token in phrase) for phrase in markers)
    return verb.plays(AWAITS_BARE) and bare


def _is_small(item: Item) -> bool:
    return any(map(item.plays, (FILLER, AWAITED, TITLES, FROM, TO))) and not item.mention
