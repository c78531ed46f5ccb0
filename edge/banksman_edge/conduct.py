"""From a decision to vehicles, and back from vehicles to the operator."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial

from banksman_edge.discretion import log_failure
from banksman_edge.drives import Drives
from banksman_edge.errors import PlannerError
from banksman_edge.escalation import REFUSALS, Driver, Escalation, Mandate, brief
from banksman_edge.events import Event, OrderNews, PlanEvent, ReplyEvent, Urgency
from banksman_edge.fleet import Code, Fleet, FleetError, JobStatus, OrderEvent, Problem, members_of
from banksman_edge.fleet.model import May
from banksman_edge.nlu import Interpretation
from banksman_edge.operators import Rights
from banksman_edge.plan_talk import PlanHerald, Reading
from banksman_edge.policy import Judgement
from banksman_edge.replies import Phrasebook, reply_language
from banksman_edge.revival import Revival, kept_speaker
from banksman_edge.turns import CONFIRMATION_S, RESUMPTION_S, Pending, Turn, TurnBook
from banksman_edge.urgency import urgency
from banksman_shared.commands import Action, Command
from banksman_shared.plan_picture import draw_plan
from banksman_shared.plans import Plan, PlanState
from banksman_shared.site import Site

log = logging.getLogger(__name__)

PLAN = (Command(Action.PLAN, ()),)
_TOLD = {JobStatus.DONE: "done", JobStatus.FAILED: "failed", JobStatus.LATE: "late", JobStatus.CANCELLED: "cancelled"}
_DONE = {Action.STOP: "stopped", Action.RESUME: "resumed", Action.CANCEL: "cancelled"}


class Conductor:
    """Carries decisions out through fleet and planner, and tells the operator what becomes of them."""

    def __init__(
        self,
        site: Site,
        fleet: Fleet,
        escalation: Escalation,
        rights: Rights,
        turns: TurnBook,
        emit: Callable[[Event], None],
    ) -> None:
        self._site, self._fleet, self._escalation, self.rights = site, fleet, escalation, rights
        self._turns, self._emit = turns, emit
        self._phrases = Phrasebook(site)
        self.drives = Drives(site, fleet)
        self.revival = Revival(site, escalation, turns, self.drives, emit, self._mandate, self._herald)

    def close(self) -> None:
        """Hand out no more of any plan, and say what was not done; vehicles finish what they have."""
        self.drives.close()

    # Decisions

    def carry_out(self, turn: Turn, commands: Sequence[Command]) -> None:
        """Do what was accepted."""
        if commands[0].action is Action.PLAN:
            self.reply(turn, "plan")
            self._aside(turn, self._plan, turn)
            return
        for question in (command for command in commands if command.action is Action.STATUS):
            self._report_status(turn, question)
        orders = [command for command in commands if command.action is not Action.STATUS]
        if orders:
            self._dispatch(turn, orders)
        else:
            turn.end(succeeded=True)

    def stop(self, turn: Turn, commands: Sequence[Command]) -> None:
        """Stop at once, whatever else the utterance says."""
        for command in commands:
            self._fleet.stop(f"{turn.utterance.id}/stop", command.vehicles)

    def confirm(self, turn: Turn, commands: tuple[Command, ...]) -> None:
        """Read the commands back and wait for a yes."""
        self._ask(turn, commands)
        self.reply(turn, "confirm", what=self._phrases.read_back(commands, turn.language))

    def _ask(self, turn: Turn, commands: tuple[Command, ...], plan: Plan | None = None) -> None:
        resumes = turn.drive is not None and turn.drive.away_since is not None
        if displaced := self._turns.ask(turn, commands, plan, RESUMPTION_S if resumes else CONFIRMATION_S):
            self.declined(displaced)

    def confirmed(self, pending: Pending) -> None:
        """The operator said yes."""
        if pending.plan is None:
            self.carry_out(pending.turn, pending.commands)
        elif drive := pending.turn.drive:
            self._aside(pending.turn, self._answer_drive, pending.turn, drive, pending.plan, True)
        else:
            self._aside(pending.turn, self._run, pending.turn, pending.plan)

    def declined(self, pending: Pending, key: str = "dropped") -> None:
        """The operator said no, or nothing, or yes too late: do nothing about it, and say so with the sentence ``key``.
        A plan that is driven goes on as it is; what it has proposed may have come to nothing by itself."""
        turn, plan = pending.turn, pending.plan
        if plan and turn.drive:
            # A stop that closes questions, or comes after a yes, does not wait for what a plan does.
            self._aside(turn, self._answer_drive, turn, turn.drive, plan, False)
            return
        if plan:
            self._aside(turn, self._escalation.decline, plan)
        self.reply(turn, key)
        self.replaced(turn)

    def _answer_drive(self, turn: Turn, drive: Driver, plan: Plan, yes: bool) -> None:
        """What a plan under way has asked was answered; saying nothing is a no."""
        resumes, had = drive.away_since is not None, drive.answer(plan, yes=yes)
        if had is not yes and (yes or not resumes):
            self.reply(turn, "too_late" if yes else "plan_without")
        if not yes and not resumes:
            self._escalation.decline(plan)  # may take a while, and until there is an answer nothing is given out

    def replaced(self, turn: Turn) -> None:
        """Do nothing about a turn after all, since something else is done instead."""
        news = OrderNews(turn.utterance.id, None, Command(Action.NONE, ()), JobStatus.CANCELLED, "nothing was done")
        self._emit(news)
        turn.end(succeeded=False)

    def explain(self, turn: Turn, judgement: Judgement, read: Interpretation) -> None:
        """Say why nothing is done, or ask what is missing; talk that is not for us is not answered."""
        problem = judgement.problem
        if judgement.key == "which":
            first, second = (self._site.label(choice, turn.language) for choice in read.choices[:2])
            self.reply(turn, "which", a=first, b=second)
        elif problem and judgement.key == "not_possible":
            self.refuse(turn, problem)
        elif judgement.key:
            self.reply(turn, judgement.key, name=read.unknown)

    def refuse(self, turn: Turn, problem: Problem) -> None:
        """Say why something is not done."""
        self.reply(turn, "not_possible", why=self._why(problem, turn.language))

    # Vehicles

    def _dispatch(self, turn: Turn, commands: Sequence[Command]) -> None:
        utterance, may = turn.utterance, self.rights.limit(turn.speaker)
        orders = [command for command in commands if not self.drives.cover(command, may)]
        for command in commands:
            if command.action is Action.CANCEL:
                self.drives.cancel(command, may)
        if not orders:
            self._tell(turn, self._phrases.read_back(commands, turn.language))
            self._emit(OrderNews(utterance.id, None, commands[0], JobStatus.DONE, "nothing of it had begun"))
            turn.end(succeeded=True)
            return
        try:
            self._fleet.submit(utterance.id, orders, may=self._may(turn, orders))
        except FleetError as error:
            first = error.problems[0]
            self._emit(
                OrderNews(turn.utterance.id, first.vehicle, commands[0], JobStatus.FAILED, first.sentence, first.code)
            )
            self.refuse(turn, first)
            turn.end(succeeded=False)
        else:
            stops = any(command.action is Action.STOP for command in commands)
            urgency = Urgency.ALARM if stops else Urgency.ANSWER
            self._tell(turn, self._phrases.read_back(commands, turn.language), urgency)

    def _may(self, turn: Turn, commands: Sequence[Command]) -> May | None:
        """What the fleet may do for who speaks. Where it chooses, it leaves vehicles of plans alone if others can."""
        may, planned = self.rights.limit(turn.speaker), self.drives.busy()

        def sparing(command: Command, vehicle: str, places: Sequence[str]) -> bool:
            spared = not command.vehicles and vehicle in planned
            return not spared and (may is None or may(command, vehicle, places))

        return sparing if planned and not self._fleet.check(commands, may=sparing) else may

    def _report_status(self, turn: Turn, command: Command) -> None:
        views = self._fleet.vehicles()
        nodes = {vehicle: view.node for vehicle, view in views.items()}
        meant = {v: views[v] for ref in command.vehicles or ("*",) for v in members_of(self._site, ref, nodes)}
        self._tell(turn, self._phrases.status(list(meant.values()), turn.language))

    def on_order(self, event: OrderEvent) -> None:
        """News from the fleet, on the fleet's thread."""
        turn = self._turns.of(event.job) or self._turns.recall(event.job, self._site.languages[0])
        if turn.drive:
            turn.drive.note(event)
        left = turn.note(event)
        if turn.recalled:
            left = sum(view.job == event.job for view in self._fleet.vehicles().values())
        key = _TOLD.get(event.status)
        if turn.drive and (event.status is not JobStatus.LATE or event.code in (Code.WAITING, Code.OVERDUE)):
            key = None  # of a plan its herald tells
        if key and event.code is not Code.SUPERSEDED:
            key = _DONE.get(event.command.action, key) if event.status is JobStatus.DONE else key
            who = self._phrases.who([event.vehicle] if event.vehicle else (), turn.language)
            why = self._phrases.why(
                event.code, event.detail, turn.language, event.vehicle, facts=event.facts, words=event.words
            )
            self.reply(turn, key, who=who, why=why)
        code = str(event.code) if event.code else None
        # After the reply: whoever sees that nothing is open any more has heard all there is to hear.
        self._emit(OrderNews(turn.utterance.id, event.vehicle, event.command, event.status, event.detail, code, left))
        if not left and turn.drive is None:
            turn.end(succeeded=True)

    # Plans

    def _aside(self, turn: Turn, work: Callable[..., None], *arguments: object) -> None:
        """Do something with the planner, which may be slow, on a thread of its own."""

        def run() -> None:
            try:
                work(*arguments)
            except Exception as error:  # noqa: BLE001  it is logged, but for its words
                log_failure(log, f"planning for utterance {turn.utterance.id} failed", error)
                self.reply(turn, "plan_failed", why="an internal error; see the agent's log")
                turn.end(succeeded=False)

        threading.Thread(target=run, name="planning", daemon=True).start()

    def _run(self, turn: Turn, plan: Plan) -> None:
        try:
            with self.drives.approval() as approval:
                turn.drive = self._escalation.run(turn.utterance, plan, self._mandate(turn), self._herald(turn))
                self.drives.begin(turn.drive, approval)
            if not turn.drive.over:  # it may have been called off, and its end told
                self._escalation.begun(turn.utterance.id, plan)
        except (PlannerError, FleetError) as error:
            self._emit(PlanEvent(turn.utterance.id, plan.model_copy(update={"state": PlanState.FAILED}), str(error)))
            self.reply(turn, "plan_failed", why=str(error))
            turn.end(succeeded=False)

    def _mandate(self, turn: Turn) -> Mandate:
        speaker, rights = turn.speaker, self.rights
        return Mandate(
            rights.drivable(speaker) - self.drives.busy(),
            rights.limit(speaker),
            partial(rights.plan_objection, speaker),
            kept_speaker(turn),
            turn.language,
        )

    def _herald(self, turn: Turn) -> PlanHerald:
        return PlanHerald(
            self._site,
            self._phrases,
            turn.language,
            say=partial(self.reply, turn),
            ask=partial(self._ask, turn, PLAN),
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
            tell = partial(self.reply, turn)
            plan = self._escalation.ask(turn.utterance, turn.transcript, turn.language, free, tell)
        except PlannerError as error:
            log.warning("planning for utterance %s failed; its plan event says why", turn.utterance.id)
            failed = Plan(id="", state=PlanState.FAILED, request=turn.heard[:2000] or "?")
            self._emit(PlanEvent(turn.utterance.id, failed, str(error), "refuse" if error.code else "", error.code))
            key = REFUSALS.get(error.code, "no_planner" if error.retryable else "plan_failed")
            self.reply(turn, key, why=str(error), words=brief(turn.heard))
            turn.end(succeeded=False)
            return
        if objection := self.rights.plan_objection(turn.speaker, plan):
            self._escalation.decline(plan)
            failed = plan.model_copy(update={"state": PlanState.FAILED})
            self._emit(PlanEvent(turn.utterance.id, failed, objection.sentence))
            self.refuse(turn, objection)
            turn.end(succeeded=False)
            return
        if plan.unsupported:
            self.reply(turn, "left_out", words=", ".join(plan.unsupported))
        self._propose(turn, plan)

    def _free_for(self, turn: Turn) -> frozenset[str]:
        """The vehicles that a plan of this turn may have now."""
        return self.rights.drivable(turn.speaker) - self.drives.busy()

    def _propose(self, turn: Turn, plan: Plan) -> None:
        """Read a plan back, with its picture, and wait for a yes."""
        nodes = {vehicle: view.node for vehicle, view in self._fleet.vehicles().items() if view.node}
        picture = draw_plan(self._site, plan.goals, plan.steps, nodes)
        self._escalation.show(turn.utterance, plan, picture)
        self._ask(turn, PLAN, plan)
        reading = Reading(self._site, self._phrases, turn.language)
        self.reply(turn, "proposed", **reading.proposal(plan, self._escalation.waited_s(plan)))

    # Words

    def _why(self, problem: Problem, language: str) -> str:
        return self._phrases.why(problem.code, problem.sentence, language, problem.vehicle, facts=problem.facts)

    def reply(self, turn: Turn, key: str, **values: object) -> None:
        """Tell the operator the sentence ``key``."""
        self._tell(turn, self._phrases.say(key, turn.language, **values), urgency(key))

    def warn(self, key: str) -> bool:
        """Tell whoever spoke last the sentence ``key``; whether there was anybody."""
        turn = self._turns.latest()
        if turn is None:
            return False
        turn.language = turn.language or self._site.languages[0]
        self.reply(turn, key)
        return True

    def _tell(self, turn: Turn, text: str, urgency: Urgency = Urgency.ANSWER) -> None:
        language, device = reply_language(turn.language), turn.utterance.device
        self._emit(ReplyEvent(turn.utterance.id, text, language, device, urgency))
