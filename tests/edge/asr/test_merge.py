"""An adapter merged into its model's weights says what it says beside them."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest
from gguf import GGUFReader

from banksman_edge import LanguageModelError, TaughtReader
from banksman_edge.lab.teach.llama.evaluate import tagged_again
from banksman_edge.understanding.reader.lines import grammar_of
from banksman_shared.models import TAUGHT_LLAMA, ModelStore
from banksman_shared.models.derived import derived
from banksman_shared.models.engine import Engine
from banksman_shared.models.merge import merge
from banksman_shared.models.taught import ADAPTER, CARD, MERGED, read_card

SMALL = TAUGHT_LLAMA
SENTENCES = {
    "V1 kindly go and stand at P1": "move V1 to P1",
    "P1 has been painted": "none",
    "V1 bring whatever lies at P1 over to P2": "transport V1 from P1 to P2",
}


def written(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def test_a_file_is_derived_once_and_again_when_its_source_changes(tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    source.write_bytes(b"one")
    for content in (b"first", b"second"):
        assert derived(out, "recipe", [source], lambda to, made=content: written(to, made)).read_bytes() == b"first"
    source.write_bytes(b"another")
    assert derived(out, "recipe", [source], lambda to: written(to, b"third")).read_bytes() == b"third"
    assert derived(out, "other recipe", [source], lambda to: written(to, b"fourth")).read_bytes() == b"fourth"


def test_a_derived_file_that_was_damaged_is_made_again(tmp_path: Path) -> None:
    source, out = tmp_path / "source", tmp_path / "out"
    source.write_bytes(b"one")
    derived(out, "recipe", [source], lambda to: written(to, b"whole"))
    out.write_bytes(b"who")
    assert derived(out, "recipe", [source], lambda to: written(to, b"whole")).read_bytes() == b"whole"
    (tmp_path / "out.json").write_text("{")
    assert derived(out, "recipe", [source], lambda to: written(to, b"anew")).read_bytes() == b"anew"


def test_a_failed_derivation_leaves_no_file_that_stands_for_it(tmp_path: Path) -> None:
    def fail(to: Path) -> None:
        to.write_bytes(b"half")
        raise OSError("no room")

    source, out = tmp_path / "source", tmp_path / "out"
    source.write_bytes(b"one")
    with pytest.raises(OSError, match="no room"):
        derived(out, "recipe", [source], fail)
    assert not out.exists()


@pytest.mark.models
def test_merged_weights_say_what_the_adapter_says_beside_them(tmp_path: Path) -> None:
    store = ModelStore()
    folder = store.path(SMALL)
    base = store.path(read_card(folder).base)
    merge(base, folder / ADAPTER, tmp_path / MERGED)
    types = {tensor.name: tensor.tensor_type.name for tensor in GGUFReader(tmp_path / MERGED).tensors}
    assert types["blk.0.attn_q.weight"] == types["blk.0.ffn_down.weight"] == "Q4_0"
    assert types["token_embd.weight"] == next(
        tensor.tensor_type.name for tensor in GGUFReader(base).tensors if tensor.name == "token_embd.weight"
    )
    assert [path.name for path in tmp_path.iterdir()] == [MERGED]
    for engine in (Engine(base, folder / ADAPTER, threads=1), Engine(tmp_path / MERGED, threads=1)):
        for sentence, line in SENTENCES.items():
            asked = tagged_again(sentence)
            assert engine.answer(engine.prompt(asked.text), grammar_of(asked)).line == line


@pytest.mark.models
def test_an_adapter_of_another_model_is_refused_by_name(tmp_path: Path) -> None:
    store = ModelStore()
    large = store.path(TAUGHT_LLAMA)
    with pytest.raises(LanguageModelError, match="cannot be merged"):
        merge(store.path("smollm2-135m"), large / ADAPTER, tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.models
def test_where_it_cannot_be_merged_the_adapter_is_used_as_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = ModelStore()
    for name in (ADAPTER, CARD):
        shutil.copy(store.path(SMALL) / name, tmp_path)
    (tmp_path / f"{MERGED}.part").mkdir()  # nothing can be written there
    with caplog.at_level(logging.WARNING):
        model = TaughtReader.of(tmp_path, store.path, threads=1)
    assert "cannot be merged" in caplog.text
    assert model.answer(tagged_again("P1 has been painted")).line == "none"
