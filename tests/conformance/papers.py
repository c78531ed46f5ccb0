"""Documents for a vehicle of the yard, in the words of one version: orders, actions, and what a state says of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from black_box import MANUFACTURER, MAP, PLACES, Json, Wording, fresh


class Papers:
    """Writes to one vehicle; its nodes are those of the yard with its ``number`` behind."""

    def __init__(self, words: Wording, serial: str, number: int) -> None:
        self.words, self.serial, self.number = words, serial, number
        self._headers: dict[str, Iterator[int]] = {}

    def id(self, name: str) -> str:
        return f"{name}{self.number}"

    def header(self, topic: str) -> Json:
        return {
            "headerId": next(self._headers.setdefault(topic, itertools.count())),
            "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "version": self.words.version,
            "manufacturer": MANUFACTURER,
            "serialNumber": self.serial,
        }

    def node(self, name: str, sequence_id: int, *actions: Json, released: bool = True, **position: Any) -> Json:
        x, y = PLACES[name]
        return {
            "nodeId": self.id(name),
            "sequenceId": sequence_id,
            "released": released,
            "nodePosition": {"x": x, "y": y + 10.0 * self.number, "mapId": MAP, **position},
            "actions": list(actions),
        }

    def edge(self, start: str, end: str, sequence_id: int, *, released: bool = True, **more: Any) -> Json:
        edge = {
            "edgeId": f"{self.id(start)}-{self.id(end)}",
            "sequenceId": sequence_id,
            "released": released,
            "actions": [],
            **more,
        }
        ends = {} if self.words.new else {"startNodeId": self.id(start), "endNodeId": self.id(end)}
        return {**edge, **ends}

    def order(
        self,
        path: str,
        *,
        order_id: str | None = None,
        update_id: int = 0,
        base: int | None = None,
        first: int = 0,
        at: Mapping[str, Sequence[Json]] | None = None,
    ) -> Json:
        """An order along nodes such as "ABC"; ``base`` nodes of it are released, with actions ``at`` "B"."""
        base = len(path) if base is None else base
        return {
            "orderId": order_id or fresh("order"),
            "orderUpdateId": update_id,
            "nodes": [
                self.node(n, first + 2 * i, *(at or {}).get(n, ()), released=i < base) for i, n in enumerate(path)
            ],
            "edges": [
                self.edge(a, b, first + 2 * i + 1, released=i + 1 < base)
                for i, (a, b) in enumerate(itertools.pairwise(path))
            ],
        }


def action(kind: str, blocking: str = "HARD", **parameters: object) -> Json:
    return {
        "actionType": kind,
        "actionId": fresh(kind),
        "blockingType": blocking,
        "actionParameters": [{"key": key, "value": value} for key, value in parameters.items()],
    }


def action_states(state: Json) -> list[Json]:
    """What a state says of actions, wherever the version reports it."""
    lists = ("actionStates", "instantActionStates", "zoneActionStates")
    return [entry for name in lists for entry in state.get(name) or ()]


def status(state: Json, action_id: str) -> str | None:
    return next((a["actionStatus"] for a in action_states(state) if a["actionId"] == action_id), None)


def about(state: Json, key: str, value: str) -> list[Json]:
    """The errors that refer to something."""
    reference = {"referenceKey": key, "referenceValue": value}
    return [error for error in state["errors"] if reference in (error.get("errorReferences") or ())]


def errors(state: Json) -> list[tuple[str, str]]:
    """Type and level of all errors."""
    return [(error["errorType"], error["errorLevel"]) for error in state["errors"]]
