"""Simulated vehicles under one master, on a clock that a test moves.

Whether vehicles meet is judged by where they truly are, not by what anybody reports or has reserved.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from traffic_sites import KIND

from banksman_edge.fleet import JobStatus, Master, OrderEvent
from banksman_firmware_sim import VehicleProfile, VirtualVehicle, profile_for
from banksman_shared.clock import ManualClock
from banksman_shared.commands import Command, parse_commands
from banksman_shared.site import Router, Site
from banksman_shared.vda5050 import (
    Codec,
    ConnectionState,
    Factsheet,
    InstantActions,
    Order,
    Responses,
    State,
    VehicleAddress,
    Visualization,
    codec_for,
)

STEP_S = 0.5
AT_NODE_M = 0.5
"""A vehicle so near is on the node."""
TOUCHING_M = 0.9
"""Centres of two vehicles nearer than this: they collide."""


class CollisionError(AssertionError):
    """Two vehicles are where only one may be."""


class Referee:
    """Looks at the true positions: never two vehicles on a node, on a lane, or too close to each other."""

    beside_m = AT_NODE_M
    """So far from its road a vehicle may be."""

    def __init__(self, site: Site) -> None:
        points = {node.id: (node.x, node.y) for node in site.layout.nodes.values()}
        self._nodes, self._points = list(points), np.array(list(points.values()))
        self._lanes = sorted({tuple(sorted((e.start, e.end))) for e in site.layout.edges.values()})
        self._starts = np.array([points[a] for a, _ in self._lanes])
        self._alongs = np.array([points[b] for _, b in self._lanes]) - self._starts
        self._squares = (self._alongs**2).sum(axis=1)

    def judge(self, at: float, positions: dict[str, tuple[float, float]]) -> None:
        names, xy = list(positions), np.array(list(positions.values()))
        apart = np.linalg.norm(xy[:, None] - xy[None], axis=2)
        np.fill_diagonal(apart, math.inf)
        if apart.min() < TOUCHING_M:
            a, b = np.unravel_index(apart.argmin(), apart.shape)
            raise CollisionError(
                f"at {at:.1f} s {names[a]} and {names[b]} are {apart.min():.2f} m apart: {xy[a]}, {xy[b]}"
            )
        held: dict[object, str] = {}
        for name, things in zip(names, self._things(xy), strict=True):
            for thing in things:
                if thing in held:
                    raise CollisionError(f"at {at:.1f} s {name} and {held[thing]} are both on {thing}")
                held[thing] = name

    def _things(self, xy: NDArray[np.float64]) -> Iterator[tuple[object, ...]]:
        """For each position the node it is on; between nodes, the lane."""
        to_nodes = np.linalg.norm(xy[:, None] - self._points[None], axis=2)
        offset = xy[:, None] - self._starts[None]
        share = np.clip((offset * self._alongs[None]).sum(axis=2) / self._squares[None], 0, 1)
        to_lanes = np.linalg.norm(offset - share[:, :, None] * self._alongs[None], axis=2)
        for i in range(len(xy)):
            node, lane = int(to_nodes[i].argmin()), int(to_lanes[i].argmin())
            if to_nodes[i, node] <= AT_NODE_M:
                yield (self._nodes[node],)
            elif to_lanes[i, lane] > self.beside_m:
                raise CollisionError(f"{xy[i]} is on no road")
            else:
                yield (self._lanes[lane],)


class Car:
    """A simulated vehicle on the in-memory wire."""

    def __init__(self, vehicle: VirtualVehicle, codec: Codec) -> None:
        self.vehicle, self._codec = vehicle, codec
        self.stepped = 0.0
        self.wake_at = 0.0
        self.inbox: list[tuple[str, bytes]] = []
        self.position = (0.0, 0.0)
        self.driving = False
        self.state: State | None = None
        """What it reported last."""

    def read(self) -> None:
        """Take what has come."""
        inbox, self.inbox = self.inbox, []
        for topic, payload in inbox:
            if topic == "order":
                self.vehicle.handle_order(self._codec.decode(Order, payload))
            else:
                self.vehicle.handle_instant_actions(self._codec.decode(InstantActions, payload))

    def step(self, now: float) -> list[tuple[type[State | Factsheet], bytes]]:
        """Catch up with the time, and say what there is to say."""
        self.vehicle.step(now - self.stepped)
        self.stepped = now
        out: list[tuple[type[State | Factsheet], bytes]] = []
        for message in self.vehicle.due():
            if isinstance(message, State | Visualization) and message.agv_position:
                self.position = (message.agv_position.x, message.agv_position.y)
            if isinstance(message, State | Factsheet):
                out.append((type(message), self._codec.encode(message)))
            if isinstance(message, State):
                self.driving, self.state = message.driving, message
        self.wake_at = now + (STEP_S if self.driving or out else self.vehicle.next_event_s())
        return out


class World:
    """One master, its vehicles, and random orders for them. ``seed`` decides all that is random."""

    def __init__(self, site: Site, seed: int, *, idle_s: float = 30.0) -> None:
        """``idle_s``: seconds on average from the end of a vehicle's job to its next."""
        self.site, self.idle_s = site, idle_s
        self.clock = ManualClock()
        self.now = 0.0
        self.events: list[OrderEvent] = []
        self.ordered: dict[str, tuple[str, float, tuple[str, ...]]] = {}
        """By job: vehicle, when it was ordered, and the nodes to go to, the one where it stood first."""
        self.done: dict[str, float] = {}
        self._random = random.Random(seed)
        self._codec = codec_for("2.1.0")
        self._referee = Referee(site)
        self._news: list[OrderEvent] = []
        self.master = Master(site, self.clock, self._send, self._news.append)
        self.cars = {
            v.id: Car(
                VirtualVehicle(v.address, site.layout.nodes[site.places[v.home].node], profile(), clock=self.clock),
                self._codec,
            )
            for v in site.vehicles.values()
        }
        self._by_address: dict[VehicleAddress, Car] = {car.vehicle.address: car for car in self.cars.values()}
        self._due: list[tuple[float, str]] = []
        self.master.on_link(True)
        for name, car in self.cars.items():
            self.master.on_connection(car.vehicle.address, car.vehicle.connection(ConnectionState.ONLINE))
            car.vehicle.announce()
            self._later(name)
        self.step()

    # Orders

    def _later(self, vehicle: str) -> None:
        heapq.heappush(self._due, (self.now + self._random.expovariate(1 / self.idle_s), vehicle))

    def _order(self, vehicle: str) -> None:
        """A move to somewhere, or a transport from somewhere to somewhere."""
        shelves, docks = ([p.id for p in self.site.places.values() if p.kind == kind] for kind in ("shelf", "dock"))
        job = f"job-{len(self.ordered) + 1}"
        document: dict[str, Any] = {"action": "move", "vehicles": [vehicle]}
        if self._random.random() < 0.3:
            document["to"] = self._random.choice([*shelves, *docks])
        else:
            ends = [self._random.choice(shelves), self._random.choice(docks)]
            self._random.shuffle(ends)
            document |= {"action": "transport", "from": ends[0], "to": ends[1]}
        stops = [document[key] for key in ("from", "to") if key in document]
        start = self.master.vehicles()[vehicle].node or ""
        self.ordered[job] = (vehicle, self.now, (start, *(self.site.places[stop].node for stop in stops)))
        self.submit(job, document)

    def submit(self, job: str, *documents: dict[str, Any]) -> None:
        commands: tuple[Command, ...] = parse_commands(list(documents))
        self.master.submit(job, commands)

    # Time

    def _send(self, address: VehicleAddress, topic: str, message: Order | InstantActions | Responses) -> bool:
        car = self._by_address[address]
        car.inbox.append((topic, self._codec.encode(message)))
        car.wake_at = self.now
        return True

    def step(self) -> None:
        """Messages arrive, vehicles move and report, the master ticks."""
        self.now += STEP_S
        self.clock.advance(STEP_S)
        for car in self.cars.values():
            if car.wake_at <= self.now:
                for kind, payload in car.step(self.now):
                    if kind is State:
                        self.master.on_state(car.vehicle.address, self._codec.decode(State, payload))
                    else:
                        self.master.on_factsheet(car.vehicle.address, self._codec.decode(Factsheet, payload))
        self._referee.judge(self.now, {name: car.position for name, car in self.cars.items()})
        self.master.tick()
        for car in self.cars.values():
            car.read()
        news, self._news[:] = list(self._news), []
        for event in news:
            self.events.append(event)
            if event.status is JobStatus.DONE and event.vehicle:
                self.done[event.job] = self.now
                self._later(event.vehicle)

    def run(self, seconds: float) -> None:
        """Order at random for so long."""
        end = self.now + seconds
        while self.now < end:
            while self._due and self._due[0][0] <= self.now:
                self._order(heapq.heappop(self._due)[1])
            self.step()

    def finish(self, limit_s: float) -> None:
        """No more orders: let all that were given end."""
        end = self.now + limit_s
        while self.now < end and len(self.done) < len(self.ordered):
            self.step()

    @property
    def open(self) -> dict[str, tuple[str, float, tuple[str, ...]]]:
        return {job: what for job, what in self.ordered.items() if job not in self.done}

    def failures(self) -> list[OrderEvent]:
        return [e for e in self.events if e.status in (JobStatus.FAILED, JobStatus.CANCELLED)]


def profile() -> VehicleProfile:
    return profile_for(KIND)


def ideal_per_hour(world: World) -> tuple[float, float]:
    """Two bounds for the orders done per hour, both for a fleet that nobody could have.

    Alone: every vehicle drives all its orders along the shortest ways as if it had the site to itself, then waits for
    its next. Bottleneck: all of them together drive the shortest ways without a gap through the busiest node; a node
    is taken from the start of the step that leads there to the end of the step that leads away.
    """
    router, speed, handling_s = Router(world.site.layout), profile().speed, profile().setup_s + profile().pick_s
    ramp_s = speed / profile().acceleration / 2 + speed / profile().deceleration / 2
    alone_s = 0.0
    busy_s: Counter[str] = Counter()
    for _, _, nodes in world.ordered.values():
        for start, end in itertools.pairwise(nodes):
            route = router.route(start, end, KIND)
            assert route is not None
            alone_s += route.length / speed + (ramp_s if route.edges else 0.0)
            for edge in route.edges:
                busy_s.update({edge.start: edge.length / speed, edge.end: edge.length / speed})
        if len(nodes) > 2:
            alone_s += 2 * handling_s
            busy_s.update(dict.fromkeys(nodes[1:], handling_s))
    orders = len(world.ordered)
    alone = len(world.cars) * 3600 / (alone_s / orders + world.idle_s)
    return alone, 3600 * orders / max(busy_s.values())
