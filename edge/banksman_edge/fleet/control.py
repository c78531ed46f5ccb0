"""One vehicle under control: gives it what it shall do, until its state says that it has it, and reads the rest."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable

from banksman_edge.fleet.assign import Assignment
from banksman_edge.fleet.errand import (
    CANCEL_ORDER,
    INSTANT_ACTIONS,
    STATE_REQUEST,
    STOP_RETRY_S,
    Delivery,
    Errand,
    InstantErrand,
    OrderErrand,
    Verdict,
)
from banksman_edge.fleet.lateness import STALE_S, lateness, too_late
from banksman_edge.fleet.model import Code, JobStatus, Problem, VehicleView
from banksman_edge.fleet.objections import hindrance, off_route, unreachable
from banksman_edge.fleet.orders import build_order, expected_seconds, new_action, nodes_of, stops_for
from banksman_edge.fleet.routing import find_drive
from banksman_edge.fleet.tracker import Tracker
from banksman_edge.fleet.wire import Wire
from banksman_shared.clock import Clock
from banksman_shared.commands import Action as Wish
from banksman_shared.commands import Command
from banksman_shared.site import Layout, Router
from banksman_shared.vda5050 import ConnectionState, State

log = logging.getLogger(__name__)

Report = Callable[[Errand, Verdict], None]
"""Tells the master what became of an errand; it sets the errand's status."""

SLACK_S = 30.0
"""Seconds that a command may take beyond three times what was expected before it is late."""
STOP_CONFIRM_S, CONFIRM_S = 3.0, 10.0
"""Seconds after which a stop, or another instant action, that nothing confirms is reported."""
STATE_GRACE_S = 0.3
"""Seconds that a vehicle has to report by itself, once it is there, before it is asked to."""
THERE_M = 0.3
"""Within this many metres of its destination a vehicle need not be sent there."""

_PASSING_TROUBLE = (Code.VANISHED, Code.VEHICLE_ERROR)
_RANK = {status: rank for rank, status in enumerate((JobStatus.QUEUED, JobStatus.SENT, JobStatus.ACCEPTED))}


class VehicleControl:
    """Delivers and follows the errands of one vehicle: at most one order, and instant actions beside it."""

    def __init__(self, tracker: Tracker, layout: Layout, router: Router, wire: Wire, clock: Clock) -> None:
        self.tracker = tracker
        self.stopped = False
        self.report: Report = lambda _errand, _verdict: None
        self._layout, self._router, self._wire, self._clock = layout, router, wire, clock
        self._order: OrderErrand | None = None
        self._instants: list[InstantErrand] = []
        self._abandoned: deque[str] = deque(maxlen=16)
        """Orders given up on; one that turns up at the vehicle after all is cancelled there."""
        self._state_request = Delivery()
        self._was_reachable = False
        self._stop_again_at = float("-inf")
        self._ticked = clock.monotonic()

    @property
    def id(self) -> str:
        return self.tracker.vehicle.id

    @property
    def target_node(self) -> str | None:
        """Where it is on its way to."""
        order = self._order
        destination = order.assignment.destination if order and not order.status.ended else None
        return destination.node if destination else None

    def view(self, job: str | None) -> VehicleView:
        order = self._order.order if self._order and not self._order.status.ended else None
        return self.tracker.view(job=job, stopped=self.stopped, own_order=order.order_id if order else None)

    # What is asked of it

    def begin(self, errand: Errand) -> None:
        """The errand's turn has come. Stops go out before this returns."""
        errand.begun = True
        now = self._clock.monotonic()
        if errand.wish is not Wish.STOP:
            errand.stale_at = now + STALE_S
        if isinstance(errand, OrderErrand):
            errand.due = now + SLACK_S
            self._order = errand
        elif isinstance(errand, InstantErrand):
            errand.due = now + (STOP_CONFIRM_S if errand.wish is Wish.STOP else CONFIRM_S)
            errand.action = new_action(INSTANT_ACTIONS[errand.wish])
            self._begin_instant(errand)
        self.advance()

    def _begin_instant(self, errand: InstantErrand) -> None:
        if errand.wish is Wish.CANCEL:
            if not self._begin_cancel(errand):
                return
        else:
            # Never two that contradict each other on the way: a late repeat of the older would win.
            for older in [i for i in self._instants if i.wish in (Wish.STOP, Wish.RESUME)]:
                self._end(older, Verdict(JobStatus.CANCELLED, Code.SUPERSEDED, f"a newer {errand.wish} replaces it"))
            self.stopped = errand.wish is Wish.STOP
            if errand.wish is Wish.STOP:
                errand.delivery = Delivery(tries=None, first_s=STOP_RETRY_S)
        self._instants.append(errand)

    def _begin_cancel(self, errand: InstantErrand) -> bool:
        """False: there was nothing to send, it is done."""
        order = self._order
        if order and not order.status.ended:
            if order.status is JobStatus.QUEUED:
                self._end(order, Verdict(JobStatus.CANCELLED, Code.CANCELLED, f"{self.id} had not begun it"))
            else:
                order.cancelling, errand.target = True, order
        if errand.target is None and self.tracker.active_order is None:
            self._end(errand, Verdict(JobStatus.DONE))
            return False
        return True

    # What it says

    def take_connection(self, connection: ConnectionState) -> None:
        self.tracker.take_connection(connection)
        order = self._order
        sent = order is not None and order.status is not JobStatus.QUEUED and not order.status.ended
        if order and sent and connection is not ConnectionState.ONLINE and order.late is not Code.VANISHED:
            self._warn(order, Code.VANISHED, f"{self.id} has gone ({connection.lower()}) with its order unfinished")
        self.advance()

    def take_state(self, state: State) -> None:
        if not self.tracker.take_state(state):
            return
        if self._order and (verdict := self._order.read(state)):
            self._apply(self._order, verdict)
        now = self._clock.monotonic()
        pending = self._order is not None and self._order.unacknowledged
        for instant in list(self._instants):
            if verdict := instant.read(state, now, order_pending=pending):
                self._end(instant, verdict)
        if self.tracker.active_order in self._abandoned:
            self._abandoned.remove(state.order_id)
            self._cancel_stray()
        if self.stopped and state.driving and not state.paused:
            self._stop_again(now)
        self.advance()

    def lose_broker(self) -> None:
        self.tracker.lose_broker()
        self._was_reachable = False

    def _apply(self, order: OrderErrand, verdict: Verdict) -> None:
        """Report a step forward, and a return to normal after trouble."""
        if order.unacknowledged and verdict.status in (JobStatus.RUNNING, JobStatus.DONE):
            self.report(order, Verdict(JobStatus.ACCEPTED))
        if verdict.status.ended:
            self._end(order, verdict)
            return
        fatal = self.view(None).fatal
        if fatal and order.late is not Code.VEHICLE_ERROR:
            errors = "; ".join(self.view(None).errors)
            self._warn(order, Code.VEHICLE_ERROR, f"{self.id} cannot go on: {errors}")
        recovered = order.late in _PASSING_TROUBLE and self.tracker.connected and not fatal
        if recovered:
            order.late = None
            order.due = max(order.due, self._clock.monotonic() + SLACK_S)
        # RUNNING has no rank of its own: it is above all of those that have.
        forward = _RANK.get(verdict.status, 9) > _RANK.get(order.status, 9)
        if forward or recovered:
            self.report(order, verdict if forward else Verdict(order.status))

    def _end(self, errand: Errand, verdict: Verdict) -> None:
        if errand.status.ended:
            return
        self.report(errand, verdict)
        if isinstance(errand, InstantErrand):
            self._instants = [i for i in self._instants if i is not errand]
            self._end_target(errand.target, verdict)
        elif isinstance(errand, OrderErrand) and errand.order and verdict.status is not JobStatus.DONE:
            self._abandoned.append(errand.order.order_id)

    def _end_target(self, order: OrderErrand | None, verdict: Verdict) -> None:
        """What the end of a cancel means for the order it was meant for."""
        if order is None or order.status.ended:
            return
        if verdict.status is JobStatus.DONE or order.unacknowledged:
            self._end(order, Verdict(JobStatus.CANCELLED, Code.CANCELLED, f"{self.id} has given up the order"))
        order.cancelling = False

    def _cancel_stray(self) -> None:
        """An order that we gave up on did arrive: take it back, on nobody's behalf."""
        command = Command(Wish.CANCEL, (self.id,))
        stray = InstantErrand("", Assignment(0, self.id, command), begun=True, action=new_action(CANCEL_ORDER))
        self._instants.append(stray)

    def _stop_again(self, now: float) -> None:
        """It drives although it was stopped, as after a restart of its own: stop it again, on nobody's behalf."""
        if now < self._stop_again_at or any(i.wish is Wish.STOP for i in self._instants):
            return
        self._stop_again_at = now + STOP_CONFIRM_S  # one that refuses to stop is not asked with every state
        log.warning("%s drives although it is stopped; it is stopped again", self.id)
        stop = InstantErrand("", Assignment(0, self.id, Command(Wish.STOP, (self.id,))), begun=True)
        stop.due, stop.action = now + STOP_CONFIRM_S, new_action(INSTANT_ACTIONS[Wish.STOP])
        self._begin_instant(stop)

    # What time brings

    def advance(self) -> None:
        """Send what is due, give up what is hopeless, report what is late."""
        now = self._clock.monotonic()
        elapsed, self._ticked = now - self._ticked, now
        reachable = self.tracker.reachable
        if reachable and not self._was_reachable:
            for errand in (*self._instants, *([self._order] if self._order else [])):
                errand.delivery.hurry(now)
        self._was_reachable = reachable
        self._ask_for_state(now)
        for instant in list(self._instants):
            self._deliver_instant(instant, now)
        order = self._order
        if order and not order.status.ended:
            if self.stopped:
                order.due += elapsed  # while the operator holds it, it is not the vehicle that is slow
            self._deliver_order(order, now)
        for errand in (*self._instants, *([order] if order else [])):
            self._check_late(errand)

    def _ask_for_state(self, now: float) -> None:
        """A vehicle that is there reports within 30 s (2.1.0 §6.10); nobody should wait that long for it."""
        if self.tracker.reachable or not self.tracker.connected:
            self._state_request = Delivery(next_at=now + STATE_GRACE_S)
        elif (
            self._state_request.due(now)
            and not self._state_request.spent(now)
            and self._wire.instant_action(self.tracker.vehicle.address, new_action(STATE_REQUEST))
        ):
            self._state_request.count(now)

    def _deliver_instant(self, errand: InstantErrand, now: float) -> None:
        if errand.acknowledged or errand.action is None:
            return
        is_stop, first = errand.wish is Wish.STOP, errand.sent_at is None
        # The first stop goes out even to a vehicle that seems away: it costs nothing, and we may be wrong.
        if not (self.tracker.reachable or (is_stop and (first or self.tracker.connected))):
            self._drop_stale(errand)
        elif not self._drop_stale(errand) and not self._give_up(errand, now) and errand.delivery.due(now):
            if not self._wire.instant_action(self.tracker.vehicle.address, errand.action):
                return
            errand.delivery.count(now)
            if first:
                errand.sent_at = now
                self.report(errand, Verdict(JobStatus.SENT))

    def _deliver_order(self, errand: OrderErrand, now: float) -> None:
        if errand.status is JobStatus.QUEUED:
            if not self._drop_stale(errand) and self._waits_for() is None:
                self._start_order(errand, now)
        elif errand.unacknowledged and not errand.cancelling and self.tracker.reachable:
            # One that is away may have taken it; only its next state tells.
            if self._drop_stale(errand) or self.stopped or self._give_up(errand, now) or errand.order is None:
                return
            if errand.delivery.due(now) and self._wire.order(self.tracker.vehicle.address, errand.order):
                errand.delivery.count(now)

    def _waits_for(self) -> Problem | None:
        """Why the next order cannot be sent yet."""
        view = self.view(None)
        foreign = Problem(Code.BUSY, f"{self.id} works on an order of somebody else", self.id)
        return hindrance(view) or (foreign if view.foreign_order else None)

    def _start_order(self, errand: OrderErrand, now: float) -> None:
        assignment, vehicle = errand.assignment, self.tracker.vehicle
        start, charging = self.tracker.start(), self.view(None).charging
        stops = stops_for(errand.wish, assignment.origin, assignment.destination)
        closed = assignment.closed
        nodes = nodes_of(stops)
        drive = find_drive(self._router, self._layout, vehicle.kind, start, nodes, closed) if start else None
        if drive is None:
            problem = unreachable(self.id, assignment.destination, closed) if start else off_route(self.id)
            self._end(errand, Verdict(JobStatus.FAILED, problem.code, problem.sentence))
            return
        if len(drive.route.nodes) == 1 and drive.offset <= THERE_M and stops[-1].action_type is None:
            self._end(errand, Verdict(JobStatus.DONE, Code.ALREADY_THERE, f"{self.id} is there already"))
            return
        order = build_order(drive, stops, charging=charging)
        if not self._wire.order(vehicle.address, order):
            return
        errand.order = order
        errand.delivery.count(now)
        errand.due = now + 3 * expected_seconds(drive, stops, self.tracker.speed) + SLACK_S
        errand.late = None
        self.report(errand, Verdict(JobStatus.SENT))

    def _drop_stale(self, errand: Errand) -> bool:
        text = too_late(errand, self._clock)
        if text:
            self._end(errand, Verdict(JobStatus.FAILED, Code.TOO_LATE, text))
        return text is not None

    def _give_up(self, errand: Errand, now: float) -> bool:
        if not errand.delivery.spent(now):
            return False
        text = f"{self.id} did not acknowledge it after {errand.delivery.sent} tries"
        self._end(errand, Verdict(JobStatus.FAILED, Code.NOT_ACKNOWLEDGED, text))
        return True

    def _check_late(self, errand: Errand) -> None:
        if late := lateness(errand, self._clock, connected=self.tracker.connected, waits_for=self._waits_for):
            self._warn(errand, *late)

    def _warn(self, errand: Errand, code: Code, detail: str) -> None:
        errand.late = code
        self.report(errand, Verdict(JobStatus.LATE, code, detail))
