"""What the fleet tells the rest of the agent, and what it can be asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from banksman_edge.fleet.ended_jobs import NO_PAST, EarlierJobs
from banksman_edge.fleet.succession import Succession
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.site import NOTHING_CLOSED, Closed
from banksman_shared.vda5050 import VehicleAddress


class Code(StrEnum):
    """Why something was refused, failed or is late. Replies in the operator's language hang on these."""

    # Refused: the wish itself.
    NOT_FOR_VEHICLES = "not-for-vehicles"
    UNKNOWN_VEHICLE = "unknown-vehicle"
    UNKNOWN_PLACE = "unknown-place"
    DUPLICATE_JOB = "duplicate-job"
    NOTHING_TO_DO = "nothing-to-do"
    WHERE_TO = "where-to"
    WHERE_FROM = "where-from"
    WHICH_VEHICLE = "which-vehicle"
    NOBODY_FITS = "nobody-fits"
    NOT_A_CHARGER = "not-a-charger"
    NOT_ALLOWED = "not-allowed"
    NOT_ALLOWED_VEHICLE = "not-allowed-vehicle"
    NOT_ALLOWED_PLACE = "not-allowed-place"
    # Refused: the vehicle as it is.
    NO_BROKER = "no-broker"
    STANDBY = "standby"
    OFFLINE = "offline"
    NO_STATE = "no-state"
    STOPPED = "stopped"
    HELD = "held"
    PAUSED = "paused"
    EMERGENCY_STOP = "emergency-stop"
    MANUAL = "manual"
    NOT_LOCALISED = "not-localised"
    VEHICLE_ERROR = "vehicle-error"
    BUSY = "busy"
    NO_FREE_VEHICLE = "no-free-vehicle"
    NO_FREE_CHARGER = "no-free-charger"
    LOW_BATTERY = "low-battery"
    LOADED = "loaded"
    NOT_LOADED = "not-loaded"
    CANNOT = "cannot"
    OUT_OF_REACH = "out-of-reach"
    WRONG_LOAD = "wrong-load"
    OFF_ROUTE = "off-route"
    UNREACHABLE = "unreachable"
    # What became of it.
    ALREADY_THERE = "already-there"
    TOO_LATE = "too-late"
    OVERDUE = "overdue"
    VANISHED = "vanished"
    UNCONFIRMED = "unconfirmed"
    NOT_ACKNOWLEDGED = "not-acknowledged"
    REJECTED = "rejected"
    MALFORMED = "malformed"
    TOO_LONG = "too-long"
    WRONG_START = "wrong-start"
    UNKNOWN_MAP = "unknown-map"
    BLOCKED = "blocked"
    WAITING = "waiting"
    OUT_OF_BOUNDS = "out-of-bounds"
    ACTION_FAILED = "action-failed"
    ORDER_LOST = "order-lost"
    ENDED_ELSEWHERE = "ended-elsewhere"
    EARLIER_STEP = "earlier-step"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"

    @property
    def passing(self) -> bool:
        """Whether the same wish can succeed later without anybody rewording it."""
        return self in _PASSING


_PASSING = frozenset(
    {
        Code.NO_BROKER,
        Code.STANDBY,
        Code.OFFLINE,
        Code.NO_STATE,
        Code.STOPPED,
        Code.PAUSED,
        Code.EMERGENCY_STOP,
        Code.MANUAL,
        Code.NOT_LOCALISED,
        Code.VEHICLE_ERROR,
        Code.BUSY,
        Code.NO_FREE_VEHICLE,
        Code.NO_FREE_CHARGER,
        Code.LOW_BATTERY,
    }
)


Facts = Mapping[str, str | float]
"""The ids, metres and kilograms in a reason, by name, for phrases of other languages."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason against a command: a code for machines, one English sentence for people."""

    code: Code
    sentence: str
    vehicle: str | None = None
    facts: Facts = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Standby:
    """Why no orders go out although nothing is wrong with them: somebody else commands the vehicles."""

    problem: Problem
    another_agent: bool = False
    """It is an agent like this one, which hears and answers in its place."""


@dataclass(frozen=True, slots=True)
class Picked:
    """A load as its vehicle reports it. ``at``: since when, in wall-clock seconds."""

    at: float
    id: str | None = None
    type: str | None = None


@dataclass(frozen=True, slots=True)
class VehicleView:
    """What is known now of one vehicle of the site. Metres, per cent; None where the vehicle did not say."""

    id: str
    kind: str
    connected: bool = False
    speed: float = 1.0
    """Top speed in m/s: its factsheet's, or what is assumed without one."""
    node: str | None = None
    """The layout node it stands at or last passed: its lastNodeId, else the nearest to its position."""
    x: float | None = None
    y: float | None = None
    heading: float | None = None
    """Radians, anticlockwise from the x axis of its map."""
    map_id: str | None = None
    base: tuple[str, ...] = ()
    """The layout nodes that are released to it and lie ahead, in order: it may drive there."""
    horizon: tuple[str, ...] = ()
    """Those behind its base, where it may not drive yet."""
    battery: float | None = None
    charging: bool = False
    loaded: bool | None = None
    picked: Picked | None = None
    """The load that it took up last, also if it has put it down since."""
    driving: bool = False
    paused: bool = False
    automatic: bool = False
    """Master control drives it: its mode is automatic, or semiautomatic, where the master sets all but the speed."""
    reporting: bool = False
    """It has sent a state since it, or the broker, was last away."""
    initialised: bool = False
    """It knows where it is."""
    emergency_stop: bool = False
    fatal: bool = False
    """One of its errors is of level FATAL: it needs somebody's hand."""
    errors: tuple[str, ...] = ()
    job: str | None = None
    """The job it works on or is kept for."""
    foreign_order: bool = False
    """It works on an order that is not (or no longer) ours."""
    stopped: bool = False
    """Latched by a stop: nothing is dispatched until resumed."""
    held: str | None = None
    """The job from before a long break that it has an order of, and of which nothing more is sent until somebody wants
    it."""
    bars: tuple[str, ...] = ()
    """The layout nodes where nobody can pass, since it has been out of order there for a while."""
    waiting: tuple[tuple[str, Command], ...] = ()
    """What it is to do after what it does now, in order, each with its job."""
    done_in_s: float | None = None
    """Seconds until what it does now should be done, as traffic control has planned it."""

    @property
    def jobs(self) -> tuple[str, ...]:
        """All jobs for which it has something to do, in order."""
        return tuple(dict.fromkeys((*((self.job,) if self.job else ()), *(job for job, _ in self.waiting))))

    @property
    def available(self) -> bool:
        """Whether it would carry out an order now."""
        able = self.connected and self.reporting and self.automatic and self.initialised
        held = self.stopped or self.paused or self.emergency_stop or self.fatal
        return able and not held

    @property
    def works(self) -> bool:
        """Whether it has an order, ours or not."""
        return self.job is not None or self.foreign_order

    @property
    def idle(self) -> bool:
        return self.available and not self.works


class JobStatus(StrEnum):
    """Where one command of one vehicle stands. LATE is a warning: DONE or FAILED still follow."""

    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    LATE = "late"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self in (JobStatus.DONE, JobStatus.FAILED, JobStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """News of one command of a job. ``detail`` (a sentence) and ``code`` say why, if there is a why.

    ``facts`` are what the reason speaks of; ``words`` is how the vehicle puts it itself, by language.
    """

    job: str
    vehicle: str | None
    command: Command
    status: JobStatus
    detail: str = ""
    code: Code | None = None
    facts: Facts = field(default_factory=dict, hash=False)
    words: Mapping[str, str] = field(default_factory=dict, hash=False)


Listener = Callable[[OrderEvent], None]

May = Callable[[Command, str, Sequence[str]], bool]
"""Whether whoever gives a command may have this vehicle do it. The places are where it stands, if the command is for
there and names none."""


class Fleet(Protocol):
    """The vehicles of a site, as the agent sees them."""

    earlier_jobs: EarlierJobs = NO_PAST
    succession: Succession = Succession()

    def vehicles(self) -> Mapping[str, VehicleView]:
        """Every vehicle of the site, known on the wire or not."""
        ...

    def strangers(self) -> tuple[VehicleAddress, ...]:
        """Vehicles on the broker that the site does not have: listed, never commanded."""
        ...

    def standby(self) -> Standby | None:
        """Why this agent stands by, None while it commands."""
        ...

    def check(
        self,
        commands: Sequence[Command],
        *,
        closed: Closed = NOTHING_CLOSED,
        may: May | None = None,
        queue: bool = False,
        gives_up: Collection[str] = (),
    ) -> list[Problem]:
        """What :meth:`submit` would refuse these commands for; empty when it would take them."""
        ...

    def submit(
        self,
        job: str,
        commands: Sequence[Command],
        *,
        deadline: float | None = None,
        closed: Closed = NOTHING_CLOSED,
        may: May | None = None,
        queue: bool = False,
        gives_up: Collection[str] = (),
        overtaken: Callable[[], str] | None = None,
    ) -> None:
        """Take a sequence of commands, each begun when the one before it is done.

        A stop takes effect first, wherever it stands in the sequence, and is never refused. ``deadline`` is
        wall-clock seconds: what has not been sent by then is dropped, what has not ended by then is late.
        ``closed``: what orders of this job keep out of, in wall-clock seconds. ``may``: what whoever gives the
        commands has a right to; None: everything. Where the fleet chooses a vehicle, it is one of those.
        ``queue``: a vehicle that is named, by itself or in a group or kind, and that works does it when it has done all
        that it was given before; otherwise one that works is refused. ``gives_up``: of what a cancel's vehicles have to
        do, only what belongs to these jobs is given up; empty: all. ``overtaken``: why it is too late for all but its
        stops, or nothing; asked while no other stop can be taken.

        Raises:
            FleetError: something in it cannot be done; nothing but its stops was sent.
        """
        ...

    def stop(self, job: str, vehicles: Sequence[str]) -> None:
        """Pause vehicles now and keep them so until resumed; the same as submitting ``stop``."""
        self.submit(job, [Command(Action.STOP, tuple(vehicles))])

    def resume(self, job: str, vehicles: Sequence[str]) -> None:
        """Let stopped vehicles go on; the same as submitting ``resume``."""
        self.submit(job, [Command(Action.RESUME, tuple(vehicles))])

    def cancel(self, job: str, vehicles: Sequence[str]) -> None:
        """Give up what vehicles are doing; the same as submitting ``cancel``."""
        self.submit(job, [Command(Action.CANCEL, tuple(vehicles))])

    def release(self, vehicle: str, job: str) -> None:
        """What a vehicle has of this job from before a long break is still wanted; nothing else that it has. One that
        is stopped stays so."""

    def take_back(self, by: str, job: str, vehicle: str) -> bool:
        """Give up what a vehicle does for ``job``, by a job named ``by``; whether that was still to be done. Whatever
        else it has to do stays.

        Raises:
            FleetError: see :meth:`submit`.
        """
        if has := job in self.vehicles()[vehicle].jobs:
            self.submit(by, [Command(Action.CANCEL, (vehicle,))], gives_up=(job,))
        return has

    def listen(self, callback: Listener) -> None:
        """Call back with every event, in order, from one thread. It must return soon."""
        ...
