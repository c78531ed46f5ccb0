"""A plan that a restart interrupted: looked at once more before anything of it is handed out.

What its vehicles do goes on meanwhile, by the fleet. The rest goes on by itself where the break was short and nothing
speaks against it; else the operator is asked. What does not hold any more is planned anew.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial

from banksman_edge.errors import PlannerError
from banksman_edge.fleet import Code, JobStatus, Problem, VehicleView
from banksman_edge.fleet.objections import held_back, hindrance, off_route
from banksman_edge.plans.driver import Driver
from banksman_edge.plans.execution import Item, Stage
from banksman_edge.plans.inbox import News
from banksman_edge.plans.question_gate import Floor
from banksman_edge.plans.remaining_goals import remainder
from banksman_edge.plans.terms import Break
from banksman_edge.plans.validity import faults_of_rest
from banksman_shared.plans import FleetSnapshot, Plan, SendGoal, TransportGoal

log = logging.getLogger(__name__)

ROLL_CALL_S = 10.0
"""Seconds that vehicles have for coming back."""
SETTLED_S = 2.0
"""So long after they are back news of what they have ended is on its way."""

_UNCERTAIN = (Code.ORDER_LOST, Code.ENDED_ELSEWHERE)
"""How an order ends of which nobody knows how far it was carried out."""


@dataclass(slots=True)
class TakenUp(Driver):
    """See :class:`Driver`. ``objection``: what rights or site say against the rest by now."""

    back: float = field(init=False)
    """When the break ended, in wall-clock seconds."""
    objection: Problem | None = None
    tell: Callable[[str], None] = lambda _: None
    """Told, for the record, what is done about it."""
    floor: Floor = field(default_factory=Floor)
    reviewing: bool = True
    _since: float | None = None
    """Seconds of the plan since which it is waited for vehicles, and since which they are back."""
    _there: float | None = None
    _asked: Plan | None = None
    _yes: bool | None = None
    _about: Break | None = None
    """What was found when it was asked, and since when more is."""
    _changed_at: float | None = None

    def __post_init__(self) -> None:
        Driver.__post_init__(self)
        self.back = self.clock.time()

    def _take_in(self, news: News) -> None:
        """See :meth:`Driver.note`. What came to nothing during the break says nothing about a vehicle."""
        event = news.event
        if not self.reviewing or event.code in (Code.CANCELLED, Code.SUPERSEDED):
            Driver._take_in(self, news)
            return
        self.lookout.waits(event)
        disputed = next((item for item in self.execution.items if item.disputed and item.job == event.job), None)
        self.hands.note(event, news.at_s, loaded=news.loaded)
        if (item := self.execution.note(event, news.at_s)) and item.step.origin is not None:
            item.stranded = news.loaded
        # The fleet may have known how it ended before the plan was taken up; only the news says why.
        for ended in (i for i in self.execution.items if i.job == event.job):
            if ended.stage is Stage.DONE:
                ended.unhurried()
            elif ended.stage is Stage.LOST and ended.step.origin is not None and event.code in _UNCERTAIN:
                known, ended.unknown, ended.stranded = ended.stranded, True, True
                if ended is disputed and not known:
                    self.execution.drop_spare(ended.step.goal)

    def answer(self, plan: Plan, *, yes: bool) -> bool:
        """See :meth:`Driver.answer`. A question that a stop has closed is put again when vehicles go on."""
        with self._lock:
            if self._asked is None:
                return Driver.answer(self, plan, yes=yes)
            if self._asked.id != plan.id:
                return False
            stopped = any(self.fleet.vehicles()[vehicle].stopped for vehicle in self.execution.busy())
            self._yes = None if stopped else yes
            self._asked = None if stopped else self._asked
        self.floor.leave(self)
        self._beat.wake()
        return True

    def tick(self) -> None:
        """See :meth:`Driver.tick`."""
        if self.reviewing:
            self._review()
        else:
            Driver.tick(self)

    def _review(self) -> None:
        with self._lock:
            if self.over:
                return
            views = self.fleet.vehicles()
            self.ledger.keep(self)
            comes = self._is_coming_back(views)
            if not comes:
                self._settle_disputes(views)
            if self.given_up:
                if not (comes and self._held()):
                    self._stop_here()
                return
            if not self._left():
                if not comes:
                    self._end_review(views)
                return
            refused = self.objection or self.lookout.elsewhere(self.fleet.standby(), self.now_s)
            waits = refused is None and (self._is_paused(views) or comes)
            found = self._break(views, refused)
        if refused:
            self._break_off(found)
        elif not waits and self._may_go_on(found):
            self._verify(found)

    def _left(self) -> bool:
        """Whether something is still to be given to a vehicle."""
        if self._held() or any(item.stage is Stage.WAITING for item in self.execution.items):
            return True
        return remainder(self.execution, FleetSnapshot(), self.now_s) is not None

    def _held(self) -> list[Item]:
        """Steps that the fleet was given before a long break, and of which it sends nothing more."""
        views = self.fleet.vehicles()
        return [i for i in self.execution.items if i.stage is Stage.GIVEN and views[i.step.vehicle].held == i.job]

    def _is_coming_back(self, views: Mapping[str, VehicleView]) -> bool:
        """Whether it is waited for a vehicle that has not reported, or for the news of those that have."""
        now_s = self.now_s
        self._since = now_s if self._since is None else self._since
        asked = (item.step.vehicle for item in self.execution.items if item.disputed)
        if (
            any(hindrance(views[v]) for v in (*self.execution.busy(), *asked))
            and 0 <= now_s - self._since < ROLL_CALL_S
        ):
            self._there = None
            return True
        self._there = now_s if self._there is None else self._there
        return 0 <= now_s - self._there < SETTLED_S

    def _settle_disputes(self, views: Mapping[str, VehicleView]) -> None:
        """Steps that were being taken over, and that the fleet has ended: whose load it is says the vehicle that was to
        give it up. Where that says nothing, nobody knows."""
        for item in self.execution.items:
            if not item.disputed or self.fleet.past.became_of(item.job) is JobStatus.RUNNING:
                continue
            view = views[item.step.vehicle]
            item.disputed, item.unknown = False, not view.reporting or view.loaded is None
            if item.unknown:
                item.stranded = True
                self.execution.drop_spare(item.step.goal)
            elif view.loaded:
                self.execution.strand(item)

    def _end_review(self, views: Mapping[str, VehicleView]) -> None:
        """Nothing is to be handed out; what nobody knows is said."""
        unknown = any(item.unknown for item in self.execution.items)
        found = self._break(views, None)
        self._go_on()
        if unknown:
            self.herald.broken_off(found)

    def _may_go_on(self, found: Break) -> bool:
        """Whether nothing speaks against it, or the operator has said yes."""
        doubtful = (
            found.doubtful
            or bool(self._held())
            or found.away_s is None
            or found.away_s > self.site.rules.policy.break_s
        )
        with self._lock:
            if self._yes and self._has_changed(found):
                return False
            yes, is_open = self._yes, self._asked is not None
            asks = doubtful and yes is None and not is_open and self.floor.take(self)
            if asks:
                self._asked, self._about = self.again.plan, found
        if yes is False:
            self._stop_here()
        elif asks:
            self.tell(f"interrupted by a restart of the agent; the operator is asked: {self._sums()}")
            self.herald.taken_up(found, self.again.plan)
        return bool(yes) or (yes is None and not doubtful and not is_open)

    def _has_changed(self, found: Break) -> bool:
        """Whether more speaks against it than was asked about. If that lasts, the yes does not stand any more, and it
        is asked again."""
        if self._about is None or not found.exceeds(self._about):
            self._changed_at = None
            return False
        self._changed_at = self.now_s if self._changed_at is None else self._changed_at
        if self.now_s - self._changed_at >= ROLL_CALL_S:
            self._yes = self._asked = self._changed_at = None
        return True

    # What was found

    def _break(self, views: Mapping[str, VehicleView], why: Problem | None) -> Break:
        late, now_s = self.execution.late(self.now_s), self.now_s
        goals = self.execution.goals
        limits = {i: g.within_s for i, g in enumerate(goals) if isinstance(g, TransportGoal | SendGoal) and g.within_s}
        return Break(
            away_s=self._away_s(),
            hindered=tuple(problem for vehicle in self.execution.busy() if (problem := self._against(views[vehicle]))),
            late={goals[i].words: late[i] for i, limit in limits.items() if i in late and now_s > limit},
            unknown=tuple(item.step for item in self.execution.items if item.unknown),
            left=tuple(self.execution.to_do()),
            why=why,
        )

    def _away_s(self) -> float | None:
        away = self.back - self.away_since if self.away_since else -1.0
        return away if away >= 0 else None

    def _against(self, view: VehicleView) -> Problem | None:
        """What is not as it was left: somebody may have had their hands on the vehicle."""
        if found := hindrance(view):
            return found
        if view.node is None:
            return off_route(view.id)
        item = self.execution.next_of(view.id)
        if view.held is not None and not (item and item.job == view.held):
            return held_back(view.id)  # by somebody else's order, for which a yes to the plan does not stand
        if item and item.stage is Stage.WAITING and item.step.origin is not None and view.loaded:
            return Problem(Code.LOADED, f"{view.id} already carries a load", view.id)
        return None

    # What becomes of it

    def _verify(self, found: Break) -> None:
        """Go on, with another plan for the rest where this one does not hold."""
        with self._lock:
            if self.over or self.given_up or (self._retry.at is not None and not self._retry.is_due(self.now_s)):
                return
            self._retry.at = None
            able = self.terms.vehicles - self.lookout.out.keys()
            faults = faults_of_rest(self.site, self.execution, self.fleet.vehicles(), able, self.now_s)
        try:
            if faults and not (made := self._renew(able)):
                if made is not None:
                    self._break_off(found)
                return
        except PlannerError as error:
            log.warning("the rest of %s could not be planned anew", self.execution.prefix)
            self._retry.failed(error, self.now_s)
            if self._retry.at is None:
                self._break_off(found)
            return
        with self._lock:
            if self.given_up or self._retry.at is not None or self._is_paused(self.fleet.vehicles()):
                return  # a stop may have come while the rest was planned anew
            told = self._yes is None
            for item in self._held():
                self.fleet.release(item.step.vehicle, item.job)
            self._go_on()
        self.tell(f"goes on after a restart of the agent: {self._sums()}")
        if told:
            self.herald.taken_up(found, None)

    def _renew(self, able: frozenset[str]) -> bool | None:
        """Whether there is a plan for the rest, or nothing is left; see :meth:`Renewal._first`.

        Raises:
            PlannerError: the planner cannot be asked.
        """
        self.replans += 1
        return self._first(able, [partial(self._try, able, limits=True), partial(self._try_without_limits, able)])

    def _sums(self) -> str:
        stages = [item.stage for item in self.execution.items]
        counts = {"done": Stage.DONE, "under way": Stage.GIVEN, "to come": Stage.WAITING}
        return ", ".join(f"{stages.count(stage)} steps {name}" for name, stage in counts.items())

    def _break_off(self, found: Break) -> None:
        self.tell(f"broken off after a restart of the agent: {self._sums()}")
        self.herald.broken_off(found)
        self._stop_here()

    def _fail(self) -> None:
        with ExitStack() as ends:  # whatever fails of it
            ends.callback(Driver._fail, self)
            if self.reviewing and not self.over:
                self.floor.leave(self)
                ends.callback(self._take_back)
                self.tell("broken off after a restart of the agent: an internal error; see the agent's log")
                self.herald.broken_off(Break(self._away_s(), left=tuple(self.execution.to_do())))

    def _stop_here(self) -> None:
        with self._lock:
            self.give_up()
            self._take_back()
            self._go_on()

    def _take_back(self) -> None:
        """What is held would stay so for ever."""
        for item in self._held():
            self.hands.take_back(item)

    def _go_on(self) -> None:
        self.reviewing, self.away_since, self._asked = False, None, None
        self.floor.leave(self)
        self.ledger.keep(self)
        self._beat.wake()
