"""Runs without a network and without waiting: the same vehicles, faults and bytes on a clock that is only counted."""

from __future__ import annotations

import heapq
import itertools
import math
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple, Self

from banksman_firmware_sim.faults import Fault, FaultKind
from banksman_firmware_sim.vehicle import VirtualVehicle
from banksman_firmware_sim.wire import Endpoint, Outgoing, RunOptions, vehicles_of
from banksman_shared.clock import ManualClock
from banksman_shared.site import Site
from banksman_shared.vda5050 import ConnectionState, Header, InstantActions, Order, Responses, State, ZoneSet

EPSILON = 1e-3

_TOPICS: Mapping[type[Header], str] = {
    Order: "order",
    InstantActions: "instantActions",
    Responses: "responses",
    ZoneSet: "zoneSet",
}


class Logged(NamedTuple):
    """A message as the broker would have got it, ``at`` seconds after the start."""

    at: float
    topic: str
    payload: bytes


class Scenario:
    """Vehicles, the messages they are sent, and their faults; :meth:`advance` lets it happen.

    The same vehicles, messages and options (with their seed) give the same :attr:`log`, byte by byte, however the
    time is cut and whether it is played fast or slowly.
    """

    def __init__(
        self, vehicles: Callable[[ManualClock], Mapping[str, VirtualVehicle]], options: RunOptions | None = None
    ) -> None:
        """``vehicles`` makes them on the clock of this run."""
        self._options = options or RunOptions()
        self.clock = ManualClock()
        self._began = self.clock.monotonic()
        self.log: list[Logged] = []
        self.seconds = 0.0
        """How long the run has lasted, in its own time."""
        self._count = itertools.count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        machines = vehicles(self.clock)
        self._endpoints = {name: Endpoint(name, machine, self._options) for name, machine in machines.items()}
        self._stepped = dict.fromkeys(self._endpoints, 0.0)
        self._steps: dict[str, int] = dict.fromkeys(self._endpoints, 0)
        self._wills: dict[str, Outgoing] = {}
        schedule = self._options.schedule.check_vehicles({name: v.address for name, v in machines.items()})
        self._occurrences = schedule.occurrences(list(machines), self._options.seed)
        self._await_occurrence()
        for name in self._endpoints:
            self._follow(name)

    @classmethod
    def from_site(cls, site: Site, options: RunOptions | None = None, *, vehicles: int | None = None) -> Self:
        """The vehicles of a site at home, or so many spread over its nodes."""
        chosen = options or RunOptions()
        return cls(lambda clock: vehicles_of(site, chosen, count=vehicles, clock=clock), chosen)

    def state(self, vehicle: str) -> State:
        """The vehicle's state at this moment."""
        self._step(vehicle)
        return self._endpoints[vehicle].vehicle.state()

    def send(self, vehicle: str, message: Header) -> None:
        """Deliver a message for a vehicle, as far as the network lets it."""
        endpoint = self._endpoints[vehicle]
        self._step(vehicle)
        topic = endpoint.topic(_TOPICS[type(message)])
        endpoint.receive(topic, endpoint.dialect.encode(message), self.seconds)
        self._follow(vehicle)

    def send_at(self, at: float, vehicle: str, message: Header) -> None:
        """Deliver it so many seconds after the start."""
        self._plan(at, lambda: self.send(vehicle, message))

    def inject(self, vehicle: str, fault: Fault) -> None:
        """Give a vehicle a fault. Raises :class:`ValueError` where it cannot have it now."""
        self._step(vehicle)
        self._endpoints[vehicle].inject(fault)
        self._follow(vehicle)

    def clear(self, vehicle: str, kind: FaultKind) -> None:
        """End a fault of a vehicle."""
        self._step(vehicle)
        self._endpoints[vehicle].clear(kind)
        self._follow(vehicle)

    def advance(self, seconds: float, *, speed_up: float | None = None) -> None:
        """Let so many seconds of the run pass: in no more time than it takes, or ``speed_up`` times as fast as life."""
        end, began, start = round(self.seconds + seconds, 6), time.monotonic(), self.seconds
        while self._events and self._events[0][0] <= end:
            at, _, work = heapq.heappop(self._events)
            if speed_up is not None:
                time.sleep(max(0.0, began + (at - start) / speed_up - time.monotonic()))
            self._be_at(max(at, self.seconds))
            work()
        self._be_at(end)

    def _be_at(self, seconds: float) -> None:
        self.seconds = seconds
        # Not by adding up, which would drift.
        self.clock.advance(self._began + seconds - self.clock.monotonic())

    def _plan(self, at: float, work: Callable[[], None]) -> None:
        # To the millisecond, as timestamps are; that also keeps rounding from making two moments of one.
        heapq.heappush(self._events, (math.ceil(at * 1000 - EPSILON) / 1000, next(self._count), work))

    def _await_occurrence(self) -> None:
        occurrence = next(self._occurrences, None)
        if occurrence is None:
            return

        def strike() -> None:
            self._await_occurrence()
            self.inject(occurrence.vehicle, occurrence.fault)

        self._plan(occurrence.at, strike)

    def _step(self, name: str) -> None:
        """Bring a vehicle up to this moment."""
        dt_s, self._stepped[name] = self.seconds - self._stepped[name], self.seconds
        if dt_s > 0:
            self._endpoints[name].step(dt_s, self.seconds)

    def _follow(self, name: str) -> None:
        """Connect or break off as the network is, and publish what is due."""
        endpoint = self._endpoints[name]
        if endpoint.connected and not endpoint.reachable and not endpoint.off:
            endpoint.went_down()
            self._log(self._wills.pop(name))
        elif endpoint.reachable and not endpoint.connected:
            self._wills[name] = endpoint.connection(ConnectionState.CONNECTIONBROKEN)
            self._log(endpoint.came_up())
        for message in endpoint.outgoing(self.seconds):
            self._log(message)
        if endpoint.off and endpoint.connected:
            endpoint.went_down()
        self._steps[name] = number = self._steps[name] + 1

        def wake() -> None:
            # Unless something else has come before.
            if self._steps[name] == number:
                self._step(name)
                self._follow(name)

        self._plan(endpoint.next_step(self.seconds), wake)

    def _log(self, message: Outgoing) -> None:
        self.log.append(Logged(self.seconds, message.topic, message.payload))
