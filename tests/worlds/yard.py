"""A small site, and its master with scripted vehicles instead of a broker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripted_vehicle import ScriptedVehicle

from banksman_edge.fleet import JobStatus, Master, OrderEvent
from banksman_edge.fleet.store import FleetStore
from banksman_shared.clock import ManualClock, timestamp
from banksman_shared.commands import Command, parse_commands
from banksman_shared.site import Site, parse_site
from banksman_shared.vda5050 import Connection, ConnectionState, InstantActions, Order, State, VehicleAddress

STEP_S = 0.2

# park-1 ── N3 ── dock-1 ── charger-1
#           │       │
# park-2 ── N4 ── aisle-9 ── charger-2        island: a road leads away from it, none to it
#           │
# park-3 ───┘
NODES = {
    "P1": (0, 0), "P2": (0, 4), "P3": (0, 8), "N3": (6, 0), "N4": (6, 4), "D1": (12, 0), "S9": (12, 4),
    "C1": (18, 0), "C2": (18, 4), "X": (50, 50),
}  # fmt: skip
ROADS = [("P1", "N3"), ("P2", "N4"), ("P3", "N4"), ("N3", "N4"), ("N3", "D1"), ("N4", "S9"), ("D1", "S9"),
         ("D1", "C1"), ("S9", "C2")]  # fmt: skip


def yard_site(run: str = "") -> Site:
    """Two forklifts and a tugger at home; ``run`` makes their addresses new."""
    kinds = {"forklift": "forklift", "tugger": "tugger"}
    vehicles = [
        ("agv-1", "forklift", 1, "park-1"),
        ("agv-2", "forklift", 2, "park-2"),
        ("tug-1", "tugger", 1, "park-3"),
    ]
    places: list[dict[str, Any]] = [
        {"id": "park-1", "node": "P1", "names": {"en": ["bay one"]}},
        {"id": "park-2", "node": "P2", "names": {"en": ["bay two"]}},
        {"id": "park-3", "node": "P3", "names": {"en": ["bay three"]}},
        {"id": "dock-1", "kind": "dock", "number": 1, "station": "dock-1"},
        {"id": "aisle-9", "kind": "aisle", "number": 9, "station": "aisle-9"},
        {"id": "charger-1", "kind": "charger", "number": 1, "node": "C1"},
        {"id": "charger-2", "kind": "charger", "number": 2, "node": "C2"},
        {"id": "island", "node": "X", "names": {"en": ["island"]}},
    ]
    return parse_site(
        {
            "site": {"id": f"yard{run}", "name": "Yard", "languages": ["en"]},
            "vehicle_kinds": {kind: {"names": {"en": [name]}} for kind, name in kinds.items()},
            "vehicles": [
                {"id": i, "kind": kind, "number": n, "manufacturer": "Acme", "serial_number": f"{i}{run}", "home": home}
                for i, kind, n, home in vehicles
            ],
            "place_kinds": {kind: {"names": {"en": [kind]}} for kind in ("dock", "aisle", "charger")},
            "places": places,
            "groups": [{"id": "lifts", "vehicles": ["agv-1", "agv-2"], "names": {"en": ["the lifts"]}}],
            "layout_document": _layout(),
        }
    )


def _layout() -> dict[str, Any]:
    both_ways = [pair for a, b in ROADS for pair in ((a, b), (b, a))]
    every_kind = [{"vehicleTypeId": kind, "maxSpeed": 2.0} for kind in ("forklift", "tugger")]
    charge = [{"actionType": "startCharging"}]
    return {
        "layouts": [
            {
                "layoutId": "yard",
                "nodes": [
                    {
                        "nodeId": node,
                        "mapId": "yard",
                        "nodePosition": {"x": x, "y": y},
                        "vehicleTypeNodeProperties": [
                            {"vehicleTypeId": "forklift", "actions": charge if node.startswith("C") else []}
                        ],
                    }
                    for node, (x, y) in NODES.items()
                ],
                "edges": [
                    {
                        "edgeId": f"{a}-{b}",
                        "startNodeId": a,
                        "endNodeId": b,
                        "vehicleTypeEdgeProperties": every_kind,
                    }
                    for a, b in [*both_ways, ("X", "N3")]
                ],
                "stations": [
                    {"stationId": "dock-1", "interactionNodeIds": ["D1"]},
                    {"stationId": "aisle-9", "interactionNodeIds": ["S9"]},
                ],
            }
        ]
    }


def commands(*documents: dict[str, Any]) -> tuple[Command, ...]:
    return parse_commands(list(documents))


def go(vehicle: str, to: str) -> dict[str, Any]:
    return {"action": "move", "vehicles": [vehicle], "to": to}


class Yard:
    """Master and vehicles on one clock that a test moves."""

    def __init__(self, site: Site | None = None) -> None:
        self.site = site or yard_site()
        self.clock = ManualClock()
        self.events: list[OrderEvent] = []
        self.sent: list[tuple[str, Order | InstantActions]] = []
        self._inbox: list[tuple[VehicleAddress, Order | InstantActions]] = []
        self.broker_up = True
        self.away: set[str] = set()
        self.master = Master(self.site, self.clock, self._send, self.events.append)
        self.cars = {
            v.id: ScriptedVehicle(v, self.clock, self.site.layout.nodes[self.site.places[v.home].node])
            for v in self.site.vehicles.values()
        }
        self.master.on_link(True)
        for vehicle in self.cars:
            self.connection(vehicle, ConnectionState.ONLINE)
        self.step()

    def _send(self, address: VehicleAddress, topic: str, message: Order | InstantActions) -> bool:
        if not self.broker_up:
            return False
        self.sent.append((topic, message))
        self._inbox.append((address, message))
        return True

    def connection(self, vehicle: str, state: ConnectionState) -> None:
        """The vehicle's connection message; whoever is not ONLINE neither hears nor speaks."""
        (self.away.discard if state is ConnectionState.ONLINE else self.away.add)(vehicle)
        address = self.site.vehicles[vehicle].address
        message = Connection(
            header_id=0,
            timestamp=timestamp(self.clock.time()),
            version="2.1.0",
            manufacturer=address.manufacturer,
            serial_number=address.serial_number,
            connection_state=state,
        )
        self.master.on_connection(address, message)

    def set_broker(self, up: bool) -> None:
        self.broker_up = up
        self._inbox.clear()  # what was on its way is lost with the broker
        self.master.on_link(up)
        if up:
            for vehicle in self.cars:
                self.connection(vehicle, ConnectionState.ONLINE)

    def step(self) -> None:
        """0.2 s pass: messages arrive, vehicles move and report, the master ticks."""
        self.clock.advance(STEP_S)
        inbox, self._inbox = self._inbox, []
        for address, message in inbox:
            vehicle = next((v for v in self.site.vehicles.values() if v.address == address), None)
            if vehicle and vehicle.id not in self.away:
                self.cars[vehicle.id].receive(message)
        for vehicle_id, car in self.cars.items():
            car.step()
            if self.broker_up and vehicle_id not in self.away and not car.silent:
                self.master.on_state(car.vehicle.address, car.state())
        self.master.tick()

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            self.step()

    def until(self, met: Callable[[], bool], limit_s: float = 300.0) -> None:
        for _ in range(round(limit_s / STEP_S)):
            if met():
                return
            self.step()
        raise AssertionError(f"did not happen within {limit_s} s of the yard's time: {self.events}")

    def submit(self, job: str, *documents: dict[str, Any], deadline: float | None = None) -> None:
        self.master.submit(job, commands(*documents), deadline=deadline)

    def statuses(self, job: str, vehicle: str | None = None) -> list[str]:
        return [e.status.value for e in self.events if e.job == job and vehicle in (None, e.vehicle)]

    def last(self, job: str) -> OrderEvent:
        return [e for e in self.events if e.job == job][-1]

    def ended(self, job: str) -> Callable[[], bool]:
        return lambda: any(e.job == job and e.status.ended for e in self.events)

    def done(self, job: str, times: int = 1) -> Callable[[], bool]:
        return lambda: self.statuses(job).count(JobStatus.DONE) >= times


class RestartingYard(Yard):
    """A yard whose master can be replaced by one that knows only what was stored."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.store = FleetStore(folder, clock=self.clock)
        self.replace_master()
        self.step()

    def replace_master(self, **options: Any) -> None:
        """The agent ends, and another begins; the vehicles go on meanwhile."""
        self.master = Master(self.site, self.clock, self._send, self.events.append, store=self.store, **options)
        self.master.set_latches(self.store.latched())
        self.master.on_link(True)
        for vehicle in self.cars:
            if vehicle not in self.away:
                self.connection(vehicle, ConnectionState.ONLINE)

    def deaf(self, seconds: float) -> None:
        """The vehicles go on while nobody listens to them."""
        heard, self.master = self.master, Master(self.site, self.clock, lambda *_: False, lambda _event: None)
        self.run(seconds)
        self.master = heard


def stop(vehicle: str) -> dict[str, Any]:
    return {"action": "stop", "vehicles": [vehicle]}


def orders_to(yard: Yard, vehicle: str) -> list[Order]:
    serial = yard.site.vehicles[vehicle].address.serial_number
    return [m for _, m in yard.sent if isinstance(m, Order) and m.serial_number == serial]


def quirk(yard: Yard, vehicle: str, change: Callable[[State], State]) -> None:
    """Change the states of a vehicle from now on."""
    car = yard.cars[vehicle]
    honest = car.state
    car.state = lambda: change(honest())  # type: ignore[method-assign]
