"""In which version of VDA 5050 each vehicle speaks, and is spoken to."""

from __future__ import annotations

import logging
from typing import TypeVar

from banksman_edge.fleet.wire import Outgoing
from banksman_shared.errors import MessageError
from banksman_shared.vda5050 import Codec, Header, Topics, VehicleAddress, codec_for

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Header)


class Dialects:
    """Of all vehicles on one interface. Safe to call from any thread."""

    def __init__(self, version: str) -> None:
        """``version``: what a vehicle is sent that has not shown another one.

        Raises:
            MessageError: this version is not spoken here.
        """
        self._codec = codec_for(version)
        self._own: dict[VehicleAddress, Codec] = {}
        self._complained: set[str] = set()

    @property
    def topics(self) -> Topics:
        return self._codec.topics

    def write(self, address: VehicleAddress, message: Outgoing) -> bytes:
        """A message as this vehicle speaks."""
        return self._own.get(address, self._codec).encode(message)

    def read(self, address: VehicleAddress, kind: type[M], payload: bytes, topic: str) -> M | None:
        """What a vehicle says on a topic; None where that cannot be read, which is logged once for each topic: a
        vehicle that speaks wrongly does so ten times a second."""
        codec = self._own.get(address, self._codec)
        try:
            message = codec.decode(kind, payload)
        except MessageError as error:
            level = logging.DEBUG if topic in self._complained else logging.WARNING
            self._complained.add(topic)
            log.log(level, "a message on %s was ignored: %s", topic, error)
            return None
        if message.version != codec.version:
            self._learn(address, message.version)
        return message

    def _learn(self, address: VehicleAddress, version: str) -> None:
        """Speak to a vehicle as it speaks itself, where its interface is the one that is spoken here."""
        try:
            codec = codec_for(version)
        except MessageError:
            return
        if codec.topics == self.topics:
            self._own[address] = codec
