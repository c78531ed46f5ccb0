"""Whether a vehicle has been out of order for a while, and which nodes it bars by standing there."""

from __future__ import annotations

from banksman_edge.fleet.order_watch import OrderWatch
from banksman_edge.fleet.tracker import Tracker
from banksman_edge.fleet.traffic import Traffic
from banksman_shared.clock import Clock
from banksman_shared.vda5050 import ErrorLevel, EStop, OperatingMode

OUT_S = 8.0
"""Seconds that a vehicle may be in trouble before it counts as out of order: less than a plan waits for it."""


class Outage:
    """Watches one vehicle. One that an operator has stopped or paused is not out of order, nor is one that drives.
    One that does not move is, though nothing else be known to be wrong with it."""

    def __init__(self, tracker: Tracker, traffic: Traffic, clock: Clock, watch: OrderWatch) -> None:
        self._tracker, self._traffic, self._clock, self._watch = tracker, traffic, clock, watch
        self._since: float | None = None

    def look(self) -> None:
        """Let time take effect; a few times a second."""
        if not self._is_in_trouble():
            self._since = None
        elif self._since is None:
            self._since = self._clock.monotonic()

    @property
    def bars(self) -> tuple[str, ...]:
        """The nodes that others cannot pass because of it: where it stands and, until its order is given up, may go on
        to. One that is not connected may be anywhere there."""
        in_trouble = self._since is not None and self._clock.monotonic() - self._since >= OUT_S
        if not in_trouble and not self._watch.bars:
            return ()
        vehicle, start = self._tracker.vehicle.id, self._tracker.start()
        held, course = self._traffic.held_by(vehicle), self._traffic.course(vehicle)
        if self._tracker.gone or start is None or course is None or not course.ends:
            return held
        here = {node for way in start.ways for node in (way.node, way.edge.start if way.edge else way.node)}
        return tuple(node for node in held if node in here) or held

    def _is_in_trouble(self) -> bool:
        tracker, state = self._tracker, self._tracker.state
        if tracker.gone:
            return True
        if state is None or not tracker.reachable or state.driving:
            return False
        position = state.agv_position
        return (
            state.safety_state.e_stop is not EStop.NONE
            or state.operating_mode not in (OperatingMode.AUTOMATIC, OperatingMode.SEMIAUTOMATIC)
            or (position is not None and not position.position_initialized)
            or any(error.error_level is ErrorLevel.FATAL for error in state.errors)
        )
