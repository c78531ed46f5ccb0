"""What is known of a language's references: ``data/xx.toml``, see docs/dialogue.md."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import Any

from banksman_edge.nlu import language as roles
from banksman_edge.nlu.answers import yes_or_no
from banksman_edge.nlu.language import ARTICLES, CORRECTS, FILLER, LOAD, LOADS, THEN, WISHES, language_data
from banksman_edge.nlu.templates import Pattern, beginnings, pattern_of, phrases
from banksman_edge.nlu.tokens import UNSPACED, Tokens, tokenize

IT, THEM, OTHER, THERE, FROM_THERE, BACK = "it", "them", "other", "there", "from_there", "back"
NEAREST, CLOSEST, LOWEST, HIGHEST, EMPTY, ANY_EMPTY, LOADED, FREE_ONE, AT = (
    "nearest", "closest", "lowest", "highest", "empty", "any_empty", "loaded", "free", "at",
)  # fmt: skip
BESIDE = {"beside": AT, "closest_beside": CLOSEST}
"""What tells a vehicle by a place only where the way leads on to another, as what then."""
AGAIN, SAME, TOO, MEANT, NO, NOT, AND, NEXT, GLUE, FIRST, SECOND, LAST = (
    "again", "same", "too", "meant", "no", "not", "and", "next", "glue", "first", "second", "last",
)  # fmt: skip
PRONOUNS = frozenset({IT, THEM, OTHER})
PLACES = frozenset({THERE, FROM_THERE, BACK})
_FILLERS = (1, 2, 3, 4)
"""Tokens of phrases that say nothing, the shortest first."""
_SAYS_NOTHING = frozenset({ARTICLES, FILLER, WISHES})
LIVE = frozenset({NEAREST, CLOSEST, LOWEST, HIGHEST, EMPTY, ANY_EMPTY, LOADED, FREE_ONE, AT})


@dataclass(frozen=True, slots=True)
class Words:
    """The templates and phrases of one language, ready to match."""

    refer: dict[str, tuple[tuple[str, Pattern], ...]] = field(default_factory=dict)
    """References with their keys, by the token that they begin with; under "" those that begin with a slot."""
    say: dict[Tokens, frozenset[str]] = field(default_factory=dict)
    """Phrases of sentences that complete an earlier one: "the same for …", "I meant …"."""
    one: frozenset[Tokens] = frozenset()
    """What stands for any vehicle where a kind may stand."""
    anyone: frozenset[Tokens] = frozenset()
    """What leaves it to us who does something: "somebody"."""
    free: frozenset[Tokens] = frozenset()
    neither: frozenset[Tokens] = frozenset()
    """Whole sentences that mean none of what was offered: "neither of them"."""
    delays: frozenset[Tokens] = frozenset()
    """Whole sentences that put off what was asked about: "not yet"."""
    no_plan: frozenset[Tokens] = frozenset()
    """Whole sentences that call off a plan: "forget the plan"."""
    returns: frozenset[Tokens] = frozenset()
    """The way back, as the last words of an order: "and come back"."""
    steps: frozenset[Tokens] = frozenset()
    """What leads on to the next step; where words are not set apart, it may begin as a pronoun does: それから."""
    joins: frozenset[Tokens] = frozenset()
    """Words behind which something else begins: "and", "then"."""
    articles: frozenset[Tokens] = frozenset()
    loads: frozenset[Tokens] = frozenset()
    clitics: tuple[str, ...] = ()
    """Pronouns written as the end of a verb: "llévalo"."""
    joined: tuple[tuple[re.Pattern[str], str], ...] = ()
    """Pronouns joined to a verb with a hyphen, "envoie-le", and questions without one, "dov'è?", and what stands for
    them, a pronoun by itself."""
    third: tuple[tuple[re.Pattern[str], str], ...] = ()
    """Verbs that say of others what they shall do, "que vaya", with whom that means: one, or more."""
    instead: re.Pattern[str] | None = None
    """What makes of an order one in place of another, wherever it stands: "put it in aisle three instead"."""
    who_is_free: tuple[Pattern, ...] = ()
    """Whole questions for those that would take an order: "which forklift is free?"."""
    longest: int = 1
    """Tokens of the longest phrase of ``say``."""

    def of_others(self, text: str) -> str:
        """Whom a text tells to do something without naming them: "it", "them", or nobody."""
        return next((key for pattern, key in self.third if pattern.search(text.strip())), "")

    def without_instead(self, text: str) -> str:
        """The text without the words that put it in place of another order; nothing where it has none."""
        parts = self.instead.split(text, maxsplit=1) if self.instead else [text]
        return " ".join(parts) if len(parts) > 1 else ""

    def apart(self, text: str) -> str:
        """The text with joined pronouns as words of their own."""
        for pattern, word in self.joined:
            text = pattern.sub(word, text)
        return text


@cache
def words_of(code: str) -> Words:
    """The data of a language; for one without a file, empty ones: nothing is referred to in it."""
    source = files("banksman_edge.dialogue") / "data" / f"{code}.toml"
    if not source.is_file():
        return Words()
    table: dict[str, Any] = tomllib.loads(source.read_text("utf-8"))
    refer: dict[str, dict[tuple[str, Pattern], None]] = defaultdict(dict)
    for key, texts in [*table["refer"].items(), *table["live"].items()]:
        for parts in (pattern_of(text, code, table.get("shorthand", {})) for text in texts):
            for first in beginnings(parts):
                refer[first][key, parts] = None
    say: dict[Tokens, set[str]] = defaultdict(set)
    for role, texts in table["say"].items():
        for tokens in (tokens for text in texts for tokens in phrases(text, code)):
            say[tokens].add(role)
    for tokens, phrase in language_data(code).phrases.items():  # what takes back within a sentence does so before one
        if CORRECTS in phrase.roles and tokens not in say:
            say[tokens].add(MEANT)
    return Words(
        refer={start: tuple(options) for start, options in refer.items()},
        say={tokens: frozenset(roles) for tokens, roles in say.items()},
        one=frozenset(tokenize(phrase, code) for phrase in table["one"]),
        anyone=frozenset(tokenize(phrase, code) for phrase in table["anyone"]),
        free=frozenset(tokenize(phrase, code) for phrase in table["free"]),
        neither=_sentences(table["neither"], code),
        delays=_sentences(table["delays"], code),
        no_plan=_sentences(table["no_plan"], code),
        returns=_sentences(table["returns"], code),
        joined=tuple((re.compile(pattern, re.IGNORECASE), word) for pattern, word in table.get("joined", {}).items()),
        third=tuple(
            (re.compile(pattern, re.IGNORECASE), key)
            for key in (THEM, IT)
            for pattern in table.get("third", {}).get(key, ())
        ),
        steps=frozenset(tokens for tokens, phrase in language_data(code).phrases.items() if THEN in phrase.roles),
        joins=_playing({roles.AND, THEN, roles.NOT}, code),
        articles=_playing({ARTICLES}, code),
        loads=_playing({LOAD, LOADS}, code),
        clitics=tuple(table.get("clitics", ())),
        who_is_free=tuple(pattern_of(text, code) for text in table["who_is_free"]),
        instead=_anywhere(table["instead"], code),
        longest=max(map(len, say), default=1),
    )


def _playing(roles: set[str], code: str) -> frozenset[Tokens]:
    """The phrases of a language that play one of the roles."""
    return frozenset(tokens for tokens, phrase in language_data(code).phrases.items() if phrase.roles & roles)


def _sentences(texts: Iterable[str], code: str) -> frozenset[Tokens]:
    return frozenset(tokens for text in texts for tokens in phrases(text, code))


def _anywhere(patterns: Iterable[str], code: str) -> re.Pattern[str]:
    word = "|".join(patterns)
    return re.compile(word if code in UNSPACED else rf"(?<!\w)(?:{word})(?!\w)", re.IGNORECASE)


def is_one_of(sentences: Collection[Tokens], text: str, code: str) -> bool:
    """Whether a text is one of these sentences, with or without "please" and the like."""
    return any(tokens in sentences for tokens in _without_fillers(tokenize(text, code), code))


def answer_in(text: str, languages: Iterable[str]) -> bool | None:
    """Whether a sentence is a yes (True) or a no (False) in any of the languages; "not yet" is a no."""
    known = tuple(languages)
    put_off = any(is_one_of(words_of(code).delays, text, code) for code in known)
    return False if put_off else yes_or_no(text, known)


def _without_fillers(tokens: Tokens, code: str) -> Iterator[Tokens]:
    """The tokens, and without more and more of "please" and the like at both ends."""
    start = 0
    yield tokens
    while length := next(
        (n for n in _FILLERS if _says_nothing(tokens[start : start + n], tokens[start + n :], code)), 0
    ):
        start += length
        yield tokens[start:]
    yield from islice(without_last_fillers(tokens[start:], code), 1, None)


def without_last_fillers(tokens: Tokens, code: str) -> Iterator[Tokens]:
    """The tokens, and without more and more of "please" and the like at the end."""
    end = len(tokens)
    yield tokens
    while length := next((n for n in _FILLERS if _says_nothing(tokens[end - n : end], tokens[: end - n], code)), 0):
        end -= length
        yield tokens[:end]


def _says_nothing(part: Tokens, rest: Tokens, code: str) -> bool:
    entry = language_data(code).phrases.get(part) if rest else None
    return entry is not None and FILLER in entry.roles and entry.roles <= _SAYS_NOTHING and not entry.actions
