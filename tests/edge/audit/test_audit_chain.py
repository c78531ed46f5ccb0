"""The audit log's chain: what it holds, what it survives, and what it gives away."""

from __future__ import annotations

import errno
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banksman_edge.audit import AuditError, AuditLog, read_records, verify
from banksman_edge.audit.chain import Chain
from banksman_edge.audit.log import HANG_S, MAX_WAITING, WATCH_S
from banksman_edge.audit.record import BEGINNING, Entry, parse, seal
from banksman_edge.audit.segments import read_tail, segments
from banksman_shared.clock import ManualClock, timestamp

DAY_S = 86400.0
START = 1_700_000_000.0


def entry(number: int, at: float = START) -> Entry:
    return Entry(timestamp(at), "thing", {"number": number})


def write(folder: Path, *entries: Entry, keep_days: int = 90) -> None:
    chain = Chain(folder, keep_days)
    left = list(entries)
    while left:
        left = left[chain.write(left) :]
    chain.close()


def numbers(folder: Path) -> list[int]:
    return [record.data["number"] for record in read_records(folder) if record.kind == "thing"]


def kinds(folder: Path) -> list[str]:
    return [record.kind for record in read_records(folder)]


# What is written can be read, and holds together


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=4))
def test_whatever_happens_can_be_written_down(data: dict[str, Any]) -> None:
    record = seal(Entry(timestamp(START), "thing", data), 1, BEGINNING)
    assert parse(record.line()) == record


@given(st.text(alphabet=st.characters(codec=None), max_size=20))
def test_half_a_character_harms_nothing(text: str) -> None:
    assert parse(seal(Entry(timestamp(START), "thing", {"text": text}), 1, BEGINNING).line())


def test_a_chain_holds_over_restarts_and_days(tmp_path: Path) -> None:
    for day in range(3):
        write(tmp_path, *(entry(10 * day + i, START + day * DAY_S) for i in range(3)))
    found = verify(tmp_path)
    assert (found.fault, found.notes, found.records) == ("", [], 10)
    assert numbers(tmp_path) == [0, 1, 2, 10, 11, 12, 20, 21, 22]
    assert [path.name for path in segments(tmp_path)] == [
        "audit-000000000001.jsonl", "audit-000000000005.jsonl", "audit-000000000008.jsonl",
    ]  # fmt: skip
    assert kinds(tmp_path)[0] == "begun"


def test_one_batch_may_span_midnight(tmp_path: Path) -> None:
    write(tmp_path, *(entry(i, START + i * DAY_S / 2) for i in range(5)))
    assert numbers(tmp_path) == [0, 1, 2, 3, 4]
    assert verify(tmp_path).fault == ""
    assert len(segments(tmp_path)) == 3


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_first_record_that_was_tampered_with_is_named(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("log")
    write(folder, *(entry(i, START + i * DAY_S / 4) for i in range(12)))
    path = data.draw(st.sampled_from(segments(folder)))
    lines = path.read_bytes().splitlines(keepends=True)
    at = data.draw(st.integers(0, len(lines) - 1))
    tamper = data.draw(st.sampled_from(["change", "remove", "double", "swap", "forge", "garbage"]))
    before = sum(len(p.read_bytes().splitlines()) for p in segments(folder) if p < path) + at
    match tamper:
        case "change":
            lines[at] = lines[at].replace(b'"kind":"', b'"kind":"x', 1)
        case "remove":
            del lines[at]
        case "double":
            lines.insert(at, lines[at])
        case "swap" if at + 1 < len(lines):
            lines[at], lines[at + 1] = lines[at + 1], lines[at]
        case "forge":  # with a hash of its own that is right
            old = parse(lines[at].rstrip())
            assert old is not None
            lines[at] = seal(Entry(old.time, old.kind, {"number": 99}), old.seq, old.prev).line() + b"\n"
        case _:
            lines[at] = b"\x00garbage\n"
    path.write_bytes(b"".join(lines))
    found = verify(folder)
    last = path == segments(folder)[-1] and at == len(lines) - (tamper != "remove")
    if tamper in ("forge", "remove") and last:
        assert found.fault == ""  # the end: nothing after it tells; an earlier hash does, see below
    else:
        assert found.fault, (tamper, at)
        assert found.records <= before + 1 or (at == 0 and tamper == "remove")


def test_an_end_that_was_cut_off_is_seen_by_who_knows_an_earlier_hash(tmp_path: Path) -> None:
    write(tmp_path, *(entry(i) for i in range(5)))
    head = verify(tmp_path).last
    assert head is not None
    assert verify(tmp_path, head.hash).fault == ""
    (path,) = segments(tmp_path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert verify(tmp_path).fault == ""
    assert "cut off" in verify(tmp_path, head.hash).fault


def test_a_beginning_that_is_missing_is_seen(tmp_path: Path) -> None:
    write(tmp_path, *(entry(i, START + i * DAY_S) for i in range(4)))
    segments(tmp_path)[0].unlink()
    assert "the records before it are missing" in verify(tmp_path).fault


def test_without_a_log_there_is_one_clear_error(tmp_path: Path) -> None:
    for read in (lambda: list(read_records(tmp_path)), lambda: verify(tmp_path)):
        with pytest.raises(AuditError, match="there is no audit log in"):
            read()


# Age


def test_what_is_too_old_goes_and_the_chain_still_holds(tmp_path: Path) -> None:
    for day in range(10):
        write(tmp_path, entry(day, START + day * DAY_S), keep_days=3)
    found = verify(tmp_path)
    assert found.fault == ""
    assert numbers(tmp_path) == [6, 7, 8, 9]
    assert found.first is not None
    assert found.pruned == found.first.seq - 1 > 1
    assert kinds(tmp_path).count("pruned") == 4


def test_what_cannot_be_removed_keeps_nothing_from_being_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for day in range(4):
        write(tmp_path, entry(day, START + day * DAY_S))

    def refuse(_path: Path) -> None:
        raise PermissionError("no")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        write(tmp_path, entry(4, START + 4 * DAY_S), keep_days=1)
    assert "cannot be removed" in caplog.text
    assert (numbers(tmp_path), verify(tmp_path).fault) == ([0, 1, 2, 3, 4], "")
    write(tmp_path, entry(5, START + 5 * DAY_S), keep_days=1)
    assert (numbers(tmp_path), verify(tmp_path).fault) == ([4, 5], "")


def test_after_a_long_silence_the_last_day_goes_too(tmp_path: Path) -> None:
    write(tmp_path, entry(1))
    write(tmp_path, entry(2, START + 100 * DAY_S), keep_days=3)
    assert numbers(tmp_path) == [2]
    assert verify(tmp_path).fault == ""


def test_of_what_is_gone_only_the_hashes_at_the_cuts_are_known(tmp_path: Path) -> None:
    hashes = []
    for day in range(9):
        write(tmp_path, entry(day, START + day * DAY_S), entry(day, START + day * DAY_S), keep_days=2)
        written = list(read_records(tmp_path))
        hashes.append((next(r.hash for r in written if r.data.get("number") == day), written[-1].hash))
    assert [verify(tmp_path, inside).fault == "" for inside, _ in hashes] == [False] * 6 + [True] * 3
    assert [verify(tmp_path, end).fault == "" for _, end in hashes] == [False] * 3 + [True] * 6


@contextmanager
def a_disk_of(folder: Path, size: int) -> Iterator[None]:
    """No file of the log can grow while the log has so many bytes."""
    write_ = os.write

    def write_if_there_is_room(file: int, data: bytes) -> int:
        if sum(path.stat().st_size for path in segments(folder)) + len(data) > size:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write_(file, data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "write", write_if_there_is_room)
        yield


def test_a_disk_that_the_log_has_filled_is_freed_of_what_is_too_old(tmp_path: Path) -> None:
    for day in range(4):
        write(tmp_path, entry(day, START + day * DAY_S))
    full = sum(path.stat().st_size for path in segments(tmp_path))
    chain = Chain(tmp_path, 10)
    with a_disk_of(tmp_path, full):
        with pytest.raises(OSError, match="No space"):  # nothing is too old yet
            chain.write([entry(4, START + 4 * DAY_S)], timestamp(START + 4 * DAY_S))
        assert numbers(tmp_path) == [0, 1, 2, 3]
        chain.write([entry(4, START + 4 * DAY_S)], timestamp(START + 12.5 * DAY_S))  # it has waited for days
    chain.close()
    found = verify(tmp_path)
    assert (numbers(tmp_path), found.fault) == ([3, 4], "")
    assert kinds(tmp_path) == ["thing", "pruned", "thing"]


def test_even_if_that_is_not_enough_the_chain_holds_once_there_is_room(tmp_path: Path) -> None:
    for day in range(4):
        write(tmp_path, entry(day, START + day * DAY_S))
    chain = Chain(tmp_path, 1)
    with a_disk_of(tmp_path, 10), pytest.raises(OSError, match="No space"):
        chain.write([entry(4, START + 4 * DAY_S)])
    chain.write([entry(5, START + 5 * DAY_S)])
    chain.close()
    found = verify(tmp_path)
    assert (numbers(tmp_path), found.fault) == ([5], "")


def test_what_is_too_old_goes_even_if_the_new_day_began_with_a_full_disk(tmp_path: Path) -> None:
    for day in range(4):
        write(tmp_path, entry(day, START + day * DAY_S))
    chain = Chain(tmp_path, 1)
    chain.write([entry(4, START + 3.9 * DAY_S)], timestamp(START))  # nothing is too old at this time
    with full_disk(tmp_path, spare=-10_000), pytest.raises(OSError, match="File too large"):
        chain.write([entry(5, START + 6 * DAY_S)])
    chain.write([entry(5, START + 6 * DAY_S)])
    chain.close()
    assert (numbers(tmp_path), verify(tmp_path).fault) == ([5], "")


def test_a_crash_while_files_are_removed_is_made_up_for(tmp_path: Path) -> None:
    for day in range(6):
        write(tmp_path, entry(day, START + day * DAY_S))
    kept = {path: path.read_bytes() for path in segments(tmp_path)}
    write(tmp_path, entry(6, START + 6 * DAY_S), keep_days=3)
    gone = [path for path in kept if not path.exists()]
    assert gone
    gone[-1].write_bytes(kept[gone[-1]])  # the last of them was still there when the power went
    assert verify(tmp_path).fault != ""
    write(tmp_path, entry(7, START + 7 * DAY_S), keep_days=3)
    assert verify(tmp_path).fault == ""


# Crashes


@pytest.mark.parametrize("cut", [1, 5, 40, 10_000])
def test_a_torn_last_line_is_cut_off_and_said(tmp_path: Path, cut: int, caplog: pytest.LogCaptureFixture) -> None:
    write(tmp_path, entry(1), entry(2))
    (path,) = segments(tmp_path)
    whole = path.read_bytes()
    line = seal(entry(3), 4, "0" * 64).line() + b"\n"
    path.write_bytes(whole + (line * 100)[: min(cut, len(line) - 1)])
    assert any("a torn record" in note for note in verify(tmp_path).notes)
    write(tmp_path, entry(4))
    assert numbers(tmp_path) == [1, 2, 4]
    found = verify(tmp_path)
    assert found.fault == ""
    assert any("a crash had torn" in note for note in found.notes)
    assert kinds(tmp_path) == ["begun", "thing", "thing", "repaired", "thing"]
    assert "torn line" in caplog.text


def test_a_first_line_that_was_torn_is_begun_again(tmp_path: Path) -> None:
    write(tmp_path, entry(1))
    (path,) = segments(tmp_path)
    path.write_bytes(path.read_bytes()[:20])
    write(tmp_path, entry(2))
    assert (kinds(tmp_path), verify(tmp_path).fault) == (["begun", "repaired", "thing"], "")


def test_a_new_file_that_was_torn_at_once_is_begun_again(tmp_path: Path) -> None:
    write(tmp_path, entry(1), entry(2, START + DAY_S))
    last = segments(tmp_path)[-1]
    for rest in (b"", b'{"data"'):
        last.write_bytes(rest)
        write(tmp_path, entry(3, START + DAY_S))
        assert verify(tmp_path).fault == ""
    assert numbers(tmp_path)[0] == 1


def test_zeros_that_a_loss_of_power_leaves_are_cut_off(tmp_path: Path) -> None:
    write(tmp_path, entry(1))
    (path,) = segments(tmp_path)
    with path.open("ab") as file:
        file.write(bytes(200_000))  # longer than what is read of an end at once
    write(tmp_path, entry(2))
    assert (numbers(tmp_path), verify(tmp_path).fault) == ([1, 2], "")


def test_behind_a_damaged_record_a_new_chain_begins_and_the_damage_stays_to_be_seen(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(tmp_path, entry(1), entry(2))
    (path,) = segments(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"number":2', b'"number":3'))
    write(tmp_path, entry(4))
    assert numbers(tmp_path) == [1, 4]
    assert verify(tmp_path).fault.startswith("audit-000000000001.jsonl:3: ")
    assert "damaged" in caplog.text


def test_a_log_that_vanishes_while_it_is_written_is_begun_anew_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    chain = Chain(tmp_path, 90)
    chain.write([entry(1)])
    for path in segments(tmp_path):
        path.unlink()
    chain.write([entry(2)])
    chain.close()
    first = next(iter(read_records(tmp_path)))
    assert (first.kind, first.data) == ("begun", {"after": "record 2, with which the whole log vanished"})
    assert "has vanished" in caplog.text
    found = verify(tmp_path)
    assert found.fault == ""
    (note,) = found.notes
    assert "audit-000000000001.jsonl:1: a chain begins after record 2, with which the whole log vanished" in note


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("pruned", {}),
        ("pruned", {"through": 1}),
        ("pruned", {"through": [1], "hash": "x"}),
        ("lost", {"records": 3}),
        ("repaired", {}),
        ("begun", {"before": 1}),
    ],
)
def test_a_record_about_the_log_that_lacks_what_it_should_say_is_a_fault(
    tmp_path: Path, kind: str, data: dict[str, Any]
) -> None:
    write(tmp_path, entry(1), Entry(timestamp(START), kind, data), entry(2))
    assert verify(tmp_path).fault == f"audit-000000000001.jsonl:3: record 3 is no '{kind}' that the log has written"


WRITER = """
import sys
from pathlib import Path
from banksman_edge.audit import AuditLog
log = AuditLog(Path(sys.argv[1]), 90)
print("ready", flush=True)
for number in range(int(sys.argv[3])):
    log.append("thing", {"who": sys.argv[2], "number": number, "text": "x" * (number * 37 % 500)})
log.close()
print("done", flush=True)
"""


def writer(folder: Path, who: str, count: int) -> subprocess.Popen[str]:
    arguments = [sys.executable, "-c", WRITER, str(folder), who, str(count)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)


def test_processes_that_write_at_once_make_one_chain(tmp_path: Path) -> None:
    crowd = [writer(tmp_path, who, 300) for who in "abc"]
    assert [process.communicate(timeout=120)[0] for process in crowd] == ["ready\ndone\n"] * 3
    found = verify(tmp_path)
    assert (found.fault, found.notes, found.records) == ("", [], 901)
    for who in "abc":
        mine = [r.data["number"] for r in read_records(tmp_path) if r.data.get("who") == who]
        assert mine == list(range(300))


def test_a_killed_process_leaves_a_chain_that_holds(tmp_path: Path) -> None:
    for round_ in range(5):
        process = writer(tmp_path, str(round_), 100_000)
        assert process.stdout is not None
        process.stdout.readline()
        while not segments(tmp_path):
            time.sleep(0.01)
        time.sleep(0.05 * round_)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    write(tmp_path, entry(1, time.time()))
    found = verify(tmp_path)
    assert found.fault == ""
    for round_ in range(5):  # none of a run is missing in between
        mine = [r.data["number"] for r in read_records(tmp_path) if r.data.get("who") == str(round_)]
        assert mine == list(range(len(mine)))


# A disk that is full


@contextmanager
def full_disk(folder: Path, spare: int = 10) -> Iterator[None]:
    """No file of this process grows beyond what the log has now, and a few bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = max((path.stat().st_size for path in segments(folder)), default=0)
    resource.setrlimit(resource.RLIMIT_FSIZE, (max(0, size + spare), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def eventually(holds: Any) -> None:
    ends = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.02)


def somebody() -> tuple[list[str], Callable[[], bool]]:
    """Somebody to be told of trouble, and what they were told."""
    told: list[str] = []

    def tell() -> bool:
        told.append("it is not written")
        return True

    return told, tell


@pytest.mark.parametrize(("method", "what"), [("write", "written"), ("sync", "forced to the disk")])
def test_whatever_goes_wrong_with_writing_is_said_and_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, method: str, what: str
) -> None:
    told, tell = somebody()

    def fail(*_: Any) -> int:
        raise RuntimeError("zanzibar")

    with AuditLog(tmp_path, 90) as log:
        log.on_trouble(tell)
        with monkeypatch.context() as patch:
            patch.setattr(Chain, method, fail)
            log.append("thing", {"number": 1})
            eventually(lambda: told)
        eventually(lambda: f"can be {what} again" in caplog.text)
    assert (numbers(tmp_path), verify(tmp_path).fault) == ([1], "")
    assert f"cannot be {what}: RuntimeError" in caplog.text
    assert "zanzibar" not in caplog.text  # it may be what somebody said


def test_a_disk_that_does_not_answer_is_said(
    tmp_path: Path, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told, tell = somebody()
    entered, go, write = threading.Event(), threading.Event(), Chain.write

    def hang(*arguments: Any) -> int:
        entered.set()
        assert go.wait(30)
        return write(*arguments)

    monkeypatch.setattr(Chain, "write", hang)
    with AuditLog(tmp_path, 90, clock=clock) as log:
        log.on_trouble(tell)
        log.append("thing", {"number": 1})
        assert entered.wait(30)
        clock.advance(HANG_S)
        eventually(lambda: told)
        go.set()
    assert "the disk does not answer" in caplog.text
    assert numbers(tmp_path) == [1]


def test_a_log_that_cannot_keep_up_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told, tell = somebody()
    go, write = threading.Event(), Chain.write
    monkeypatch.setattr(Chain, "write", lambda *arguments: go.wait(30) and write(*arguments))
    with AuditLog(tmp_path, 90) as log:
        log.on_trouble(tell)
        for number in range(MAX_WAITING + 1):
            log.append("thing", {"number": number})
        eventually(lambda: told)
        go.set()
    assert "more comes than the disk takes" in caplog.text
    assert "lost" in kinds(tmp_path)


def test_trouble_is_told_until_somebody_hears_it_and_then_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> int:
        raise OSError("no")

    monkeypatch.setattr(Chain, "write", fail)
    with AuditLog(tmp_path, 90) as log:
        log.append("thing", {"number": 1})
        eventually(lambda: log._failing)  # before there is anybody
        answers: list[bool] = []

        def tell() -> bool:
            answers.append(len(answers) == 2)
            return answers[-1]

        log.on_trouble(tell)
        eventually(lambda: len(answers) == 3)
        time.sleep(3 * WATCH_S)
    assert answers == [False, False, True]


def test_what_a_full_disk_does_not_take_is_written_when_there_is_room(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    told, tell = somebody()
    with AuditLog(tmp_path, 90) as log:
        log.on_trouble(tell)
        log.append("thing", {"number": 0})
        eventually(lambda: segments(tmp_path) and numbers(tmp_path) == [0])
        with full_disk(tmp_path):
            for number in range(1, 50):
                log.append("thing", {"number": number})
            eventually(lambda: told)
            assert read_tail(segments(tmp_path)[-1]).torn is None  # half a record would be one
        eventually(lambda: numbers(tmp_path) == list(range(50)))
    assert verify(tmp_path).fault == ""
    assert len(told) == 1
    assert len([r for r in caplog.records if "cannot be written" in r.message]) == 1
    assert "can be written again" in caplog.text


def test_what_is_too_much_to_keep_is_counted(tmp_path: Path) -> None:
    with AuditLog(tmp_path, 90) as log:
        log.append("thing", {"number": -1})
        eventually(lambda: segments(tmp_path) and numbers(tmp_path) == [-1])
        with full_disk(tmp_path):
            for number in range(MAX_WAITING + 7):
                log.append("thing", {"number": number})
        eventually(lambda: "lost" in kinds(tmp_path))
    assert numbers(tmp_path)[-1] == MAX_WAITING - 1
    found = verify(tmp_path)
    assert found.fault == ""
    assert any("7 records since" in note for note in found.notes)


def test_an_end_with_a_full_disk_says_how_much_is_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    log = AuditLog(tmp_path, 90)
    log.append("thing", {"number": 0})
    eventually(lambda: segments(tmp_path) and numbers(tmp_path) == [0])
    with full_disk(tmp_path):
        for number in range(3):
            log.append("thing", {"number": number})
        log.close()
    assert "3 records never got into the audit log" in caplog.text


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AuditError, match="cannot be made"):
        AuditLog(tmp_path / "file" / "audit", 90)


def test_only_its_owner_can_read_the_log(tmp_path: Path) -> None:
    write(tmp_path / "audit", entry(1))
    assert (tmp_path / "audit").stat().st_mode & 0o077 == 0
    assert segments(tmp_path / "audit")[0].stat().st_mode & 0o077 == 0


def test_time_is_the_clocks(tmp_path: Path, clock: ManualClock, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with AuditLog(tmp_path, 90, clock=clock) as log:
        log.append("thing", {"number": 1})
    (_, record) = read_records(tmp_path)
    assert record.time == timestamp(clock.time())
    assert record.hash in caplog.text
    assert json.loads(record.line())["hash"] == record.hash
