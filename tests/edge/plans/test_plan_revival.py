"""An agent finds plans of an earlier run: whom it tells, whose yes counts, and what it cannot take up."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from edge_world import FleetDouble, Recorder, agent_of
from escalation_world import Dispatcher, planner, with_rules

from banksman_edge import Agent, Utterance, Verdict
from banksman_edge.audit import AuditLog, AuditTrail
from banksman_edge.fleet.succession import Heir, Succession
from banksman_edge.plans import KeptPlan, PlanStore
from banksman_edge.replies.reply_urgency import Urgency
from banksman_shared.plans import PlanState
from banksman_shared.site import Site

ORDER = "move two pallets from inbound to dock two"
STAFF = """
[[operators]]
id = "anna"
devices = ["headset-1"]
"""
HEADSET = {"device": "headset-1"}
KEY = "a/b 1"
Change = Callable[[Path], None]


@pytest.fixture
def left_behind(site: Site, tmp_path: Path) -> Iterator[tuple[Path, Any]]:
    """What an agent had in its folder while it drove a plan that begins in an hour; and the planner."""
    heard, live, dead = Recorder(), tmp_path / "live", tmp_path / "dead"
    with ExitStack() as stack:
        client, _ = stack.enter_context(planner(Dispatcher(2, not_before_s=3600.0)))
        agent = agent_of(with_rules(site, STAFF), FleetDouble(site), heard, planner=client)
        agent.remember(PlanStore(live))
        with agent:
            agent.submit(Utterance(text=ORDER, id=KEY, **HEADSET))
            heard.until_reply("Shall I start it?", key=KEY)
            agent.submit(Utterance(text="yes", **HEADSET))
            heard.until(lambda e: e.name == "plan" and e.plan.state is PlanState.RUNNING)
            wait_for(lambda: '"state":"driven"' in only(live).read_text())
            shutil.copytree(live, dead)
        yield dead, client


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def only(folder: Path) -> Path:
    (path,) = (path for path in (folder / "plans").iterdir() if path.suffix != ".new")
    return path


def change(folder: Path, **values: Any) -> None:
    path = only(folder)
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def begin(stack: ExitStack, site: Site, folder: Path, client: Any) -> tuple[Agent, Recorder]:
    heard = Recorder()
    agent = agent_of(with_rules(site, STAFF), FleetDouble(site), heard, planner=client)
    agent.remember(PlanStore(folder))
    trail = AuditTrail(site, stack.enter_context(AuditLog(folder / "audit", 90)))
    agent.keep(trail)
    stack.enter_context(agent)
    return agent, heard


def test_whoever_approved_it_is_told_and_is_the_one_to_answer(
    site: Site, left_behind: tuple[Path, Any], tmp_path: Path
) -> None:
    folder, client = left_behind
    change(folder, away_since=time.time() - 600, language="de")
    with ExitStack() as stack:
        agent, heard = begin(stack, site, folder, client)
        asked = heard.until_reply("Soll ich weitermachen?", key=KEY)
        assert (asked.device, asked.language) == ("headset-1", "de")
        assert agent.decision(agent.submit(Utterance(text="ja", language="de"))).verdict is not Verdict.ACCEPT
        agent.submit(Utterance(text="ja", language="de", **HEADSET))
        heard.until(lambda e: e.name == "plan" and "goes on after a restart" in e.detail)
        assert folder.exists()
        assert only(folder).suffix == ".json"


def test_a_no_ends_it_also_at_the_planner(site: Site, left_behind: tuple[Path, Any]) -> None:
    folder, client = left_behind
    change(folder, away_since=time.time() - 600)
    with ExitStack() as stack:
        agent, heard = begin(stack, site, folder, client)
        heard.until_reply("Shall I go on?", key=KEY)
        agent.submit(Utterance(text="no", **HEADSET))
        heard.until_reply("The plan has ended. Not done:", key=KEY)
        wait_for(lambda: list((folder / "plans").iterdir()) == [])
        assert heard.of("plan", KEY)[-1].plan.state is PlanState.FAILED


def _stale(folder: Path) -> None:
    only(folder).rename(only(folder).with_suffix(".stale"))


def _approving(folder: Path) -> None:
    change(folder, state="approving", items=[])


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (_stale, "It is not known whether this was done: 2 loads from inbound to dock 2."),
        (_approving, "I do not go on"),
    ],
)
def test_what_cannot_be_taken_up_is_broken_off_in_words(
    site: Site, left_behind: tuple[Path, Any], harm: Change, said: str
) -> None:
    folder, client = left_behind
    harm(folder)
    with ExitStack() as stack:
        _, heard = begin(stack, site, folder, client)
        assert said in heard.until_reply("A plan was interrupted", key=KEY).text
        heard.until_reply("The plan has ended. Not done:", key=KEY)
        failed = heard.until(lambda e: e.name == "plan" and e.plan.state is PlanState.FAILED)
        assert "broken off by a restart of the agent" in failed.detail
        wait_for(lambda: list((folder / "plans").iterdir()) == [])


def test_a_plan_for_vehicles_that_the_site_no_longer_has_is_broken_off(
    site: Site, left_behind: tuple[Path, Any]
) -> None:
    folder, client = left_behind
    planned = json.loads(only(folder).read_text())["vehicles"]
    fewer = replace(site, vehicles={v: each for v, each in site.vehicles.items() if v not in planned})
    with ExitStack() as stack:
        _, heard = begin(stack, fewer, folder, client)
        heard.until_reply("I do not go on with the plan.", key=KEY)
        heard.until_reply("The plan has ended.", key=KEY)


def test_the_audit_log_says_whose_plan_goes_on(site: Site, left_behind: tuple[Path, Any]) -> None:
    folder, client = left_behind
    with ExitStack() as stack:
        _, heard = begin(stack, site, folder, client)
        heard.until_reply("The plan goes on.", key=KEY)
    files = sorted((folder / "audit").glob("*.jsonl"))
    records = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    plans = [record["data"] for record in records if record["kind"] == "plan" and record["data"]["utterance"] == KEY]
    assert (
        "goes on after a restart of the agent: 0 steps done, 0 steps under way, 2 steps to come" in plans[0]["detail"]
    )


def test_whoever_has_two_plans_is_asked_one_after_the_other(site: Site, left_behind: tuple[Path, Any]) -> None:
    folder, client = left_behind
    change(folder, away_since=time.time() - 600)
    first = KeptPlan.model_validate_json(only(folder).read_bytes())
    second = first.model_copy(update={"utterance": "second", "away_since": time.time() - 500})
    PlanStore(folder).file("second").write(second)
    with ExitStack() as stack:
        agent, heard = begin(stack, site, folder, client)
        one = heard.until_reply("Shall I go on?").id
        (other,) = {KEY, "second"} - {one}
        time.sleep(2)
        assert not heard.texts(other)
        agent.submit(Utterance(text="no", **HEADSET))
        heard.until_reply("The plan has ended.", key=one)
        heard.until_reply("Shall I go on?", key=other)
        agent.submit(Utterance(text="yes", **HEADSET))
        heard.until(lambda e: e.name == "plan" and e.id == other and "goes on after" in e.detail)


class EstateDouble(Succession):
    """Another agent of the site has gone."""

    def __init__(self) -> None:
        self.shown: list[set[str]] = []

    def show(self, plans: Collection[str]) -> None:
        self.shown.append(set(plans))

    def inherit(self, heir: Heir) -> None:
        heir("edge-1")


def test_whoever_takes_over_says_that_a_plan_may_be_unfinished(site: Site, left_behind: tuple[Path, Any]) -> None:
    folder, client = left_behind
    fleet, heard = FleetDouble(site), Recorder()
    fleet.succession = succession = EstateDouble()
    agent = agent_of(with_rules(site, STAFF), fleet, heard, planner=client)
    agent.remember(PlanStore(folder))
    with agent:
        told = heard.until_reply("I have taken over from edge-1.")
        assert told.urgency is Urgency.ALARM
        heard.until_reply("The plan goes on.", key=KEY)
        assert len(succession.shown[-1]) == 1
        agent.submit(Utterance(text="cancel everything", **HEADSET))
        heard.until_reply("The plan has ended.", key=KEY)
        wait_for(lambda: succession.shown[-1] == set())
