"""The state of a vehicle as it is published (2.1.0 §6.10.6; 3.0 §7.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from banksman_firmware_sim.order import ActionRun
from banksman_firmware_sim.vehicle.machine import Machine
from banksman_shared.vda5050 import ActionState, BatteryState, SafetyState, State


def state_of(machine: Machine, header: dict[str, Any]) -> State:
    """All that a master may know at this moment."""
    machine.chassis.sync(machine.now)
    order, chassis, edition, actions = machine.order, machine.chassis, machine.edition, machine.actions
    instant = () if machine.behaviour.silent_instant_actions else _states(actions.instant)
    parts: dict[str, Any] = {}
    if edition.is_3:
        parts = {
            "instant_action_states": instant,
            "zone_action_states": _states(actions.zone),
            "zone_sets": machine.zones.records(),
            "zone_requests": machine.zones.requests(),
        }
    return State(
        **header,
        **parts,
        order_id=order.order_id,
        order_update_id=order.update_id,
        last_node_id=order.last_node_id,
        last_node_sequence_id=order.last_sequence_id,
        driving=machine.driving,
        paused=machine.halts.paused,
        new_base_request=machine.pilot.base_wanted,
        distance_since_last_node=round(machine.pilot.since_last_node, 3),
        operating_mode=machine.halts.mode,
        node_states=order.node_states(),
        edge_states=order.edge_states(),
        action_states=_states(actions.order) if edition.is_3 else _states(actions.order) + instant,
        battery_state=BatteryState(battery_charge=round(machine.charge(), 2), charging=machine.battery.charging),
        errors=machine.errors.active,
        safety_state=SafetyState(e_stop=machine.conditions.e_stop, field_violation=machine.conditions.field_violation),
        agv_position=chassis.position,
        velocity=chassis.velocity,
        loads=machine.equipment.loads,
        maps=machine.maps.records if edition.has_maps else None,
    )


def _states(runs: Mapping[str, ActionRun]) -> tuple[ActionState, ...]:
    return tuple(run.state() for run in runs.values())
