"""Peers' quirks, put right on raw JSON after the strict reading has failed.

What is done: nulls in place of absent fields are dropped; whole numbers written as ``2.0`` become integers; lists
that peers leave out when they are empty are taken as empty; words of enumerations are read whatever their case and
underscores, and where nothing fits, by the meaning that promises least (``FALLBACKS``); the names that single peers
use are known to the dialect. Anything else stays as it is and fails again, with the sentence that names it.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, get_args, get_origin

import msgspec

from banksman_shared.vda5050.messages.enums import (
    ActionStatus,
    BlockingType,
    ConnectionState,
    CorridorRefPoint,
    CorridorReleaseLoss,
    ErrorLevel,
    EStop,
    GrantType,
    InfoLevel,
    MapStatus,
    OperatingMode,
    RequestStatus,
    ZoneReleaseLoss,
)
from banksman_shared.vda5050.messages.order import Edge, Node
from banksman_shared.vda5050.messages.state import State
from banksman_shared.vda5050.messages.vehicle import Factsheet
from banksman_shared.vda5050.wire import AnyStruct, Dialect, wire_fields

FALLBACKS: Mapping[type[StrEnum], StrEnum] = {
    # It may not be driving by itself, so nobody sends it anywhere.
    OperatingMode: OperatingMode.MANUAL,
    # It may not hear us.
    ConnectionState: ConnectionState.CONNECTIONBROKEN,
    # It has not ended: neither done nor failed.
    ActionStatus: ActionStatus.RUNNING,
    # Nothing beside it goes wrong.
    BlockingType: BlockingType.HARD,
    # It may need a person.
    ErrorLevel: ErrorLevel.FATAL,
    # Some emergency stop is active, and it may not end by itself.
    EStop: EStop.MANUAL,
    InfoLevel: InfoLevel.DEBUG,
    # It may not be used.
    MapStatus: MapStatus.DISABLED,
    # It was not granted.
    GrantType: GrantType.REJECTED,
    # Nobody waits for an answer, nor has one.
    RequestStatus: RequestStatus.EXPIRED,
    # The narrower of the two.
    CorridorRefPoint: CorridorRefPoint.CONTOUR,
    CorridorReleaseLoss: CorridorReleaseLoss.STOP,
    ZoneReleaseLoss: ZoneReleaseLoss.STOP,
}
# Serialisers that leave out empty lists are common; an absent state of the battery or of safety says nothing.
ASSUMED: Mapping[AnyStruct, Mapping[str, Any]] = {
    State: dict.fromkeys(("node_states", "edge_states", "action_states", "errors", "instant_action_states"), ()),
    Node: {"actions": ()},
    Edge: {"actions": ()},
    Factsheet: {
        "header_id": 0,
        "timestamp": "",
        "version": "",
        "manufacturer": "",
        "serial_number": "",
        **dict.fromkeys(
            (
                "type_specification",
                "physical_parameters",
                "protocol_limits",
                "protocol_features",
                "agv_geometry",
                "load_specification",
            ),
            types.MappingProxyType({}),
        ),
    },
}


_Fix = Callable[[Any], Any]


class Repair:
    """Puts raw JSON of one version right, as far as its meaning is plain."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._fixes: dict[Any, _Fix | None] = {}

    def repaired(self, value: Any, kind: Any) -> Any:
        """``value`` as a value of the internal type ``kind`` should look in JSON. Objects are changed in place."""
        fix = self._fix(kind)
        return value if fix is None else fix(value)

    def _fix(self, kind: Any) -> _Fix | None:
        """What to do with values of a type; None where there is nothing to do. Found once, used for every message."""
        if kind not in self._fixes:
            self._fixes[kind] = self._found(kind)
        return self._fixes[kind]

    def _found(self, kind: Any) -> _Fix | None:
        if kind is int:
            return _whole
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return self._record(kind)
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return self._word(kind)
        fixes = [fix for part in get_args(kind) if (fix := self._fix(part)) is not None]
        if not fixes:
            return None
        # An array or an alternative; of those, all but None have JSON types of their own, and leave others alone.
        if get_origin(kind) is tuple:
            return lambda value: [fixes[0](item) for item in value] if isinstance(value, list) else value
        return lambda value: functools.reduce(lambda last, fix: fix(last), fixes, value)

    def _record(self, record: AnyStruct) -> _Fix:
        mend = self._dialect.mends.get(record)
        assumed = ASSUMED.get(record, {})
        fields = [
            (item.name, self._fix(item.type), item.required, assumed.get(item.attribute))
            for item in wire_fields(record, self._dialect.shape(record))
        ]

        def fix_record(document: Any) -> Any:
            if not isinstance(document, dict):
                return document
            if mend is not None:
                mend(document)
            for name, fix, required, instead in fields:
                value = document.get(name)
                if value is not None:
                    if fix is not None:
                        document[name] = fix(value)
                elif instead is not None:
                    document[name] = instead
                elif not required:
                    document.pop(name, None)
            return document

        return fix_record

    def _word(self, kind: type[StrEnum]) -> _Fix:
        word_of = self._dialect.word
        exact = {word_of(member) for member in kind if not self._dialect.lacks(member)}
        similar = {_plain(word): word_of(member) for member in kind for word in (member.value, word_of(member))}
        fallback = FALLBACKS.get(kind)

        def fix_word(value: Any) -> Any:
            if not isinstance(value, str) or value in exact:
                return value
            return similar.get(_plain(value), value if fallback is None else word_of(fallback))

        return fix_word


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _plain(word: str) -> str:
    return word.upper().replace("_", "").replace("-", "").replace(" ", "")
