"""What came of a set of requests, as figures and as a table."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from banksman_cloud.bench.outcomes import Ending
from banksman_cloud.bench.run import Result
from banksman_cloud.providers import Cost

Costs = Mapping[str, Cost]
"""By plan; a model on this machine costs nothing."""

_FREE = Cost(0, 0, 0.0)
_GROUPS: Mapping[str, Callable[[Result], str]] = {
    "language": lambda result: result.case.language,
    "expect": lambda result: result.case.expect,
    "site": lambda result: result.case.site,
    "set": lambda result: result.case.half,
}


_COLUMNS = {
    Ending.RIGHT: "right",
    Ending.WRONG_PLAN: "wrong",
    Ending.FALSE_PLAN: "false",
    Ending.BROKEN_PLAN: "broken",
    Ending.NO_PLAN: "none",
    Ending.OTHER_WORDS: "unsaid",
}


def costs(calls: Iterable[Mapping[str, Any]]) -> dict[str, Cost]:
    """What the calls of a ledger cost for each plan."""
    found: dict[str, Cost] = {}
    for call in calls:
        known = found.get(call["plan_id"], _FREE)
        found[call["plan_id"]] = Cost(
            known.input_tokens + call["input_tokens"],
            known.output_tokens + call["output_tokens"],
            known.usd + call["usd"],
        )
    return found


def document(provider: str, model: str, results: Sequence[Result], spent: Costs) -> dict[str, Any]:
    """All of it, for a file."""
    by = {
        name: {key: figures([r for r in results if group(r) == key], spent) for key in sorted(set(map(group, results)))}
        for name, group in _GROUPS.items()
    }
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "banksman": version("banksman"),
        "provider": provider,
        "model": model,
        "summary": figures(results, spent) | {"by": by},
        "rows": [_row(result, spent.get(result.plan.id, _FREE)) for result in results],
    }


def figures(results: Sequence[Result], spent: Costs) -> dict[str, Any]:
    """How many ended how, seconds on the clock and of work, and what it cost. Of ``right`` every outcome holds."""
    paid = [spent.get(result.plan.id, _FREE) for result in results]
    endings = {ending.value: sum(result.verdict.ending is ending for result in results) for ending in Ending}
    times = {"seconds": _times(r.seconds for r in results), "work_s": _times(r.work for r in results)}
    money = {"tokens": sum(cost.tokens for cost in paid), "usd": round(sum(cost.usd for cost in paid), 4)}
    return {"n": len(results)} | endings | times | money


def _times(seconds: Iterable[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {"p50": round(statistics.median(ordered), 2), "p95": round(ordered[math.ceil(0.95 * len(ordered)) - 1], 2)}


def _row(result: Result, cost: Cost) -> dict[str, Any]:
    case, plan = result.case, result.plan
    return {
        "id": case.id,
        "expect": case.expect,
        "ending": result.verdict.ending.value,
        "faults": list(result.verdict.faults),
        "request": case.request,
        "goals": [goal.model_dump(mode="json", exclude_defaults=True) | {"kind": goal.kind} for goal in plan.goals],
        "unsupported": list(plan.unsupported),
        "explanation": plan.explanation,
        "seconds": round(result.seconds, 2),
        "work_s": round(result.work, 2),
        "tokens": cost.tokens,
        "usd": round(cost.usd, 6),
    }


def table(summary: Mapping[str, Any]) -> Table:
    """By language, by what was due, by half, and all."""
    made = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for column in ("", "n", *_COLUMNS.values(), "s p50", "s p95", "USD"):
        made.add_column(column, justify="right" if column else "left", no_wrap=True)

    def add(name: str, own: Mapping[str, Any], *, end: bool = False) -> None:
        times, counts = own["seconds"], [str(own[ending]) for ending in _COLUMNS]
        spent = (f"{times['p50']:.1f}", f"{times['p95']:.1f}", f"{own['usd']:.2f}")
        made.add_row(name, str(own["n"]), *counts, *spent, end_section=end)

    for group in ("language", "expect", "set"):
        rows = list(summary["by"][group].items())
        for number, (name, own) in enumerate(rows, 1):
            add(name, own, end=number == len(rows))
    add("all", summary)
    return made
