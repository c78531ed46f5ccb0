"""``banksman audit``."""

from __future__ import annotations

import functools
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from banksman_shared.clock import parse_timestamp
from banksman_shared.options import site_option
from banksman_shared.site import load_site

if TYPE_CHECKING:
    from banksman_edge.audit import Lesson, Selection

Command = Callable[..., Any]


@click.group()
def audit() -> None:
    """What was asked, understood, decided, sent and answered, and whether that is all of it.

    \b
    Examples:
      banksman audit show --site my-site --since 2026-11-26T06:00 --vehicle agv-3
      banksman audit verify --site my-site
      banksman audit sentences corrected.jsonl --site my-site
    """


def _moment(_context: click.Context, _option: click.Parameter, value: str | None) -> float | None:
    try:
        return None if value is None else parse_timestamp(value)
    except (ValueError, OverflowError):
        raise click.BadParameter(f"'{value}' is no ISO 8601 time, such as 2026-11-26T06:00 (UTC).") from None


def _log_options(function: Command) -> Command:
    """``--site`` and ``--state``; the function gets the log's ``folder``."""

    @functools.wraps(function)
    def with_folder(*, site_dir: Path, state: Path | None, **values: Any) -> Any:
        from banksman_edge.audit import audit_dir  # noqa: PLC0415  --help must be quick
        from banksman_edge.fleet import default_state_dir  # noqa: PLC0415

        return function(folder=audit_dir(state or default_state_dir(load_site(site_dir).id)), **values)

    folder = click.Path(file_okay=False, path_type=Path)
    state = click.option("--state", type=folder, help="The agent's folder, if it was run with --state.")
    return site_option(state(with_folder))


_FILTERS: Mapping[str, Callable[[Command], Command]] = {
    "since": click.option("--since", metavar="TIME", callback=_moment, help="Only from this time on (ISO 8601, UTC)."),
    "until": click.option("--until", metavar="TIME", callback=_moment, help="Only before this time (ISO 8601, UTC)."),
    "operator": click.option(
        "--operator", metavar="ID", help="Only what this operator said, or somebody in their name."
    ),
    "vehicle": click.option("--vehicle", metavar="ID", help="Only what names this vehicle."),
    "utterance": click.option("--utterance", metavar="ID", help="Only what became of this utterance."),
}


def _filter_options(*names: str) -> Callable[[Command], Command]:
    """What narrows the records down; the function gets a ``selection``."""

    def decorate(function: Command) -> Command:
        @functools.wraps(function)
        def with_selection(**values: Any) -> Any:
            from banksman_edge.audit import Selection  # noqa: PLC0415  --help must be quick

            return function(selection=Selection(**{name: values.pop(name) for name in names}), **values)

        decorated: Command = with_selection
        for name in reversed(names):
            decorated = _FILTERS[name](decorated)
        return decorated

    return decorate


@audit.command()
@_log_options
@_filter_options(*_FILTERS)
def show(folder: Path, selection: Selection) -> None:
    """Print the records, a line each.

    \b
    Example:
      banksman audit show --site my-site --operator anna
    """
    from banksman_edge.audit import read_records, sentence  # noqa: PLC0415

    for record in filter(selection.wants, read_records(folder)):
        click.echo(sentence(record))


@audit.command()
@_log_options
@click.option("--expect", metavar="HASH", help="A hash that an earlier verify printed; the log must still have it.")
def verify(folder: Path, expect: str | None) -> None:
    """Check the chain; exit 1 and name the first record that is broken.

    \b
    Example:
      banksman audit verify --site my-site
    """
    from banksman_edge.audit import AuditError, printable  # noqa: PLC0415
    from banksman_edge.audit import verify as go_through  # noqa: PLC0415

    found = go_through(folder, expect)
    for note in found.notes:
        click.echo(f"note: {printable(note)}", err=True)
    if found.pruned:
        click.echo(f"note: records up to {found.pruned} were removed for their age", err=True)
    if found.fault:
        raise AuditError(f"the chain is broken at {printable(found.fault)}")
    if found.first and found.last:
        click.echo(
            f"{found.records} records from {found.first.time} to {found.last.time}: the chain holds. "
            f"Record {found.last.seq} has the hash {found.last.hash}"
        )


def _for_its_user_only(path: str, flags: int) -> int:
    """Make a new file no more readable than the log is; one that is there keeps its rights."""
    return os.open(path, flags, 0o600)


@audit.command()
@_log_options
@_filter_options(*_FILTERS)
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def export(folder: Path, selection: Selection, out: Path) -> None:
    """Write the records, as they are, to a file: JSON, a record a line, each with its hash.

    \b
    Example:
      banksman audit export november.jsonl --site my-site --since 2026-11-01 --until 2026-12-01
    """
    from banksman_edge.audit import read_records  # noqa: PLC0415

    records = filter(selection.wants, read_records(folder))
    click.echo(f"{_write(out, (record.line() for record in records))} records in {out}")


@audit.command()
@_log_options
@_filter_options("since", "until", "operator")
@click.option("--review", is_flag=True, help="Also what nobody vouched for, with an empty 'expect' to be filled in.")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
def sentences(folder: Path, selection: Selection, review: bool, out: Path) -> None:
    """Write what was heard and what was finally done to OUT, for 'banksman teach llama prepare --own'.

    An order that was accepted and stood, that had its yes, that was corrected or asked back about: with what came of it
    at last. All else is left out, and counted. What people said leaves the audit log with this, and only with this and
    export; OUT is readable by you alone. Read it before you teach with it.

    \b
    Example:
      banksman audit sentences corrected.jsonl --site my-site --since 2026-11-01
      banksman teach llama prepare lesson --own corrected.jsonl --site my-site
    """
    from banksman_edge.audit import (  # noqa: PLC0415
        AuditError,
        lessons,
        printable,
        read_records,
    )
    from banksman_edge.audit import verify as go_through  # noqa: PLC0415

    if fault := go_through(folder).fault:
        raise AuditError(f"the chain is broken at {printable(fault)}; nothing was written")
    said = (record for record in read_records(folder) if record.kind == "utterance")
    wanted = {record.data.get("utterance") for record in filter(selection.wants, said)}
    found = [lesson for lesson in lessons(read_records(folder)) if lesson.utterance in wanted]
    kept = [lesson for lesson in found if lesson.meant is not None]
    opened = [lesson for lesson in found if review and lesson.open]
    _write(out, (json.dumps(one.document(), ensure_ascii=False).encode() for one in [*kept, *opened]))
    for why, count in Counter(one.why for one in found if one.meant is None and one not in opened).most_common():
        click.echo(f"left out: {count}: {why}", err=True)
    if opened:
        click.echo(f"{len(opened)} more at the end of {out} to be filled in", err=True)
    click.echo(f"{len(kept)} of {len(found)} sentences in {out}, by how it ended: {_counted(kept)}")


def _counted(kept: Sequence[Lesson]) -> str:
    counts = Counter(str(lesson.outcome) for lesson in kept)
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common()) or "none"


def _write(out: Path, lines: Iterable[bytes]) -> int:
    """Write lines to a file that is no more readable than the log; how many.

    Raises:
        AuditError: it cannot be written.
    """
    from banksman_edge.audit import AuditError  # noqa: PLC0415  --help must be quick

    count = 0
    try:
        with open(out, "wb", opener=_for_its_user_only) as file:
            for line in lines:
                file.write(line + b"\n")
                count += 1
    except OSError as error:
        raise AuditError(f"{out} cannot be written: {error}") from error
    return count
