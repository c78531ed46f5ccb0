"""Instant actions of one vehicle on their way: stops, resumes, cancels, and requests for its state."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

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
from banksman_edge.fleet.lateness import too_late
from banksman_edge.fleet.model import Code, JobStatus
from banksman_edge.fleet.orders import new_action
from banksman_edge.fleet.roster import Assignment
from banksman_edge.fleet.tracker import Tracker
from banksman_edge.fleet.wire import Wire
from banksman_shared.actions import Action as Wish
from banksman_shared.clock import Clock
from banksman_shared.commands import Command
from banksman_shared.vda5050 import State

log = logging.getLogger(__name__)

Report = Callable[[Errand, Verdict], None]
"""Tells what became of an errand; whoever takes it sets the errand's status."""

STOP_CONFIRM_S, CONFIRM_S = 3.0, 10.0
"""Seconds after which a stop, or another instant action, that nothing confirms is reported."""
STATE_GRACE_S = 0.3
"""Seconds that a vehicle has to report by itself, once it is there, before it is asked to."""


class Instants:
    """Delivers instant actions until the vehicle's state shows them. ``end`` is told of those that have ended."""

    def __init__(self, tracker: Tracker, wire: Wire, clock: Clock, end: Report) -> None:
        self.stopped = False
        """The latch: set by a stop, until a resume."""
        self.held: frozenset[str] = frozenset()
        """Jobs from before a long break, until a resume."""
        self._tracker, self._wire, self._clock, self._end = tracker, wire, clock, end
        self._errands: list[InstantErrand] = []
        self._state_request = Delivery()
        self._stop_again_at = float("-inf")

    def __iter__(self) -> Iterator[InstantErrand]:
        return iter(list(self._errands))

    @property
    def cancels(self) -> bool:
        """Whether a cancellation is on its way: it may be sent again."""
        return any(errand.wish is Wish.CANCEL for errand in self._errands)

    def hold(self, errand: Errand) -> None:
        """It is from before a long break. What gives up work or stops it goes out all the same."""
        if errand.wish is Wish.RESUME:
            errand.deadline = 0.0  # nobody counts on it any more
        elif errand.wish not in INSTANT_ACTIONS:
            self.held |= {errand.job}

    def holds(self, errand: OrderErrand) -> bool:
        """Whether it is from before a long break, and nobody has said that the rest of it is still wanted."""
        return errand.job in self.held and errand.unsent and not errand.status.ended

    def begin(self, errand: InstantErrand) -> None:
        """Take an errand on. A stop or resume takes the place of older ones."""
        if errand.wish is Wish.RESUME and drop_stale(errand, self._clock, self._end):
            return
        errand.due = self._clock.monotonic() + (STOP_CONFIRM_S if errand.wish is Wish.STOP else CONFIRM_S)
        errand.action = new_action(INSTANT_ACTIONS[errand.wish])
        if errand.wish is not Wish.CANCEL:
            # Never two that contradict each other on the way: a late repeat of the older would win.
            for older in [i for i in self._errands if i.wish in (Wish.STOP, Wish.RESUME)]:
                self._end(older, Verdict(JobStatus.CANCELLED, Code.SUPERSEDED, f"a newer {errand.wish} replaces it"))
            self.stopped = errand.wish is Wish.STOP
            self.held = self.held if self.stopped else frozenset()
            if self.stopped:
                errand.delivery = Delivery(tries=None, first_s=STOP_RETRY_S)
        self._errands.append(errand)

    def remove(self, errand: InstantErrand) -> None:
        """It has ended."""
        self._errands = [i for i in self._errands if i is not errand]

    def cancel_stray(self, order: OrderErrand | None = None) -> None:
        """An order that we gave up on did arrive: take it back, on nobody's behalf."""
        assignment = Assignment(0, self._tracker.vehicle.id, Command(Wish.CANCEL, (self._tracker.vehicle.id,)))
        cancel = InstantErrand("", assignment, begun=True, action=new_action(CANCEL_ORDER), target=order)
        self._errands.append(cancel)

    def take_back(self, order: OrderErrand) -> None:
        """The vehicle shall give an order up, on nobody's behalf."""
        order.cancelling = True
        self.cancel_stray(order)

    def read(self, state: State, *, order_pending: bool) -> None:
        """What a state says of what is on its way; ``order_pending``: an order may still arrive at the vehicle."""
        now = self._clock.monotonic()
        for errand in self:
            if verdict := errand.read(state, now, order_pending=order_pending):
                self._end(errand, verdict)
        if self.stopped and state.driving and not state.paused:
            self._stop_again(now)

    def _stop_again(self, now: float) -> None:
        """It drives although it was stopped, as after a restart of its own: stop it again, on nobody's behalf."""
        if now < self._stop_again_at or any(i.wish is Wish.STOP for i in self._errands):
            return
        self._stop_again_at = now + STOP_CONFIRM_S  # one that refuses to stop is not asked with every state
        vehicle = self._tracker.vehicle.id
        log.warning("%s drives although it is stopped; it is stopped again", vehicle)
        self.begin(InstantErrand("", Assignment(0, vehicle, Command(Wish.STOP, (vehicle,))), begun=True))

    def hurry(self, now: float) -> None:
        """The vehicle can be reached again."""
        for errand in self._errands:
            errand.delivery.hurry(now)

    def deliver(self, now: float) -> None:
        """Send what is due, give up what is hopeless."""
        self._await_state(now)
        for errand in self:
            self._deliver(errand, now)

    def ask_for_state(self) -> None:
        """Request a state, once."""
        self._wire.instant_action(self._tracker.vehicle.address, new_action(STATE_REQUEST))

    def _await_state(self, now: float) -> None:
        """A vehicle that is there reports within 30 s (2.1.0 §6.10); nobody should wait that long for it."""
        if self._tracker.reachable or not self._tracker.connected:
            self._state_request = Delivery(next_at=now + STATE_GRACE_S)
        elif (
            self._state_request.due(now)
            and not self._state_request.spent(now)
            and self._wire.instant_action(self._tracker.vehicle.address, new_action(STATE_REQUEST))
        ):
            self._state_request.count(now)

    def _deliver(self, errand: InstantErrand, now: float) -> None:
        if errand.acknowledged or errand.action is None:
            return
        is_stop, first = errand.wish is Wish.STOP, errand.sent_at is None
        # The first stop goes out even to a vehicle that seems away: it costs nothing, and we may be wrong.
        if not (self._tracker.reachable or (is_stop and (first or self._tracker.connected))):
            drop_stale(errand, self._clock, self._end)
        elif (
            not drop_stale(errand, self._clock, self._end)
            and not give_up(errand, now, self._end)
            and errand.delivery.due(now)
        ):
            if not self._wire.instant_action(self._tracker.vehicle.address, errand.action):
                return
            errand.delivery.count(now)
            if first:
                errand.sent_at = now
                self._end(errand, Verdict(JobStatus.SENT))


def drop_stale(errand: Errand, clock: Clock, end: Report) -> bool:
    """End an errand whose time has passed before the vehicle had it. Whether it was one."""
    text = too_late(errand, clock)
    if text:
        end(errand, Verdict(JobStatus.FAILED, Code.TOO_LATE, text))
    return text is not None


def give_up(errand: Errand, now: float, end: Report) -> bool:
    """End an errand that was sent as often as it may be, in vain. Whether it was one."""
    if not errand.delivery.spent(now):
        return False
    text = f"{errand.vehicle} did not acknowledge it after {errand.delivery.sent} tries"
    end(errand, Verdict(JobStatus.FAILED, Code.NOT_ACKNOWLEDGED, text))
    return True
