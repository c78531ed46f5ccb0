"""How many CPU threads recognition is fastest with on this machine: measured once, kept, used from then on."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from platformdirs import user_cache_dir

from banksman_edge.asr.transcript import Recogniser
from banksman_edge.audio import Sound
from banksman_shared.models.store import CACHE_VARIABLE

TIMES = 7


@dataclass(frozen=True, slots=True)
class Timing:
    """``ms``: the median time of an order."""

    threads: int
    ms: float


def measure_threads(
    load: Callable[[int], Recogniser], sounds: Sequence[Sound], report: Callable[[Timing], None]
) -> list[Timing]:
    """The time of an order with 1, 2, 4 ... threads, up to as many as this process may use."""
    timings = []
    for threads in candidates(usable_cpus()):
        recogniser = load(threads)
        taken = []
        for sound in [*sounds] * TIMES:
            start = time.perf_counter()
            recogniser.transcribe(sound)
            taken.append(1e3 * (time.perf_counter() - start))
        timings.append(Timing(threads, float(np.median(taken))))
        report(timings[-1])
    return timings


def candidates(most: int) -> list[int]:
    """1, 2, 4 ... and ``most`` itself."""
    return sorted({*(1 << power for power in range(most.bit_length())), most})


def usable_cpus() -> int:
    """The CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def keep_thread_count(model: str, threads: int, cache: Path | None = None) -> Path:
    """Remember that ``model`` is fastest with so many threads here; returns the file."""
    file = _file(cache)
    known = _read(file)
    known[model] = threads
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f"{file.name}.{os.getpid()}.part")  # who reads meanwhile never finds half a file
    unfinished.write_text(json.dumps({"cpus": usable_cpus(), "threads": known}, indent=1) + "\n", "utf-8")
    unfinished.replace(file)
    return file


def kept_thread_count(model: str, cache: Path | None = None) -> int:
    """What was measured for ``model`` on this machine, or 0: nothing was, or with another number of CPUs."""
    return _read(_file(cache)).get(model, 0)


def _file(cache: Path | None) -> Path:
    return (cache or Path(os.environ.get(CACHE_VARIABLE) or user_cache_dir("banksman"))) / "threads.json"


def _read(file: Path) -> dict[str, int]:
    try:
        document = json.loads(file.read_text("utf-8"))
        if document["cpus"] != usable_cpus():
            return {}
        return {str(name): count for name, count in document["threads"].items() if isinstance(count, int) and count > 0}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}  # it is measured again at worst
