"""What a taught model makes of ordinary orders and of talk, beside which a site's own actions are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from banksman_edge.lab.teach import corpus
from banksman_edge.understanding import Background, write_backgrounds
from banksman_edge.understanding.reader.reader import TaughtReader
from banksman_edge.understanding.reader.tagged import Tagged
from banksman_edge.understanding.text import words_of
from banksman_shared.actions import Action

TALK, ORDERS = 100, 150
"""Sentences of each language."""


def write_states(
    reader: TaughtReader, languages: Sequence[str], path: Path, progress: Callable[[int, int, str], None]
) -> None:
    """Write the states of sentences of the corpus, which are evenly out of all that say nothing of what was before."""
    found: dict[str, Background] = {}
    for number, language in enumerate(languages):
        rows = [row for row in corpus.rows(language, "train") if not row.before]
        talk = [row.text for row in rows if row.line == "none"]
        orders = [row.text for row in rows if row.line != "none" and not row.line.startswith(Action.OWN)]
        picked = [*talk[:: max(1, len(talk) // TALK)][:TALK], *orders[:: max(1, len(orders) // ORDERS)][:ORDERS]]
        states = np.stack([reader.state(Tagged(text, {}, words_of(text), ())) for text in picked])
        found[language] = Background(states, np.arange(len(picked)) < min(len(talk), TALK))
        progress(number + 1, len(languages), language)
    write_backgrounds(path, found)
