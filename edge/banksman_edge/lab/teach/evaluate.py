"""``banksman teach whisper evaluate``: the taught weights against the published ones, as the product runs them.

Both run in CTranslate2, int8, the published weights with 10 s of context and the taught ones with just the sound
there is. On synthesised commands the reference is what was said; on recorded people it is what the published weights
write with 30 s of context and a beam of 5, so there a difference may also be an improvement: what counts is that the
taught weights differ no more than the published ones with 10 s do.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from banksman_edge.audio import SAMPLE_RATE, Samples
from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.augment import Augmentation, mix
from banksman_edge.lab.teach.hearing import FULL, Context, Heard, Hearing, context_of
from banksman_edge.lab.teach.lessons import load_samples
from banksman_edge.lab.teach.manifest import Clip, read_clips
from banksman_edge.lab.word_errors import errors

NOISY_DB = 10.0
"""Commands are heard clean and with noise at this signal-to-noise ratio."""


@dataclass(frozen=True, slots=True)
class Score:
    """Errors of some clips. ``errors`` and ``length`` are in words, or characters where a script has no spaces.

    A clip has at most as many errors as words, or a single runaway repetition would outweigh all else.

    ``wrong_language`` counts clips for which another of the languages offered was chosen.
    """

    clips: int = 0
    exact: int = 0
    errors: int = 0
    length: int = 0
    runaway: int = 0
    wrong_language: int = 0
    seconds: float = 0.0

    @property
    def error_rate(self) -> float:
        return self.errors / max(1, self.length)

    def __add__(self, other: Score) -> Score:
        return Score(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    def document(self) -> dict[str, Any]:
        """For a card: counts and the error rate; not the time, which says more about the machine."""
        return {
            "clips": self.clips,
            "exact": self.exact,
            "error_rate": round(self.error_rate, 4),
            "runaway": self.runaway,
            "wrong_language": self.wrong_language,
        }


Report = Mapping[str, Mapping[str, Score]]
"""By what was heard ("commands/hi", "noisy/hi", "recorded", "left out"), then "published" and "taught"."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A sound with its reference; ``group`` is where it is counted."""

    group: str
    samples: Samples
    language: str
    reference: str


def evaluate(data: Path, base: Path, taught: Path, advance: Callable[[int, int], None], *, threads: int = 2) -> Report:
    """Hear all test clips of the prepared folder ``data`` with both models (CTranslate2 folders).

    Raises:
        TeachingError: there are no test clips, or a model cannot be loaded.
    """
    clips = [clip for clip in read_clips(data) if clip.test and (data / clip.audio).is_file()]
    if not any(clip.kind != "noise" for clip in clips):
        raise TeachingError(f"{data} has no clips to test with; prepare some")
    trained = {clip.language for clip in read_clips(data) if not clip.test}
    published, improved = Hearing(base, threads=threads), Hearing(taught, threads=threads)
    models = (("published", published, context_of(base)), ("taught", improved, context_of(taught)))
    cases = list(_cases(clips, data, trained, _References(data, published)))
    offered = tuple(sorted({clip.language for clip in clips if clip.synthesised}))
    scores: dict[str, dict[str, Score]] = {}
    for done, case in enumerate(cases, 1):
        for name, hearing, context in models:
            score = _score(case, hearing, context, offered)
            found = scores.setdefault(case.group, {})
            found[name] = found.get(name, Score()) + score
        advance(done, len(cases))
    return scores


def _cases(clips: Sequence[Clip], data: Path, trained: set[str], references: _References) -> Iterable[_Case]:
    noises = load_samples([clip for clip in clips if clip.kind == "noise"], data)
    augmentation = Augmentation(noises)
    spoken = [clip for clip in clips if clip.kind != "noise"]
    for clip, samples in zip(spoken, load_samples(spoken, data), strict=True):
        if clip.synthesised:
            yield _Case(f"commands/{clip.language}", _around(samples), clip.language, clip.text)
            # A seed of its own for each clip, so that a clip more or less does not change the others.
            random = np.random.default_rng(zlib.crc32(clip.id.encode()))
            padded = _around(samples)
            noisy = mix(padded, augmentation.noise(len(padded), random), NOISY_DB)
            yield _Case(f"noisy/{clip.language}", noisy, clip.language, clip.text)
            continue
        group = "own recordings" if clip.text else "recorded" if clip.language in trained else "left out"
        language, text = (clip.language, clip.text) if clip.text else references.of(clip, samples)
        if text:
            yield _Case(group, samples, language, text)


class _References:
    """What the published weights write with 30 s of context; kept in the folder, since each takes seconds."""

    def __init__(self, data: Path, published: Hearing) -> None:
        self._path, self._published = data / "references.json", published
        self._known: dict[str, tuple[str, str]] = {}
        if self._path.is_file():
            self._known = msgspec.json.decode(self._path.read_bytes(), type=dict[str, tuple[str, str]])

    def of(self, clip: Clip, samples: Samples) -> tuple[str, str]:
        """Language and text."""
        if clip.audio not in self._known:
            language = clip.language if clip.language in self._published.languages else ""
            heard = self._published.hear(samples[: 29 * SAMPLE_RATE], FULL, language, beam=5)
            self._known[clip.audio] = (language or heard.language, heard.text)
            self._path.write_bytes(msgspec.json.encode(self._known))
        return self._known[clip.audio]


def _around(samples: Samples) -> Samples:
    """The speech with the silence around it that voice activity detection leaves."""
    return np.pad(samples, (SAMPLE_RATE // 5, SAMPLE_RATE // 5))


def _score(case: _Case, hearing: Hearing, context: Context, offered: tuple[str, ...]) -> Score:
    heard: Heard = hearing.hear(case.samples, context, case.language, offered)
    wrong, length = errors(case.reference, heard.text, case.language)
    return Score(
        1,
        int(wrong == 0),
        min(wrong, length),
        length,
        int(heard.runaway),
        int(case.language in offered and heard.language != case.language),
        heard.seconds,
    )


def total(report: Report, prefix: str, model: str) -> Score:
    """All groups whose name starts with ``prefix`` together."""
    return sum((scores[model] for name, scores in report.items() if name.startswith(prefix)), Score())


def documents(report: Report) -> dict[str, dict[str, dict[str, Any]]]:
    """The report as it is written into a card."""
    return {group: {name: score.document() for name, score in scores.items()} for group, scores in report.items()}
