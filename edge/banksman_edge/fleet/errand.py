"""One command of one vehicle on its way: how it is delivered and how the vehicle's state is read for it.

Nothing here sends or waits; :mod:`banksman_edge.fleet.control` does.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from banksman_edge.fleet.assign import Assignment
from banksman_edge.fleet.model import Code, JobStatus
from banksman_edge.fleet.tracker import is_active
from banksman_shared.commands import Action as Wish
from banksman_shared.vda5050 import Action, ActionStatus, Order, State

FIRST_RETRY_S, LONGEST_RETRY_S, TRIES = 2.0, 10.0, 6
"""Seconds between repeats of what was not acknowledged: doubled each time, up to a limit."""
STOP_RETRY_S = 0.5
"""Seconds until a stop is repeated for the first time: a vehicle at 2 m/s has gone one metre by then."""

CANCEL_ORDER, START_PAUSE, STOP_PAUSE, STATE_REQUEST = "cancelOrder", "startPause", "stopPause", "stateRequest"
"""Predefined instant actions (2.1.0 §6.8.2)."""

INSTANT_ACTIONS = {Wish.STOP: START_PAUSE, Wish.RESUME: STOP_PAUSE, Wish.CANCEL: CANCEL_ORDER}

_REFUSALS = {
    "orderError": "the order does not fit what it is doing",
    "orderUpdateError": "the order does not fit what it is doing",
    "validationError": "the order is malformed or asks for more than it can",
    "noRouteError": "it cannot get to the start of the route",
}


@dataclass(slots=True)
class Delivery:
    """When to send again what QoS 0 may have lost. ``tries`` None: never give up."""

    tries: int | None = TRIES
    first_s: float = FIRST_RETRY_S
    sent: int = 0
    next_at: float = 0.0

    def due(self, now: float) -> bool:
        return now >= self.next_at

    def spent(self, now: float) -> bool:
        """Sent as often as allowed, and waited for after that."""
        return self.tries is not None and self.sent >= self.tries and self.due(now)

    def hurry(self, now: float) -> None:
        """The vehicle can be reached again: what is still missing there goes out at once."""
        left = self.tries is None or self.sent < self.tries
        self.next_at = now if left else now + self.first_s

    def count(self, now: float) -> None:
        """It has been sent once more."""
        self.next_at = now + min(self.first_s * 2**self.sent, LONGEST_RETRY_S)
        self.sent += 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a state says of an errand."""

    status: JobStatus
    code: Code | None = None
    detail: str = ""


@dataclass(slots=True)
class Errand:
    """What all errands have. ``status`` never is LATE: being late is told once, beside it."""

    job: str
    assignment: Assignment
    deadline: float | None = None
    """Wall-clock seconds."""
    status: JobStatus = JobStatus.QUEUED
    begun: bool = False
    due: float = float("inf")
    """Monotonic seconds at which it is overdue."""
    stale_at: float = float("inf")
    """Monotonic seconds at which it is dropped unless the vehicle has taken it."""
    late: Code | None = None
    delivery: Delivery = field(default_factory=Delivery)

    @property
    def vehicle(self) -> str:
        return self.assignment.vehicle

    @property
    def wish(self) -> Wish:
        return self.assignment.command.action


@dataclass(slots=True)
class OrderErrand(Errand):
    """A command that becomes an order."""

    order: Order | None = None
    cancelling: bool = False

    @property
    def unacknowledged(self) -> bool:
        return self.status is JobStatus.SENT

    def read(self, state: State) -> Verdict | None:
        """What this state says of the order; None if nothing new."""
        if self.order is None or self.status.ended:
            return None
        if (state.order_id, state.order_update_id) != (self.order.order_id, self.order.order_update_id):
            return self._read_other(state, self.order.order_id)
        ours = {action.action_id for node in self.order.nodes for action in node.actions}
        actions = [action for action in state.action_states if action.action_id in ours]
        failed = next((action for action in actions if action.action_status is ActionStatus.FAILED), None)
        if failed and not self.cancelling:
            why = failed.result_description or "the vehicle does not say why"
            what = failed.action_type or failed.action_id
            return Verdict(JobStatus.FAILED, Code.ACTION_FAILED, f"{self.vehicle} failed to {what}: {why}")
        finished = sum(action.action_status is ActionStatus.FINISHED for action in actions)
        if not state.node_states and not state.edge_states and finished == len(ours):
            return self._read_end(state, self.order)
        begun = any(action.action_status is not ActionStatus.WAITING for action in actions)
        moving = state.driving or begun or state.last_node_sequence_id > 0
        return Verdict(JobStatus.RUNNING if moving else JobStatus.ACCEPTED)

    def _read_end(self, state: State, order: Order) -> Verdict | None:
        if state.last_node_id == order.nodes[-1].node_id:
            return Verdict(JobStatus.DONE)
        if self.cancelling:
            return None
        # Emptied without having been driven: cancelled by somebody else, or wiped by the vehicle.
        return Verdict(
            JobStatus.FAILED, Code.ENDED_ELSEWHERE, f"{self.vehicle} ended its order at {state.last_node_id or '?'}"
        )

    def _read_other(self, state: State, order_id: str) -> Verdict | None:
        if self.cancelling:
            return None
        if not self.unacknowledged:
            return Verdict(JobStatus.FAILED, Code.ORDER_LOST, f"{self.vehicle} no longer knows the order it had taken")
        for error in state.errors:
            if any((r.reference_key, r.reference_value) == ("orderId", order_id) for r in error.error_references):
                why = error.error_description or _REFUSALS.get(error.error_type, error.error_type)
                return Verdict(JobStatus.FAILED, Code.REJECTED, f"{self.vehicle} refused the order: {why}")
        return None


@dataclass(slots=True)
class InstantErrand(Errand):
    """A stop, resume or cancel. ``target``: the order errand that a cancel is meant for."""

    action: Action | None = None
    acknowledged: bool = False
    sent_at: float | None = None
    target: OrderErrand | None = None

    def read(self, state: State, now: float, *, order_pending: bool) -> Verdict | None:
        """What a state that came after the sending says; ``order_pending``: an order may still arrive there."""
        if self.action is None or self.sent_at is None or self.status.ended:
            return None
        echo = next((a for a in state.action_states if a.action_id == self.action.action_id), None)
        self.acknowledged = self.acknowledged or echo is not None
        done = echo is not None and echo.action_status is ActionStatus.FINISHED
        # A vehicle that echoes nothing is believed by what it does, once a state from before must be through.
        settled = now - self.sent_at >= FIRST_RETRY_S
        idle = not state.driving and not is_active(state) and not order_pending
        match self.wish:
            case Wish.STOP:
                done = state.paused is True or idle or (done and state.paused is None and not state.driving)
            case Wish.RESUME:
                done = done or (settled and state.paused is False)
            case _:
                done = done or (settled and idle)
        if done:
            return Verdict(JobStatus.DONE)
        if echo is None or echo.action_status is not ActionStatus.FAILED:
            return None
        if self.wish is Wish.CANCEL and not is_active(state):
            return Verdict(JobStatus.DONE, detail=f"{self.vehicle} had no order any more")
        why = echo.result_description or "the vehicle does not say why"
        return Verdict(JobStatus.FAILED, Code.REJECTED, f"{self.vehicle} refused to {self.wish}: {why}")
