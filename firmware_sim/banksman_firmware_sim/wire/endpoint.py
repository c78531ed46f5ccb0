"""A vehicle and its network without any socket: payloads and seconds go in, payloads come out.

Whoever has a real connection, or only pretends to, drives one of these; faults of the network happen here, so that
they are the same in both.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from banksman_firmware_sim.faults import NETWORK, Channel, Fault, FaultKind, Schedule
from banksman_firmware_sim.motion import STATE_INTERVAL_S
from banksman_firmware_sim.vehicle import MIN_STATE_INTERVAL_S, VISUALIZATION_INTERVAL_S, VirtualVehicle
from banksman_firmware_sim.wire.dialect import Dialect
from banksman_shared.errors import MessageError
from banksman_shared.vda5050 import (
    Connection,
    ConnectionState,
    Factsheet,
    Header,
    InstantActions,
    Order,
    Responses,
    State,
    Visualization,
    ZoneSet,
)

LONGEST_STEP_S = 1.0
"""Nothing that a vehicle does by the time of day is later than this."""
_LATER_S = 0.001
"""So much later something is due for certain, however the clock rounds."""

_TOPICS: dict[type[Header], str] = {State: "state", Factsheet: "factsheet", Visualization: "visualization"}
_DISTURBANCES = NETWORK - {FaultKind.NETWORK_AWAY, FaultKind.REBOOT}
_ABSENCES = (FaultKind.NETWORK_AWAY, FaultKind.REBOOT)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message for the broker."""

    topic: str
    payload: bytes
    qos: int
    retain: bool


class Watcher(Protocol):
    """Whoever wants to see what happens to a vehicle; ``at`` is the monotonic time of the run's clock."""

    def published(self, vehicle: str, message: Header, at: float) -> None: ...

    def fault_began(self, vehicle: str, fault: Fault, at: float) -> None: ...

    def fault_ended(self, vehicle: str, kind: FaultKind, at: float) -> None: ...


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How vehicles run.

    ``state_interval_s`` is the longest time between two states of a vehicle; ``seed`` decides all that is random,
    and what the ``schedule`` comes to.
    """

    dialect: Dialect = field(default_factory=Dialect)
    state_interval_s: float = STATE_INTERVAL_S
    seed: int = 0
    schedule: Schedule = field(default_factory=Schedule)
    watcher: Watcher | None = None


class Endpoint:
    """What one vehicle sends and takes. ``now`` is always the monotonic time of one and the same clock."""

    def __init__(self, name: str, vehicle: VirtualVehicle, options: RunOptions, pace: float = 1.0) -> None:
        """``pace``: seconds of :meth:`step` in a second of ``now``."""
        self.name, self.vehicle, self.dialect = name, vehicle, options.dialect
        self.connected = False
        self._watcher = options.watcher
        self._pace = pace
        self._presence = ConnectionState.ONLINE
        self._moving = self._driving = False
        self._state_at = self._shown_at = -math.inf
        self._now = 0.0
        self._faults: dict[FaultKind, float] = {}
        """Those of the network, with the seconds that are left."""
        self._own: set[FaultKind] = set()
        """Those of the vehicle itself, when last seen."""
        self._in: Channel[tuple[str, bytes]] = Channel(f"{options.seed}/{name}/in")
        self._out: Channel[Outgoing] = Channel(f"{options.seed}/{name}/out")
        self._handlers: dict[str, Callable[[bytes], None]] = {
            self.topic("order"): self._take_order,
            self.topic("instantActions"): self._take_instant_actions,
        }
        if self.dialect.version.startswith("3."):
            self._handlers[self.topic("responses")] = self._take_responses
            self._handlers[self.topic("zoneSet")] = self._take_zone_set

    def topic(self, name: str) -> str:
        return self.dialect.topics.of(self.vehicle.address, name)

    @property
    def subscriptions(self) -> tuple[str, ...]:
        return tuple(self._handlers)

    # Connection

    @property
    def reachable(self) -> bool:
        """Whether there is a network for the vehicle, and a vehicle for the network."""
        return not self.off and not any(kind in self._faults for kind in _ABSENCES)

    @property
    def off(self) -> bool:
        """Whether it was shut down, having said so (3.0 §6.2.3.1)."""
        return self._presence is ConnectionState.OFFLINE

    def connection(self, state: ConnectionState) -> Outgoing:
        """The message that says so; CONNECTIONBROKEN is the last will."""
        return self._sealed(self.vehicle.connection(state))

    def _sealed(self, message: Connection) -> Outgoing:
        return Outgoing(self.topic("connection"), self.dialect.encode(message), 1, retain=True)

    def came_up(self) -> Outgoing:
        """The connection stands: factsheet and state are due. Returns what is to be published before them."""
        self.connected = True
        self.vehicle.announce()
        return self.connection(self._presence)

    def went_down(self) -> None:
        self.connected = False
        self._in.clear()
        self._out.clear()

    # Messages and time

    def receive(self, topic: str, payload: bytes, now: float) -> None:
        """Take a message that the broker delivered."""
        if self.connected and topic in self._handlers:
            self._in.put((topic, payload), now)
            self._deliver(now)

    def step(self, dt_s: float, now: float) -> None:
        """Let ``dt_s`` seconds pass for the vehicle and its faults."""
        self._now = now
        if FaultKind.REBOOT not in self._faults:
            self.vehicle.step(dt_s)
        self._deliver(now)
        for kind in self._own - set(self.vehicle.faults):
            self._ended(kind)
        for kind, left_s in list(self._faults.items()):
            self._faults[kind] = left_s - dt_s
            if left_s <= dt_s:
                self.clear(kind)

    def outgoing(self, now: float) -> list[Outgoing]:
        """What is to be published now; call it after every input and step."""
        self._now = now
        if not self.connected:
            return []
        presence: list[Outgoing] = []
        for message in self.vehicle.due():
            if isinstance(message, Connection):
                self._presence = message.connection_state
                presence.append(self._sealed(message))
                continue
            self._notice(message, now)
            payload = self.dialect.encode(message)
            if payload:
                retain = type(message) is Factsheet
                self._out.put(Outgoing(self.topic(_TOPICS[type(message)]), payload, 0, retain), now)
        return self._out.take(now) + presence

    def next_step(self, now: float) -> float:
        """When to call :meth:`step` again at the latest: when something happens by itself, or is to be published."""
        left_s = min(min(self._faults.values(), default=math.inf), self.vehicle.next_event_s())
        due = min(self._in.next_at, now + LONGEST_STEP_S, now + left_s / self._pace + _LATER_S)
        if self.connected:
            due = min(due, self._out.next_at, self._state_at + self.vehicle.profile.state_interval_s + _LATER_S)
            # An event that came so soon after a state that it could not be told yet.
            if now < self._state_at + MIN_STATE_INTERVAL_S:
                due = min(due, self._state_at + MIN_STATE_INTERVAL_S + _LATER_S)
            if self._moving:
                due = min(due, self._shown_at + VISUALIZATION_INTERVAL_S + _LATER_S)
        return max(due, now + _LATER_S)

    def _notice(self, message: Header, now: float) -> None:
        if isinstance(message, State):
            self._state_at, self._driving = now, message.driving
            self._moving = self._moving or message.driving
        elif isinstance(message, Visualization):
            # One more after the vehicle has come to a stand.
            self._shown_at, self._moving = now, self._driving
        if self._watcher is not None:
            self._watcher.published(self.name, message, now)

    # Faults

    def inject(self, fault: Fault) -> None:
        """Give the vehicle a fault; one of the same kind is replaced.

        Raises:
            ValueError: the vehicle cannot have it now.
        """
        kind = fault.kind
        if kind not in NETWORK:
            self.vehicle.inject(fault)
        elif kind in _DISTURBANCES:
            self._in.disturb(kind, fault.degree)
            self._out.disturb(kind, fault.degree)
        elif kind is FaultKind.REBOOT:
            self.vehicle.reboot()
            self._presence = ConnectionState.ONLINE
        if kind in NETWORK:
            self._faults[kind] = math.inf if fault.lasts is None else fault.lasts
        else:
            self._own = set(self.vehicle.faults)
        if self._watcher is not None:
            self._watcher.fault_began(self.name, fault, self._now)

    def clear(self, kind: FaultKind) -> None:
        """End a fault; without it nothing happens."""
        if kind not in self.faults:
            return
        self._faults.pop(kind, None)
        if kind not in NETWORK:
            self.vehicle.clear(kind)
        self._in.settle(kind)
        self._out.settle(kind)
        self._ended(kind)

    def _ended(self, kind: FaultKind) -> None:
        self._own = set(self.vehicle.faults)
        if self._watcher is not None:
            self._watcher.fault_ended(self.name, kind, self._now)

    @property
    def faults(self) -> tuple[FaultKind, ...]:
        """What the vehicle has at this moment."""
        return (*self.vehicle.faults, *self._faults)

    # What comes in

    def _deliver(self, now: float) -> None:
        for topic, payload in self._in.take(now):
            try:
                self._handlers[topic](payload)
            except MessageError as error:
                if not self.dialect.silent_about_unreadable:
                    self.vehicle.refuse_payload(topic.rsplit("/", 1)[-1], str(error))

    def _take_order(self, payload: bytes) -> None:
        self.vehicle.handle_order(self.dialect.decode(Order, payload, self.vehicle.address))

    def _take_instant_actions(self, payload: bytes) -> None:
        self.vehicle.handle_instant_actions(self.dialect.decode(InstantActions, payload, self.vehicle.address))

    def _take_responses(self, payload: bytes) -> None:
        self.vehicle.handle_responses(self.dialect.decode(Responses, payload, self.vehicle.address))

    def _take_zone_set(self, payload: bytes) -> None:
        self.vehicle.handle_zone_set(self.dialect.decode(ZoneSet, payload, self.vehicle.address))
