"""Crashes of the planner and its database, as processes: no plan is lost, and none is worked out twice."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS
from hosted_double import HostedDouble, Reply, hosted_double
from planner_process import PlannerProcess, Postgres
from planner_world import TOKEN, JumpingClock, ScriptedProvider, goals_of, serving, transport

from banksman_cloud import Settings, create_app
from banksman_cloud.database import Database
from banksman_cloud.errors import DatabaseError, SettingsError
from banksman_cloud.jobs.store import PlanStore
from banksman_shared.clock import timestamp

GOALS = goals_of(transport(2, "dock-1", "aisle-2"))
GOOD = Reply(GOALS.model_dump_json())
ONCE = ["solving", "proposed", "cancelled"]

Replica = tuple[PlannerProcess, HostedDouble]
"""A planner, and the model that it asks."""


@pytest.fixture
def double() -> Iterator[HostedDouble]:
    with hosted_double() as running:
        running.always(GOOD)
        yield running


@pytest.fixture(scope="module")
def replica(cluster: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replica]:
    """One on Postgres."""
    with hosted_double() as model:
        planner = PlannerProcess(cluster.url, model.url, tmp_path_factory.mktemp("replica"))
        try:
            planner.start()
            planner.wait_ready()
            yield planner, model
        finally:
            planner.close()


@pytest.fixture
def running(replica: Replica) -> Replica:
    """The same with nothing asked of its model yet."""
    planner, model = replica
    model.always(GOOD)
    model.delay = lambda: 0.0
    return planner, model


def killed_again_and_again(double: HostedDouble, folder: Path, kills: int, seed: int) -> None:
    """Ask for plans, kill the planner at random moments, and see that every plan is there and whole."""
    moments = random.Random(seed)
    planner = PlannerProcess(f"sqlite:///{folder / 'planner.sqlite'}", double.url, folder)
    double.delay = lambda: moments.uniform(0.0, 0.5)
    asked: dict[str, str] = {}
    try:
        for round_number in range(kills):
            planner.start()
            planner.wait_ready()
            if round_number == 0:
                approved = planner.settled(planner.ask("approved"))
                headers = {"If-Match": f'"{approved["hash"]}"'}
                assert planner.http.post(f"/v1/plans/{approved['id']}/approve", headers=headers).is_success
            for number in range(4):
                key = f"{round_number}-{number}"
                asked[key] = planner.ask(key)
            time.sleep(moments.uniform(0.0, 1.5))
            planner.kill()
        planner.start()
        planner.wait_ready()
        assert planner.plan(approved["id"])["state"] == "approved"
        for key, plan_id in asked.items():
            assert planner.ask(key) == plan_id
            assert planner.settled(plan_id)["state"] == "proposed"
            assert planner.states(plan_id) == ONCE
        asked["waiting"] = stopped_while_it_waits(planner, double)
        for secret in ("sk-key", "carry them", TOKEN):
            assert secret not in planner.log()
    finally:
        planner.close()
    asked["approved"] = approved["id"]
    # A call that a kill cut off is made again; what was answered is not.
    assert len(asked) <= len(double.requests) <= len(asked) + 4 * kills + 1
    with sqlite3.connect(folder / "planner.sqlite") as connection:
        answered = connection.execute("SELECT plan_id FROM planner_calls WHERE answer IS NOT NULL").fetchall()
    connection.close()
    assert {plan_id for (plan_id,) in answered} == set(asked.values())


def stopped_while_it_waits(planner: PlannerProcess, double: HostedDouble) -> str:
    """A plan that is gone on with after the planner was stopped, which does not wait for a model that hangs."""
    double.go.clear()
    before = len(double.requests)
    waiting = planner.ask("waiting")
    while len(double.requests) == before:
        time.sleep(0.05)
    planner.stop()
    double.go.set()
    planner.start()
    planner.wait_ready()
    assert planner.settled(waiting)["state"] == "proposed"
    return waiting


def test_a_planner_that_is_killed_or_stopped_goes_on_where_it_was(double: HostedDouble, tmp_path: Path) -> None:
    killed_again_and_again(double, tmp_path, kills=1, seed=1)


@pytest.mark.soak
def test_it_may_be_killed_at_twenty_moments(double: HostedDouble, tmp_path: Path) -> None:
    killed_again_and_again(double, tmp_path, kills=20, seed=int(time.time()))


def test_crashes_while_the_model_is_asked_cost_no_more_than_the_plan_may(double: HostedDouble, tmp_path: Path) -> None:
    database, budget = f"sqlite:///{tmp_path / 'planner.sqlite'}", {"BANKSMAN_PLANNER_PLAN_USD": "0.4"}
    planner = PlannerProcess(database, double.url, tmp_path, **budget)
    double.go.clear()
    try:
        planner.start()
        planner.wait_ready()
        cut_off = planner.ask("cut off")
        while not double.requests:
            time.sleep(0.05)
        planner.kill()
        double.go.set()
        planner.start()
        planner.wait_ready()
        failed = planner.settled(cut_off)
        assert failed["state"] == "failed"
        assert "are spent and up to" in failed["faults"][0]
        assert planner.settled(planner.ask("another"))["state"] == "proposed"
    finally:
        planner.close()
    assert len(double.requests) == 2


def shared_by_two(running: Replica, cluster: Postgres, folder: Path, plans: int) -> None:
    """Two replicas on one Postgres; each key is sent to both; one of them is killed half-way."""
    second, double = running
    double.delay = lambda: 0.1
    first = PlannerProcess(cluster.url, double.url, folder)
    try:
        first.start()
        first.wait_ready()
        asked: dict[str, str] = {}
        for number in range(plans):
            key = f"{folder.name}-{number}"
            asked[key] = (first if number % 2 else second).ask(key)
            assert (second if number % 2 else first).ask(key) == asked[key]
        while len(double.requests) < plans // 2:
            time.sleep(0.01)
        first.kill()
        assert len(set(asked.values())) == plans
        for plan_id in asked.values():
            assert second.settled(plan_id)["state"] == "proposed"
        for plan_id in asked.values():
            assert second.states(plan_id) == ONCE
    finally:
        first.close()
    assert len(double.requests) <= plans + 4  # as many as the one that was killed had in hand


def test_two_replicas_share_a_postgres_and_one_may_die(running: Replica, cluster: Postgres, tmp_path: Path) -> None:
    shared_by_two(running, cluster, tmp_path, plans=16)


@pytest.mark.soak
def test_two_replicas_lose_none_of_two_hundred_plans(running: Replica, cluster: Postgres, tmp_path: Path) -> None:
    shared_by_two(running, cluster, tmp_path, plans=200)


def test_a_database_that_goes_and_comes_back_costs_no_plan(running: Replica, cluster: Postgres, tmp_path: Path) -> None:
    planner, double = running
    double.go.clear()
    asked = [planner.ask(f"{tmp_path.name}-{number}") for number in range(6)]
    while len(double.requests) < 4:  # as many as there are workers
        time.sleep(0.05)
    cluster.stop()
    try:
        double.go.set()
        answer = planner.http.get(f"/v1/plans/{asked[0]}")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["retry-after"]
        assert planner.status("/readyz") == 503
        assert planner.status("/healthz") == 200
        assert planner.status("/metrics") == 200
    finally:
        cluster.start()
    for plan_id in asked:
        assert planner.settled(plan_id)["state"] == "proposed"
        assert planner.states(plan_id) == ONCE
    assert len(double.requests) == len(asked)  # what was answered meanwhile was not asked again


@pytest.mark.parametrize("jump_s", [-7200.0, 7200.0])
def test_a_jump_of_the_clock_ends_no_plan_falsely_and_leaves_none_hanging(jump_s: float) -> None:
    clock = JumpingClock()
    with serving(ScriptedProvider(GOALS), clock) as service:
        service.provider.go.clear()
        working = service.ask().json()["id"]
        due = service.ask(deadline=timestamp(clock.time() + 60)).json()["id"]
        clock.advance(jump_s)
        if jump_s > 0:
            assert "no time left" in service.reaches(due, "failed")["explanation"]
            assert "no time left" in service.reaches(working, "failed")["explanation"]
        service.provider.go.set()
        if jump_s < 0:
            service.reaches(due, "proposed")
            service.reaches(working, "proposed")
        service.proposed()
        events = [service.http.get(f"/v1/plans/{plan_id}").json()["state"] for plan_id in (working, due)]
        assert Counter(events) == {"failed" if jump_s > 0 else "proposed": 2}


def test_a_file_that_somebody_locks_costs_no_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("banksman_cloud.database._BUSY_MS", 50)
    clock = JumpingClock()
    with serving(ScriptedProvider(GOALS), clock, database=f"sqlite:///{tmp_path / 'planner.sqlite'}") as service:
        service.provider.go.clear()
        waiting = service.ask("waiting").json()["id"]
        while not service.provider.prompts:
            time.sleep(0.02)
        with sqlite3.connect(tmp_path / "planner.sqlite") as other:
            other.execute("BEGIN IMMEDIATE")
            service.provider.go.set()  # and the answer cannot be noted
            refused = service.ask("refused")
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
            assert service.plan(waiting)["state"] == "understanding"  # to be read it is all the same
        other.close()
        service.reaches(waiting, "proposed")
        assert service.ask("waiting").json()["id"] == waiting
        assert len(service.provider.prompts) == 1
        service.reaches(service.ask("refused").json()["id"], "proposed")


def test_no_plan_waits_for_its_database_longer_than_it_is_worth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = JumpingClock()
    with serving(ScriptedProvider(GOALS), clock, database=f"sqlite:///{tmp_path / 'planner.sqlite'}") as service:
        real, tried = PlanStore.change, threading.Event()

        def away(self: PlanStore, plan_id: str, decide: Any) -> Any:
            if threading.current_thread().name != "planner-deadlines":
                tried.set()
                raise DatabaseError("away")
            return real(self, plan_id, decide)

        with monkeypatch.context() as patched:
            patched.setattr(PlanStore, "change", away)
            late = service.ask(deadline=timestamp(clock.time() + 60)).json()["id"]
            assert tried.wait(30)
            clock.advance(61)
            assert "no time left" in service.reaches(late, "failed")["explanation"]
            for _ in range(600):
                if not any(DBOS.list_workflows(status="PENDING")):
                    break
                time.sleep(0.05)
            assert not any(DBOS.list_workflows(status="PENDING"))  # nobody is kept from other work by it
        service.proposed()


def test_two_planners_do_not_share_a_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'planner.sqlite'}"
    first = Database(url)
    with pytest.raises(SettingsError, match="in use by another planner"):
        Database(url)
    Database(url, reading=True).close()
    assert (tmp_path / "planner.sqlite").stat().st_mode & 0o077 == 0
    first.close()
    Database(url).close()


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("mysql://localhost/x", "no URL like"),
        ("nonsense", "no URL like"),
        ("sqlite://", "needs a file"),
        ("sqlite:////proc/none/planner.sqlite", "cannot be written"),
    ],
)
def test_a_wrong_database_is_refused(url: str, fault: str) -> None:
    with pytest.raises(SettingsError, match=fault):
        create_app(Settings(tokens=("t",), database=url), ScriptedProvider(GOALS))


def test_a_database_that_cannot_be_reached_is_said_to_be() -> None:
    with pytest.raises(DatabaseError, match="cannot be used") as caught:
        Database("postgresql://user:secret-of-the-database@127.0.0.1:1/none")
    assert "secret-of-the-database" not in str(caught.value)
