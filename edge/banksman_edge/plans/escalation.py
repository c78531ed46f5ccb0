"""From a sentence that needs planning to jobs of the fleet."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial

from banksman_edge.asr import Transcript
from banksman_edge.errors import PlannerError, RecalledError
from banksman_edge.fleet import Fleet, May, Problem
from banksman_edge.loads import LoadRegister
from banksman_edge.plans.check import closed_to, commands_of, later_steps, unknown_places
from banksman_edge.plans.client import STALE, Driven, Planner
from banksman_edge.plans.drive_state import DriveState
from banksman_edge.plans.driver import Driver
from banksman_edge.plans.driving_terms import PlanReporter, Terms
from banksman_edge.plans.execution import Execution, Stage
from banksman_edge.plans.fleet_snapshot import fleet_now
from banksman_edge.plans.named_entities import named_things
from banksman_edge.plans.pending_plans import (
    OutdatedError,
    ProposalWatch,
    RefusedError,
    fleet_without,
    lost_vehicles,
    objection,
    same_wishes,
)
from banksman_edge.plans.progress import Progress
from banksman_edge.plans.progress_log import ProgressLog, execution_of, lost_of
from banksman_edge.plans.question_gate import QuestionGate
from banksman_edge.plans.replan import Replanner
from banksman_edge.plans.request import Request
from banksman_edge.plans.restart_review import RestartReview
from banksman_edge.plans.router import PlanRouter
from banksman_edge.plans.routing_rules import Route
from banksman_edge.plans.site_clocks import change_after, local
from banksman_edge.plans.store import Found, KeptPlan, KeptSpeaker, PlanStore
from banksman_edge.turns import PlanEvent
from banksman_edge.understanding.entities import Mention
from banksman_edge.utterance import Utterance
from banksman_shared.clock import Clock
from banksman_shared.plans import MAX_NAMES, MAX_REQUEST, MAX_VEHICLES, FleetSnapshot, Plan, PlanRequest, PlanState
from banksman_shared.site import Site

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mandate:
    """What whoever approves a plan may do: with which vehicles, and what speaks against a plan."""

    among: frozenset[str]
    may: May | None = None
    objection: Callable[[Plan], Problem | None] = lambda _: None
    speaker: KeptSpeaker = field(default_factory=KeptSpeaker)
    language: str = ""


class Escalation:
    """Asks the planner, and drives what it proposed. Only text, site and fleet state leave the site; no sound.

    ``names_in`` finds what of the site a transcript names. ``loads``: which loads stand where.
    """

    def __init__(
        self,
        site: Site,
        fleet: Fleet,
        planner: Planner | PlanRouter | None,
        clock: Clock,
        emit: Callable[[PlanEvent], None],
        names_in: Callable[[Transcript], tuple[Mention, ...]],
    ) -> None:
        self._site, self._fleet = site, fleet
        self._planner = planner if isinstance(planner, PlanRouter) else PlanRouter(site, planner, clock=clock)
        self.loads = LoadRegister(site, fleet, clock)
        self._planner.standing = self.loads.every
        self._clock, self._emit, self._names_in = clock, emit, names_in
        self._asked: dict[str, float] = {}
        """When each plan was asked for: its goals count from then. Wall-clock seconds."""
        self._routes: dict[str, Route] = {}
        """By which rule each plan that waits for a yes was made where it was."""
        self._proposal_watch = ProposalWatch(site, clock, self.loads.now)
        self._store: PlanStore | None = None

    # Asking

    def ask(self, wanted: Request) -> Plan:
        """A proposed plan that passed the edge's check.

        Raises:
            OutdatedError: there is one, but vehicles have broken down meanwhile.
            RecalledError: the request was taken back.
            PlannerError: there is no planner, it has no plan, or its plan does not hold here.
        """
        if len(wanted.transcript.text) > MAX_REQUEST:
            said = f"the request is longer than {MAX_REQUEST} characters; say it in parts"
            raise PlannerError(said, reason="too-long")
        if len(self._fleet.vehicles()) > MAX_VEHICLES:
            said = f"the site has more than the {MAX_VEHICLES} vehicles that can be planned with"
            raise PlannerError(said, reason="too-many")
        progress, asked = self._progress(wanted), list[float]()

        def build() -> PlanRequest:
            asked[:] = [self._clock.time()]
            return self._request(wanted, self._snapshot(wanted.free()))

        plan = self._planner.plan(build, wanted.key, wanted.utterance.deadline, progress.told, wanted.recalled)
        return self._taken(wanted, plan, asked[0], progress)

    def anew(self, wanted: Request, outdated: OutdatedError, time: int) -> Plan:
        """A proposed plan for the wishes of one that does not hold any more, the ``time``-th in its place. See
        :meth:`ask`.

        Raises:
            OutdatedError, RecalledError, PlannerError: see :meth:`ask`.
        """
        old, progress, asked = outdated.plan, self._progress(wanted), self._clock.time()
        views, waited_s = self._fleet.vehicles(), self.waited_s(old)
        self.decline(old)
        if not any(view.connected for view in views.values()):
            raise PlannerError("no vehicle is connected", reason="nobody")
        fleet = fleet_without(outdated, views, self._snapshot(wanted.free()))
        rest = same_wishes(old, fleet, waited_s)
        request = self._request(wanted, rest.fleet).model_copy(update={"goals": rest.goals})
        key, deadline = f"{wanted.key}/anew/{time}", wanted.utterance.deadline
        plan = self._planner.again(
            request, key, old.id, deadline=deadline, told=progress.told, recalled=wanted.recalled
        )
        if plan.goals != rest.goals:
            self.decline(plan)
            raise PlannerError("the plan does not hold here: the planner has changed the goals", reason="unsound")
        return self._taken(wanted, plan, asked, progress)

    def _progress(self, wanted: Request) -> Progress:
        patience_s: float = self._site.rules.leaving.queue_s
        if wanted.utterance.deadline is not None:
            patience_s = min(patience_s, wanted.utterance.deadline - self._clock.time())
        return Progress(wanted, patience_s, self._emit)

    def _taken(self, wanted: Request, plan: Plan, asked: float, progress: Progress) -> Plan:
        """The plan, if it is still wanted and holds here."""
        if wanted.recalled.is_set():
            self.decline(plan)
            raise RecalledError
        self._asked[plan.id] = asked
        if outdated := self._objection(plan):
            if outdated.lost or outdated.barred:
                raise outdated
            self.decline(plan)
            raise PlannerError(f"the plan does not hold here: {outdated}", reason="unsound")
        self._routes[plan.id] = progress.route
        progress.planned()
        return plan

    def outdated(self, plans: Collection[Plan]) -> dict[str, OutdatedError]:
        """Of plans that wait for a yes, those, by id, that do not hold any more, since a vehicle has broken down."""
        waiting = {plan.id: (plan, self.waited_s(plan)) for plan in plans}
        return self._proposal_watch.look(waiting, self._fleet.vehicles()) if waiting else {}

    def show(self, utterance: Utterance, plan: Plan, picture: str) -> None:
        """Tell listeners of a plan that waits for a yes, with its picture."""
        route = self._routes.pop(plan.id)
        self._emit(PlanEvent(utterance.id, plan, "", str(route.way), route.code, picture))

    def waited_s(self, plan: Plan) -> float:
        """Seconds since a proposed plan was asked for."""
        now = self._clock.time()
        return now - self._asked.get(plan.id, now)

    def decline(self, plan: Plan) -> None:
        """Give up a plan that nobody wants."""
        self._routes.pop(plan.id, None)
        self._asked.pop(plan.id, None)
        try:
            self._planner.cancel(plan.id)
        except PlannerError as error:
            log.warning("plan %s could not be cancelled; %s", plan.id, whether_to_retry(error))

    def _request(self, wanted: Request, fleet: FleetSnapshot) -> PlanRequest:
        """Raises:
        PlannerError: it speaks of more than a planner takes at once.
        """
        mentions = named_things(self._site, self._names_in(wanted.transcript))
        if len(mentions) > MAX_NAMES:
            said = f"the request has more than {MAX_NAMES} names; say it in parts"
            raise PlannerError(said, reason="too-long")
        now = self._clock.time()
        change = change_after(now)
        return PlanRequest(
            request=wanted.transcript.text,
            language=wanted.language or "en",
            site=dict(self._site.document),
            fleet=fleet,
            mentions=mentions,
            now=local(now).isoformat(timespec="seconds"),
            clock_change=None if change is None else change.isoformat(),
        )

    def _objection(self, plan: Plan) -> OutdatedError | None:
        return objection(plan, self._site, self._snapshot(), self._fleet.vehicles(), self.waited_s(plan))

    def _snapshot(self, among: Collection[str] | None = None) -> FleetSnapshot:
        return fleet_now(self._fleet.vehicles(), among, self.loads.now())

    # Driving

    def run(self, utterance: Utterance, plan: Plan, mandate: Mandate, reporter: PlanReporter) -> Driver:
        """Approve the plan; who drives it, in jobs named ``utterance/number``, once started.

        Raises:
            OutdatedError: the fleet is not as it was when the plan was made.
            PlannerError: planner, fleet or the edge no longer stands by the plan.
        """
        if outdated := self._objection(plan):
            raise OutdatedError(f"the plan no longer holds: {outdated}", plan, outdated.lost, outdated.barred)
        began = self._asked.pop(plan.id, self._clock.time())
        progress_log = self._progress_log(self._kept(utterance, plan, mandate))
        progress_log.begin()
        try:
            return self._driver(utterance, plan, began, mandate, reporter, progress_log)
        except BaseException:
            progress_log.forget()
            raise

    def _driver(
        self,
        utterance: Utterance,
        plan: Plan,
        began: float,
        mandate: Mandate,
        reporter: PlanReporter,
        progress_log: ProgressLog,
    ) -> Driver:
        """See :meth:`run`."""
        self._approve(utterance, plan, began, mandate.may)
        execution = Execution(utterance.id, plan.goals)
        execution.add(later_steps(plan.steps, self._clock.time() - began))
        terms = Terms(frozenset(step.vehicle for step in plan.steps), mandate.among, began, mandate.may)
        replanner = Replanner(self._site, self._planner, utterance.id, plan, mandate.objection, self._report)
        parts = (self._site, self._fleet, self._clock, execution, terms, reporter, replanner, progress_log)
        return Driver(DriveState(*parts), partial(self._ended, utterance.id, replanner))

    def _approve(self, utterance: Utterance, plan: Plan, began: float, may: May | None) -> None:
        """Raises:
        OutdatedError, PlannerError: planner or fleet no longer stand by the plan.
        """
        try:
            approved = self._planner.approve(plan, fleet_now(self._fleet.vehicles()))  # loads are the edge's to check
        except PlannerError as error:
            if error.reason != STALE:
                raise
            self._asked[plan.id] = began
            raise OutdatedError(str(error), plan) from error  # as when somebody else's plan was given its vehicles
        self._emit(PlanEvent(utterance.id, approved))
        if refused := self._refusal(plan, began, may):
            said = f"the fleet refuses the plan: {refused.sentence}"
            if lost := lost_vehicles(plan, self._fleet.vehicles()):
                self._asked[plan.id] = began  # its wishes have waited since then
                raise OutdatedError(said, plan, lost)
            self._tell_planner(plan, "failed", refused.sentence)  # whoever approves tells everybody else
            raise RefusedError(said, refused)

    def _ended(self, utterance_id: str, replanner: Replanner, failure: str) -> None:
        self.finish(utterance_id, replanner.plan, failure)

    def _kept(self, utterance: Utterance, plan: Plan, mandate: Mandate) -> KeptPlan:
        return KeptPlan(
            site=self._site.id,
            utterance=utterance.id,
            text=plan.request,
            language=mandate.language,
            speaker=mandate.speaker,
            way=self._planner.way_of(plan.id),
            plan=plan,
            goals=plan.goals,
        )

    def _progress_log(self, kept: KeptPlan) -> ProgressLog:
        file = self._store.file(kept.utterance) if self._store else None
        return ProgressLog(file, kept, self._fleet.earlier_jobs, self._planner.way_of)

    # After a restart

    def keep(self, store: PlanStore) -> None:
        """Let approved plans outlive a restart there."""
        self._store = store

    def found(self) -> list[Found]:
        """The plans that an earlier run has left."""
        return self._store.found() if self._store else []

    def take_up(
        self, found: Found, kept: KeptPlan, mandate: Mandate, reporter: PlanReporter, gate: QuestionGate
    ) -> Driver:
        """Who goes on with a plan of an earlier run, once started; ``kept`` is what ``found`` has. ``gate``: which of
        these plans may ask the operator."""
        self._planner.recall(kept.plan.id, kept.way)
        kept = kept.model_copy(update={"runs": kept.runs + 1})
        earlier_jobs, progress_log = self._fleet.earlier_jobs, self._progress_log(kept)
        execution = execution_of(kept, earlier_jobs, self._clock.time() - kept.began)
        terms = Terms(frozenset(kept.vehicles), mandate.among.intersection(kept.among), kept.began, mandate.may)
        replanner = Replanner(
            self._site, self._planner, kept.utterance, kept.plan, mandate.objection, self._report, run=kept.runs
        )
        parts = (self._site, self._fleet, self._clock, execution, terms, reporter, replanner, progress_log)
        state = DriveState(*parts)
        driver = Driver(state, partial(self._ended, kept.utterance, replanner))
        rebooted = kept.mark.partition("/")[0] != earlier_jobs.mark().partition("/")[0]  # the clock may be wrong yet
        state.given_up, state.replans, state.away_since = kept.given_up, kept.replans, 0.0 if rebooted else found.since
        state.watch.out.update(lost_of(kept, earlier_jobs))
        state.watch.late.update(kept.late)
        waiting = tuple(item.step for item in execution.items if item.stage is Stage.WAITING)
        driver.review = RestartReview(
            state,
            driver.replanning,
            objection=mandate.objection(kept.plan.model_copy(update={"steps": waiting})),
            tell=partial(self._told, kept.utterance, replanner),
            gate=gate,
        )
        return driver

    def is_of_this_site(self, kept: KeptPlan) -> bool:
        """Whether it was made for this site, which still has all that it speaks of."""
        places = {place for item in kept.items for place in (item.step.origin, item.step.destination) if place}
        vehicles = {item.step.vehicle for item in kept.items}.union(kept.vehicles, kept.out)
        known = not unknown_places(kept.goals, self._site) and places <= self._site.places.keys()
        return kept.site == self._site.id and known and vehicles <= self._site.vehicles.keys()

    def break_off(self, kept: KeptPlan, why: str) -> None:
        """Tell planner and listeners that a plan of an earlier run does not go on."""
        self._planner.recall(kept.plan.id, kept.way)
        if kept.state == "driven":
            self.finish(kept.utterance, kept.plan, why)
        else:
            self._emit(PlanEvent(kept.utterance, kept.plan.model_copy(update={"state": PlanState.FAILED}), why))
            self.decline(kept.plan)

    def forget(self, kept: KeptPlan) -> None:
        """A plan of an earlier run does not go on, and that was told."""
        if self._store:
            self._store.file(kept.utterance).forget()

    def _told(self, utterance_id: str, replanner: Replanner, detail: str) -> None:
        """Tell listeners what is done about a plan that a restart interrupted."""
        running = replanner.plan.model_copy(update={"state": PlanState.RUNNING})
        self._emit(PlanEvent(utterance_id, running, detail))

    def begun(self, utterance_id: str, plan: Plan) -> None:
        """Tell planner and listeners that a plan is driven."""
        self._report(utterance_id, plan, "running")

    def _refusal(self, plan: Plan, began: float, may: May | None) -> Problem | None:
        """Why the fleet would not take the plan's steps."""
        for vehicle in dict.fromkeys(step.vehicle for step in plan.steps):
            own = sorted((s for s in plan.steps if s.vehicle == vehicle), key=lambda s: s.start_s)
            closed = closed_to(vehicle, plan.goals, self._site, began)
            if problems := self._fleet.check([commands_of(step) for step in own], closed=closed, may=may):
                return problems[0]
        return None

    def finish(self, utterance_id: str, plan: Plan, failure: str = "") -> None:
        """Tell planner and listeners that a plan has been driven, or why not."""
        self._report(utterance_id, plan, "failed" if failure else "done", failure)

    def _report(self, utterance_id: str, plan: Plan, state: Driven, detail: str = "") -> None:
        self._emit(PlanEvent(utterance_id, plan.model_copy(update={"state": PlanState(state)}), detail))
        self._tell_planner(plan, state, detail)

    def _tell_planner(self, plan: Plan, state: Driven, detail: str) -> None:
        try:
            self._planner.report(plan.id, state, detail)
        except PlannerError as error:
            # The vehicles drive; that the planner does not know is no reason to stop them.
            log.warning("the planner was not told that plan %s is %s; %s", plan.id, state, whether_to_retry(error))


def whether_to_retry(error: PlannerError) -> str:
    """What a log may say of the error: its sentence may quote the request."""
    return "the planner cannot be reached" if error.retryable else "the planner refuses"
