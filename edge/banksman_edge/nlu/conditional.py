"""Orders that hold only if, or as soon as, something is so, of which nobody need know the words: "go to dock two unless
line four is blocked". They are for the planner, which says what it can do about it.

The words are the table ``[provisos]`` of a language's file: ``if`` before what has to be so; ``behind`` it, where verbs
come last ("-" begins an ending); and ``then`` before the order, where nothing else parts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from banksman_edge.nlu.language import table_of
from banksman_edge.nlu.reading import Reading
from banksman_edge.nlu.tokens import BREAK, Tokens, together, tokenize
from banksman_shared.commands import Action

_ALONE = frozenset({Action.CHARGE, Action.PARK})
"""Orders that need no place."""


@dataclass(frozen=True, slots=True)
class _Words:
    if_: tuple[Tokens, ...]
    behind: tuple[Tokens, ...]
    endings: tuple[str, ...]
    then: tuple[Tokens, ...]


@cache
def _words_of(code: str) -> _Words:
    table = table_of(code).get("provisos", {})
    plain = [words for words in table.get("behind", ()) if not words.startswith("-")]
    endings = (tokenize(words[1:], code)[0] for words in table.get("behind", ()) if words.startswith("-"))
    if_, behind, then = (
        tuple(tokenize(words, code) for words in listed)
        for listed in (table.get("if", ()), plain, table.get("then", ()))
    )
    return _Words(if_, behind, tuple(endings), then)


def depends(text: str, language: str, read: Callable[[str], Reading]) -> bool:
    """Whether a text is an order, all of whose words are known, beside a condition."""
    return any(_orders(read(order)) for order, _ in _beside_conditions(text, _words_of(language), language))


def depends_on_words(text: str, language: str, read: Callable[[str], Reading]) -> bool:
    """Whether it is one beside a condition in which somebody says something: "… if Peter says so"."""
    parted = _beside_conditions(text, _words_of(language), language)
    return any(read(condition).retold and _orders(read(order)) for order, condition in parted)


def _orders(reading: Reading) -> bool:
    clause, commands = reading.clause, reading.commands
    plain = not (clause.unknown_words or clause.is_talk or clause.may_tell or reading.retold or reading.taken_back)
    return plain and bool(commands) and all(c.action in _ALONE or (c.action.drives and c.destination) for c in commands)


def _beside_conditions(text: str, words: _Words, language: str) -> Iterator[tuple[str, str]]:
    """What is left of a text without its condition, and that without the word that makes it one, in each way in which
    it may have one."""
    parts = [tokenize(part, language) for part in BREAK.split(text) if part]
    for at, part in enumerate(parts):
        before, behind = parts[:at], parts[at + 1 :]
        if begin := _first(part, words.if_):
            start, end = begin
            if start or before:  # "forklift three, go to dock two unless …"
                yield _joined([*before, part[:start]]), _joined([part[end:], *behind])
            if not start:
                yield _joined([*before, *behind]), _joined([part[end:]])
                if then := _first(part, words.then):
                    yield _joined([*before, part[then[1] :], *behind]), _joined([part[end : then[0]]])
        elif end := _end_behind(part, words):
            yield _joined([*before, part[end:], *behind]), _joined([part[:end]])


def _first(tokens: Tokens, phrases: Sequence[Tokens]) -> tuple[int, int] | None:
    """From where to where the first of these stands in the tokens."""
    fits = (
        (at, at + len(phrase))
        for at in range(len(tokens))
        for phrase in phrases
        if tokens[at : at + len(phrase)] == phrase
    )
    return next(fits, None)


def _end_behind(tokens: Tokens, words: _Words) -> int:
    """Where a condition ends that such words end; 0 where there is none."""
    said = _first(tokens, words.behind)
    ended = next((at + 1 for at, token in enumerate(tokens) if words.endings and token.endswith(words.endings)), 0)
    return min(filter(None, (said[1] if said else 0, ended)), default=0)


def _joined(parts: Sequence[Tokens]) -> str:
    return ", ".join(together(part) for part in parts if part)
