"""Many vehicles in one process: each with a connection of its own, all on one thread."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Self, TypeVar

from banksman_firmware_sim.faults import Fault, FaultKind, Occurrence
from banksman_firmware_sim.motion import profile_for
from banksman_firmware_sim.vehicle import VirtualVehicle
from banksman_firmware_sim.wire.client import Setting, VehicleClient
from banksman_firmware_sim.wire.connection_limit import allow_connections
from banksman_firmware_sim.wire.control import FaultControl
from banksman_firmware_sim.wire.endpoint import Endpoint, RunOptions
from banksman_firmware_sim.wire.reactor import Reactor
from banksman_shared.clock import Clock, SystemClock
from banksman_shared.errors import BrokerError
from banksman_shared.mqtt import MqttSettings, tls_context
from banksman_shared.site import Node, Site
from banksman_shared.vda5050 import State, VehicleAddress

T = TypeVar("T")
OPENING_S = 60.0
"""Seconds within which all vehicles must be online."""
CLOSING_S = 10.0
MANUFACTURER = "Banksman"


class SimulatedFleet:
    """Vehicles on a broker for as long as the context lasts.

    ``speed_up`` makes motion, actions, batteries, and faults' durations pass faster; timestamps and heartbeats stay
    on the wall clock.
    """

    def __init__(
        self,
        vehicles: Mapping[str, VirtualVehicle],
        settings: MqttSettings,
        *,
        speed_up: float = 1.0,
        options: RunOptions | None = None,
        clock: Clock | None = None,
    ) -> None:
        options = options or RunOptions()
        self._clock = clock or SystemClock()
        self._reactor = Reactor(self._clock)
        self._changed = threading.Condition()
        self._failure: str | None = None
        self._speed_up = speed_up
        tls = tls_context(settings)
        setting = Setting(self._reactor, settings, tls, speed_up, self._notify)
        self._clients = {
            name: VehicleClient(
                Endpoint(name, vehicle, options, speed_up),
                setting,
                random.Random(f"{options.seed}/{name}/retries"),  # noqa: S311  only spreads
            )
            for name, vehicle in vehicles.items()
        }
        self._control = FaultControl(self._reactor, settings, self._clients, tls=tls, answered=self._on_answered)
        schedule = options.schedule.check_vehicles({name: vehicle.address for name, vehicle in vehicles.items()})
        self._occurrences = schedule.occurrences(list(vehicles), options.seed)

    @classmethod
    def from_site(
        cls,
        site: Site,
        settings: MqttSettings,
        *,
        speed_up: float = 1.0,
        vehicles: int | None = None,
        options: RunOptions | None = None,
    ) -> Self:
        """The vehicles of a site, each at its home; or ``vehicles`` of them, spread over the site's nodes.

        They are known by their id in the site, generated ones by their serial number (``sim-0001`` and so on).
        """
        options = options or RunOptions()
        machines = vehicles_of(site, options, count=vehicles, clock=SystemClock())
        return cls(machines, settings, speed_up=speed_up, options=options)

    def __enter__(self) -> Self:
        allow_connections(len(self._clients))
        self._reactor.start()
        try:
            # One first, so that a broker that is not there is one clear error and not a thousand.
            self._reactor.post(self._control.open)
            self._wait(lambda: self._control.up, lambda: self._failure)
            self._reactor.post(self._open_all)
            self._wait(lambda: all(client.online for client in self._clients.values() if client.endpoint.reachable))
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _open_all(self) -> None:
        for client in self._clients.values():
            client.open()
        self._await_occurrence(self._clock.monotonic())

    def _end(self) -> None:
        closed: list[None] = []

        def one_closed() -> None:
            closed.append(None)
            self._notify()

        def close_all() -> None:
            for client in self._clients.values():
                client.close(one_closed)
            self._control.close(one_closed)

        def drop_all() -> None:
            for client in self._clients.values():
                client.drop()
            self._control.drop()

        self._reactor.post(close_all)
        with self._changed:
            self._changed.wait_for(lambda: len(closed) > len(self._clients), CLOSING_S)
        self._reactor.call(drop_all)
        self._reactor.stop()

    def _wait(
        self,
        holds: Callable[[], bool],
        failed: Callable[[], str | None] = lambda: None,
        timeout_s: float = OPENING_S,
    ) -> None:
        """Raises :class:`BrokerError` where it has ``failed``, or does not hold in time."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not self._changed.wait_for(lambda: holds() or failed(), min(0.5, deadline - time.monotonic())):
                if time.monotonic() > deadline:
                    break
            if holds():
                return
        online = sum(client.online for client in self._clients.values())
        reasons = [client.failure for client in self._clients.values() if client.failure]
        raise BrokerError(
            failed() or f"only {online} of {len(self)} vehicles came online: {reasons[0] if reasons else 'no answer'}"
        )

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _on_answered(self, reason: str | None) -> None:
        self._failure = reason
        self._notify()

    def __len__(self) -> int:
        return len(self._clients)

    def __iter__(self) -> Iterator[str]:
        return iter(self._clients)

    def address(self, vehicle: str) -> VehicleAddress:
        return self._clients[vehicle].endpoint.vehicle.address

    def state(self, vehicle: str) -> State:
        """What the vehicle would report at this moment, connected or not."""
        return self._reactor.call(self._clients[vehicle].state)

    def at_once(self, work: Callable[[], T]) -> T:
        """Have several things looked at and done in one moment of the vehicles' time, and wait for the result."""
        return self._reactor.call(work)

    def inject(self, vehicle: str, fault: Fault) -> None:
        """Give a vehicle a fault. Raises :class:`ValueError` where it cannot have it now."""
        self._reactor.call(lambda: self._clients[vehicle].inject(fault))

    def clear(self, vehicle: str, kind: FaultKind) -> None:
        """End a fault of a vehicle."""
        self._reactor.call(lambda: self._clients[vehicle].clear(kind))

    def vanish(self, vehicle: str) -> None:
        """Break a vehicle's connection without a goodbye, so that the broker publishes its last will."""
        self.inject(vehicle, Fault(FaultKind.NETWORK_AWAY))

    def come_back(self, vehicle: str) -> None:
        """Connect a vehicle that vanished.

        Raises:
            BrokerError: the broker is not there.
        """
        client = self._clients[vehicle]
        self.clear(vehicle, FaultKind.NETWORK_AWAY)
        self._wait(lambda: client.online, lambda: client.failure)

    def _await_occurrence(self, began: float) -> None:
        occurrence = next(self._occurrences, None)
        if occurrence is not None:
            self._reactor.at(began + occurrence.at / self._speed_up, lambda: self._strike(occurrence, began))

    def _strike(self, occurrence: Occurrence, began: float) -> None:
        # First, so that a fault that a vehicle cannot have does not end the schedule.
        self._await_occurrence(began)
        self._clients[occurrence.vehicle].inject(occurrence.fault)


def vehicles_of(
    site: Site, options: RunOptions, *, count: int | None = None, clock: Clock
) -> dict[str, VirtualVehicle]:
    """The vehicles of a site by id, each at its home, or ``count`` generated ones spread over its nodes.

    They come with all maps of the site.
    """

    def build(address: VehicleAddress, node: Node, kind: str) -> VirtualVehicle:
        machine = VirtualVehicle(
            address,
            node,
            replace(profile_for(kind, site.actions.values()), state_interval_s=options.state_interval_s),
            clock=clock,
            version=options.dialect.version,
            behaviour=options.dialect.behaviour,
        )
        machine.install_maps(maps)
        return machine

    nodes = site.layout.nodes
    maps = {node.map_id for node in nodes.values()}
    if count is None:
        return {v.id: build(v.address, nodes[site.places[v.home].node], v.kind) for v in site.vehicles.values()}
    kinds = list(site.vehicle_kinds) or [""]
    return {
        serial: build(VehicleAddress(MANUFACTURER, serial), node, kinds[index % len(kinds)])
        for index, (serial, node) in enumerate(_spread(list(nodes.values()), count))
    }


def _spread(nodes: list[Node], count: int) -> Iterator[tuple[str, Node]]:
    """Evenly over the list while there is a node for each, then round again."""
    for index in range(count):
        at = index * len(nodes) // count if count <= len(nodes) else index % len(nodes)
        yield f"sim-{index + 1:04d}", nodes[at]
