"""Simulated vehicles, and things that stand on the roads: whoever would drive into one stops before it, with its
safety field violated, and may drive away from it."""

from __future__ import annotations

import math
from typing import Any

import traffic_world
from traffic_world import Car, World

from banksman_edge.fleet.routing import AT_NODE_M
from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_shared.site import Site
from banksman_shared.vda5050 import InstantActions, Order, Responses, VehicleAddress

SEEN_M = 2.5
"""Metres from the middle of a lane at which a vehicle that comes along sees what stands there."""


class JammedWorld(World):
    """All orders are transports or moves of named vehicles; see :meth:`carry`."""

    def __init__(self, site: Site, seed: int = 0) -> None:
        traffic_world.KIND = next(iter(site.vehicles.values())).kind
        self.obstacles: dict[tuple[str, str], tuple[float, float]] = {}
        self.hindered: set[str] = set()
        """Who stands before one of them."""
        self.instants: dict[str, list[str]] = {vehicle: [] for vehicle in site.vehicles}
        """The types of the instant actions that each was sent."""
        self.driven: dict[str, set[tuple[str, str]]] = {vehicle: set() for vehicle in site.vehicles}
        """The lanes that each was let drive."""
        super().__init__(site, seed)
        self._referee.beside_m = AT_NODE_M
        for _ in range(10):
            self.step()

    def _send(self, address: VehicleAddress, topic: str, message: Order | InstantActions | Responses) -> bool:
        vehicle = next(v.id for v in self.site.vehicles.values() if v.address == address)
        if isinstance(message, InstantActions):
            self.instants[vehicle] += [action.action_type for action in message.actions]
        elif isinstance(message, Order):
            self.driven[vehicle] |= {(e.start_node_id, e.end_node_id) for e in message.edges if e.released}
        return super()._send(address, topic, message)

    def shut(self) -> list[tuple[str, str]]:
        """The lanes that nobody is sent over."""
        return list(self.master._traffic._occupancy.shut)

    def obstruct(self, start: str, end: str) -> None:
        """Something falls onto the middle of a lane."""
        a, b = self.site.layout.nodes[start], self.site.layout.nodes[end]
        self.obstacles[start, end] = self.obstacles[end, start] = ((a.x + b.x) / 2, (a.y + b.y) / 2)

    def clear(self, start: str, end: str) -> None:
        del self.obstacles[start, end], self.obstacles[end, start]

    def break_down(self, vehicle: str) -> None:
        self.cars[vehicle].vehicle.inject(Fault(FaultKind.EMERGENCY_STOP))

    def repair(self, vehicle: str) -> None:
        self.cars[vehicle].vehicle.clear(FaultKind.EMERGENCY_STOP)

    def step(self) -> None:
        for name, car in self.cars.items():
            sees = self._sees(name, car)
            if sees == (name in self.hindered):
                continue
            if sees:
                self.hindered.add(name)
                car.vehicle.inject(Fault(FaultKind.OBSTACLE))
            else:
                self.hindered.discard(name)
                car.vehicle.clear(FaultKind.OBSTACLE)
            car.wake_at = self.now
        super().step()

    def _sees(self, name: str, car: Car) -> bool:
        state = car.state
        edge = next((e for e in state.edge_states if e.released), None) if state else None
        if edge is None and self.obstacles:  # it looks to where it looked before
            return name in self.hindered
        lane = self.site.layout.edges.get(edge.edge_id) if edge else None
        point = self.obstacles.get((lane.start, lane.end)) if lane else None
        if lane is None or point is None:
            return False
        end = self.site.layout.nodes[lane.end]
        ahead = math.dist(point, (end.x, end.y)) < math.dist(car.position, (end.x, end.y))
        return ahead and math.dist(car.position, point) < SEEN_M

    def carry(self, vehicle: str, origin: str, to: str) -> str:
        return self.give(vehicle, {"action": "transport", "from": origin, "to": to})

    def go(self, vehicle: str, to: str) -> str:
        return self.give(vehicle, {"action": "move", "to": to})

    def give(self, vehicle: str, document: dict[str, Any]) -> str:
        job = f"{vehicle}-{sum(name.startswith(vehicle + '-') for name in self.ordered) + 1}"
        self.ordered[job] = (vehicle, self.now, ())
        self.submit(job, document | {"vehicles": [vehicle]})
        return job

    def run_for(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end:
            self.step()
