"""The list of sounds that a stop spotter is taught and tested with: a JSONL file beside them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path

import msgspec

from banksman_edge.errors import TeachingError

MANIFEST = "stop.jsonl"


class Kind(StrEnum):
    """What is said in a clip."""

    STOP = "stop"
    """A stop word and nothing else."""
    FINAL = "final"
    """A sentence that ends with a stop word."""
    NEAR = "near"
    """Something that sounds like a stop word."""
    CONTEXT = "context"
    """What stands beside a stop word: a name, "everybody", "now"."""
    TALK = "talk"
    NOISE = "noise"


class StopClip(msgspec.Struct, frozen=True, omit_defaults=True):
    """``audio`` is relative to the manifest. ``family``: of the stop word, for those kinds that have one.

    ``engine``: "kokoro", "espeak" or "people".
    """

    audio: str
    language: str
    kind: Kind
    text: str = ""
    family: str = ""
    engine: str = ""
    test: bool = False


def read_manifest(folder: Path) -> list[StopClip]:
    """The clips of a prepared folder.

    Raises:
        TeachingError: it is not prepared, or its manifest is damaged.
    """
    path = folder / MANIFEST
    try:
        return [msgspec.json.decode(line, type=StopClip) for line in path.read_bytes().splitlines() if line.strip()]
    except OSError as error:
        raise TeachingError(f"{folder} has no {MANIFEST}; run 'banksman teach stop prepare' first") from error
    except msgspec.MsgspecError as error:
        raise TeachingError(f"{path} is damaged ({error}); delete it and prepare again") from error


def write_manifest(folder: Path, clips: Iterable[StopClip]) -> None:
    """Write the list whole, or not at all."""
    unfinished = folder / f"{MANIFEST}.part"
    unfinished.write_bytes(b"".join(msgspec.json.encode(clip) + b"\n" for clip in clips))
    unfinished.replace(folder / MANIFEST)
