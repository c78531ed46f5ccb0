"""From speech to wheels: a spoken order with a time limit, twelve vehicles over a real broker, and one that fails."""

from __future__ import annotations

import json
import re
import time

import pytest
from plan_wheels_world import LOADS, WHEELS, approve, driving, loads_carried, on_its_way_empty
from plant import Plant, eventually
from wheels_site import hall

from banksman_edge import Verdict, WhisperRecogniser
from banksman_edge.app.build import load_recogniser
from banksman_edge.audio import load_sound
from banksman_edge.utterance import Utterance
from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_shared.broker import RunningBroker
from banksman_shared.plans import PlanState

KEEP_OUT = {"kind": "avoid", "places": ["dock-6"], "words": "dock"}


def test_a_vehicle_fails_half_way_and_the_others_meet_the_limit(mqtt_broker: RunningBroker) -> None:
    with driving(mqtt_broker.url, LOADS, KEEP_OUT) as plant:
        key = approve(plant)
        broken = on_its_way_empty(plant, key)
        plant.sim.inject(broken, Fault(FaultKind.EMERGENCY_STOP))
        plant.heard.until_reply("I am planning the rest anew.", key=key)
        plant.heard.until_reply("The rest is planned anew", key=key)
        assert plant.agent.wait(key, 300)
        assert plant.heard.texts(key)[-1] == "The plan is done."
        assert loads_carried(plant, key) == 16
        states = [e.plan.state for e in plant.heard.of("plan", key)]
        assert states[-1] is PlanState.DONE
        assert PlanState.FAILED not in states
        assert not any(node.startswith("dock-6") for node in _driven(plant))


def out_of_order_at_dock_one(plant: Plant) -> None:
    """Forklift 12 goes there and does not get away."""
    assert plant.agent.wait(plant.agent.say("forklift twelve, go to dock one").id, 60)
    plant.sim.inject("forklift-12", Fault(FaultKind.EMERGENCY_STOP))
    eventually(lambda: plant.fleet.vehicles()["forklift-12"].bars == ("dock-1",), "it bars the dock")


@pytest.mark.soak
def test_a_first_plan_keeps_clear_of_who_is_out_of_order(mqtt_broker: RunningBroker) -> None:
    with driving(mqtt_broker.url, LOADS | {"count": 2, "origins": ["dock-1", "dock-2"]}) as plant:
        out_of_order_at_dock_one(plant)
        key = approve(plant, "take two pallets from dock one to aisle three within ten minutes")
        assert {step.origin for step in plant.heard.of("plan", key)[-1].plan.steps} == {"dock-2"}
        assert plant.agent.wait(key, 120)
        assert loads_carried(plant, key) == 2


@pytest.mark.soak
def test_where_who_is_out_of_order_leaves_no_way_the_wish_is_told(mqtt_broker: RunningBroker) -> None:
    with driving(mqtt_broker.url, LOADS | {"count": 2, "origins": ["dock-1"]}) as plant:
        out_of_order_at_dock_one(plant)
        key = plant.agent.say("take two pallets from dock one to aisle three within ten minutes").id
        plant.heard.until_reply("No way is open: “pallets”", "out of order is in the way", key=key)
        assert not plant.agent.wait(key, 60)


def test_a_stop_holds_the_plan_and_resume_lets_it_go_on(mqtt_broker: RunningBroker) -> None:
    with driving(mqtt_broker.url, LOADS | {"count": 6}) as plant:
        key = approve(plant)
        eventually(lambda: any(v.driving for v in plant.fleet.vehicles().values()), "somebody drives")
        plant.agent.say("everybody stop")
        plant.heard.until_reply("The plan waits.", key=key)
        begun = len([n for n in plant.heard.of("order", key) if n.status == "queued"])
        time.sleep(2)
        assert len([n for n in plant.heard.of("order", key) if n.status == "queued"]) == begun
        assert plant.agent.say("everybody resume").verdict is Verdict.ACCEPT
        assert plant.agent.wait(key, 300)
        assert loads_carried(plant, key) == 6


@pytest.mark.soak
def test_an_operator_takes_a_vehicle_out_of_a_plan(mqtt_broker: RunningBroker) -> None:
    with driving(mqtt_broker.url, LOADS) as plant:
        key = approve(plant)
        taken = on_its_way_empty(plant, key)
        number = taken.rpartition("-")[2]
        assert plant.agent.say(f"forklift {number}, cancel").verdict is Verdict.ACCEPT
        plant.heard.until_reply(f"Forklift {number} is out of the plan.", key=key)
        assert plant.agent.wait(key, 300)
        assert loads_carried(plant, key) == 16


@pytest.mark.soak
def test_what_can_not_be_done_in_time_any_more_is_said_with_how_much_is_missing(mqtt_broker: RunningBroker) -> None:
    """Two vehicles would do it, and nobody else may."""
    two = {"vehicles": ["forklift-1", "forklift-2"], "count": 6, "origins": ["dock-1"], "destinations": ["aisle-1"]}
    with driving(mqtt_broker.url, LOADS | two | {"within_s": 330}, speed_up=6) as plant:
        key = approve(plant, "take six pallets from dock one to aisle one within seven minutes")
        taken = on_its_way_empty(plant, key).rpartition("-")[2]
        plant.agent.say(f"forklift {taken}, cancel")
        late = plant.heard.until_reply("“pallets” will be", "late.", key=key).text
        assert re.search(r"will be \d+ (seconds|minutes?) late", late)
        assert plant.agent.wait(key, 300)
        assert loads_carried(plant, key) == 6


@pytest.mark.soak
def test_where_the_system_chooses_it_leaves_the_vehicles_of_a_plan_alone(mqtt_broker: RunningBroker) -> None:
    """Forklift 4 waits for its time beside dock 4."""
    later = {"vehicles": ["forklift-4"], "count": 2, "origins": ["dock-1"], "destinations": ["aisle-1"]}
    with driving(mqtt_broker.url, LOADS | later | {"not_before_s": 15}) as plant:
        key = approve(plant, "take two pallets from dock one to aisle one within ten minutes")
        assert plant.fleet.vehicles()["forklift-4"].idle
        other = plant.agent.say("take a pallet from dock four to aisle six")
        assert plant.agent.wait(other.id, 120)
        assert {n.vehicle for n in plant.heard.of("order", other.id)} <= {"forklift-3", "forklift-5"}
        assert plant.agent.wait(key, 120)
        assert loads_carried(plant, key) == 2
        assert plant.agent.say("forklift four, go to dock one").verdict is Verdict.ACCEPT


def _driven(plant: Plant) -> list[str]:
    return [plant.sim.state(vehicle).last_node_id for vehicle in plant.sim]


def test_a_spoken_order_ends_on_wheels(mqtt_broker: RunningBroker, hall_ears: WhisperRecogniser) -> None:
    """What is heard goes to the planner, its plan comes back, and a yes sets twelve vehicles going."""
    (line,) = [json.loads(each) for each in (WHEELS / "manifest.jsonl").read_text().splitlines()]
    as_said = LOADS | {"origins": ["dock-1"], "destinations": ["aisle-3"]}
    with driving(mqtt_broker.url, as_said, KEEP_OUT, recogniser=hall_ears) as plant:
        key = plant.agent.submit(Utterance(sound=load_sound(WHEELS / line["audio"])))
        said = plant.heard.until_reply("Shall I start it?", key=key).text
        assert re.fullmatch(
            r"Plan: 16 loads from dock 1 to aisle 3, \d+ vehicles, done in [^.]+, [^.]+ before the limit\. "
            r"Nobody to or through dock 6\. Shall I start it\?",
            said,
        )
        plant.agent.say("yes")
        broken = on_its_way_empty(plant, key)
        plant.sim.inject(broken, Fault(FaultKind.BATTERY_DYING, amount=1.0))
        assert plant.agent.wait(key, 300)
        assert loads_carried(plant, key) == 16
        assert any("planning the rest anew" in text for text in plant.heard.texts(key))
        assert plant.heard.texts(key)[-1] == "The plan is done."


@pytest.fixture(scope="module")
def hall_ears() -> WhisperRecogniser:
    """Whisper for the words of the hall."""
    return load_recogniser(hall(), "whisper-base")
