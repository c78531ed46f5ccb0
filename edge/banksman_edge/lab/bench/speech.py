"""Recognisers side by side: the same sounds, the same machine, one run (``banksman bench speech``)."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from banksman_edge.audio import Sound, load_sound
from banksman_edge.lab.bench.compared_recognisers import BEST, DEFAULTS, OURS, WHISPER_CPP, Contender
from banksman_edge.lab.bench.speed_limits import Machine, work_of
from banksman_edge.lab.evaluation import Case
from banksman_edge.lab.word_errors import errors

TOKENS_PER_WORD = 1.4
"""Of Whisper's vocabulary, over the development set's eight languages: only for the floor."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What one contender made of one clip. ``wrong`` of ``words``: see :func:`errors`."""

    contender: str
    id: str
    language: str
    text: str
    heard_language: str
    ms: float
    seconds: float
    wrong: int
    words: int


def compare(rivals: Sequence[Contender], cases: Sequence[Case], progress: Callable[[], None]) -> list[Heard]:
    """Every clip by every contender, who take turns in being first; each has heard one clip before it counts."""
    sounds = [(case, load_sound(case.audio)) for case in cases if case.audio]
    for rival in rivals:
        rival.hear(sounds[0][1])
    rows = []
    for number, (case, sound) in enumerate(sounds):
        first = number % len(rivals)
        rows += [_heard(rival, case, sound) for rival in (*rivals[first:], *rivals[:first])]
        progress()
    return rows


def _heard(rival: Contender, case: Case, sound: Sound) -> Heard:
    start = time.perf_counter()
    text, language = rival.hear(sound)
    ms = 1e3 * (time.perf_counter() - start)
    spoken = case.language or language
    wrong, words = errors(case.text, text, spoken) if case.text else (0, 0)
    return Heard(rival.name, case.id, spoken, text, language, ms, sound.seconds, wrong, words)


def summarise(rows: Sequence[Heard]) -> dict[str, Any]:
    """By contender: latency in ms, its ratio to the defaults, error rates in all and by language."""
    names = list(dict.fromkeys(row.contender for row in rows))
    by_name = {
        name: [row for row in rows if row.contender == name]
        for name in (OURS, DEFAULTS, BEST, WHISPER_CPP)
        if name in names
    }
    table = {name: _summary(own) for name, own in by_name.items()}
    if DEFAULTS in table:
        usual = _percentiles(by_name[DEFAULTS])
        for name, own in by_name.items():
            table[name]["times_faster"] = {q: round(usual[q] / ms, 2) for q, ms in _percentiles(own).items()}
    return table


def _percentiles(rows: Sequence[Heard]) -> dict[str, float]:
    return {f"p{q}": float(np.percentile([row.ms for row in rows], q)) for q in (50, 95)}


def _summary(rows: Sequence[Heard]) -> dict[str, Any]:
    languages = sorted({row.language for row in rows})
    return {
        "n": len(rows),
        "latency_ms": {q: round(ms, 1) for q, ms in _percentiles(rows).items()},
        "error_rate": _rate(rows),
        "right_language": _right_language(rows),
        "by_language": {code: _rate([row for row in rows if row.language == code]) for code in languages},
    }


def _right_language(rows: Sequence[Heard]) -> float | None:
    told = [row.heard_language == row.language for row in rows if row.heard_language]
    return round(sum(told) / len(told), 4) if told else None


def _rate(rows: Sequence[Heard]) -> float | None:
    words = sum(row.words for row in rows)
    return round(sum(row.wrong for row in rows) / words, 4) if words else None


def floor(machine: Machine, model: Path, rows: Sequence[Heard]) -> dict[str, Any]:
    """The work of the median clip, what this machine could do it in, and how far from that each contender is."""
    clips = {row.id: row for row in rows}.values()
    seconds = float(np.median([row.seconds for row in clips]))
    tokens = round(TOKENS_PER_WORD * float(np.median([row.words for row in clips]))) + 1
    work = work_of(model, seconds, tokens, 1 if machine.precision == "int8" else 2)
    shortest = machine.floor_ms(work)
    p50 = {name: summary["latency_ms"]["p50"] for name, summary in summarise(rows).items()}
    return {
        "seconds": round(seconds, 2),
        "tokens": tokens,
        "work": asdict(work),
        "machine": asdict(machine),
        "floor_ms": {part: round(ms, 1) for part, ms in shortest.items()},
        "times_the_floor": {name: round(ms / shortest["total"], 1) for name, ms in p50.items()},
    }


def document(row: Heard) -> dict[str, Any]:
    """A row for the report."""
    return asdict(row) | {"ms": round(row.ms, 2), "seconds": round(row.seconds, 3)}


def this_machine(threads: int) -> dict[str, Any]:
    """What a reader of the numbers has to know: processor, cores, threads, and how busy it was."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": threads,
        "load": [round(load, 2) for load in os.getloadavg()],
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
