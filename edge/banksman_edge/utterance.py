"""What reaches the agent: somebody's words, as sound or as text."""

from __future__ import annotations

import base64
import binascii
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from banksman_edge.asr import Transcript
from banksman_edge.audio import Sound, decode_sound
from banksman_shared.clock import parse_timestamp
from banksman_shared.commands import Command
from banksman_shared.errors import MessageError

MAX_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Session:
    """That an operator has shown their PIN; good until ``ends``, monotonic-clock seconds."""

    operator: str
    ends: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a stream knows of an utterance: its transcript, and the monotonic-clock seconds between which it was
    spoken, and who was logged in on the stream then."""

    transcript: Transcript
    began: float
    ended: float
    session: Session | None = None


@dataclass(frozen=True, slots=True)
class Utterance:
    """One utterance: ``sound`` or ``text``. ``deadline``: wall-clock seconds after which it is worthless.

    ``spoken``: from a stream, whose sound has been recognised already. ``vouched``: the broker lets nobody else speak
    as this ``device``. ``pin``: the operator logs in with it, with nothing else to say or before what is said;
    ``log_out``: the device is nobody's any more.
    """

    text: str | None = None
    sound: Sound | None = None
    language: str | None = None
    operator: str | None = None
    device: str | None = None
    deadline: float | None = None
    spoken: Spoken | None = None
    vouched: bool = False
    pin: str | None = field(default=None, repr=False)
    log_out: bool = False
    commands: tuple[Command, ...] = ()
    """Orders that were chosen from a list instead of said, beside an empty ``text``."""
    session: Session | None = None
    """Who was signed in where it was written or chosen."""
    answers: str = ""
    """The utterance whose question this answers and no other; empty for whatever is open."""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)


def written(utterance: Utterance, languages: Sequence[str]) -> Transcript:
    """Its text as a transcript. A language that is not among the site's says nothing."""
    ours = utterance.language in languages
    return Transcript(utterance.text or "", utterance.language or "" if ours else "", 1.0)


_LONGEST = {"language": 35, "operator": 128, "device": 128, "pin": 128}
_LONGEST_ID = 128
"""Characters. They are kept, and told to whoever listens."""


class _Message(msgspec.Struct, frozen=True):
    """The JSON of contract: unknown fields are ignored."""

    id: str
    text: str | None = None
    audio: str | None = None
    language: str | None = None
    operator: str | None = None
    device: str | None = None
    deadline: str | float | None = None
    pin: str | None = None
    logout: bool = False


def parse_utterance(payload: bytes, device: str | None = None) -> Utterance:
    """Read an utterance from an MQTT message. ``device``: the one whose own topic it came on.

    Raises:
        MessageError: it is not one; the text says which field is wrong.
        AudioError: its sound cannot be read.
    """
    try:
        message = msgspec.json.decode(payload, type=_Message)
    except RecursionError as error:
        raise MessageError("not an utterance: it is nested too deep") from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise MessageError(f"not an utterance: {error}") from error
    if not 0 < len(message.id) <= _LONGEST_ID:
        raise MessageError("an utterance needs an 'id' of 1 to 128 characters")
    empty = message.text is None and message.audio is None
    if (message.text is not None and message.audio is not None) or (
        empty and message.pin is None and not message.logout
    ):
        raise MessageError("an utterance has either 'text' or 'audio'")
    if message.pin is not None and not message.operator:
        raise MessageError("a 'pin' needs the 'operator' whose it is")
    if device and message.device not in (None, device):
        raise MessageError("the 'device' is not the one of the topic; leave it out there")
    for key, most in _LONGEST.items():
        if len(getattr(message, key) or "") > most:
            raise MessageError(f"an utterance's '{key}' has at most {most} characters")
    if device and len(device) > _LONGEST["device"]:
        raise MessageError(f"a device's topic ends in a name of at most {_LONGEST['device']} characters")
    if message.text is not None and len(message.text) > MAX_TEXT:
        raise MessageError(f"an utterance's text has at most {MAX_TEXT} characters")
    return Utterance(
        text=message.text,
        sound=_sound(message.audio) if message.audio is not None else None,
        language=message.language,
        operator=message.operator,
        device=device or message.device,
        deadline=_deadline(message.deadline),
        vouched=device is not None,
        pin=message.pin,
        log_out=message.logout,
        id=message.id,
    )


def sender_of(payload: bytes, device: str | None) -> tuple[str, str | None] | None:
    """The id of a message that is no utterance, and the device that it is from, so that the refusal gets there; None
    where it has no id. Read as leniently as JSON is anywhere: ``NaN``, numbers for names, half a character."""
    try:
        message = json.loads(payload.decode("utf-8", "replace"))
        key = _name(message["id"])
    except (ValueError, RecursionError, KeyError, TypeError, IndexError):
        return None
    if not 0 < len(key) <= _LONGEST_ID:
        return None
    named = device or _name(message.get("device"))
    return key, named if named and len(named) <= _LONGEST["device"] else None


def _name(value: object) -> str:
    known = isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))
    return str(value).encode("utf-8", "replace").decode() if known else ""


def _sound(encoded: str) -> Sound:
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise MessageError(f"the audio is not base64: {error}") from error
    return decode_sound(data)


def _deadline(value: str | float | None) -> float | None:
    if value is None or isinstance(value, float):
        return value
    try:
        return parse_timestamp(value)
    except (ValueError, OverflowError) as error:
        raise MessageError(f"the deadline '{value}' is not an ISO 8601 time") from error
