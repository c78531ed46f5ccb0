"""Whether a vehicle does what its order lets it do, seen from its states."""

from __future__ import annotations

from collections.abc import Callable

from banksman_edge.fleet.errand import OrderErrand
from banksman_edge.fleet.model import Code, Problem
from banksman_edge.fleet.objections import hindrance
from banksman_edge.fleet.orders import reached
from banksman_edge.fleet.refusals import hinders
from banksman_edge.fleet.routing import distance_to_segment
from banksman_edge.fleet.tracker import Tracker
from banksman_shared.clock import Clock
from banksman_shared.vda5050 import Error, State

BLOCKED_S = 10.0
"""Seconds that a vehicle may stand although it could drive."""
STRAY_M = 2.0
"""Metres from the straight line between two nodes at which a vehicle has left its route. Curves need some room."""

_HELD = (Code.EMERGENCY_STOP, Code.MANUAL, Code.NOT_LOCALISED)
"""What keeps a vehicle standing until somebody sees to it."""
PASSING_TROUBLE = (*_HELD, Code.VANISHED, Code.VEHICLE_ERROR, Code.BLOCKED, Code.OFF_ROUTE, Code.WAITING)
"""What is told once more when it is over."""


class OrderWatch:
    """Notices a vehicle that cannot go on, does not move, or leaves its route."""

    def __init__(self, tracker: Tracker, clock: Clock, ask: Callable[[], None], hindered_s: float) -> None:
        """``ask``: requests a state of the vehicle. ``hindered_s``: seconds of standing after which it counts as out of
        order though it reports nothing wrong, as before an obstacle."""
        self._tracker, self._clock, self._ask, self._hindered_s = tracker, clock, ask, hindered_s
        self._standing: tuple[tuple[str, int], float] | None = None
        """The order in which it stands though it may drive, with the node that it passed last, and since when."""
        self._asked = False
        self.turned = False
        """It was hindered, is to go another way, and has not driven since."""
        self._errand: OrderErrand | None = None
        """What it was looked at for last."""

    def trouble(self, errand: OrderErrand) -> Problem | None:
        """What keeps the vehicle from its order, by its latest state."""
        state, vehicle, self._errand = self._tracker.state, self._tracker.vehicle.id, errand
        if state is None:
            return None
        standing_s = self._standing_s(state)
        if hindered := hinders(vehicle, state):
            return Problem(Code.VEHICLE_ERROR, hindered.sentence, vehicle, hindered.facts)
        problem = hindrance(self._tracker.view(job=None, stopped=False, own_order=None))
        if problem and problem.code in _HELD:
            return problem
        if self._strays(errand, state):
            return Problem(Code.OFF_ROUTE, f"{vehicle} has left its route; see what is in its way", vehicle)
        if standing_s >= BLOCKED_S:
            why = "; ".join(_words(error) for error in state.errors)
            return Problem(Code.BLOCKED, f"{vehicle} does not move" + (f": {why}" if why else ""), vehicle)
        return None

    def _standing_s(self, state: State) -> float:
        """For how long it has been standing with nothing to do but to drive."""
        works = any(not a.action_status.ended and a.action_status != "WAITING" for a in state.action_states)
        may_drive = any(node.released for node in state.node_states)
        self.turned = self.turned and not state.driving
        if state.driving or state.paused or works or not may_drive:
            self._standing = None
            return 0.0
        now, where = self._clock.monotonic(), (state.order_id, state.last_node_sequence_id)
        if self._standing is None or self._standing[0] != where:
            self._standing, self._asked = (where, now), False
        return now - self._standing[1]

    @property
    def hindered(self) -> bool:
        """Whether something of which the vehicle need not tell keeps it from its order, for so long that others should
        not wait for it. One that waits for others has nothing released before it, and does not stand in this sense."""
        errand = self._errand
        if self._standing is None or errand is None or errand.status.ended or errand.cancelling:
            return False
        if errand.course is None or errand.course.position >= errand.course.granted:
            return False
        if errand.order is None or self._standing[0][0] != errand.order.order_id:
            return False  # it stood in an order before
        return self._tracker.reachable and self._clock.monotonic() - self._standing[1] >= self._hindered_s

    @property
    def bars(self) -> bool:
        """Whether others should not count on the place where it stands: it is hindered, or was and has not gone yet."""
        errand = self._errand
        return self.hindered or (self.turned and errand is not None and not errand.status.ended)

    def excuse(self) -> None:
        """It is stopped: it does not stand in this sense, though some vehicles do not show that they are paused."""
        self._standing = None

    def tick(self) -> None:
        """A vehicle that stands has no news to report, perhaps for 30 s: ask whether it still does."""
        if self._standing and not self._asked and self._clock.monotonic() - self._standing[1] >= BLOCKED_S:
            self._asked = True
            self._ask()

    @staticmethod
    def _strays(errand: OrderErrand, state: State) -> bool:
        """Whether it is far from the line between the node it passed last and the next."""
        order, position = errand.order, state.agv_position
        if order is None or position is None or not state.driving or state.order_id != order.order_id:
            return False
        index = reached(order, state)
        if index is None:
            return False
        ends = [n.node_position for n in order.nodes[index : index + 2] if n.node_position]
        if len(ends) < 2 or any(end.map_id != position.map_id for end in ends):
            return False
        before, after = ((end.x, end.y) for end in ends)
        return distance_to_segment(before, after, (position.x, position.y)) > STRAY_M


def _words(error: Error) -> str:
    return error.error_description or error.error_type
