"""An agent of one's own parts, and a conversation with it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from dialogue_world import YardDouble
from edge_world import FleetDouble, Recorder, ScriptedModel, agent_of

from banksman_edge import Agent, Pipeline, Policy, Settings, Verdict
from banksman_shared.broker import broker
from banksman_shared.mqtt import MqttSettings
from banksman_shared.site import PolicyTable, Site, Thresholds

ORDER = "forklift three, go to dock two"


def test_what_a_speaker_says_and_hears_is_their_own(site: Site, heard: Recorder) -> None:
    with (
        agent_of(site, YardDouble(site), heard, ScriptedModel("instead move V1 to P2")) as agent,
        agent.conversation(operator="anna") as anna,
        agent.conversation(operator="ben") as ben,
    ):
        assert anna.say(ORDER).replies == ("Forklift 3: going to dock 2.",)
        assert ben.say("forklift one, go to dock one").replies == ("Forklift 1: going to dock 1.",)
        corrected = anna.say("no, dock five")
        assert [str(command.action) for command in corrected.decision.commands] == ["cancel", "move"]
        assert corrected.decision.commands[-1].vehicles == ("forklift-3",)
        assert ben.heard() == []


def test_whoever_has_left_hears_nothing_more(site: Site, heard: Recorder) -> None:
    with agent_of(site, FleetDouble(site), heard) as agent:
        with agent.conversation() as left:
            pass
        agent.say(ORDER, device=left.device)
        assert left.heard() == []


class Broken(Pipeline):
    """An understanding of somebody's own, which fails."""

    def quick(self, *_: Any) -> None:
        raise RuntimeError("the word list of aisle nine is empty")


def test_a_part_of_ones_own_is_used_and_its_failure_is_told_to_the_developer_and_not_to_the_log(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    fleet = FleetDouble(site)
    with (
        broker() as running,
        caplog.at_level(logging.DEBUG),
        Agent.build(
            site, Settings(MqttSettings(running.url), hearing=False), understanding=Broken(site, None), fleet=fleet
        ) as agent,
    ):
        assert agent.fleet is fleet
        decision = agent.say(ORDER)
    assert decision.verdict is Verdict.REJECT
    assert "RuntimeError: the word list of aisle nine is empty" in decision.reason
    assert "test_conversation.py" in decision.reason
    assert "aisle nine" not in caplog.text
    assert "RuntimeError" in caplog.text


def test_an_agent_is_built_with_a_policy_of_ones_own(site: Site) -> None:
    careful = Policy(PolicyTable(grammar=Thresholds(accept=1.0, confirm=0.5)), site)
    with (
        broker() as running,
        Agent.build(
            site,
            Settings(MqttSettings(running.url), hearing=False),
            understanding=Pipeline(site, None),
            fleet=FleetDouble(site),
            policy=careful,
        ) as agent,
        agent.conversation() as anna,
    ):
        exchange = anna.say(ORDER)
    assert exchange.decision.verdict is Verdict.CONFIRM
    assert exchange.replies == ("Forklift 3: going to dock 2. Yes or no?",)
