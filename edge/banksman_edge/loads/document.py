"""The list of loads as an MQTT message (docs/mqtt.md)."""

from __future__ import annotations

import msgspec

from banksman_edge.errors import LoadsError
from banksman_edge.loads.model import Load, Told
from banksman_shared.clock import parse_timestamp

MAX_BYTES = 1024 * 1024


def loads_topic(site: str) -> str:
    """Where a warehouse tells which loads stand where."""
    return f"banksman/v1/{site}/loads"


def refusal_topic(site: str) -> str:
    """Where it is told why a list was not taken."""
    return f"{loads_topic(site)}/refused"


class _Load(msgspec.Struct, frozen=True):
    id: str
    place: str
    type: str | None = None


class _Message(msgspec.Struct, frozen=True):
    """Unknown fields are ignored."""

    at: str | float
    loads: list[_Load]
    places: list[str] | None = None


def parse_loads(payload: bytes) -> Told:
    """Read a list of loads from an MQTT message; what it says is not checked yet.

    Raises:
        LoadsError: it is none; the text says what is wrong.
    """
    if len(payload) > MAX_BYTES:
        raise LoadsError(f"a list of loads has at most {MAX_BYTES} bytes, not {len(payload)}")
    try:
        message = msgspec.json.decode(payload, type=_Message)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LoadsError(f"not a list of loads: {error}") from error
    places = None if message.places is None else frozenset(message.places)
    return Told(_moment(message.at), tuple(Load(each.id, each.place, each.type) for each in message.loads), places)


def _moment(at: str | float) -> float:
    if isinstance(at, float):
        return at
    try:
        return parse_timestamp(at)
    except (ValueError, OverflowError) as error:
        raise LoadsError(f"'at' is '{at}', which is no ISO 8601 time; say when the loads stood so") from error
