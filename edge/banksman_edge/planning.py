"""What becomes of an order that needs planning: a request, a plan, a yes, jobs of the fleet.

All that may be slow is done aside: neither who listens nor who understands waits for a planner.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial

from banksman_edge.answers import Answers
from banksman_edge.discretion import log_failure
from banksman_edge.drives import Drives
from banksman_edge.errors import PlannerError
from banksman_edge.escalation import (
    MAX_ANEW,
    REFUSALS,
    Driver,
    Escalation,
    Mandate,
    OutdatedError,
    brief,
)
from banksman_edge.events import Event, OrderNews, PlanEvent
from banksman_edge.fleet import Fleet, FleetError, JobStatus
from banksman_edge.operators import Rights
from banksman_edge.plan_talk import PlanHerald, Reading
from banksman_edge.revival import Revival, kept_speaker
from banksman_edge.turns import CONFIRMATION_S, RESUMPTION_S, Pending, Turn, TurnBook
from banksman_shared.commands import Action, Command
from banksman_shared.plan_picture import draw_plan
from banksman_shared.plans import Plan, PlanState
from banksman_shared.site import Site

log = logging.getLogger(__name__)

PLAN = (Command(Action.PLAN, ()),)


class Planning:
    """The plans of one agent."""

    def __init__(
        self,
        site: Site,
        fleet: Fleet,
        escalation: Escalation,
        rights: Rights,
        turns: TurnBook,
        emit: Callable[[Event], None],
        answers: Answers,
    ) -> None:
        self._site, self._fleet, self._escalation, self._rights = site, fleet, escalation, rights
        self._turns, self._emit, self._answers = turns, emit, answers
        self.displaced: Callable[[Pending], None] = lambda _: None
        """Told of a question that another one takes the place of."""
        self.overtaken: Callable[[Turn], str] = lambda _: ""
        """Why it is too late for a turn, or nothing."""
        self.drives = Drives(site, fleet)
        self.revival = Revival(site, escalation, turns, self.drives, emit, self._mandate, self.herald)

    def close(self) -> None:
        """Hand out no more of any plan, and say what was not done; vehicles finish what they have."""
        self.drives.close()

    def begin(self, turn: Turn) -> None:
        """Ask the planner for what a turn wants."""
        self._answers.reply(turn, "plan")
        self._aside(turn, self._plan, turn)

    def ask(self, turn: Turn, commands: tuple[Command, ...], plan: Plan | None = None) -> None:
        """Wait for a yes to commands, or to a plan."""
        resumes = turn.drive is not None and turn.drive.away_since is not None
        if displaced := self._turns.ask(turn, commands, plan, RESUMPTION_S if resumes else CONFIRMATION_S):
            self.displaced(displaced)

    def look(self) -> None:
        """See whether plans that wait for a yes still hold; a few times a second. One that does not is taken back, so
        that no yes starts it, and its wishes are planned anew."""
        waiting = {
            pending.plan.id: pending
            for pending in self._turns.waiting()
            if pending.plan is not None and pending.turn.drive is None
        }
        plans = [pending.plan for pending in waiting.values() if pending.plan is not None]
        for plan_id, outdated in self._escalation.outdated(plans).items():
            pending = waiting[plan_id]
            if self._turns.close(pending):
                self._aside(pending.turn, self._anew, pending.turn, outdated)

    def approved(self, turn: Turn, plan: Plan) -> None:
        """The operator said yes to a plan."""
        if turn.drive:
            self._aside(turn, self._answer_drive, turn, turn.drive, plan, True)
        else:
            self._aside(turn, self._run, turn, plan)

    def declined(self, turn: Turn, plan: Plan) -> bool:
        """The operator said no to a plan, or nothing. Whether what it was about goes on by itself: a plan under way."""
        if turn.drive:
            # A stop that closes questions, or comes after a yes, does not wait for what a plan does.
            self._aside(turn, self._answer_drive, turn, turn.drive, plan, False)
            return True
        self._aside(turn, self._escalation.decline, plan)
        return False

    def _answer_drive(self, turn: Turn, drive: Driver, plan: Plan, yes: bool) -> None:
        """What a plan under way has asked was answered; saying nothing is a no."""
        resumes, had = drive.away_since is not None, drive.answer(plan, yes=yes)
        if had is not yes and (yes or not resumes):
            self._answers.reply(turn, "too_late" if yes else "plan_without")
        if not yes and not resumes:
            self._escalation.decline(plan)  # may take a while, and until there is an answer nothing is given out

    def _aside(self, turn: Turn, work: Callable[..., None], *arguments: object) -> None:
        """Do something with the planner, which may be slow, on a thread of its own."""

        def run() -> None:
            try:
                work(*arguments)
            except Exception as error:  # noqa: BLE001  it is logged, but for its words
                log_failure(log, f"planning for utterance {turn.utterance.id} failed", error)
                why = self._answers.phrases.part("no_plan_fault", turn.language)
                self._answers.reply(turn, "plan_failed", why=why)
                turn.end(succeeded=False)

        threading.Thread(target=run, name="planning", daemon=True).start()

    def _run(self, turn: Turn, plan: Plan) -> None:
        try:
            with self.drives.approval() as approval:
                turn.drive = self._escalation.run(turn.utterance, plan, self._mandate(turn), self.herald(turn))
                self.drives.begin(turn.drive, approval)
            if not turn.drive.over:  # it may have been called off, and its end told
                self._escalation.begun(turn.utterance.id, plan)
        except OutdatedError as error:
            if approval.called_off:
                self._escalation.decline(plan)
                self._fail(turn, plan, error)
            else:
                self._anew(turn, error)
        except (PlannerError, FleetError) as error:
            self._fail(turn, plan, error)

    def _fail(self, turn: Turn, plan: Plan, error: PlannerError | FleetError) -> None:
        self._emit(PlanEvent(turn.utterance.id, plan.model_copy(update={"state": PlanState.FAILED}), str(error)))
        self._answers.reply(turn, "plan_failed", why=self.herald(turn).failure(error))
        turn.end(succeeded=False)

    def _mandate(self, turn: Turn) -> Mandate:
        speaker, rights = turn.speaker, self._rights
        return Mandate(
            rights.drivable(speaker) - self.drives.busy(),
            rights.limit(speaker),
            partial(rights.plan_objection, speaker),
            kept_speaker(turn),
            turn.language,
        )

    def herald(self, turn: Turn) -> PlanHerald:
        """Who tells the operator of a turn how its plan goes on."""
        return PlanHerald(
            self._site,
            self._answers.phrases,
            turn.language,
            say=partial(self._answers.reply, turn),
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

    def _plan(self, turn: Turn) -> None:
        try:
            free = partial(self._free_for, turn)
            tell = partial(self._answers.reply, turn)
            plan = self._escalation.ask(turn.utterance, turn.transcript, turn.language, free, tell)
        except OutdatedError as error:
            self._anew(turn, error)
        except PlannerError as error:
            self._refuse(turn, error)
        else:
            self._consider(turn, plan)

    def _anew(self, turn: Turn, outdated: OutdatedError) -> None:
        """Have the wishes of a plan that does not hold any more planned anew. That is another plan, so it is asked for
        again."""
        herald, free, tell = self.herald(turn), partial(self._free_for, turn), partial(self._answers.reply, turn)
        while True:
            old = outdated.plan
            if turn.anew >= MAX_ANEW or self.overtaken(turn):
                self._escalation.decline(old)
                self._fail(turn, old, outdated)
                return
            turn.anew += 1
            log.info("plan %s for utterance %s does not hold any more; it is made anew", old.id, turn.utterance.id)
            gone = old.model_copy(update={"state": PlanState.CANCELLED})
            self._emit(PlanEvent(turn.utterance.id, gone, str(outdated)))
            tell("plan_anew", why=herald.outdated(outdated))
            try:
                utterance, heard, language = turn.utterance, turn.transcript, turn.language
                plan = self._escalation.anew(utterance, heard, language, outdated, turn.anew, free, tell)
            except OutdatedError as error:
                outdated = error
            except PlannerError as error:
                self._refuse(turn, error)
                return
            else:
                self._consider(turn, plan)
                return

    def _refuse(self, turn: Turn, error: PlannerError) -> None:
        """There is no plan."""
        log.warning("planning for utterance %s failed; its plan event says why", turn.utterance.id)
        failed = Plan(id="", state=PlanState.FAILED, request=turn.heard[:2000] or "?")
        self._emit(PlanEvent(turn.utterance.id, failed, str(error), "refuse" if error.code else "", error.code))
        key = REFUSALS.get(error.code, "no_planner" if error.retryable else "plan_failed")
        self._answers.reply(turn, key, why=self.herald(turn).failure(error), words=brief(turn.heard))
        turn.end(succeeded=False)

    def _consider(self, turn: Turn, plan: Plan) -> None:
        """Put a plan to the operator, who has to have a right to it."""
        if objection := self._rights.plan_objection(turn.speaker, plan):
            self._escalation.decline(plan)
            failed = plan.model_copy(update={"state": PlanState.FAILED})
            self._emit(PlanEvent(turn.utterance.id, failed, objection.sentence))
            self._answers.refuse(turn, objection)
            turn.end(succeeded=False)
            return
        if plan.unsupported:
            self._answers.reply(turn, "left_out", words=", ".join(plan.unsupported))
        self._propose(turn, plan)

    def _free_for(self, turn: Turn) -> frozenset[str]:
        """The vehicles that a plan of this turn may have now."""
        return self._rights.drivable(turn.speaker) - self.drives.busy()

    def _propose(self, turn: Turn, plan: Plan) -> None:
        """Read a plan back, with its picture, and wait for a yes."""
        nodes = {vehicle: view.node for vehicle, view in self._fleet.vehicles().items() if view.node}
        picture = draw_plan(self._site, plan.goals, plan.steps, nodes)
        self._escalation.show(turn.utterance, plan, picture)
        self.ask(turn, PLAN, plan)
        reading = Reading(self._site, self._answers.phrases, turn.language)
        self._answers.reply(turn, "proposed", **reading.proposal(plan, self._escalation.waited_s(plan)))
