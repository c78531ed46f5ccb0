"""GGUF models, loaded so that llama.cpp computes them right."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llama_cpp import Llama

_loading = threading.Lock()


def load_gguf(path: Path, **settings: Any) -> Llama:
    """The model of a file, with these settings of ``llama_cpp.Llama``, which raises what it raises.

    llama.cpp's code for the matrix unit of Intel's processors (AMX), as GCC compiles it, computes weights of four to
    six bits wrongly: GCC's ``_tile_loadd`` does not say that it reads memory, so what was unpacked for it is never
    written (GCC 12; llama.cpp pull request 16315 has the symptom). Such a model answers nonsense and says that it is
    sure. A build with that code is kept from laying out weights for it, which ``Llama`` has no setting for.
    """
    from llama_cpp import Llama, llama_cpp, llama_print_system_info  # noqa: PLC0415  heavy

    if b"AMX_INT8 = 1" not in llama_print_system_info():
        return Llama(str(path), **settings)
    with _loading:
        defaults = llama_cpp.llama_model_default_params
        plain = defaults()
        plain.use_extra_bufts = False
        llama_cpp.llama_model_default_params = lambda: plain
        try:
            return Llama(str(path), **settings)
        finally:
            llama_cpp.llama_model_default_params = defaults
