"""What stands between the planner and its model: budget, breaker, record, replay, and who stands in."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hosted_double import MODELS, HostedDouble, Reply, hosted_double, provider_at
from planner_world import ScriptedProvider, goals_of, transport

from banksman_cloud import GoalPrompt, Repair, Settings
from banksman_cloud.cli import planner
from banksman_cloud.database import Database
from banksman_cloud.errors import BudgetError, ProviderError, ProviderUnavailableError
from banksman_cloud.metrics import Metrics
from banksman_cloud.providers import breaker
from banksman_cloud.providers.call_log import Ledger, entries, totals
from banksman_cloud.providers.guard import Guard, GuardedModel
from banksman_cloud.providers.prices import listed, usd
from banksman_cloud.providers.redact import redact
from banksman_cloud.providers.replay import ReplayProvider
from banksman_cloud.settings import Budget
from banksman_shared.clock import ManualClock
from banksman_shared.site import Site

GOALS = goals_of(transport(2, "dock-1", "aisle-2"))
GOOD = Reply(GOALS.model_dump_json(), tokens=(1000, 200))
PRICE = {
    "openai": 5e-6 * 1000 + 30e-6 * 200,
    "anthropic": 2e-6 * 1000 + 10e-6 * 200,
    "gemini": 1.5e-6 * 1000 + 9e-6 * 200,
}


@pytest.fixture
def double() -> Iterator[HostedDouble]:
    with hosted_double() as running:
        running.always(GOOD)
        yield running


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'planner.sqlite'}")
    yield database
    database.close()


class Desk:
    """A guard on a clock of its own, which stands still while a model is waited for."""

    def __init__(self, base: Database, double: HostedDouble, site: Site, vendor: str = "openai") -> None:
        self.clock, self.base, self.double, self.site = ManualClock(), base, double, site
        self.provider: Any = provider_at(vendor, double.url, self.clock)
        self.provider.load()

    def model(self, plan: str = "plan-1", fallback: Any = None, **budget: Any) -> GuardedModel:
        settings = replace(Settings(tokens=("t",)), budget=Budget(**budget))
        ledger = Ledger(self.base, self.clock)
        guard = Guard(self.provider, fallback, ledger, settings, Metrics(self.clock), self.clock)
        return guard.for_plan(plan, self.site.id)

    def ask(self, model: GuardedModel, request: str = "carry them", repair: Repair | None = None) -> str:
        return model.goals(GoalPrompt(request, "en", self.site, repair), self.clock.time() + 60)

    def entries(self) -> list[dict[str, Any]]:
        return entries(self.base, None, None)


@pytest.fixture
def desk(base: Database, double: HostedDouble, yard: Site, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("banksman_cloud.providers.guard._FIRST_WAIT_S", 0.001)
    return Desk(base, double, yard)


def exhausted(ask: Callable[[int], object]) -> tuple[str, int]:
    """What is said when the budget is spent, and how often it was asked before."""
    for number in range(1000):
        try:
            ask(number)
        except BudgetError as error:
            return str(error), number
    raise AssertionError("the budget is never spent")


@pytest.mark.parametrize("vendor", MODELS)
def test_a_call_is_noted_with_what_it_cost(base: Database, double: HostedDouble, yard: Site, vendor: str) -> None:
    desk = Desk(base, double, yard, vendor)
    assert json.loads(desk.ask(desk.model())) == GOALS.model_dump(mode="json")
    (entry,) = desk.entries()
    assert (entry["plan_id"], entry["site"], entry["settled"]) == ("plan-1", "yard", True)
    assert (entry["input_tokens"], entry["output_tokens"]) == (1000, 200)
    assert entry["usd"] == pytest.approx(PRICE[vendor])
    assert entry["model"].endswith(MODELS[vendor])
    assert "carry them" in entry["prompt"]
    (total,) = totals(base, "yard", None)
    assert (total["calls"], total["unsettled"]) == (1, 0)
    assert totals(base, "another", None) == []


def test_a_plan_is_not_asked_for_beyond_its_budget(desk: Desk) -> None:
    model = desk.model(plan_usd=0.5)
    prompt_usd = usd("openai", MODELS["openai"], 0, 8192)
    sentence, asked = exhausted(lambda number: desk.ask(model, f"carry them, {number}"))
    assert "of 0.50 for this plan" in sentence
    spent = sum(entry["usd"] for entry in desk.entries())
    assert len(desk.double.requests) == asked == len(desk.entries())
    assert 0.5 - prompt_usd - 0.2 < spent <= 0.5
    desk.ask(desk.model("plan-2", plan_usd=0.5))  # another plan has its own


def test_repairs_and_repeats_count(desk: Desk) -> None:
    desk.double.in_turn(Reply(status=503), GOOD)
    model = desk.model(plan_tokens=25_000)
    desk.ask(model)
    failed, answered = sorted(desk.entries(), key=lambda entry: entry["error"] is None)
    assert (failed["input_tokens"], failed["settled"], failed["answer"]) == (0, True, None)
    assert "503" in failed["error"]
    assert answered["settled"]
    desk.ask(model, repair=Repair("wrong", ("fault",)))
    assert sum(entry["input_tokens"] for entry in desk.entries()) == 2000


def test_a_site_has_a_budget_for_each_day(desk: Desk) -> None:
    limits = {"site_tokens_per_day": 30_000, "plan_tokens": 10**9}
    sentence, _ = exhausted(lambda number: desk.ask(desk.model(f"plan-{number}", **limits)))
    assert "for this site today" in sentence
    desk.clock.advance(24 * 3600)
    desk.ask(desk.model("plan-tomorrow", **limits))


def test_a_call_that_nobody_knows_the_end_of_counts_at_its_most(desk: Desk) -> None:
    desk.double.always(Reply(GOOD.text, cut=True))
    with pytest.raises(ProviderError):
        desk.ask(desk.model())
    for entry in desk.entries():
        assert not entry["settled"]
        assert entry["output_tokens"] == 8192
        assert entry["usd"] > PRICE["openai"]


def test_a_model_without_a_price_is_counted_in_tokens(desk: Desk) -> None:
    assert not listed("openai", "my-own-model")
    assert usd("openai", "my-own-model", 10**6, 10**6) == 0
    assert all(
        listed(desk_vendor, name)
        for desk_vendor, name in (
            ("openai", MODELS["openai"]),
            ("anthropic", MODELS["anthropic"]),
            ("google", MODELS["gemini"]),
        )
    )
    desk.provider.model = "my-own-model"
    sentence, _ = exhausted(lambda number: desk.ask(desk.model(plan_tokens=25_000), str(number)))
    assert "tokens" in sentence


def test_what_nobody_waits_for_is_not_asked_again_nor_of_the_fallback(desk: Desk) -> None:
    desk.double.always(Reply(status=503))
    unwanted, prompt = threading.Event(), GoalPrompt("carry them", "en", desk.site)
    unwanted.set()
    with pytest.raises(ProviderUnavailableError, match="answered 503"):
        desk.model(fallback=ScriptedProvider(GOALS)).goals(prompt, desk.clock.time() + 60, unwanted)
    assert len(desk.double.requests) == 1


def test_after_failures_in_a_row_a_model_is_left_alone_for_a_while(desk: Desk) -> None:
    desk.double.always(Reply(status=503))
    model = desk.model()
    for _ in range(2):
        with pytest.raises(ProviderUnavailableError, match="answered 503"):
            desk.ask(model)
    asked = len(desk.double.requests)
    assert asked == 2 * 3
    with pytest.raises(ProviderUnavailableError, match="left alone"):
        desk.ask(model)
    assert len(desk.double.requests) == asked
    desk.clock.advance(breaker.REST_S + 1)
    desk.double.always(GOOD)
    assert desk.ask(model)
    assert desk.ask(model)


def test_short_deadlines_are_not_held_against_a_model(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    model, prompt = desk.model(plan_usd=100, plan_tokens=10**7), GoalPrompt("carry them", "en", desk.site)

    def slow(_: GoalPrompt, left: float, key: str) -> None:
        raise desk.provider._late(left)

    with monkeypatch.context() as patched:
        patched.setattr(desk.provider, "_call", slow)
        for _ in range(breaker.FAILURES):
            with pytest.raises(ProviderUnavailableError, match="did not answer within 1 s"):
                model.goals(prompt, desk.clock.time() + 1)
        noted = len(desk.entries())
        with pytest.raises(ProviderUnavailableError, match="no time is left"):
            model.goals(prompt, desk.clock.time())
        assert len(desk.entries()) == noted
    assert desk.ask(model)


def test_one_call_tries_whether_a_model_is_back() -> None:
    clock = ManualClock()
    closed = breaker.Breaker("m", clock)
    for _ in range(breaker.FAILURES):
        closed.enter()
        closed.failed()
    clock.advance(breaker.REST_S + 1)
    closed.enter()
    with pytest.raises(ProviderUnavailableError):
        closed.enter()
    closed.answered()
    closed.enter()


def test_a_long_retry_after_is_not_waited_for(desk: Desk) -> None:
    desk.double.always(Reply(status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(ProviderUnavailableError, match="429"):
        desk.ask(desk.model())
    assert len(desk.double.requests) == 1


def test_where_the_network_is_away_the_local_model_stands_in(desk: Desk) -> None:
    local = ScriptedProvider(GOALS)
    desk.double.close()
    assert json.loads(desk.ask(desk.model(fallback=local))) == GOALS.model_dump(mode="json")
    assert len(local.prompts) == 1


def test_what_costs_nothing_is_recorded_and_replayed_and_in_no_sum(desk: Desk, tmp_path: Path) -> None:
    private = "call anna.miller@example.com"
    answer = GOALS.model_copy(update={"unsupported": (private,)})
    desk.provider = ScriptedProvider(answer, ProviderUnavailableError("it was busy"), answer)
    model = desk.model(plan_tokens=0, plan_usd=0, site_tokens_per_day=0, site_usd_per_day=0)
    desk.ask(model)
    with pytest.raises(ProviderUnavailableError):
        desk.ask(model)
    desk.ask(model, f"carry others and {private}")
    entries = desk.entries()
    answered = [(e["settled"], e["input_tokens"], e["output_tokens"], e["usd"], e["error"]) for e in entries]
    assert sorted(answered, key=str) == [(True, 0, 0, 0.0, "it was busy"), *[(True, 0, 0, 0.0, None)] * 2]
    assert {(e["plan_id"], e["site"], e["model"]) for e in entries} == {("plan-1", "yard", "scripted")}
    assert "anna.miller" not in json.dumps(entries)
    assert totals(desk.base, None, None) == []
    recording = tmp_path / "calls.jsonl"
    recording.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    replayed = ReplayProvider(recording)
    replayed.load()
    assert json.loads(replayed.goals(GoalPrompt("carry them", "en", desk.site)))["goals"]


def test_a_refusal_is_not_taken_to_the_one_who_stands_in(desk: Desk) -> None:
    local = ScriptedProvider(GOALS)
    desk.double.always(Reply(refused=True))
    with pytest.raises(ProviderError, match="declined"):
        desk.ask(desk.model(fallback=local))
    assert not local.prompts


def test_what_was_recorded_can_be_replayed(desk: Desk, tmp_path: Path) -> None:
    desk.ask(desk.model())
    recording = tmp_path / "calls.jsonl"
    recording.write_text("".join(json.dumps(entry) + "\n" for entry in desk.entries()))
    replayed = ReplayProvider(recording)
    replayed.load()
    prompt = GoalPrompt("carry them", "en", desk.site)
    assert json.loads(replayed.goals(prompt)) == GOALS.model_dump(mode="json")
    with pytest.raises(ProviderError, match="not in the recording"):
        replayed.goals(replace(prompt, request="carry others"))
    recording.write_text("{}\n")
    with pytest.raises(ProviderError, match="no recording"):
        ReplayProvider(recording).load()


def test_the_command_prints_calls_beside_the_service(desk: Desk, tmp_path: Path) -> None:
    desk.ask(desk.model())
    database = ["calls", "--database", f"sqlite:///{tmp_path / 'planner.sqlite'}"]
    printed = CliRunner().invoke(planner, database)
    assert printed.exit_code == 0, printed.output
    assert [json.loads(line) for line in printed.stdout.splitlines()] == desk.entries()
    (total,) = map(json.loads, CliRunner().invoke(planner, [*database, "--summary"]).stdout.splitlines())
    assert (total["site"], total["calls"], total["unsettled"]) == ("yard", 1, 0)
    assert total["usd"] == pytest.approx(PRICE["openai"])
    assert re.fullmatch(r"genai-prices [\d.]+, the newest from 20\d\d-\d\d-\d\d", total["prices"])
    assert CliRunner().invoke(planner, [*database, "--day", "1999-01-01"]).stdout == ""


@pytest.mark.parametrize("command", [["calls"], ["calls", "--summary"], ["cost"]])
def test_a_database_that_there_is_not_is_said_and_not_made(command: list[str], tmp_path: Path) -> None:
    missing = tmp_path / "none.sqlite"
    shell = [sys.executable, "-c", "from banksman_shared.cli import main; main()", "planner"]
    done = subprocess.run(
        [*shell, *command, "--database", f"sqlite:///{missing}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"banksman: there is no database {missing}; name the one that the service has\n"
    assert not list(tmp_path.iterdir())


def test_records_hold_no_secrets_and_no_addresses(desk: Desk) -> None:
    private = "call +49 170 1234567 or anna.miller@example.com, token: sk-abcdefghijklmnop"
    desk.double.always(Reply(GOALS.model_copy(update={"unsupported": (private,)}).model_dump_json()))
    desk.ask(desk.model(), f"carry them and {private}")
    kept = json.dumps(desk.entries())
    for secret in ("1234567", "anna.miller", "sk-abcdef", "sk-key-of-the-planner"):
        assert secret not in kept
    assert "carry them and call [number] or [mail]" in kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("bring 12 pallets to dock 3 within 90 minutes", None),
        ("agv-1234567 at node N1000001 has 79.12345678 per cent", None),
        ('{"x": 12.5, "y": 1000000}', None),
        ("ring 0049-89-123456-0", "ring [number]"),
        ("AIzaSyA1234567890abcdefg", "[secret]"),
        ("Bearer abcdef.ghijkl", "[secret]"),
        ("password=hunter22 and then", "[secret] and then"),
        ("OPENAI_API_KEY=abcdefgh", "OPENAI_[secret]"),
        ('{"words":"token: 123456","count":1}', '{"words":"[secret]","count":1}'),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", "[secret]"),
    ],
)
def test_only_what_is_private_is_blacked_out(text: str, kept: str | None) -> None:
    assert redact(text) == (text if kept is None else kept)
