"""The few words that plain orders are made of, from ``[plain]`` of a language's file."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from banksman_edge.understanding.text.language import language_of
from banksman_edge.understanding.text.tokens import Tokens, tokens_of
from banksman_shared.actions import Action

_log = logging.getLogger(__name__)

_ROLES = ("from", "to", "load", "filler")


@dataclass(frozen=True, slots=True)
class PlainPhrases:
    """``actions``: verbs with what they may ask for; ``roles``: other phrases by what they do; ``postfix``: whether the
    words that say "from" and "to" follow the place."""

    actions: Mapping[Tokens, frozenset[Action]] = field(default_factory=dict)
    roles: Mapping[Tokens, str] = field(default_factory=dict)
    postfix: bool = False
    longest: int = 1

    def at(self, tokens: Tokens, start: int, *, before: int) -> tuple[str, frozenset[Action], int] | None:
        """What the longest phrase that stands at a token does, with the actions it may ask for and its length;
        ``before``: the token that it must not reach."""
        for length in range(min(self.longest, before - start), 0, -1):
            phrase = tokens[start : start + length]
            if phrase in self.actions:
                return "action", self.actions[phrase], length
            if phrase in self.roles:
                return self.roles[phrase], frozenset(), length
        return None


@cache
def phrases_of(code: str) -> PlainPhrases:
    """The phrases of a language; none where its file has none or is broken, so that the reader reads all."""
    try:
        return _read(code)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        _log.error("the plain orders of language '%s' cannot be read, so there are none: %s", code, error)
        return PlainPhrases()


def _read(code: str) -> PlainPhrases:
    source = files("banksman_edge.understanding") / "languages" / f"{code}.toml"
    table = tomllib.loads(source.read_text("utf-8")).get("plain", {}) if source.is_file() else {}
    actions: dict[Tokens, set[Action]] = {}
    for action in Action:
        for phrase in table.get(str(action), ()):
            actions.setdefault(tokens_of(phrase), set()).add(action)
    roles: dict[Tokens, str] = {}
    closed = language_of(code).closed
    for role in reversed(_ROLES):
        roles |= {tokens_of(phrase): role for phrase in table.get(role, ())}
    for role in ("then", "all"):
        roles |= dict.fromkeys(closed.get(role, ()), role)
    roles |= dict.fromkeys(closed.get("and", ()), "filler")
    longest = max(map(len, [*actions, *roles]), default=1)
    known = {phrase: frozenset(found) for phrase, found in actions.items()}
    return PlainPhrases(known, {p: r for p, r in roles.items() if p not in known}, bool(table.get("postfix")), longest)
