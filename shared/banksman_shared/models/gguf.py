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
    from llama_cpp import Llama, llama_print_system_info  # noqa: PLC0415  heavy

    if b"AMX_INT8 = 1" not in llama_print_system_info():
        return Llama(str(path), **settings)
    fast = Llama(str(path), **settings)
    probe = _without_packing(path, settings | {"n_ctx": 2 * _PROBE})
    right = _compute_alike(fast, probe)
    probe.close()
    if right:
        return fast
    fast.close()
    _log.info("%s is computed without the matrix unit, which this build of llama.cpp gets wrong for it", path.name)
    return _without_packing(path, settings)


def _without_packing(path: Path, settings: dict[str, Any]) -> Llama:
    """A model whose weights stay as its file has them."""
    from llama_cpp import Llama, llama_cpp  # noqa: PLC0415  heavy

    with _loading:
        defaults = llama_cpp.llama_model_default_params
        plain = defaults()
        plain.use_extra_bufts = False
        llama_cpp.llama_model_default_params = lambda: plain
        try:
            return Llama(str(path), **settings)
        finally:
            llama_cpp.llama_model_default_params = defaults


def _compute_alike(one: Llama, other: Llama) -> bool:
    """Whether two models score what follows some tokens alike, when they get them at once and one by one."""
    tokens = [(1009 * at + 17) % one.n_vocab() for at in range(_PROBE)]
    for batch in (tokens[:-1], tokens[-1:]):
        scores = [_scores(model, batch) for model in (one, other)]
        if not np.corrcoef(*scores)[0, 1] >= _ALIKE:  # nor where it is no number
            return False
    one.reset()
    return True


def _scores(model: Llama, tokens: list[int]) -> Any:
    import llama_cpp  # noqa: PLC0415  heavy

    model.eval(tokens)
    pointer = llama_cpp.llama_get_logits_ith(model.ctx, -1)
    return np.ctypeslib.as_array(pointer, shape=(model.n_vocab(),)).copy()
