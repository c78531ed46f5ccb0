"""An agent ends while a plan is being made, or waits for its yes: nothing that was asked for is lost without a word.

The planner is the real service over HTTP."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from edge_world import PATIENCE_S, FleetDouble, Recorder, agent_of
from escalation_world import Dispatcher, Line, planner
from plant import eventually

from banksman_edge import Agent, PlannerClient, Utterance
from banksman_edge.plans import PlanStore, planning
from banksman_edge.plans import store as kept_requests
from banksman_shared.clock import ManualClock
from banksman_shared.plans import PlanState
from banksman_shared.site import Site

ORDER = "move two pallets from inbound to dock two"
ASKED = "Shall I start it?"
AGAIN = "A plan was interrupted, since I was not running. I am asking the planner."


@pytest.fixture
def model() -> Dispatcher:
    return Dispatcher(2)


@pytest.fixture
def service(model: Dispatcher) -> Iterator[tuple[PlannerClient, Line]]:
    with planner(model) as (client, line):
        yield client, line
        model.go.set()


@contextmanager
def life(site: Site, fleet: FleetDouble, client: PlannerClient, state: Path | None, **parts: Any) -> Iterator[Any]:
    """An agent that keeps its plans in ``state``, and what it tells."""
    heard = Recorder()
    agent = agent_of(site, fleet, heard, planner=client, **parts)
    if state:
        agent.remember(PlanStore(state))
    with agent:
        yield agent, heard


def is_asked(agent: Agent, model: Dispatcher, **more: Any) -> str:
    """A request over which the model thinks."""
    model.go.clear()
    asked = len(model.prompts)
    key = agent.submit(Utterance(text=ORDER, **more))
    eventually(lambda: len(model.prompts) > asked, "the model is asked")
    return key


def kept(state: Path) -> list[Path]:
    return list((state / kept_requests.REQUESTS).glob("*.json"))


@pytest.mark.parametrize("when", ["it is made", "it waits for its yes"])
def test_what_was_asked_for_is_asked_again_by_the_next_agent(
    site: Site, fleet: FleetDouble, tmp_path: Path, model: Dispatcher, service: tuple[PlannerClient, Line], when: str
) -> None:
    client, line = service
    with life(site, fleet, client, tmp_path) as (agent, heard):
        key = is_asked(agent, model, device="a")
        if when != "it is made":
            model.go.set()
            heard.until_reply(ASKED, key=key)
    assert heard.texts(key)[-1] == f"I am shutting down. Not done yet: {ORDER}. I will see to it when I am back."
    assert any(path.startswith("DELETE") for path, _, _ in line.came)
    model.go.set()
    with life(site, fleet, client, tmp_path) as (agent, heard):
        heard.until_reply(ASKED, key=key)
        first = heard.of("reply", key)[0]
        assert (first.text, first.device) == (AGAIN, "a")
        agent.submit(Utterance(text="yes", device="a"))
        heard.until(lambda e: e.name == "plan" and e.plan.state is PlanState.RUNNING)
        assert kept(tmp_path) == []


def test_it_is_asked_when_the_vehicles_have_reported(
    site: Site, fleet: FleetDouble, tmp_path: Path, model: Dispatcher, service: tuple[PlannerClient, Line]
) -> None:
    with life(site, fleet, service[0], tmp_path) as (agent, _):
        key = is_asked(agent, model)
    model.go.set()
    there, asked = dict(fleet.views), len(model.prompts)
    fleet.views = {name: replace(view, reporting=False, connected=False, node=None) for name, view in there.items()}
    with life(site, fleet, service[0], tmp_path) as (_, heard):
        heard.until_reply(AGAIN, key=key)
        first, *others = there
        fleet.views = {**fleet.views, first: there[first]}
        threading.Event().wait(3 * planning.LOOK_S)
        assert len(model.prompts) == asked
        fleet.views = {**there, **{name: replace(there[name], battery=70.0) for name in others}}
        heard.until_reply(ASKED, key=key)


def test_what_is_not_on_the_disk_is_not_promised(
    site: Site, fleet: FleetDouble, tmp_path: Path, model: Dispatcher, service: tuple[PlannerClient, Line]
) -> None:
    (tmp_path / kept_requests.REQUESTS).write_text("no folder, so nothing can be written into it")
    with life(site, fleet, service[0], tmp_path) as (agent, heard):
        key = is_asked(agent, model)
    assert heard.texts(key)[-1] == f"The plan has ended. Not done: {ORDER}."


def test_nothing_half_written_is_left(tmp_path: Path) -> None:
    store = kept_requests.RequestStore(tmp_path)
    request = kept_requests.KeptRequest(site="s", utterance="u", text=ORDER, language="en", asked=0.0)
    folder = tmp_path / kept_requests.REQUESTS
    store.keep(request)
    [file] = kept(tmp_path)
    file.unlink()
    file.mkdir()  # nothing can take its place
    store.keep(request)
    assert list(folder.iterdir()) == [file]
    file.rmdir()
    half = folder / "torn.new"
    half.write_text(ORDER)
    assert store.found() == []
    assert not half.exists()


def test_whoever_is_killed_asks_again_as_well(
    site: Site, fleet: FleetDouble, tmp_path: Path, model: Dispatcher, service: tuple[PlannerClient, Line]
) -> None:
    client, state, copy = service[0], tmp_path / "state", tmp_path / "copy"
    with life(site, fleet, client, state) as (agent, _):
        key = is_asked(agent, model)
        shutil.copytree(state, copy)
        agent.say("never mind")
        assert agent.wait(key, PATIENCE_S) is False
        assert kept(state) == []
    model.go.set()
    with life(site, fleet, client, copy) as (agent, heard):
        heard.until_reply(ASKED, key=key)
        agent.say("no")
        assert agent.wait(key, PATIENCE_S) is False
        assert kept(copy) == []


@pytest.mark.parametrize("late", ["its deadline", "the site's patience"])
def test_what_is_worth_nothing_any_more_is_said_not_to_be_done(
    site: Site,
    fleet: FleetDouble,
    tmp_path: Path,
    model: Dispatcher,
    service: tuple[PlannerClient, Line],
    clock: ManualClock,
    late: str,
) -> None:
    deadline = clock.time() + 60 if late == "its deadline" else None
    with life(site, fleet, service[0], tmp_path, clock=clock) as (agent, _):
        key = is_asked(agent, model, deadline=deadline)
    model.go.set()
    clock.advance(90 if deadline else site.rules.leaving.queue_s + 1)
    asked = len(model.prompts)
    with life(site, fleet, service[0], tmp_path, clock=clock) as (agent, heard):
        heard.until_reply("since I was not running. The plan has ended. Not done:", ORDER, key=key)
        assert agent.wait(key, PATIENCE_S) is False
        assert heard.of("plan", key)[-1].plan.state is PlanState.CANCELLED
    assert (len(model.prompts), kept(tmp_path)) == (asked, [])


def test_an_agent_that_keeps_nothing_says_what_is_not_done(
    site: Site, fleet: FleetDouble, model: Dispatcher, service: tuple[PlannerClient, Line]
) -> None:
    with life(site, fleet, service[0], None) as (agent, heard):
        key = is_asked(agent, model)
    assert heard.texts(key)[-1] == f"The plan has ended. Not done: {ORDER}."
    assert heard.of("plan", key)[-1].plan.state is PlanState.CANCELLED
