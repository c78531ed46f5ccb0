"""What edge and cloud planner say to each other: the request, the goals, the plan.

The model fills in :class:`Goals` and nothing else; steps come from the solver. Ids are those of the site.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(min_length=1, max_length=64)]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class VehicleSnapshot(_Document):
    """A vehicle at the moment of asking. ``node`` is the layout node it stands at or last passed."""

    id: Id
    node: str
    battery: float = Field(ge=0, le=100, description="per cent")
    loaded: bool = False
    available: bool = True
    speed: float = Field(default=1.5, gt=0, le=20, description="m/s on a free edge")


class FleetSnapshot(_Document):
    vehicles: tuple[VehicleSnapshot, ...] = ()


class NamedThing(_Document):
    """A name in a request, as it was said, and the vehicles or places of the site that it may mean."""

    words: str = Field(min_length=1, max_length=200, description="folded: no case, accents or punctuation")
    ids: tuple[Id, ...] = Field(min_length=1)


class PlanRequest(_Document):
    """Body of ``POST /v1/plans``. ``site`` is ``Site.document``; ``deadline`` is when the answer is worthless.

    ``mentions``: all that the request names, in order, where the asker has found that out; empty if it has not.
    """

    request: str = Field(min_length=1, max_length=2000)
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}$")
    site: dict[str, Any]
    fleet: FleetSnapshot = FleetSnapshot()
    mentions: tuple[NamedThing, ...] = Field(default=(), max_length=200)
    deadline: str | None = None


class TransportGoal(_Document):
    """Carry ``count`` loads from one of ``origins`` to one of ``destinations``."""

    kind: Literal["transport"] = "transport"
    count: int = Field(ge=1, le=200)
    origins: tuple[Id, ...] = Field(min_length=1)
    destinations: tuple[Id, ...] = Field(min_length=1)
    vehicles: tuple[Id, ...] = Field(default=(), description="only these may do it; empty: any")
    within_s: float | None = Field(default=None, gt=0, le=86400, description="seconds from now to be done in")
    words: str = Field(description="the words of the request that this goal comes from")


class SendGoal(_Document):
    """Send each of ``vehicles``, or ``count`` of any, to one of ``destinations`` to do ``action`` there."""

    kind: Literal["send"] = "send"
    action: Literal["move", "charge", "park"]
    vehicles: tuple[Id, ...] = ()
    count: int = Field(default=1, ge=1, le=200, description="how many, where no vehicle is named")
    destinations: tuple[Id, ...] = Field(default=(), description="empty: the nearest charger, or its home")
    within_s: float | None = Field(default=None, gt=0, le=86400)
    words: str


class AvoidGoal(_Document):
    """No vehicle of the plan drives through these places."""

    kind: Literal["avoid"] = "avoid"
    places: tuple[Id, ...] = Field(min_length=1)
    words: str


Goal = Annotated[TransportGoal | SendGoal | AvoidGoal, Field(discriminator="kind")]


class Goals(_Document):
    """All that the model returns. What it could not express goes into ``unsupported``, in the asker's words."""

    goals: tuple[Goal, ...] = Field(max_length=50)
    unsupported: tuple[str, ...] = ()


class Step(_Document):
    """One command of the plan, in seconds from its start. A vehicle does its steps in order of ``start_s``."""

    vehicle: Id
    action: Literal["transport", "move", "charge", "park"]
    origin: Id | None = Field(default=None, alias="from")
    destination: Id = Field(alias="to")
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    goal: int = Field(ge=0, description="index of the goal it serves")


class PlanState(StrEnum):
    UNDERSTANDING = "understanding"
    SOLVING = "solving"
    PROPOSED = "proposed"
    APPROVED = "approved"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (PlanState.DONE, PlanState.FAILED, PlanState.CANCELLED)


class Plan(_Document):
    """What ``GET /v1/plans/{id}`` returns. ``hash`` binds an approval to exactly these goals and steps."""

    id: str
    state: PlanState
    request: str
    goals: tuple[Goal, ...] = ()
    unsupported: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    hash: str = ""
    explanation: str = ""


def plan_hash(goals: Sequence[Goal], steps: Sequence[Step]) -> str:
    """SHA-256 over goals and steps, the same on both sides."""
    digest = hashlib.sha256()
    for item in (*goals, *steps):
        digest.update(item.model_dump_json(by_alias=True).encode() + b"\n")
    return digest.hexdigest()
