"""Of two carts, each sentence of tests/data/live_references.toml means one: "the nearest free cart"."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dialogue_world import BETWEEN_TURNS_S, YardDouble
from edge_world import PATIENCE_S, Recorder

from banksman_edge import Agent, Utterance
from banksman_edge.understanding import Pipeline
from banksman_shared.clock import ManualClock
from banksman_shared.site import Site, load_site

DATA = Path(__file__).parents[1] / "data"
SENTENCES: dict[str, dict[str, list[str]]] = tomllib.loads((DATA / "live_references.toml").read_text("utf-8"))
MEANT, OTHER = "cart-6", "cart-7"


@pytest.fixture(scope="module")
def site() -> Site:
    return load_site(DATA / "eval" / "hospital")


@pytest.fixture(scope="module")
def understanding(site: Site) -> Pipeline:
    return Pipeline(site, None)


@pytest.fixture
def fleet(site: Site) -> YardDouble:
    return YardDouble(site)


@pytest.fixture
def agent(site: Site, understanding: Pipeline, fleet: YardDouble, clock: ManualClock) -> Iterator[Agent]:
    heard = Recorder()
    made = Agent(site, fleet, understanding, clock=clock)
    heard.attach(made)
    with made:
        yield made


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def states(site: Site, key: str) -> dict[str, dict[str, Any]]:
    """How the two stand when only :data:`MEANT` is what ``key`` tells, and the other is nearer to the kitchen."""
    kitchen, lab = site.places["kitchen"].node, site.places["lab"].node
    near, far = {"node": kitchen}, {"node": site.places["ward-2"].node}
    told: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "lowest": ({"battery": 20.0}, {"battery": 80.0}),
        "highest": ({"battery": 90.0}, {"battery": 40.0}),
        "nearest": (near, far),
        "closest": ({"node": lab}, {}),
        "free": ({}, {"job": "another"}),
        "empty": ({"loaded": False}, {"loaded": True}),
        "loaded": ({"loaded": True}, {"loaded": False}),
        "at": ({"node": lab}, {}),
    }
    meant, other = told[key]
    away = {vehicle: {"connected": False} for vehicle in site.vehicles}
    return away | {MEANT: far | meant, OTHER: near | other}


@pytest.mark.parametrize("key", sorted({key for keys in SENTENCES.values() for key in keys}))
@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_of_two_the_one_is_meant_that_is_so(
    agent: Agent, fleet: YardDouble, clock: ManualClock, site: Site, language: str, key: str
) -> None:
    at_first, wrong = dict(fleet.views), []
    right = [[("move", (who,), "kitchen")] for who in (MEANT, *(["at:lab"] if key == "at" else []))]
    for number, sentence in enumerate(SENTENCES[language][key]):
        fleet.views.clear()
        fleet.views.update(at_first)
        for vehicle, changes in states(site, key).items():
            fleet.set(vehicle, **changes)
        clock.advance(BETWEEN_TURNS_S)
        ticket = agent.submit(Utterance(text=sentence, device=f"headset-{number}", language=language))
        decided = agent.decision(ticket, timeout_s=PATIENCE_S)
        agent.decision(
            agent.submit(Utterance(text="", device="another")), timeout_s=PATIENCE_S
        )  # what was decided is given
        if [(c.action, c.vehicles, c.destination) for c in decided.commands] not in right:
            wrong.append((sentence, decided.verdict, decided.commands, decided.reason))
    assert not wrong


@pytest.mark.parametrize(
    ("language", "sentence", "places"),
    [
        ("de", "bring den zur Küche", ["kitchen"]),
        ("de", "schick den Wagen zur Küche und dann zum Labor", ["kitchen", "lab"]),
        ("pl", "wyślij wózek na oddział 2, a potem na oddział 3", ["ward-2", "ward-3"]),
        ("pl", "zawieź to z kuchni do laboratorium", ["lab"]),
        ("it", "manda il carrello in cucina, poi in laboratorio", ["kitchen", "lab"]),
        ("en", "I need a robot in the kitchen and one at the lab", ["kitchen", "lab"]),
        ("ar", "خذ الصندوق الذي في المطبخ إلى المختبر", ["lab"]),
        ("zh", "把在厨房的箱子送到化验室", ["lab"]),
        ("ja", "検査室にあるのを厨房へ運んで", ["kitchen"]),
    ],
)
def test_where_to_is_not_where_somebody_is(agent: Agent, language: str, sentence: str, places: list[str]) -> None:
    ticket = agent.submit(Utterance(text=sentence, device="headset", language=language))
    decided = agent.decision(ticket, timeout_s=PATIENCE_S)
    assert [command.destination for command in decided.commands] == places, decided.reason
    assert not any(vehicle.startswith("at:") for command in decided.commands for vehicle in command.vehicles)
