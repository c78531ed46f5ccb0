"""How many stop words the spotter misses, by language and noise (``banksman bench stop``)."""

from __future__ import annotations

import json
import random as chances
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from banksman_edge.audio import SAMPLE_RATE, Samples, Sound, load_sound
from banksman_edge.errors import SynthesisError
from banksman_edge.lab.bench.alarms import stops_in
from banksman_edge.lab.bench.conversation import voiced
from banksman_edge.lab.bench.noise import NOISES, lay_over, speech_level
from banksman_edge.lab.teach.stop.formants import FormantSpeaker
from banksman_edge.lab.teach.stop.lines import all_lines
from banksman_edge.lab.teach.stop.scenes import spoken_span
from banksman_edge.streams import StopSpotter
from banksman_shared.errors import BanksmanError

LEVELS_DB = (None, 20.0, 10.0, 5.0)
"""Signal-to-noise ratios; None is clean."""
BEFORE_S, AFTER_S = 1.0, 1.0
"""Silence around a word."""
LATEST_S = 0.6
"""So long after its end a word has to have been spotted."""
AFTER_TALK = "after talk"
TALK_S, PAUSES_S, LAST_PAUSE_S = 11.0, (0.1, 0.3, 0.6, 1.0), 0.3
"""So much talk before a word, the pauses in it, and the one before the word."""
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
    """A word in noise, or after talk. ``delay_s``: from its end until it was spotted, None if it was missed."""

    word: Word
    setting: str
    delay_s: float | None

    def document(self) -> dict[str, Any]:
        """A row for the report."""
        said = {"language": self.word.language, "text": self.word.text, "by": self.word.by}
        delay = None if self.delay_s is None else round(self.delay_s, 3)
        return said | {"setting": self.setting, "delay_s": delay}


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


def try_words(
    spotter: StopSpotter,
    words: Sequence[Word],
    seed: int,
    progress: Callable[[], None],
    talk: Mapping[str, Sequence[Path]] | None = None,
) -> list[Trial]:
    """Play each word, clean and in noise, to a stream of its own, as a headset's sound goes; and where there are
    recordings of ``talk`` in its language, after some of it."""
    random, talk_random = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    trials = []
    for word in words:
        start, end = spoken_span(word.sound.samples)
        said = word.sound.samples[start:end]
        for level in LEVELS_DB:
            trials.append(Trial(word, level_name(level), _delay(spotter, _silence(0), said, level, random)))
            progress()
        if clips := (talk or {}).get(word.language):
            before = _talk(clips, speech_level(word.sound), talk_random)
            trials.append(Trial(word, AFTER_TALK, _delay(spotter, before, said, None, talk_random)))
            progress()
    return trials


def _talk(clips: Sequence[Path], level: float, random: np.random.Generator) -> Samples:
    """Recordings one after the other, at the level of the word (root mean square), and the pause before it.

    Raises:
        AudioError: a recording cannot be read, or is silent.
    """
    parts: list[Samples] = []
    while sum(map(len, parts)) < TALK_S * SAMPLE_RATE:
        sound = voiced(clips[int(random.integers(len(clips)))])
        start, end = spoken_span(sound)
        parts += [level * sound[start:end], _silence(float(random.choice(PAUSES_S)))]
    return np.concatenate([*parts[:-1], _silence(LAST_PAUSE_S)]).astype(np.float32)


def _silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def _delay(
    spotter: StopSpotter, before: Samples, word: Samples, level_db: float | None, random: np.random.Generator
) -> float | None:
    scene = Sound(np.concatenate([_silence(BEFORE_S), before, word, _silence(AFTER_S)]))
    if level_db is not None:
        scene = lay_over(scene, NOISES[str(random.choice(list(NOISES)))], level_db, random)
    room = random.normal(0, QUIETEST, len(scene.samples)).astype(np.float32)
    begins_s = BEFORE_S + len(before) / SAMPLE_RATE
    ends_s = begins_s + len(word) / SAMPLE_RATE
    for stop in stops_in(spotter, scene.samples + room):
        if begins_s <= stop.at <= ends_s + LATEST_S:
            return stop.at - ends_s
    return None


def summarise(trials: Sequence[Trial]) -> dict[str, Any]:
    """Misses as [missed, said] by language, then setting, and when after their end words were spotted, those after talk
    aside."""
    missed: dict[str, dict[str, list[int]]] = {}
    for trial in sorted(trials, key=lambda trial: trial.word.language):
        for code in (trial.word.language, "all"):
            counts = missed.setdefault(code, {}).setdefault(trial.setting, [0, 0])
            counts[0] += trial.delay_s is None
            counts[1] += 1
    delays = [trial.delay_s for trial in trials if trial.delay_s is not None and trial.setting != AFTER_TALK]
    found = {f"p{p}": round(float(np.percentile(delays, p)) * 1000) for p in (50, 95)} if delays else {}
    every = missed.pop("all", {})
    return {"missed": missed | {"all": every}, "delay_ms": found}


def level_name(level_db: float | None) -> str:
    """As the table calls it."""
    return "clean" if level_db is None else f"{level_db:.0f} dB"


def _words(code: str) -> frozenset[str]:
    lines = all_lines().get(code)
    return frozenset(word.casefold() for words in lines.stop.values() for word in words) if lines else frozenset()
