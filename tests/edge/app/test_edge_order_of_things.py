"""What must hold whatever comes first: stops, answers, late orders, and listeners that are slow."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from edge_world import PARAPHRASE, PATIENCE_S, FleetDouble, Recorder, ScriptedModel, agent_of

from banksman_edge import Sound, Transcript, Utterance, Verdict
from banksman_shared.actions import Action
from banksman_shared.commands import STOP_ALL, Command
from banksman_shared.site import Site

RESUME_ALL = (Command(Action.RESUME, ("*",)),)
CONTINUE = "everybody resume"


def test_a_resume_that_was_said_before_a_stop_does_not_undo_it(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    model = ScriptedModel("none")
    model.go.clear()
    with agent_of(site, fleet, heard, model) as agent:
        agent.submit(Utterance(text=PARAPHRASE))
        assert model.entered.wait(PATIENCE_S)
        earlier = agent.submit(Utterance(text=CONTINUE))
        assert agent.say("stop").verdict is Verdict.ACCEPT
        model.go.set()
        decision = agent.decision(earlier, timeout_s=PATIENCE_S)
        assert decision.verdict is Verdict.REJECT
        assert "stop" in decision.reason
        assert agent.say(CONTINUE).verdict is Verdict.ACCEPT
    assert fleet.orders == [(STOP_ALL,), RESUME_ALL]


def test_going_on_without_a_name_is_confirmed(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        assert agent.say("continue").verdict is Verdict.CONFIRM
    assert fleet.orders == []


def test_a_stop_answers_open_questions_with_no(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        asked = agent.say("everybody go to the workshop")
        assert asked.verdict is Verdict.CONFIRM
        agent.say("stop")
        assert not agent.wait(asked.id, PATIENCE_S)
        agent.say("yes")
    assert fleet.orders == [(STOP_ALL,)]


def test_a_new_order_takes_the_place_of_an_open_question(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        asked = agent.say("everybody go to the workshop")
        agent.say("forklift three, go to dock two")
        assert not agent.wait(asked.id, PATIENCE_S)
        agent.say("yes")
    assert [orders[0].destination for orders in fleet.orders] == ["dock-2"]


def test_a_stop_in_front_of_an_order_stops(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        agent.say("stop forklift three and then go to dock two")
    assert fleet.orders[0][0] == Command(Action.STOP, ("forklift-3",))


def test_where_a_stop_fits_several_all_of_them_stop(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        agent.say("stop number one")
    assert fleet.orders == [(Command(Action.STOP, ("forklift-1", "tugger-1")),)]


def test_a_question_beside_an_order_is_answered_and_the_order_carried_out(
    site: Site, fleet: FleetDouble, heard: Recorder
) -> None:
    with agent_of(site, fleet, heard) as agent:
        agent.say("where is forklift three, then go to dock two")
        heard.until_reply("Forklift 3", "battery")
    assert [command.destination for command in fleet.orders[0]] == ["dock-2"]


@pytest.mark.parametrize("language", ["x" * 300, "../../languages/en", "xx", "\0"])
def test_a_language_from_the_wire_harms_nobody(site: Site, fleet: FleetDouble, heard: Recorder, language: str) -> None:
    with agent_of(site, fleet, heard) as agent:
        stale = Utterance(text="what a day", language=language, deadline=1.0)
        assert agent.decision(agent.submit(stale), timeout_s=PATIENCE_S).verdict is Verdict.REJECT
        assert agent.say("forklift three, go to dock two").verdict is Verdict.ACCEPT


def test_a_listener_that_is_stuck_keeps_no_stop_waiting(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    stuck, stopped = threading.Event(), threading.Event()
    agent = agent_of(site, fleet, heard)
    agent.on("utterance", lambda _: stuck.wait(PATIENCE_S))
    submit = fleet.submit

    def watch(job: str, commands: list[Command], **options: object) -> None:
        submit(job, commands, **options)
        stopped.set()

    fleet.submit = watch  # type: ignore[method-assign,assignment]
    with agent:
        agent.submit(Utterance(text="stop"))
        try:
            assert stopped.wait(PATIENCE_S / 4)
        finally:
            stuck.set()
    assert fleet.orders == [(STOP_ALL,)]


class Parrot:
    """A recogniser that hears the same order in everything."""

    def transcribe(self, _sound: Sound) -> Transcript:
        return Transcript("forklift three, go to dock two", "en", 0.9)


def test_a_sound_is_not_kept_and_too_long_a_one_is_refused(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard, recogniser=Parrot()) as agent:
        spoken = Utterance(sound=Sound(np.zeros(16_000, np.float32)))
        assert agent.decision(agent.submit(spoken), timeout_s=PATIENCE_S).verdict is Verdict.ACCEPT
        turn = agent._turns.known(spoken.id)
        assert turn.utterance.sound is None
        lecture = Utterance(sound=Sound(np.zeros(16_000 * 61, np.float32)))
        decision = agent.decision(agent.submit(lecture), timeout_s=PATIENCE_S)
    assert decision.verdict is Verdict.REJECT
    assert "in parts" in decision.reason


def test_what_was_decided_stays_decided_when_carrying_it_out_fails(
    site: Site, fleet: FleetDouble, heard: Recorder
) -> None:
    def fail(*_arguments: object, **_options: object) -> None:
        raise RuntimeError("the fleet's own fault")

    fleet.submit = fail  # type: ignore[method-assign]
    with agent_of(site, fleet, heard) as agent:
        decision = agent.say("forklift three, go to dock two")
        assert not agent.wait(decision.id, PATIENCE_S)
    assert [event.verdict for event in heard.of("decision")] == [Verdict.ACCEPT]
