"""A vehicle breaks down before anybody drives a plan: its wishes are planned anew without it, and asked for again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from edge_world import FleetDouble, Recorder, agent_of
from escalation_world import Dispatcher, fleet_at_home, planner, request_of
from plan_wheels_world import LOADS, driving, loads_carried
from plant import TOKEN, Plant, ScriptedGoals, eventually, running_planner, running_plant
from wheels_site import hall

from banksman_cloud import GoalPrompt
from banksman_edge import PlannerClient, Utterance, Verdict
from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_shared.broker import RunningBroker
from banksman_shared.plans import FleetSnapshot, Goals, Plan, PlanState
from banksman_shared.site import Site

ORDER = "take two pallets from dock one to aisle three within ten minutes"
TWO = LOADS | {"count": 2, "origins": ["dock-1"], "destinations": ["aisle-3"]}
ASKED = "Shall I start it?"
ANEW = "I am planning it anew."


class Slow(ScriptedGoals):
    """A model that answers when it is let."""

    def __init__(self, *goals: dict[str, Any]) -> None:
        super().__init__(*goals)
        self.go = threading.Event()

    def goals(self, prompt: GoalPrompt, *_: object) -> Goals:
        read = super().goals(prompt)
        assert self.go.wait(60)
        return read


@contextmanager
def slowly(url: str, *goals: dict[str, Any]) -> Iterator[tuple[Plant, Slow]]:
    with ExitStack() as stack:
        model = Slow(*goals)
        http = stack.enter_context(running_planner(model))
        planner = PlannerClient(str(http.base_url), TOKEN)
        stack.callback(planner.close)
        yield stack.enter_context(running_plant(hall(), url, planner=planner, speed_up=12.0)), model


def proposals(plant: Plant, key: str) -> list[Plan]:
    """The plans that were read back, in order."""
    return plans_read_back(plant.heard, key)


def proposed(plant: Plant, key: str, number: int) -> Plan:
    """The ``number``-th plan that is read back."""
    eventually(lambda: sum(ASKED in text for text in plant.heard.texts(key)) >= number, f"{number} proposals")
    return proposals(plant, key)[number - 1]


def ask(plant: Plant) -> tuple[str, Plan]:
    key = plant.agent.say(ORDER).id
    return key, proposed(plant, key, 1)


def drivers(plan: Plan) -> set[str]:
    return {step.vehicle for step in plan.steps}


def is_driven(plant: Plant, key: str) -> bool:
    running = any(event.plan.state is PlanState.RUNNING for event in plant.heard.of("plan", key))
    return running or any(news.vehicle for news in plant.heard.of("order", key))


@pytest.mark.parametrize("kind", [FaultKind.EMERGENCY_STOP, FaultKind.NETWORK_AWAY, FaultKind.MANUAL_MODE])
def test_who_breaks_down_while_a_plan_waits_for_its_yes_is_left_out_and_it_is_asked_again(
    mqtt_broker: RunningBroker, kind: FaultKind
) -> None:
    with driving(mqtt_broker.url, TWO) as plant:
        key, first = ask(plant)
        broken = min(drivers(first))
        plant.sim.inject(broken, Fault(kind))
        second = proposed(plant, key, 2)
        assert ANEW in " ".join(plant.heard.texts(key))
        assert broken not in drivers(second)
        assert second.hash != first.hash
        assert [goal.words for goal in second.goals] == [goal.words for goal in first.goals]
        assert not is_driven(plant, key)
        assert plant.agent.say("yes").verdict is Verdict.ACCEPT
        assert plant.agent.wait(key, 120)
        assert loads_carried(plant, key) == 2
        states = [e.plan.state for e in plant.heard.of("plan", key) if e.plan.id == first.id]
        assert states[-1] is PlanState.CANCELLED


def test_a_yes_to_a_plan_whose_vehicle_has_just_broken_down_starts_nothing(mqtt_broker: RunningBroker) -> None:
    with driving(mqtt_broker.url, TWO) as plant:
        key, first = ask(plant)
        broken = min(drivers(first))
        plant.sim.inject(broken, Fault(FaultKind.EMERGENCY_STOP))
        eventually(lambda: plant.fleet.vehicles()[broken].emergency_stop, "the fleet knows")
        plant.agent.say("yes")
        second = proposed(plant, key, 2)
        assert not is_driven(plant, key)
        assert broken not in drivers(second)
        assert plant.agent.say("no").verdict is Verdict.REJECT
        assert not plant.agent.wait(key, 60)
        assert not is_driven(plant, key)


def test_who_breaks_down_while_a_plan_is_made_is_left_out_of_it(mqtt_broker: RunningBroker) -> None:
    """Whom the first plan needs is known from the same request before."""
    with slowly(mqtt_broker.url, TWO) as (plant, model):
        model.go.set()
        key, first = ask(plant)
        plant.agent.say("no")
        assert not plant.agent.wait(key, 60)
        model.go.clear()
        key, asked = plant.agent.say(ORDER).id, len(model.requests)
        eventually(lambda: len(model.requests) > asked, "the model is asked")
        broken = min(drivers(first))
        plant.sim.inject(broken, Fault(FaultKind.EMERGENCY_STOP))
        eventually(lambda: plant.fleet.vehicles()[broken].emergency_stop, "the fleet knows")
        model.go.set()
        plan = proposed(plant, key, 1)
        assert any(ANEW in text for text in plant.heard.texts(key))
        assert broken not in drivers(plan)
        plant.agent.say("yes")
        assert plant.agent.wait(key, 120)
        assert loads_carried(plant, key) == 2


def test_where_nobody_else_can_do_it_it_is_said_who_broke_down_and_that_nobody_is_free(
    mqtt_broker: RunningBroker,
) -> None:
    with driving(mqtt_broker.url, TWO | {"vehicles": ["forklift-1"]}) as plant:
        key, _ = ask(plant)
        plant.sim.inject("forklift-1", Fault(FaultKind.EMERGENCY_STOP))
        plant.heard.until_reply("the emergency button of forklift 1 is pressed", ANEW, key=key)
        plant.heard.until_reply(
            "The plan failed: There is no plan for this: “pallets”",
            "No vehicle that may do it is free: “pallets”",
            key=key,
        )
        assert not plant.agent.wait(key, 60)
        plant.agent.say("yes")
        assert not is_driven(plant, key)


def test_it_is_not_planned_anew_for_ever(mqtt_broker: RunningBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("banksman_edge.plans.planning.MAX_ANEW", 1)
    with driving(mqtt_broker.url, TWO) as plant:
        key, first = ask(plant)
        plant.sim.inject(min(drivers(first)), Fault(FaultKind.EMERGENCY_STOP))
        second = proposed(plant, key, 2)
        plant.sim.inject(min(drivers(second)), Fault(FaultKind.EMERGENCY_STOP))
        plant.heard.until_reply("The plan failed: ", "the emergency button", key=key)
        assert not plant.agent.wait(key, 60)
        assert not is_driven(plant, key)


def test_a_stop_that_is_spoken_meanwhile_drops_the_plan_as_ever(mqtt_broker: RunningBroker) -> None:
    with driving(mqtt_broker.url, TWO) as plant:
        key, _ = ask(plant)
        plant.agent.say("everybody stop")
        plant.heard.until_reply("nothing was done", key=key)
        assert not plant.agent.wait(key, 60)
        assert len(proposals(plant, key)) == 1


def test_a_yes_to_a_plan_whose_vehicles_the_planner_has_given_to_somebody_else_has_it_made_anew(
    site: Site, fleet: FleetDouble
) -> None:
    heard = Recorder()
    with planner(Dispatcher(2)) as (client, _), agent_of(site, fleet, heard, planner=client) as agent:
        key = agent.submit(Utterance(text=ORDER))
        heard.until_reply(ASKED, key=key)
        [plan] = plans_read_back(heard, key)
        mine = FleetSnapshot(vehicles=tuple(v for v in fleet_at_home(site).vehicles if v.id in drivers(plan)))
        theirs = client.propose(request_of(site, ORDER, fleet=mine), "theirs", 60.0, lambda _: None)
        client.approve(theirs, fleet_at_home(site))
        agent.say("yes")
        heard.until_reply(ANEW, key=key)
        eventually(lambda: sum(ASKED in text for text in heard.texts(key)) == 2, "it is asked once more")
        first, second = plans_read_back(heard, key)
        assert first.id != second.id
        assert [goal.words for goal in first.goals] == [goal.words for goal in second.goals]
        assert not fleet.orders
        agent.say("yes")
        heard.until(lambda e: e.name == "plan" and e.plan.state is PlanState.RUNNING)


def plans_read_back(heard: Recorder, key: str) -> list[Plan]:
    return [event.plan for event in heard.of("plan", key) if event.picture]
