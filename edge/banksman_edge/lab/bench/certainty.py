"""How true the confidence of understanding is, and what is done by it (``banksman bench sentences --reliability``)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from banksman_edge.lab.bench.calibration import Reliability, binned
from banksman_edge.lab.evaluation import TIERS, Row
from banksman_edge.turns import Verdict
from banksman_shared.commands import NOTHING, parse_commands, to_document

_NOTHING = to_document([NOTHING])


def reliability_of(rows: Sequence[Row]) -> Reliability:
    """Of what was read as an order. That a sentence is none is not said with a probability."""
    read = _orders(rows)
    return binned([row.confidence for row in read], [_is_right(row) for row in read])


def certainty(rows: Sequence[Row]) -> dict[str, Any]:
    """For all orders that were read, and by tier: mean confidence, share that was right, expected calibration error
    and Brier score; and by decision: its share of all sentences, and how much of what was read was right."""
    scored = [row for row in rows if row.ok is not None]
    by_tier = {tier: [row for row in scored if row.tier == tier] for tier in TIERS}
    return {
        "all": _figures(scored),
        "by_tier": {tier: _figures(own) for tier, own in by_tier.items() if _orders(own)},
        "by_decision": {
            str(verdict): _decided([row for row in scored if row.decision is verdict], len(scored))
            for verdict in Verdict
        },
    }


def _figures(rows: Sequence[Row]) -> dict[str, Any]:
    read = _orders(rows)
    if not read:
        return {"n": 0}
    said = np.array([row.confidence for row in read])
    right = np.array([_is_right(row) for row in read], np.float64)
    return {
        "n": len(read),
        "said": round(float(said.mean()), 4),
        "right": round(float(right.mean()), 4),
        "expected_calibration_error": round(reliability_of(read).error, 4),
        "brier": round(float(np.square(said - right).mean()), 4),
    }


def _decided(rows: Sequence[Row], of: int) -> dict[str, Any]:
    right = sum(map(_is_right, rows)) / len(rows) if rows else None
    return {"share": round(len(rows) / max(1, of), 4), "right": None if right is None else round(right, 4)}


def _orders(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.command != _NOTHING]


def _is_right(row: Row) -> bool:
    """Whether it was read as it was meant, whatever was decided about it."""
    return bool(row.command == to_document(parse_commands(row.case.expect)))
