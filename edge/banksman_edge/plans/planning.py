"""What becomes of a plan: a yes, jobs of the fleet, an end. It comes about in :mod:`banksman_edge.plans.requests`."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property, partial

from banksman_edge.errors import PlannerError
from banksman_edge.fleet import FleetError, JobStatus
from banksman_edge.operators import Speaker
from banksman_edge.plans import Driver, Mandate, OutdatedError, PlanStore, RequestStore
from banksman_edge.plans.kept_turns import kept_speaker
from banksman_edge.plans.readback import PlanHerald
from banksman_edge.plans.recovery import Revival
from banksman_edge.plans.requests import PLAN, Wishes
from banksman_edge.plans.session import driver_of, session_of
from banksman_edge.turns.events import OrderNews, PlanEvent
from banksman_edge.turns.turn import Turn
from banksman_shared.plans import Plan, PlanState


class Planning(Wishes):
    """The plans of one agent."""

    @cached_property
    def revival(self) -> Revival:
        """Takes up what an earlier run has left."""
        parts = (self._site, self._escalation, self._turns, self.drives, self._emit)
        return Revival(*parts, self._mandate, self.herald)

    def remember(self, store: PlanStore) -> None:
        """Keep plans and requests there from now on, and see what an earlier run has left."""
        self.revival.read(store)
        self.keeper.read(RequestStore(store.state, self._turns.clock))

    def speakers(self) -> Iterator[tuple[str, Speaker]]:
        """Who asked for what an earlier run has left, by the utterance's id."""
        yield from self.revival.speakers()
        yield from ((turn.utterance.id, turn.speaker) for turn, _ in self.keeper.found)

    def go_on(self) -> None:
        """Go on with what an earlier run has left, and say what is not gone on with."""
        self.revival.go_on()
        self.ask_again()

    def close(self) -> None:
        """Hand out no more of any plan, and say what was not done; vehicles finish what they have."""
        self.shelve()
        self.drives.close()
        self.settle_aside()

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
        self.keeper.forget(turn)
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
            self._answers.reply(turn, "too_late")
        elif had and not yes and not resumes:
            self._answers.tell(turn, self.herald(turn).without(plan, drive, goes_on=not (stopped or drive.is_stopped)))
        if not yes and not resumes:
            self._background.begin(self._escalation.decline, plan)

    def _run(self, turn: Turn, plan: Plan) -> None:
        try:
            with self.drives.approval() as approval:
                driver = self._escalation.run(turn.utterance, plan, self._mandate(turn), self.herald(turn))
                session_of(turn).driver = driver
                self.keeper.forget(turn)
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
