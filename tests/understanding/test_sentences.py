"""Sentences and what they mean, as rows of data (``data/understanding/sentences.jsonl``), read as the product reads
them.

A row has its ``family``, ``language``, ``site`` and what is to be expected. ``open``: it is read otherwise today; once
it is read right, the mark goes.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from taught import real_reader

from banksman_edge import Pipeline, Transcript
from banksman_shared.commands import to_document
from banksman_shared.site import load_site

DATA = Path(__file__).parents[1] / "data"
ROWS = [json.loads(line) for line in (DATA / "understanding" / "sentences.jsonl").read_text("utf-8").splitlines()]

pytestmark = pytest.mark.models
OTHERWISE = pytest.mark.xfail(reason="the reader reads it otherwise today")


@cache
def understanding(site: str) -> Pipeline:
    return Pipeline(load_site(DATA / site), real_reader())


@pytest.mark.parametrize(
    "row",
    [pytest.param(row, marks=[OTHERWISE] if row.get("open") else []) for row in ROWS],
    ids=lambda row: f"{row['family']}: {row['text'][:40]}",
)
def test_a_sentence_means_what_its_row_says(row: dict[str, Any]) -> None:
    read = understanding(row["site"]).parse(Transcript(row["text"], row["language"], 1.0))
    assert to_document(read.commands) == row["expect"]
