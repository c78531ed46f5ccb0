"""Hours of people talking to each other, laid together from recorded sentences (``banksman bench chatter``).

What is recorded is less than an hour, each sentence by two voices. The rest is variation: other speeds and pitches
(resampling), rooms, distances, noises, music, and conversations that go on behind each other. That makes the sound
new to a recogniser, and not what is said.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import soxr

from banksman_edge.audio import SAMPLE_RATE, Samples, Sound, load_sound
from banksman_edge.errors import AudioError
from banksman_edge.lab.bench.noise import NOISES, speech_level
from banksman_shared.errors import BanksmanError

ELSEWHERE = "other"
"""The site of talk that has nothing to do with any."""
SPEECH_LEVEL = 0.07
"""Root mean square of somebody who speaks to a headset, full scale 1."""


class Sentence(msgspec.Struct, frozen=True):
    """A line of the talk. ``kind``: talk, story, announcement or news; ``speaker``: A or B."""

    id: str
    scene: str
    site: str
    language: str
    kind: str
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Sentences that belong together, in order, as one cast speaks them; ``clips``: their files."""

    name: str
    kind: str
    language: str
    speakers: tuple[str, ...]
    clips: tuple[Path, ...]


def read_talk(path: Path) -> list[Sentence]:
    """The sentences of a JSONL file.

    Raises:
        BanksmanError: it cannot be read, or a line is no sentence.
    """
    try:
        return [msgspec.json.decode(line, type=Sentence) for line in path.read_text("utf-8").split("\n") if line]
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise BanksmanError(f"talk {path} cannot be read: {error}") from error


def scenes(talk: Sequence[Sentence], clips: Path, site: str) -> list[Scene]:
    """What is said on a site, or has nothing to do with any, by every cast that speaks all of it.

    ``clips``: a folder for each cast.

    Raises:
        BanksmanError: nothing is recorded; the text says which command does it.
    """
    parts: dict[str, list[Sentence]] = defaultdict(list)
    for sentence in talk:
        if sentence.site in (site, ELSEWHERE):
            parts[sentence.scene].append(sentence)
    if not parts:
        raise BanksmanError(f"the talk has nothing for the site '{site}'")
    found = [
        Scene(
            name, own[0].kind, own[0].language, tuple(s.speaker for s in own), tuple(cast / f"{s.id}.opus" for s in own)
        )
        for cast in sorted(clips.glob("*/"))
        for name, own in parts.items()
    ]
    found = [scene for scene in found if all(clip.is_file() for clip in scene.clips)]
    if not found:
        raise BanksmanError(f"{clips} has no recordings of the talk; make them with scripts/make_chatter.py")
    return found


def conversation(acts: Sequence[Scene], seconds: float, seed: int) -> Iterator[tuple[str, Samples]]:
    """Scene after scene with pauses between them, ``seconds`` of sound in all, in pieces, each with the language that
    is spoken in its foreground."""
    random = np.random.default_rng(seed)
    left = int(seconds * SAMPLE_RATE)
    order: list[int] = []
    while left > 0:
        order = order or list(random.permutation(len(acts)))
        scene = acts[order.pop()]
        piece = _scenery(_act(scene, random), acts, random)[:left]
        left -= len(piece)
        yield scene.language, piece


def _act(scene: Scene, random: np.random.Generator) -> Samples:
    """The scene's sentences one after the other, sometimes falling into each other's words."""
    pitch = {speaker: random.uniform(0.9, 1.12) for speaker in sorted(set(scene.speakers))}
    loud = {speaker: 10 ** (random.uniform(-8, 4) / 20) for speaker in sorted(set(scene.speakers))}
    room = _room(random)
    total = np.zeros(0, np.float32)
    for speaker, clip in zip(scene.speakers, scene.clips, strict=True):
        sound = voiced(clip, pitch[speaker])
        said = np.convolve(sound, room).astype(np.float32) * (loud[speaker] * SPEECH_LEVEL)
        pause = int(random.choice([-0.3, 0.1, 0.3, 0.6, 1.0, 1.8], p=[0.1, 0.2, 0.25, 0.2, 0.15, 0.1]) * SAMPLE_RATE)
        at = max(0, len(total) + pause)
        grown = np.zeros(at + len(said), np.float32)
        grown[: len(total)] = total
        grown[at:] += said
        total = grown
    return np.concatenate([total, np.zeros(int(random.uniform(1, 4) * SAMPLE_RATE), np.float32)])


def voiced(clip: Path, pitch: float = 1.0) -> Samples:
    """The recording at unit level, higher and faster by ``pitch``.

    Raises:
        AudioError: it cannot be read, or is silent.
    """
    sound = load_sound(clip)
    level = speech_level(sound)
    if not level:
        raise AudioError(f"{clip} is silent; make it anew")
    changed = soxr.resample(sound.samples, SAMPLE_RATE * pitch, SAMPLE_RATE)
    return np.asarray(changed / level, np.float32)


def _room(random: np.random.Generator) -> Samples:
    """The answer of a room: the sound itself, then noise that dies away within its reverberation time."""
    time = np.arange(int(random.uniform(0.1, 0.5) * SAMPLE_RATE)) / SAMPLE_RATE
    tail = random.standard_normal(len(time)) * np.exp(-6.9 * time / max(time[-1], 1e-3))
    tail[: SAMPLE_RATE // 200] = 0
    answer = tail * (10 ** (-random.uniform(6, 20) / 20) / np.sqrt(np.square(tail).sum()))
    answer[0] = 1.0
    return np.asarray(answer, np.float32)


def _scenery(act: Samples, acts: Sequence[Scene], random: np.random.Generator) -> Samples:
    """The act with a noise under it, and sometimes another act behind it."""
    name = str(random.choice(list(NOISES), p=[0.4, 0.4, 0.05, 0.15]))
    noise = NOISES[name](len(act), random)
    mixed = act + noise * (SPEECH_LEVEL * 10 ** (-random.uniform(8, 30) / 20))
    if random.random() < 0.3:
        behind = _act(acts[int(random.integers(len(acts)))], random)[: len(act)]
        mixed[: len(behind)] += behind * 10 ** (-random.uniform(6, 18) / 20)
    return np.asarray(np.clip(mixed, -1, 1), np.float32)


def sentences_alone(acts: Sequence[Scene]) -> Iterator[tuple[str, str, Sound]]:
    """Every recording by itself: its name, its language and its sound."""
    for scene in acts:
        for clip in scene.clips:
            yield f"{clip.parent.name}/{clip.stem}", scene.language, load_sound(clip)
