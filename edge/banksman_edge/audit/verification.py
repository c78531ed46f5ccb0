"""Whether the chain holds: nothing changed, put in, or left out, apart from what is too old and was pruned."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from banksman_edge.audit.errors import AuditError
from banksman_edge.audit.reading import log_files
from banksman_edge.audit.record import BEGINNING, Record, parse
from banksman_edge.audit.segments import read_tail, whole_lines


@dataclass(slots=True)
class Verified:
    """What was found. ``fault``: what is wrong with the first broken record, and where; empty if the chain holds.

    ``pruned``: the number of the last record that was removed for its age. ``notes``: what else there is to know.
    """

    records: int = 0
    first: Record | None = None
    last: Record | None = None
    pruned: int = 0
    fault: str = ""
    notes: list[str] = field(default_factory=list)


def verify(folder: Path, expected: str | None = None) -> Verified:
    """Go through the whole log. ``expected``: a hash that it had at some time, and so must still have.

    Raises:
        AuditError: there is no log, or it cannot be read.
    """
    try:
        return _verify(folder, expected)
    except OSError as error:
        raise AuditError(f"the audit log in {folder} cannot be read ({error}); try again") from error


def _verify(folder: Path, expected: str | None) -> Verified:
    found, pruned, seen = Verified(), set[tuple[int, str]](), expected is None
    for where, record in _records(log_files(folder), found):
        if record is None:
            found.fault = f"{where}: not a record, or its hash is not its own"
            break
        if fault := _misplaced(record, found.last):
            found.fault = f"{where}: record {record.seq} {fault}"
            break
        found.records, found.first, found.last = found.records + 1, found.first or record, record
        seen |= expected in (record.hash, record.prev)
        try:
            if record.kind == "pruned":
                pruned.add((record.data["through"], record.data["hash"]))
                seen |= record.data["hash"] == expected
            elif note := _note(record):
                found.notes.append(f"{where}: {note}")
        except (KeyError, TypeError):
            found.fault = f"{where}: record {record.seq} is no '{record.kind}' that the log has written"
            break
    _check_beginning(found, pruned)
    if not seen and not found.fault:
        found.fault = f"no record has the hash {expected}: the log was cut off, or is another one"
    return found


_NOTES = {
    "begun": "a chain begins after {after}; what was before that is not held by it",
    "repaired": "a crash had torn {bytes} bytes of a record, which were cut off",
    "lost": "{records} records since {since} are missing: the disk took none",
}


def _note(record: Record) -> str:
    """What a record says of the log itself, if anybody should know.

    Raises:
        KeyError: it does not say what it should.
    """
    if record.kind == "begun" and not record.data:  # the first there ever was
        return ""
    return _NOTES.get(record.kind, "").format_map(record.data)


def _records(files: list[Path], found: Verified) -> Iterator[tuple[str, Record | None]]:
    """Each line with where it stands; None for one that is no whole record."""
    for path in files:
        for number, line in enumerate(whole_lines(path), 1):
            yield f"{path.name}:{number}", parse(line)
        if torn := read_tail(path).torn:
            if path == files[-1]:
                found.notes.append(
                    f"{path.name}: ends in {torn.size} bytes of a torn record; a start will cut them off"
                )
            else:
                yield f"{path.name}: its end", None


def _misplaced(record: Record, before: Record | None) -> str:
    """Why a record does not follow the one before it."""
    if before is None:
        return ""
    if record.seq != before.seq + 1:
        return f"follows record {before.seq}: records are missing or were put in"
    return "" if record.prev == before.hash else f"does not hold the hash of record {before.seq}"


def _check_beginning(found: Verified, pruned: set[tuple[int, str]]) -> None:
    """The first record is the first there ever was, or a later one says that those before it were pruned.

    Where the chain is broken already, that record may not have been reached.
    """
    first = found.first
    if found.fault or first is None or (first.seq == 1 and first.prev == BEGINNING):
        return
    if (first.seq - 1, first.prev) in pruned:
        found.pruned = first.seq - 1
    else:
        found.fault = f"record {first.seq}: the records before it are missing, and none says that they were pruned"
