"""What all who have the page open are told: how vehicles move, and what becomes of what was said."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict
from typing import Any, Protocol

from banksman_edge.console.documents import vehicle_document
from banksman_edge.console.host import ConsoleHost
from banksman_edge.turns import EVENT_NAMES, Event, ReplyEvent, UtteranceEvent

log = logging.getLogger(__name__)

LOOK_S = 0.1
"""So often is looked for changes of vehicles."""
BEAT_S = 0.5
"""At least so often something is sent, so that a page that hears nothing knows that it is cut off."""
REMEMBERED = 1000
"""Utterances of which is known whose they are."""
_FOR_ALL = frozenset({"order", "plan"})
"""What others are told, too; words only go to whoever said them."""


class Client(Protocol):
    """A page that is open. Called from any thread, and must not wait."""

    device: str

    def post(self, kind: str, document: dict[str, Any]) -> None:
        """Send something soon."""

    def told(self, event: Event, document: dict[str, Any]) -> None:
        """Take an event of its own device."""


class Feed:
    """Follows an agent for the pages that are open."""

    def __init__(self, agent: ConsoleHost) -> None:
        self._agent = agent
        self._clients: dict[str, Client] = {}
        self._devices: OrderedDict[str, str] = OrderedDict()
        self._shown: dict[str, dict[str, Any]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Follow, on the running loop."""
        for name in EVENT_NAMES:
            self._agent.on(name, self._event)
        self._task = asyncio.get_running_loop().create_task(self._follow())

    async def close(self) -> None:
        """Follow no more."""
        for name in EVENT_NAMES:
            self._agent.off(name, self._event)
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def join(self, client: Client) -> Client | None:
        """Tell a page from now on, beginning with all vehicles; returns the one that had its device before."""
        before = self._clients.pop(client.device, None)
        client.post("fleet", {"whole": True, "vehicles": list(self._shown.values())})
        self._clients[client.device] = client
        return before

    def leave(self, client: Client) -> None:
        """Tell a page nothing more."""
        if self._clients.get(client.device) is client:
            del self._clients[client.device]

    async def _follow(self) -> None:
        silent = 0.0
        while True:
            try:
                changed = await asyncio.to_thread(self._changed)
            except Exception:
                log.exception("vehicles cannot be shown on the console")
                changed = []
            silent = 0.0 if changed else silent + LOOK_S
            if changed or silent >= BEAT_S:
                silent = 0.0
                for client in list(self._clients.values()):
                    client.post("fleet", {"vehicles": changed})
            await asyncio.sleep(LOOK_S)

    def _changed(self) -> list[dict[str, Any]]:
        found = {key: vehicle_document(view) for key, view in self._agent.fleet.vehicles().items()}
        changed = [document for key, document in found.items() if self._shown.get(key) != document]
        self._shown = found
        return changed

    def _event(self, event: Event) -> None:
        """On the agent's thread."""
        if isinstance(event, UtteranceEvent) and event.device:
            self._devices[event.id] = event.device
            if len(self._devices) > REMEMBERED:
                self._devices.popitem(last=False)
        of = event.device if isinstance(event, ReplyEvent) and event.device else self._devices.get(event.id)
        document = event.document()
        for client in list(self._clients.values()):
            if client.device == of:
                client.told(event, document)
            elif event.name in _FOR_ALL:
                client.post(event.name, document | {"mine": False})
