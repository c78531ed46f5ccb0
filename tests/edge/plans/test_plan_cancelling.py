"""An operator cancels a plan, or a vehicle of it, before any vehicle has begun."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import pytest
from edge_world import PATIENCE_S, FleetDouble, Recorder, agent_of
from escalation_world import Dispatcher, planner

from banksman_edge import Agent, Utterance, Verdict
from banksman_edge.asr import Transcript
from banksman_edge.audio import SAMPLE_RATE, Sound
from banksman_edge.fleet import Code, Problem
from banksman_edge.utterance import Spoken
from banksman_shared.plans import PlanState
from banksman_shared.site import Site

ORDER = "move two pallets from inbound to dock two"
NOTHING = Problem(Code.NOTHING_TO_DO, "there is no vehicle to cancel")


@contextmanager
def waiting_plan(site: Site, fleet: FleetDouble, heard: Recorder) -> Iterator[tuple[Agent, str]]:
    """A plan that was approved and begins in an hour."""
    with ExitStack() as stack:
        client, _ = stack.enter_context(planner(Dispatcher(2, not_before_s=3600.0)))
        agent = stack.enter_context(agent_of(site, fleet, heard, planner=client))
        key = agent.submit(Utterance(text=ORDER))
        heard.until_reply("Shall I start it?", key=key)
        assert agent.say("yes").verdict is Verdict.ACCEPT
        heard.until(lambda e: e.name == "plan" and e.plan.state is PlanState.RUNNING)
        fleet.problems = [NOTHING]
        yield agent, key


@pytest.mark.parametrize("words", ["cancel everything", "cancel"])
def test_a_plan_that_waits_is_cancelled(site: Site, fleet: FleetDouble, words: str) -> None:
    heard = Recorder()
    with waiting_plan(site, fleet, heard) as (agent, key):
        if agent.say(words).verdict is Verdict.CONFIRM:  # a word alone is read back
            assert agent.say("yes").verdict is Verdict.ACCEPT
        heard.until_reply("The plan has ended.", key=key)
        assert agent.wait(key, PATIENCE_S) is False
        assert agent.say(words).verdict is Verdict.REJECT
    assert fleet.submissions == []


def test_the_plan_of_somebody_else_is_cancelled_after_a_yes_only(
    site: Site, fleet: FleetDouble, heard: Recorder
) -> None:
    with waiting_plan(site, fleet, heard) as (agent, key):
        for answer, verdict in (("no", Verdict.REJECT), ("yes", Verdict.ACCEPT)):
            asked = agent.decision(agent.submit(Utterance(text="cancel that", device="other")))
            assert asked.verdict is Verdict.CONFIRM
            heard.until_reply("Yes or no?", key=asked.id)
            assert agent.decision(agent.submit(Utterance(text=answer, device="other"))).verdict is verdict
        heard.until_reply("The plan has ended.", key=key)


def test_a_yes_to_a_plan_that_was_hardly_heard_is_asked_for_once_more(
    site: Site, fleet: FleetDouble, heard: Recorder
) -> None:
    with ExitStack() as stack:
        client, _ = stack.enter_context(planner(Dispatcher(2, not_before_s=3600.0)))
        agent = stack.enter_context(agent_of(site, fleet, heard, planner=client))
        heard.until_reply("Shall I start it?", key=agent.submit(Utterance(text=ORDER)))
        for confidence, verdict in ((0.01, Verdict.ASK), (0.9, Verdict.ACCEPT)):
            now, silence = time.monotonic(), Sound(np.zeros(SAMPLE_RATE, np.float32))
            words = Spoken(Transcript("Yes.", "en", confidence), now, now)  # begun when it was asked
            assert agent.decision(agent.submit(Utterance(sound=silence, spoken=words))).verdict is verdict
        heard.until(lambda e: e.name == "plan" and e.plan.state is PlanState.RUNNING)


def test_an_agent_that_is_closed_says_what_of_its_plan_was_not_done(site: Site, fleet: FleetDouble) -> None:
    heard = Recorder()
    with waiting_plan(site, fleet, heard) as (_, key):
        assert fleet.submissions == []
    assert any(text.startswith("The plan has ended.") for text in heard.texts(key))
    assert heard.of("plan", key)[-1].plan.state is PlanState.FAILED
