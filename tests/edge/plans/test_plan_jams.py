"""A plan of several vehicles over a real broker, and a lane that jams half-way: they go round, and all is carried."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from plan_wheels_world import approve, driving, loads_carried
from plant import Plant, eventually

from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_shared.broker import RunningBroker
from banksman_shared.plans import PlanState
from banksman_shared.site import Site, parse_site
from banksman_shared.vda5050 import State

ORDER = "take six pallets from dock one to aisle one within an hour"
LOADS = {
    "kind": "transport",
    "count": 6,
    "origins": ["dock-1", "dock-2"],
    "destinations": ["aisle-1", "aisle-2"],
    "within_s": 3600,
    "words": "six pallets",
}
NODES = {
    "west": (0.0, 0.0),
    "middle": (12.0, 0.0),
    "east": (24.0, 0.0),
    "north-west": (0.0, 10.0),
    "north-east": (24.0, 10.0),
    "dock-1": (-6.0, 0.0),
    "dock-2": (-6.0, 10.0),
    "aisle-1": (30.0, 0.0),
    "aisle-2": (30.0, 10.0),
    "bay-1": (-12.0, 0.0),
    "bay-2": (-12.0, 5.0),
    "bay-3": (-12.0, 10.0),
}
ROADS = [
    ("west", "middle"),
    ("middle", "east"),
    ("west", "north-west"),
    ("north-west", "north-east"),
    ("north-east", "east"),
    ("west", "dock-1"),
    ("north-west", "dock-2"),
    ("east", "aisle-1"),
    ("north-east", "aisle-2"),
    ("dock-1", "bay-1"),
    ("bay-1", "bay-2"),
    ("bay-2", "bay-3"),
    ("bay-3", "dock-2"),
]
OBSTACLE, SEEN_M = 6.0, 5.5
"""Where something stands in the short lane, in metres from its west end, and from how far away it is seen."""
SPEED_UP, PATIENCE_S = 20.0, 60.0


def two_sides() -> Site:
    """Docks in the west, aisles in the east, a single lane between them, and a longer one round the north."""
    both = [lane for a, b in ROADS for lane in ((a, b), (b, a))]
    limit = [{"vehicleTypeId": "forklift", "maxSpeed": 1.5}]
    kinds = {"dock": (1, 2), "aisle": (1, 2), "bay": (1, 2, 3)}
    return parse_site(
        {
            "site": {"id": "two-sides", "name": "Two sides", "languages": ["en"]},
            "vehicle_kinds": {"forklift": {"names": {"en": ["forklift"]}}},
            "vehicles": [
                {"id": f"forklift-{n}", "kind": "forklift", "number": n, "manufacturer": "Acme"}
                | {"serial_number": f"S-{n}", "home": f"bay-{n}"}
                for n in (1, 2, 3)
            ],
            "place_kinds": {kind: {"names": {"en": [kind]}} for kind in kinds},
            "places": [
                {"id": f"{kind}-{n}", "kind": kind, "number": n, "node": f"{kind}-{n}"}
                for kind, numbers in kinds.items()
                for n in numbers
            ],
            "policy": {"hindered_s": 5},
            "layout_document": {
                "layouts": [
                    {
                        "layoutId": "two-sides",
                        "nodes": [
                            {"nodeId": node, "mapId": "two-sides", "nodePosition": {"x": x, "y": y}}
                            | {"vehicleTypeNodeProperties": []}
                            for node, (x, y) in NODES.items()
                        ],
                        "edges": [
                            {"edgeId": f"{a}_{b}", "startNodeId": a, "endNodeId": b, "vehicleTypeEdgeProperties": limit}
                            for a, b in both
                        ],
                    }
                ]
            },
        }
    )


class Lane:
    """Something that may stand in the middle of the first half of the short lane. Who comes along stops before it, with
    its safety field violated, and may drive away from it."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant
        self.blocked = False
        self.met: set[str] = set()
        """Who has come before it."""
        self.passed: dict[str, list[str]] = {vehicle: [] for vehicle in plant.sim}
        """The nodes that each has come to, in order."""
        self._before: set[str] = set()

    def look(self) -> None:
        for vehicle in self._plant.sim:
            state = self._plant.sim.state(vehicle)
            if self.passed[vehicle][-1:] != [state.last_node_id]:
                self.passed[vehicle].append(state.last_node_id)
            sees = self.blocked and self._sees(vehicle, state)
            if sees and vehicle not in self._before:
                self._before.add(vehicle)
                self.met.add(vehicle)
                self._plant.sim.inject(vehicle, Fault(FaultKind.OBSTACLE))
            elif not sees and vehicle in self._before:
                self._before.discard(vehicle)
                self._plant.sim.clear(vehicle, FaultKind.OBSTACLE)

    def _sees(self, vehicle: str, state: State) -> bool:
        lane = lane_of(state)
        if lane is None:  # it looks to where it looked before
            return vehicle in self._before
        place = OBSTACLE if lane == "west_middle" else -OBSTACLE
        x = state.agv_position.x if state.agv_position else math.inf
        x = x if lane == "west_middle" else -x
        return lane in ("west_middle", "middle_west") and place - SEEN_M < x < place


def lane_of(state: State) -> str | None:
    """The lane that a vehicle is let drive."""
    return next((edge.edge_id for edge in state.edge_states if edge.released), None)


@contextmanager
def watched(plant: Plant) -> Iterator[Lane]:
    """Looks all the time, as eyes of vehicles do."""
    lane, over = Lane(plant), threading.Event()

    def looking() -> None:
        while not over.wait(0.02):
            lane.look()

    thread = threading.Thread(target=looking, daemon=True)
    thread.start()
    try:
        yield lane
    finally:
        over.set()
        thread.join(10)


def half_way(plant: Plant, key: str) -> None:
    eventually(lambda: loads_carried(plant, key) >= 2, "two loads are carried")


def finished(plant: Plant, key: str) -> None:
    """All is carried once, by the one plan or what became of its rest, and nobody was told of a failure."""
    assert plant.agent.wait(key, PATIENCE_S), plant.heard.texts(key)
    assert loads_carried(plant, key) == LOADS["count"]
    states = [event.plan.state for event in plant.heard.of("plan", key)]
    assert states[-1] is PlanState.DONE
    assert PlanState.FAILED not in states
    assert plant.heard.texts(key)[-1] == "The plan is done."


@pytest.mark.soak
def test_a_lane_that_something_blocks_half_way_is_driven_round_and_all_is_carried(mqtt_broker: RunningBroker) -> None:
    with driving(mqtt_broker.url, LOADS, site=two_sides(), speed_up=SPEED_UP) as plant, watched(plant) as lane:
        key = approve(plant, ORDER)
        half_way(plant, key)
        before = {vehicle: len(passed) for vehicle, passed in lane.passed.items()}
        lane.blocked = True
        finished(plant, key)
        assert lane.met
        after = [node for vehicle, passed in lane.passed.items() for node in passed[before[vehicle] :]]
        assert {"north-west", "north-east"} <= set(after)


@pytest.mark.soak
def test_who_stands_still_in_a_single_lane_is_driven_round_and_the_others_do_its_part(
    mqtt_broker: RunningBroker,
) -> None:
    with driving(mqtt_broker.url, LOADS, site=two_sides(), speed_up=SPEED_UP) as plant:
        key = approve(plant, ORDER)
        stopped: list[str] = []

        def comes_back_empty() -> bool:
            views = plant.fleet.vehicles()
            stopped[:] = [v for v in plant.sim if lane_of(plant.sim.state(v)) == "middle_west" and not views[v].loaded]
            return bool(stopped)

        eventually(comes_back_empty, "one comes back through the short lane")
        plant.sim.inject(stopped[0], Fault(FaultKind.EMERGENCY_STOP))
        finished(plant, key)
        assert plant.fleet.vehicles()[stopped[0]].bars
        done = [event.vehicle for event in plant.heard.of("order", key) if event.status == "done"]
        assert set(done) - {stopped[0]}
