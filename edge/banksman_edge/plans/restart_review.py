"""A plan that a restart interrupted: looked at once more before anything of it is handed out.

What its vehicles do goes on meanwhile, by the fleet. The rest goes on by itself where the break was short and nothing
speaks against it; else the operator is asked. What does not hold any more is planned anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial

from banksman_edge.errors import PlannerError
from banksman_edge.fleet import Code, JobStatus, Problem, VehicleView, held_back, hindrance, off_route
from banksman_edge.plans.drive_state import DriveState
from banksman_edge.plans.driving_terms import Interruption
from banksman_edge.plans.execution import Stage
from banksman_edge.plans.news_inbox import News
from banksman_edge.plans.question_gate import QuestionGate
from banksman_edge.plans.remaining_goals import remainder
from banksman_edge.plans.replanning import Replanning
from banksman_edge.plans.validity import faults_of_rest
from banksman_shared.plans import FleetSnapshot, Plan, SendGoal, TransportGoal

log = logging.getLogger(__name__)

ROLL_CALL_S = 10.0
"""Seconds that vehicles have for coming back."""
SETTLED_S = 2.0
"""So long after they are back news of what they have ended is on its way."""

_UNCERTAIN = (Code.ORDER_LOST, Code.ENDED_ELSEWHERE)
"""How an order ends of which nobody knows how far it was carried out."""


class RestartReview:
    """Of one plan that an earlier agent has driven. ``is_open``: nothing of it is handed out yet.

    ``objection``: what rights or site say against the rest by now; ``tell`` is told, for the record, what is done about
    the plan; ``gate``: who may ask, of all plans that a restart interrupted.
    """

    def __init__(
        self,
        state: DriveState,
        replanning: Replanning,
        *,
        objection: Problem | None,
        tell: Callable[[str], None],
        gate: QuestionGate,
    ) -> None:
        self.state, self._replanning, self._gate = state, replanning, gate
        self._objection, self._tell = objection, tell
        self.is_open = True
        self._back = state.clock.time()
        """When the break ended, in wall-clock seconds."""
        self._since: float | None = None
        """Seconds of the plan since which it is waited for vehicles."""
        self._back_since: float | None = None
        """Seconds of the plan since which they are back."""
        self._asked: Plan | None = None
        self._yes: bool | None = None
        self._about: Interruption | None = None
        """What was found when it was asked."""
        self._changed_at: float | None = None
        """Since when more is found."""

    def take_in(self, news: News) -> None:
        """News of a step, under the lock. What came to nothing during the break says nothing about a vehicle."""
        state = self.state
        event = news.event
        state.watch.waits(event)
        disputed = next((item for item in state.execution.items if item.disputed and item.job == event.job), None)
        state.dispatch.note(event, news.at_s, loaded=news.loaded)
        if (item := state.execution.note(event, news.at_s)) and item.step.origin is not None:
            item.stranded = news.loaded
        # The fleet may have known how it ended before the plan was taken up; only the news says why.
        for ended in (i for i in state.execution.items if i.job == event.job):
            if ended.stage is Stage.DONE:
                ended.unhurried()
            elif ended.stage is Stage.LOST and ended.step.origin is not None and event.code in _UNCERTAIN:
                known, ended.unknown, ended.stranded = ended.stranded, True, True
                if ended is disputed and not known:
                    state.execution.drop_spare(ended.step.goal)

    def answer(self, plan: Plan, *, yes: bool) -> bool | None:
        """The operator's answer to whether it goes on: whether that was asked of this plan; None where nothing is
        asked. A question that a stop has closed is put again when vehicles go on."""
        state = self.state
        with state.lock:
            if self._asked is None:
                return None
            if self._asked.id != plan.id:
                return False
            stopped = state.is_stopped
            self._yes = None if stopped else yes
            self._asked = None if stopped else self._asked
        self._gate.leave(self)
        return True

    def look(self) -> None:
        """Do what is due, and end the review where that is decided. Called on the plan's thread."""
        state = self.state
        with state.lock:
            if state.over:
                return
            views = state.fleet.vehicles()
            state.keep()
            comes = self._is_coming_back(views)
            if not comes:
                self._settle_disputes(views)
            if state.given_up:
                if not (comes and state.held_steps()):
                    self._stop_here()
                return
            if not self._left():
                if not comes:
                    self._end_review(views)
                return
            refused = self._objection or state.watch.elsewhere(state.fleet.standby(), state.now_s)
            waits = refused is None and (state.pause(views) or comes)
            found = self._break(views, refused)
        if refused:
            self._break_off(found)
        elif not waits and self._may_go_on(found):
            self._verify(found)

    def _left(self) -> bool:
        """Whether something is still to be given to a vehicle."""
        state = self.state
        if state.held_steps() or any(item.stage is Stage.WAITING for item in state.execution.items):
            return True
        return remainder(state.execution, FleetSnapshot(), state.now_s) is not None

    def _is_coming_back(self, views: Mapping[str, VehicleView]) -> bool:
        """Whether it is waited for a vehicle that has not reported, or for the news of those that have."""
        state = self.state
        now_s = state.now_s
        self._since = now_s if self._since is None else self._since
        asked = (item.step.vehicle for item in state.execution.items if item.disputed)
        if (
            any(hindrance(views[v]) for v in (*state.execution.busy(), *asked))
            and 0 <= now_s - self._since < ROLL_CALL_S
        ):
            self._back_since = None
            return True
        self._back_since = now_s if self._back_since is None else self._back_since
        return 0 <= now_s - self._back_since < SETTLED_S

    def _settle_disputes(self, views: Mapping[str, VehicleView]) -> None:
        """Steps that were being taken over, and that the fleet has ended: whose load it is says the vehicle that was to
        give it up. Where that says nothing, nobody knows."""
        state = self.state
        for item in state.execution.items:
            if not item.disputed or state.fleet.earlier_jobs.became_of(item.job) is JobStatus.RUNNING:
                continue
            view = views[item.step.vehicle]
            item.disputed, item.unknown = False, not view.reporting or view.loaded is None
            if item.unknown:
                item.stranded = True
                state.execution.drop_spare(item.step.goal)
            elif view.loaded:
                state.execution.strand(item)

    def _end_review(self, views: Mapping[str, VehicleView]) -> None:
        """Nothing is to be handed out; what nobody knows is said."""
        state = self.state
        unknown = any(item.unknown for item in state.execution.items)
        found = self._break(views, None)
        self._go_on()
        if unknown:
            state.reporter.broken_off(found)

    def _may_go_on(self, found: Interruption) -> bool:
        """Whether nothing speaks against it, or the operator has said yes."""
        state = self.state
        doubtful = (
            found.doubtful
            or bool(state.held_steps())
            or found.away_s is None
            or found.away_s > state.site.rules.policy.break_s
        )
        with state.lock:
            if self._yes and self._has_changed(found):
                return False
            yes, is_open = self._yes, self._asked is not None
            asks = doubtful and yes is None and not is_open and self._gate.take(self)
            if asks:
                self._asked, self._about = state.again.plan, found
        if yes is False:
            self._stop_here()
        elif asks:
            self._tell(f"interrupted by a restart of the agent; the operator is asked: {self._sums()}")
            state.reporter.taken_up(found, state.again.plan)
        return bool(yes) or (yes is None and not doubtful and not is_open)

    def _has_changed(self, found: Interruption) -> bool:
        """Whether more speaks against it than was asked about. If that lasts, the yes does not stand any more, and it
        is asked again."""
        state = self.state
        if self._about is None or not found.exceeds(self._about):
            self._changed_at = None
            return False
        self._changed_at = state.now_s if self._changed_at is None else self._changed_at
        if state.now_s - self._changed_at >= ROLL_CALL_S:
            self._yes = self._asked = self._changed_at = None
        return True

    # What was found

    def _break(self, views: Mapping[str, VehicleView], why: Problem | None) -> Interruption:
        state = self.state
        late, now_s = state.execution.late(state.now_s), state.now_s
        goals = state.execution.goals
        limits = {i: g.within_s for i, g in enumerate(goals) if isinstance(g, TransportGoal | SendGoal) and g.within_s}
        return Interruption(
            away_s=self._away_s(),
            hindered=tuple(problem for vehicle in state.execution.busy() if (problem := self._against(views[vehicle]))),
            late={goals[i].words: late[i] for i, limit in limits.items() if i in late and now_s > limit},
            unknown=tuple(item.step for item in state.execution.items if item.unknown),
            left=tuple(state.execution.to_do()),
            why=why,
        )

    def _away_s(self) -> float | None:
        state = self.state
        away = self._back - state.away_since if state.away_since else -1.0
        return away if away >= 0 else None

    def _against(self, view: VehicleView) -> Problem | None:
        """What is not as it was left: somebody may have had their hands on the vehicle."""
        if found := hindrance(view):
            return found
        if view.node is None:
            return off_route(view.id)
        item = self.state.execution.next_of(view.id)
        if view.held is not None and not (item and item.job == view.held):
            return held_back(view.id)  # by somebody else's order, for which a yes to the plan does not stand
        if item and item.stage is Stage.WAITING and item.step.origin is not None and view.loaded:
            return Problem(Code.LOADED, f"{view.id} already carries a load", view.id)
        return None

    # What becomes of it

    def _verify(self, found: Interruption) -> None:
        """Go on, with another plan for the rest where this one does not hold."""
        state = self.state
        with state.lock:
            if state.over or state.given_up or (state.retry.at is not None and not state.retry.is_due(state.now_s)):
                return
            state.retry.at = None
            able = state.able
            faults = faults_of_rest(state.site, state.execution, state.fleet.vehicles(), able, state.now_s)
        try:
            if faults and not (made := self._renew(able)):
                if made is not None:
                    self._break_off(found)
                return
        except PlannerError as error:
            log.warning("the rest of %s could not be planned anew", state.execution.prefix)
            state.retry.failed(error, state.now_s)
            if state.retry.at is None:
                self._break_off(found)
            return
        with state.lock:
            if state.given_up or state.retry.at is not None or state.pause(state.fleet.vehicles()):
                return  # a stop may have come while the rest was planned anew
            told = self._yes is None
            for item in state.held_steps():
                state.fleet.release(item.step.vehicle, item.job)
            self._go_on()
        self._tell(f"goes on after a restart of the agent: {self._sums()}")
        if told:
            state.reporter.taken_up(found, None)

    def _renew(self, able: frozenset[str]) -> bool | None:
        """Whether there is a plan for the rest, or nothing is left; see :meth:`Replanning.first`.

        Raises:
            PlannerError: the planner cannot be asked.
        """
        self.state.replans += 1
        ways = (partial(self._replanning.plan, able, limits=True), partial(self._replanning.without_limits, able))
        return self._replanning.first(able, ways)

    def _sums(self) -> str:
        stages = [item.stage for item in self.state.execution.items]
        counts = {"done": Stage.DONE, "under way": Stage.GIVEN, "to come": Stage.WAITING}
        return ", ".join(f"{stages.count(stage)} steps {name}" for name, stage in counts.items())

    def _break_off(self, found: Interruption) -> None:
        self._tell(f"broken off after a restart of the agent: {self._sums()}")
        self.state.reporter.broken_off(found)
        self._stop_here()

    def fail(self) -> None:
        """By a fault of ours it is not gone on with: say so, and have nothing held for ever."""
        state = self.state
        with ExitStack() as ends:  # whatever fails of it
            self._gate.leave(self)
            ends.callback(self._take_back)
            self._tell("broken off after a restart of the agent: an internal error; see the agent's log")
            state.reporter.broken_off(Interruption(self._away_s(), left=tuple(state.execution.to_do())))

    def _stop_here(self) -> None:
        state = self.state
        with state.lock:
            state.give_up()
            self._take_back()
            self._go_on()

    def _take_back(self) -> None:
        """What is held would stay so for ever."""
        state = self.state
        for item in state.held_steps():
            state.dispatch.take_back(item)

    def _go_on(self) -> None:
        state = self.state
        self.is_open, state.away_since, self._asked = False, None, None
        self._gate.leave(self)
        state.keep()
