"""Bytes to messages and back, in each version of VDA 5050.

A payload is first read strictly, by msgspec alone; only one that fails is looked at again for peers' quirks.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from banksman_shared.errors import MessageError
from banksman_shared.vda5050.messages.common import Header
from banksman_shared.vda5050.repair import Repair
from banksman_shared.vda5050.topics import Topics
from banksman_shared.vda5050.v2 import V2_0, V2_1
from banksman_shared.vda5050.v3 import V3_0
from banksman_shared.vda5050.wire import Dialect, Hook, WireTypes

M = TypeVar("M", bound=Header)

_encoder = msgspec.json.Encoder()
_raw = msgspec.json.Decoder()
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_REFUSALS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def _as_it_is(_: Any) -> None:
    """For messages of which the names are all that differs."""


@dataclass(frozen=True, slots=True)
class _Form:
    """One kind of message in one version: its types on the wire, and what is done between them and the message."""

    decoder: msgspec.json.Decoder[Any]
    read: Any
    written: Any
    after_reading: Hook
    before_writing: Hook
    second_spellings: Hook


@functools.cache
def _forms(dialect: Dialect) -> Mapping[type[Header], _Form]:
    reading, writing = WireTypes(dialect, writing=False), WireTypes(dialect, writing=True)
    forms = {}
    for kind in dialect.kinds:
        read, written = reading.of(kind), writing.of(kind)
        # Two threads that make a decoder of one type at the same time crash msgspec, and so would two that are the
        # first to convert to it: here, under the lock of the import, is the only place for either.
        for made in (written, kind):
            msgspec.json.Decoder(made)
        forms[kind] = _Form(
            decoder=msgspec.json.Decoder(read),
            read=read,
            written=written,
            after_reading=dialect.after_reading.get(kind, _as_it_is),
            before_writing=dialect.before_writing.get(kind, _as_it_is),
            second_spellings=dialect.second_spellings.get(kind, _as_it_is),
        )
    return forms


class Codec:
    """Writes and reads the messages of one version. Safe to use from several threads; see ``codec_for``."""

    def __init__(self, dialect: Dialect, *, strict: bool) -> None:
        self.version = dialect.version
        self.strict = strict
        self.topics = Topics(dialect.prefix)
        self._repair = None if strict else Repair(dialect)
        self._forms = _forms(dialect)

    def encode(self, message: Header) -> bytes:
        """The message as UTF-8 JSON of this version, which its header then names. What the version lacks is dropped.

        Raises:
            MessageError: this version has no such message, or a number in it is not finite.
        """
        form = self._form(type(message))
        try:
            wire = msgspec.convert(message, form.written, from_attributes=True)
        except msgspec.ValidationError as error:
            raise MessageError(f"not a VDA 5050 {self.version} {_topic(type(message))} message: {error}") from error
        wire.version = self.version
        form.before_writing(wire)
        if not self.strict:
            form.second_spellings(wire)
        payload = _encoder.encode(wire)
        # msgspec writes a number that JSON cannot carry as null.
        if b"null" in payload:
            for where in _not_finite(msgspec.to_builtins(wire), "$"):
                raise MessageError(
                    f"not a VDA 5050 {self.version} {_topic(type(message))} message: {where} is not a finite number"
                )
        return payload

    def decode(self, kind: type[M], payload: bytes) -> M:
        """Read a message of ``kind``, the message of a topic.

        Raises:
            MessageError: the payload is not JSON or lacks or mistypes a field; the text names the field.
        """
        form = self._form(kind)
        try:
            wire = self._read(kind, form, payload)
            form.after_reading(wire)
            message: M = msgspec.convert(wire, kind, from_attributes=True)
        except _REFUSALS as error:
            raise MessageError(f"not a VDA 5050 {self.version} {_topic(kind)} message: {_reason(error)}") from error
        return message

    def _form(self, kind: type[Header]) -> _Form:
        form = self._forms.get(kind)
        if form is None:
            raise MessageError(f"VDA 5050 {self.version} has no {_topic(kind)} message")
        return form

    def _read(self, kind: type[Header], form: _Form, payload: bytes) -> Any:
        if self._repair is None:
            return form.decoder.decode(payload)
        payload = payload.removeprefix(_BYTE_ORDER_MARK)
        try:
            return form.decoder.decode(payload)
        except msgspec.ValidationError as by_the_letter:
            try:
                document = _raw.decode(payload)
            except _REFUSALS:
                # The first reading went as far as the field at fault, and names it.
                raise by_the_letter from None
        return msgspec.convert(self._repair.repaired(document, kind), form.read)


def _topic(kind: type[Header]) -> str:
    return kind.__name__[0].lower() + kind.__name__[1:]


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "JSON is nested too deeply"
    if isinstance(error, UnicodeDecodeError):
        return "JSON is not UTF-8"
    return str(error)


def _not_finite(value: Any, where: str) -> Iterator[str]:
    """Where in a document stand numbers that JSON has no word for."""
    if isinstance(value, float) and not math.isfinite(value):
        yield where
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _not_finite(item, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _not_finite(item, f"{where}[{index}]")


_DIALECTS = (V2_0, V2_1, V3_0)
VERSIONS = tuple(dialect.version for dialect in _DIALECTS)
VERSION = V2_1.version
"""What is spoken unless told otherwise."""
_CODECS = {
    (dialect.version.rpartition(".")[0], strict): Codec(dialect, strict=strict)
    for dialect in _DIALECTS
    for strict in (False, True)
}


def codec_for(version: str, *, strict: bool = False) -> Codec:
    """The codec of a version such as ``2.1.0``; the patch number may be any or absent, as peers have it.

    ``strict`` reads by the letter, and writes the names of the text only. Without it, quirks of peers are put right
    (see ``repair``), and 2.0.0 writes some names as its schema and its peers have them, beside those of the text.

    Raises:
        MessageError: a version that is not spoken here.
    """
    major, _, rest = version.partition(".")
    codec = _CODECS.get((f"{major}.{rest.partition('.')[0]}", strict))
    if codec is None:
        raise MessageError(f"VDA 5050 {version!r} is not spoken here; use one of {', '.join(VERSIONS)}")
    return codec
