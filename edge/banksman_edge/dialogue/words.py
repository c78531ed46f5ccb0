"""What is known of a language's references: ``data/xx.toml``, see docs/dialogue.md."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from banksman_edge.dialogue.patterns import Pattern, beginnings, pattern_of, phrases
from banksman_edge.understanding.templates.phrases import phrases_of
from banksman_edge.understanding.text.inflection import OBJECT
from banksman_edge.understanding.text.language import language_of
from banksman_edge.understanding.text.tokens import ASKED, BREAK, UNSPACED, Tokens, tokens_of

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
    yes: frozenset[Tokens] = frozenset()
    no: frozenset[Tokens] = frozenset()
    small: frozenset[Tokens] = frozenset()
    """What says nothing beside a name: "the", "please"."""
    articles: frozenset[Tokens] = frozenset()
    loads: frozenset[Tokens] = frozenset()
    """What may be carried: "pallet"."""
    ways: Mapping[Tokens, str] = field(default_factory=dict)
    """What says of a place that something comes "from" there, or goes "to" there."""
    way_of: Mapping[str, str] = field(default_factory=dict)
    """The commonest word for each of the two."""
    inflects: bool = False
    """Whether endings do the work of prepositions."""
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
def words_in(code: str) -> Words:
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
        for tokens in (tokens for text in texts for tokens in phrases(text)):
            say[tokens].add(role)
    closed, own = language_of(code).closed, table["words"]
    for tokens in _sentences(own["corrects"]):
        say.setdefault(tokens, {MEANT})
    ways = {tokens: role for tokens, role in phrases_of(code).roles.items() if role in ("from", "to")}
    return Words(
        refer={start: tuple(options) for start, options in refer.items()},
        say={tokens: frozenset(roles) for tokens, roles in say.items()},
        one=_sentences(table["one"]),
        anyone=_sentences(table["anyone"]),
        free=_sentences(table["free"]),
        neither=_sentences(table["neither"]),
        delays=_sentences(table["delays"]),
        no_plan=_sentences(table["no_plan"]),
        returns=_sentences(table["returns"]),
        joined=tuple((re.compile(pattern, re.IGNORECASE), word) for pattern, word in table.get("joined", {}).items()),
        third=tuple(
            (re.compile(pattern, re.IGNORECASE), key)
            for key in (THEM, IT)
            for pattern in table.get("third", {}).get(key, ())
        ),
        steps=frozenset(closed.get("then", ())),
        joins=frozenset((*closed.get("and", ()), *closed.get("then", ()), *closed.get("not", ()))),
        yes=_sentences(own["yes"]),
        no=_sentences(own["no"]),
        small=_sentences(own["small"]),
        loads=frozenset(tokens for tokens, role in phrases_of(code).roles.items() if role == "load"),
        articles=frozenset(tokens for tokens, role in phrases_of(code).roles.items() if role == "filler"),
        ways=ways,
        way_of={way: " ".join(tokens) for tokens, way in reversed(ways.items())},
        inflects=any(rule.role == OBJECT for rule in language_of(code).inflection.nouns),
        clitics=tuple(table.get("clitics", ())),
        who_is_free=tuple(pattern_of(text, code) for text in table["who_is_free"]),
        instead=_anywhere(table["instead"], code),
        longest=max(map(len, say), default=1),
    )


def _sentences(texts: Iterable[str]) -> frozenset[Tokens]:
    return frozenset(tokens for text in texts for tokens in phrases(text))


def _anywhere(patterns: Iterable[str], code: str) -> re.Pattern[str]:
    word = "|".join(patterns)
    return re.compile(word if code in UNSPACED else rf"(?<!\w)(?:{word})(?!\w)", re.IGNORECASE)


def is_one_of(sentences: Collection[Tokens], text: str, code: str) -> bool:
    """Whether a text is one of these sentences, with or without "please" and the like around it."""
    tokens, small = tokens_of(text), words_in(code).small
    starts = list(_small_before(tokens, small))
    ends = [len(tokens) - length for length in _small_before(tokens[::-1], frozenset(t[::-1] for t in small))]
    return any(tokens[start:end] in sentences for start in starts for end in ends if start < end)


def _small_before(tokens: Tokens, small: Collection[Tokens]) -> Iterator[int]:
    """How many tokens at the beginning say nothing: none, and as many as do, phrase by phrase."""
    at = 0
    yield at
    while length := next((n for n in (1, 2, 3, 4) if tokens[at : at + n] in small and at + n <= len(tokens)), 0):
        at += length
        yield at


def says_one_of(tokens: Tokens, phrases: Iterable[Tokens]) -> bool:
    """Whether one of the phrases is said somewhere."""
    return any(tokens[at : at + len(phrase)] == phrase for phrase in phrases for at in range(len(tokens)))


def answer_in(text: str, languages: Iterable[str]) -> bool | None:
    """Whether a sentence is a yes (True) or a no (False) in any of the languages; "not yet" is a no, and so is what is
    a yes in one language and a no in another."""
    known = tuple(languages)
    if any(is_one_of(words_in(code).delays, text, code) for code in known):
        return False
    answers = [_answer(_said(text, code)) for code in known]
    return False if False in answers else (True if True in answers else None)


def wavers(text: str, languages: Iterable[str]) -> bool:
    """Whether a sentence says no and then yes, in one of the languages: whoever asked has to ask once more."""
    orders = [_said(text, code) for code in languages]
    return any(order and order[-1] and not all(order) for order in orders)


def behind_no(text: str, code: str) -> str | None:
    """What follows a no that is set off by a comma or the like, or None."""
    said, *rest = BREAK.split(text, maxsplit=1)
    return rest[0] if rest and rest[0] and _said(said, code) == [False] else None


def behind_yes(text: str, languages: Iterable[str]) -> str:
    """What follows a yes that is set off by a comma or the like; nothing where that is not there."""
    said, *rest = BREAK.split(text, maxsplit=1)
    return rest[0] if rest and any(_answer(_said(said, code)) for code in languages) else ""


def _answer(said: list[bool]) -> bool | None:
    """Yes, and then no, is a no; no, and then yes, is neither."""
    if not said or len(set(said)) == 1:
        return said[0] if said else None
    return None if said[-1] else False


def _said(text: str, code: str) -> list[bool]:
    """The yes and no of a sentence that has nothing else in it, in order; empty where it has, or asks."""
    words, tokens, answers = words_in(code), tokens_of(text), []
    known = words.yes | words.no | words.small | {phrase for phrase, said in words.say.items() if MEANT in said}
    longest, at = max(map(len, known), default=1), 0
    while at < len(tokens):
        length = next((n for n in range(longest, 0, -1) if tokens[at : at + n] in known), 0)
        if not length:
            return []
        phrase = tokens[at : at + length]
        answers += [phrase in words.yes] if phrase in words.yes | words.no else []
        at += length
    return [] if len(set(answers)) > 1 and ASKED.search(text) else answers
