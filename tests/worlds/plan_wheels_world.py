"""A plan of an order that was said, driven by simulated vehicles, and what of its loads stands where."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from plant import TOKEN, Plant, ScriptedGoals, eventually, running_planner, running_plant
from wheels_site import hall

from banksman_edge import PlannerClient, Verdict
from banksman_shared.plans import PlanState
from banksman_shared.site import Site

WHEELS = Path(__file__).parents[1] / "data" / "wheels"


ORDER = "take sixteen pallets from dock one to aisle three within ten minutes"


LOADS = {
    "kind": "transport",
    "count": 16,
    "origins": ["dock-1", "dock-2", "dock-3"],
    "destinations": ["aisle-3", "aisle-4", "aisle-5"],
    "within_s": 600,
    "words": "pallets",
}


@contextmanager
def driving(
    url: str, *goals: dict[str, Any], speed_up: float = 12.0, site: Site | None = None, **parts: Any
) -> Iterator[Plant]:
    """A plant with a planner that understands every request as these goals; in the hall unless told otherwise."""
    site = site or hall()
    with ExitStack() as stack:
        http = stack.enter_context(running_planner(ScriptedGoals(*goals)))
        planner = PlannerClient(str(http.base_url), TOKEN)
        stack.callback(planner.close)
        yield stack.enter_context(running_plant(site, url, planner=planner, speed_up=speed_up, **parts))


def approve(plant: Plant, order: str = ORDER) -> str:
    decision = plant.agent.say(order)
    plant.heard.until_reply("Shall I start it?", key=decision.id)
    assert plant.agent.say("yes").verdict is Verdict.ACCEPT
    plant.heard.until(lambda e: e.name == "plan" and e.plan.state is PlanState.RUNNING)
    return decision.id


def on_its_way_empty(plant: Plant, key: str) -> str:
    """A vehicle that drives to fetch its second load."""
    found: list[str] = []

    def there() -> bool:
        begun = [n.vehicle for n in plant.heard.of("order", key) if n.status == "running"]
        views = plant.fleet.vehicles()
        found[:] = [v for v in begun if begun.count(v) >= 2 and views[v].driving and not views[v].loaded]
        return bool(found)

    eventually(there, "somebody fetches a second load")
    return found[0]


def loads_carried(plant: Plant, key: str) -> int:
    return sum(n.status == "done" and n.command.action == "transport" for n in plant.heard.of("order", key))
