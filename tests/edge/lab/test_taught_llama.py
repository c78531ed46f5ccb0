"""The shipped language model that was taught this work, as it runs: the real weights, the real adapter."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from banksman_edge import LanguageModelError, Pipeline, Policy, TaughtReader, Tier, Transcript, Verdict
from banksman_edge.app.build import load_understanding
from banksman_edge.lab.teach.llama.evaluate import tagged_again
from banksman_shared.commands import NOTHING, parse_commands, to_document
from banksman_shared.models import CATALOGUE, TAUGHT_LLAMA, ModelStore
from banksman_shared.models.taught import ADAPTER, CARD, read_card
from banksman_shared.site import Site, load_site

pytestmark = pytest.mark.models
DATA = Path(__file__).parents[2] / "data"
ENGLISH_TO_THE_MODEL = 0.75
"""Least share of the English paraphrases that are understood; the documents have the number itself."""


@pytest.fixture(scope="module")
def hospital() -> Site:
    return load_site(DATA / "commands" / "hospital")


def rows(site: str, language: str) -> list[dict[str, object]]:
    lines = (DATA / "paraphrases" / f"{site}.jsonl").read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["language"] == language]


def test_english_paraphrases_are_understood_on_a_site_it_never_saw(taught: TaughtReader, hospital: Site) -> None:
    understanding, policy = Pipeline(hospital, taught), Policy.of(hospital)
    right, obeyed = [], []
    for row in rows("hospital", "en"):
        read = understanding.parse(Transcript(str(row["text"]), "", 1.0))
        verdict = policy.judge(read, 1.0, None).verdict
        done = read.commands if verdict in (Verdict.ACCEPT, Verdict.CONFIRM) else (NOTHING,)
        right.append(to_document(done) == row["expect"])
        if verdict is Verdict.ACCEPT and row["expect"] == to_document((NOTHING,)):
            obeyed.append(row["text"])
    assert sum(right) / len(right) >= ENGLISH_TO_THE_MODEL
    assert obeyed == []


def test_its_confidence_is_a_probability_and_the_line_is_of_the_grammar(taught: TaughtReader) -> None:
    answer = taught.answer(tagged_again("bring it to the shed"))
    assert 0 < answer.probability <= 1
    assert answer.line.split()[0] in {"none", "plan", "move", "transport", "pick", "drop", "charge", "park"}


def test_a_misheard_name_is_quoted_and_found(taught: TaughtReader, hospital: Site) -> None:
    understanding = Pipeline(hospital, taught)
    found = understanding.parse(Transcript("cart two please drive over to the farmasee", "", 1.0))
    assert found.commands == parse_commands([{"action": "move", "vehicles": ["cart-2"], "to": "pharmacy"}])


def test_a_site_loads_the_taught_model_and_no_other(hospital: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    path = ModelStore.path
    monkeypatch.setattr(ModelStore, "path", lambda self, name, *more: (asked.append(name), path(self, name, *more))[1])
    read = load_understanding(replace(hospital, languages=("en", "ja")), None, threads=1).parse(
        Transcript("cart two they are short of hands down in the kitchen", "", 1.0)
    )
    assert read.tier is Tier.LLAMA
    assert set(asked) == {TAUGHT_LLAMA, read_card(path(ModelStore(), TAUGHT_LLAMA)).base}


def test_the_card_says_which_base_and_languages_it_is_for() -> None:
    folder = ModelStore().path(TAUGHT_LLAMA)
    card = json.loads((folder / CARD).read_text("utf-8"))
    base = CATALOGUE[card["base"]]
    assert card["base_sha256"] == base.files[0].sha256
    assert card["adapter"]["bytes"] == (folder / ADAPTER).stat().st_size <= 20_000_000
    assert {"en", "de", "hi", "tr", "zh"} <= set(card["languages"])


def test_an_adapter_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / CARD).write_text('{"base": "smollm2-135m", "languages": ["en"]}')
    (tmp_path / ADAPTER).write_bytes(b"GGUF but not really")
    with pytest.raises(LanguageModelError, match=ADAPTER):
        TaughtReader.of(tmp_path, ModelStore().path)
