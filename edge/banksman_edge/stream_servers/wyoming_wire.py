"""Wyoming events on a socket: a line of JSON, then so many bytes of data and payload as it says, within limits.

The ``wyoming`` package reads them without limits; a peer that claims a gigabyte would get it.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import msgspec
from wyoming.event import Event

from banksman_edge.errors import AudioError

MAX_LINE = MAX_DATA = 1 << 16
MAX_PAYLOAD = 1 << 20
"""Bytes: seconds of sound, whatever its format."""
PARTING_S = 1.0


class _Header(msgspec.Struct, frozen=True):
    type: str
    data: dict[str, Any] | None = None
    data_length: int | None = None
    payload_length: int | None = None


async def read_event(reader: asyncio.StreamReader) -> Event | None:
    """The next event; None where the peer has gone. ``reader`` must have been opened with ``limit=MAX_LINE``.

    Raises:
        AudioError: this is not Wyoming, or too much of it.
    """
    try:
        while (line := await reader.readline()).isspace():
            pass  # nothing was said, and the peer is still there
        if not line:
            return None
        header = msgspec.json.decode(line, type=_Header)
        data = dict(header.data or {})
        if header.data_length:
            more = await _read(reader, header.data_length, MAX_DATA, "data")
            data |= msgspec.json.decode(more, type=dict[str, Any])
        payload = await _read(reader, header.payload_length or 0, MAX_PAYLOAD, "payload")
    except (asyncio.IncompleteReadError, ConnectionError):
        return None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise AudioError(f"not a Wyoming event: {error}") from error
    return Event(header.type, data, payload or None)


async def _read(reader: asyncio.StreamReader, size: int, most: int, what: str) -> bytes:
    if not 0 <= size <= most:
        raise AudioError(f"an event with {size} bytes of {what} is not taken; send at most {most}")
    return await reader.readexactly(size)


async def part(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Hang up so that the peer still gets the last word: what it goes on sending is taken, for a moment, or the
    connection would be reset."""
    with contextlib.suppress(TimeoutError, OSError):
        writer.write_eof()
        async with asyncio.timeout(PARTING_S):
            while await reader.read(MAX_LINE):
                pass
