"""An operator cancels a plan, or a vehicle of it, before any vehicle has begun."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from edge_world import PATIENCE_S, FleetDouble, Recorder, agent_of
from escalation_world import Dispatcher, planner

from banksman_edge import Agent, Utterance, Verdict
from banksman_edge.fleet import Code, Problem
from banksman_shared.plans import PlanState
from banksman_shared.site import Site

ORDER = "before noon move five pallets from inbound to dock two"
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
        assert agent.say(words).verdict is Verdict.ACCEPT
        heard.until_reply("The plan has ended.", key=key)
        assert agent.wait(key, PATIENCE_S) is False
        assert agent.say(words).verdict is Verdict.REJECT
    assert fleet.submissions == []


def test_an_agent_that_is_closed_says_what_of_its_plan_was_not_done(site: Site, fleet: FleetDouble) -> None:
    heard = Recorder()
    with waiting_plan(site, fleet, heard) as (_, key):
        assert fleet.submissions == []
    assert any(text.startswith("The plan has ended.") for text in heard.texts(key))
    assert heard.of("plan", key)[-1].plan.state is PlanState.FAILED
