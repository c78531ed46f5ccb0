"""The shipped language model that was taught this work, as it runs: the real weights, the real adapter."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from banksman_edge import LanguageModelError, Policy, TaughtLlama, Tier, Transcript, Understanding, Verdict
from banksman_edge.build import load_understanding
from banksman_edge.nlu.marked import grammar
from banksman_edge.nlu.sketch import Piece, Sketch
from banksman_edge.nlu.taught import ADAPTER, CARD, read_card
from banksman_shared.commands import NOTHING, parse_commands, to_document
from banksman_shared.models import CATALOGUE, TAUGHT_LLAMAS, ModelStore, default_llama
from banksman_shared.site import Site, load_site

pytestmark = pytest.mark.models
DATA = Path(__file__).parents[1] / "data"
SMALL, LARGE = TAUGHT_LLAMAS
ENGLISH_TO_THE_MODEL = 0.75
"""Least share of the English paraphrases that are understood; the documents have the number itself."""


@pytest.fixture(scope="module")
def taught() -> TaughtLlama:
    store = ModelStore()
    return TaughtLlama.of(store.path(SMALL), store.path)


@pytest.fixture(scope="module")
def hospital() -> Site:
    return load_site(DATA / "commands" / "hospital")


def rows(site: str, language: str) -> list[dict[str, object]]:
    lines = (DATA / "paraphrases" / f"{site}.jsonl").read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["language"] == language]


def test_english_paraphrases_are_understood_on_a_site_it_never_saw(taught: TaughtLlama, hospital: Site) -> None:
    understanding, policy = Understanding(hospital, None, taught), Policy.of(hospital)
    right, obeyed = [], []
    for row in rows("hospital", "en"):
        read = understanding.understand(Transcript(str(row["text"]), "", 1.0))
        verdict = policy.judge(read, 1.0, None).verdict
        done = read.commands if verdict in (Verdict.ACCEPT, Verdict.CONFIRM) else (NOTHING,)
        right.append(to_document(done) == row["expect"])
        if verdict is Verdict.ACCEPT and row["expect"] == to_document((NOTHING,)):
            obeyed.append(row["text"])
    assert sum(right) / len(right) >= ENGLISH_TO_THE_MODEL
    assert obeyed == []


def test_its_confidence_is_a_probability_and_the_line_is_of_the_grammar(taught: TaughtLlama) -> None:
    drawn = Sketch("en", [Piece(i, i + 1, word) for i, word in enumerate(("bring", "it", "to", "the", "shed"))])
    answer = taught.answer(drawn.text, grammar(drawn))
    assert 0 < answer.probability <= 1
    assert answer.line.split()[0] in {"none", "plan", "move", "transport", "pick", "drop", "charge", "park"}


def test_a_misheard_name_is_quoted_and_found(taught: TaughtLlama, hospital: Site) -> None:
    understanding = Understanding(hospital, None, taught)
    found = understanding.understand(Transcript("cart two please go and wait at the farmasee", "", 1.0))
    assert found.commands == parse_commands([{"action": "move", "vehicles": ["cart-2"], "to": "pharmacy"}])


@pytest.mark.parametrize(("languages", "name"), [(("en",), SMALL), (("en", "ja"), LARGE)])
def test_a_site_loads_the_smallest_that_was_taught_its_languages_and_no_other(
    hospital: Site, monkeypatch: pytest.MonkeyPatch, languages: tuple[str, ...], name: str
) -> None:
    asked: list[str] = []
    path = ModelStore.path
    monkeypatch.setattr(ModelStore, "path", lambda self, name, *more: (asked.append(name), path(self, name, *more))[1])
    read = load_understanding(replace(hospital, languages=languages), None, threads=1).understand(
        Transcript("cart two they are short of hands down in the kitchen", "", 1.0)
    )
    assert read.tier is Tier.LLAMA
    assert set(asked) == {name, read_card(path(ModelStore(), name)).base}


def test_where_none_was_taught_all_languages_that_of_most_is_taken() -> None:
    assert default_llama(["en", "xx"]) == SMALL
    assert default_llama(["en", "nl", "xx"]) == LARGE


@pytest.mark.parametrize("name", TAUGHT_LLAMAS)
def test_the_card_says_which_base_and_languages_it_is_for(name: str) -> None:
    folder = ModelStore().path(name)
    card = json.loads((folder / CARD).read_text("utf-8"))
    base = CATALOGUE[card["base"]]
    assert card["base_sha256"] == base.files[0].sha256
    assert card["adapter"]["bytes"] == (folder / ADAPTER).stat().st_size <= 12_000_000
    assert TAUGHT_LLAMAS[name] <= set(card["languages"])


def test_an_adapter_that_is_none_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / CARD).write_text('{"base": "smollm2-135m", "languages": ["en"]}')
    (tmp_path / ADAPTER).write_bytes(b"GGUF but not really")
    with pytest.raises(LanguageModelError, match=ADAPTER):
        TaughtLlama.of(tmp_path, ModelStore().path)
