"""What is known of a language's references: ``data/xx.toml``, see docs/dialogue.md."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from banksman_edge.dialogue.templates import Template, templates
from banksman_edge.nlu.language import CORRECTS, language_data
from banksman_edge.nlu.tokens import Tokens, tokenize

IT, THEM, OTHER, THERE, FROM_THERE, BACK = "it", "them", "other", "there", "from_there", "back"
NEAREST, CLOSEST, LOWEST, HIGHEST, EMPTY, LOADED, FREE_ONE, AT = (
    "nearest", "closest", "lowest", "highest", "empty", "loaded", "free", "at",
)  # fmt: skip
AGAIN, SAME, TOO, MEANT, NO, NOT, AND, GLUE, FIRST, SECOND, LAST = (
    "again", "same", "too", "meant", "no", "not", "and", "glue", "first", "second", "last",
)  # fmt: skip
PRONOUNS = frozenset({IT, THEM, OTHER})
PLACES = frozenset({THERE, FROM_THERE, BACK})
LIVE = frozenset({NEAREST, CLOSEST, LOWEST, HIGHEST, EMPTY, LOADED, FREE_ONE, AT})


@dataclass(frozen=True, slots=True)
class Words:
    """The templates and phrases of one language, ready to match."""

    refer: dict[str, tuple[tuple[str, Template], ...]] = field(default_factory=dict)
    """References with their keys, by the token that they begin with; under "" those that begin with a slot."""
    say: dict[Tokens, frozenset[str]] = field(default_factory=dict)
    """Phrases of sentences that complete an earlier one: "the same for …", "I meant …"."""
    one: frozenset[Tokens] = frozenset()
    """What stands for any vehicle where a kind may stand."""
    free: frozenset[Tokens] = frozenset()
    no_plan: frozenset[Tokens] = frozenset()
    """Whole sentences that call off a plan: "forget the plan"."""
    clitics: tuple[str, ...] = ()
    """Pronouns written as the end of a verb: "llévalo"."""
    joined: tuple[tuple[re.Pattern[str], str], ...] = ()
    """Pronouns joined to a verb with a hyphen, "envoie-le", and what stands for them."""
    longest: int = 1
    """Tokens of the longest phrase of ``say``."""

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
    refer: dict[str, dict[tuple[str, Template], None]] = defaultdict(dict)
    for key, texts in [*table["refer"].items(), *table["live"].items()]:
        for template in (template for text in texts for template in templates(text, code)):
            first = template.parts[0]
            refer["" if isinstance(first, str) else first[0]][key, template] = None
    say: dict[Tokens, set[str]] = defaultdict(set)
    for role, phrases in table["say"].items():
        for phrase in phrases:
            for template in templates(phrase, code):
                say[_whole(template)].add(role)
    for tokens, phrase in language_data(code).phrases.items():  # what takes back within a sentence does so before one
        if CORRECTS in phrase.roles and tokens not in say:
            say[tokens].add(MEANT)
    return Words(
        refer={start: tuple(options) for start, options in refer.items()},
        say={tokens: frozenset(roles) for tokens, roles in say.items()},
        one=frozenset(tokenize(phrase, code) for phrase in table["one"]),
        free=frozenset(tokenize(phrase, code) for phrase in table["free"]),
        no_plan=frozenset(_whole(template) for text in table["no_plan"] for template in templates(text, code)),
        joined=tuple((re.compile(pattern, re.IGNORECASE), word) for pattern, word in table.get("joined", {}).items()),
        clitics=tuple(table.get("clitics", ())),
        longest=max(map(len, say), default=1),
    )


def _whole(template: Template) -> Tokens:
    """The tokens of a template without slots."""
    return tuple(token for part in template.parts for token in part)
