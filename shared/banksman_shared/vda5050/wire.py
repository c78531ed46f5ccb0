"""How the messages of one version look on the wire, as types derived from the internal ones.

A version is described by what differs: a ``Shape`` for each record that differs, and the words of enumerations.
From that come two msgspec types for each message, one to read and one to write. Between them and the internal
message msgspec copies by attribute, in C; only what is more than a name is done here in Python, by a hook.
"""

from __future__ import annotations

import functools
import operator
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec

from banksman_shared.vda5050.messages.common import Header

Hook = Callable[[Any], None]
AnyStruct = type[msgspec.Struct]


@dataclass(frozen=True, slots=True)
class Shape:
    """What differs in one record. All keys are attributes of the internal record.

    ``names``: their names on the wire. ``absent``: not written and not read. ``required``: always written, and
    refused when absent, though the internal record has a default. ``optional``: what to read where the wire
    lacks it, though the internal record has no default; ``unwritten`` are those of them that are not written.
    ``types``: narrower types to read. ``second``: attributes of the wire only, by their name and type there.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    required: frozenset[str] = frozenset()
    optional: Mapping[str, Any] = field(default_factory=dict)
    unwritten: frozenset[str] = frozenset()
    types: Mapping[str, Any] = field(default_factory=dict)
    second: Mapping[str, tuple[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Dialect:
    """One version of the standard: how it differs from the internal messages.

    ``words``: members of enumerations with another spelling. ``substitutes``: members that this version lacks,
    and the ones that stand in for them. ``after_reading`` and ``before_writing`` change a message of the wire in
    place. ``mends`` put raw JSON objects of peers right before a second reading.
    """

    version: str
    prefix: str
    kinds: tuple[type[Header], ...]
    shapes: Mapping[AnyStruct, Shape]
    words: Mapping[Any, str]
    substitutes: Mapping[Any, StrEnum]
    after_reading: Mapping[AnyStruct, Hook]
    before_writing: Mapping[AnyStruct, Hook]
    second_spellings: Mapping[AnyStruct, Hook] = field(default_factory=dict)
    mends: Mapping[AnyStruct, Callable[[dict[str, Any]], None]] = field(default_factory=dict)

    def shape(self, record: AnyStruct) -> Shape:
        return self.shapes.get(record, _PLAIN)

    def lacks(self, member: StrEnum) -> bool:
        return member in self.substitutes

    def word(self, member: StrEnum) -> str:
        """How this version writes a member, or what it writes instead."""
        known = self.substitutes.get(member, member)
        return self.words.get(known, known.value)


_PLAIN = Shape()


@dataclass(frozen=True, slots=True)
class WireField:
    """An attribute of a record, as far as it is on the wire. ``type`` is internal."""

    attribute: str
    name: str
    type: Any
    default: Any
    factory: Any

    @property
    def required(self) -> bool:
        return self.default is msgspec.NODEFAULT and self.factory is msgspec.NODEFAULT


@functools.cache
def _hints(record: AnyStruct) -> dict[str, Any]:
    return get_type_hints(record)


def wire_fields(record: AnyStruct, shape: Shape) -> Iterator[WireField]:
    """The fields of a record as they are read."""
    hints = _hints(record)
    for own in msgspec.structs.fields(record):
        if own.name in shape.absent:
            continue
        default, factory = own.default, own.default_factory
        if own.name in shape.required:
            default, factory = msgspec.NODEFAULT, msgspec.NODEFAULT
        default = shape.optional.get(own.name, default)
        kind = shape.types.get(own.name, hints[own.name])
        yield WireField(own.name, shape.names.get(own.name, own.encode_name), kind, default, factory)
    for name, (spelling, kind) in shape.second.items():
        yield WireField(name, spelling, kind, None, msgspec.NODEFAULT)


class WireTypes:
    """Derives the wire's types from the internal ones, to read or to write."""

    def __init__(self, dialect: Dialect, *, writing: bool) -> None:
        self._dialect = dialect
        self._writing = writing
        self._made: dict[Any, Any] = {}

    def of(self, kind: Any) -> Any:
        """The wire's type for an internal one, which may be a record, an enumeration, a tuple or a union."""
        if kind not in self._made:
            self._made[kind] = self._derive(kind)
        return self._made[kind]

    def _derive(self, kind: Any) -> Any:
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self._struct(kind)
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return self._words(kind) if self._writing else Literal[tuple(words(kind, self._dialect))]
        if get_origin(kind) is tuple:
            return tuple[self.of(get_args(kind)[0]), ...]  # type: ignore[misc]
        if get_origin(kind) in (Union, types.UnionType):
            return functools.reduce(operator.or_, (self.of(part) for part in get_args(kind)))
        return kind

    def _struct(self, record: AnyStruct) -> AnyStruct:
        shape, hints = self._dialect.shape(record), _hints(record)
        fields = []
        for item in wire_fields(record, shape):
            kind, required = item.type, item.required
            if self._writing:
                if item.attribute in shape.unwritten:
                    continue
                kind = hints.get(item.attribute, kind)
                required = required or item.attribute in shape.optional
            if required:
                setting = msgspec.field(name=item.name)
            elif item.factory is not msgspec.NODEFAULT:
                setting = msgspec.field(name=item.name, default_factory=item.factory)
            else:
                setting = msgspec.field(name=item.name, default=item.default)
            fields.append((item.attribute, self.of(kind), setting))
        return msgspec.defstruct(record.__name__, fields, kw_only=True, omit_defaults=True)

    def _words(self, kind: type[StrEnum]) -> Any:
        """An enumeration that turns an internal member into this version's word, whatever it is."""
        made: dict[object, StrEnum] = {}

        class Words(StrEnum):
            @classmethod
            def _missing_(cls, value: object) -> StrEnum | None:
                return made.get(value)

        spelled = [(member.name, self._dialect.word(member)) for member in kind if not self._dialect.lacks(member)]
        create: Any = Words
        enumeration = create(kind.__name__, spelled)
        made.update({member.value: enumeration(self._dialect.word(member)) for member in kind})
        return enumeration


def words(kind: type[StrEnum], dialect: Dialect) -> list[str]:
    """What may stand on the wire for an enumeration."""
    return [dialect.word(member) for member in kind if not dialect.lacks(member)]
