"""The plans that are driven, or about to be: what ends them, and what operators take away from them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from banksman_edge.fleet import Fleet, Heir, May, members_of
from banksman_edge.plans.driver import Driver
from banksman_edge.plans.execution import Stage
from banksman_edge.plans.store import stem
from banksman_shared.actions import Action
from banksman_shared.commands import EVERYBODY, Command
from banksman_shared.site import Site

CLOSING_S = 5.0
"""Seconds that a close waits for plans that are being approved, so that their operators are told."""


@dataclass(slots=True, eq=False)
class Approval:
    """A plan that somebody has said yes to, and that is not driven yet."""

    called_off: bool = False


class ActivePlans:
    """All plans of a site under way. Safe to call from any thread."""

    def __init__(self, site: Site, fleet: Fleet) -> None:
        self._site, self._fleet = site, fleet
        self._active_plans: list[Driver] = []
        self._approvals: list[Approval] = []
        self._closed = False
        self.undriven: Callable[[], int] = lambda: 0
        """How many plans there are that nobody has said yes to yet."""
        self._lock = threading.Condition(threading.Lock())
        self._showing = threading.Lock()
        """Held while others are told, so that what was true before is not told last."""

    @contextmanager
    def approval(self) -> Iterator[Approval]:
        """While a plan is being approved, which takes a while: what is cancelled meanwhile is not begun."""
        approval = Approval()
        with self._lock:
            self._approvals.append(approval)
        try:
            yield approval
        finally:
            with self._lock:
                self._approvals.remove(approval)
                self._lock.notify_all()

    def begin(self, drive: Driver, approval: Approval) -> None:
        """Drive what was approved, if nobody has called it off by now."""
        with self._lock:
            self._active_plans = [*(d for d in self._active_plans if not d.over), drive]
            called_off, closed = approval.called_off, self._closed
        try:
            if called_off:
                drive.give_up()
            self.show()
            if closed:
                drive.close()
            else:
                drive.start()
        except BaseException:  # nobody drives it, so nobody shall take it up
            drive.give_up()
            drive.close()
            raise

    def take_up(self, drive: Driver) -> None:
        """Go on with a plan of an earlier run."""
        with self._lock:
            self._active_plans.append(drive)
        self.show()
        drive.start()

    def show(self) -> None:
        """Tell other agents of this site which plans are driven here."""
        with self._showing:
            with self._lock:
                names = {stem(drive.execution.prefix) for drive in self._active_plans if not drive.over}
            self._fleet.succession.show(names)

    def inherit(self, heir: Heir) -> None:
        """Call back when this agent takes over from one that drove plans."""
        self._fleet.succession.inherit(heir)

    def close(self) -> None:
        """Hand out no more of any plan, and say what was not done; vehicles finish what they have."""
        with self._lock:
            self._closed, drives = True, self._active_plans
        for drive in drives:
            drive.close()
        with self._lock:
            self._lock.wait_for(lambda: not self._approvals, CLOSING_S)

    def busy(self) -> frozenset[str]:
        """The vehicles that plans have something left to do for, though they may stand idle now."""
        with self._lock:
            drives = list(self._active_plans)
        return frozenset(vehicle for drive in drives if not drive.over for vehicle in drive.execution.busy())

    def to_fetch(self) -> list[tuple[str, str | None]]:
        """The loads that plans are going to fetch, and no vehicle has been sent for yet: where, and of which type."""
        with self._lock:
            drives = [drive.execution for drive in self._active_plans if not drive.over]
        waiting = [(plan, i.step) for plan in drives for i in list(plan.items) if i.stage is Stage.WAITING]
        kinds = ((step.origin, getattr(plan.goals[step.goal], "load_type", None)) for plan, step in waiting)
        return [(origin, kind) for origin, kind in kinds if origin is not None]

    # Cancelling

    def number(self) -> int:
        """How many plans are driven, or about to be."""
        with self._lock:
            return len(self._approvals) + sum(not drive.over for drive in self._active_plans)

    def cover(self, command: Command, may: May | None) -> bool:
        """Whether a command only takes something away from plans: it cancels what no vehicle has begun. ``may``: the
        rights of whoever says it."""
        if command.action is not Action.CANCEL:
            return False
        meant, views = self._meant(command), self._fleet.vehicles()
        if any(views[vehicle].works for vehicle in meant):
            return False
        if may and not all(may(command, vehicle, ()) for vehicle in meant):
            return False
        with self._lock:
            drives = list(self._active_plans)
        plans, held = (
            self.number(),
            {v for drive in drives for v in drive.held},
        )  # waits for plans that are being proven
        if command.vehicles:
            everything = EVERYBODY in command.vehicles
            return plans + self.undriven() > 0 if everything else not held.isdisjoint(meant)
        return plans == 1  # of several it must be said which vehicles

    def cancel(self, command: Command, may: May | None) -> None:
        """Take off the plans what a command cancels; what vehicles do is the fleet's to cancel. Everything, or the one
        plan where nobody is named, ends plans as a whole."""
        everything = EVERYBODY in command.vehicles or (not command.vehicles and self.cover(command, may))
        meant = self._meant(command)
        with self._lock:
            drives = [drive for drive in self._active_plans if not drive.over]
            for approval in self._approvals:
                approval.called_off |= everything
        for drive in drives:
            held = drive.held
            if everything or (command.vehicles and held and held <= set(meant)):
                drive.give_up()
            elif command.vehicles:
                drive.release(meant)

    def _meant(self, command: Command) -> list[str]:
        nodes = {vehicle: view.node for vehicle, view in self._fleet.vehicles().items()}
        references = command.vehicles or (EVERYBODY,)
        return [v for reference in references for v in members_of(self._site, reference, nodes)]
