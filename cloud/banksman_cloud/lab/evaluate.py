"""How many requests of the corpus that were never taught a reader of requests reads as they are meant."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from banksman_cloud.lab import corpus
from banksman_cloud.reading import Tag, TaggedRequest, grammar_of
from banksman_shared.models.engine import Engine
from banksman_shared.models.taught import ADAPTER, CARD

_TAG = re.compile(r"\b[PAZVKGLNDTQ]\d+\b")
_MAY_BE_TIMES = frozenset({("time", "00:00")})


@dataclass(slots=True)
class Scores:
    """Requests that were asked about and those that were read as they are meant, by language and by family."""

    asked: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    wrong: list[tuple[corpus.Row, str]] = field(default_factory=list)

    def table(self, names: Iterable[str]) -> Mapping[str, float]:
        """The share of each that was read right, 0 to 1."""
        return {name: round(self.right[name] / self.asked[name], 3) for name in names if self.asked[name]}


def evaluate(engine: Engine, progress: Callable[[int, int], None] = lambda *_: None) -> Scores:
    """Ask a model about all requests that are held out.

    Raises:
        LanguageModelError: it fails.
    """
    scores = Scores()
    held_out = [(language, row) for language in corpus.languages() for row in corpus.rows(language, "test")]
    for number, (language, row) in enumerate(held_out):
        request = _again(row)
        line = engine.answer(engine.prompt(row.text), grammar_of(request)).line
        keys = ("all", language, row.family)
        scores.asked.update(keys)
        if line == row.line:
            scores.right.update(keys)
        else:
            scores.wrong.append((row, line))
        progress(number + 1, len(held_out))
    return scores


def write_card(folder: Path, base: str, scores: Scores) -> None:
    """The card that a folder with an adapter is used by."""
    adapter = (folder / ADAPTER).read_bytes()
    card = {
        "base": base,
        "languages": list(corpus.languages()),
        "adapter": {"sha256": hashlib.sha256(adapter).hexdigest(), "bytes": len(adapter)},
        "test": scores.table(scores.asked),
    }
    (folder / CARD).write_text(json.dumps(card, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def _again(row: corpus.Row) -> TaggedRequest:
    """The tagged request of a row; any number in it may be a time."""
    tags = dict.fromkeys(_TAG.findall(row.text))
    return TaggedRequest(row.said, row.text, {name: Tag(name, readings=_MAY_BE_TIMES) for name in tags})
