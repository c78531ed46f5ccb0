"""What a plan on its way asks its operator, and what becomes of the answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from driven_yard import KEY, DrivenYard, transport
from taught import real_reader

from banksman_edge import Pipeline, Policy, Transcript
from banksman_edge.app.decision import Decider
from banksman_edge.app.executor import Executor
from banksman_edge.errors import PlannerError
from banksman_edge.operators import Rights
from banksman_edge.plans import Driver, Mandate, driver_of, session_of
from banksman_edge.plans.readback import SpokenPlanReporter
from banksman_edge.turns.turn import Pending, Turn, TurnBook
from banksman_edge.utterance import Utterance
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.plans import Plan
from banksman_shared.vda5050 import Error, ErrorLevel

FATAL = Error(error_type="motorFault", error_level=ErrorLevel.FATAL)
HELP = "In time only with tugger 1 as well. Shall I?"


def _at_once(call: Callable[[], None]) -> None:
    call()


class AskingYard(DrivenYard):
    """A yard whose operator is spoken to, and answers."""

    def __init__(self) -> None:
        super().__init__()
        fleet: Any = self.fleet
        self.heard: list[Any] = []
        self.turns = TurnBook(self.clock, _at_once)
        rights = Rights(self.site, fleet)
        self.executor = Executor(self.site, fleet, self.escalation, rights, self.turns, self.heard.append)
        self.understanding = Pipeline(self.site, real_reader())
        self.decider = Decider(
            self.site,
            fleet,
            self.understanding,
            self.executor,
            policy=Policy.of(self.site),
            turns=self.turns,
            emit=self.heard.append,
        )
        self._count = 0

    def start(self, plan: Plan, among: Any = None) -> None:
        self.order = self._turn(Utterance(text="x", id=KEY, deadline=self.clock.time() + 15))
        reporter = self.executor.planning.reporter(self.order)
        self.driver = session_of(self.order).driver = self.escalation.run(
            self.order.utterance, plan, Mandate(frozenset(among or self.site.vehicles)), reporter
        )

    def say(self, text: str) -> None:
        self._count += 1
        turn = self._turn(Utterance(text=text, id=f"said-{self._count}"))
        if stop := self.understanding.stop(turn.transcript):
            self.decider.decide(turn, stop)
        else:
            self.decider.understand(turn)
        self.run(0.4)

    def texts(self) -> list[str]:
        return [event.text for event in self.heard if event.name == "reply"]

    def _turn(self, utterance: Utterance) -> Turn:
        turn = self.turns.open(utterance)
        assert turn
        turn.language, turn.transcript = "en", Transcript(utterance.text or "", "en", 1.0)
        return turn


@pytest.fixture
def yard() -> AskingYard:
    """Two vehicles on their way, of which one has broken down; in time only with a third."""
    yard = AskingYard()
    yard.drive(transport(4, "dock-1", "aisle-9", within_s=150), fleet=["agv-1", "agv-2"])
    yard.run(1)
    return yard


def lose(yard: AskingYard, vehicle: str = "agv-1") -> None:
    yard.cars[vehicle].errors, yard.cars[vehicle].paused = [FATAL], True
    yard.until(lambda: HELP in yard.texts())


def soon(met: Callable[[], bool]) -> None:
    """By the wall clock: answers are taken on a thread of their own."""
    end = time.monotonic() + 10
    while not met():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_yes_counts_after_the_orders_deadline_and_after_a_stop_before_the_question(yard: AskingYard) -> None:
    yard.say("stop")
    yard.say("everybody resume")
    yard.run(1)
    lose(yard)
    yard.run(10)
    assert yard.clock.time() > (yard.order.utterance.deadline or 0)
    yard.say("yes")
    yard.run(2)
    assert "tug-1" in yard.given()
    assert not any("without" in text for text in yard.texts())


def test_a_stop_closes_the_question(yard: AskingYard) -> None:
    lose(yard)
    yard.say("stop")
    yard.say("yes")
    yard.say("everybody resume")
    yard.run(30)
    assert "tug-1" not in yard.given()
    assert [text for text in yard.texts() if "without" in text] == ["All right, without tugger 1."]  # it goes on later


@pytest.mark.parametrize("words", ["forget it", "no"])
def test_what_was_declined_and_what_goes_on_is_said(yard: AskingYard, words: str) -> None:
    lose(yard)
    driver = yard.driver
    assert driver
    yard.say(words)
    soon(lambda: "All right, without tugger 1. The plan goes on." in yard.texts())
    yard.until(lambda: driver.state.offer is None)  # it waits for no answer any more
    assert not driver.over
    assert not driver.given_up


@pytest.mark.parametrize("words", [["no", "cancel the plan", "yes"], ["cancel everything"]])
def test_a_plan_that_has_a_question_open_is_ended_where_that_is_said(yard: AskingYard, words: list[str]) -> None:
    lose(yard)
    assert yard.driver
    yard.executor.drives._active_plans.append(yard.driver)
    for text in words:
        yard.say(text)
    assert yard.driver.given_up


def test_a_plan_that_has_lost_all_its_vehicles_and_waits_for_the_planner_is_not_ended_by_a_cancel_of_another(
    yard: AskingYard,
) -> None:
    yard.planner.down = PlannerError("the planner cannot be reached", retryable=True)
    for vehicle in ("agv-1", "agv-2"):
        yard.cars[vehicle].errors, yard.cars[vehicle].paused = [FATAL], True
    driver = yard.driver
    assert driver
    yard.until(lambda: driver.held == frozenset() and driver.state.retry.at is not None)
    assert not driver.over
    yard.executor.drives._active_plans.append(driver)
    yard.executor.drives.cancel(Command(Action.CANCEL, ("tug-1",)), None)
    assert not driver.given_up


def test_a_second_question_is_not_answered_by_the_first(yard: AskingYard) -> None:
    lose(yard)
    yard.cars["agv-1"].errors, yard.cars["agv-1"].paused = [], False
    assert yard.driver
    first = yard.driver.state.offer
    assert first
    again = first.plan.model_copy(update={"id": "again"})
    yard.driver.state.offer = type(first)(again, first.rest, first.vehicles)
    yard.driver.state.reporter.propose(again, ["tug-1"])
    assert not any("without" in text for text in yard.texts())
    yard.executor.confirmed(Pending(yard.order, (), first.plan, 0.0, 0.0))
    soon(lambda: yard.texts()[-1] == "That came too late and was dropped.")
    assert yard.driver.state.offer.answer is None
    yard.say("yes")
    yard.run(2)
    assert "tug-1" in yard.given()


def test_who_listens_does_not_wait_for_a_plan_that_is_being_proven(yard: AskingYard) -> None:
    lose(yard)
    driver, proving, proven = yard.driver, threading.Event(), threading.Event()
    assert driver
    offer = driver.state.offer
    assert offer

    def prove() -> None:
        with driver.state.lock:
            proving.set()
            proven.wait(10)

    threading.Thread(target=prove, daemon=True).start()
    proving.wait(10)
    yard.executor.confirmed(Pending(yard.order, (), offer.plan, 0.0, 0.0))
    assert offer.answer is None
    proven.set()
    soon(lambda: offer.answer is True)


def test_a_no_counts_before_the_planner_is_told(yard: AskingYard, monkeypatch: pytest.MonkeyPatch) -> None:
    """That may take a while, in which nothing is given out."""
    lose(yard)
    assert yard.driver
    offer, told = yard.driver.state.offer, list[bool | None]()
    assert offer
    monkeypatch.setattr(yard.planner, "cancel", lambda _: told.append(offer.answer))
    yard.executor.declined(Pending(yard.order, (), offer.plan, 0.0, 0.0))
    soon(lambda: told == [False])


# Faults of ours


def broken(*_: object, **__: object) -> None:
    raise RuntimeError("a fault")


def test_an_answer_that_is_lost_by_a_fault_ends_the_plan_and_that_is_said_once(
    yard: AskingYard, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(yard)
    driver = yard.driver
    assert driver
    told = len(yard.texts())
    with monkeypatch.context() as patch:
        patch.setattr(Driver, "answer", broken)
        yard.say("yes")
        soon(lambda: driver.given_up)
    yard.until(lambda: driver.over)
    assert yard.texts()[told:] == ["The plan has ended. Not done: wish 1."]
    assert yard.order.ended.is_set()


@pytest.mark.parametrize("stopped", [False, True])
def test_an_answer_that_cannot_be_told_of_by_a_fault_does_not_end_the_plan(
    yard: AskingYard, monkeypatch: pytest.MonkeyPatch, *, stopped: bool
) -> None:
    lose(yard)
    driver = yard.driver
    assert driver
    monkeypatch.setattr(SpokenPlanReporter, "without", broken)
    if stopped:
        yard.submit("halt", {"action": "stop", "vehicles": ["agv-2"]})
    told = len(yard.texts())
    yard.say("no")
    soon(lambda: len(yard.texts()) > told)
    assert yard.texts()[told] == ("The plan waits." if stopped else "The plan goes on.")
    assert not yard.order.ended.is_set()
    assert not driver.given_up


def test_a_planner_that_cannot_be_told_of_a_no_by_a_fault_is_nobodys_news(
    yard: AskingYard, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(yard)
    told = len(yard.texts())
    monkeypatch.setattr(yard.escalation, "decline", broken)
    yard.say("no")
    yard.executor.planning.settle_aside()
    yard.run(1)
    assert yard.texts()[told] == "All right, without tugger 1. The plan goes on."
    assert not any("failed" in text for text in yard.texts()[told:])
    assert not yard.order.ended.is_set()


def test_a_plan_that_cannot_be_begun_by_a_fault_is_told_to_have_ended_once(monkeypatch: pytest.MonkeyPatch) -> None:
    yard = AskingYard()
    plan = yard.propose(transport(1, "dock-1", "aisle-9", vehicles=["tug-1"]))
    turn = yard._turn(Utterance(text="y", id="another"))
    monkeypatch.setattr(Driver, "start", broken)
    yard.executor.planning.approved(turn, plan)
    soon(turn.ended.is_set)
    yard.executor.planning.settle_aside()
    assert yard.texts() == ["The plan has ended. Not done: wish 1."]
    driver = driver_of(turn)
    assert driver
    assert driver.over
