"""One vehicle of a plan stands before an obstacle: the others do what it has not begun."""

from __future__ import annotations

from plan_wheels_world import LOADS, driving, loads_carried
from plant import eventually
from wheels_site import hall_document

from banksman_edge import Verdict
from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_shared.broker import RunningBroker
from banksman_shared.plans import PlanState
from banksman_shared.site import parse_site

OWN = LOADS | {
    "words": "take five",
    "count": 1,
    "origins": ["dock-6"],
    "destinations": ["aisle-6"],
    "vehicles": ["forklift-12"],
    "priority": "high",
}
"""What it begins with."""
SHARED = LOADS | {
    "count": 4,
    "origins": ["dock-1"],
    "destinations": ["aisle-1"],
    "vehicles": ["forklift-1", "forklift-12"],
}


def test_what_one_before_an_obstacle_has_not_begun_the_others_do_and_it_does_the_rest_when_it_can(
    mqtt_broker: RunningBroker,
) -> None:
    site = parse_site(hall_document() | {"policy": {"hindered_s": 12}})
    wishes = (OWN | {"within_s": 3000}, SHARED | {"within_s": 3000})
    with driving(mqtt_broker.url, *wishes, site=site) as plant:
        key = plant.agent.say("take five pallets from dock one to aisle one within an hour").id
        plant.heard.until_reply("Shall I start it?", key=key)
        plan = plant.heard.of("plan", key)[-1].plan
        assert sum(step.vehicle == "forklift-12" for step in plan.steps) > 1
        assert plant.agent.say("yes").verdict is Verdict.ACCEPT
        eventually(lambda: plant.fleet.vehicles()["forklift-12"].driving, "it drives")
        plant.sim.inject("forklift-12", Fault(FaultKind.OBSTACLE))
        plant.heard.until_reply("Forklift 12 is late", "does not move", key=key)
        plant.heard.until_reply("The rest is planned anew: 1 vehicle", key=key)
        assert plant.fleet.vehicles()["forklift-12"].bars != ()
        eventually(lambda: loads_carried(plant, key) == 4, "the other has done the rest")
        assert plant.fleet.vehicles()["forklift-12"].job is not None
        plant.sim.clear("forklift-12", FaultKind.OBSTACLE)
        assert plant.agent.wait(key, 120)
        assert loads_carried(plant, key) == 5
        assert plant.fleet.vehicles()["forklift-12"].bars == ()
        carried = {e.vehicle for e in plant.heard.of("order", key) if e.status == "done"}
        assert carried == {"forklift-1", "forklift-12"}
        assert plant.heard.of("plan", key)[-1].plan.state is PlanState.DONE
