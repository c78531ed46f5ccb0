"""Many vehicles in one process: each with its own connection, all moved by one thread."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from banksman_firmware_sim.client import VehicleClient
from banksman_firmware_sim.dialect import PeerProfile
from banksman_firmware_sim.profile import profile_for
from banksman_firmware_sim.vehicle import VirtualVehicle
from banksman_shared.clock import Clock, SystemClock
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import Site
from banksman_shared.vda5050 import State, VehicleAddress

log = logging.getLogger(__name__)

TICK_S = 0.05
"""Seconds between two steps of the simulation, by the wall clock."""
OPENERS = 16
"""Connections opened at the same time."""
MANUFACTURER = "Banksman"


class SimulatedFleet:
    """Vehicles on a broker for as long as the context lasts.

    ``speed_up`` makes motion, actions and batteries faster; timestamps and heartbeats stay on the wall clock.
    """

    def __init__(
        self,
        vehicles: Mapping[str, VirtualVehicle],
        settings: MqttSettings,
        *,
        speed_up: float = 1.0,
        peers: PeerProfile = PeerProfile.DEFAULT,
        clock: Clock | None = None,
    ) -> None:
        self._clients = {key: VehicleClient(vehicle, settings, peers=peers) for key, vehicle in vehicles.items()}
        self._speed_up = speed_up
        self._clock = clock or SystemClock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="simulated-fleet", daemon=True)

    @classmethod
    def from_site(
        cls,
        site: Site,
        settings: MqttSettings,
        *,
        speed_up: float = 1.0,
        vehicles: int | None = None,
        peers: PeerProfile = PeerProfile.DEFAULT,
    ) -> Self:
        """The vehicles of a site, each at its home; or ``vehicles`` of them, spread over the site's nodes.

        They are known by their id in the site, generated ones by their serial number (``sim-0001`` and so on).
        """
        machines = _at_home(site) if vehicles is None else _spread(site, vehicles)
        return cls(machines, settings, speed_up=speed_up, peers=peers)

    def __enter__(self) -> Self:
        with ThreadPoolExecutor(OPENERS) as pool:
            openings = [pool.submit(client.open) for client in self._clients.values()]
        try:
            for opening in openings:
                opening.result()
        except BaseException:
            self._close(self._clients.values())
            raise
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._thread.join()
        self._close(self._clients.values())

    @staticmethod
    def _close(clients: Iterable[VehicleClient]) -> None:
        with ThreadPoolExecutor(OPENERS) as pool:
            list(pool.map(VehicleClient.close, clients))

    def __len__(self) -> int:
        return len(self._clients)

    def __iter__(self) -> Iterator[str]:
        return iter(self._clients)

    def address(self, vehicle: str) -> VehicleAddress:
        return self._clients[vehicle].vehicle.address

    def state(self, vehicle: str) -> State:
        """What the vehicle would report at this moment, connected or not."""
        return self._clients[vehicle].state()

    def vanish(self, vehicle: str) -> None:
        """Break a vehicle's connection without a goodbye, so that the broker publishes its last will."""
        self._clients[vehicle].vanish()

    def come_back(self, vehicle: str) -> None:
        """Connect a vehicle that vanished.

        Raises:
            BrokerError: the broker is not there.
        """
        self._clients[vehicle].open()

    def _run(self) -> None:
        before = self._clock.monotonic()
        while not self._ending.wait(TICK_S):
            now = self._clock.monotonic()
            dt_s, before = (now - before) * self._speed_up, now
            for key, client in self._clients.items():
                try:
                    client.step(dt_s)
                except Exception:
                    log.exception("vehicle %s failed in this step", key)


def _at_home(site: Site) -> dict[str, VirtualVehicle]:
    return {
        vehicle.id: VirtualVehicle(
            vehicle.address, site.layout.nodes[site.places[vehicle.home].node], profile_for(vehicle.kind)
        )
        for vehicle in site.vehicles.values()
    }


def _spread(site: Site, count: int) -> dict[str, VirtualVehicle]:
    nodes, kinds = list(site.layout.nodes.values()), list(site.vehicle_kinds) or [""]
    machines: dict[str, VirtualVehicle] = {}
    for index in range(count):
        serial = f"sim-{index + 1:04d}"
        # Evenly over the list while there is a node for each, then round again.
        node = nodes[index * len(nodes) // count if count <= len(nodes) else index % len(nodes)]
        profile = profile_for(kinds[index % len(kinds)])
        machines[serial] = VirtualVehicle(VehicleAddress(MANUFACTURER, serial), node, profile)
    return machines
