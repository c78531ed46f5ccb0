"""The list of what is taught and tested with: a JSONL file beside the sounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from banksman_edge.errors import TeachingError

MANIFEST = "manifest.jsonl"


class Clip(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sound and what is said in it.

    ``audio`` is relative to the manifest. An empty ``text`` means that the unchanged model's own text is the
    reference, as for recorded people of whom no transcript is at hand. ``voice`` names who was synthesised;
    ``source`` and ``licence`` say where a recording comes from.
    """

    id: str
    audio: str
    language: str
    text: str = ""
    kind: str = ""
    test: bool = False
    voice: Mapping[str, float] = {}
    speed: float = 1.0
    source: str = ""
    licence: str = ""

    @property
    def synthesised(self) -> bool:
        return bool(self.voice)


def read_clips(folder: Path) -> list[Clip]:
    """The clips of a prepared folder.

    Raises:
        TeachingError: it is not prepared, or its manifest is damaged.
    """
    path = folder / MANIFEST
    try:
        return [msgspec.json.decode(line, type=Clip) for line in path.read_bytes().split(b"\n") if line.strip()]
    except OSError as error:
        raise TeachingError(f"{folder} has no {MANIFEST}; run 'banksman teach whisper prepare' first") from error
    except msgspec.DecodeError as error:
        raise TeachingError(f"{path} is damaged ({error}); delete it and prepare again") from error


def write_clips(folder: Path, clips: Iterable[Clip]) -> None:
    """Write the manifest whole, or not at all."""
    unfinished = folder / f"{MANIFEST}.part"
    unfinished.write_bytes(b"".join(msgspec.json.encode(clip) + b"\n" for clip in clips))
    unfinished.replace(folder / MANIFEST)
