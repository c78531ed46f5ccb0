"""What each part beside the reader is worth (``banksman bench rent``): the same sentences with it and without it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from banksman_edge.lab.bench import scoreboard
from banksman_edge.understanding import ALL, Part, Pipeline, Without
from banksman_edge.understanding.reader.reader import Reader, Remembering

RUNS = 1 + len(Part)
WITH_ALL = "with all of them"


def measure(
    sentences: Sequence[scoreboard.Sentence], reader: Reader, progress: Callable[[], None]
) -> dict[str, dict[str, Any]]:
    """The counts with all parts and without each. For the milliseconds without the fast parts the reader is asked anew.

    Raises:
        SiteError: a site cannot be read.
    """
    remembering = Remembering(reader, len(sentences) * RUNS)
    found: dict[str, dict[str, Any]] = {}
    runs: dict[str, Without] = {WITH_ALL: ALL} | {str(part): frozenset({part}) for part in Part}
    for name, without in runs.items():
        timed = without == ALL or without & {Part.PLAIN, Part.STOPS}
        asked: Reader = reader if timed else remembering
        results = scoreboard.measure(sentences, _pipelines(asked, without), progress)
        found[name] = scoreboard.summarise(results) | {"timed": bool(timed)}
    return found


def _pipelines(reader: Reader, without: Without) -> Callable[[Any], Pipeline]:
    return lambda site: Pipeline(site, reader, without=without)


def markdown(rows: dict[str, dict[str, Any]]) -> str:
    """The counts as a table of docs/measured; differences are to the run with all parts."""
    whole = rows[WITH_ALL]
    lines = [
        "| without | exact | confirmed | wrongly done | talk done | talk asked | ms p50 / p95 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, one in rows.items():
        share, before = one["exact"] or 0.0, whole["exact"] or 0.0
        exact = f"{100 * share:.1f} %" if one is whole else f"{100 * (share - before):+.1f}"
        confirmed = f"{100 * (one['confirmed'] or 0.0):.1f} %"
        cells = [exact, confirmed, *(str(one[key]) for key in ("wrongly_done", "talk_done", "talk_asked"))]
        time = f"{one['ms']['p50']} / {one['ms']['p95']}" if one["timed"] else ""
        lines.append(f"| {name} | {' | '.join(cells)} | {time} |")
    return "\n".join(lines) + "\n"
