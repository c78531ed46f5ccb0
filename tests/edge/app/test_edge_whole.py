"""End to end: from a spoken order over a real broker to a vehicle that stands where it was told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from plant import TOKEN, ScriptedGoals, eventually, running_planner, running_plant

from banksman_edge import PlannerClient, PromptedReader, Verdict, WhisperRecogniser
from banksman_edge.app.client import AgentClient
from banksman_shared.actions import Action
from banksman_shared.broker import RunningBroker, broker, free_port
from banksman_shared.commands import Command
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.plans import Plan, PlanRequest, plan_hash
from banksman_shared.site import Site
from banksman_shared.vda5050 import Order, Topics, codec_for

CODEC = codec_for("2.1.0")

SPEECH = Path(__file__).parents[2] / "data" / "speech"
TWO_PALLETS = "move two pallets from aisle one to dock two"
TWO_LOADS = {"kind": "transport", "count": 2, "origins": ["aisle-1"], "destinations": ["dock-2"], "words": "pallets"}


# Speech


@pytest.mark.parametrize(
    ("clip", "places"),
    [
        ("en-two", {"forklift-1": "cold-store", "forklift-3": "cold-store"}),
        ("es-move", {"forklift-2": "aisle-3"}),
    ],
)
def test_a_spoken_order_brings_vehicles_where_they_were_told(
    site: Site,
    mqtt_broker: RunningBroker,
    recogniser: WhisperRecogniser,
    llama: PromptedReader,
    clip: str,
    places: dict[str, str],
) -> None:
    with (
        running_plant(site, mqtt_broker.url, recogniser=recogniser, model=llama) as plant,
        AgentClient(site.id, MqttSettings(mqtt_broker.url), operator="ann") as desk,
    ):
        key = desk.send_file(SPEECH / f"{clip}.flac")
        names: list[str] = []
        document: dict[str, Any] = {}
        while document.get("open") != 0:
            name, document = desk.next(key, 60)
            names.append(name)
        assert names[:3] == ["utterance", "transcript", "decision"]
        assert plant.agent.wait(key, 60)
        assert sorted(plant.ended(key)) == [(vehicle, "done") for vehicle in sorted(places)]
        # Where two were told to go, the one who came first makes way for the other.
        assert {place for vehicle, place in places.items() if plant.stands_at(vehicle, place)} == {*places.values()}


def test_a_spoken_stop_holds_every_vehicle_until_it_is_released(
    site: Site, mqtt_broker: RunningBroker, recogniser: WhisperRecogniser
) -> None:
    with (
        running_plant(site, mqtt_broker.url, recogniser=recogniser, speed_up=1) as plant,
        AgentClient(site.id, MqttSettings(mqtt_broker.url)) as desk,
    ):
        moving = plant.agent.say("forklift three, go to dock two")
        eventually(lambda: plant.sim.state("forklift-3").driving, "forklift 3 drives")
        stop = desk.send_file(SPEECH / "en-stop.flac")
        plant.heard.until(lambda e: e.name == "decision" and e.id == stop)
        assert plant.agent.wait(stop, 60)
        assert all(plant.sim.state(vehicle).paused for vehicle in plant.sim)
        assert plant.agent.say("forklift one, go to dock one").verdict is Verdict.REJECT
        assert plant.ended(moving.id) == []


# What breaks


def test_a_broker_that_dies_in_the_middle_loses_nothing_and_repeats_nothing(site: Site) -> None:
    port, orders = free_port(), set[str]()
    address = site.vehicles["forklift-3"].address

    def note(_topic: str, payload: bytes) -> None:
        orders.add(CODEC.decode(Order, payload).order_id)

    with ExitStack() as first_life:
        url = first_life.enter_context(broker(port=port)).url
        with MqttLink(MqttSettings(url)) as ear, running_plant(site, url, speed_up=10) as plant:
            ear.subscribe(Topics().of(address, "order"), note)
            decision = plant.agent.say("forklift three, take the pallet from aisle two to dock five")
            plant.heard.until(lambda e: e.name == "order" and e.status == "running")
            first_life.close()
            eventually(lambda: not ear.up, "the broker is gone")
            assert plant.agent.say("where is forklift three").verdict is Verdict.ACCEPT
            with broker(port=port):
                assert plant.agent.wait(decision.id, 120)
                assert plant.ended(decision.id) == [("forklift-3", "done")]
                assert plant.stands_at("forklift-3", "dock-5")
                assert len(orders) == 1
                # and the next order goes through
                again = plant.agent.say("forklift three, go to dock four")
                assert plant.agent.wait(again.id, 120)
                assert plant.stands_at("forklift-3", "dock-4")


def test_a_vehicle_that_vanishes_is_reported_late_and_done_when_it_is_back(
    site: Site, mqtt_broker: RunningBroker
) -> None:
    with running_plant(site, mqtt_broker.url, speed_up=8) as plant:
        decision = plant.agent.say("forklift three, go to dock five")
        plant.heard.until(lambda e: e.name == "order" and e.status == "running")
        plant.sim.vanish("forklift-3")
        late = plant.heard.until(lambda e: e.name == "order" and e.status == "late")
        assert (late.id, late.vehicle, late.code) == (decision.id, "forklift-3", "vanished")
        plant.heard.until_reply("Forklift 3", "late", key=decision.id)
        assert plant.agent.say("forklift three, go to dock one").verdict is Verdict.REJECT
        plant.sim.come_back("forklift-3")
        assert plant.agent.wait(decision.id, 120)
        assert plant.stands_at("forklift-3", "dock-5")


# Plans


def test_a_plan_is_proposed_confirmed_driven_and_done(site: Site, mqtt_broker: RunningBroker) -> None:
    provider = ScriptedGoals(TWO_LOADS)
    with (
        running_planner(provider) as http,
        _planner(http) as planner,
        running_plant(site, mqtt_broker.url, planner=planner) as plant,
    ):
        decision = plant.agent.say(TWO_PALLETS)
        assert decision.commands == (Command(Action.PLAN, ()),)
        plant.heard.until_reply("Plan: 2 loads", key=decision.id)
        assert all(not plant.sim.state(vehicle).order_id for vehicle in plant.sim)  # nobody moves before the yes
        assert plant.agent.say("yes").verdict is Verdict.ACCEPT
        assert plant.agent.wait(decision.id, 120)
        done = plant.heard.until(lambda e: e.name == "plan" and e.plan.state == "done")
        assert [status for _, status in plant.ended(decision.id)] == ["done"] * len(done.plan.steps)
        assert {step.destination for step in done.plan.steps} == {"dock-2"}
        eventually(lambda: _plan(http, done.plan.id)["state"] == "done", "the planner was told")
    assert provider.requests[0].request == TWO_PALLETS


def test_what_a_plan_leaves_out_is_said_before_the_question(site: Site, mqtt_broker: RunningBroker) -> None:
    provider = ScriptedGoals(TWO_LOADS, unsupported=("then sing",))
    with (
        running_planner(provider) as http,
        _planner(http) as planner,
        running_plant(site, mqtt_broker.url, planner=planner) as plant,
    ):
        decision = plant.agent.say(TWO_PALLETS)
        plant.heard.until_reply("Plan: 2 loads", key=decision.id)
        said = plant.heard.texts(decision.id)
        assert said[-2] == "Not part of the plan: then sing."
        assert plant.agent.say("no").verdict is Verdict.REJECT


def test_a_plan_that_nobody_wants_is_given_up(site: Site, mqtt_broker: RunningBroker) -> None:
    with (
        running_planner(ScriptedGoals(TWO_LOADS)) as http,
        _planner(http) as planner,
        running_plant(site, mqtt_broker.url, planner=planner) as plant,
    ):
        decision = plant.agent.say(TWO_PALLETS)
        plant.heard.until_reply("Plan: 2 loads", key=decision.id)
        assert plant.agent.say("no").verdict is Verdict.REJECT
        assert plant.agent.wait(decision.id, 60) is False
        proposed = plant.heard.until(lambda e: e.name == "plan" and e.plan.state == "proposed")
        eventually(lambda: _plan(http, proposed.plan.id)["state"] == "cancelled", "the plan was given up")
        assert all(not plant.sim.state(vehicle).order_id for vehicle in plant.sim)


def test_a_planner_that_is_down_is_said_to_be_and_nothing_is_done(site: Site, mqtt_broker: RunningBroker) -> None:
    planner = PlannerClient(f"http://127.0.0.1:{free_port()}", TOKEN)
    with running_plant(site, mqtt_broker.url, planner=planner) as plant:
        decision = plant.agent.say(TWO_PALLETS)
        plant.heard.until_reply("The planner cannot be reached. Nothing was done.", key=decision.id)
        assert plant.agent.wait(decision.id, 60) is False
        assert all(not plant.sim.state(vehicle).order_id for vehicle in plant.sim)
        # what needs no planning goes on
        assert plant.agent.say("forklift three, go to dock two").verdict is Verdict.ACCEPT
    planner.close()


class _Man(PlannerClient):
    """Somebody between cloud and edge who changes what was planned."""

    tamper: Callable[[Plan], Plan]

    def propose(self, request: PlanRequest, *more: Any, **options: Any) -> Plan:
        return self.tamper(super().propose(request, *more, **options))


def _elsewhere(plan: Plan) -> Plan:
    first, *rest = plan.steps
    return plan.model_copy(update={"steps": (first.model_copy(update={"destination": "dock-6"}), *rest)})


def _rehashed(plan: Plan) -> Plan:
    changed = _elsewhere(plan)
    return changed.model_copy(update={"hash": plan_hash(changed.goals, changed.steps)})


def test_a_plan_whose_hash_does_not_fit_is_refused_by_the_edge(site: Site, mqtt_broker: RunningBroker) -> None:
    with (
        running_planner(ScriptedGoals(TWO_LOADS)) as http,
        _planner(http, _Man) as planner,
        running_plant(site, mqtt_broker.url, planner=planner) as plant,
    ):
        planner.tamper = _elsewhere
        decision = plant.agent.say(TWO_PALLETS)
        assert plant.agent.wait(decision.id, 60) is False
        assert "hash" in plant.heard.until(lambda e: e.name == "plan" and e.plan.state == "failed").detail
        plant.heard.until_reply("The plan failed", "cannot be driven here", key=decision.id)
        plant.agent.say("yes")
        assert all(not plant.sim.state(vehicle).order_id for vehicle in plant.sim)


def test_a_plan_that_was_changed_with_its_hash_does_not_do_what_was_asked_for(
    site: Site, mqtt_broker: RunningBroker
) -> None:
    with (
        running_planner(ScriptedGoals(TWO_LOADS)) as http,
        _planner(http, _Man) as planner,
        running_plant(site, mqtt_broker.url, planner=planner) as plant,
    ):
        planner.tamper = _rehashed
        decision = plant.agent.say(TWO_PALLETS)
        assert plant.agent.wait(decision.id, 60) is False
        failed = plant.heard.until(lambda e: e.name == "plan" and e.plan.state == "failed")
        assert "brings nothing to dock-6" in failed.detail
        plant.agent.say("yes")
        assert all(not plant.sim.state(vehicle).order_id for vehicle in plant.sim)


def _plan(http: httpx.Client, plan_id: str) -> dict[str, Any]:
    return dict(http.get(f"/v1/plans/{plan_id}").json())


@contextmanager
def _planner(http: httpx.Client, kind: type[PlannerClient] = PlannerClient) -> Iterator[Any]:
    client = kind(str(http.base_url), TOKEN)
    try:
        yield client
    finally:
        client.close()
