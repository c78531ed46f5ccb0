"""A plan outlives the agent: killed by SIGKILL, the next one goes on, and every load is carried once.

Real processes, a real broker, simulated vehicles; what was done is judged by what the vehicles report.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from killed_agent import AgentProcess, Works, works
from plant import eventually

from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_shared.broker import RunningBroker

ORDER = "take two pallets from dock six to aisle one within ten minutes"
KEY = "shift-1"
LOADS = {
    "kind": "transport",
    "count": 2,
    "vehicles": ["forklift-6"],
    "origins": ["dock-6"],
    "destinations": ["aisle-1"],
    "within_s": 600,
    "words": "pallets",
}
_runs = itertools.count()


@pytest.fixture
def plant(mqtt_broker: RunningBroker, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Works]:
    changes: dict[str, Any] = getattr(request, "param", {})
    with works(mqtt_broker.url, tmp_path / "state", f"-killed-{next(_runs)}", LOADS | changes) as running:
        yield running


def approve(agent: AgentProcess) -> None:
    agent.say(ORDER, KEY)
    agent.until("reply", text="Shall I start it?")
    agent.say("yes")


def fetched(plant: Works, loads: int = 1) -> None:
    eventually(lambda: plant.handled.count("pick") >= loads, f"{loads} loads were fetched")


def all_carried_once(plant: Works, agent: AgentProcess, loads: int = 2) -> None:
    agent.until("plan", id=KEY, state="done")
    agent.until("reply", text="The plan is done.")
    plant.at_rest()
    assert (plant.handled.count("pick"), plant.handled.count("drop")) == (loads, loads)
    eventually(lambda: plant.kept() == [], "nothing of it is kept")


def kept(plant: Works) -> dict[str, Any]:
    (path,) = plant.kept()
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def rewrite(plant: Works, **changes: Any) -> None:
    (path,) = plant.kept()
    path.write_text(json.dumps(kept(plant) | changes))


def interrupted(plant: Works, loads: int = 1) -> None:
    """A plan is under way, and its agent is killed."""
    agent = plant.start()
    approve(agent)
    fetched(plant, loads)
    agent.kill()


@pytest.mark.parametrize("plant", [{"count": 3}], indirect=True)
def test_a_killed_agent_goes_on_where_it_was_also_a_second_time(plant: Works) -> None:
    interrupted(plant)
    agent = plant.start()
    agent.until("reply", text="A plan was interrupted for", id=KEY)
    agent.until("plan", id=KEY, state="running", detail="goes on after a restart")
    fetched(plant, 2)
    agent.kill()
    agent = plant.start()
    assert "The plan goes on." in agent.until("reply", text="A plan was interrupted for")["text"]
    all_carried_once(plant, agent, 3)
    details = [record["data"]["detail"] for record in plant.audit() if record["kind"] == "plan"]
    assert sum("goes on after a restart" in detail for detail in details) == 2


@pytest.mark.parametrize("plant", [{"count": 1}], indirect=True)
@pytest.mark.parametrize(
    "moment", ["given", *(pytest.param(one, marks=pytest.mark.soak) for one in ("intended", "ended"))]
)
def test_killed_between_handing_out_a_step_and_noting_it_nothing_is_done_twice(plant: Works, moment: str) -> None:
    agent = plant.start(kill=moment)
    approve(agent)
    assert agent.wait() < 0
    all_carried_once(plant, plant.start(), 1)


@pytest.mark.soak
@pytest.mark.parametrize(
    "plant", [{"vehicles": ["forklift-5", "forklift-6"], "origins": ["dock-5", "dock-6"]}], indirect=True
)
def test_killed_while_others_take_over_a_step_nothing_is_fetched_twice(plant: Works) -> None:
    """One of two waits for dock 6, where forklift 4 is out of order; the load is fetched from dock 5 instead."""
    agent = plant.start(kill="taken over")
    agent.say("forklift four, go to dock six", "there")
    agent.until("order", id="there", status="done")
    agent.say(ORDER, KEY)
    agent.until("reply", text="Shall I start it?")
    plant.sim.inject("forklift-4", Fault(FaultKind.EMERGENCY_STOP))
    agent.say("yes")
    assert agent.wait() < 0
    assert [item["disputed"] for item in kept(plant)["items"]].count(True) == 1
    all_carried_once(plant, plant.start())


def test_killed_during_approval_nothing_is_begun_and_that_is_said(plant: Works) -> None:
    agent = plant.start(kill="approved")
    approve(agent)
    assert agent.wait() < 0
    agent = plant.start()
    agent.until("reply", text="The plan has ended. Not done: pallets.", id=KEY)
    agent.until("plan", id=KEY, state="failed", detail="broken off by a restart")
    assert plant.handled.count("pick") == 0
    eventually(lambda: plant.kept() == [], "nothing of it is kept")


def test_after_a_long_break_the_operator_is_asked_and_a_yes_goes_on(plant: Works) -> None:
    interrupted(plant)
    rewrite(plant, away_since=time.time() - 400)
    agent = plant.start()
    agent.until("reply", text="A plan was interrupted for 7 minutes")
    agent.until("reply", text="Not done yet: pallets. Shall I go on?")
    time.sleep(2)
    assert plant.handled.count("pick") == 1
    agent.say("yes")
    all_carried_once(plant, agent)


def test_a_stop_from_before_holds_until_resumed(plant: Works) -> None:
    agent = plant.start()
    approve(agent)
    fetched(plant)
    agent.say("everybody stop")
    agent.until("reply", text="The plan waits.")
    agent.kill()
    agent = plant.start()
    agent.until("reply", text="The plan waits.", id=KEY)
    time.sleep(2)
    assert plant.handled.count("pick") == 1
    agent.say("everybody resume")
    agent.until("reply", text="The plan goes on.")
    all_carried_once(plant, agent)


def test_what_was_cancelled_does_not_come_back(plant: Works) -> None:
    agent = plant.start()
    approve(agent)
    fetched(plant)
    agent.say("cancel everything", "cancel")
    agent.until("decision", id="cancel")
    eventually(lambda: kept(plant)["given_up"] or not plant.kept(), "it is written down")
    agent.kill()
    agent = plant.start()
    agent.until("reply", text="The plan has ended. Not done: pallets.")
    assert plant.handled.count("pick") == 1


@pytest.mark.soak
def test_an_agent_that_is_closed_leaves_its_plan_to_the_next(plant: Works) -> None:
    agent = plant.start()
    approve(agent)
    fetched(plant)
    agent.close()
    assert "I am shutting down. Not done yet: pallets." in agent.texts()[-1]
    all_carried_once(plant, plant.start())


def test_a_damaged_file_is_one_clear_message(plant: Works) -> None:
    folder = plant.state / "plans"
    folder.mkdir(parents=True)
    (folder / "0.json").write_text('{"version": 1')
    agent = plant.start()
    agent.until("reply", text="A plan that was under way can no longer be read.")
    agent.until("plan", state="failed", detail="cannot be read")
    agent.say("where is everybody", "later")
    agent.until("reply", id="later")
    agent.close()
    assert [path.name.partition("-")[0] for path in plant.kept()] == ["0.json.unreadable"]
    assert sum("cannot be read" in str(record["data"]) for record in plant.audit()) == 1
