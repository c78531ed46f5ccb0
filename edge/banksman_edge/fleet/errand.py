"""One command of one vehicle on its way: how it is delivered and how the vehicle's state is read for it.

Nothing here sends or waits; :mod:`banksman_edge.fleet.control` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from banksman_edge.fleet.model import Code, Facts, JobStatus, Problem
from banksman_edge.fleet.objections import held_back, shut_off, waiting_for
from banksman_edge.fleet.orders import Stop, reached, released
from banksman_edge.fleet.refusals import refused_action, refused_order
from banksman_edge.fleet.roster import Assignment
from banksman_edge.fleet.tracker import is_active
from banksman_edge.fleet.traffic import Course
from banksman_shared.actions import Action as Wish
from banksman_shared.commands import Command
from banksman_shared.vda5050 import Action, ActionStatus, Error, OperatingMode, Order, State

FIRST_RETRY_S, LONGEST_RETRY_S, TRIES = 2.0, 10.0, 6
"""Seconds between repeats of what was not acknowledged: doubled each time, up to a limit."""
STOP_RETRY_S = 0.5
"""Seconds until a stop is repeated for the first time: a vehicle at 2 m/s has gone one metre by then."""

WAIT_TOLD_S = 30.0
"""Seconds that a vehicle may wait for others before the operator hears of it."""

CANCEL_ORDER, START_PAUSE, STOP_PAUSE, STATE_REQUEST = "cancelOrder", "startPause", "stopPause", "stateRequest"
"""Predefined instant actions (2.1.0 §6.8.2)."""

INSTANT_ACTIONS = {Wish.STOP: START_PAUSE, Wish.RESUME: STOP_PAUSE, Wish.CANCEL: CANCEL_ORDER}


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
    facts: Facts = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    quiet: bool = False
    """It is remembered, and nobody is told."""


_RANK = {status: rank for rank, status in enumerate((JobStatus.QUEUED, JobStatus.SENT, JobStatus.ACCEPTED))}


def is_forward(status: JobStatus, before: JobStatus) -> bool:
    """Whether a status comes after another one. RUNNING has no rank of its own: it is above all of those that have."""
    return _RANK.get(status, 9) > _RANK.get(before, 9)


@dataclass(slots=True)
class Errand:
    """What all errands have. ``status`` never is LATE: being late is told once, beside it."""

    job: str
    assignment: Assignment
    deadline: float | None = None
    """Wall-clock seconds."""
    number: int = 0
    """Which of its job it is."""
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
    """A command that becomes an order, released and extended along a course."""

    stops: tuple[Stop, ...] = ()
    course: Course | None = None
    first: int = 0
    """Index into the course at which the order begins."""
    actions: list[tuple[Action, ...]] = field(default_factory=list)
    """What to do at the beginning, and then at each stop."""
    order: Order | None = None
    """The whole of it as sent up to now."""
    message: Order | None = None
    """What was sent last: the order, or its latest update."""
    known_errors: tuple[Error, ...] = ()
    """What the vehicle reported before that."""
    acknowledged_update: int = -1
    cancelling: bool = False
    blocked_by: tuple[str, ...] | None = None
    """There was no way for it; these vehicles are in the way."""
    shut_off: tuple[str, str] | None = None
    """There was no way for it but over a lane on which something stands."""
    plan_again_at: float = 0.0
    waited_s: float = 0.0
    """Seconds since it began to wait for others."""
    wait_told: bool = False
    """This run of the agent has told that it waits for others: whoever was told before may not be there any more."""
    held_told: bool = False
    """It was told that it is held since a long break."""
    left: tuple[Stop, ...] | None = None
    """What will be done by another order, once this one is taken back."""
    loaded: bool | None = None
    """Whether its vehicle carried something when its order was taken back, None if nobody knows."""
    renewed: bool = False
    """Its order was taken back, and what was left of it began anew: of that nobody is told."""

    def wait(
        self,
        elapsed: float,
        others: Sequence[str],
        lane: tuple[str, str] | None,
        *,
        held: bool,
        off: bool,
        shut: bool,
    ) -> Problem | None:
        """Let time pass in which somebody may hold it: then it is not the vehicle that is slow. What is to be told.

        ``lane``: one on which something stands, with no way around; ``held``: since a long break; ``off``: its vehicle
        is stopped; ``shut``: its way is closed for now.
        """
        waits = bool(others or lane)
        if held or off or waits or shut:
            self.due += elapsed
            self.stale_at += elapsed if waits or shut else 0.0
        self.waited_s = self.waited_s + elapsed if waits else 0.0
        if held and not self.held_told:
            self.held_told = True
            return held_back(self.vehicle)
        if not held and self.late is Code.HELD:
            self.late = None
        news = self.late is None or (self.late is Code.WAITING and not self.wait_told)
        if self.waited_s < WAIT_TOLD_S or not news:
            return None
        self.wait_told = True
        return waiting_for(self.vehicle, others) if others else shut_off(self.vehicle, lane)

    @classmethod
    def making_way(cls, vehicle: str) -> OrderErrand:
        """A vehicle gets out of the way of others, on nobody's behalf."""
        return cls("", Assignment(0, vehicle, Command(Wish.MOVE, (vehicle,))), begun=True)

    @property
    def unacknowledged(self) -> bool:
        """The vehicle has not shown that it knows the order at all."""
        return self.status is JobStatus.SENT

    @property
    def update_pending(self) -> bool:
        """The latest of what was sent has not arrived yet, as far as known."""
        return self.order is not None and self.acknowledged_update < self.order.order_update_id

    @property
    def unsent(self) -> bool:
        """Whether something of it is still to be sent, or sent again."""
        order = self.order
        return order is None or self.update_pending or released(order) < len(order.nodes) - 1

    @property
    def last(self) -> int:
        """Index into the course at which the order ends."""
        course = self.course
        return 0 if course is None else course.bound

    def read(self, state: State) -> Verdict | None:
        """What this state says of the order; None if nothing new."""
        if self.order is None or self.message is None or self.status.ended:
            return None
        if state.order_id != self.order.order_id:
            return self._read_other(state)
        self.acknowledged_update = max(self.acknowledged_update, state.order_update_id)
        if self.update_pending and not self.cancelling and (refusal := self._refusal(state)):
            return refusal
        ours = {action.action_id for node in self.order.nodes for action in node.actions}
        actions = [action for action in state.action_states if action.action_id in ours]
        failed = next((action for action in actions if action.action_status is ActionStatus.FAILED), None)
        if failed and not self.cancelling:
            why = failed.result_description or "the vehicle does not say why"
            what = failed.action_type or failed.action_id
            return Verdict(JobStatus.FAILED, Code.ACTION_FAILED, f"{self.vehicle} failed to {what}: {why}")
        finished = {action.action_id for action in actions if action.action_status is ActionStatus.FINISHED}
        if not state.node_states and not state.edge_states and self._base_actions(self.order) <= finished:
            return self._read_end(state, self.order)
        begun = any(action.action_status is not ActionStatus.WAITING for action in actions)
        moving = state.driving or begun or state.last_node_sequence_id > 0
        return Verdict(JobStatus.RUNNING if moving else JobStatus.ACCEPTED)

    @staticmethod
    def _base_actions(order: Order) -> set[str]:
        return {action.action_id for node in order.nodes if node.released for action in node.actions}

    def _holds_all(self, order: Order) -> bool:
        """Whether an order, as sent, leads to all that the errand has to do."""
        sent = {action.action_id for node in order.nodes for action in node.actions}
        meant = {action.action_id for actions in self.actions for action in actions}
        return meant <= sent and (self.course is None or self.course.whole)

    def _read_end(self, state: State, order: Order) -> Verdict | None:
        base_end = released(order)
        if state.last_node_id == order.nodes[base_end].node_id or (reached(order, state) or 0) >= base_end:
            # At the end of the base, some vehicles do not show the horizon that they wait for.
            # Where traffic has cut the course short, what was sent is not all there is to do.
            over = base_end == len(order.nodes) - 1 and self._holds_all(order)
            return Verdict(JobStatus.DONE) if over else Verdict(JobStatus.RUNNING)
        if self.cancelling or self.update_pending:
            return None
        where = state.last_node_id or "?"
        if state.operating_mode not in (OperatingMode.AUTOMATIC, OperatingMode.SEMIAUTOMATIC):
            text = f"{self.vehicle} was taken out of automatic mode, which ended its order at {where}"
            return Verdict(JobStatus.FAILED, Code.MANUAL, text)
        # Emptied without having been driven: cancelled by somebody else, or wiped by the vehicle.
        return Verdict(JobStatus.FAILED, Code.ENDED_ELSEWHERE, f"{self.vehicle} ended its order at {where}")

    def _read_other(self, state: State) -> Verdict | None:
        if self.cancelling:
            return None
        if not self.unacknowledged:
            return Verdict(JobStatus.FAILED, Code.ORDER_LOST, f"{self.vehicle} no longer knows the order it had taken")
        return self._refusal(state)

    def _refusal(self, state: State) -> Verdict | None:
        if self.message is None:
            return None
        refusal = refused_order(self.vehicle, state, self.message, before=self.known_errors)
        if refusal is None:
            return None
        return Verdict(JobStatus.FAILED, refusal.code, refusal.sentence, refusal.facts, refusal.words)


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
        echo = next((a for a in state.every_action_state if a.action_id == self.action.action_id), None)
        # Some vehicles do not echo what they refuse, and only report an error about it.
        error = refused_action(self.vehicle, state, self.action, str(self.wish))
        refused = echo.action_status is ActionStatus.FAILED if echo else error is not None
        self.acknowledged = self.acknowledged or echo is not None or refused
        done = echo is not None and echo.action_status is ActionStatus.FINISHED
        # A vehicle that echoes nothing is believed by what it does, once a state from before must be through.
        settled = now - self.sent_at >= FIRST_RETRY_S
        idle = not state.driving and not is_active(state) and not order_pending
        match self.wish:
            case Wish.STOP:
                done = state.paused is True or idle or (done and state.paused is None and not state.driving)
            case Wish.RESUME:
                done = done or ((settled or refused) and state.paused is False)
            case _:
                done = done or (settled and idle)
        if done:
            return Verdict(JobStatus.DONE)
        if not refused:
            return None
        if self.wish is Wish.CANCEL and not is_active(state):
            return Verdict(JobStatus.DONE, detail=f"{self.vehicle} had no order any more")
        if error:
            return Verdict(JobStatus.FAILED, error.code, error.sentence, error.facts, error.words)
        why = (echo and echo.result_description) or "the vehicle does not say why"
        return Verdict(JobStatus.FAILED, Code.REJECTED, f"{self.vehicle} refused to {self.wish}: {why}")
