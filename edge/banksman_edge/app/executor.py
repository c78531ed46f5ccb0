"""From a decision to vehicles, and back from vehicles to the operator."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from functools import partial

from banksman_edge.app.wait_reports import WaitReports
from banksman_edge.background import Background
from banksman_edge.fleet import Code, Fleet, FleetError, JobStatus, May, OrderEvent, VehicleView, members_of
from banksman_edge.log_redaction import log_failure, told_to_developers
from banksman_edge.operators import Rights
from banksman_edge.plans import Escalation, Planning, brief, driver_of, span
from banksman_edge.policy import Judgement, vehicles_of
from banksman_edge.replies import FULL_STOPS, Urgency
from banksman_edge.turns import Event, OrderNews, Pending, Replier, Turn, TurnBook, who
from banksman_edge.understanding import Parse
from banksman_edge.understanding.entities import What
from banksman_shared.actions import Action
from banksman_shared.commands import DRIVING, EVERYBODY, SELECTORS, Command
from banksman_shared.errors import BanksmanError
from banksman_shared.site import Site

log = logging.getLogger(__name__)

_TOLD = {JobStatus.DONE: "done", JobStatus.FAILED: "failed", JobStatus.LATE: "late", JobStatus.CANCELLED: "cancelled"}
_DONE = {Action.STOP: "stopped", Action.RESUME: "resumed", Action.CANCEL: "cancelled"}
_LABELLED = (What.VEHICLE, What.GROUP, What.PLACE)
_BOTH = 2
"""Things that are offered by name."""
Function = Callable[[Command], None]
"""Does an action of the site's own. What it raises is told as its failure."""
LONGEST_NAME = 40
"""Characters of a name that the site does not have, as it is said back."""
ROUNDED_S = 10
"""To so many seconds it is said when something will be done."""


class Executor:
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
        self._site, self._fleet, self.rights = site, fleet, rights
        self._turns, self._emit = turns, emit
        self.replier = Replier(site, turns, emit)
        self._phrases = self.replier.phrases
        self.planning = Planning(site, fleet, escalation, rights, turns, emit, self.replier)
        self.drives = self.planning.drives
        self.drives.undriven = lambda: len(self.planning.undriven())
        self._wait_reports = WaitReports()
        self._functions: dict[str, Function] = {}
        self._background = Background("functions")

    # Decisions

    def carry_out(self, turn: Turn, commands: Sequence[Command]) -> None:
        """Do what was accepted."""
        if commands[0].action is Action.PLAN:
            self.planning.begin(turn)
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
        self.planning.ask(turn, commands)
        self.replier.reply(turn, "confirm", what=self._read_back(turn, commands))

    def confirmed(self, pending: Pending) -> None:
        """The operator said yes."""
        if pending.plan is None:
            self.carry_out(pending.turn, pending.commands)
        else:
            self.planning.approved(pending.turn, pending.plan)

    def look_at_plans(self) -> None:
        """See whether plans that wait for a yes still hold; a few times a second."""
        try:
            self.planning.look()
        except Exception as error:  # noqa: BLE001  whoever understands must go on; at the yes it is looked again
            log_failure(log, "it could not be seen whether plans that wait for a yes still hold", error)

    def declined(self, pending: Pending, key: str = "dropped", *, stopped: bool = False) -> None:
        """The operator said no, or nothing, or yes too late: do nothing about it, and say so with the sentence ``key``.
        A plan that is driven goes on as it is, if nobody has ``stopped`` it; what it has proposed may have come to
        nothing by itself."""
        turn, plan = pending.turn, pending.plan
        if plan and self.planning.declined(turn, plan, stopped=stopped):
            return
        self.replier.reply(turn, key, words=brief(turn.heard))
        self._drop(turn)

    def replaced(self, pending: Pending) -> None:
        """Do nothing about what was asked, since something else is done instead."""
        if pending.plan is None or not self.planning.declined(pending.turn, pending.plan):
            self._drop(pending.turn)

    def _drop(self, turn: Turn) -> None:
        news = OrderNews(turn.utterance.id, None, Command(Action.NONE, ()), JobStatus.CANCELLED, "nothing was done")
        self._emit(news)
        turn.end(succeeded=False)

    def explain(self, turn: Turn, judgement: Judgement, read: Parse) -> None:
        """Say why nothing is done, or ask what is missing; talk that is not for us is not answered."""
        problem = judgement.problem
        if judgement.key == "which" and len(read.choices) > _BOTH:
            self.replier.reply(turn, "where_to" if read.choices[0] in self._site.places else "which_vehicle")
        elif judgement.key == "which":
            first, second = (self._site.label(choice, turn.language) for choice in read.choices[:2])
            self.replier.reply(turn, "which", a=first, b=second)
        elif problem and judgement.key == "not_possible":
            self.replier.refuse(turn, problem)
        elif judgement.key == "not_understood" and (names := self._names_in(read, turn.language)):
            self.replier.reply(turn, "heard_names", names=names)
        elif judgement.key:
            name = read.unknown if len(read.unknown) <= LONGEST_NAME else f"{read.unknown[:LONGEST_NAME]} …"
            self.replier.reply(turn, judgement.key, name=name)

    def _names_in(self, read: Parse, language: str) -> str:
        """What of the site was named in a sentence of which nothing else was understood."""
        mentions = read.trace.mentions if read.trace and read.is_nothing else ()
        named = dict.fromkeys(mention.ids[0] for mention in mentions if mention.what in _LABELLED and mention.ids)
        return self._phrases.who(list(named), language) if named else ""

    # Vehicles

    def _dispatch(self, turn: Turn, commands: Sequence[Command]) -> None:
        utterance, may = turn.utterance, self.rights.limit(turn.speaker)
        orders = [command for command in commands if not self.covers(command, may)]
        own = [command for command in commands if command.name in self._functions]
        if own:
            self.replier.tell(turn, self._phrases.read_back(own, turn.language))
            self._background.begin(self._perform, turn, own, left=len(orders))
        if own and not orders:
            return
        told = self._cancel_plans(turn, commands, may)
        if not orders:
            if not told:
                self.replier.tell(turn, self._phrases.read_back(commands, turn.language))
            self._emit(OrderNews(utterance.id, None, commands[0], JobStatus.DONE, "nothing of it had begun"))
            turn.end(succeeded=True)
            return
        text = self._read_back(turn, commands)
        try:
            overtaken = partial(self.planning.overtaken, turn)
            may = self._may(turn, orders)
            self._fleet.submit(utterance.id, orders, may=may, queue=True, gives_up=turn.gives_up, overtaken=overtaken)
        except FleetError as error:
            first = error.problems[0]
            self._emit(
                OrderNews(turn.utterance.id, first.vehicle, commands[0], JobStatus.FAILED, first.sentence, first.code)
            )
            self.replier.refuse(turn, first)
            turn.end(succeeded=False)
        else:
            stops = any(command.action is Action.STOP for command in commands)
            urgency = Urgency.ALARM if stops else Urgency.ANSWER
            self.replier.tell(turn, text, urgency)

    def perform(self, action: str, function: Function) -> None:
        """Call a function for what is said of an action of the site's own, in place of an order to a vehicle.

        Raises:
            KeyError: the site declares no such action.
        """
        self._functions[self._site.actions[action].id] = function

    def covers(self, command: Command, may: May | None) -> bool:
        """Whether a command is carried out without the fleet, by the rights of whoever says it."""
        return command.name in self._functions or self.drives.cover(command, may)

    def planned(self) -> frozenset[str]:
        """The vehicles that plans count on."""
        return self.drives.busy()

    def _perform(self, turn: Turn, commands: Sequence[Command], left: int) -> None:
        """Call the functions of actions of the site's own, one after the other, and tell how that went. ``left``: how
        many commands of the turn vehicles do."""
        succeeded = True
        for number, command in enumerate(commands, 1):
            who = self._phrases.read_back([command], turn.language).rstrip(FULL_STOPS)
            status, why = JobStatus.DONE, ""
            try:
                self._functions[command.name or ""](command)
                self.replier.reply(turn, "done", who=who)
            except Exception as error:  # noqa: BLE001  it is anybody's, and the developer is told
                log_failure(log, f"the function of '{command.name}' failed", error)
                reason = str(error) if isinstance(error, BanksmanError) else type(error).__name__
                self.replier.reply(turn, "failed", who=who, why=reason)
                status, why, succeeded = JobStatus.FAILED, told_to_developers(error), False
            open_ = len(commands) - number + left
            self._emit(OrderNews(turn.utterance.id, None, command, status, why, open=open_))
        if not left:
            turn.end(succeeded=succeeded)

    def settle(self, within_s: float) -> None:
        """Wait a while for the functions that were called."""
        self._background.settle(within_s)

    def jobs_given_up(self, commands: Sequence[Command]) -> frozenset[str]:
        """The jobs that commands cancel now; none where they cancel all that there is, or what is not the fleet's or is
        a plan's."""
        views, planned = self._fleet.vehicles(), self.planned()
        cancels = [command for command in commands if command.action is Action.CANCEL]
        meant = [views[vehicle] for vehicle in vehicles_of(self._site, views, cancels) if vehicle in views]
        everybody = any(EVERYBODY in command.vehicles for command in cancels)
        if everybody or any(view.foreign_order or view.id in planned for view in meant):
            return frozenset()
        return frozenset(job for view in meant for job in view.jobs)

    def _read_back(self, turn: Turn, commands: Sequence[Command]) -> str:
        """The commands as they are said back, and that they come after what is being done, where they do."""
        text = self._phrases.read_back(commands, turn.language)
        return self._phrases.say("afterwards", turn.language, what=text) if self._waits(commands) else text

    def _waits(self, commands: Sequence[Command]) -> bool:
        """Whether an order will wait for what a vehicle that it names is doing."""
        views = self._fleet.vehicles()
        named = vehicles_of(self._site, views, commands)
        return all(command.action in DRIVING for command in commands) and any(views[v].job for v in named)

    def _cancel_plans(self, turn: Turn, commands: Sequence[Command], may: May | None) -> bool:
        """Take off plans what is cancelled, and give up those that nobody drives yet where that is everything. Whether
        that is all there was, and whoever cancels it has been told, since they were the speaker's own."""
        plans, gone = self.drives.number(), list[Turn]()
        given_up = [self._turns.of(job) for job in turn.gives_up]
        if given_up and not any(order and order.has_approved_plan for order in given_up):
            return False  # what is given up is no plan's
        for command in commands:
            if command.action is Action.CANCEL:
                self.drives.cancel(command, may)
                if EVERYBODY in command.vehicles:
                    gone += self.planning.take_back_all(turn)
        return bool(gone) and not plans and all(who(asked) == who(turn) for asked in gone)

    def _may(self, turn: Turn, commands: Sequence[Command]) -> May | None:
        """What the fleet may do for who speaks. Where it chooses, it leaves vehicles of plans alone if others can."""
        may, planned = self.rights.limit(turn.speaker), self.drives.busy()

        def sparing(command: Command, vehicle: str, places: Sequence[str]) -> bool:
            spared = not command.vehicles and vehicle in planned
            return not spared and (may is None or may(command, vehicle, places))

        return (
            sparing
            if planned and not self._fleet.check(commands, may=sparing, queue=True, gives_up=turn.gives_up)
            else may
        )

    def _report_status(self, turn: Turn, command: Command) -> None:
        views = self._fleet.vehicles()
        nodes = {vehicle: view.node for vehicle, view in views.items()}
        meant = {v: views[v] for ref in command.vehicles or ("*",) for v in members_of(self._site, ref, nodes)}
        said = self._phrases.status(list(meant.values()), turn.language)
        doing = (self._doing(view, turn.language, alone=len(meant) == 1) for view in meant.values())
        self.replier.tell(turn, " ".join(filter(None, (said, *doing))))

    def _doing(self, view: VehicleView, language: str, *, alone: bool) -> str:
        """What a vehicle is doing, where that is known; that it does nothing is said of one that was asked about
        ``alone``."""
        if not view.connected:
            return ""
        if view.job:
            told, later = self._turns.of(view.job), [command.given_to(view.id) for _, command in view.waiting]
            wanted = told.decision.commands if told and told.decision else ()
            own = [c for c in wanted if c.action in DRIVING and _is_for(c, view.id)]
            now = [each for command in own if (each := command.given_to(view.id)) not in later]
            done_in = view.done_in_s if view.driving else None
            soon = (
                ""
                if done_in is None
                else self._phrases.say("done_in", language, time=span(math.ceil(done_in / ROUNDED_S) * ROUNDED_S))
            )
            then = self._phrases.read_back(later, language)
            then = self._phrases.say("afterwards", language, what=then) if then else ""
            return " ".join(filter(None, (self._phrases.read_back(now, language), soon, then)))
        if view.charging:
            return self._phrases.say("charging", language, who=self._site.label(view.id, language))
        idle = alone and view.idle
        return self._phrases.say("idle", language, who=self._site.label(view.id, language)) if idle else ""

    def on_order(self, event: OrderEvent) -> None:
        """News from the fleet, on the fleet's thread."""
        turn = self._turns.of(event.job) or self._turns.recall(event.job, self._site.languages[0])
        driver = driver_of(turn)
        if driver:
            driver.note(event)
        left = turn.note(event)
        if turn.recalled:
            left = sum(event.job in view.jobs for view in self._fleet.vehicles().values())
        key = _TOLD.get(event.status)
        if driver and (event.status is not JobStatus.LATE or event.code in (Code.WAITING, Code.OVERDUE)):
            key = None  # the reporter of a plan tells of it
        elif not self._wait_reports.is_news(event, turn.utterance.device or turn.utterance.id):
            key = None
        if key and event.code is not Code.SUPERSEDED:
            key = _DONE.get(event.command.action, key) if event.status is JobStatus.DONE else key
            if event.status is JobStatus.LATE and event.command.action is Action.STOP:
                key = "uncertain"
            who = self._phrases.who([event.vehicle] if event.vehicle else (), turn.language)
            why = self._phrases.why(
                event.code, event.detail, turn.language, event.vehicle, facts=event.facts, words=event.words
            )
            self.replier.reply(turn, key, who=who, why=why)
        code = str(event.code) if event.code else None
        # After the reply: whoever sees that nothing is open any more has heard all there is to hear.
        self._emit(OrderNews(turn.utterance.id, event.vehicle, event.command, event.status, event.detail, code, left))
        if not left and driver is None:
            turn.end(succeeded=True)


def _is_for(command: Command, vehicle: str) -> bool:
    """Whether a vehicle that works for an order does this part of it: it is named, or the fleet has chosen it."""
    named = all(v != EVERYBODY and not v.startswith(SELECTORS) for v in command.vehicles)
    return vehicle in command.vehicles if command.vehicles and named else True
