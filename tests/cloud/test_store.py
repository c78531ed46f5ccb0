"""What the database keeps, for how long, and what an older one holds."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa
from planner_process import Postgres
from planner_world import JumpingClock, ScriptedProvider, Service, goals_of, serving, transport

from banksman_cloud.database import Database
from banksman_cloud.errors import DatabaseError, SettingsError

GOALS = goals_of(transport(2, "dock-1", "aisle-2"))
BEFORE = Path(__file__).parents[1] / "data" / "planner" / "before_asked_at.sql"
"""Tables of a planner that did not note when it was asked, with two proposed plans, the second with a time limit. Their
keys are those of TOKEN, and they may be approved until 2076."""


def gone(service: Service, plan_id: str) -> None:
    """Wait until a plan is not there any more."""
    for _ in range(600):
        if service.http.get(f"/v1/plans/{plan_id}").status_code == 404:
            return
        service.http.get("/healthz")
    raise AssertionError("the plan stays")


def test_a_key_is_known_as_long_as_a_plan_could_be_read_though_the_plan_had_to_go() -> None:
    clock = JumpingClock()
    with serving(ScriptedProvider(GOALS), clock, max_plans=1, max_age_s=100) as service:
        first = service.ask("key-1").json()["id"]
        service.http.delete(f"/v1/plans/{first}")
        other = service.ask("key-2").json()["id"]
        service.http.delete(f"/v1/plans/{other}")
        gone(service, first)
        again = service.ask("key-1")
        assert (again.status_code, again.json()["id"], again.json()["state"]) == (202, first, "cancelled")
        assert service.ask("key-1", request="something else").status_code == 422
        stranger = service.http.post(
            "/v1/plans", json=service.body(), headers={"Idempotency-Key": "key-1", "Authorization": "Bearer other"}
        )
        assert stranger.json()["id"] != first
        clock.advance(101)
        gone(service, other)
        assert service.ask("key-1").json()["id"] != first


def test_the_plans_of_an_older_planner_are_there_and_none_is_approved_that_may_be_too_late(tmp_path: Path) -> None:
    file = tmp_path / "planner.sqlite"
    with sqlite3.connect(file) as connection:
        connection.executescript(BEFORE.read_text())
        ids = [row[0] for row in connection.execute("SELECT id FROM planner_plans ORDER BY key")]
    connection.close()
    with serving(ScriptedProvider(GOALS), database=f"sqlite:///{file}") as service:
        free, limited = map(service.plan, ids)
        assert (free["state"], limited["state"]) == ("proposed", "proposed")
        assert service.ask("free").json()["id"] == free["id"]
        refused = service.approve(limited)  # nobody knows what its seconds count from
        assert refused.status_code == 409, refused.text
        assert "does not hold" in refused.json()["detail"]
        assert service.approve(free).json()["state"] == "approved"
        service.http.delete(f"/v1/plans/{free['id']}")
        service.proposed()
    with serving(ScriptedProvider(GOALS), database=f"sqlite:///{file}") as service:  # and it is open to the next one
        assert service.plan(free["id"])["state"] == "cancelled"


@pytest.mark.parametrize("older", [False, True])
def test_what_is_to_be_worked_on_is_found_without_reading_all_plans(tmp_path: Path, older: bool) -> None:
    file = tmp_path / "planner.sqlite"
    if older:
        with sqlite3.connect(file) as connection:
            connection.executescript(BEFORE.read_text())
        connection.close()
    Database(f"sqlite:///{file}").close()
    with sqlite3.connect(file) as connection:
        plan = connection.execute(
            "EXPLAIN QUERY PLAN SELECT id FROM planner_plans WHERE state IN ('solving')"
        ).fetchall()
    connection.close()
    assert "USING INDEX" in plan[0][-1]


def test_what_can_never_work_is_no_reason_to_try_again(tmp_path: Path) -> None:
    base = Database(f"sqlite:///{tmp_path / 'planner.sqlite'}")
    with pytest.raises(sa.exc.OperationalError), base.read() as connection:
        connection.execute(sa.text("SELECT nothing FROM planner_plans"))
    (tmp_path / "planner.sqlite").chmod(0o600)
    with sqlite3.connect(tmp_path / "planner.sqlite") as other:
        other.execute("BEGIN EXCLUSIVE")
        with base.read() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=1")
        with pytest.raises(DatabaseError, match="ask again"), base.write():
            raise AssertionError("the file is locked")
    other.close()
    base.close()


def test_the_same_is_told_apart_on_postgres(cluster: Postgres) -> None:
    base = Database(cluster.url)
    with pytest.raises(sa.exc.ProgrammingError), base.read() as connection:
        connection.execute(sa.text("SELECT nothing FROM planner_plans"))
    base.close()


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.sqlite") as connection:
        connection.execute("CREATE VIEW planner_plans AS SELECT 1 AS one")
    connection.close()
    with pytest.raises(SettingsError, match="brought up to date"):
        Database(f"sqlite:///{tmp_path / 'other.sqlite'}")
