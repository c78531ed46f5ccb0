"""What the fleet remembers over a restart."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import pytest
from yard import commands, go

from banksman_edge.fleet import Code, JobStatus
from banksman_edge.fleet.orders import new_action
from banksman_edge.fleet.store import SCHEMA, FleetStore, StoredErrand, StoreError
from banksman_shared.vda5050 import Node, NodePosition, Order

FLEET = ("agv-1", "agv-2", "tug-1")


def errand(number: int = 0, status: JobStatus = JobStatus.QUEUED, **more: object) -> StoredErrand:
    return StoredErrand(number, 0, "agv-1", commands(go("agv-1", "dock-1"))[0], status, **more)  # type: ignore[arg-type]


def order() -> Order:
    position = NodePosition(x=12.0, y=4.0, map_id="yard", allowed_deviation_xy=0.6)
    node = Node(node_id="S9", sequence_id=4, released=True, actions=(new_action("pick"),), node_position=position)
    return Order(
        header_id=0,
        timestamp="",
        version="",
        manufacturer="Acme",
        serial_number="agv-1",
        order_id="o-1",
        order_update_id=2,
        nodes=(node,),
        edges=(),
    )


def test_stops_survive_a_restart_and_end_with_a_resume(tmp_path: Path) -> None:
    with FleetStore(tmp_path) as store:
        store.latch(["agv-1", "agv-2"], on=True)
        store.latch(["agv-2"], on=False)
    with FleetStore(tmp_path) as store:
        assert store.latched() == {"agv-1"}


def test_jobs_survive_in_the_order_in_which_they_were_taken(tmp_path: Path) -> None:
    first, second = errand(deadline=12.5, due=13.0), errand(1, action=new_action("startPause"), target=("a", 0))
    sent = order()
    with FleetStore(tmp_path) as store:
        store.save_job("z", [first, second])
        store.save_job("a", [errand()])
        store.save_job("gone", [errand()])
        store.save_order("z", 0, sent)
        store.forget_job("gone")
    with FleetStore(tmp_path) as store:
        jobs = store.jobs()
    assert [job.id for job in jobs] == ["z", "a"]
    assert jobs[0].errands == (first, second)
    assert jobs[0].orders == {0: sent}


def test_an_errand_moves_on_without_its_order_being_written_again(tmp_path: Path) -> None:
    sent = order()
    with FleetStore(tmp_path) as store:
        store.save_job("a", [errand()])
        store.save_order("a", 0, sent)
        store.save_errand("a", errand(status=JobStatus.RUNNING, late=Code.OVERDUE, closed=frozenset({"N3"})))
    with FleetStore(tmp_path) as store:
        (job,) = store.jobs()
    assert (job.errands[0].status, job.errands[0].late) == (JobStatus.RUNNING, Code.OVERDUE)
    assert job.errands[0].closed == {"N3"}
    assert job.orders == {0: sent}


def test_a_killed_process_loses_nothing_that_was_written(tmp_path: Path) -> None:
    store = FleetStore(tmp_path / "live")
    store.latch(["agv-1"], on=True)
    store.save_job("a", [errand()])
    copy = tmp_path / "copy"  # what the disk holds at this moment, without a goodbye
    copy.mkdir()
    for file in (tmp_path / "live").iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    store.close()
    with FleetStore(copy) as after:
        assert after.latched() == {"agv-1"}
        assert [job.id for job in after.jobs()] == ["a"]


def test_what_is_written_together_is_kept_or_lost_together(tmp_path: Path) -> None:
    def half_a_job(store: FleetStore) -> None:
        with store.together():
            store.save_job("a", [errand()])
            raise ZeroDivisionError

    with FleetStore(tmp_path) as store:
        with pytest.raises(ZeroDivisionError):
            half_a_job(store)
        assert store.jobs() == []


@pytest.mark.parametrize("damage", ["no database", "torn", "wrong entry", "no tables"])
def test_an_unreadable_file_is_moved_aside_and_everybody_counts_as_stopped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    with FleetStore(tmp_path) as store:
        store.save_job("a", [errand(n) for n in range(200)])
        path = store.path
    if damage == "no database":
        path.write_bytes(b"not a database at all" * 400)
    elif damage == "torn":
        path.write_bytes(path.read_bytes()[:9000])
    else:
        with sqlite3.connect(path) as db:
            db.execute("DROP TABLE latches" if damage == "no tables" else "UPDATE errands SET document = 'x'")
        db.close()
    with caplog.at_level(logging.ERROR), FleetStore(tmp_path, FLEET) as store:
        assert store.latched() == set(FLEET)
        assert store.jobs() == []
    assert len(caplog.records) == 1
    assert "every vehicle counts as stopped" in caplog.text
    assert list(tmp_path.glob("fleet.db.unreadable-*"))
    with FleetStore(tmp_path, FLEET) as store:
        assert store.latched() == set(FLEET), "the stops outlive the restart after that, too"


def test_two_agents_do_not_share_a_file(tmp_path: Path) -> None:
    with FleetStore(tmp_path), pytest.raises(StoreError, match="another agent keeps its state"):
        FleetStore(tmp_path)


def test_a_file_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    with FleetStore(tmp_path) as store:
        path = store.path
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    db.close()
    with pytest.raises(StoreError, match="later version"):
        FleetStore(tmp_path)
    assert path.exists()


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        FleetStore(tmp_path / "file" / "state")


def test_how_a_job_ended_is_known_over_a_restart_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("banksman_edge.fleet.store.PAST_JOBS", 2)
    with FleetStore(tmp_path) as store:
        for job in ("a", "b", "a", "c"):
            store.save_job(job, [errand()])
            store.forget_job(job, JobStatus.CANCELLED if job == "c" else JobStatus.DONE)
        store.save_job("making-way", [errand()])
        store.forget_job("making-way")
    with FleetStore(tmp_path) as store:
        known = {job: store.earlier_jobs(job) for job in ("a", "b", "c", "making-way")}
    assert known == {"a": JobStatus.DONE, "b": None, "c": JobStatus.CANCELLED, "making-way": None}


def test_a_memory_has_a_mark_until_there_is_a_gap_in_it(tmp_path: Path) -> None:
    with FleetStore(tmp_path) as store:
        first = store.mark
    with FleetStore(tmp_path) as store:
        assert store.mark == first
        store.note_gap()
        assert store.mark not in (0, first)


def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    with FleetStore(tmp_path) as store:
        store.latch(["agv-1"], on=True)
        store.save_job("a", [errand()])
    db = sqlite3.connect(tmp_path / "fleet.db", isolation_level=None)
    for statement in ("DROP TABLE past", "PRAGMA application_id = 0", "PRAGMA user_version = 1"):
        db.execute(statement)
    db.close()
    with FleetStore(tmp_path) as store:
        assert store.latched() == {"agv-1"}
        assert [job.id for job in store.jobs()] == ["a"]
        assert store.mark != 0
        assert store.earlier_jobs("a") is None
