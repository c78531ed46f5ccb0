"""Where Whisper's encoder runs: on a GPU that truly computes, in a type that it knows, else on the CPU."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ctranslate2
import pytest
from faster_whisper import WhisperModel

from banksman_edge import Sound, WhisperRecogniser
from banksman_edge.app.checkup import Health, examine
from banksman_edge.asr import device as devices
from banksman_edge.asr.device import GpuUnusableError, compute_type, load_whisper
from banksman_edge.errors import RecogniserError
from banksman_shared.models import ModelStore

NO_CUBLAS = "Library libcublas.so.12 is not found or cannot be loaded"
OF_THE_CPU = ctranslate2.get_supported_compute_types
See = Callable[..., None]


@pytest.fixture
def see_gpu(monkeypatch: pytest.MonkeyPatch) -> See:
    """Makes CTranslate2 see a GPU: one that fails with ``failure`` in its first computation, or none of which it is
    known. The model itself is real, and lies on the CPU."""

    def see(failure: str = "", types: frozenset[str] = frozenset({"float16", "float32"})) -> None:
        class OnGpu(WhisperModel):  # type: ignore[misc]  # faster-whisper has no types
            def __init__(self, model: str, *, device: str, **more: Any) -> None:
                self.double = device == "cuda"
                super().__init__(model, device="cpu", **(more | {"compute_type": "int8"}))

            def encode(self, features: Any) -> Any:
                if self.double and failure:
                    raise RuntimeError(failure)
                return super().encode(features)

        monkeypatch.setattr(ctranslate2, "get_cuda_device_count", lambda: 1)
        monkeypatch.setattr(
            ctranslate2, "get_supported_compute_types", lambda on: types if on == "cuda" else OF_THE_CPU(on)
        )
        monkeypatch.setattr(devices, "WhisperModel", OnGpu)

    return see


@pytest.mark.parametrize(
    ("known", "taken"),
    [
        ({"float32", "float16", "int8", "int8_float16", "bfloat16"}, "float16"),
        ({"float32", "int8", "int8_float32"}, "int8"),
        ({"float32"}, "float32"),
        ({"bfloat16"}, "default"),
    ],
)
def test_the_best_type_that_the_gpu_knows_is_taken(see_gpu: See, known: set[str], taken: str) -> None:
    see_gpu(types=frozenset(known))
    assert compute_type("cuda") == taken
    assert compute_type("cpu") == "int8"


@pytest.mark.models
def test_a_gpu_that_computes_is_used(see_gpu: See, caplog: pytest.LogCaptureFixture) -> None:
    see_gpu()
    loaded = load_whisper(ModelStore().path("whisper-base"))
    assert (loaded.device, loaded.compute_type, caplog.messages) == ("cuda", "float16", [])


@pytest.mark.models
@pytest.mark.parametrize(
    ("failure", "remedy"),
    [
        (NO_CUBLAS, r"pip install 'banksman\[gpu\]'"),
        ("CUDA failed with error out of memory", "smaller model"),
        ("CUDA failed with error CUDA driver version is insufficient for CUDA runtime version", "driver for CUDA 12"),
    ],
)
def test_a_gpu_that_fails_is_told_of_once_and_the_cpu_hears(
    see_gpu: See, caplog: pytest.LogCaptureFixture, speech: dict[str, Sound], failure: str, remedy: str
) -> None:
    see_gpu(failure)
    with caplog.at_level(logging.WARNING):
        recogniser = WhisperRecogniser(ModelStore().path("whisper-base"), ["en"], threads=1)
        recogniser.warm_up()
    assert recogniser.device == "cpu"
    assert "workshop" in recogniser.transcribe(speech["en-move"]).text.casefold()
    (message,) = caplog.messages
    assert message.startswith("recognition runs on the CPU: the CUDA GPU cannot be used")
    assert failure in message
    with pytest.raises(GpuUnusableError, match=remedy):
        WhisperRecogniser(ModelStore().path("whisper-base"), ["en"], device="cuda")


def test_a_folder_that_is_no_model_is_not_the_gpu_s_fault(
    see_gpu: See, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    see_gpu()
    with pytest.raises(RecogniserError, match=f"Whisper model {tmp_path} cannot be loaded"):
        load_whisper(tmp_path)
    assert caplog.messages == []


@pytest.mark.skipif(ctranslate2.get_cuda_device_count() > 0, reason="this machine has a GPU")
@pytest.mark.models
def test_without_a_gpu_whoever_wants_one_is_told() -> None:
    with pytest.raises(GpuUnusableError, match="CUDA"):
        load_whisper(ModelStore().path("whisper-base"), "cuda")


@pytest.mark.models
@pytest.mark.parametrize(("failure", "health"), [("", Health.GOOD), (NO_CUBLAS, Health.OPTIONAL)])
def test_doctor_tries_the_gpu(see_gpu: See, failure: str, health: Health) -> None:
    see_gpu(failure)
    ModelStore().path("whisper-base-taught")
    found = {finding.what: finding for finding in examine(["en"])}
    on_gpu = found["recogniser on GPU"]
    assert on_gpu.health is health
    if failure:
        assert failure in on_gpu.found
        assert "banksman[gpu]" in on_gpu.remedy
        assert "CPU" in found["recogniser"].found
    else:
        assert "float16" in on_gpu.found


@pytest.mark.skipif(not sys.platform.startswith("linux") or shutil.which("cc") is None, reason="needs Linux and cc")
def test_the_libraries_that_the_extra_brings_are_found_by_their_names(tmp_path: Path) -> None:
    libraries = tmp_path / "nvidia" / "cublas" / "lib"
    libraries.mkdir(parents=True)
    for name in ("libcublasLt.so.12", "libcublas.so.12"):
        flags = ["-shared", "-o", str(libraries / name), f"-Wl,-soname,{name}", "-x", "c", "/dev/null"]
        subprocess.run(["cc", *flags], check=True)
    program = """
import ctypes, sys
from banksman_edge.asr import device
sys.path.insert(0, sys.argv[1])
device._open_libraries()
print(open("/proc/self/maps").read().count(sys.argv[1]) > 0, ctypes.CDLL("libcublas.so.12") is not None)
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "True"]
