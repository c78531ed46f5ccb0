"""What a day of a site costs, at the edge and in the cloud, from what both have recorded.

The cloud's figures are the calls in the ledger, each at the price of its day. The edge's are the records of its audit
log, as ``banksman audit export`` writes them; what its box costs is recorded nowhere and has to be told.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from banksman_cloud.database import Database
from banksman_cloud.errors import RecordingError
from banksman_cloud.providers import planned, totals


@dataclass(slots=True)
class EdgeDay:
    """What one edge did in a day. ``spoken_s``: seconds of sound; ``work_s``: from the end of each to its decision."""

    utterances: int = 0
    spoken_s: float = 0.0
    work_s: float = 0.0
    tiers: Counter[str] = field(default_factory=Counter)
    escalated: set[str] = field(default_factory=set)
    """Utterances for which the planner was asked."""

    def document(self, usd: float | None) -> dict[str, Any]:
        return {
            "utterances": self.utterances,
            "spoken_s": round(self.spoken_s, 1),
            "work_s": round(self.work_s, 1),
            "tiers": dict(sorted(self.tiers.items())),
            "escalated": len(self.escalated),
            "usd": usd,
        }


def edge_days(lines: Iterable[str]) -> dict[str, EdgeDay]:
    """Day (UTC) → what an edge did, from the records of its audit log, one on a line.

    Raises:
        RecordingError: this is no audit log.
    """
    days: dict[str, EdgeDay] = {}
    for number, line in enumerate(filter(str.strip, lines), 1):
        try:
            record = json.loads(line)
            _add(days.setdefault(record["time"][:10], EdgeDay()), record["kind"], record["data"])
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RecordingError(
                f"line {number} is no record of an audit log; write the file with 'banksman audit export'"
            ) from error
    return days


def _add(day: EdgeDay, kind: str, data: Mapping[str, Any]) -> None:
    if kind == "utterance":
        day.utterances += 1
        day.spoken_s += data["seconds"] or 0.0
    elif kind == "decision":
        day.tiers[data["tier"]] += 1
        day.work_s += data.get("latency_ms", {}).get("total", 0.0) / 1000
    elif kind == "plan":
        day.escalated.add(data["utterance"])


def costs(base: Database, edge: Mapping[tuple[str, str], EdgeDay], edge_usd: float | None) -> Iterator[dict[str, Any]]:
    """A document for each site and day of which there is anything. ``edge_usd``: what an edge costs a day, as told."""
    calls: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in totals(base, None, None):
        calls.setdefault((str(row["site"]), str(row["day"])), []).append(dict(row))
    plans = planned(base)
    for site, day in sorted({*calls, *edge}):
        cloud, known = _cloud(calls.get((site, day), []), plans.get((site, day), 0)), edge.get((site, day))
        made: dict[str, Any] = {"site": site, "day": day, "cloud": cloud}
        if known is not None:
            made["edge"] = known.document(edge_usd)
            if cloud["plans"]:
                made["usd_if_the_cloud_were_asked_each_time"] = round(known.utterances * cloud["usd_per_plan"], 4)
        yield made


def _cloud(rows: list[dict[str, Any]], plans: int) -> dict[str, Any]:
    sums = {name: sum(row[name] for row in rows) for name in ("calls", "input_tokens", "output_tokens", "unsettled")}
    usd = sum(row["usd"] for row in rows)
    return {
        "plans": plans,
        **sums,
        "usd": round(usd, 4),
        "usd_per_plan": round(usd / plans, 4) if plans else None,
        "models": sorted({row["model"] for row in rows}),
        "prices": sorted({row["prices"] for row in rows}),
    }


def read_edge(path: Path) -> dict[str, EdgeDay]:
    """See :func:`edge_days`.

    Raises:
        RecordingError: also where the file cannot be read.
    """
    try:
        with path.open(encoding="utf-8") as file:
            return edge_days(file)
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingError(f"{path} cannot be read: {error}") from error


def sentences(cost: Mapping[str, Any]) -> Iterator[str]:
    """One of :func:`costs`, to be read."""
    cloud, edge = cost["cloud"], cost.get("edge")
    yield f"{cost['site']}, {cost['day']} (UTC)"
    if edge is not None:
        tiers = ", ".join(f"{tier} {count}" for tier, count in edge["tiers"].items())
        usd = "not told" if edge["usd"] is None else f"{edge['usd']:.2f} USD, as told"
        yield (
            f"  edge   {edge['utterances']} utterances, {edge['spoken_s']:.0f} s of speech, {edge['work_s']:.0f} s of "
            f"work; decided by: {tiers or 'nothing'}; {edge['escalated']} for the planner; its box: {usd}"
        )
    models = ", ".join(cloud["models"]) or "no hosted model"
    yield (
        f"  cloud  {cloud['plans']} plans, {cloud['calls']} calls of {models}; "
        f"{cloud['input_tokens']} tokens in, {cloud['output_tokens']} out; {cloud['usd']:.4f} USD"
    )
    if cloud["plans"]:
        yield f"         {cloud['usd_per_plan']:.4f} USD for a plan; {cloud['unsettled']} calls count at their most"
        yield f"         prices: {', '.join(filter(None, cloud['prices'])) or 'not noted'}"
    if (each := cost.get("usd_if_the_cloud_were_asked_each_time")) is not None:
        yield f"  if the cloud were asked for every utterance at that price: {each:.2f} USD"
