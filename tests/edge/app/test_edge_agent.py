"""The agent on a fleet double, in writing: what becomes of an utterance, told in order."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from edge_world import PARAPHRASE, PATIENCE_S, FleetDouble, Recorder, ScriptedModel, agent_of

from banksman_edge import Utterance, Verdict
from banksman_edge.fleet import Code, Problem
from banksman_edge.replies.reply_urgency import Urgency
from banksman_edge.turns.events import EVENT_NAMES
from banksman_shared.actions import Action
from banksman_shared.clock import ManualClock
from banksman_shared.commands import STOP_ALL, Command
from banksman_shared.errors import BanksmanError
from banksman_shared.site import Site

TO_DOCK = Command(Action.MOVE, ("forklift-3",), destination="dock-2")
ORDER = "forklift three, go to dock two"


def test_an_order_is_told_from_utterance_to_done_under_one_id(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        decision = agent.say(ORDER)
        heard.until_reply("Forklift 3", "dock 2")
        assert (decision.verdict, decision.commands) == (Verdict.ACCEPT, (TO_DOCK,))
        assert fleet.submissions == [(decision.id, (TO_DOCK,))]
        fleet.drive()
        assert agent.wait(decision.id, PATIENCE_S)
    assert {event.id for event in heard.events} == {decision.id}
    names = heard.names(decision.id)
    assert names[:4] == ["utterance", "transcript", "decision", "reply"]
    assert set(names[4:]) == {"order", "reply"}
    assert [news.status for news in heard.of("order")] == ["queued", "sent", "accepted", "running", "done"]
    assert [news.open for news in heard.of("order")] == [1, 1, 1, 1, 0]
    assert heard.texts()[1:] == ["Forklift 3: done."]


def test_an_order_that_fails_ends_without_success(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        decision = agent.say(ORDER)
        heard.until_reply("Forklift 3", "dock 2")
        fleet.tell("queued")
        fleet.tell("late", code=Code.VANISHED, detail="forklift-3 has vanished")
        fleet.tell("failed", code=Code.ACTION_FAILED, detail="the fork is stuck")
        assert agent.wait(decision.id, PATIENCE_S) is False
    assert heard.texts()[1:] == [
        "Forklift 3 is late: forklift 3 has lost its connection.",
        "Forklift 3 failed: the fork is stuck",
    ]


def test_news_of_an_order_from_before_a_restart_is_told_as_well(
    site: Site, fleet: FleetDouble, heard: Recorder
) -> None:
    with agent_of(site, fleet, heard):
        fleet.submissions.append(("yesterday", (TO_DOCK,)))
        fleet.tell("done")
        heard.until_reply("Forklift 3: done.", key="yesterday")
        news = heard.until(lambda event: getattr(event, "status", None) == "done")
    assert (news.id, news.vehicle, news.open) == ("yesterday", "forklift-3", 0)


def test_two_vehicles_are_done_when_both_are(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        decision = agent.say("forklift one and forklift three, go to the cold store")
        heard.until_reply("Forklift 1", "cold store")
        fleet.tell("queued")
        fleet.tell("done", vehicle="forklift-1")
        with pytest.raises(TimeoutError, match="has not ended"):
            agent.wait(decision.id, 0.05)
        fleet.tell("done", vehicle="forklift-3")
        assert agent.wait(decision.id, PATIENCE_S)


def test_an_utterance_that_comes_twice_is_carried_out_once(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        for _ in range(3):
            assert agent.submit(Utterance(text=ORDER, id="again")) == "again"
        agent.say("where is forklift one")  # comes after whatever the repeats might have caused
        assert fleet.submissions == [("again", (TO_DOCK,))]
        assert len(heard.of("decision", "again")) == len(heard.of("utterance", "again")) == 1


def test_what_the_fleet_objects_to_is_refused_with_its_reason(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    fleet.problems = [Problem(Code.OFFLINE, "forklift-3 is not connected", "forklift-3")]
    with agent_of(site, fleet, heard) as agent:
        decision = agent.say(ORDER)
        assert (decision.verdict, decision.reason) == (Verdict.REJECT, "forklift-3 is not connected")
        heard.until_reply("Not possible: forklift 3 is not connected")
        assert agent.wait(decision.id, PATIENCE_S) is False
    assert fleet.submissions == []


def test_a_fleet_that_refuses_after_all_is_reported_as_failed(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    fleet.refusal = Problem(Code.BUSY, "forklift-3 is busy", "forklift-3")
    with agent_of(site, fleet, heard) as agent:
        decision = agent.say(ORDER)
        assert agent.wait(decision.id, PATIENCE_S) is False
        heard.until_reply("Not possible: forklift 3 is busy")
        assert [(n.status, n.code, n.open) for n in heard.of("order")] == [("failed", Code.BUSY, 0)]
        # and the agent takes the next order
        fleet.refusal = None
        assert agent.say(ORDER).verdict is Verdict.ACCEPT


def test_talk_is_rejected_in_silence(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        decision = agent.say("did you see the game last night")
        assert (decision.verdict, decision.commands[0].action) == (Verdict.REJECT, Action.NONE)
        agent.say("where is forklift one")
        assert heard.texts(decision.id) == []
    assert fleet.submissions == []


def test_what_the_fleet_cannot_guess_is_asked_for(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    fleet.problems = [Problem(Code.WHERE_FROM, "say where to fetch it from", "forklift-3")]
    with agent_of(site, fleet, heard) as agent:
        decision = agent.say("forklift three, take the pallet to dock two")
        assert decision.verdict is Verdict.ASK
        heard.until_reply("Where from?", key=decision.id)
    assert fleet.submissions == []


def test_a_place_that_is_not_there_is_named(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        assert agent.say("forklift three, go to dock ninety").verdict is Verdict.REJECT
        heard.until_reply("There is no dock ninety here.")
    assert fleet.submissions == []


# Late


def test_a_late_order_is_dropped_and_said_to_be(
    site: Site, fleet: FleetDouble, heard: Recorder, clock: ManualClock
) -> None:
    with agent_of(site, fleet, heard, clock=clock) as agent:
        key = agent.submit(Utterance(text=ORDER, deadline=clock.time() - 0.001))
        decision = heard.until(lambda e: e.name == "decision" and e.id == key)
        assert decision.verdict is Verdict.REJECT
        heard.until_reply("That came too late")
        assert agent.wait(key, PATIENCE_S) is False
    assert fleet.submissions == []


def test_an_order_that_grows_old_in_the_language_model_is_dropped(
    site: Site, fleet: FleetDouble, heard: Recorder, clock: ManualClock
) -> None:
    model = ScriptedModel("move V1 to P1")
    model.go.clear()
    with agent_of(site, fleet, heard, model, clock=clock) as agent:
        key = agent.submit(Utterance(text=PARAPHRASE, deadline=clock.time() + 5))
        assert model.entered.wait(PATIENCE_S)
        clock.advance(6)
        model.go.set()
        assert heard.until(lambda e: e.name == "decision" and e.id == key).verdict is Verdict.REJECT
        heard.until_reply("That came too late")
    assert fleet.submissions == []


def test_a_late_stop_still_stops(site: Site, fleet: FleetDouble, heard: Recorder, clock: ManualClock) -> None:
    with agent_of(site, fleet, heard, clock=clock) as agent:
        key = agent.submit(Utterance(text="stop!", deadline=clock.time() - 100))
        assert heard.until(lambda e: e.name == "decision" and e.id == key).verdict is Verdict.ACCEPT
        heard.until_reply("Holding all vehicles.")
    assert fleet.orders == [(STOP_ALL,)]


# Stopping


def test_a_stop_does_not_wait_for_a_language_model_that_hangs(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    model = ScriptedModel("move V1 to P1")
    model.go.clear()
    with agent_of(site, fleet, heard, model) as agent:
        slow = agent.submit(Utterance(text=PARAPHRASE))
        assert model.entered.wait(PATIENCE_S)
        try:
            assert agent.say("forklift three, stop!").verdict is Verdict.ACCEPT
            assert agent.say("¡alto!").commands == (STOP_ALL,)
            heard.until_reply("Deteniendo todos los vehículos.")
            assert heard.of("decision", slow) == []
            assert fleet.orders == [(Command(Action.STOP, ("forklift-3",)),), (STOP_ALL,)]
        finally:
            model.go.set()


@pytest.mark.parametrize("open_question", [True, False])
def test_a_stop_is_taken_whatever_the_fleet_says_and_whatever_is_being_asked(
    site: Site, fleet: FleetDouble, heard: Recorder, open_question: bool
) -> None:
    with agent_of(site, fleet, heard) as agent:
        if open_question:
            assert agent.say("everybody park").verdict is Verdict.CONFIRM
        fleet.problems = [Problem(Code.OFFLINE, "forklift-1 is not connected", "forklift-1")]
        assert agent.say("everybody stop").verdict is Verdict.ACCEPT
        heard.until_reply("Holding all vehicles.")
    assert fleet.orders == [(STOP_ALL,)]


# Confirmation


@pytest.mark.parametrize(("code", "why"), [(Code.OFFLINE, "is not connected"), (Code.UNCONFIRMED, "has not confirmed")])
def test_a_stop_that_may_not_have_arrived_is_warned_of(
    site: Site, fleet: FleetDouble, heard: Recorder, code: Code, why: str
) -> None:
    with agent_of(site, fleet, heard) as agent:
        said = agent.say("forklift three stop")
        fleet.tell("late", code=code)
        warning = heard.until_reply("not certain that forklift 3", why, key=said.id)
    assert warning.urgency is Urgency.ALARM


def test_many_vehicles_start_only_after_a_yes(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        asked = agent.say("everybody park")
        assert asked.verdict is Verdict.CONFIRM
        heard.until_reply("Yes or no?", key=asked.id)
        assert fleet.submissions == []
        answer = agent.say("yes")
        assert (answer.verdict, answer.commands) == (Verdict.ACCEPT, asked.commands)
        heard.until(lambda e: e.name == "reply" and e.id == asked.id and not e.text.endswith("Yes or no?"))
        assert fleet.submissions == [(asked.id, asked.commands)]
        assert agent.wait(answer.id, PATIENCE_S)
        agent.say("yes")  # once only
        assert len(fleet.submissions) == 1


def test_a_no_does_nothing_and_says_so(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        asked = agent.say("everybody park")
        assert agent.say("no").verdict is Verdict.REJECT
        heard.until_reply("All right, nothing was done.")
        assert agent.wait(asked.id, PATIENCE_S) is False
        agent.say("yes")
    assert fleet.submissions == []


def test_a_yes_that_comes_too_late_does_nothing(
    site: Site, fleet: FleetDouble, heard: Recorder, clock: ManualClock
) -> None:
    with agent_of(site, fleet, heard, clock=clock) as agent:
        asked = agent.say("everybody park")
        clock.advance(20.001)
        assert agent.say("yes").verdict is Verdict.REJECT
        assert agent.wait(asked.id, PATIENCE_S) is False
    assert fleet.submissions == []


def test_a_question_that_nobody_answers_ends_by_itself(
    site: Site, fleet: FleetDouble, heard: Recorder, clock: ManualClock
) -> None:
    with agent_of(site, fleet, heard, clock=clock) as agent:
        asked = agent.say("everybody park")
        clock.advance(20.001)
        assert agent.wait(asked.id, PATIENCE_S) is False
    assert fleet.submissions == []


def test_somebody_elses_yes_is_no_answer(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    def say(text: str, operator: str, device: str) -> Any:
        key = agent.submit(Utterance(text=text, operator=operator, device=device))
        return heard.until(lambda e: e.name == "decision" and e.id == key)

    with agent_of(site, fleet, heard) as agent:
        asked = say("everybody park", "ann", "headset-1")
        assert say("yes", "bob", "headset-2").verdict is Verdict.REJECT
        assert fleet.submissions == []
        assert say("yes", "ann", "headset-1").verdict is Verdict.ACCEPT
        assert agent.say("where is forklift one").verdict is Verdict.ACCEPT
        assert fleet.submissions == [(asked.id, asked.commands)]
    assert {reply.device for reply in heard.of("reply", asked.id)} == {"headset-1"}


def test_a_new_order_is_taken_while_a_question_is_open(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        agent.say("everybody park")
        assert agent.say(ORDER).verdict is Verdict.ACCEPT
        heard.until_reply("Forklift 3", "dock 2")
    assert fleet.orders == [(TO_DOCK,)]


# Questions, plans, languages


def test_a_question_is_answered_and_sends_nothing(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        decision = agent.say("where is tugger one")
        assert agent.wait(decision.id, PATIENCE_S)
        heard.until_reply("Tugger 1", "parking", "5", "80%")
    assert fleet.submissions == []


@pytest.mark.parametrize(
    ("order", "doing"),
    [
        ("forklift three, go to dock two", "Forklift 3: going to dock 2."),
        ("take the pallet from dock one to dock two", "Forklift 3: from dock 1 to dock 2 with a load."),
    ],
)
def test_a_vehicle_under_way_is_said_to_do_what_it_was_told(
    site: Site, fleet: FleetDouble, heard: Recorder, order: str, doing: str
) -> None:
    with agent_of(site, fleet, heard) as agent:
        job = agent.say(order).id
        fleet.views["forklift-3"] = replace(fleet.views["forklift-3"], job=job)
        asked = agent.say("what is forklift three doing")
        heard.until_reply("Forklift 3 is at", doing, key=asked.id)


@pytest.mark.parametrize(("charging", "doing"), [(True, "is charging"), (False, "has nothing to do")])
def test_a_vehicle_without_an_order_charges_or_does_nothing(
    site: Site, fleet: FleetDouble, heard: Recorder, charging: bool, doing: str
) -> None:
    fleet.views["forklift-3"] = replace(fleet.views["forklift-3"], charging=charging)
    with agent_of(site, fleet, heard) as agent:
        asked = agent.say("what is forklift three doing")
        heard.until_reply("Forklift 3 is at", doing, key=asked.id)


def test_a_question_that_the_model_reads_with_middling_confidence_is_answered(
    site: Site, fleet: FleetDouble, heard: Recorder
) -> None:
    model = ScriptedModel("status V1", probability=0.65)
    with agent_of(site, fleet, heard, model) as agent:
        decision = agent.say("forklift three, when will you be done")
        assert [c.action for c in decision.commands] == [Action.STATUS]
        heard.until_reply("Forklift 3", "80%", key=decision.id)
    assert fleet.orders == []


def test_an_amount_of_loads_without_a_planner_is_declined_with_the_reason(
    site: Site, fleet: FleetDouble, heard: Recorder
) -> None:
    with agent_of(site, fleet, heard) as agent:
        decision = agent.say("move five pallets from aisle one to dock two")
        assert decision.commands == (Command(Action.PLAN, ()),)
        assert agent.wait(decision.id, PATIENCE_S) is False
    assert [(e.plan.state, e.detail) for e in heard.of("plan")] == [("failed", "no planner is configured")]
    assert heard.texts()[-1] == "The planner cannot be reached. Nothing was done."
    assert fleet.submissions == []


@pytest.mark.parametrize(
    ("said", "language", "reply"),
    [
        ("carretilla tres, ve al muelle dos", "es", ["Carretilla 3", "muelle 2"]),
        ("三号叉车，开到冷库去", "zh", ["叉车", "3", "冷库"]),
        ("Stapler drei, fahr zur Rampe zwei", "de", ["Stapler 3", "Rampe 2"]),
        ("chariot trois, va au quai deux", "fr", ["Chariot 3", "quai 2"]),
        ("フォークリフト3号、ドック2へ行って", "ja", ["フォークリフト", "3", "ドック"]),
    ],
)
def test_the_answer_comes_in_the_language_that_was_spoken(
    site: Site, fleet: FleetDouble, heard: Recorder, said: str, language: str, reply: list[str]
) -> None:
    with agent_of(site, fleet, heard) as agent:
        decision = agent.say(said)
        assert (decision.verdict, decision.language) == (Verdict.ACCEPT, language)
        assert heard.until_reply(*reply).language == language


# Robustness


def test_a_listener_that_fails_harms_nobody(
    site: Site, fleet: FleetDouble, heard: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_event: object) -> None:
        raise RuntimeError("the listener's own fault")

    agent = agent_of(site, fleet, Recorder())
    for name in EVENT_NAMES:
        agent.on(name, fail)
    heard.attach(agent)
    with agent:
        decision = agent.say(ORDER)
        heard.until_reply("Forklift 3", "dock 2")
        fleet.drive()
        assert agent.wait(decision.id, PATIENCE_S)
    assert [e.name for e in heard.events].count("order") == 5
    assert "a listener of 'decision' failed" in caplog.text


def test_a_listener_may_say_the_next_thing(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    agent = agent_of(site, fleet, heard)
    said = threading.Event()

    def go_on(reply: Any) -> None:
        if not said.is_set():
            said.set()
            agent.submit(Utterance(text="where is tugger one"))

    agent.on("reply", go_on)
    with agent:
        agent.say(ORDER)
        heard.until_reply("Tugger 1", "80%")


def test_an_event_that_does_not_exist_is_refused_by_name(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    agent = agent_of(site, fleet, heard)
    with pytest.raises(ValueError, match="no event 'rely'; there are utterance, transcript, decision"):
        agent.on("rely", print)  # type: ignore[arg-type]


def test_an_agent_without_ears_says_so(site: Site, fleet: FleetDouble, heard: Recorder, speech: dict[str, Any]) -> None:
    with agent_of(site, fleet, heard) as agent:
        decision = agent.hear(speech["en-move"])
        assert (decision.verdict, "send text" in decision.reason) == (Verdict.REJECT, True)
        assert agent.say(ORDER).verdict is Verdict.ACCEPT


class DeafRecogniser:
    """Fails as it is told to."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def transcribe(self, sound: object) -> Any:  # noqa: ARG002  it is deaf
        raise self._error


@pytest.mark.parametrize("error", [BanksmanError("the ear is broken"), RuntimeError("a bug")])
def test_a_recogniser_that_fails_costs_one_utterance(
    site: Site, fleet: FleetDouble, heard: Recorder, speech: dict[str, Any], error: Exception
) -> None:
    with agent_of(site, fleet, heard, recogniser=DeafRecogniser(error)) as agent:
        decision = agent.hear(speech["en-move"])
        assert decision.verdict is Verdict.REJECT
        heard.until_reply("I did not understand.")
        assert agent.say("stop").verdict is Verdict.ACCEPT


def test_closing_finishes_what_was_heard(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        keys = [agent.submit(Utterance(text=ORDER)) for _ in range(20)]
    assert [e.id for e in heard.of("decision")] == keys
    agent.close()


def test_an_unknown_utterance_cannot_be_waited_for(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent, pytest.raises(KeyError):
        agent.wait("never")
