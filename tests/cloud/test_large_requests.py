"""Requests as large as they may be go through the service; what is too large is told in a sentence."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from planner_world import ScriptedProvider, Service, serving, transport

from banksman_shared.plans import FleetSnapshot, Goals, Step
from banksman_shared.site import Site, parse_site
from banksman_shared.verify import violations

COLUMNS, ROWS, VEHICLES, WISHES, EACH = 20, 6, 20, 50, 4


def grid_document() -> dict[str, Any]:
    """A grid of two-way lanes 8 m apart; every crossing is a place with a name of its own."""
    at = [(c, r) for c in range(COLUMNS) for r in range(ROWS)]
    lanes = [(a, b) for a in at for b in ((a[0] + 1, a[1]), (a[0], a[1] + 1)) if b in at]
    nodes = [{"nodeId": f"n-{c}-{r}", "nodePosition": {"x": 8.0 * c, "y": 8.0 * r}} for c, r in at]
    edges = [
        {"edgeId": f"{a}-{b}", "startNodeId": f"n-{a[0]}-{a[1]}", "endNodeId": f"n-{b[0]}-{b[1]}"}
        for lane in lanes
        for a, b in (lane, lane[::-1])
    ]
    vehicles = [
        {"id": f"agv-{i}", "kind": "forklift", "number": i, "manufacturer": "Acme", "serial_number": f"A-{i}"}
        | {"home": f"hall-{i}-0"}
        for i in range(VEHICLES)
    ]
    return {
        "site": {"id": "grid", "name": "Grid", "languages": ["en"]},
        "vehicle_kinds": {"forklift": {"names": {"en": ["forklift"]}}},
        "vehicles": vehicles,
        "places": [{"id": f"hall-{c}-{r}", "node": f"n-{c}-{r}", "names": {"en": [f"hall {c} {r}"]}} for c, r in at],
        "layout_document": {"layouts": [{"layoutId": "grid", "nodes": nodes, "edges": edges}]},
    }


DOCUMENT = grid_document()
SITE: Site = parse_site(json.loads(json.dumps(DOCUMENT)))
WAYS = [(f"hall-{i % COLUMNS}-{1 + i // COLUMNS}", f"hall-{(i * 7 + 3) % COLUMNS}-{4 + i % 2}") for i in range(WISHES)]
FLEET = {
    "vehicles": [{"id": v.id, "node": SITE.places[v.home].node, "battery": 90} for v in SITE.vehicles.values()],
    "loads": [{"id": f"load-{i}", "place": WAYS[i // EACH][0], "type": f"type-{i}"} for i in range(WISHES * EACH)],
}


def words(way: tuple[str, str]) -> str:
    origin, destination = (SITE.places[place].names["en"][0] for place in way)
    return f"{EACH} from {origin} to {destination}"


def body(**more: Any) -> dict[str, Any]:
    named = dict.fromkeys(place for way in WAYS for place in way)
    mentions = [{"words": SITE.places[place].names["en"][0], "ids": [place]} for place in named]
    asked = {"request": ", ".join(map(words, WAYS)), "language": "en", "site": DOCUMENT, "fleet": FLEET}
    return asked | {"mentions": mentions} | more


def goals(wishes: Sequence[dict[str, Any]]) -> str:
    return json.dumps({"goals": wishes})


@pytest.fixture(scope="module")
def grid() -> Iterator[Service]:
    with serving(ScriptedProvider(""), solve_s=0.5) as running:
        yield running


def ended(grid: Service, answer: str, **more: Any) -> dict[str, Any]:
    """What becomes of a request that the model understands so."""
    grid.provider.answers = [answer]
    asked = grid.http.post("/v1/plans", json=body(**more))
    assert asked.status_code == 202, asked.text
    for _ in range(600):
        plan = grid.plan(asked.json()["id"])
        if plan["state"] in ("proposed", "failed"):
            return plan
        time.sleep(0.05)
    raise AssertionError(f"the plan stayed {plan['state']}")


def test_two_hundred_loads_between_named_places_by_twenty_vehicles(grid: Service) -> None:
    plan = ended(grid, goals([transport(EACH, *way, words=words(way)) for way in WAYS]))
    assert (plan["state"], plan["unsupported"]) == ("proposed", []), plan["explanation"]
    steps = [Step.model_validate(step) for step in plan["steps"]]
    assert Counter((s.origin, s.destination) for s in steps) == dict.fromkeys(WAYS, EACH)
    assert {step.vehicle for step in steps} == SITE.vehicles.keys()
    settled = Goals.model_validate({"goals": plan["goals"]})
    assert violations(SITE, FleetSnapshot.model_validate(FLEET), settled.goals, steps) == []


def test_two_hundred_loads_of_which_each_is_a_wish_of_its_own(grid: Service) -> None:
    each = [transport(1, *WAYS[i // EACH], load_type=f"type-{i}") for i in range(WISHES * EACH)]
    plan = ended(grid, "no model is asked", goals=each, request="carry them", mentions=[])
    assert (plan["state"], len(plan["steps"])) == ("proposed", WISHES * EACH), plan["explanation"]
    assert len({step["goal"] for step in plan["steps"]}) == WISHES * EACH


@pytest.mark.parametrize(
    ("wishes", "sentence"),
    [
        ([transport(1, *WAYS[0])] * 200, "200 wishes are more than one request takes; ask for 50 at most"),
        ([transport(101, *WAYS[0]), transport(100, *WAYS[1])], "201 loads are more than one plan takes; ask for 200"),
        ([transport(201, *WAYS[0])], "201 loads are more than one plan takes; ask for 200 at most"),
    ],
)
def test_more_than_fits_is_told_at_once_and_asked_of_the_model_once(
    grid: Service, wishes: list[dict[str, Any]], sentence: str
) -> None:
    grid.provider.prompts.clear()
    fleet = {"vehicles": FLEET["vehicles"]}
    plan = ended(grid, goals(wishes), request="carry them", mentions=[], fleet=fleet)
    assert plan["state"] == "failed"
    assert (plan["explanation"], len(plan["faults"])) == ("This is too much for one plan; ask for less at a time.", 1)
    assert sentence in plan["faults"][0]
    assert len(grid.provider.prompts) == 1


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"request": "x" * 2001}, "/request"),
        ({"mentions": [{"words": "hall", "ids": ["hall-0-0"]}] * 201}, "/mentions"),
        ({"goals": [transport(1, *WAYS[0])] * 251}, "/goals"),
        ({"fleet": {"vehicles": [], "loads": [{"id": "x", "place": "hall-0-0"}] * 2001}}, "/fleet/loads"),
    ],
)
def test_a_body_beyond_a_bound_is_refused_with_the_place_at_fault(
    grid: Service, more: dict[str, Any], pointer: str
) -> None:
    answer = grid.http.post("/v1/plans", json=body(**more))
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["pointer"] == pointer
    assert " at most " in fault["detail"]
