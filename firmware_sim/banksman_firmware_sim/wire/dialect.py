"""How a vehicle reads and writes VDA 5050: by the letter, with tolerance, or as known peers really do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Literal, TypeVar

import msgspec

from banksman_firmware_sim.vehicle import Behaviour
from banksman_shared.errors import MessageError
from banksman_shared.vda5050 import VERSION, Codec, Factsheet, Header, InstantActions, Topics, VehicleAddress, codec_for

M = TypeVar("M", bound=Header)

_QUIRKS = (b'"instantActions"', b'"allowedDeviationXy"')
_HEADER = ("headerId", "timestamp", "version", "manufacturer", "serialNumber")


class PeerProfile(StrEnum):
    """Whose habits a simulated vehicle has."""

    DEFAULT = "default"
    STRICT = "strict"
    VDA_5050_LIB = "vda-5050-lib"
    VDA5050_SDK = "vda5050-sdk"
    CARELESS = "careless"


@dataclass(frozen=True, slots=True)
class Habits:
    """What sets a profile apart. ``about`` is for people."""

    about: str
    strict: bool = False
    only_version: str | None = None
    """The one version it speaks; the header must name it exactly."""
    wants_instant_actions: bool = False
    """Its instant actions are in ``instantActions``, as in VDA 5050 1.1, instead of ``actions``."""
    factsheet: Literal["whole", "empty", "none"] = "whole"
    silent_about_unreadable: bool = False
    """Drops what it cannot read, without a validationError."""
    behaviour: Behaviour = field(default_factory=Behaviour)


HABITS: Mapping[PeerProfile, Habits] = MappingProxyType(
    {
        PeerProfile.DEFAULT: Habits(
            "strict in what it sends, understands what masters are known to get wrong",
            behaviour=Behaviour(obeys_known_ids=True),
        ),
        PeerProfile.STRICT: Habits("refuses whatever is not by the letter of the standard", strict=True),
        PeerProfile.VDA_5050_LIB: Habits(
            "as the virtual vehicle of npm vda-5050-lib 1.4.0: header version exactly 2.0.0, instantActions for "
            "actions, an empty factsheet, actions of the stitching node appended again, and no action state for "
            "an instant action that it refuses",
            only_version="2.0.0",
            wants_instant_actions=True,
            factsheet="empty",
            behaviour=Behaviour(appends_stitch_actions=True, silent_refusals=True),
        ),
        PeerProfile.VDA5050_SDK: Habits(
            "as PyPI vda5050-sdk 0.2.0: no factsheet unless programmed, silence about what it cannot read, and "
            "FINISHED for a cancelOrder after the order has ended",
            factsheet="none",
            silent_about_unreadable=True,
            behaviour=Behaviour(cancels_nothing_as_finished=True),
        ),
        PeerProfile.CARELESS: Habits(
            "what several vehicles do: no action states for instant actions, FINISHED for a cancelOrder with nothing "
            "to cancel, actions of the stitching node appended again",
            behaviour=Behaviour(
                appends_stitch_actions=True, silent_instant_actions=True, cancels_nothing_as_finished=True
            ),
        ),
    }
)


class Dialect:
    """One version of the standard, read and written with the habits of a profile."""

    def __init__(self, profile: PeerProfile = PeerProfile.DEFAULT, version: str = VERSION) -> None:
        """Raises :class:`ValueError` where the profile does not speak ``version``."""
        self.profile, self.version = profile, version
        self._habits = HABITS[profile]
        if self._habits.only_version not in (None, version):
            raise ValueError(f"profile {profile} speaks {self._habits.only_version}, not {version}")
        # The schema of 2.0.0 itself spells the deviation so.
        self._quirks = _QUIRKS[:1] if version.startswith("2.0") else _QUIRKS
        self._codec: Codec = codec_for(version, strict=self._habits.strict)

    @property
    def topics(self) -> Topics:
        return self._codec.topics

    @property
    def behaviour(self) -> Behaviour:
        return self._habits.behaviour

    @property
    def silent_about_unreadable(self) -> bool:
        return self._habits.silent_about_unreadable

    def encode(self, message: Header) -> bytes:
        """The bytes to publish; none where the profile does not send such a message."""
        payload = self._codec.encode(message)
        if not isinstance(message, Factsheet) or self._habits.factsheet == "whole":
            return payload
        if self._habits.factsheet == "none":
            return b""
        whole = msgspec.json.decode(payload)
        return msgspec.json.encode({key: whole[key] for key in _HEADER})

    def decode(self, kind: type[M], payload: bytes, address: VehicleAddress) -> M:
        """Read a message for the vehicle with this address.

        Raises:
            MessageError: the profile does not take it; the text is the reason.
        """
        if self._habits.wants_instant_actions and kind is InstantActions and b'"instantActions"' not in payload:
            raise MessageError("the field 'instantActions' is missing")
        if self._habits.strict and any(quirk in payload for quirk in self._quirks):
            raise MessageError(f"'instantActions' and 'allowedDeviationXy' are not names of VDA 5050 {self.version}")
        message = self._codec.decode(kind, payload)
        self._check_header(message, address)
        return message

    def _check_header(self, message: Header, address: VehicleAddress) -> None:
        """By default only the topic says who is meant and in which version: masters fill the header carelessly."""
        if self._habits.only_version not in (None, message.version):
            raise MessageError(f"header version is {message.version}; this vehicle speaks {self._habits.only_version}")
        if not self._habits.strict:
            return
        if message.version.split(".")[:2] != self.version.split(".")[:2]:
            raise MessageError(f"header version is {message.version}; this vehicle speaks {self.version}")
        if (message.manufacturer, message.serial_number) != (address.manufacturer, address.serial_number):
            raise MessageError(f"the header names {message.manufacturer}/{message.serial_number}, not this vehicle")
