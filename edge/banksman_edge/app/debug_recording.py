"""Recordings of utterances, to look for what went wrong with them: the sound, what was heard, what was said before,
every stage of understanding, the decision, and all that came of it.

They hold people's voices and words, so they are made only where somebody asks for them (``banksman edge run
--record``), and nothing deletes them. ``banksman replay`` plays them back.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec

from banksman_edge.asr import Recogniser, Transcript
from banksman_edge.audio import Sound, encode_flac
from banksman_edge.turns import DecisionEvent, TranscriptEvent
from banksman_edge.understanding import NOTHING_BEFORE, Context, Parse, Sentence, Understanding
from banksman_edge.understanding.entities import Mention
from banksman_shared.commands import to_document
from banksman_shared.site import Site

SITE = "site.json"
"""Beside the recordings: the site on which they were made."""
_KEPT = 50
"""Sounds and parses that are remembered until the utterance is told that they belong to."""


class _Event(Protocol):
    name: Any
    id: str

    def document(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Heard:
    """A sound and what was heard in it."""

    sound: Sound
    transcript: Transcript


@dataclass(frozen=True, slots=True)
class Understood:
    """What was read after what had been said before, and what it was taken for."""

    transcript: Transcript
    context: Context
    parse: Parse


@dataclass(slots=True)
class DebugRecorder:
    """Writes ``ID.json`` and ``ID.flac`` for each utterance of an agent into ``folder``. What the recogniser and
    understanding return is passed through as it is; :meth:`event` takes the agent's events.

    Raises:
        OSError: the folder cannot be written.
    """

    site: Site
    folder: Path
    _heard: list[Heard] = field(default_factory=list)
    _understood: list[Understood] = field(default_factory=list)
    _open: OrderedDict[str, dict[str, Any]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / SITE).write_bytes(msgspec.json.encode(dict(self.site.document)))

    def hearing(self, recogniser: Recogniser) -> Recogniser:
        """The recogniser, whose sounds are kept."""
        return _Hearing(recogniser, self)

    def understanding(self, pipeline: Understanding) -> Understanding:
        """Understanding, whose parses are kept."""
        return _Understanding(pipeline, self)

    def note(self, what: Heard | Understood) -> None:
        """Keep it until the event comes that says whose it is."""
        kept: list[Any] = self._heard if isinstance(what, Heard) else self._understood
        with self._lock:
            kept.append(what)
            del kept[:-_KEPT]

    def event(self, event: _Event) -> None:
        """Write down one of the agent's events, in the order in which they come."""
        with self._lock:
            record = self._open.setdefault(event.id, {"id": event.id, "events": []})
            if isinstance(event, TranscriptEvent):
                self._add_sound(record, event)
            if isinstance(event, DecisionEvent):
                self._add_parse(record)
            record["events"].append({"event": str(event.name), **event.document()})
            unfinished = self._file(event.id, ".unfinished")
            unfinished.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1))
            unfinished.replace(self._file(event.id, ".json"))
            while len(self._open) > _KEPT:
                self._open.popitem(last=False)

    def _add_sound(self, record: dict[str, Any], event: TranscriptEvent) -> None:
        heard = next((one for one in reversed(self._heard) if one.transcript.text == event.text), None)
        record["heard"] = event.text
        if heard:
            self._heard.remove(heard)
            path = self._file(event.id, ".flac")
            path.write_bytes(encode_flac(heard.sound))
            record["sound"] = path.name

    def _add_parse(self, record: dict[str, Any]) -> None:
        text = record.get("heard")
        found = next((one for one in reversed(self._understood) if one.transcript.text == text), None)
        if found:
            record |= {
                "transcript": msgspec.to_builtins(found.transcript),
                "before": msgspec.to_builtins(found.context),
                "parse": summary(found.parse),
                "trace": found.parse.trace.document() if found.parse.trace else None,
            }

    def _file(self, utterance_id: str, suffix: str) -> Path:
        """Ids come from outside and are no names of files."""
        return self.folder / (re.sub(r"[^\w-]", "_", utterance_id)[:100] + suffix)


def summary(parse: Parse) -> dict[str, Any]:
    """What of a parse is done: commands, how they go with what was said before, and an answer."""
    said = {"how": str(parse.how or ""), "reply": str(parse.reply or "")}
    return {"command": to_document(parse.commands), **{key: value for key, value in said.items() if value}}


class _Hearing:
    def __init__(self, recogniser: Recogniser, recorder: DebugRecorder) -> None:
        self._recogniser, self._recorder = recogniser, recorder

    def transcribe(self, sound: Sound) -> Transcript:
        transcript = self._recogniser.transcribe(sound)
        self._recorder.note(Heard(sound, transcript))
        return transcript


class _Understanding:
    def __init__(self, pipeline: Understanding, recorder: DebugRecorder) -> None:
        self._pipeline, self._recorder, self.site = pipeline, recorder, pipeline.site

    def parse(self, transcript: Transcript, context: Context = NOTHING_BEFORE) -> Parse:
        parse = self._pipeline.parse(transcript, context)
        self._recorder.note(Understood(transcript, context, parse))
        return parse

    def stop(self, transcript: Transcript) -> Parse | None:
        parse = self._pipeline.stop(transcript)
        if parse:
            self._recorder.note(Understood(transcript, NOTHING_BEFORE, parse))
        return parse

    def quick(self, transcript: Transcript, context: Context = NOTHING_BEFORE) -> Parse | None:
        return self._pipeline.quick(transcript, context)

    def sentence(self, text: str, language: str = "") -> Sentence:
        return self._pipeline.sentence(text, language)

    def names_in(self, transcript: Transcript) -> tuple[Mention, ...]:
        return self._pipeline.names_in(transcript)
