"""What edge and cloud planner say to each other: the request, the goals, the plan.

The model fills in :class:`Goals` and nothing else; steps come from the solver. Ids are those of the site.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, FailFast, Field

MAX_VEHICLES = 500
"""Of which one plan can be made."""
MAX_LOADS = 200
"""That one plan carries."""
MAX_REQUEST = 2000
"""Characters that one request has."""
MAX_NAMES = 200
"""Different ones that it speaks of."""
_WRITTEN = 50
"""Goals that may be written; those that are settled may be more, one for each place that loads come from."""
_SETTLED = _WRITTEN + MAX_LOADS

Id = Annotated[str, Field(min_length=1, max_length=64)]
Reference = Annotated[str, Field(min_length=1, max_length=80, description="an id, or kind:ID, group:ID or zone:ID")]
"""As long as in a site's files."""
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="HH:MM on the site's clocks")]


class _FirstFault(FailFast):
    """Of a long list only the first fault is told: nobody could read millions, nor is there time to write them."""

    __hash__ = object.__hash__  # a part of a union has to have one


Item = TypeVar("Item")
Some = Annotated[tuple[Item, ...], _FirstFault()]

Priority = Literal["high", "normal", "low"]
Share = Literal["any", "each", "equal"]
Missing = Literal["amount", "origin", "destination", "vehicle"]


def _is_empty(value: tuple[object, ...]) -> bool:
    return not value


def _is_any(value: str) -> bool:
    """As :func:`_is_none`."""
    return value == "any"


def _is_none(value: object) -> bool:
    """Of what came later, so that plans without it are the same to those who do not know it, hash included."""
    return value is None


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


class VehicleSnapshot(_Document):
    """A vehicle at the moment of asking. ``node`` is the layout node it stands at or last passed, or will stand at
    after ``ready_s`` seconds, when it is done with what it does now."""

    id: Id
    node: str
    battery: float | None = Field(default=None, ge=0, le=100, description="per cent; null: not known")
    loaded: bool = False
    available: bool = True
    speed: float = Field(default=1.5, gt=0, le=20, description="m/s on a free edge")
    ready_s: float = Field(default=0.0, ge=0, le=86400, description="seconds until it can take something on")


class LoadSnapshot(_Document):
    """Something that stands at a place and can be carried."""

    id: Id
    place: Id
    type: Id | None = None


class FleetSnapshot(_Document):
    """``loads``: all that stand at the places of the site; null where nobody keeps count of them. ``uncounted``: places
    of which it is not known all the same; null for none. ``blocked``: nodes of the layout where nobody can pass, since
    a vehicle stands there that is out of order; null for none."""

    vehicles: Some[VehicleSnapshot] = Field(default=(), max_length=MAX_VEHICLES)
    loads: Some[LoadSnapshot] | None = Field(default=None, max_length=2000)
    uncounted: Some[Id] | None = Field(default=None, max_length=100_000)
    blocked: Some[str] | None = Field(default=None, max_length=10000)


class NamedThing(_Document):
    """A name in a request, as it was said, and the vehicles or places of the site that it may mean; of a zone
    ``zone:ID``."""

    words: str = Field(min_length=1, max_length=200, description="folded: no case, accents or punctuation")
    ids: Some[Reference] = Field(min_length=1)
    sure: bool = Field(default=True, description="false: the words only resemble the name, so it may not be meant")


class _Wish(_Document):
    words: str = Field(description="the words of the request that this goal comes from")


class _Task(_Wish):
    """Something for vehicles to do.

    ``vehicles`` and ``without``, here and below, name vehicles by id, by ``kind:ID`` or by ``group:ID``; in a plan
    only ids are left. Likewise ``by`` has become ``within_s`` there, and ``not_before`` has become ``not_before_s``.
    """

    vehicles: Some[Reference] = Field(default=(), description="only these may do it; empty: any")
    without: Some[Reference] = Field(default=(), description="these may not")
    within_s: float | None = Field(default=None, gt=0, le=86400, description="seconds from now to be done in")
    by: TimeOfDay | None = Field(default=None, description="time of day to be done by")
    not_before_s: float | None = Field(default=None, gt=0, le=86400, description="seconds from now to begin after")
    not_before: TimeOfDay | None = Field(default=None, description="time of day to begin after", exclude_if=_is_none)
    after: Some[int] = Field(default=(), max_length=_SETTLED, description="indices of goals that come before it")


class TransportGoal(_Task):
    """Carry ``count`` loads from one of ``origins`` to one of ``destinations``.

    ``share``: to any of them, however many to each; ``count`` to each of them; or in equal parts to all of them. In a
    plan every goal is to any, since the others have become a goal for each destination.
    """

    kind: Literal["transport"] = "transport"
    count: int | None = Field(ge=1, le=MAX_LOADS, description="null: all that are there; a number in a plan")
    origins: Some[Reference] = Field(min_length=1)
    destinations: Some[Reference] = Field(min_length=1)
    share: Share = Field(default="any", exclude_if=_is_any, description="each: count to each destination")
    load_type: Id | None = Field(default=None, description="only loads of this type")
    priority: Priority = Field(default="normal", description="a vehicle carries what is urgent before the rest")
    at_most: int | None = Field(default=None, ge=1, le=200, description="how many vehicles may share in it")


class SendGoal(_Task):
    """Send each of ``vehicles``, or ``count`` of ``among``, to one of ``destinations`` to do ``action`` there.

    ``when``: after all else that the vehicle does, before it, or instead of it (it goes at once and stays).
    """

    kind: Literal["send"] = "send"
    action: Literal["move", "charge", "park"]
    count: int = Field(default=1, ge=1, le=200, description="how many, where no vehicle is named")
    among: Some[Reference] = Field(default=(), description="where none is named: the ones to choose from; empty: any")
    destinations: Some[Reference] = Field(default=(), description="empty: the nearest charger, or its home")
    when: Literal["last", "first", "only"] = "last"
    until: float | None = Field(default=None, gt=0, le=100, description="per cent to charge to before it goes on")


class AvoidGoal(_Wish):
    """None of ``vehicles`` (empty: nobody) drives onto these places, or stands there, while it holds."""

    kind: Literal["avoid"] = "avoid"
    places: Some[Reference] = Field(min_length=1, description="ids, kind:ID or zone:ID; only ids in a plan")
    vehicles: Some[Reference] = Field(default=(), description="for whom they are closed; empty: everybody")
    from_s: float | None = Field(default=None, ge=0, le=86400, description="seconds from now; null: at once")
    until_s: float | None = Field(default=None, gt=0, le=86400, description="seconds from now; null: all the time")
    from_time: TimeOfDay | None = None
    until_time: TimeOfDay | None = None


class OneWayGoal(_Wish):
    """Between two places vehicles drive only from ``start`` to ``end``, not back."""

    kind: Literal["one_way"] = "one_way"
    start: Id
    end: Id


class ReserveGoal(_Wish):
    """None of ``vehicles`` (empty: no vehicle) is emptied below ``percent`` of charge."""

    kind: Literal["reserve"] = "reserve"
    percent: float = Field(ge=1, le=95)
    vehicles: Some[Reference] = ()


class UseGoal(_Wish):
    """The whole plan uses ``only`` these vehicles (empty: all), and none of ``never``."""

    kind: Literal["use"] = "use"
    only: Some[Reference] = ()
    never: Some[Reference] = ()


class PreferGoal(_Wish):
    """What matters most where plans differ: all done early, little driving, or as many loads for each vehicle."""

    kind: Literal["prefer"] = "prefer"
    what: Literal["early", "little_driving", "even_work"]


Goal = Annotated[
    TransportGoal | SendGoal | AvoidGoal | OneWayGoal | ReserveGoal | UseGoal | PreferGoal,
    Field(discriminator="kind"),
]


class Goals(_Document):
    """All that the model returns. What it could not express goes into ``unsupported``, and what may mean several things
    into ``unclear``, in the asker's words; ``missing``: what has to be said and was not. A plan is made only where
    nothing is unclear or missing."""

    goals: tuple[Goal, ...] = Field(max_length=_WRITTEN)
    unsupported: Some[str] = ()
    unclear: Some[str] = Field(default=(), max_length=50)
    missing: Some[Missing] = ()


class PlanRequest(_Document):
    """Body of ``POST /v1/plans``. ``site`` is ``Site.document``; ``deadline`` is when the answer is worthless.

    ``mentions``: all that the request names, in order, where the asker has found that out; empty if it has not.
    ``goals``: what the request means, where that was understood before: the rest of a plan that went otherwise, say.
    Then no language model reads the request. ``now``: what clocks on the site show; without it times of day
    ("before three") cannot be understood. ``clock_change``: when they are put forward or back
    next, if that is within two days, as they show it from then on; null if it is not, or nobody knows.
    """

    request: str = Field(min_length=1, max_length=MAX_REQUEST)
    language: str = Field(default="en", pattern=r"^[a-z]{2,3}$")
    site: dict[str, Any]
    fleet: FleetSnapshot = FleetSnapshot()
    mentions: Some[NamedThing] = Field(default=(), max_length=MAX_NAMES)
    goals: Some[Goal] | None = Field(default=None, min_length=1, max_length=_SETTLED)
    deadline: str | None = None
    now: str | None = Field(default=None, max_length=40, description="local time of the site, ISO 8601")
    clock_change: str | None = Field(default=None, max_length=40, description="ISO 8601, with the new offset")


class Step(_Document):
    """One command of the plan, in seconds from its start. A vehicle does its steps in order of ``start_s``."""

    vehicle: Id
    action: Literal["transport", "move", "charge", "park"]
    origin: Id | None = Field(default=None, alias="from")
    destination: Id = Field(alias="to")
    start_s: float = Field(ge=0)
    end_s: float = Field(ge=0)
    goal: int = Field(ge=0, description="index of the goal it serves")
    until: float | None = Field(default=None, description="per cent to charge to before the vehicle's next step")


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
    """What ``GET /v1/plans/{id}`` returns. ``hash`` binds an approval to exactly these goals and steps, and to what
    is left out. ``faults``: what was wrong with a model's last answer, where that is why it failed; ``explanation`` is
    for operators."""

    id: str
    state: PlanState
    request: str
    goals: tuple[Goal, ...] = ()
    unsupported: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    hash: str = ""
    explanation: str = ""
    faults: tuple[str, ...] = Field(default=(), exclude_if=_is_empty)


def plan_hash(goals: Sequence[Goal], steps: Sequence[Step], unsupported: Sequence[str] = ()) -> str:
    """SHA-256 over goals, steps and what is left out, the same on both sides."""
    digest = hashlib.sha256()
    for words in unsupported:
        digest.update(json.dumps(words).encode() + b"\n")
    for item in (*goals, *steps):
        digest.update(item.model_dump_json(by_alias=True).encode() + b"\n")
    return digest.hexdigest()
