"""Takes up the plans that a restart interrupted, or says that they were broken off."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from banksman_edge.fleet import Code, Problem
from banksman_edge.operators import Speaker
from banksman_edge.plans.active_plans import ActivePlans
from banksman_edge.plans.driver import Driver
from banksman_edge.plans.driving_terms import Interruption, PlanReporter
from banksman_edge.plans.escalation import Escalation, Mandate
from banksman_edge.plans.execution import Stage
from banksman_edge.plans.kept_turns import reopen
from banksman_edge.plans.question_gate import QuestionGate
from banksman_edge.plans.session import session_of
from banksman_edge.plans.store import Found, KeptPlan, PlanStore
from banksman_edge.replies import Phrasebook, Urgency, reply_language
from banksman_edge.turns import Event, PlanEvent, ReplyEvent, Turn, TurnBook
from banksman_shared.plans import Plan, PlanState, SendGoal, TransportGoal
from banksman_shared.site import Site

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Old:
    """A plan of an earlier run, with its turn in this one."""

    found: Found
    kept: KeptPlan
    turn: Turn


class PlanRecovery:
    """Of one agent, once: :meth:`read`, then :meth:`take_up` before news of the fleet comes in, then :meth:`go_on`."""

    def __init__(
        self,
        site: Site,
        escalation: Escalation,
        turns: TurnBook,
        drives: ActivePlans,
        emit: Callable[[Event], None],
        mandate: Callable[[Turn], Mandate],
        reporter: Callable[[Turn], PlanReporter],
    ) -> None:
        self._site, self._escalation, self._turns, self._emit = site, escalation, turns, emit
        self._running, self._mandate, self._reporter = drives, mandate, reporter
        self._old: list[_Old] = []
        self._damaged: list[Found] = []
        self._active_plans: list[Driver] = []
        self._gate = QuestionGate()

    def read(self, store: PlanStore) -> None:
        """Keep plans there from now on; see what there is, and open a turn for each."""
        self._escalation.keep(store)
        for found in self._escalation.found():
            if found.plan is None:
                self._damaged.append(found)
                continue
            kept = found.plan
            if turn := reopen(self._turns, self._site, kept):
                self._old.append(_Old(found, kept, turn))

    def speakers(self) -> Iterator[tuple[str, Speaker]]:
        """Who asked for each plan, by the utterance's id."""
        return ((old.kept.utterance, old.turn.speaker) for old in self._old)

    def take_up(self) -> None:
        """Know of the steps that the fleet is about to tell of."""
        for old in self._old:
            kept = old.kept
            if kept.state == "driven" and not old.found.stale and self._escalation.is_of_this_site(kept):
                drive = self._escalation.take_up(
                    old.found, kept, self._mandate(old.turn), self._reporter(old.turn), self._gate
                )
                session_of(old.turn).driver = drive
                self._active_plans.append(drive)

    def go_on(self) -> None:
        """Go on with what was taken up, and say what was not."""
        for drive in self._active_plans:
            self._running.take_up(drive)
        self._running.inherit(self._tell_inherited)
        for old in self._old:
            if not old.turn.has_approved_plan:
                threading.Thread(target=self._break_off, args=(old, self._reporter(old.turn)), daemon=True).start()
        for found in self._damaged:
            self._tell_damaged(found)

    def _break_off(self, old: _Old, reporter: PlanReporter) -> None:
        """Of what cannot be gone on with: it was not begun yet, or not all that became of it is known."""
        kept, plan = old.kept, old.kept.plan
        open_ = [item for item in kept.items if item.stage in (Stage.WAITING, Stage.GIVEN)]
        goals = {item.step.goal for item in open_} if kept.items else range(len(kept.goals))
        tasks = [kept.goals[i] for i in sorted(goals) if i < len(kept.goals)]
        words = tuple(goal.words for goal in tasks if isinstance(goal, TransportGoal | SendGoal))
        stale = old.found.stale
        changed = Problem(Code.UNKNOWN_PLACE, "the site has changed")
        why = None if self._escalation.is_of_this_site(kept) else changed
        unknown = tuple(item.step for item in open_) if stale and why is None else ()
        reporter.broken_off(Interruption(None, unknown=unknown, left=words, why=why))
        failure = ", ".join(dict.fromkeys(words)) or plan.request
        self._escalation.break_off(kept, f"broken off by a restart of the agent; not done: {failure}")
        reporter.over(failure, 0.0)
        self._escalation.forget(kept)

    def _tell_inherited(self, host: str) -> None:
        """Another agent commanded the vehicles, and is gone."""
        log.warning(
            "the agent on %s drove a plan that may be unfinished; this one, which takes over, has none of it", host
        )
        language = self._site.languages[0]
        text = Phrasebook(self._site).say("plan_inherited", language, host=host)
        self._emit(ReplyEvent(f"takeover/{uuid.uuid4().hex}", text, reply_language(language), None, Urgency.ALARM))

    def _tell_damaged(self, found: Found) -> None:
        language = self._site.languages[0]
        name, text = f"restart/{found.path.stem[:32]}", Phrasebook(self._site).say("plan_unreadable", language)
        lost = Plan(id="", state=PlanState.FAILED, request="?")
        self._emit(PlanEvent(name, lost, f"what was kept of it cannot be read; the file is now {found.path.name}"))
        self._emit(ReplyEvent(name, text, reply_language(language), None, Urgency.ALARM))
