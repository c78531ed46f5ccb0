"""Exact commands out of noisy speech, step by step of the recogniser (``banksman bench commands``)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from banksman_edge.audio import Sound, load_sound
from banksman_edge.lab.bench.hearing import Listener, Reaction, Stage
from banksman_edge.lab.bench.noise import Noise, babble, lay_over, machine, pink
from banksman_edge.lab.evaluation import Case
from banksman_edge.lab.word_errors import errors
from banksman_edge.turns import Verdict
from banksman_shared.commands import parse_commands

CLEAN = "clean"
WRITTEN = "written"
"""The step without a recogniser: what understanding makes of the very words, the most that hearing can reach."""
LEVELS_DB = (20, 10, 5)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one case in one condition. ``step``: which recogniser; ``level``: "clean" or "10 dB"."""

    step: str
    level: str
    noise: str
    case: Case
    reaction: Reaction

    @property
    def ok(self) -> bool:
        """Whether what is done is exactly what was said; see the contract's ``exact``."""
        return self.reaction.done == parse_commands(self.case.expect)

    def document(self) -> dict[str, Any]:
        """A row for the report."""
        heard = self.reaction.transcript.text
        wrong, words = errors(self.case.text or "", heard, self.case.language or "")
        about = {"id": self.case.id, "text": self.case.text, "spoken": self.case.language, "noise": self.noise}
        counts = {"step": self.step, "level": self.level, "ok": self.ok, "wrong": wrong, "words": words}
        return about | counts | self.reaction.document()


def noisy(cases: Sequence[Case], level_db: int | None, seed: int) -> Iterator[tuple[str, Case, Sound]]:
    """The cases' sounds with pink noise, a machine or babble laid over them by turns, and which; None leaves them
    clean. The same seed gives the same noise."""
    sounds = [load_sound(str(case.audio)) for case in cases]
    if level_db is None:
        yield from ((CLEAN, case, sound) for case, sound in zip(cases, sounds, strict=True))
        return
    noises: dict[str, Noise] = {"pink": pink, "machine": machine, "babble": babble(sounds)}
    for number, (case, sound) in enumerate(zip(cases, sounds, strict=True)):
        name = list(noises)[(number + level_db // 10) % len(noises)]
        random = np.random.default_rng([seed, level_db, zlib.crc32(case.id.encode())])
        yield name, case, lay_over(sound, noises[name], level_db, random)


def measure_written(listener: Listener, cases: Sequence[Case], progress: Callable[[], None]) -> list[Result]:
    """The cases' texts instead of their sounds."""
    results = []
    for case in cases:
        results.append(Result(WRITTEN, CLEAN, CLEAN, case, listener.read(case.text or "")))
        progress()
    return results


def measure(
    listener: Listener, step: str, cases: Sequence[Case], level_db: int | None, seed: int, progress: Callable[[], None]
) -> list[Result]:
    """The cases' sounds, so far above a noise."""
    level, results = CLEAN if level_db is None else f"{level_db} dB", []
    for noise, case, sound in noisy(cases, level_db, seed):
        results.append(Result(step, level, noise, case, listener.hear(sound)))
        progress()
    return results


def summarise(results: Sequence[Result]) -> dict[str, Any]:
    """Shares of exact commands: step → level → language, "all" and the kinds of noise among them."""
    parts: dict[str, dict[str, list[Result]]] = {}
    for result in results:
        parts.setdefault(result.step, {}).setdefault(result.level, []).append(result)
    return {step: {level: _shares(own) for level, own in levels.items()} for step, levels in parts.items()}


def _shares(results: Sequence[Result]) -> dict[str, Any]:
    languages = sorted({str(result.case.language) for result in results})
    noises = sorted({result.noise for result in results})
    return {
        "n": len(results),
        "all": _share(results),
        "by_language": {code: _share([r for r in results if r.case.language == code]) for code in languages},
        "by_noise": {noise: _share([r for r in results if r.noise == noise]) for noise in noises},
        "verdicts": {str(verdict): sum(r.reaction.verdict is verdict for r in results) for verdict in Verdict},
        "read": {str(stage): _share_read(results, stage) for stage in Stage},
        "wrong_and_done": sum(not r.ok and r.reaction.verdict is Verdict.ACCEPT for r in results),
    }


def _share_read(results: Sequence[Result], stage: Stage) -> float | None:
    """The share that is read exactly up to a stage, whatever is decided about it then."""
    right = sum(r.reaction.stages[stage] == parse_commands(r.case.expect) for r in results)
    return round(right / len(results), 4) if results else None


def _share(results: Sequence[Result]) -> float | None:
    return round(sum(result.ok for result in results) / len(results), 4) if results else None
