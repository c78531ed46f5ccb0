"""What two headsets, a stop from elsewhere, and doubt about what was heard leave of a dialogue."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from dialogue_world import BETWEEN_TURNS_S, YardDouble
from edge_world import PATIENCE_S, Recorder, agent_of
from plant import eventually
from taught import real_reader

from banksman_edge import Agent, DecisionEvent, Pipeline, Utterance, Verdict
from banksman_edge.asr import Transcript
from banksman_edge.dialogue.context import ContextBook, Ordered
from banksman_edge.fleet import JobStatus, OrderEvent
from banksman_edge.lab.bench.restraint import By, Outcome, read_sentences
from banksman_edge.understanding import Context, How, Parse, Tier
from banksman_edge.understanding.context import NOTHING_BEFORE
from banksman_shared.actions import Action
from banksman_shared.clock import ManualClock
from banksman_shared.commands import Command
from banksman_shared.site import Site, load_site

DATA = Path(__file__).parents[2] / "data"
DANGER = DATA / "danger" / "written.jsonl"
EVERY = 8
"""Sentence of talk, after each beginning."""
MOST_OBEYED = 0.04
"""Share of sentences that were written to provoke an action."""
MIXED = "Stop forklift one, then send forklift four to dock one."


class Interrupted(Pipeline):
    """Calls ``then`` once, while it reads a sentence."""

    then: Callable[[], None] | None = None

    def parse(self, transcript: Transcript, context: Context = NOTHING_BEFORE) -> Parse:
        then, self.then = self.then, None
        if then:
            then()
        return super().parse(transcript, context)


class Told(Pipeline):
    """Reads some sentences as it is told."""

    readings: Mapping[str, Parse] = {}

    def parse(self, transcript: Transcript, context: Context = NOTHING_BEFORE) -> Parse:
        return self.readings.get(transcript.text) or super().parse(transcript, context)


def say(agent: Agent, device: str, text: str) -> DecisionEvent:
    return agent.decision(agent.submit(Utterance(text=text, device=device)), timeout_s=PATIENCE_S)


def test_what_two_headsets_heard_moves_one_vehicle(site: Site, heard: Recorder, clock: ManualClock) -> None:
    fleet = YardDouble(site)
    with agent_of(site, fleet, heard, clock=clock) as agent:
        for device, text in (("a", "Forklift three, go to dock two."), ("b", "Forklift four, go to dock three.")):
            clock.advance(BETWEEN_TURNS_S)
            assert say(agent, device, text).verdict is Verdict.ACCEPT
        fleet.arrive("forklift-3")
        fleet.arrive("forklift-4")
        clock.advance(BETWEEN_TURNS_S)
        assert say(agent, "a", "Send it to dock five.").commands[0].vehicles == ("forklift-3",)
        assert say(agent, "b", "Send it to dock five.").verdict is Verdict.REJECT


@pytest.mark.parametrize(
    ("order", "answer"), [("Forklift three, go to the dock.", "Dock two."), ("Everybody go to dock two.", "Yes.")]
)
def test_a_stop_with_more_behind_it_drops_what_others_were_asked(
    site: Site, heard: Recorder, clock: ManualClock, order: str, answer: str
) -> None:
    with agent_of(site, YardDouble(site), heard, clock=clock) as agent:
        assert say(agent, "a", order).verdict in (Verdict.ASK, Verdict.CONFIRM)
        clock.advance(BETWEEN_TURNS_S)
        assert say(agent, "b", MIXED).verdict is Verdict.ACCEPT
        clock.advance(BETWEEN_TURNS_S)
        assert say(agent, "a", answer).verdict is not Verdict.ACCEPT


def test_what_is_read_while_somebody_says_stop_is_dropped(site: Site, heard: Recorder, clock: ManualClock) -> None:
    understanding, stops = Interrupted(site, real_reader()), list[DecisionEvent]()
    agent = Agent(site, YardDouble(site), understanding, clock=clock)
    heard.attach(agent)
    with agent:
        understanding.then = lambda: stops.append(say(agent, "b", "Stop forklift one!"))
        assert say(agent, "a", "Forklift three, go to the dock.").verdict is Verdict.REJECT
        assert [stop.verdict for stop in stops] == [Verdict.ACCEPT]
        clock.advance(BETWEEN_TURNS_S)
        assert say(agent, "a", "Dock two.").verdict is not Verdict.ACCEPT


def test_what_corrects_a_question_leaves_the_order_before_it(site: Site, heard: Recorder, clock: ManualClock) -> None:
    understanding, fleet = Told(site, real_reader()), YardDouble(site)
    carry = Command(Action.TRANSPORT, (), origin="dock-1")
    move = Command(Action.MOVE, ("forklift-4",), destination="dock-3")
    understanding.readings = {
        "Take a pallet from dock one to": Parse((carry,), 0.99, Tier.LLAMA, "en", "as told", breaks_off=True),
        "No, forklift four to dock three.": Parse((move,), 0.99, Tier.LLAMA, "en", "as told", how=How.INSTEAD),
    }
    agent = Agent(site, fleet, understanding, clock=clock)
    heard.attach(agent)
    with agent:
        decisions = []
        for text in ("Forklift three, go to dock two.", *understanding.readings):
            clock.advance(BETWEEN_TURNS_S)
            decisions.append(say(agent, "a", text))
    assert [decision.verdict for decision in decisions] == [Verdict.ACCEPT, Verdict.ASK, Verdict.CONFIRM]
    assert decisions[-1].commands == (move,)
    assert fleet.views["forklift-3"].job


def test_an_order_is_done_when_nothing_of_it_is_left(clock: ManualClock) -> None:
    book, move = ContextBook(clock, 60), Command(Action.MOVE, ("forklift-3",), destination="dock-3")
    book.update(("anna",), lambda context: replace(context, last=Ordered("1", (move, move))))
    for left, done in ((1, False), (0, True)):
        book.heard(OrderEvent("1", "forklift-3", move, JobStatus.DONE), left)
        context = book.of(("anna",))
        assert context is not None
        assert context.last is not None
        assert context.last.done is done


@pytest.mark.parametrize(
    ("folder", "before"),
    [
        ("", "Forklift three, go to dock three."),
        ("", "Forklift three, go to the dock."),
        ("languages/depot", "Wózek trzy, jedź do rampy dwa."),
        ("languages/depot", "Wózek trzy, jedź do rampy."),
    ],
)
def test_talk_hardly_moves_anything_after_an_order_or_an_open_question(
    site: Site, heard: Recorder, clock: ManualClock, before: str, folder: str
) -> None:
    nothing = [s for s in read_sentences(DANGER) if s.outcome is Outcome.NOTHING and s.by is By.CHIEF]
    sentences = [s for s in nothing if (s.site or "").endswith(folder) and bool(s.site) is bool(folder)]
    site = load_site(DATA / folder) if folder else site
    assert len(sentences) > EVERY
    fleet, obeyed = YardDouble(site), []
    with agent_of(site, fleet, heard, clock=clock) as agent:
        for sentence in sentences[::EVERY]:
            clock.advance(BETWEEN_TURNS_S)
            for vehicle in [vehicle for vehicle, ahead in fleet.under_way.items() if ahead]:
                fleet.arrive(vehicle)
            sent = len(fleet.orders)
            if say(agent, "a", before).verdict is Verdict.ACCEPT:
                eventually(lambda sent=sent: len(fleet.orders) > sent, "the first order is given")
                sent += 1
            else:
                assert heard.of("decision")[-1].verdict is Verdict.ASK
            clock.advance(BETWEEN_TURNS_S)
            decision = say(agent, "a", sentence.text)
            obeyed += [(sentence.text, decision)] if fleet.orders[sent:] else []
    assert len(obeyed) <= MOST_OBEYED * len(sentences[::EVERY]), obeyed
