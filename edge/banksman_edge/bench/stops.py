"""How many stop words the spotter misses, by language and noise (``banksman bench stop``)."""

from __future__ import annotations

import json
import random as chances
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from banksman_edge.audio import SAMPLE_RATE, Sound, load_sound
from banksman_edge.bench.alarms import stops_in
from banksman_edge.bench.noise import NOISES, lay_over
from banksman_edge.errors import SynthesisError
from banksman_edge.streams.spotting import StopSpotter
from banksman_edge.teach.stop.formants import FormantSpeaker
from banksman_edge.teach.stop.lines import all_lines
from banksman_edge.teach.stop.scenes import spoken_span
from banksman_shared.errors import BanksmanError

LEVELS_DB = (None, 20.0, 10.0, 5.0)
"""Signal-to-noise ratios; None is clean."""
BEFORE_S, AFTER_S = 1.0, 1.0
"""Silence around a word."""
LATEST_S = 0.6
"""So long after its end a word has to have been spotted."""
QUIETEST = 3e-4
"""What no room is quieter than: a clean word stands in noise of this level, full scale 1."""


@dataclass(frozen=True, slots=True)
class Word:
    """Somebody says a stop word and nothing else. ``by``: who."""

    language: str
    text: str
    by: str
    sound: Sound


@dataclass(frozen=True, slots=True)
class Trial:
    """A word in noise. ``delay_s``: from its end until it was spotted, None if it was missed."""

    word: Word
    level_db: float | None
    delay_s: float | None

    def document(self) -> dict[str, Any]:
        """A row for the report."""
        said = {"language": self.word.language, "text": self.word.text, "by": self.word.by}
        delay = None if self.delay_s is None else round(self.delay_s, 3)
        return said | {"noise": level_name(self.level_db), "delay_s": delay}


def recorded(manifest: Path, languages: Sequence[str]) -> list[Word]:
    """The stop words of these languages among recordings: JSON lines with ``audio``, ``language``, and ``text`` or
    ``transcript``.

    Raises:
        BanksmanError: it is no such manifest.
    """
    found = []
    try:
        for line in manifest.read_text("utf-8").splitlines():
            row = json.loads(line)
            text = (row.get("text") or row.get("transcript") or "").strip(" .!¡。！").casefold()
            if row["language"] in languages and text in _words(row["language"]):
                by = row.get("voice") or row.get("speaker") or row["audio"]
                found.append(Word(row["language"], text, by, load_sound(manifest.parent / row["audio"])))
    except (OSError, KeyError, ValueError, AttributeError) as error:
        raise BanksmanError(f"{manifest} is no manifest of recordings: {error}") from error
    return found


def robots(languages: Sequence[str], voices: int) -> Iterator[Word]:
    """Every stop word of these languages by so many of espeak-ng's voices, none of which the spotter was taught with.

    Raises:
        SynthesisError: espeak-ng is not installed.
    """
    speaker = FormantSpeaker()
    for code in languages:
        for text in sorted(_words(code)):
            for number in range(voices):
                by = f"espeak-ng {number + 1}"
                chance = chances.Random(zlib.crc32(f"{code}/{text}/{number}".encode()))  # noqa: S311  not for secrets
                for _ in range(8):  # it lacks some of its voices in some of the dialects
                    with suppress(SynthesisError):
                        yield Word(code, text, by, Sound(speaker.speak(f"{text}!", code, chance, test=True)))
                        break


def try_words(spotter: StopSpotter, words: Sequence[Word], seed: int, progress: Callable[[], None]) -> list[Trial]:
    """Play each word, clean and in noise, to a stream of its own, as a headset's sound goes."""
    random = np.random.default_rng(seed)
    trials = []
    for word in words:
        for level in LEVELS_DB:
            trials.append(Trial(word, level, _delay(spotter, word.sound, level, random)))
            progress()
    return trials


def _delay(spotter: StopSpotter, sound: Sound, level_db: float | None, random: np.random.Generator) -> float | None:
    start, end = spoken_span(sound.samples)
    before, after = (np.zeros(round(s * SAMPLE_RATE), np.float32) for s in (BEFORE_S, AFTER_S))
    scene = Sound(np.concatenate([before, sound.samples[start:end], after]))
    if level_db is not None:
        scene = lay_over(scene, NOISES[str(random.choice(list(NOISES)))], level_db, random)
    room = random.normal(0, QUIETEST, len(scene.samples)).astype(np.float32)
    begins_s, ends_s = BEFORE_S, BEFORE_S + (end - start) / SAMPLE_RATE
    for stop in stops_in(spotter, scene.samples + room):
        if begins_s <= stop.at <= ends_s + LATEST_S:
            return stop.at - ends_s
    return None


def summarise(trials: Sequence[Trial]) -> dict[str, Any]:
    """Misses as [missed, said] by language, then noise, and when after their end words were spotted."""
    missed: dict[str, dict[str, list[int]]] = {}
    for trial in sorted(trials, key=lambda trial: trial.word.language):
        for code in (trial.word.language, "all"):
            counts = missed.setdefault(code, {}).setdefault(level_name(trial.level_db), [0, 0])
            counts[0] += trial.delay_s is None
            counts[1] += 1
    delays = [trial.delay_s for trial in trials if trial.delay_s is not None]
    found = {f"p{p}": round(float(np.percentile(delays, p)) * 1000) for p in (50, 95)} if delays else {}
    every = missed.pop("all", {})
    return {"missed": missed | {"all": every}, "delay_ms": found}


def level_name(level_db: float | None) -> str:
    """As the table calls it."""
    return "clean" if level_db is None else f"{level_db:.0f} dB"


def _words(code: str) -> frozenset[str]:
    lines = all_lines().get(code)
    return frozenset(word.casefold() for words in lines.stop.values() for word in words) if lines else frozenset()
