"""What is known of a language: the words of orders, from ``data/xx.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from banksman_edge.nlu.tokens import Tokens, tokenize
from banksman_shared.commands import Action

FROM, TO, FROM_AFTER = "from", "to", "from_after"
LOAD, LOADS, ALL, AND, THEN, FILLER, NOT, PLAN, NEED, YES, NO = (
    "load", "loads", "all", "and", "then", "filler", "not", "plan", "need", "yes", "no",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a phrase can mean: actions it asks for and roles it plays (the constants above)."""

    actions: frozenset[Action]
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Language:
    """The phrases of one language, ready to match."""

    code: str
    phrases: dict[Tokens, Phrase]
    longest: int
    postfix: bool
    """Whether the words that say "from" and "to" follow the place."""
    markers: tuple[Tokens, ...]
    """What may stand between a kind and its number: "number" in "forklift number three"."""
    counters: tuple[Tokens, ...]
    """What may stand after a number that names something: 号 in 三号."""
    links: tuple[Tokens, ...]
    """What may stand between a number and its kind: の in 3番のフォークリフト."""
    ordinal_suffixes: tuple[str, ...]
    extra_numbers: dict[str, int]
    heard_as: dict[Tokens, int]
    """What recognisers write for numbers: "aid" for eight."""

    def match(self, tokens: Tokens, start: int) -> tuple[Phrase, int] | None:
        """The longest phrase that starts at ``start``, and its length."""
        for length in range(min(self.longest, len(tokens) - start), 0, -1):
            if phrase := self.phrases.get(tokens[start : start + length]):
                return phrase, length
        return None


@cache
def _table(code: str) -> dict[str, Any]:
    source = files("banksman_edge.nlu") / "data" / f"{code}.toml"
    return tomllib.loads(source.read_text("utf-8")) if source.is_file() else {}


def spellings(code: str) -> frozenset[str]:
    """All phrases of the language as its file writes them, with accents."""
    table = _table(code)
    lists = [*table.get("actions", {}).values(), *table.get("roles", {}).values(), *table.get("words", {}).values()]
    numbers = table.get("numbers", {})
    lists += [numbers.get(key, ()) for key in ("markers", "counters", "links", "ordinal_suffixes", "extra")]
    return frozenset(phrase for phrases in lists if not isinstance(phrases, bool) for phrase in phrases)


@cache
def language_data(code: str) -> Language:
    """The data of a language; for one without a file, an empty one, so that only the model understands it."""
    table = _table(code)
    actions: dict[Tokens, set[Action]] = {}
    roles: dict[Tokens, set[str]] = {}
    for action, phrases in table.get("actions", {}).items():
        for phrase in phrases:
            actions.setdefault(tokenize(phrase, code), set()).add(Action(action))
    places = table.get("roles", {})
    for role, phrases in (places | table.get("words", {})).items():
        for phrase in phrases if isinstance(phrases, list) else ():
            roles.setdefault(tokenize(phrase, code), set()).add(role)
    numbers = table.get("numbers", {})
    keys = {key for key in (*actions, *roles) if key}
    return Language(
        code=code,
        phrases={k: Phrase(frozenset(actions.get(k, ())), frozenset(roles.get(k, ()))) for k in keys},
        longest=max(map(len, keys), default=1),
        postfix=bool(places.get("postfix")),
        markers=_longest_first(numbers.get("markers", ()), code),
        counters=_longest_first(numbers.get("counters", ()), code),
        links=_longest_first(numbers.get("links", ()), code),
        ordinal_suffixes=tuple(numbers.get("ordinal_suffixes", ())),
        extra_numbers=dict(numbers.get("extra", {})),
        heard_as={tokenize(word, code): value for word, value in numbers.get("heard_as", {}).items()},
    )


def _longest_first(phrases: Any, code: str) -> tuple[Tokens, ...]:
    return tuple(sorted({tokenize(phrase, code) for phrase in phrases}, key=len, reverse=True))
