"""What the planner says, in the operator's language; English where it has no phrases."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

_DEFAULT = "en"


class Phrases:
    """The sentences of one language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in languages() else _DEFAULT
        self._templates = _load()[self.language]

    def say(self, key: str, **values: object) -> str:
        return self._templates[key].format(**values)

    def quote(self, words: str) -> str:
        return self.say("quote", words=words)

    def duration(self, seconds: float) -> str:
        """Minutes and seconds, rounded up: nothing is promised too early."""
        minutes, rest = divmod(math.ceil(seconds - 1e-6), 60)
        said = [self.say("minutes", n=minutes)] if minutes else []
        said += [self.say("seconds", n=rest)] if rest or not minutes else []
        return " ".join(said)

    def listing(self, items: Iterable[str]) -> str:
        return {"ja": "、", "zh": "、", "ar": "، "}.get(self.language, ", ").join(dict.fromkeys(items))


def languages() -> frozenset[str]:
    """The languages that there are phrases for."""
    return frozenset(_load())


@cache
def _load() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("banksman_cloud").joinpath("data/phrases.toml").read_text("utf-8"))
