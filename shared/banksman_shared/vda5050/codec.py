"""Bytes to messages and back."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from banksman_shared.errors import MessageError
from banksman_shared.vda5050.messages import (
    Connection,
    Factsheet,
    Header,
    InstantActions,
    Order,
    State,
    Visualization,
)

M = TypeVar("M", bound=Header)

_encoder = msgspec.json.Encoder()
# Made at import, which is locked: two threads that make a decoder of one type at the same time crash msgspec.
_decoders: dict[type[Header], msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(kind) for kind in (Connection, Factsheet, InstantActions, Order, State, Visualization)
}


def encode(message: Header) -> bytes:
    """The message as UTF-8 JSON."""
    return _encoder.encode(message)


def decode(kind: type[M], payload: bytes) -> M:
    """Read a message of ``kind``, the message of a topic. Safe to call from several threads.

    Raises:
        MessageError: the payload is not JSON or lacks or mistypes a field; the text names the field.
    """
    try:
        message: M = _decoders[kind].decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MessageError(f"not a VDA 5050 {kind.__name__.lower()} message: {error}") from error
    return message
