"""The plans of an agent: how a request becomes a plan that waits for a yes, and what becomes of it then."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial

from banksman_edge.background import Background
from banksman_edge.errors import PlannerError
from banksman_edge.fleet import Fleet, FleetError, JobStatus, Problem
from banksman_edge.log_redaction import log_failure
from banksman_edge.operators import Rights, Speaker
from banksman_edge.plans.active_plans import CLOSING_S, ActivePlans
from banksman_edge.plans.driver import Driver
from banksman_edge.plans.escalation import Escalation, Mandate
from banksman_edge.plans.kept_turns import kept_speaker
from banksman_edge.plans.pending_plans import MAX_ANEW, OutdatedError
from banksman_edge.plans.plan_recovery import PlanRecovery
from banksman_edge.plans.progress import REFUSALS, brief
from banksman_edge.plans.readback import Reading, SpokenPlanReporter
from banksman_edge.plans.request import Request
from banksman_edge.plans.request_recovery import RequestRecovery
from banksman_edge.plans.restart_review import ROLL_CALL_S
from banksman_edge.plans.session import driver_of, session_of
from banksman_edge.plans.store import PlanStore, RequestStore
from banksman_edge.replies import Urgency
from banksman_edge.turns import (
    CONFIRMATION_S,
    RESUMPTION_S,
    Event,
    OrderNews,
    Pending,
    PlanEvent,
    Replier,
    Turn,
    TurnBook,
)
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.plan_picture import draw_plan
from banksman_shared.plans import Plan, PlanState
from banksman_shared.site import Site

log = logging.getLogger(__name__)

PLAN = (Command(Action.PLAN, ()),)

LOOK_S = 0.2
"""How often it is looked whether vehicles have reported to a new agent."""


class Planning:
    """The plans of one agent, from the request to the end. Each request ends once, with one reply and one event: its
    plan is put to whoever asked, it is told why there is none, or it is taken back.

    All that may be slow is done on threads of its own: neither who listens nor who understands waits for a planner.
    """

    def __init__(
        self,
        site: Site,
        fleet: Fleet,
        escalation: Escalation,
        rights: Rights,
        turns: TurnBook,
        emit: Callable[[Event], None],
        replier: Replier,
    ) -> None:
        self._site, self._fleet, self._escalation, self._rights = site, fleet, escalation, rights
        self._turns, self._emit, self._replier = turns, emit, replier
        self.displaced: Callable[[Pending], None] = lambda _: None
        """Told of a question that another one takes the place of."""
        self.overtaken: Callable[[Turn], str] = lambda _: ""
        """Why it is too late for a turn, or nothing."""
        self.drives = ActivePlans(site, fleet)
        self._background = Background("planning")
        self.request_recovery = RequestRecovery(site, turns)
        self.plan_recovery = PlanRecovery(site, escalation, turns, self.drives, emit, self._mandate, self.reporter)
        """Takes up what an earlier run has left."""

    def remember(self, store: PlanStore) -> None:
        """Keep plans and requests there from now on, and see what an earlier run has left."""
        self.plan_recovery.read(store)
        self.request_recovery.read(RequestStore(store.state, self._turns.clock))

    def speakers(self) -> Iterator[tuple[str, Speaker]]:
        """Who asked for what an earlier run has left, by the utterance's id."""
        yield from self.plan_recovery.speakers()
        yield from ((turn.utterance.id, turn.speaker) for turn, _ in self.request_recovery.found)

    def go_on(self) -> None:
        """Go on with what an earlier run has left, and say what is not gone on with."""
        self.plan_recovery.go_on()
        self.ask_again()

    def close(self) -> None:
        """Hand out no more of any plan, and say what was not done; vehicles finish what they have."""
        self.shelve()
        self.drives.close()
        self.settle_aside()

    # Requests

    def begin(self, turn: Turn) -> None:
        """Ask the planner for what a turn wants."""
        self._replier.reply(turn, "plan")
        self.request_recovery.keep(turn)
        self._ask_planner(turn)

    def _ask_planner(self, turn: Turn, *, roll_call: bool = False) -> None:
        request = self._wish(turn)
        if late := self.overtaken(turn):  # by a stop that did not know of it yet
            self.take_back(turn, late, "too_late")
        else:
            self._aside(turn, self._plan_after_roll_call if roll_call else self._plan, turn, request)

    def _wish(self, turn: Turn) -> Request:
        """The request of a turn, which can be taken back from now on."""
        free, tell = partial(self._free_for, turn), partial(self._replier.reply, turn)
        session = session_of(turn)
        request = session.request = Request(turn.utterance, turn.transcript, turn.language, free, tell, session.runs)
        return request

    def take_back(self, turn: Turn, why: str, key: str = "plan_recalled") -> bool:
        """Nobody wants the plan for this turn any more. Whether that was in time: it is being made, or waits for its
        yes. Its operator is told the sentence ``key``."""
        gone = self._withdraw(turn)
        if gone:
            self._replier.reply(turn, key, words=brief(turn.heard))
            self._tell_gone(turn, gone, why)
        return gone is not None

    def _withdraw(self, turn: Turn) -> Plan | None:
        """Have nothing more come of a turn, and what the planner has of it be given up: its plan as far as that is
        known. None where there is none that could be withdrawn."""
        request, unknown = (
            session_of(turn).request,
            Plan(id="", state=PlanState.UNDERSTANDING, request=turn.heard[:2000] or "?"),
        )
        taken = request is not None and request.take_back()
        pending = self._turns.proposal(turn)
        plan = pending.plan if pending and self._turns.close(pending) else None
        if plan:
            self._background.begin(self._escalation.decline, plan)
        return plan or ((request.latest or unknown) if taken and request else None)

    def _tell_gone(self, turn: Turn, plan: Plan | None, why: str) -> None:
        gone = plan or Plan(id="", state=PlanState.CANCELLED, request=turn.heard[:2000] or "?")
        self._emit(PlanEvent(turn.utterance.id, gone.model_copy(update={"state": PlanState.CANCELLED}), why))
        self._end(turn)

    def undriven(self) -> list[Turn]:
        """The turns whose plans are being made, or wait for a yes that starts them."""
        proposed = [p.turn for p in self._turns.waiting() if p.plan is not None and not p.turn.has_approved_plan]
        return list({turn.number: turn for turn in (*self._turns.planned(), *proposed)}.values())

    def take_back_all(self, by: Turn) -> list[Turn]:
        """Everything is cancelled, also what others have asked for. The turns whose plans there will not be."""
        why = f"cancelled with everything else (utterance {by.utterance.id})"
        return [turn for turn in self.undriven() if turn.number < by.number and self.take_back(turn, why)]

    def stopped(self, stop: Turn) -> None:
        """A stop drops what was said before it. What would be refused after a yes is not asked either."""
        for turn in self._turns.planned():
            if turn.number < stop.number:
                self.take_back(turn, "a stop was said after it", "plan_stopped")

    def ask(self, turn: Turn, commands: tuple[Command, ...], plan: Plan | None = None) -> None:
        """Wait for a yes to commands, or to a plan."""
        driver = driver_of(turn)
        resumes = driver is not None and driver.is_interrupted
        if displaced := self._turns.ask(turn, commands, plan, RESUMPTION_S if resumes else CONFIRMATION_S):
            self.displaced(displaced)

    def look(self) -> None:
        """See whether plans that wait for a yes still hold; a few times a second. One that does not is taken back, so
        that no yes starts it, and its wishes are planned anew."""
        waiting = {
            pending.plan.id: pending
            for pending in self._turns.waiting()
            if pending.plan is not None and not pending.turn.has_approved_plan
        }
        plans = [pending.plan for pending in waiting.values() if pending.plan is not None]
        for plan_id, outdated in self._escalation.outdated(plans).items():
            pending = waiting[plan_id]
            request = self._wish(pending.turn)
            if self._turns.close(pending):
                self._aside(pending.turn, self._anew, pending.turn, request, outdated)
            else:
                request.settle()

    # Planning

    def _plan(self, turn: Turn, request: Request) -> None:
        try:
            plan = self._escalation.ask(request)
        except OutdatedError as error:
            self._anew(turn, request, error)
        except PlannerError as error:
            self._refuse(turn, request, error)
        else:
            self._consider(turn, request, plan)

    def _plan_after_roll_call(self, turn: Turn, request: Request) -> None:
        """Without it the plan would be one for whichever vehicles happened to report first."""
        ends = time.monotonic() + ROLL_CALL_S
        while time.monotonic() < ends and not all(view.reporting for view in self._fleet.vehicles().values()):
            if request.recalled.wait(LOOK_S):
                break
        self._plan(turn, request)

    def _anew(self, turn: Turn, request: Request, outdated: OutdatedError) -> None:
        """Have the wishes of a plan that does not hold any more planned anew. That is another plan, so it is asked for
        again."""
        session = session_of(turn)
        while True:
            if session.made_anew >= MAX_ANEW or self.overtaken(turn):
                self._escalation.decline(outdated.plan)
                if request.settle():
                    self._fail(turn, outdated.plan, outdated)
                return
            session.made_anew += 1
            request.during(partial(self._tell_anew, turn, outdated))
            try:
                plan = self._escalation.anew(request, outdated, session.made_anew)
            except OutdatedError as error:
                outdated = error
            except PlannerError as error:
                self._refuse(turn, request, error)
                return
            else:
                self._consider(turn, request, plan)
                return

    def _tell_anew(self, turn: Turn, outdated: OutdatedError) -> None:
        old = outdated.plan
        log.info("plan %s for utterance %s does not hold any more; it is made anew", old.id, turn.utterance.id)
        self._emit(PlanEvent(turn.utterance.id, old.model_copy(update={"state": PlanState.CANCELLED}), str(outdated)))
        self._replier.reply(turn, "plan_anew", why=self.reporter(turn).outdated(outdated))

    def _refuse(self, turn: Turn, request: Request, error: PlannerError) -> None:
        """There is no plan."""
        if not request.settle():
            return
        log.warning("planning for utterance %s failed; its plan event says why", turn.utterance.id)
        failed = Plan(id="", state=PlanState.FAILED, request=turn.heard[:2000] or "?")
        self._emit(PlanEvent(turn.utterance.id, failed, str(error), "refuse" if error.code else "", error.code))
        key = REFUSALS.get(error.code, "no_planner" if error.retryable else "plan_failed")
        self._replier.reply(turn, key, why=self.reporter(turn).failure(error), words=brief(turn.heard))
        self._end(turn)

    def _consider(self, turn: Turn, request: Request, plan: Plan) -> None:
        """Put a plan to the operator, who has to have a right to it, if it is still wanted."""
        late, objection = self.overtaken(turn), self._rights.plan_objection(turn.speaker, plan)
        if late or objection:
            self._escalation.decline(plan)
            if request.settle():
                self._forbid(turn, plan, late, objection)
        elif not self._propose(turn, request, plan):
            self._escalation.decline(plan)

    def _forbid(self, turn: Turn, plan: Plan, late: str, objection: Problem | None) -> None:
        """Say why a plan is not proposed: it is too late, or its operator may not have it driven."""
        why = late or (objection.sentence if objection else "")
        self._emit(PlanEvent(turn.utterance.id, plan.model_copy(update={"state": PlanState.FAILED}), why))
        if late or objection is None:
            self._replier.reply(turn, "too_late")
        else:
            self._replier.refuse(turn, objection)
        self._end(turn)

    def _free_for(self, turn: Turn) -> frozenset[str]:
        """The vehicles that a plan of this turn may have now."""
        return self._rights.drivable(turn.speaker) - self.drives.busy()

    def _propose(self, turn: Turn, request: Request, plan: Plan) -> bool:
        """Read a plan back, with its picture, and wait for a yes. False where it was taken back meanwhile."""
        nodes = {vehicle: view.node for vehicle, view in self._fleet.vehicles().items() if view.node}
        picture = draw_plan(self._site, plan.goals, plan.steps, nodes)
        reading = Reading(self._site, self._replier.phrases, turn.language)
        said = reading.proposal(plan, self._escalation.waited_s(plan))

        def put() -> None:
            if plan.unsupported:
                self._replier.reply(turn, "left_out", words=", ".join(plan.unsupported))
            self._escalation.show(turn.utterance, plan, picture)
            self.ask(turn, PLAN, plan)
            self._replier.reply(turn, "proposed", **said)

        return request.settle(put)

    # Beyond this agent

    def _end(self, turn: Turn) -> None:
        self.request_recovery.forget(turn)
        turn.end(succeeded=False)

    def ask_again(self) -> None:
        """Ask once more for what an earlier agent was asked for, if that is still worth something."""
        found, self.request_recovery.found, say = self.request_recovery.found, [], self._replier.phrases.say
        for turn, kept in found:
            asks = self.request_recovery.is_worth_asking(kept) and not self.overtaken(turn)
            what = say("plan" if asks else "plan_partly", turn.language, words=brief(turn.heard))
            self._replier.tell(turn, f"{say('plan_restarted', turn.language)} {what}", Urgency.ALARM)
            if asks:
                self.request_recovery.keep(turn, kept.asked)
                self._ask_planner(turn, roll_call=True)
            else:
                self._tell_gone(turn, None, "broken off by a restart of the agent")

    def shelve(self) -> None:
        """The agent ends: what is kept is for the next one to ask, the rest is told not to be done."""
        for turn in self.undriven():
            if not self.request_recovery.has(turn):
                self.take_back(turn, "the agent was closed", "plan_partly")
            elif self._withdraw(turn):
                self._replier.reply(turn, "plan_shelved", words=brief(turn.heard))
                turn.end(succeeded=False)

    # Aside

    def _aside(self, turn: Turn, work: Callable[..., None], *arguments: object) -> None:
        """Do something with the planner, which may be slow, on a thread of its own."""

        def run() -> None:
            try:
                work(*arguments)
            except Exception as error:  # noqa: BLE001  it is logged, but for its words
                log_failure(log, f"planning for utterance {turn.utterance.id} failed", error)
                self._tell_fault(turn)

        self._background.begin(run)

    def _tell_fault(self, turn: Turn) -> None:
        """By a fault of ours something was not done. A plan under way goes on for all that, or tells its end itself."""
        session = session_of(turn)
        driver = session.driver
        if driver is not None:
            if not (driver.over or driver.given_up):
                self._replier.reply(turn, "plan_paused" if driver.is_stopped else "plan_goes_on")
        elif session.request is None or session.request.settle():
            failed = Plan(id="", state=PlanState.FAILED, request=turn.heard[:2000] or "?")
            self._emit(PlanEvent(turn.utterance.id, failed, "a fault of the agent; see its log"))
            self._replier.reply(turn, "plan_failed", why=self._replier.phrases.part("no_plan_fault", turn.language))
            self._end(turn)

    def settle_aside(self) -> None:
        """Wait a while for what is told to the planner, so that it does not work for nobody."""
        self._background.settle(CLOSING_S)

    def _fail(self, turn: Turn, plan: Plan, error: PlannerError | FleetError) -> None:
        self._emit(PlanEvent(turn.utterance.id, plan.model_copy(update={"state": PlanState.FAILED}), str(error)))
        self._replier.reply(turn, "plan_failed", why=self.reporter(turn).failure(error))
        self._end(turn)

    # Approved plans

    def approved(self, turn: Turn, plan: Plan) -> None:
        """The operator said yes to a plan."""
        if driver := driver_of(turn):
            self._aside(turn, self._answer_drive, turn, driver, plan, True)
        else:
            self._aside(turn, self._run, turn, plan)

    def declined(self, turn: Turn, plan: Plan, *, stopped: bool = False) -> bool:
        """The operator said no to a plan, or nothing. Whether what it was about goes on by itself: a plan under way,
        if nobody has ``stopped`` it."""
        session = session_of(turn)
        if session.driver:
            # A stop that closes questions, or comes after a yes, does not wait for what a plan does.
            self._aside(turn, self._answer_drive, turn, session.driver, plan, False, stopped)
            return True
        if session.request:
            session.request.settle()  # waits until it has been put
        self.request_recovery.forget(turn)
        self._emit(PlanEvent(turn.utterance.id, plan.model_copy(update={"state": PlanState.CANCELLED}), "no yes came"))
        self._background.begin(self._escalation.decline, plan)
        return False

    def _answer_drive(self, turn: Turn, drive: Driver, plan: Plan, yes: bool, stopped: bool = False) -> None:
        """What a plan under way has asked was answered; saying nothing is a no."""
        resumes = drive.is_interrupted
        try:
            had = drive.answer(plan, yes=yes)
        except BaseException:
            drive.give_up()  # it would wait for its answer for ever
            raise
        if yes and not had:
            self._replier.reply(turn, "too_late")
        elif had and not yes and not resumes:
            self._replier.tell(
                turn, self.reporter(turn).without(plan, drive, goes_on=not (stopped or drive.is_stopped))
            )
        if not yes and not resumes:
            self._background.begin(self._escalation.decline, plan)

    def _run(self, turn: Turn, plan: Plan) -> None:
        try:
            with self.drives.approval() as approval:
                driver = self._escalation.run(turn.utterance, plan, self._mandate(turn), self.reporter(turn))
                session_of(turn).driver = driver
                self.request_recovery.forget(turn)
                self.drives.begin(driver, approval)
            if not driver.over:  # it may have been called off, and its end told
                self._escalation.begun(turn.utterance.id, plan)
        except OutdatedError as error:
            if approval.called_off:
                self._escalation.decline(plan)
                self._fail(turn, plan, error)
            else:
                self._anew(turn, self._wish(turn), error)
        except (PlannerError, FleetError) as error:
            self._fail(turn, plan, error)
            self._escalation.decline(plan)

    def _mandate(self, turn: Turn) -> Mandate:
        speaker, rights = turn.speaker, self._rights
        return Mandate(
            rights.drivable(speaker) - self.drives.busy(),
            rights.limit(speaker),
            partial(rights.plan_objection, speaker),
            kept_speaker(turn),
            turn.language,
        )

    def reporter(self, turn: Turn) -> SpokenPlanReporter:
        """Who tells the operator of a turn how its plan goes on."""
        return SpokenPlanReporter(
            self._site,
            self._replier.phrases,
            turn.language,
            say=partial(self._replier.reply, turn),
            ask=partial(self.ask, turn, PLAN),
            done=partial(self._driven, turn),
            shelved=partial(turn.end, succeeded=False),
        )

    def _driven(self, turn: Turn, failure: str) -> None:
        """A plan has ended; whoever waits for it is told, where that is not plain from its last step."""
        if failure:
            self._emit(OrderNews(turn.utterance.id, None, PLAN[0], JobStatus.FAILED, failure))
        self.drives.show()
        turn.end(succeeded=not failure)
