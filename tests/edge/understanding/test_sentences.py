"""Sentences and what they mean, as rows of data (``data/understanding/sentences.jsonl``), read as the product reads
them.

A row has its ``family``, ``language``, ``site`` and what is to be expected.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from taught import real_reader

from banksman_edge import Pipeline, Transcript
from banksman_shared.commands import DRIVING, to_document
from banksman_shared.site import load_site

DATA = Path(__file__).parents[2] / "data"
ROWS = [json.loads(line) for line in (DATA / "understanding" / "sentences.jsonl").read_text("utf-8").splitlines()]

pytestmark = pytest.mark.models
ACCEPTED = 0.8
MOST_OTHERWISE, MOST_DONE = 0.12, 0.03
"""Shares of the rows that may be read otherwise, and of which something else may be done without asking."""


@cache
def understanding(site: str) -> Pipeline:
    return Pipeline(load_site(DATA / site), real_reader())


def test_sentences_mean_what_their_rows_say() -> None:
    """Nearly all do; which of the others change with each adapter, and what is done of them is counted."""
    otherwise, done = [], []
    for row in ROWS:
        read = understanding(row["site"]).parse(Transcript(row["text"], row["language"], 1.0))
        if to_document(read.commands) != row["expect"]:
            otherwise.append(f"{row['text']} -> {to_document(read.commands)}")
            drives = any(command.action in DRIVING for command in read.commands)
            done += [row["text"]] if drives and read.confidence >= ACCEPTED else []
    assert len(otherwise) <= MOST_OTHERWISE * len(ROWS), "\n".join(otherwise)
    assert len(done) <= MOST_DONE * len(ROWS), "\n".join(done)
