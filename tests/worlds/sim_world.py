"""Four nodes in a row of corners, and messages for vehicles among them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from banksman_firmware_sim import VehicleProfile, VirtualVehicle
from banksman_firmware_sim.vehicle.behaviour import Behaviour
from banksman_shared.clock import ManualClock
from banksman_shared.site import Node as SiteNode
from banksman_shared.vda5050 import (
    Action,
    ActionParameter,
    ActionStatus,
    BlockingType,
    Edge,
    Error,
    InstantActions,
    Node,
    NodePosition,
    Order,
    State,
    VehicleAddress,
)

MAP = "floor"
PLACES = {"A": (0.0, 0.0), "B": (10.0, 0.0), "C": (10.0, 5.0), "D": (20.0, 5.0)}
ADDRESS = VehicleAddress("Acme", "A-0001")
PROFILE = VehicleProfile()
VERSIONS = ("2.0.0", "2.1.0", "3.0.0")
every_version = pytest.mark.parametrize("version", VERSIONS)
before_3 = pytest.mark.parametrize("version", ["2.0.0", "2.1.0"])
with_maps = pytest.mark.parametrize("version", ["2.1.0", "3.0.0"])
_ids = itertools.count()


def header(address: VehicleAddress = ADDRESS) -> dict[str, Any]:
    return {
        "header_id": 0,
        "timestamp": "2026-01-01T00:00:00.000Z",
        "version": "2.1.0",
        "manufacturer": address.manufacturer,
        "serial_number": address.serial_number,
    }


def action(kind: str, action_id: str, blocking: str = "HARD", **parameters: Any) -> Action:
    return Action(
        action_type=kind,
        action_id=action_id,
        blocking_type=BlockingType(blocking),
        action_parameters=tuple(ActionParameter(key=key, value=value) for key, value in parameters.items()),
    )


def node(
    name: str, sequence_id: int, *, released: bool = True, actions: Sequence[Action] = (), **position: Any
) -> Node:
    x, y = PLACES[name]
    return Node(
        node_id=name,
        sequence_id=sequence_id,
        released=released,
        actions=tuple(actions),
        node_position=NodePosition(**{"x": x, "y": y, "map_id": MAP, **position}),
    )


def order(
    path: str,
    *,
    order_id: str = "order",
    update_id: int = 0,
    base: int | None = None,
    first: int = 0,
    at: Mapping[str, Sequence[Action]] | None = None,
    along: Mapping[str, Sequence[Action]] | None = None,
    max_speed: float | None = None,
    address: VehicleAddress = ADDRESS,
) -> Order:
    """An order along ``path`` such as "ABC"; ``base`` nodes of it are released; actions ``at`` "B", ``along`` "AB"."""
    base = len(path) if base is None else base
    return Order(
        **header(address),
        order_id=order_id,
        order_update_id=update_id,
        nodes=tuple(
            node(name, first + 2 * i, released=i < base, actions=(at or {}).get(name, ()))
            for i, name in enumerate(path)
        ),
        edges=tuple(
            Edge(
                edge_id=a + b,
                sequence_id=first + 2 * i + 1,
                released=i + 1 < base,
                start_node_id=a,
                end_node_id=b,
                actions=tuple((along or {}).get(a + b, ())),
                max_speed=max_speed,
            )
            for i, (a, b) in enumerate(itertools.pairwise(path))
        ),
    )


def instantly(*actions: Action | str, address: VehicleAddress = ADDRESS) -> InstantActions:
    """Instant actions; a bare name gets an id of its own."""
    return InstantActions(
        **header(address),
        actions=tuple(
            action(item, f"{item}-{next(_ids)}", "NONE") if isinstance(item, str) else item for item in actions
        ),
    )


def vehicle(
    at: str = "A",
    *,
    clock: ManualClock | None = None,
    profile: VehicleProfile = PROFILE,
    version: str = "2.1.0",
    behaviour: Behaviour | None = None,
    charge: float = 80.0,
) -> VirtualVehicle:
    x, y = PLACES[at]
    return VirtualVehicle(
        ADDRESS,
        SiteNode(at, x, y, MAP),
        profile,
        clock=clock or ManualClock(),
        version=version,
        behaviour=behaviour,
        charge=charge,
    )


def run_until(
    machine: VirtualVehicle, holds: Callable[[State], bool], *, dt_s: float = 0.05, within_s: float = 300
) -> State:
    """Step until the state is as wanted."""
    for _ in range(int(within_s / dt_s)):
        if holds(machine.state()):
            return machine.state()
        machine.step(dt_s)
    raise AssertionError(f"not within {within_s} s: {machine.state()}")


def finished(state: State) -> bool:
    """The order is done: nothing left to traverse, no action that has not ended."""
    return not state.node_states and not state.edge_states and all(a.action_status.ended for a in state.action_states)


def status(state: State, action_id: str) -> ActionStatus:
    return next(a.action_status for a in state.every_action_state if a.action_id == action_id)


def result(state: State, action_id: str) -> str | None:
    return next(a.result_description for a in state.every_action_state if a.action_id == action_id)


def references(error: Error) -> dict[str, str]:
    return {r.reference_key: r.reference_value for r in error.error_references}


def tell(machine: VirtualVehicle, kind: str, **parameters: Any) -> ActionStatus:
    """Send one instant action; what became of it at once."""
    action_id = f"{kind}-{next(_ids)}"
    machine.handle_instant_actions(instantly(action(kind, action_id, "NONE", **parameters)))
    return status(machine.state(), action_id)


def x_of(machine: VirtualVehicle) -> float:
    position = machine.state().agv_position
    assert position is not None
    return position.x


def warnings(state: State) -> list[str]:
    return [error.error_type for error in state.errors]
