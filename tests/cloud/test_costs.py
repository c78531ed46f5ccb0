"""What a day of a site costs, from what the planner and the edge have recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from banksman_cloud.cli import planner
from banksman_cloud.database import Database
from banksman_cloud.providers.call_log import Call, Cost, Ledger, entries
from banksman_cloud.settings import Budget
from banksman_edge.audit import AuditLog
from banksman_edge.audit.reading import read_records
from banksman_edge.audit.recorder import AuditTrail
from banksman_edge.turns.events import DecisionEvent, PlanEvent, UtteranceEvent, Verdict
from banksman_edge.understanding import Tier
from banksman_shared.clock import ManualClock
from banksman_shared.plans import Plan, PlanState
from banksman_shared.site import Site

MORNING = 1_800_000_000.0
DAY = "2027-01-15"


@pytest.fixture
def database(tmp_path: Path) -> str:
    """Two plans with three calls, one of which nobody knows the end of; and one the day after, by other prices."""
    url, clock = f"sqlite:///{tmp_path / 'planner.sqlite'}", ManualClock(MORNING)
    base = Database(url)
    ledger = Ledger(base, clock)
    calls = [("plan-1", 0.04), ("plan-1", 0.02), ("plan-2", None)]
    for plan, usd in calls:
        call = Call(plan, "yard", "OpenAI gpt-5.5", "digest", "prompt", "list of 2027")
        entry = ledger.enter(call, Cost(1000, 100, 0.06), Budget())
        ledger.settle(entry, None if usd is None else Cost(500, 50, usd), "answer", None)
    clock.advance(24 * 3600)
    ledger.enter(Call("plan-3", "yard", "mine", "digest", "prompt", "list of 2028"), Cost(10, 1, 0.0), Budget())
    base.close()
    return url


@pytest.fixture
def edge(yard: Site, tmp_path: Path) -> Path:
    """What an edge wrote down on that day: three utterances, one of them for the planner."""
    log = AuditLog(tmp_path / "audit", 90, clock=ManualClock(MORNING))
    trail = AuditTrail(yard, log)
    for number, (seconds, tier) in enumerate(((2.5, Tier.GRAMMAR), (None, Tier.GRAMMAR), (4.0, Tier.LLAMA))):
        name = f"u{number}"
        trail.event(UtteranceEvent(name, None, None, seconds))
        trail.event(DecisionEvent(name, Verdict.ACCEPT, (), tier, 0.9, "en", "", {"nlu": 100.0, "total": 500.0}))
    for state in (PlanState.UNDERSTANDING, PlanState.PROPOSED):
        trail.event(PlanEvent("u2", Plan(id="p", state=state, request="x")))
    log.close()
    file = tmp_path / "edge.jsonl"
    file.write_bytes(b"".join(record.line() + b"\n" for record in read_records(tmp_path / "audit")))
    return file


def run(*arguments: str) -> Any:
    return CliRunner().invoke(planner, ["cost", *arguments])


def test_a_day_is_told_for_cloud_and_edge_by_the_prices_of_then(database: str, edge: Path) -> None:
    done = run("--database", database, "--edge", "yard", str(edge), "--edge-usd-per-day", "1.5", "--json")
    assert done.exit_code == 0, done.output
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["site"], first["day"]) == ("yard", DAY)
    assert first["edge"] == {
        "utterances": 3,
        "spoken_s": 6.5,
        "work_s": 1.5,
        "tiers": {"grammar": 2, "llama": 1},
        "escalated": 1,
        "usd": 1.5,
    }
    cloud = first["cloud"]
    assert (cloud["plans"], cloud["calls"], cloud["unsettled"], cloud["usd"]) == (2, 3, 1, 0.12)
    assert (cloud["input_tokens"], cloud["output_tokens"]) == (2000, 200)
    assert (cloud["models"], cloud["prices"]) == (["OpenAI gpt-5.5"], ["list of 2027"])
    assert first["usd_if_the_cloud_were_asked_each_time"] == pytest.approx(3 * 0.06)
    assert (second["cloud"]["prices"], "edge" in second) == (["list of 2028"], False)


def test_a_plan_that_two_models_were_asked_for_is_one_plan(database: str) -> None:
    base = Database(database)
    ledger = Ledger(base, ManualClock(MORNING))
    ledger.enter(Call("plan-1", "yard", "Anthropic x", "digest", "prompt", "list"), Cost(10, 1, 0.0), Budget())
    base.close()
    cloud = json.loads(run("--database", database, "--json").stdout.splitlines()[0])["cloud"]
    assert (cloud["plans"], cloud["calls"]) == (2, 4)
    assert cloud["models"] == ["Anthropic x", "OpenAI gpt-5.5"]


def test_calls_are_forgotten_after_some_days(database: str) -> None:
    base = Database(database)
    Ledger(base, ManualClock(MORNING + 90 * 86400.0)).drop(90)
    assert len(entries(base, None, None)) == 4
    Ledger(base, ManualClock(MORNING + 91 * 86400.0)).drop(90)
    assert [entry["plan_id"] for entry in entries(base, None, None)] == ["plan-3"]
    base.close()


def test_it_can_be_read(database: str, edge: Path) -> None:
    done = run("--database", database, "--edge", "yard", str(edge))
    assert done.stdout.splitlines()[:6] == [
        f"yard, {DAY} (UTC)",
        (
            "  edge   3 utterances, 6 s of speech, 2 s of work; decided by: grammar 2, llama 1; 1 for the planner; "
            "its box: not told"
        ),
        "  cloud  2 plans, 3 calls of OpenAI gpt-5.5; 2000 tokens in, 200 out; 0.1200 USD",
        "         0.0600 USD for a plan; 1 calls count at their most",
        "         prices: list of 2027",
        "  if the cloud were asked for every utterance at that price: 0.18 USD",
    ]


def test_an_edge_that_asked_for_nothing_costs_its_box(database: str, edge: Path) -> None:
    done = run("--database", database, "--edge", "elsewhere", str(edge), "--json")
    elsewhere = next(d for d in map(json.loads, done.stdout.splitlines()) if d["site"] == "elsewhere")
    assert (elsewhere["cloud"]["plans"], elsewhere["cloud"]["usd"], elsewhere["cloud"]["usd_per_plan"]) == (0, 0, None)


@pytest.mark.parametrize("text", ["nonsense", "{}", "[]", '{"time": 5, "kind": "x", "data": {}}', "\x00"])
def test_a_file_that_is_no_audit_log_is_refused(database: str, tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.jsonl").write_text(text)
    done = run("--database", database, "--edge", "yard", str(tmp_path / "bad.jsonl"))
    assert done.exit_code == 1
    assert "line 1 is no record" in str(done.exception)


def test_a_file_that_is_not_there_is_refused(database: str, tmp_path: Path) -> None:
    assert "cannot be read" in str(run("--database", database, "--edge", "yard", str(tmp_path / "none")).exception)
