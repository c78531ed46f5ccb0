"""GGUF models, loaded so that llama.cpp computes them right, and fast."""

from __future__ import annotations

import ctypes
import logging
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llama_cpp import Llama

_log = logging.getLogger(__name__)
_loading = threading.Lock()
_CPU = 0
"""ggml's number for the processor among its devices."""
_LAYERS = rb"blk\..*\.(attn_q|attn_k|attn_v|attn_output|ffn_up|ffn_down|ffn_gate)\.weight"


class _Override(ctypes.Structure):
    """llama.cpp's ``llama_model_tensor_buft_override``: where the tensors of a name are kept."""

    _fields_ = (("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p))


def load_gguf(path: Path, *, layers_q4_0: bool = False, **settings: Any) -> Llama:
    """The model of a file, with these settings of ``llama_cpp.Llama``, which raises what it raises. ``layers_q4_0``:
    the weights of its layers are all Q4_0.

    llama.cpp's code for the matrix unit of Intel's processors (AMX), as GCC 12 compiles it, is three times as fast as
    that without, and was seen to answer nonsense and say that it is sure: in some processes, while others with the same
    build and the same files computed right, so that a check when a model is loaded finds nothing. Why is not known
    (GCC's ``_tile_loadd`` does not say that it reads memory; llama.cpp pull request 16315 has the symptom). A build
    with that code is kept from laying out weights for it, which ``Llama`` has no setting for; Q4_0 is laid out for the
    other vector instructions instead, which takes half of the time for a prompt.
    """
    from llama_cpp import Llama, llama_cpp, llama_print_system_info  # noqa: PLC0415  heavy

    if b"AMX_INT8 = 1" not in llama_print_system_info():
        return Llama(str(path), **settings)
    with _loading:
        defaults = llama_cpp.llama_model_default_params
        changed = defaults()
        changed.use_extra_bufts = False
        packed = _packing_without_amx() if layers_q4_0 else None
        overrides = (_Override * 2)(_Override(_LAYERS, packed), _Override(None, None))
        if packed:
            changed.tensor_buft_overrides = ctypes.addressof(overrides)
        llama_cpp.llama_model_default_params = lambda: changed
        try:
            return Llama(str(path), **settings)
        finally:
            llama_cpp.llama_model_default_params = defaults


@cache
def _packing_without_amx() -> int | None:
    """ggml's type of buffer in which weights lie as the vector instructions want them; None where it has none."""
    import llama_cpp  # noqa: PLC0415  heavy

    found: dict[str, Any] = {}
    folder = Path(llama_cpp.__file__).parent / "lib"
    pointer = ctypes.c_void_p
    wanted = {
        "ggml_backend_dev_by_type": (pointer, ctypes.c_int),
        "ggml_backend_dev_backend_reg": (pointer, pointer),
        "ggml_backend_reg_get_proc_address": (pointer, pointer, ctypes.c_char_p),
        "ggml_backend_buft_name": (ctypes.c_char_p, pointer),
    }
    try:
        for library in (ctypes.CDLL(str(path)) for path in (folder / "libggml-base.so", folder / "libggml.so")):
            for name, (result, *arguments) in wanted.items():
                if hasattr(library, name):
                    found[name] = ctypes.CFUNCTYPE(result, *arguments)((name, library))
        device = found["ggml_backend_dev_by_type"](_CPU)
        registry = found["ggml_backend_dev_backend_reg"](device)
        address = found["ggml_backend_reg_get_proc_address"](registry, b"ggml_backend_dev_get_extra_bufts")
        types = ctypes.CFUNCTYPE(ctypes.POINTER(pointer), pointer)(address)(device) if address else None
        at = 0
        while types and types[at]:
            if found["ggml_backend_buft_name"](types[at]) == b"CPU_REPACK":
                return int(types[at])
            at += 1
    except (OSError, KeyError, AttributeError) as error:
        _log.warning("weights cannot be laid out for this processor, so the language model is slower: %s", error)
    return None
