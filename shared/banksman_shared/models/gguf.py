"""GGUF models, loaded so that llama.cpp computes them fast, and right."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from llama_cpp import Llama

_log = logging.getLogger(__name__)
_loading = threading.Lock()
_PROBE = 40
"""Tokens whose scores are compared."""
_ALIKE = 0.98
"""Least correlation of the scores that a model computes in two ways: they differ by what is rounded."""


def load_gguf(path: Path, **settings: Any) -> Llama:
    """The model of a file, with these settings of ``llama_cpp.Llama``, which raises what it raises.

    llama.cpp's code for the matrix unit of Intel's processors (AMX) is three times as fast as that without it, but as
    some compilers translate it, it computes some kinds of weights wrongly: GCC's ``_tile_loadd`` does not say that it
    reads memory, so what was unpacked for it may never be written (GCC 12; llama.cpp pull request 16315 has the
    symptom). Such a model answers nonsense and says that it is sure. So where a build has that code, what it makes of
    some tokens is compared with what the model makes of them without; weights that it gets wrong are not laid out for
    it, for which ``Llama`` has no setting.
    """
    import llama_cpp  # noqa: PLC0415  heavy

    amx = b"AMX_INT8 = 1" in llama_cpp.llama_print_system_info()
    if not amx or llama_cpp.llama_supports_gpu_offload():
        return llama_cpp.Llama(str(path), **settings)
    with _loading:
        fast = llama_cpp.Llama(str(path), **settings)
        try:
            right = _computes_right(fast, path, settings)
        except (ValueError, RuntimeError) as error:
            _log.warning("%s cannot be compared with itself: %s", path.name, error)
            right = False
        if right:
            return fast
        fast.close()
        _log.warning("%s is computed without the matrix unit, which this build of llama.cpp gets wrong", path.name)
        return _without_packing(path, settings)


def _without_packing(path: Path, settings: dict[str, Any]) -> Llama:
    """A model whose weights stay as its file has them."""
    from llama_cpp import Llama, llama_cpp  # noqa: PLC0415  heavy

    defaults = llama_cpp.llama_model_default_params
    plain = defaults()
    plain.use_extra_bufts = False
    llama_cpp.llama_model_default_params = lambda: plain
    try:
        return Llama(str(path), **settings)
    finally:
        llama_cpp.llama_model_default_params = defaults


def _computes_right(fast: Llama, path: Path, settings: dict[str, Any]) -> bool:
    """Whether a model scores what follows some tokens as it does without the matrix unit, when it gets them at once and
    one by one."""
    other = _without_packing(path, settings | {"n_ctx": 2 * _PROBE})
    tokens = [(1009 * at + 17) % fast.n_vocab() for at in range(_PROBE)]
    try:
        for batch in (tokens[:-1], tokens[-1:]):
            likeness = np.corrcoef(_scores(fast, batch), _scores(other, batch))[0, 1]
            if not likeness >= _ALIKE:  # nor where it is no number
                return False
    finally:
        other.close()
    fast.reset()
    return True


def _scores(model: Llama, tokens: list[int]) -> Any:
    import llama_cpp  # noqa: PLC0415  heavy

    model.eval(tokens)
    pointer = llama_cpp.llama_get_logits_ith(model.ctx, -1)
    return np.ctypeslib.as_array(pointer, shape=(model.n_vocab(),)).copy()
