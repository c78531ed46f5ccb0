"""Where Whisper's encoder runs: on a CUDA GPU if it truly runs there, else on the CPU."""

from __future__ import annotations

import ctypes
import logging
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.feature_extractor import FeatureExtractor

from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.errors import RecogniserError

log = logging.getLogger(__name__)

PREFERRED = {"cuda": ("float16", "int8_float16", "int8", "float32"), "cpu": ("int8", "float32")}
"""Compute types, the best first. GPUs before Volta have no fast float16, some no int8 either."""
_LIBRARIES = ("libcublasLt.so.12", "libcublas.so.12")
"""What CTranslate2 opens by name on a GPU, the one that the other needs first."""


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """``whisper`` on ``device`` ("cuda" or "cpu"), computing in ``compute_type``."""

    whisper: WhisperModel
    device: str
    compute_type: str


class GpuUnusableError(RecogniserError):
    """CTranslate2 sees a GPU and cannot compute on it: ``reason`` in its own words, and the ``remedy``."""

    def __init__(self, reason: str) -> None:
        self.reason, self.remedy = reason, "see that nvidia-smi lists it, with a driver for CUDA 12"
        if "libcu" in reason:
            self.remedy = "pip install 'banksman[gpu]', or install CUDA 12 with cuBLAS"
        elif "memory" in reason:
            self.remedy = "free its memory, or take a smaller model"
        super().__init__(f"the CUDA GPU cannot be used ({reason}); to use it, {self.remedy}")


def load_whisper(model: Path, device: str = "auto", threads: int = 0) -> Loaded:
    """The model, where it runs. ``device`` "auto": a CUDA GPU that takes a second of silence, else the CPU, with a
    warning where a GPU is seen and cannot be used. ``threads`` of the CPU: 0 for as many as there are cores.

    Raises:
        RecogniserError: the folder is no model, or cannot be used on the device that was asked for.
    """
    unusable: GpuUnusableError | None = None
    if device == "cuda" or (device == "auto" and gpus()):
        try:
            return on_gpu(model)
        except GpuUnusableError as error:
            if device == "cuda":
                raise
            unusable = error
    try:
        loaded = _load(model, "cpu", threads)
    except (RuntimeError, ValueError, OSError) as error:
        raise RecogniserError(f"Whisper model {model} cannot be loaded: {error}") from error
    if unusable:
        log.warning("recognition runs on the CPU: %s", unusable)
    return loaded


def on_gpu(model: Path) -> Loaded:
    """The model on a CUDA GPU that has taken a second of silence: CTranslate2 opens CUDA's libraries only when it
    computes, so a model that can be loaded may still not run.

    Raises:
        GpuUnusableError: it does not run there.
    """
    try:
        _open_libraries()
        loaded = _load(model, "cuda", 0)
        silence = loaded.whisper.feature_extractor(np.zeros(SAMPLE_RATE, np.float32))
        np.array(loaded.whisper.encode(silence).to_device(ctranslate2.Device.cpu))
    except (RuntimeError, ValueError, OSError) as error:
        raise GpuUnusableError(str(error).partition("\n")[0]) from error
    return loaded


def gpus() -> int:
    """How many CUDA GPUs CTranslate2 sees; none where its driver fails."""
    try:
        return int(ctranslate2.get_cuda_device_count())
    except RuntimeError:
        return 0


def compute_type(device: str) -> str:
    """The best type that CTranslate2 computes in on this machine's ``device``."""
    supported = ctranslate2.get_supported_compute_types(device)
    return next((kind for kind in PREFERRED[device] if kind in supported), "default")


def _load(model: Path, device: str, threads: int) -> Loaded:
    kind = compute_type(device)
    whisper = WhisperModel(str(model), device=device, compute_type=kind, cpu_threads=threads, local_files_only=True)
    if whisper.feature_extractor.mel_filters.shape[0] != whisper.model.n_mels:  # no preprocessor_config.json says so
        whisper.feature_extractor = FeatureExtractor(feature_size=whisper.model.n_mels)
    return Loaded(whisper, device, kind)


def _open_libraries() -> None:
    """Open what the extra ``gpu`` brought. It lies in a package's folder, where CTranslate2, which opens it by its bare
    name, does not look; what is open already is found by that name."""
    package = find_spec("nvidia.cublas") if sys.platform == "linux" and find_spec("nvidia") else None
    for folder in (package and package.submodule_search_locations) or ():
        for name in _LIBRARIES:
            if (path := Path(folder) / "lib" / name).is_file():
                ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)
