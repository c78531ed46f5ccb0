"""What an operator hears and what leaves, while the planner is there, away, back, or not to be asked.

The planner is the real service over HTTP; the link is cut by taking it away."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from edge_world import FleetDouble
from escalation_world import DISPATCHING, Dispatcher
from office_world import ASKED, FREEZER, office
from plant import TOKEN, eventually

from banksman_edge.plans import SitePlanner, client
from banksman_edge.plans import cloud_link as link
from banksman_edge.plans import offline_requests as waiting
from banksman_shared.clock import ManualClock
from banksman_shared.plans import PlanState
from banksman_shared.site import Site


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PROBE_S", 0.05)
    monkeypatch.setattr(client, "PAUSE_S", 0.01)


@pytest.fixture(scope="module")
def here() -> Iterator[SitePlanner]:
    """The planner on the site, a process of its own, as the agent has it; but for its model."""
    with closing(SitePlanner(program=DISPATCHING)) as running:
        yield running


# The cloud


def test_a_plan_is_made_in_the_cloud_without_names_and_driven_with_them(
    site: Site, fleet: FleetDouble, tmp_path: Path
) -> None:
    with office(site, fleet, tmp_path, '[escalation]\nknown_as = "s-7"') as router, router.cloud() as line:
        key = router.say(FREEZER)
        router.heard.until_reply(ASKED, key=key)
        proposed = router.heard.of("plan", key)[-1].plan
        assert (proposed.request, proposed.goals[0].words) == (FREEZER, FREEZER)
        assert {(s.origin, s.destination) for s in proposed.steps} == {("cold-store", "dock-2")}
        assert "cold store to dock 2" in proposed.explanation
        assert router.routes(key) == [("cloud", "clear")]
        router.say("yes")
        running = router.heard.until(lambda e: e.name == "plan" and e.plan.state is PlanState.RUNNING)
        assert running.plan.hash == proposed.hash
    assert {c.origin for commands in fleet.orders for c in commands} == {"cold-store"}
    assert router.model.prompts[0].request == "move five pallets from the p3 to dock two"
    values = " ".join(line.values()).casefold()
    assert [
        name for name in ("freezer", "cold", "hercules", "forklift-", "warehouse", "FL-000") if name in values
    ] == []


def test_the_audit_log_holds_to_the_letter_what_left(site: Site, fleet: FleetDouble, tmp_path: Path) -> None:
    with office(site, fleet, tmp_path) as router, router.cloud() as line:
        keys = [router.say(FREEZER, device="a"), router.say("move two pallets from inbound to dock one", device="b")]
        for key in keys:
            router.heard.until_reply(ASKED, key=key)
        router.say("yes", device="b")
        eventually(lambda: len(line.bodies("/progress")) == 1, "the cloud was told")
        router.agent.close()  # while the cloud still hears how the plan ended
    sites = {r["sha256"]: r["document"] for r in router.records("left-site")}
    left = [record for record in router.records("left") if record["body"]]
    whole = [
        f'{{"site":{sites[record["site"]]},{record["body"][1:]}' if record["site"] else record["body"]
        for record in left
    ]
    assert sorted(text.encode() for text in whole) == sorted(filter(None, line.bodies()))
    assert [hashlib.sha256(text.encode()).hexdigest() for text in whole] == [record["sha256"] for record in left]
    assert {r["utterance"] for r in left if r["site"]} == set(keys)
    assert len(sites) == 1
    assert TOKEN not in json.dumps(left)
    decided = [(r["utterance"], r["way"], r["rule"]) for r in router.records("plan") if r.get("rule")]
    assert set(decided) == {(key, "cloud", "clear") for key in keys}


def test_a_site_may_do_without_pseudonyms(site: Site, fleet: FleetDouble, tmp_path: Path) -> None:
    with office(site, fleet, tmp_path, "[escalation]\npseudonyms = false") as router, router.cloud():
        router.heard.until_reply(ASKED, key=router.say(FREEZER))
    assert router.model.prompts[0].request == FREEZER
    assert "cold-store" in router.model.prompts[0].site.places


def test_what_the_cloud_leaves_out_or_cannot_do_is_told_in_the_operators_words(
    site: Site, fleet: FleetDouble, tmp_path: Path
) -> None:
    with office(site, fleet, tmp_path) as router:
        router.model = Dispatcher(5, unsupported=("from the p3",))
        with router.cloud():
            router.heard.until_reply("Not part of the plan: from the freezer.", key=router.say(FREEZER))
        router.model = Dispatcher(5, within_s=1.0)
        with router.cloud():
            router.refused(router.say(FREEZER), "The plan failed: There is no plan for this", f"“{FREEZER}”")


# What stays


SENSITIVE = '[escalation]\nsensitive = ["freezer"]\nsensitive_loads = ["nitro"]\n'


def test_more_names_than_a_planner_takes_are_one_answer(
    site: Site, fleet: FleetDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banksman_edge.plans.escalation.MAX_NAMES", 1)
    with office(site, fleet, tmp_path) as router, router.cloud():
        key = router.say(FREEZER)
        router.refused(key, "The plan failed: the request is too long; say it in parts.")
        failed = [event for event in router.heard.of("reply", key) if "failed" in event.text]
        assert len(failed) == 1
        assert router.model.prompts == []


def test_what_is_sensitive_does_not_leave(site: Site, fleet: FleetDouble, tmp_path: Path) -> None:
    with office(site, fleet, tmp_path, SENSITIVE) as router, router.cloud() as line:
        router.refused(key := router.say(FREEZER), "may not leave the site")
        router.refused(other := router.say("move two pallets of nitros from inbound to dock two"), "may not leave")
        assert router.routes(key) == router.routes(other) == [("refuse", "sensitive")]
        assert line.came == []
        router.heard.until_reply(ASKED, key=router.say("move two pallets from inbound to dock two"))
    said = [json.loads(record["body"])["request"] for record in router.records("left") if record["body"]]
    assert said == ["move two pallets from p1 to dock two"]


def test_what_is_sensitive_is_planned_on_the_site_and_said_to_be(
    site: Site, fleet: FleetDouble, tmp_path: Path, here: SitePlanner
) -> None:
    with (
        office(site, fleet, tmp_path, SENSITIVE + 'local = "start"', here=here) as router,
        router.cloud() as line,
    ):
        key = router.say(FREEZER)
        router.heard.until_reply(ASKED, key=key)
        texts = router.heard.texts(key)
        assert texts[1].startswith("The planner is out of reach for this. I am planning it here")
        assert texts[-2] == "This plan was made here on the site."
        assert router.routes(key) == [("site", "sensitive")]
        router.say("yes")
        router.heard.until(lambda e: e.name == "plan" and e.plan.state is PlanState.RUNNING)
        assert line.came == []
    assert router.records("left") == []


def test_where_nothing_leaves_nothing_does(site: Site, fleet: FleetDouble, tmp_path: Path) -> None:
    with office(site, fleet, tmp_path, "[escalation]\ncloud = false") as router, router.cloud() as line:
        router.refused(key := router.say(FREEZER), "may not leave the site")
        assert router.routes(key) == [("refuse", "nothing-leaves")]
    assert line.came == []


def test_what_is_simple_is_planned_on_the_site(
    site: Site, fleet: FleetDouble, tmp_path: Path, here: SitePlanner
) -> None:
    tables = '[escalation]\nlocal = "start"\nsimple = 2'
    with (
        office(site, fleet, tmp_path, tables, here=here) as router,
        router.cloud() as line,
    ):
        key = router.say(FREEZER)
        router.heard.until_reply(ASKED, key=key)
        assert (router.routes(key), line.came) == ([("site", "simple")], [])
        key = router.say(f"{FREEZER} with Hercules")
        router.heard.until_reply(ASKED, key=key)
        assert router.routes(key) == [("cloud", "clear")]


# Limits


def test_so_many_plans_a_day_also_after_a_restart(site: Site, fleet: FleetDouble, tmp_path: Path) -> None:
    tables = "[escalation]\nplans_per_day = 1"
    with office(site, fleet, tmp_path, tables) as router, router.cloud():
        router.heard.until_reply(ASKED, key=router.say(FREEZER))
        router.refused(key := router.say(FREEZER), "not be asked any more today")
        assert router.routes(key) == [("refuse", "budget")]
    with office(site, fleet, tmp_path, tables) as router, router.cloud() as line:
        router.refused(router.say(FREEZER), "not be asked any more today")
        assert line.came == []


def test_what_is_too_urgent_is_not_asked_for(
    site: Site, fleet: FleetDouble, tmp_path: Path, clock: ManualClock
) -> None:
    with office(site, fleet, tmp_path, clock=clock) as router, router.cloud() as line:
        router.refused(key := router.say(FREEZER, deadline=clock.time() + 4), "too little time")
        assert router.routes(key) == [("refuse", "urgent")]
        assert line.came == []
        router.heard.until_reply(ASKED, key=router.say(FREEZER, deadline=clock.time() + 60))


# The link


def test_a_planner_that_is_away_is_said_to_be(site: Site, fleet: FleetDouble, tmp_path: Path) -> None:
    with office(site, fleet, tmp_path) as router:
        router.refused(key := router.say(FREEZER), "The planner cannot be reached. Nothing was done.")
        assert router.routes(key) == [("cloud", "clear"), ("refuse", "link-lost")]
        with router.cloud():
            router.heard.until_reply(ASKED, key=router.say(FREEZER))


def test_what_waits_is_proposed_when_the_planner_is_back(site: Site, fleet: FleetDouble, tmp_path: Path) -> None:
    with office(site, fleet, tmp_path, '[escalation]\noffline = "queue"\nqueue_s = 300') as router:
        key = router.say(FREEZER)
        router.heard.until_reply("I keep this until it is back, at most 5 minutes.", key=key)
        # what needs no planning goes on meanwhile
        assert router.agent.say("forklift three, go to dock two").verdict == "accept"
        with router.cloud():
            router.heard.until_reply(ASKED, key=key)
            assert router.heard.texts(key)[-2] == f"The planner is back. This is about: {FREEZER}."
            assert router.routes(key) == [("cloud", "clear"), ("queue", "link-lost")]
            router.say("yes")
            router.heard.until(lambda e: e.name == "plan" and e.plan.state is PlanState.RUNNING)


def test_what_waits_is_planned_for_the_fleet_as_it_is_then(site: Site, fleet: FleetDouble, tmp_path: Path) -> None:
    with office(site, fleet, tmp_path, '[escalation]\noffline = "queue"') as router:
        key = router.say(FREEZER)
        router.heard.until_reply("I keep this", key=key)
        fleet.views["forklift-1"] = replace(fleet.views["forklift-1"], battery=33.0)
        with router.cloud() as line:
            router.heard.until_reply(ASKED, key=key)
        sent = json.loads(line.bodies("POST /v1/plans")[0])
    assert next(v["battery"] for v in sent["fleet"]["vehicles"] if v["id"] == "v1") == 33.0


@pytest.mark.parametrize("whose", ["the order's", "the site's"])
def test_what_waited_too_long_is_dropped_and_said_to_be(
    site: Site, fleet: FleetDouble, tmp_path: Path, clock: ManualClock, whose: str
) -> None:
    ends = {"deadline": clock.time() + 60} if whose == "the order's" else {}
    with office(site, fleet, tmp_path, '[escalation]\noffline = "queue"\nqueue_s = 90', clock=clock) as router:
        key = router.say(FREEZER, **ends)
        router.heard.until_reply("I keep this until it is back", key=key)
        clock.advance(60 if ends else 90)
        router.refused(key, f"The planner did not come back in time. This was dropped: {FREEZER}.")
        assert router.routes(key)[-1] == ("refuse", "stale")
        with router.cloud() as line:
            router.heard.until_reply(ASKED, key=router.say("move two pallets from inbound to dock two"))
            assert len(line.bodies("POST /v1/plans")) == 1


def test_only_so_many_wait(site: Site, fleet: FleetDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "ROOM", 1)
    with office(site, fleet, tmp_path, '[escalation]\noffline = "queue"') as router:
        first = router.say(FREEZER, device="a")
        router.heard.until_reply("I keep this", key=first)
        router.refused(
            router.say("move two pallets from inbound to dock one", device="b"),
            "The planner cannot be reached. Nothing was done.",
        )
        with router.cloud():
            router.heard.until_reply(ASKED, key=first)


def test_while_the_planner_is_away_it_is_planned_on_the_site(
    site: Site, fleet: FleetDouble, tmp_path: Path, here: SitePlanner
) -> None:
    with (
        office(site, fleet, tmp_path, '[escalation]\noffline = "local"', here=here) as router,
    ):
        key = router.say(FREEZER)
        router.heard.until_reply(ASKED, key=key)
        assert router.routes(key) == [("cloud", "clear"), ("site", "link-lost")]
        assert "This plan was made here on the site." in router.heard.texts(key)
        assert router.heard.of("plan", key)[-1].document()["way"] == "site"
        with router.cloud() as line:
            router.say("no")
            router.heard.until_reply("nothing was done", key=key)
            router.heard.until_reply(ASKED, key=router.say("move two pallets from inbound to dock two"))
            assert len(line.bodies("POST")) == 1  # what was planned here is none of the cloud's business


def test_a_planner_that_fails_again_and_again_is_left_alone_for_a_while(
    site: Site, fleet: FleetDouble, tmp_path: Path, clock: ManualClock
) -> None:
    with office(site, fleet, tmp_path, clock=clock) as router:
        for _ in range(link.FAILURES):
            router.refused(key := router.say(FREEZER), "The planner cannot be reached")
            assert router.routes(key)[-1] == ("refuse", "link-lost")
        with router.cloud() as line:
            router.refused(key := router.say(FREEZER), "The planner cannot be reached")
            assert (router.routes(key), line.came) == ([("refuse", "link-resting")], [])
            clock.advance(link.REST_S)
            router.heard.until_reply(ASKED, key=router.say(FREEZER))


def test_a_planner_that_is_slow_is_given_up_and_another_takes_over(
    site: Site, fleet: FleetDouble, tmp_path: Path, here: SitePlanner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banksman_edge.plans.router.CLOUD_S", 0.5)
    with (
        office(site, fleet, tmp_path, '[escalation]\noffline = "local"', here=here) as router,
        router.cloud() as line,
    ):
        router.model.go.clear()
        key = router.say(FREEZER)
        router.heard.until_reply(ASKED, key=key)
        assert router.routes(key) == [("cloud", "clear"), ("site", "link-lost")]
        router.model.go.set()
        assert len(line.bodies("POST")) == 1


def test_two_requests_at_once_are_two_plans(site: Site, fleet: FleetDouble, tmp_path: Path) -> None:
    with office(site, fleet, tmp_path) as router, router.cloud():
        keys = [router.say(f"move two pallets from inbound to dock {n}", device=f"{n}") for n in range(1, 5)]
        for key in keys:
            router.heard.until_reply(ASKED, key=key)
        assert len({router.heard.of("plan", key)[-1].plan.id for key in keys}) == 4


def test_when_the_clocks_change_is_told_where_that_is_near(
    site: Site, fleet: FleetDouble, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    try:
        evening = datetime.fromisoformat("2026-10-24T22:00:00+02:00").timestamp()
        with office(site, fleet, tmp_path, clock=ManualClock(evening)) as router, router.cloud() as line:
            router.heard.until_reply(ASKED, key=router.say(FREEZER))
    finally:
        monkeypatch.undo()
        time.tzset()
    (asked,) = (json.loads(body) for body in line.bodies("/v1/plans") if b"fleet" in body)
    assert (asked["now"], asked["clock_change"]) == ("2026-10-24T22:00:00+02:00", "2026-10-25T02:00:00+01:00")
