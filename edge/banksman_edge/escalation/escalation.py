"""From a sentence that needs planning to jobs of the fleet."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

from banksman_edge.asr import Transcript
from banksman_edge.errors import PlannerError
from banksman_edge.escalation.census import fleet_now
from banksman_edge.escalation.check import (
    barred_wishes,
    check_plan,
    closed_to,
    commands_of,
    later_steps,
    unknown_places,
)
from banksman_edge.escalation.client import Driven, Planner
from banksman_edge.escalation.desk import Desk
from banksman_edge.escalation.driver import Driver
from banksman_edge.escalation.execution import Execution, Stage
from banksman_edge.escalation.keeping import Found, KeptPlan, KeptSpeaker, PlanStore
from banksman_edge.escalation.ledger import Ledger, execution_of, lost_of
from banksman_edge.escalation.names import named_things
from banksman_edge.escalation.progress import Progress, Tell
from banksman_edge.escalation.replan import Replanner
from banksman_edge.escalation.rules import Route
from banksman_edge.escalation.taken_up import TakenUp
from banksman_edge.escalation.terms import Herald, Terms
from banksman_edge.events import PlanEvent
from banksman_edge.fleet import Fleet, Problem
from banksman_edge.fleet.model import May
from banksman_edge.loads import LoadRegister
from banksman_edge.nlu.mentions import Mention
from banksman_edge.utterance import Utterance
from banksman_shared.clock import Clock
from banksman_shared.plans import MAX_VEHICLES, FleetSnapshot, Plan, PlanRequest, PlanState
from banksman_shared.site import Site

log = logging.getLogger(__name__)

MAX_REQUEST = 2000


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
        planner: Planner | Desk | None,
        clock: Clock,
        emit: Callable[[PlanEvent], None],
        names_in: Callable[[Transcript], tuple[Mention, ...]],
    ) -> None:
        self._site, self._fleet = site, fleet
        self._planner = planner if isinstance(planner, Desk) else Desk(site, planner, clock=clock)
        self.loads = LoadRegister(site, fleet, clock)
        self._planner.standing = self.loads.every
        self._clock, self._emit, self._names_in = clock, emit, names_in
        self._store: PlanStore | None = None
        self._asked: dict[str, float] = {}
        """When each plan was asked for: its goals count from then. Wall-clock seconds."""
        self._routes: dict[str, Route] = {}
        """By which rule each plan that waits for a yes was made where it was."""

    def ask(
        self,
        utterance: Utterance,
        transcript: Transcript,
        language: str,
        free: Callable[[], Collection[str]],
        tell: Tell,
    ) -> Plan:
        """A proposed plan that passed the edge's check. ``free``: the vehicles that it may have, when it is asked for.
        ``tell``: tells the operator what happens meanwhile, by the key of a sentence.

        Raises:
            PlannerError: there is no planner, it has no plan, or its plan does not hold here.
        """
        if len(transcript.text) > MAX_REQUEST:
            raise PlannerError(f"the request is longer than {MAX_REQUEST} characters; say it in parts")
        if len(self._fleet.vehicles()) > MAX_VEHICLES:
            raise PlannerError(f"the site has more than the {MAX_VEHICLES} vehicles that can be planned with")
        patience_s: float = self._site.rules.leaving.queue_s
        if utterance.deadline is not None:
            patience_s = min(patience_s, utterance.deadline - self._clock.time())
        progress = Progress(utterance.id, transcript.text, patience_s, self._emit, tell)
        asked: list[float] = []

        def build() -> PlanRequest:
            asked[:] = [self._clock.time()]
            return self._request(transcript, language or "en", free())

        plan = self._planner.plan(build, utterance.id, utterance.deadline, progress.told)
        self._asked[plan.id] = asked[0]
        faults = self._faults(plan)
        if faults:
            self.decline(plan)
            raise PlannerError(f"the plan does not hold here: {'; '.join(faults)}")
        self._routes[plan.id] = progress.route
        progress.planned()
        return plan

    def show(self, utterance: Utterance, plan: Plan, picture: str) -> None:
        """Tell listeners of a plan that waits for a yes, with its picture."""
        route = self._routes.pop(plan.id)
        self._emit(PlanEvent(utterance.id, plan, "", str(route.way), route.code, picture))

    def _request(self, transcript: Transcript, language: str, among: Collection[str]) -> PlanRequest:
        return PlanRequest(
            request=transcript.text,
            language=language,
            site=dict(self._site.document),
            fleet=self._snapshot(among),
            mentions=named_things(self._site, self._names_in(transcript)),
            now=datetime.fromtimestamp(self._clock.time(), UTC).astimezone().isoformat(timespec="seconds"),
        )

    def run(self, utterance: Utterance, plan: Plan, mandate: Mandate, herald: Herald) -> Driver:
        """Approve the plan; who drives it, in jobs named ``utterance/number``, once started.

        Raises:
            PlannerError: planner, fleet or the edge no longer stands by the plan.
        """
        faults = self._faults(plan)
        if faults:
            self.decline(plan)
            raise PlannerError(f"the plan no longer holds: {'; '.join(faults)}")
        began = self._asked.pop(plan.id, self._clock.time())
        ledger = self._ledger(utterance, plan, mandate)
        ledger.begin()
        try:
            return self._driver(utterance, plan, began, mandate, herald, ledger)
        except BaseException:
            ledger.forget()
            raise

    def _driver(
        self, utterance: Utterance, plan: Plan, began: float, mandate: Mandate, herald: Herald, ledger: Ledger
    ) -> Driver:
        """See :meth:`run`."""
        self._approve(utterance, plan, began, mandate.may)
        execution = Execution(utterance.id, plan.goals)
        execution.add(later_steps(plan.steps, self._clock.time() - began))
        terms = Terms(frozenset(step.vehicle for step in plan.steps), mandate.among, began, mandate.may)
        replanner = Replanner(self._site, self._planner, utterance.id, plan, mandate.objection, self._report)
        parts = (self._site, self._fleet, self._clock, execution, terms, herald, replanner, ledger)
        return Driver(*parts, partial(self._ended, utterance.id, replanner))

    def _approve(self, utterance: Utterance, plan: Plan, began: float, may: May | None) -> None:
        """Raises:
        PlannerError: planner or fleet no longer stand by the plan.
        """
        approved = self._planner.approve(plan, fleet_now(self._fleet.vehicles()))  # loads are the edge's to check
        self._emit(PlanEvent(utterance.id, approved))
        if refused := self._refusal(plan, began, may):
            self.finish(utterance.id, plan, refused)
            raise PlannerError(f"the fleet refuses the plan: {refused}")

    def _ended(self, utterance_id: str, replanner: Replanner, failure: str) -> None:
        self.finish(utterance_id, replanner.plan, failure)

    def _ledger(self, utterance: Utterance, plan: Plan, mandate: Mandate) -> Ledger:
        kept = KeptPlan(
            site=self._site.id,
            utterance=utterance.id,
            text=plan.request,
            language=mandate.language,
            speaker=mandate.speaker,
            way=self._planner.way_of(plan.id),
            plan=plan,
            goals=plan.goals,
        )
        return Ledger(
            self._store.file(utterance.id) if self._store else None, kept, self._fleet.past, self._planner.way_of
        )

    # After a restart

    def keep(self, store: PlanStore) -> None:
        """Let approved plans outlive a restart there."""
        self._store = store

    def found(self) -> list[Found]:
        """The plans that an earlier run has left."""
        return self._store.found() if self._store else []

    def take_up(self, found: Found, kept: KeptPlan, mandate: Mandate, herald: Herald) -> TakenUp:
        """Who goes on with a plan of an earlier run, once started; ``kept`` is what ``found`` has."""
        assert self._store is not None  # noqa: S101  it was found there
        self._planner.recall(kept.plan.id, kept.way)
        kept = kept.model_copy(update={"runs": kept.runs + 1})
        ledger = Ledger(self._store.file(kept.utterance), kept, self._fleet.past, self._planner.way_of)
        execution = execution_of(kept, self._fleet.past, self._clock.time() - kept.began)
        among = mandate.among.intersection(kept.among)
        terms = Terms(frozenset(kept.vehicles), among, kept.began, mandate.may)
        replanner = Replanner(
            self._site, self._planner, kept.utterance, kept.plan, mandate.objection, self._report, run=kept.runs
        )
        parts = (self._site, self._fleet, self._clock, execution, terms, herald, replanner, ledger)
        drive = TakenUp(*parts, partial(self._ended, kept.utterance, replanner))
        drive.tell = partial(self._told, kept.utterance, replanner)
        rebooted = (
            kept.mark.partition("/")[0] != self._fleet.past.mark().partition("/")[0]
        )  # the clock may be wrong yet
        drive.given_up, drive.replans, drive.away_since = kept.given_up, kept.replans, 0.0 if rebooted else found.since
        drive.lookout.out.update(lost_of(kept, self._fleet.past))
        drive.lookout.late.update(kept.late)
        waiting = tuple(item.step for item in execution.items if item.stage is Stage.WAITING)
        drive.objection = mandate.objection(kept.plan.model_copy(update={"steps": waiting}))
        return drive

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

    def waited_s(self, plan: Plan) -> float:
        """Seconds since a proposed plan was asked for."""
        now = self._clock.time()
        return now - self._asked.get(plan.id, now)

    def _faults(self, plan: Plan) -> list[str]:
        fleet, late_s = self._snapshot(), self.waited_s(plan)
        faults = check_plan(plan, self._site, fleet, late_s)
        barred = barred_wishes(plan, self._site, fleet, late_s) if faults else []
        return [f"a vehicle that is out of order bars the way for '{words}'" for words in barred] or faults

    def _refusal(self, plan: Plan, began: float, may: May | None) -> str:
        """Why the fleet would not take the plan's steps."""
        for vehicle in dict.fromkeys(step.vehicle for step in plan.steps):
            own = sorted((s for s in plan.steps if s.vehicle == vehicle), key=lambda s: s.start_s)
            closed = closed_to(vehicle, plan.goals, self._site, began)
            if problems := self._fleet.check([commands_of(step) for step in own], closed=closed, may=may):
                return problems[0].sentence
        return ""

    def finish(self, utterance_id: str, plan: Plan, failure: str = "") -> None:
        """Tell planner and listeners that a plan has been driven, or why not."""
        self._report(utterance_id, plan, "failed" if failure else "done", failure)

    def decline(self, plan: Plan) -> None:
        """Give up a plan that nobody wants."""
        self._routes.pop(plan.id, None)
        try:
            self._planner.cancel(plan.id)
        except PlannerError as error:
            log.warning("plan %s could not be cancelled; %s", plan.id, _whether_to_retry(error))

    def _report(self, utterance_id: str, plan: Plan, state: Driven, detail: str = "") -> None:
        self._emit(PlanEvent(utterance_id, plan.model_copy(update={"state": PlanState(state)}), detail))
        try:
            self._planner.report(plan.id, state, detail)
        except PlannerError as error:
            # The vehicles drive; that the planner does not know is no reason to stop them.
            log.warning("the planner was not told that plan %s is %s; %s", plan.id, state, _whether_to_retry(error))

    def _snapshot(self, among: Collection[str] | None = None) -> FleetSnapshot:
        return fleet_now(self._fleet.vehicles(), among, self.loads.now())


def _whether_to_retry(error: PlannerError) -> str:
    """What a log may say of the error: its sentence may quote the request."""
    return "the planner cannot be reached" if error.retryable else "the planner refuses"
