"""GGUF models are not laid out for what llama.cpp computes wrongly; the model is a real one."""

from __future__ import annotations

from pathlib import Path

import llama_cpp
import pytest

from banksman_shared.models import ModelStore
from banksman_shared.models.gguf import load_gguf

TEXT = b"The capital of France is"


def next_word(llama: llama_cpp.Llama) -> str:
    llama.eval(llama.tokenize(TEXT))
    return llama.detokenize([llama.sample(temp=0.0)]).decode()


@pytest.mark.models
@pytest.mark.parametrize("amx", [False, True])
def test_weights_are_packed_unless_the_build_would_use_the_matrix_unit(
    monkeypatch: pytest.MonkeyPatch, amx: bool
) -> None:
    """There is no such processor here: the build only says that it was made for one."""
    monkeypatch.setattr(llama_cpp, "llama_print_system_info", lambda: b"CPU : AVX512 = 1 | " + b"AMX_INT8 = 1 | " * amx)
    defaults = llama_cpp.llama_cpp.llama_model_default_params
    llama = load_gguf(ModelStore().path("smollm2-135m"), n_ctx=64, verbose=False)
    assert llama.model_params.use_extra_bufts is not amx
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
