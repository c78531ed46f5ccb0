"""The tables of ``site.toml`` that stay on the site: about people (docs/operators.md) and what may leave
(docs/escalation.md)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from banksman_shared.site.rules import Offline

Id = Annotated[str, StringConstraints(pattern=r"^[^\s:*/+#]+$", max_length=64)]
Reference = Annotated[str, StringConstraints(pattern=r"^[^\s*/+#]+$", max_length=80)]
"""An id, or one with ``kind:``, ``group:`` or ``zone:`` before it."""
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
SpokenNames = dict[Language, list[Name]]
Device = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Pin = Annotated[
    str, StringConstraints(pattern=r"^scrypt\$\d{1,7}\$\d{1,2}\$\d{1,2}\$[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+$")
]
Probability = Annotated[float, Field(ge=0, le=1)]
Granted = Literal["move", "pick", "drop", "transport", "charge", "park", "own", "resume", "cancel", "status", "plan"]
"""What a right can be given for; stopping is not among it, since everybody may."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class ZoneTable(_Table):
    id: Id
    places: list[Reference] = Field(min_length=1)
    people: bool = False
    names: SpokenNames = {}


class GrantTable(_Table):
    actions: list[Granted] | None = Field(None, min_length=1)
    vehicles: list[Reference] | None = Field(None, min_length=1)
    places: list[Reference] | None = Field(None, min_length=1)


class RoleTable(_Table):
    allow: list[GrantTable] = []


class OperatorTable(_Table):
    id: Id
    roles: list[str] = []
    devices: list[Device] = []
    pin: Pin | None = None


class AccessTable(_Table):
    trust: list[Literal["device", "operator"]] = ["device"]


class ThresholdsTable(_Table):
    accept: Probability | None = None
    confirm: Probability | None = None
    ask: Probability | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        given = [value for value in (self.accept, self.confirm, self.ask) if value is not None]
        if not given:
            raise ValueError("one of accept, confirm and ask is needed; what nobody may do belongs into roles")
        if given != sorted(given, reverse=True):
            raise ValueError("accept must not be below confirm, nor confirm below ask")
        return self


class PolicyTables(_Table):
    grammar: ThresholdsTable | None = None
    model: ThresholdsTable | None = None
    unaddressed: ThresholdsTable | None = None
    complete: ThresholdsTable | None = None
    heard: ThresholdsTable | None = None
    heard_unnamed: ThresholdsTable | None = None
    heard_moving: ThresholdsTable | None = None
    heard_model: ThresholdsTable | None = None
    heard_answer: ThresholdsTable | None = None
    many: ThresholdsTable | None = None
    loaded: ThresholdsTable | None = None
    people: ThresholdsTable | None = None
    cancel: ThresholdsTable | None = None
    resume: ThresholdsTable | None = None
    resume_all: ThresholdsTable | None = None
    many_from: Annotated[int, Field(ge=2, le=10_000, strict=True)] | None = None
    context_s: Annotated[int, Field(ge=1, le=3_600, strict=True)] | None = None
    break_s: Annotated[int, Field(ge=1, le=86_400, strict=True)] | None = None
    hindered_s: Annotated[int, Field(ge=5, le=3_600, strict=True)] | None = None


class AuditTable(_Table):
    keep_days: Annotated[int, Field(ge=1, le=36_500, strict=True)] | None = None


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
Seconds = Annotated[int, Field(ge=1, le=86_400, strict=True)]


class EscalationTable(_Table):
    """See :class:`LeavingRules`."""

    cloud: Annotated[bool, Field(strict=True)] | None = None
    pseudonyms: Annotated[bool, Field(strict=True)] | None = None
    known_as: Id | None = None
    customers: list[Words] | None = None
    goods: list[Words] | None = None
    sensitive: list[Words] | None = None
    sensitive_loads: list[Words] | None = None
    offline: Offline | None = None
    queue_s: Seconds | None = None
    local: Annotated[str, StringConstraints(pattern=r"^(off|start|https?://[^\s/]+\S*)$")] | None = None
    plans_per_day: Annotated[int, Field(ge=0, le=1_000_000, strict=True)] | None = None
    simple: Annotated[int, Field(ge=0, le=100, strict=True)] | None = None
    cloud_s: Seconds | None = None
    local_s: Seconds | None = None


class LoadsTable(_Table):
    age_s: Seconds | None = None


PRIVATE = ("zones", "roles", "operators", "access", "policy", "audit", "escalation", "loads")
"""Tables that stay on the site: nobody else needs to know who works there, or a hash to try PINs on. Of zones with
names it leaves which places they are, see :func:`public_zones`."""


def public_zones(zones: Iterable[ZoneTable]) -> list[dict[str, Any]]:
    """What a planner is told of zones: those that can be named aloud, and nothing of the people in them."""
    return [{"id": zone.id, "places": zone.places, "names": zone.names} for zone in zones if zone.names]
