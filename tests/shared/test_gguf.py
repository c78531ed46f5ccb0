"""GGUF models are laid out for what llama.cpp computes fast only where it computes them right; the model is real."""

from __future__ import annotations

from pathlib import Path

import llama_cpp
import numpy as np
import pytest

from banksman_shared.models import ModelStore, gguf
from banksman_shared.models.gguf import load_gguf

TEXT = b"The capital of France is"


def next_word(llama: llama_cpp.Llama) -> str:
    llama.eval(llama.tokenize(TEXT))
    return llama.detokenize([llama.sample(temp=0.0)]).decode()


@pytest.mark.models
@pytest.mark.parametrize(("amx", "wrong", "packed"), [(False, False, True), (True, False, True), (True, True, False)])
def test_weights_are_packed_unless_the_matrix_unit_gets_them_wrong(
    monkeypatch: pytest.MonkeyPatch, amx: bool, wrong: bool, packed: bool
) -> None:
    """A wrong one is a double: what the first model that is loaded makes of tokens has nothing to do with them."""
    monkeypatch.setattr(llama_cpp, "llama_print_system_info", lambda: b"CPU : AVX512 = 1 | " + b"AMX_INT8 = 1 | " * amx)
    scores, noise = gguf._scores, np.random.default_rng(0)

    def scored(model: llama_cpp.Llama, tokens: list[int]) -> object:
        found = scores(model, tokens)
        return noise.normal(size=found.shape) if wrong and model.model_params.use_extra_bufts else found

    monkeypatch.setattr(gguf, "_scores", scored)
    defaults = llama_cpp.llama_cpp.llama_model_default_params
    llama = load_gguf(ModelStore().path("smollm2-135m"), n_ctx=64, verbose=False)
    assert llama.model_params.use_extra_bufts is packed
    assert next_word(llama) == " Paris"
    assert llama_cpp.llama_cpp.llama_model_default_params is defaults


def test_a_file_that_is_no_model_leaves_the_defaults_as_they_were(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(llama_cpp, "llama_print_system_info", lambda: b"AMX_INT8 = 1")
    defaults = llama_cpp.llama_cpp.llama_model_default_params
    path = tmp_path / "none.gguf"
    path.write_bytes(b"no model")
    with pytest.raises(ValueError, match=r"none\.gguf"):
        load_gguf(path, verbose=False)
    assert llama_cpp.llama_cpp.llama_model_default_params is defaults
