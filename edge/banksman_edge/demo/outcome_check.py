"""What vehicles did, by what they report themselves, and whether that is what was asked for.

The demo expects of a plan what its request says, written down by hand, and nothing that any part of Banksman has
understood, planned or counted.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from banksman_shared.mqtt import MqttLink
from banksman_shared.site import Site
from banksman_shared.vda5050 import VERSION, codec_for


class Wanted(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a request asks for: so many loads ``carried`` from ``origin`` to any of ``destinations``, no other
    load anywhere, and no vehicle at ``free``."""

    carried: int
    origin: str
    destinations: tuple[str, ...]
    free: tuple[str, ...] = ()


class _Carried(NamedTuple):
    """A load from where a vehicle was when it had one, to where it was when it had none any more: layout nodes."""

    vehicle: str
    taken_at: str
    put_at: str


class OutcomeCheck:
    """Hears on a link what the vehicles of a site report."""

    def __init__(self, site: Site, link: MqttLink) -> None:
        self._site, self._topics = site, codec_for(VERSION).topics
        self._vehicles = {vehicle.address: vehicle.id for vehicle in site.vehicles.values()}
        self._lock = threading.Lock()
        self._at: dict[str, str] = {}
        self._took: dict[str, str] = {}
        self._carried: list[_Carried] = []
        self._entered: list[tuple[str, str]] = []
        link.subscribe(self._topics.every("state"), self._hear)

    def _hear(self, topic: str, payload: bytes) -> None:
        parsed = self._topics.parse(topic)
        vehicle = self._vehicles.get(parsed[0]) if parsed else None
        if vehicle is None:
            return
        state = json.loads(payload)
        node, loaded = state["lastNodeId"], bool(state.get("loads"))
        with self._lock:
            if self._at.get(vehicle) != node:
                self._at[vehicle] = node
                self._entered.append((vehicle, node))
            if loaded:
                self._took.setdefault(vehicle, node)
            elif vehicle in self._took:
                self._carried.append(_Carried(vehicle, self._took.pop(vehicle), node))

    def forget(self) -> None:
        """Begin anew: what was done until now is nobody's business."""
        with self._lock:
            self._carried.clear()
            self._entered.clear()

    def faults(self, wanted: Wanted) -> Iterator[str]:
        """What was done otherwise than asked for since, a sentence each."""
        with self._lock:
            carried, entered = list(self._carried), list(self._entered)
        places = {place.node: place.id for place in self._site.places.values()}
        right = [
            load
            for load in carried
            if places.get(load.taken_at) == wanted.origin and places.get(load.put_at) in wanted.destinations
        ]
        where = " and ".join(wanted.destinations)
        if len(right) != wanted.carried:
            yield f"{len(right)} of the loads came from {wanted.origin} to {where}, not {wanted.carried}"
        for load in carried:
            if load not in right:
                way = f"{places.get(load.taken_at, load.taken_at)} to {places.get(load.put_at, load.put_at)}"
                yield f"{load.vehicle} carried a load from {way}, which nobody asked for"
        for vehicle, node in entered:
            if places.get(node) in wanted.free:
                yield f"{vehicle} went to {places[node]}"
