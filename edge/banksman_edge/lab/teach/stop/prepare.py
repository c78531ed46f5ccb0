"""``banksman teach stop prepare``: what is said, by whom, and the sounds of it. What is there already is kept."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import soundfile

from banksman_edge.audio import load_sound
from banksman_edge.errors import SynthesisError, TeachingError
from banksman_edge.lab.teach.prepare import SPEECH_MODEL, write_sound
from banksman_edge.lab.teach.stop.clips import Kind, StopClip, write_manifest
from banksman_edge.lab.teach.stop.formants import FormantSpeaker
from banksman_edge.lab.teach.stop.lines import all_lines, sayings, what_is_said
from banksman_edge.lab.teach.voices import cast, pace
from banksman_edge.tts import LANGUAGES as KOKORO_LANGUAGES
from banksman_edge.tts import Synthesiser, voices_file
from banksman_shared.models import ModelStore

ESPEAK, KOKORO, PEOPLE = "espeak", "kokoro", "people"
NOISE, CHATTER = "noise", "chatter"
TIMES = {
    (KOKORO, False): {Kind.STOP: 11, Kind.FINAL: 2, Kind.NEAR: 1, Kind.CONTEXT: 1, Kind.TALK: 1},
    (KOKORO, True): {Kind.STOP: 3, Kind.FINAL: 1, Kind.TALK: 1},
    (ESPEAK, False): {Kind.STOP: 24, Kind.NEAR: 5, Kind.CONTEXT: 4, Kind.TALK: 2},
    (ESPEAK, True): {Kind.STOP: 3, Kind.TALK: 1},
}
"""How often each saying is spoken, always by somebody else."""
SALADS = {KOKORO: 10, ESPEAK: 80}


@dataclass(frozen=True, slots=True)
class Line:
    """A clip to be made; ``seed`` chooses the speaker."""

    clip: StopClip
    seed: str


def plan_lines(
    languages: Sequence[str],
    scale: float = 1.0,
    *,
    test_only: bool = False,
    talk: Mapping[str, Sequence[str]] | None = None,
) -> list[Line]:
    """What is to be spoken; the same arguments make the same plan. ``scale``: of how often each is spoken;
    ``test_only``: only what is kept for the evaluation; ``talk``: by language, what is spoken once by each engine
    besides, to teach.

    Raises:
        TeachingError: a language without stop words.
    """
    if unknown := [code for code in languages if code not in all_lines()]:
        raise TeachingError(f"no stop words are known for '{unknown[0]}'; there are {', '.join(all_lines())}")
    kinds = [(engine, test) for engine, test in TIMES if test or not test_only]
    return [
        line
        for code in languages
        for engine, test in kinds
        if engine == ESPEAK or code in KOKORO_LANGUAGES
        for line in (
            *_planned(code, engine, test, scale),
            *_talked(code, engine, () if test else (talk or {}).get(code, ())),
        )
    ]


def _talked(code: str, engine: str, texts: Sequence[str]) -> Iterator[Line]:
    for text in texts:
        yield _line(StopClip("", code, Kind.TALK, text, "", engine), 0)


def _planned(code: str, engine: str, test: bool, scale: float) -> Iterator[Line]:
    rng = random.Random(f"{code}/{engine}/{test}")  # noqa: S311  not for secrets
    times = TIMES[engine, test]
    for kind, text, family in sayings(code, rng, 0 if test else round(SALADS[engine] * scale)):
        for number in range(max(1, round(times[kind] * scale)) if kind in times else 0):
            yield _line(StopClip("", code, kind, text, family, engine, test=test), number)


def _line(clip: StopClip, number: int) -> Line:
    seed = f"{clip.language}/{clip.engine}/{clip.test}/{clip.kind}/{clip.text}/{number}"
    name = hashlib.sha256(seed.encode()).hexdigest()[:16]
    return Line(msgspec.structs.replace(clip, audio=f"clips/{name}.flac"), seed)


def synthesise(lines: Sequence[Line], folder: Path, *, done: Callable[[], None]) -> None:
    """Make the sounds that are not there yet and write the manifest. ``done`` is called for every line.

    Raises:
        SynthesisError: synthesis is not installed, or failed.
    """
    (folder / "clips").mkdir(parents=True, exist_ok=True)
    formants, kokoro = FormantSpeaker(), Synthesiser(ModelStore().path(SPEECH_MODEL), voices_file())
    made = []
    for line in lines:
        clip, rng, path = line.clip, random.Random(line.seed), folder / line.clip.audio  # noqa: S311  not for secrets
        text = clip.text + rng.choice(("!", "!", ".", ""))
        try:
            if not path.is_file() and clip.engine == ESPEAK:
                write_sound(path, formants.speak(text, clip.language, rng, test=clip.test))
            elif not path.is_file():
                voice = cast(clip.language, rng, test=clip.test)
                write_sound(path, kokoro.speak(text, clip.language, voice, pace(rng)))
            made.append(clip)
        except SynthesisError as error:
            if "nothing" not in str(error) and "cannot be spoken" not in str(error):
                raise
        done()
    write_manifest(folder, made)


def add_people(manifest: Path, folder: Path, *, test: bool = False) -> list[StopClip]:
    """Recorded people as clips, copied to the folder: stop words, talk that ends with one, and talk without any; noise
    as it is. Who says a stop word in the middle of something is left out.

    ``manifest``: JSONL with ``audio``, ``kind`` (``noise``, ``chatter`` or something else), ``language``,
    ``transcript``, which chatter may have as null.

    Raises:
        TeachingError: it is no such manifest.
    """
    clips = []
    try:
        for line in filter(str.strip, manifest.read_text(encoding="utf-8").split("\n")):
            row = json.loads(line)
            text = row["transcript"] if row["kind"] != CHATTER else row["transcript"] or ""
            said = (Kind.NOISE, "") if row["kind"] == NOISE else what_is_said(row["language"], text)
            if not said:
                continue
            kind, family = said
            name = hashlib.sha256(f"{manifest.resolve()}/{row['audio']}".encode()).hexdigest()[:16]
            audio = f"clips/people-{name}.flac"
            write_sound(folder / audio, load_sound(manifest.parent / row["audio"]).samples)
            clips.append(StopClip(audio, row["language"], kind, text or "", family, PEOPLE, test))
    except (OSError, KeyError, ValueError, TypeError) as error:
        raise TeachingError(f"{manifest} is no manifest of recordings ({error}); see docs/models.md") from error
    return clips


def sound_seconds(folder: Path, clip: StopClip) -> float:
    """How long a clip is."""
    return float(soundfile.info(folder / clip.audio).duration)
