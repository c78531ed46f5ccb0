"""Recorded utterances played back against the code and models of today (``banksman replay``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from banksman_edge.app import RECORDED_SITE, summary
from banksman_edge.asr import Recogniser, Transcript
from banksman_edge.audio import load_sound
from banksman_edge.errors import RecordingError
from banksman_edge.understanding import Context, Understanding
from banksman_shared.site import Site, parse_site


@dataclass(frozen=True, slots=True)
class Replayed:
    """One utterance then and now. ``heard_now``: None where there is no sound, or no recogniser was given."""

    id: str
    heard_then: str
    heard_now: str | None
    then: dict[str, Any]
    now: dict[str, Any]

    @property
    def differs(self) -> bool:
        return self.then != self.now or self.heard_now not in (None, self.heard_then)


def recorded_site(folder: Path) -> Site:
    """The site on which the recordings were made.

    Raises:
        RecordingError: the folder holds no recordings.
        SiteError: the site is not valid any more.
    """
    try:
        document = msgspec.json.decode((folder / RECORDED_SITE).read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise RecordingError(
            f"{folder} holds no recordings: {RECORDED_SITE} is missing or damaged; "
            "make some with 'banksman edge run --record DIR'"
        ) from error
    return parse_site(document)


def played_back(folder: Path, understanding: Understanding, recogniser: Recogniser | None) -> Iterator[Replayed]:
    """Read each recorded transcript again after what had been said before it, and hear each sound again.

    What is heard now is shown and not read: so a difference is either of hearing or of understanding.

    Raises:
        RecordingError: a recording is damaged.
    """
    for path in sorted(folder.glob("*.json")):
        if path.name == RECORDED_SITE:
            continue
        try:
            record = msgspec.json.decode(path.read_bytes())
            if "transcript" not in record:  # it was refused unread, or is an answer that needs no reader
                continue
            transcript = msgspec.convert(record["transcript"], Transcript)
            context, then, name = msgspec.convert(record["before"], Context), record["parse"], str(record["id"])
            sound = folder / record["sound"] if record.get("sound") else None
        except (msgspec.DecodeError, msgspec.ValidationError, KeyError, TypeError) as error:
            raise RecordingError(f"{path} is damaged: {error}; remove it, and try again") from error
        heard = recogniser.transcribe(load_sound(sound)).text if recogniser and sound else None
        yield Replayed(name, transcript.text, heard, then, summary(understanding.parse(transcript, context)))
