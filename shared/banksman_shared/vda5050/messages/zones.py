"""Zone sets, and the answers to what vehicles ask for: new with 3.0 (§7.6 and §7.7)."""

from __future__ import annotations

from banksman_shared.vda5050.messages.common import ActionParameter, Header, Record
from banksman_shared.vda5050.messages.enums import BlockingType, DirectionLimit, GrantType, ZoneReleaseLoss, ZoneType


class Response(Record, frozen=True, kw_only=True):
    """The answer to one request of a vehicle; ``lease_expiry`` is a timestamp."""

    request_id: str
    grant_type: GrantType
    lease_expiry: str | None = None


class Responses(Header, frozen=True, kw_only=True):
    """Topic ``responses``: from the master to a vehicle."""

    responses: tuple[Response, ...]


class Vertex(Record, frozen=True, kw_only=True):
    x: float
    y: float


class ZoneAction(Record, frozen=True, kw_only=True):
    """An action of a zone; the vehicle makes its id."""

    action_type: str
    blocking_type: BlockingType
    action_description: str | None = None
    action_parameters: tuple[ActionParameter, ...] = ()
    retriable: bool | None = None


class Zone(Record, frozen=True, kw_only=True):
    """A polygon, counterclockwise, and what holds within it. Which fields are there depends on the type."""

    zone_id: str
    zone_type: ZoneType
    vertices: tuple[Vertex, ...]
    zone_description: str | None = None
    maximum_speed: float | None = None
    entry_actions: tuple[ZoneAction, ...] | None = None
    during_actions: tuple[ZoneAction, ...] | None = None
    exit_actions: tuple[ZoneAction, ...] | None = None
    release_loss_behavior: ZoneReleaseLoss | None = None
    priority_factor: float | None = None
    penalty_factor: float | None = None
    direction: float | None = None
    directed_limitation: DirectionLimit | None = None
    bidirected_limitation: DirectionLimit | None = None


class ZoneSetContent(Record, frozen=True, kw_only=True):
    zone_set_id: str
    map_id: str
    zones: tuple[Zone, ...]
    zone_set_description: str | None = None


class ZoneSet(Header, frozen=True, kw_only=True):
    """Topic ``zoneSet``: from the master to a vehicle, for one map."""

    zone_set: ZoneSetContent
