"""Driving: planning the motion along the order, reaching nodes, entering edges and zones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from banksman_firmware_sim.faults import FaultKind
from banksman_firmware_sim.motion import EPSILON, Leg, braking_distance, lies_on, plan
from banksman_firmware_sim.order import AUTOMATIC_MODES
from banksman_firmware_sim.vehicle.path import Pass, Surveyor, Way
from banksman_firmware_sim.vehicle.zones import Watch

if TYPE_CHECKING:
    from banksman_firmware_sim.vehicle.machine import Machine

_BISECTIONS = 50


class Pilot:
    """Keeps a motion planned for as long as the vehicle has somewhere to go. ``stale``: the plan is to be made anew."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._surveyor = Surveyor(machine.order, machine.actions, machine.chassis, machine.profile, machine.zones)
        self.stale = True
        self.base_wanted = False
        self._base_left = math.inf
        self._passes: list[tuple[float, bool, Pass]] = []
        self._charge_at = math.inf
        self.placed()

    @property
    def margin(self) -> float:
        return self._surveyor.margin

    def placed(self) -> None:
        """The vehicle was put on a node."""
        self.on_node = True
        self._node_mark = self._machine.chassis.odometer(self._machine.now)

    @property
    def since_last_node(self) -> float:
        """Metres driven since the last node was traversed (2.1.0 §6.10.6, distanceSinceLastNode)."""
        machine = self._machine
        return machine.chassis.odometer(machine.now) - self._node_mark

    # Planning

    def commit(self) -> None:
        """End the planned motion here and now; the speed stays what it is."""
        machine = self._machine
        metres = machine.chassis.stop_journey(machine.now)
        machine.battery.settle(machine.now, metres)
        self.on_node = self.on_node and metres == 0
        self._passes.clear()
        self.stale = True

    def _replan(self) -> None:
        machine = self._machine
        chassis = machine.chassis
        self.commit()
        self.stale = False
        way = self._way()
        self._base_left = self._surveyor.base_left()
        if way.length <= EPSILON:
            chassis.halt()
        else:
            if machine.battery.charging:
                machine.battery.plug(machine.now, charging=False)
            emergency = machine.conditions.has(FaultKind.EMERGENCY_STOP)
            drive = machine.profile.emergency_drive if emergency else machine.profile.drive
            chassis.start(plan(chassis.speed, way.stretches, drive), way.legs, machine.now)
        self._schedule_passes(way)
        self._charge_at = self._charge_event()

    def _way(self) -> Way:
        machine = self._machine
        chassis, profile = machine.chassis, machine.profile
        emergency = machine.conditions.has(FaultKind.EMERGENCY_STOP)
        braking = braking_distance(chassis.speed, profile.emergency_deceleration if emergency else profile.deceleration)
        if machine.stopping:
            return self._surveyor.way_ahead(regardless=True).shortened(braking) if braking > EPSILON else Way()
        way = self._surveyor.way_ahead()
        if machine.zones.watches:
            machine.zonework.look_at(way)
        if way.length < braking - 1e-6:
            return self._surveyor.way_ahead(regardless=True).shortened(braking)
        return way

    def _schedule_passes(self, way: Way) -> None:
        journey = self._machine.chassis.journey
        if journey is None or not way.passes:
            self._passes = []
            return
        events = []
        for zone_pass in way.passes:
            events.append((journey.started_at + journey.motion.when(zone_pass.begin_m), True, zone_pass))
            if zone_pass.end_m < way.length - EPSILON:
                events.append((journey.started_at + journey.motion.when(zone_pass.end_m), False, zone_pass))
        self._passes = sorted(events, key=lambda event: event[:2])

    def zones_ahead(self) -> list[tuple[Watch, float]]:
        """Zones that the planned motion will enter, and in how many metres."""
        machine = self._machine
        metres = machine.chassis.metres(machine.now)
        return [(p.watch, p.begin_m - metres) for _, begins, p in self._passes if begins]

    # Events

    def roll(self) -> bool:
        """Reach nodes, zones and the end of the motion, as far as that is due. Whether there was any."""
        machine = self._machine
        happened = False
        while self._passes and self._passes[0][0] <= machine.now + EPSILON:
            _, begins, zone_pass = self._passes.pop(0)
            (machine.zonework.enter if begins else machine.zonework.leave)(zone_pass.watch)
            happened = True
        if machine.zonework.next_ask <= machine.now + EPSILON and not machine.stopping:
            machine.zonework.next_ask, self.stale, happened = math.inf, True, True
        journey = machine.chassis.journey
        if journey is not None and journey.arrives_at <= machine.now + EPSILON:
            self._end_leg(journey.legs[0])
            return True
        return happened

    def _end_leg(self, leg: Leg) -> None:
        machine = self._machine
        chassis = machine.chassis
        chassis.sync(machine.now)
        self.on_node = False
        journey, position = chassis.journey, machine.order.nodes[0].node_position
        if leg.to_node and position is not None:
            chassis.arrive(position)
        elif journey is not None:
            journey.legs.pop(0)
        if journey is not None and journey.legs:
            self._pass_node()
            return
        self.commit()
        chassis.halt()

    def proceed(self) -> bool:
        """Pass the node that the vehicle is on, enter the next edge, plan anew. Whether any of it was to do."""
        if self._enter_edge() or self._traverse():
            return True
        if self.stale:
            self._replan()
            return True
        self._ask_for_base()
        return False

    def _enter_edge(self) -> bool:
        machine = self._machine
        edges = machine.order.edges
        if not edges or not edges[0].released or machine.stopping or machine.actions.blocks_driving:
            return False
        return bool(edges[0].actions) and machine.actions.trigger(edges[0].actions)

    def _traverse(self) -> bool:
        """Count the next node as passed, if the vehicle is on it and all that belongs to the edge is done."""
        machine = self._machine
        order = machine.order
        if machine.driving or not order.nodes or not order.nodes[0].released:
            return False
        if machine.halts.paused or machine.halts.mode not in AUTOMATIC_MODES or machine.actions.blocks_driving:
            return False
        position = order.nodes[0].node_position
        if position is None or not lies_on(machine.chassis, position) or machine.actions.open(order.edges[0].actions):
            return False
        machine.chassis.arrive(position)
        self._pass_node()
        return True

    def _pass_node(self) -> None:
        machine = self._machine
        node, edge = machine.order.traverse()
        self.placed()
        machine.actions.leave_edge(edge.actions)
        machine.actions.trigger(node.actions)
        machine.revision += 1

    def _ask_for_base(self) -> None:
        machine = self._machine
        left = self._base_left - machine.chassis.metres(machine.now)
        self.base_wanted = machine.order.has_horizon and left <= self._surveyor.wants_base_from + EPSILON

    # What comes next

    def next_at(self) -> float:
        """When the next of these will be due."""
        machine = self._machine
        journey = machine.chassis.journey
        moments = [self._charge_at]
        if self._passes:
            moments.append(self._passes[0][0])
        if machine.zones.watches and not machine.stopping:
            moments.append(machine.zonework.next_ask)
        if journey is not None:
            moments.append(journey.arrives_at)
            if machine.order.has_horizon and not self.base_wanted:
                low = self._base_left - self._surveyor.wants_base_from
                moments.append(journey.started_at + journey.motion.when(max(0.0, low)))
        return min(moments)

    def _charge_event(self) -> float:
        """When the battery's charge will be so low, or full, that it is to be reported."""
        machine = self._machine
        journey, wanted = machine.chassis.journey, machine.conditions.next_charge
        if machine.conditions.empty and not machine.battery.charging:
            return math.inf
        if journey is None:
            return machine.battery.reaches_at(machine.now, wanted)
        begin, end = machine.now, journey.started_at + journey.motion.duration_s
        if machine.charge(end) > wanted:
            return math.inf
        for _ in range(_BISECTIONS):
            middle = (begin + end) / 2
            begin, end = (middle, end) if machine.charge(middle) > wanted else (begin, middle)
        return end
