"""Reading what master controls send, with or without their known deviations from the standard."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from banksman_shared.errors import MessageError
from banksman_shared.vda5050 import Header, InstantActions, Order, VehicleAddress, decode
from banksman_shared.vda5050.messages import VERSION

_QUIRKS = (b'"instantActions"', b'"allowedDeviationXy"')


class PeerProfile(StrEnum):
    """How to take what peers are known to get wrong: understand it, or refuse it."""

    DEFAULT = "default"
    STRICT = "strict"


def read_order(payload: bytes, profile: PeerProfile, address: VehicleAddress) -> Order:
    """Raises :class:`MessageError` with the reason where the payload is not an order for this vehicle."""
    order = decode(Order, _normalised(payload, profile))
    _check_header(order, profile, address)
    return order


def read_instant_actions(payload: bytes, profile: PeerProfile, address: VehicleAddress) -> InstantActions:
    """Raises :class:`MessageError` with the reason where the payload is not instant actions for this vehicle."""
    message = decode(InstantActions, _normalised(payload, profile))
    _check_header(message, profile, address)
    return message


def _check_header(message: Header, profile: PeerProfile, address: VehicleAddress) -> None:
    """By default the topic alone says who is meant and in which version, since masters fill the header carelessly."""
    if profile is PeerProfile.DEFAULT:
        return
    if message.version.split(".")[:2] != VERSION.split(".")[:2]:
        raise MessageError(f"header version is {message.version}; this vehicle speaks {VERSION}")
    if (message.manufacturer, message.serial_number) != (address.manufacturer, address.serial_number):
        raise MessageError(f"the header names {message.manufacturer}/{message.serial_number}, not this vehicle")


def _normalised(payload: bytes, profile: PeerProfile) -> bytes:
    """The payload in the standard's own words."""
    if not any(quirk in payload for quirk in _QUIRKS):
        return payload
    if profile is PeerProfile.STRICT:
        raise MessageError("'instantActions' and 'allowedDeviationXy' are not names of VDA 5050 2.1.0")
    try:
        document = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return payload  # the decoder proper will say what is wrong
    if isinstance(document, dict):
        _rename(document, "instantActions", "actions")
        for node in _dicts(document.get("nodes")):
            for position in _dicts([node.get("nodePosition")]):
                _rename(position, "allowedDeviationXy", "allowedDeviationXY")
    return msgspec.json.encode(document)


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _rename(document: dict[str, Any], wrong: str, right: str) -> None:
    if wrong in document:
        document.setdefault(right, document.pop(wrong))
