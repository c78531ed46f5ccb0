"""Where requests go: the table of rules, the breaker, the budget, the room in which requests wait."""

from __future__ import annotations

import math
import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from plant import eventually

from banksman_edge.plans import REFUSALS
from banksman_edge.plans import cloud_link as link
from banksman_edge.plans import offline_requests as waiting
from banksman_edge.plans.cloud_link import Breaker, Budget
from banksman_edge.plans.offline_requests import OfflineRequests
from banksman_edge.plans.routing_rules import RULES, Situation, Way, decide
from banksman_shared.clock import ManualClock
from banksman_shared.site import LeavingRules, Offline

PAGE = Path(__file__).parents[3] / "docs" / "escalation.md"
CALM = Situation(LeavingRules(local="start"), left_s=600.0, names=3, site=True)
LOCAL, QUEUE = LeavingRules(offline=Offline.LOCAL, local="start"), LeavingRules(offline=Offline.QUEUE)
BUDGET = LeavingRules(plans_per_day=3)

DECISIONS = {
    "nothing speaks against the cloud": (CALM, Way.CLOUD, "clear"),
    "no deadline": (replace(CALM, left_s=math.inf), Way.CLOUD, "clear"),
    "the deadline is over": (replace(CALM, left_s=0.0), Way.REFUSE, "late"),
    "over, and sensitive": (replace(CALM, left_s=-1.0, stays="sensitive"), Way.REFUSE, "late"),
    "nothing leaves": (replace(CALM, rules=LeavingRules(cloud=False)), Way.SITE, "nothing-leaves"),
    "nothing leaves, nobody here": (
        replace(CALM, rules=LeavingRules(cloud=False), site=False),
        Way.REFUSE,
        "nothing-leaves",
    ),
    "sensitive": (replace(CALM, stays="sensitive"), Way.SITE, "sensitive"),
    "sensitive, nobody here": (replace(CALM, stays="sensitive", site=False), Way.REFUSE, "sensitive"),
    "sensitive, while others would wait": (
        replace(CALM, rules=QUEUE, stays="sensitive", site=False, lost=True),
        Way.REFUSE,
        "sensitive",
    ),
    "sensitive, and no time to plan it here": (
        replace(CALM, stays="sensitive", left_s=29.0),
        Way.REFUSE,
        "sensitive",
    ),
    "a name that cannot be hidden": (replace(CALM, stays="unhidden"), Way.SITE, "unhidden"),
    "in the place of a plan that was made here": (replace(CALM, stays="made-here"), Way.SITE, "made-here"),
    "no planner in the cloud": (replace(CALM, cloud=False), Way.SITE, "no-cloud"),
    "no planner at all": (replace(CALM, cloud=False, site=False), Way.REFUSE, "no-cloud"),
    "simple": (replace(CALM, rules=LeavingRules(simple=3)), Way.SITE, "simple"),
    "not so simple": (replace(CALM, rules=LeavingRules(simple=2)), Way.CLOUD, "clear"),
    "simple, and nobody here": (replace(CALM, rules=LeavingRules(simple=3), site=False), Way.CLOUD, "clear"),
    "about nothing that is named": (replace(CALM, rules=LeavingRules(simple=3), names=0), Way.CLOUD, "clear"),
    "too little time": (replace(CALM, left_s=4.9), Way.REFUSE, "urgent"),
    "too little time for the cloud alone": (
        replace(CALM, rules=LeavingRules(cloud_s=60), here_s=10.0, left_s=20.0),
        Way.SITE,
        "urgent",
    ),
    "just enough time": (replace(CALM, left_s=5.0), Way.CLOUD, "clear"),
    "the last plan of the day": (replace(CALM, rules=BUDGET, planned=2), Way.CLOUD, "clear"),
    "no more plans today": (replace(CALM, rules=BUDGET, planned=3), Way.REFUSE, "budget"),
    "no more plans today, but here": (
        replace(CALM, rules=replace(LOCAL, plans_per_day=3), planned=3),
        Way.SITE,
        "budget",
    ),
    "no waiting for tomorrow": (
        replace(CALM, rules=replace(QUEUE, plans_per_day=3), planned=3),
        Way.REFUSE,
        "budget",
    ),
    "the link is lost": (replace(CALM, lost=True), Way.REFUSE, "link-lost"),
    "the link is lost, planned here": (replace(CALM, rules=LOCAL, lost=True), Way.SITE, "link-lost"),
    "the link is lost, no time to plan here": (
        replace(CALM, rules=LOCAL, lost=True, left_s=10.0),
        Way.REFUSE,
        "link-lost",
    ),
    "the link is lost, waits": (replace(CALM, rules=QUEUE, lost=True), Way.QUEUE, "link-lost"),
    "no room to wait": (replace(CALM, rules=QUEUE, lost=True, room=False), Way.REFUSE, "link-lost"),
    "the link rests": (replace(CALM, resting=True), Way.REFUSE, "link-resting"),
    "the link rests, planned here": (replace(CALM, rules=LOCAL, resting=True), Way.SITE, "link-resting"),
    "the link rests, waits": (replace(CALM, rules=QUEUE, resting=True), Way.QUEUE, "link-resting"),
}


@pytest.mark.parametrize("case", DECISIONS, ids=lambda case: case.replace(" ", "-"))
def test_the_first_rule_that_applies_decides(case: str) -> None:
    situation, way, code = DECISIONS[case]
    route = decide(situation)
    assert (route.way, route.code) == (way, code)
    assert route.why


def test_every_rule_decides_something_here_and_can_be_told() -> None:
    codes = [rule.code for rule in RULES]
    assert len(set(codes)) == len(codes)
    assert {code for _, _, code in DECISIONS.values()} == set(codes)
    refused = {code for _, way, code in DECISIONS.values() if way is Way.REFUSE}
    assert refused <= set(REFUSALS)


def test_the_page_about_it_has_the_rules_in_their_order() -> None:
    rows = re.findall(r"^\| \d+ \| `([a-z-]+)` \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert rows == [rule.code for rule in RULES]


# The breaker


def test_the_breaker_opens_after_failures_in_a_row_and_lets_one_try() -> None:
    clock = ManualClock()
    breaker = Breaker(clock)
    for _ in range(link.FAILURES - 1):
        assert breaker.enter()
        breaker.ended(well=False)
    breaker.ended(well=True)
    for _ in range(link.FAILURES):
        assert not breaker.rests()
        assert breaker.enter()
        breaker.ended(well=False)
    assert breaker.rests()
    assert not breaker.enter()
    clock.advance(link.REST_S)
    assert not breaker.rests()
    assert [breaker.enter(), breaker.enter()] == [True, False]  # one tries, the others wait for it
    breaker.ended(well=False)
    assert breaker.rests()
    clock.advance(link.REST_S)
    assert breaker.enter()
    breaker.ended(well=True)
    assert [breaker.enter(), breaker.enter()] == [True, True]


# The budget


def test_plans_are_counted_by_day_and_over_restarts(tmp_path: Path) -> None:
    clock, file = ManualClock(), tmp_path / "today.json"
    budget = Budget(clock, file)
    budget.spend()
    budget.spend()
    assert (budget.today(), Budget(clock, file).today(), Budget(clock).today()) == (2, 2, 0)
    clock.advance(24 * 3600)
    assert (budget.today(), Budget(clock, file).today()) == (0, 0)
    budget.spend()
    assert Budget(clock, file).today() == 1


@pytest.mark.parametrize("content", ["", "{", "[]", '{"day": 3}', '{"day": "x", "plans": "many"}', "\0"])
def test_a_torn_count_begins_anew(tmp_path: Path, content: str) -> None:
    file = tmp_path / "today.json"
    file.write_text(content)
    budget = Budget(ManualClock(), file)
    assert budget.today() == 0
    budget.spend()
    assert Budget(ManualClock(), file).today() == 1


def test_a_count_that_cannot_be_written_is_kept_all_the_same(tmp_path: Path) -> None:
    budget = Budget(ManualClock(), tmp_path / "missing" / "today.json")
    budget.spend()
    assert budget.today() == 1


# Waiting


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PROBE_S", 0.01)


@pytest.mark.usefixtures("_quick")
def test_who_came_first_goes_on_first_and_there_is_room_for_so_many() -> None:
    back, order = threading.Event(), list[str]()

    def probe() -> bool:
        if back.is_set():
            order.append(threading.current_thread().name)
        return back.is_set()

    room = OfflineRequests(ManualClock(), probe)
    waiters = [
        threading.Thread(target=room.wait, args=(math.inf, threading.Event()), name=str(n)) for n in range(waiting.ROOM)
    ]
    for number, waiter in enumerate(waiters, 1):
        assert not room.full()
        waiter.start()
        eventually(lambda: len(room) == number, "it waits")  # noqa: B023  called at once
    assert room.full()
    back.set()
    for waiter in waiters:
        waiter.join(30)
    assert order == [waiter.name for waiter in waiters]
    assert len(room) == 0


@pytest.mark.usefixtures("_quick")
def test_who_waits_beyond_the_deadline_goes_home() -> None:
    clock = ManualClock()
    room = OfflineRequests(clock, lambda: False)
    assert not room.wait(clock.time(), threading.Event())
    waiter = threading.Thread(target=lambda: room.wait(clock.time() + 60, threading.Event()))
    waiter.start()
    clock.advance(60)
    waiter.join(30)
    assert not waiter.is_alive()


@pytest.mark.usefixtures("_quick")
def test_a_planner_that_is_back_too_late_is_not_asked() -> None:
    clock = ManualClock()

    def probe() -> bool:
        raise AssertionError("asked after the deadline")

    until = clock.time() + 1
    clock.advance(1)
    assert not OfflineRequests(clock, probe).wait(until, threading.Event())


def test_when_the_room_closes_nobody_waits() -> None:
    room = OfflineRequests(ManualClock(), lambda: False)
    waiter = threading.Thread(target=lambda: room.wait(math.inf, threading.Event()))
    waiter.start()
    room.close()
    waiter.join(30)
    assert not waiter.is_alive()
