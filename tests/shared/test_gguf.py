"""GGUF models are not laid out for what llama.cpp computes wrongly; the models are real ones."""

from __future__ import annotations

from pathlib import Path

import llama_cpp
import numpy as np
import pytest

from banksman_shared.models import TAUGHT_LLAMA, ModelStore
from banksman_shared.models.gguf import load_gguf
from banksman_shared.models.merge import merge

TEXT = b"The capital of France is"
AMX = b"CPU : AVX512 = 1 | AMX_INT8 = 1"


def next_word(llama: llama_cpp.Llama) -> str:
    llama.eval(llama.tokenize(TEXT))
    return llama.detokenize([llama.sample(temp=0.0)]).decode()


@pytest.mark.models
def test_weights_are_not_packed_where_the_build_would_use_the_matrix_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llama_cpp, "llama_print_system_info", lambda: AMX)
    defaults = llama_cpp.llama_cpp.llama_model_default_params
    llama = load_gguf(ModelStore().path("smollm2-135m"), n_ctx=64, verbose=False)
    assert not llama.model_params.use_extra_bufts
    assert next_word(llama) == " Paris"
    assert llama_cpp.llama_cpp.llama_model_default_params is defaults


@pytest.mark.models
def test_layers_that_are_packed_without_it_compute_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(llama_cpp, "llama_print_system_info", lambda: AMX)
    store, merged = ModelStore(), tmp_path / "merged.gguf"
    merge(store.path("qwen2.5-coder-0.5b"), store.path(TAUGHT_LLAMA) / "adapter.gguf", merged)
    scores = []
    for packed in (False, True):
        llama = load_gguf(merged, layers_q4_0=packed, n_ctx=64, verbose=False)
        llama.eval(llama.tokenize(b"could somebody send V1 over to the P1"))
        pointer = llama_cpp.llama_get_logits_ith(llama.ctx, -1)
        scores.append(np.ctypeslib.as_array(pointer, shape=(llama.n_vocab(),)).copy())
        llama.close()
    assert np.corrcoef(*scores)[0, 1] > 0.99


def test_a_file_that_is_no_model_leaves_the_defaults_as_they_were(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(llama_cpp, "llama_print_system_info", lambda: AMX)
    defaults = llama_cpp.llama_cpp.llama_model_default_params
    path = tmp_path / "none.gguf"
    path.write_bytes(b"no model")
    with pytest.raises(ValueError, match=r"none\.gguf"):
        load_gguf(path, verbose=False)
    assert llama_cpp.llama_cpp.llama_model_default_params is defaults
