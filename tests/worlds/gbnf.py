"""Whether a text can be written under a grammar: GBNF without recursion, as the planner makes it, as one expression."""

from __future__ import annotations

import re
from functools import cache

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]|\{\d+(?:,\d*)?\}|[()|?*+]|[\w-]+')


def matches(grammar: str, text: str) -> bool:
    return pattern(grammar).fullmatch(text) is not None


@cache
def pattern(grammar: str) -> re.Pattern[str]:
    rules = dict(line.split(" ::= ", 1) for line in grammar.splitlines() if " ::= " in line)
    made: dict[str, str] = {}

    def rule(name: str) -> str:
        if name not in made:
            made[name] = f"(?:{''.join(map(part, _TOKEN.findall(rules[name])))})"
        return made[name]

    def part(token: str) -> str:
        if token.startswith('"'):
            return "(?:" + re.escape(re.sub(r"\\(.)", r"\1", token[1:-1])) + ")"
        if token == "(":
            return "(?:"
        return rule(token) if re.match(r"[\w-]", token) else token

    return re.compile(rule("root"))
