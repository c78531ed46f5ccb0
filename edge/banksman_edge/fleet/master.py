"""The master's core: messages and wishes in, messages and events out. No network, no threads, no waiting."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

from banksman_edge.fleet.assign import Assigner
from banksman_edge.fleet.control import VehicleControl
from banksman_edge.fleet.driving import Driving
from banksman_edge.fleet.errand import Errand, InstantErrand, OrderErrand, Verdict
from banksman_edge.fleet.errors import FleetError
from banksman_edge.fleet.fault_isolation import FaultIsolation
from banksman_edge.fleet.forecasts import Forecast, Forecasts
from banksman_edge.fleet.job_persistence import JobPersistence
from banksman_edge.fleet.jobs import Job, Jobs
from banksman_edge.fleet.model import Code, JobStatus, Listener, May, OrderEvent, Problem, VehicleView
from banksman_edge.fleet.objections import load_problem
from banksman_edge.fleet.obstacles import Obstacles
from banksman_edge.fleet.outage import Outage
from banksman_edge.fleet.roster import Assignment, Roster
from banksman_edge.fleet.routing import Terrain
from banksman_edge.fleet.selectors import members_of
from banksman_edge.fleet.store import FleetStore
from banksman_edge.fleet.tracker import Tracker
from banksman_edge.fleet.traffic import Course, Traffic
from banksman_edge.fleet.wire import Send, Wire
from banksman_shared.actions import Action
from banksman_shared.clock import Clock
from banksman_shared.commands import DRIVING, EVERYBODY, HANDLING, Command
from banksman_shared.site import NOTHING_CLOSED, Closed, Router, Site
from banksman_shared.vda5050 import Connection, Factsheet, State, VehicleAddress

log = logging.getLogger(__name__)

MAX_STRANGERS, ROLL_CALL_S = 1000, 3.0
"""Seconds after the broker is there that vehicles have for saying where they are."""
PLANNING_S = 0.1
"""Seconds in a row that planning may take before others have their turn: a stop does not wait for hundreds of plans."""


class Master:
    """Fleet control after VDA 5050 2.1.0. Not thread-safe: :class:`FleetService` puts a lock around it.

    ``send`` gets every message, ``emit`` every event; neither may call back into the master.
    """

    def __init__(
        self,
        site: Site,
        clock: Clock,
        send: Send,
        emit: Listener,
        *,
        store: FleetStore | None = None,
        resend_stitch_actions: bool | None = None,
    ) -> None:
        self._site, self._clock, self._emit = site, clock, emit
        self._router = Router(site.layout)
        self._controls: dict[str, VehicleControl] = {}
        self._by_address: dict[VehicleAddress, VehicleControl] = {}
        self._outages: dict[str, Outage] = {}
        self._strangers: dict[VehicleAddress, None] = {}
        self._jobs, self._guard = Jobs(), FaultIsolation()
        self._handled: dict[str, JobStatus] = {}
        """How the last order for a load has ended, by vehicle."""
        self._up, self._up_at, self._plan_until = False, clock.monotonic(), float("-inf")
        self._memory = JobPersistence(store, site, clock)
        self.wire = wire = Wire(send, clock)
        self._traffic = Traffic(site.layout, clock, spared=[place.node for place in site.chargers()])
        self._obstacles = Obstacles(self._traffic, clock)
        terrain = Terrain(site.layout)
        for vehicle in site.vehicles.values():
            tracker = Tracker(vehicle, terrain, self._router, clock)
            driving = Driving(tracker, site, self._traffic, wire, clock, resend_stitch_actions=resend_stitch_actions)
            control = VehicleControl(tracker, driving, self._traffic, self._obstacles, wire, clock, self._report)
            control.dispatch.make_way, control.dispatch.may_plan = self._make_way, self._may_plan
            driving.sent = self._memory.note_order
            self._outages[vehicle.id] = Outage(tracker, self._traffic, clock, control.watch)
            self._controls[vehicle.id] = self._by_address[vehicle.address] = control
        self._recall()

    # Messages in

    def on_link(self, up: bool) -> None:
        """The connection to the broker stands, or is gone."""
        if up and not self._up:
            self._up_at = self._clock.monotonic()
        self._up = up
        if not up:
            for control in self._controls.values():
                control.lose_broker()
        self.tick()

    def on_connection(self, address: VehicleAddress, message: Connection) -> None:
        if control := self._known(address):
            self._guard.run(
                f"the connection of {control.id}", partial(control.take_connection, message.connection_state)
            )
            self._settle()

    def on_state(self, address: VehicleAddress, message: State) -> None:
        if control := self._known(address):
            self._guard.run(f"reading the state of {control.id}", partial(control.take_state, message))
            self._settle()

    def on_factsheet(self, address: VehicleAddress, message: Factsheet) -> None:
        if control := self._known(address):
            control.tracker.take_factsheet(message)

    def tick(self) -> None:
        """Let time take effect; a few times a second."""
        self._plan_until = self._clock.monotonic() + PLANNING_S
        for vehicle, control in self._controls.items():
            self._guard.run(f"the outage of {vehicle}", self._outages[vehicle].look)
            self._guard.run(f"the control of {vehicle}", control.advance)
        self._guard.run("the traffic control", self._direct)
        self._settle()
        self._memory.alive(held=any(self._holds_anything(control) for control in self._controls.values()))

    def _holds_anything(self, control: VehicleControl) -> bool:
        """Whether something of a vehicle waits for a word since a long break, or is going to."""
        return any(control.instants.holds(order) for order in self._jobs.orders(control.id, control.instants.held))

    def _direct(self) -> None:
        self._obstacles.tick()
        self._traffic.tick()
        if self._up:
            self._make_way({course.vehicle: course for course in self._traffic.in_the_way()})

    def _may_plan(self) -> bool:
        """Whether a course may be planned now; if not, a later tick does it."""
        return self._clock.monotonic() <= self._plan_until and self._located()

    def _located(self) -> bool:
        """Whether every vehicle that is there has said where, or has had the time to: before, nobody is sent out."""
        if self._clock.monotonic() - self._up_at >= ROLL_CALL_S:
            return True
        trackers = (control.tracker for control in self._controls.values())
        return all(tracker.fresh or not tracker.connected for tracker in trackers)

    def _recall(self) -> None:
        """Take up the jobs of an earlier run."""
        wanted = not self._memory.was_long_away()
        for job, errands in self._memory.recall(self._errand):
            if job:
                self._jobs.add(job, errands)
                self._jobs.remember(job)
            for errand in errands:
                self._controls[errand.vehicle].recall(errand, wanted=wanted)

    def _make_way(self, courses: Mapping[str, Course]) -> None:
        for vehicle, course in courses.items():
            control = self._controls[vehicle]
            self._guard.run(f"sending {vehicle} out of the way", partial(control.yield_along, course))

    def knows(self, address: VehicleAddress) -> bool:
        """Whether the site has this vehicle; if not it is noted as a stranger."""
        return self._known(address) is not None

    def _known(self, address: VehicleAddress) -> VehicleControl | None:
        control = self._by_address.get(address)
        if control is None and len(self._strangers) < MAX_STRANGERS:
            if address not in self._strangers:
                name = f"{address.manufacturer}/{address.serial_number}"
                log.warning("vehicle %s is on the broker and not in the site's file; it is not commanded", name)
            self._strangers[address] = None
        return control

    # Wishes in

    def vehicles(self) -> Mapping[str, VehicleView]:
        return {vehicle: self._view(vehicle) for vehicle in self._controls}

    def _view(self, vehicle: str) -> VehicleView:
        view = self._controls[vehicle].view(self._jobs.of(vehicle))
        waiting = tuple((order.job, order.assignment.command) for order in self._jobs.waiting(vehicle))
        bars = self._outages[vehicle].bars
        return replace(view, bars=bars, waiting=waiting) if bars or waiting else view

    def has(self, job: str, vehicle: str) -> bool:
        """Whether a vehicle has something to do for a job."""
        return job in self._jobs.holding(vehicle)

    def became_of(self, job: str) -> JobStatus | None:
        return self._jobs.status(job) or self._memory.earlier_jobs(job)

    def mark(self) -> str:
        return self._memory.mark

    def release(self, vehicle: str, job: str) -> None:
        self._controls[vehicle].release(job)

    def strangers(self) -> tuple[VehicleAddress, ...]:
        return tuple(self._strangers)

    def latched(self) -> frozenset[str]:
        """The vehicles that are stopped until resumed."""
        return frozenset(v for v, control in self._controls.items() if control.stopped)

    def set_latches(self, vehicles: Collection[str]) -> None:
        """Exactly these are stopped, as is known from elsewhere; nothing is sent for it."""
        for vehicle, control in self._controls.items():
            control.stopped = vehicle in vehicles

    def check(
        self,
        commands: Sequence[Command],
        *,
        closed: Closed = NOTHING_CLOSED,
        may: May | None = None,
        queue: bool = False,
        gives_up: Collection[str] = (),
    ) -> list[Problem]:
        return self._refusals(commands, self._assign(commands, closed, may, queue=queue, gives_up=gives_up))

    def submit(
        self,
        job: str,
        commands: Sequence[Command],
        *,
        deadline: float | None = None,
        closed: Closed = NOTHING_CLOSED,
        may: May | None = None,
        queue: bool = False,
        gives_up: Collection[str] = (),
        overtaken: Callable[[], str] | None = None,
    ) -> None:
        roster = self._assign(commands, closed, may, queue=queue, gives_up=gives_up)
        stops = [self._errand(job, a, None) for a in roster.assignments if a.command.action is Action.STOP]
        refusals = self._refusals(commands, roster)
        if any(command.action is not Action.STOP for command in commands):
            if self._jobs.taken(job):
                refusals.insert(0, Problem(Code.DUPLICATE_JOB, f"job '{job}' has been taken already"))
            if deadline is not None and self._clock.time() >= deadline:
                refusals.insert(0, Problem(Code.TOO_LATE, "the order came too late and was dropped"))
            elif late := overtaken() if overtaken else "":
                refusals.insert(0, Problem(Code.TOO_LATE, late))
        others = [self._errand(job, a, deadline) for a in roster.assignments if a.command.action is not Action.STOP]
        self._plan_until = self._clock.monotonic() + PLANNING_S
        self._take(job, stops, [] if refusals else others)
        for objection in roster.objections:
            if objection.command.action is Action.STOP:
                self._tell(job, objection.problem, objection.command)
        if refusals:
            raise FleetError(refusals)
        for objection in roster.left_out:
            self._tell(job, objection.problem, objection.command)

    def _take(self, job: str, stops: list[Errand], others: list[Errand]) -> None:
        new = [*stops, *others]
        if new:
            self._jobs.add(job, new)
        for stop in stops:
            self._start(stop)
        if new:
            # After the stops are out: nothing that is written down may keep them waiting.
            self._memory.take(job, new)
        for errand in others:
            self._report(errand, Verdict(JobStatus.QUEUED))
        if others:
            self._jobs.remember(job)
        self._settle()

    def _assign(
        self,
        commands: Sequence[Command],
        closed: Closed,
        may: May | None,
        *,
        queue: bool,
        gives_up: Collection[str],
    ) -> Roster:
        given_up = frozenset(gives_up)
        references = {one for command in commands for one in command.vehicles} if queue else set()
        here = any(one.startswith("at:") for one in references)
        nodes = {v: self._view(v).node for v in self._controls} if here else {}
        named = {v for one in references for v in members_of(self._site, one, nodes)}
        cancelled = {
            vehicle
            for command in commands
            if command.action is Action.CANCEL
            for one in command.vehicles or (EVERYBODY,)
            for vehicle in members_of(self._site, one, nodes)
        }

        def forecast(vehicle: str) -> Forecast:
            control = self._controls[vehicle]
            tracker, view, jobs = control.tracker, self._view(vehicle), self._jobs.holding(vehicle)
            now = Forecast(view, tracker.start(), tracker.capability, control.target_node)
            now.works = bool(given_up.intersection(jobs)) if given_up else view.works
            clears = vehicle in cancelled and not given_up
            if vehicle in named and not clears:
                for order in self._jobs.ahead(vehicle, given_up if vehicle in cancelled else ()):
                    now.carry_out(order.assignment)
                now.view = replace(now.view, job=None)
            return now

        barred = frozenset(node for outage in self._outages.values() for node in outage.bars)
        forecasts = Forecasts(self._controls, forecast)
        return Assigner(self._site, self._router, forecasts, closed, may, barred, given_up).run(commands)

    def _refusals(self, commands: Sequence[Command], roster: Roster) -> list[Problem]:
        """Why the commands are not taken. A stop always is."""
        if not commands:
            return [Problem(Code.NOTHING_TO_DO, "there is nothing to do")]
        problems = [o.problem for o in roster.objections if o.command.action is not Action.STOP]
        if not self._up and any(command.action is not Action.STOP for command in commands):
            problems.insert(0, Problem(Code.NO_BROKER, "the broker cannot be reached; nothing can be sent now"))
        return problems

    @staticmethod
    def _errand(job: str, assignment: Assignment, deadline: float | None) -> Errand:
        kind = OrderErrand if assignment.command.action in DRIVING else InstantErrand
        return kind(job, assignment, deadline)

    # Jobs onward

    def _settle(self) -> None:
        """Begin what is due, until nothing changes; forget jobs that have ended."""
        for job in self._jobs.changed():
            while due := [errand for errand in job.next_errands() if self._is_due(job, errand)]:
                for errand in due:
                    self._begin(job, errand)
            if job.ended:
                self._jobs.forget(job)
                self._memory.forget(job.id, job.status)

    def _is_due(self, job: Job, errand: Errand) -> bool:
        """Whether its vehicle has no older job to do first. Nothing but driving waits for that."""
        return errand.wish not in DRIVING or self._jobs.of(errand.vehicle) == job.id

    def _begin(self, job: Job, errand: Errand) -> None:
        if errand.status.ended:
            return
        if errand.wish is not Action.STOP and job.hopeless(errand):
            text = f"an earlier step failed, so {errand.vehicle} does not begin this one"
            self._report(errand, Verdict(JobStatus.CANCELLED, Code.EARLIER_STEP, text))
            return
        if errand.wish in DRIVING and (problem := self._load_problem(errand)):
            self._report(errand, Verdict(JobStatus.FAILED, problem.code, problem.sentence, problem.facts))
            return
        if errand.wish is Action.CANCEL and self._gives_up_waiting(job, errand):
            self._report(errand, Verdict(JobStatus.DONE))
            return
        self._start(errand)

    def _start(self, errand: Errand) -> None:
        control = self._controls[errand.vehicle]
        self._guard.run(f"beginning {errand.wish} of {control.id}", partial(control.begin, errand))

    def _load_problem(self, errand: Errand) -> Problem | None:
        """Why an order cannot be begun that was taken for what its vehicle would carry by now: an order for a load was
        not done. Where it was, the vehicle may not have reported its load yet; nor where it has not reported at all."""
        view = self._view(errand.vehicle)
        if self._handled.get(errand.vehicle) is JobStatus.DONE or view.loaded is None or not view.reporting:
            return None
        return load_problem(view, errand.assignment.command)

    def _gives_up_waiting(self, by: Job, cancel: Errand) -> bool:
        """Take away what waits of that which a cancel gives up. Whether that was all, so that the vehicle itself need
        not be told."""
        vehicle, jobs = cancel.vehicle, cancel.assignment.gives_up
        works_on = self._controls[vehicle].job
        for order in self._jobs.waiting(vehicle):
            if order.job != by.id and (not jobs or order.job in jobs):
                text = f"{vehicle} had not begun it"
                self._report(order, Verdict(JobStatus.CANCELLED, Code.CANCELLED, text))
        return bool(jobs) and works_on not in jobs

    def _report(self, errand: Errand, verdict: Verdict) -> None:
        if verdict.status is not JobStatus.LATE:
            errand.status = verdict.status
        self._memory.note(errand)
        if not errand.job or verdict.quiet:  # what we do on nobody's behalf is nobody's news
            return
        if verdict.status.ended and isinstance(errand, OrderErrand):
            if errand.wish in HANDLING:
                self._handled[errand.vehicle] = verdict.status
            for job in self._jobs.holding(errand.vehicle):
                self._jobs.touch(job)  # its turn may have come
        self._jobs.touch(errand.job)
        command, why = errand.assignment.command, (verdict.detail, verdict.code, verdict.facts, verdict.words)
        self._emit(OrderEvent(errand.job, errand.vehicle, command, verdict.status, *why))

    def _tell(self, job: str, problem: Problem, command: Command) -> None:
        why = (problem.sentence, problem.code, problem.facts)
        self._emit(OrderEvent(job, problem.vehicle, command, JobStatus.FAILED, *why))
