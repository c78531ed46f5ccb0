"""The demo's live table: what was said, what became of it, where the vehicles are."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from banksman_edge.app import Agent
from banksman_edge.turns import (
    EVENT_NAMES,
    DecisionEvent,
    OrderNews,
    PlanEvent,
    ReplyEvent,
    TranscriptEvent,
    UtteranceEvent,
    Verdict,
)
from banksman_shared.commands import Command, to_document
from banksman_shared.plans import PlanState, Step

ROWS_BESIDE = 17
"""Rows of the screen that the table of vehicles and the borders take."""
_STATE_AFTER = {
    Verdict.ACCEPT: "accepted",
    Verdict.CONFIRM: "asked",
    Verdict.ASK: "unclear",
    Verdict.REJECT: "ignored",
}
_COLOURS = {"done": "green", "running": "cyan", "failed": "red", "late": "yellow", "ignored": "dim"}


@dataclass(slots=True)
class Line:
    """One utterance on the board."""

    id: str
    heard: str = ""
    language: str = ""
    understood: str = ""
    tier: str = ""
    asr_ms: float = 0.0
    nlu_ms: float = 0.0
    state: str = "playing"
    reply: str = ""
    orders: dict[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    """Of the plan, once it is approved."""


class LiveTable:
    """Follows an agent's events. A context manager that draws while it is open, or prints lines where no
    terminal looks."""

    def __init__(self, agent: Agent, console: Console) -> None:
        self._agent, self._console = agent, console
        self.lines: dict[str, Line] = {}
        self._changed = threading.Condition()
        self._live = Live(self, console=console, refresh_per_second=4, transient=True) if console.is_terminal else None
        for name in EVENT_NAMES:
            agent.on(name, self._take)

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def open(self, utterance_id: str) -> Line:
        """A new line, from now on followed by its utterance's events."""
        line = self.lines[utterance_id] = Line(utterance_id)
        return line

    def say(self, text: str) -> None:
        """A remark between the lines."""
        self._console.print(f"[dim]{text}[/]", highlight=False)

    def wait_for(self, line: Line, *states: str, timeout_s: float) -> bool:
        """Wait until a line is in one of these states; False if it is not in time."""
        with self._changed:
            return self._changed.wait_for(lambda: line.state in states, timeout_s)

    def _take(self, event: Any) -> None:
        line = self.lines.get(event.id)
        if line is None or isinstance(event, UtteranceEvent):
            return
        if not self._live:
            self._console.print(_news(event), highlight=False, soft_wrap=True, markup=False)
        with self._changed:
            _update(line, event)
            self._changed.notify_all()

    def __rich__(self) -> Group:
        fits = max(3, (self._console.height - ROWS_BESIDE) // 2) if self._live and self._live.is_started else None
        return Group(self.utterances(fits), self.vehicles())

    def utterances(self, last: int | None = None) -> Table:
        """All lines so far, or the last ones."""
        table = Table(title="What was said", expand=True)
        for name in ("heard", "understood", "by", "asr ms", "nlu ms", "state"):
            table.add_column(name, justify="right" if name.endswith("ms") else "left", overflow="fold")
        for line in list(self.lines.values())[-last if last else 0 :]:
            state = Text(line.state, _COLOURS.get(line.state, ""))
            times = [f"{ms:.0f}" if line.tier else "" for ms in (line.asr_ms, line.nlu_ms)]
            table.add_row(f"{line.language}  {line.heard}", line.understood, line.tier, *times, state)
        return table

    def vehicles(self) -> Table:
        """Where the vehicles are now."""
        site = self._agent.site
        names = {place.node: place.id for place in site.places.values()}
        table = Table(title="Vehicles", expand=True)
        for name in ("vehicle", "at", "battery", "load", "state"):
            table.add_column(name)
        for view in self._agent.fleet.vehicles().values():
            doing = "stopped" if view.stopped else "driving" if view.driving else "charging" if view.charging else "–"
            battery = "" if view.battery is None else f"{view.battery:.0f} %"
            where = names.get(view.node or "", view.node or "?")
            table.add_row(view.id, where, battery, "loaded" if view.loaded else "", doing)
        return table


def _update(line: Line, event: Any) -> None:
    match event:
        case TranscriptEvent():
            line.heard, line.language = event.text or "(nothing)", event.language
        case DecisionEvent():
            line.understood, line.tier = compact(event.commands), str(event.tier)
            line.asr_ms, line.nlu_ms = event.latency_ms.get("asr", 0.0), event.latency_ms.get("nlu", 0.0)
            line.state = _STATE_AFTER[event.verdict]
        case OrderNews():
            line.orders[f"{event.vehicle} {event.command}"] = str(event.status)
            failed = "failed" in line.orders.values()
            line.state = ("failed" if failed else "done") if event.open == 0 else "running"
        case PlanEvent():
            line.state = {"running": "running", "done": "done", "failed": "failed"}.get(
                event.plan.state, f"planner: {event.plan.state}"
            )
            line.reply = event.detail or line.reply
            if event.plan.state is PlanState.APPROVED:
                line.steps = event.plan.steps
        case ReplyEvent():
            line.reply = event.text
            if line.understood.startswith("status"):
                line.state = "done"
            elif line.state == "planner: proposed":
                line.state = "asked"


def compact(commands: tuple[Command, ...]) -> str:
    """Commands on one line: "transport forklift-3 aisle-9 → dock-2"."""
    parts = []
    for command in commands:
        way = " → ".join(filter(None, (command.origin, command.destination)))
        parts.append(" ".join(filter(None, (str(command.action), ",".join(command.vehicles), way))))
    return "; ".join(parts)


def _news(event: Any) -> str:
    match event:
        case TranscriptEvent():
            return f"heard      {event.language} {event.text!r} in {event.asr_ms:.0f} ms"
        case DecisionEvent():
            return f"understood {json.dumps(to_document(event.commands))} {event.verdict} by {event.tier}"
        case OrderNews():
            return f"order      {event.vehicle} {event.command.action} {event.status} {event.detail}"
        case PlanEvent():
            return f"plan       {event.plan.state} {event.detail}"
        case _:
            return f"reply      {event.text}"
