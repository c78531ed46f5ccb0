"""Zone sets of a vehicle, and its requests for access (3.0 §6.4, §6.9).

This vehicle drives straight from node to node and never replans. So BLOCKED, RELEASE, SPEED_LIMIT and ACTION zones
bind it; LINE_GUIDED and COORDINATED_REPLANNING zones ask of it only what it does anyway; PRIORITY, PENALTY,
DIRECTED and BIDIRECTED zones steer the path planning of freely navigating vehicles and mean nothing to it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from banksman_firmware_sim.errors import RefusedError
from banksman_firmware_sim.motion import Point, inside
from banksman_firmware_sim.order import ActionRun
from banksman_shared.vda5050 import (
    ErrorType,
    GrantType,
    MapStatus,
    RequestStatus,
    RequestType,
    Zone,
    ZoneReleaseLoss,
    ZoneRequest,
    ZoneSetContent,
    ZoneSetRecord,
    ZoneType,
)

SUPPORTED_ZONES = (
    ZoneType.BLOCKED,
    ZoneType.LINE_GUIDED,
    ZoneType.RELEASE,
    ZoneType.COORDINATED_REPLANNING,
    ZoneType.SPEED_LIMIT,
    ZoneType.ACTION,
)
"""What the factsheet lists."""
BINDING = (ZoneType.BLOCKED, ZoneType.RELEASE, ZoneType.SPEED_LIMIT, ZoneType.ACTION)

_NEEDED: Mapping[ZoneType, tuple[str, ...]] = MappingProxyType(
    {
        ZoneType.SPEED_LIMIT: ("maximum_speed",),
        ZoneType.ACTION: ("entry_actions", "during_actions", "exit_actions"),
    }
)
"""Fields without which a zone of the type says nothing (3.0 §7.6)."""

MAX_SETS = 50
"""Zone sets that fit into the vehicle's memory."""
ASK_AGAIN_S = 10.0
"""Seconds from a REJECTED or REVOKED request to the next for the same zone."""


@dataclass(slots=True, eq=False)
class Watch:
    """A zone that is in force, and how the vehicle stands to it."""

    zone: Zone
    set_id: str
    map_id: str
    polygon: tuple[Point, ...]
    entered: bool = False
    lost: bool = False
    """Inside, the release is gone, and the zone says to stop then."""
    request: ZoneRequest | None = None
    lease_until: float = math.inf
    """By the vehicle's clock, seconds since the epoch."""
    ask_from: float = -math.inf
    """No request before this moment of the vehicle's time."""
    running: list[ActionRun] = field(default_factory=list)
    """The zone's own actions that last until it is left."""

    @property
    def closed(self) -> bool:
        """Whether the vehicle must not enter, or drive on inside."""
        match self.zone.zone_type:
            case ZoneType.BLOCKED:
                return True
            case ZoneType.RELEASE:
                return not self.granted and (self.lost or not self.kept)
            case _:
                return False

    @property
    def granted(self) -> bool:
        return self.request is not None and self.request.request_status is RequestStatus.GRANTED

    @property
    def kept(self) -> bool:
        """Inside without a release, and the zone lets the vehicle drive on: its request is still reported."""
        return self.entered and self.request is not None and self.request.request_status is not RequestStatus.REQUESTED


class ZoneStore:
    """Zone sets by id, the zones in force, and the requests for them. ``count`` grows with every change."""

    def __init__(self) -> None:
        self._sets: dict[str, ZoneSetContent] = {}
        self._enabled: dict[str, str] = {}
        self.watches: list[Watch] = []
        self.count = 0
        self._requests = 0

    # Sets

    def records(self) -> tuple[ZoneSetRecord, ...]:
        return tuple(
            ZoneSetRecord(
                zone_set_id=key,
                map_id=content.map_id,
                zone_set_status=MapStatus.ENABLED if self._enabled.get(content.map_id) == key else MapStatus.DISABLED,
            )
            for key, content in self._sets.items()
        )

    def add(self, content: ZoneSetContent) -> None:
        """Keep a new set, disabled.

        Raises:
            RefusedError: one with this id is there, too many are, or a zone is no area or lacks what its type needs.
        """
        for zone in content.zones:
            if fault := _fault(zone):
                raise RefusedError(
                    ErrorType.VALIDATION_ERROR, fault, zoneSetId=content.zone_set_id, zoneId=zone.zone_id
                )
        if content.zone_set_id in self._sets:
            raise RefusedError(
                ErrorType.DUPLICATE_ZONE_SET,
                f"zone set {content.zone_set_id} is there; a changed set needs an id of its own",
                zoneSetId=content.zone_set_id,
            )
        if len(self._sets) >= MAX_SETS:
            raise RefusedError(
                ErrorType.INSUFFICIENT_MEMORY,
                f"the vehicle keeps {MAX_SETS} zone sets at most; delete one first",
                zoneSetId=content.zone_set_id,
            )
        self._sets[content.zone_set_id] = content
        self.count += 1

    def enable(self, set_id: str) -> None:
        """Put a set into force on its map, in place of any other."""
        content = self._known(set_id)
        self._enabled[content.map_id] = set_id
        self._watch()

    def delete(self, set_id: str) -> None:
        """Forget a set that is not in force."""
        content = self._known(set_id)
        if self._enabled.get(content.map_id) == set_id:
            raise RefusedError(
                ErrorType.INSTANT_ACTION_ERROR, f"zone set {set_id} is in use; enable another first", zoneSetId=set_id
            )
        del self._sets[set_id]
        self.count += 1

    def _known(self, set_id: str) -> ZoneSetContent:
        if set_id not in self._sets:
            raise RefusedError(
                ErrorType.INSTANT_ACTION_ERROR, f"there is no zone set {set_id}; send it first", zoneSetId=set_id
            )
        return self._sets[set_id]

    def _watch(self) -> None:
        known = {(watch.set_id, watch.zone.zone_id): watch for watch in self.watches}
        self.watches = [
            known.get((set_id, zone.zone_id))
            or Watch(zone, set_id, map_id, tuple((vertex.x, vertex.y) for vertex in zone.vertices))
            for map_id, set_id in self._enabled.items()
            for zone in self._sets[set_id].zones
            if zone.zone_type in BINDING
        ]
        self.count += 1

    def on(self, map_id: str) -> list[Watch]:
        return [watch for watch in self.watches if watch.map_id == map_id]

    def locate(self, point: Point, map_id: str, margin: float) -> None:
        """The vehicle was put somewhere, or zones around it: see which it is in."""
        for watch in self.watches:
            watch.entered = watch.map_id == map_id and inside(point, watch.polygon, margin)

    # Requests

    def requests(self) -> tuple[ZoneRequest, ...]:
        return tuple(watch.request for watch in self.watches if watch.request is not None)

    def ask(self, watch: Watch, now: float) -> None:
        """Request access to a zone on the way, unless that was done or has just been refused."""
        if watch.request is not None or watch.zone.zone_type is not ZoneType.RELEASE or now < watch.ask_from:
            return
        self._requests += 1
        watch.request = ZoneRequest(
            request_id=f"zone-{self._requests}",
            request_type=RequestType.ACCESS,
            zone_id=watch.zone.zone_id,
            zone_set_id=watch.set_id,
            request_status=RequestStatus.REQUESTED,
        )
        self.count += 1

    def answer(self, request_id: str, grant: GrantType, lease_until: float, now: float) -> None:
        """Take the master's answer; one to a request that is over means nothing."""
        watch = next((w for w in self.watches if w.request is not None and w.request.request_id == request_id), None)
        if watch is None:
            return
        match grant:
            case GrantType.GRANTED:
                watch.lease_until, watch.lost = lease_until, False
                self._set(watch, RequestStatus.GRANTED)
            case GrantType.REVOKED:
                self._lose(watch, RequestStatus.REVOKED, now)
            case GrantType.REJECTED:
                if not watch.entered:
                    self._drop(watch, now)
            case GrantType.QUEUED:
                pass

    @property
    def leased(self) -> bool:
        """Whether a release is limited in time."""
        return any(watch.granted and watch.lease_until < math.inf for watch in self.watches)

    def expire(self, time: float, now: float) -> bool:
        """End the releases whose lease is over at ``time``. Whether there were any."""
        over = [watch for watch in self.watches if watch.granted and watch.lease_until <= time]
        for watch in over:
            self._lose(watch, RequestStatus.EXPIRED, now)
        return bool(over)

    def _lose(self, watch: Watch, status: RequestStatus, now: float) -> None:
        if not watch.entered:
            self._drop(watch, now)
            return
        behaviour = watch.zone.release_loss_behavior or ZoneReleaseLoss.STOP
        watch.lost = behaviour is ZoneReleaseLoss.STOP
        self._set(watch, status)

    def _set(self, watch: Watch, status: RequestStatus) -> None:
        old = watch.request
        if old is not None and old.request_status is not status:
            watch.request = ZoneRequest(
                request_id=old.request_id,
                request_type=old.request_type,
                zone_id=old.zone_id,
                zone_set_id=old.zone_set_id,
                request_status=status,
            )
            self.count += 1

    def _drop(self, watch: Watch, now: float) -> None:
        watch.request, watch.ask_from, watch.lease_until = None, now + ASK_AGAIN_S, math.inf
        self.count += 1

    def leave(self, watch: Watch) -> None:
        """The zone was left: its request is over."""
        watch.entered = watch.lost = False
        if watch.request is not None:
            watch.request, watch.lease_until = None, math.inf
            self.count += 1

    def withdraw(self) -> None:
        """The order or the automatic mode is over: no request stays (3.0 §6.6.6, §6.6.7)."""
        for watch in self.watches:
            watch.lost = False
            if watch.request is not None:
                watch.request, watch.lease_until = None, math.inf
                self.count += 1


def _fault(zone: Zone) -> str | None:
    """Why a zone cannot be watched, in one sentence."""
    if len(zone.vertices) < 3:
        return f"a zone has at least three vertices, and {zone.zone_id} has {len(zone.vertices)}"
    missing = [name for name in _NEEDED.get(zone.zone_type, ()) if getattr(zone, name) is None]
    return f"zone {zone.zone_id} of type {zone.zone_type} lacks {', '.join(missing)}" if missing else None
