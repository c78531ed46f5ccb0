"""What all who have the page open are told: how vehicles move, and what becomes of what was said."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Protocol

from banksman_edge.console.documents import vehicle_document
from banksman_edge.console.host import ConsoleHost
from banksman_edge.turns import EVENT_NAMES, Event, PlanEvent, ReplyEvent, UtteranceEvent
from banksman_shared.plans import PlanState

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
    """A page that is open. Must not wait."""

    device: str

    @property
    def ended(self) -> bool:
        """Whether it may see nothing more."""

    def post(self, kind: str, document: dict[str, Any]) -> None:
        """Send something soon; from any thread."""

    def moved(self, vehicles: Sequence[Mapping[str, Any]], *, whole: bool = False) -> None:
        """Tell of vehicles that changed; on its loop."""

    async def refuse(self, reason: str) -> None:
        """Tell it why it is parted from, and part."""


class Feed:
    """Follows an agent for the pages that are open."""

    def __init__(self, agent: ConsoleHost) -> None:
        self._agent = agent
        self._clients: dict[str, Client] = {}
        self._devices: OrderedDict[str, str] = OrderedDict()
        self._proposed: dict[str, dict[str, Any]] = {}
        self._shown: dict[str, dict[str, Any]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._looking = asyncio.Lock()

    def start(self) -> None:
        """Follow, on the running loop."""
        for name in EVENT_NAMES:
            self._agent.on(name, self._event)
        self._begin(self._follow())
        self._begin(self._beat())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Follow no more."""
        for name in EVENT_NAMES:
            self._agent.off(name, self._event)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def join(self, client: Client) -> None:
        """Tell a page from now on, beginning with all vehicles; the one that had its device before is parted from."""
        await self._look()  # nobody has, while no page was open
        before = self._clients.pop(client.device, None)
        client.moved(list(self._shown.values()), whole=True)
        if plan := self._proposed.get(client.device):
            client.post("plan", plan)
        self._clients[client.device] = client
        if before:
            self._begin(before.refuse("this page was opened anew elsewhere"))

    def leave(self, client: Client) -> None:
        """Tell a page nothing more."""
        if self._clients.get(client.device) is client:
            del self._clients[client.device]

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            if self._clients:
                await self._look()

    async def _beat(self) -> None:
        """Whatever the fleet does: a look may wait for it."""
        while True:
            await asyncio.sleep(BEAT_S)
            for client in list(self._clients.values()):
                if client.ended:
                    self.leave(client)
                    self._begin(client.refuse("you have signed out; load the page again"))
                else:
                    client.moved(())

    async def _look(self) -> None:
        """Tell all pages what has changed."""
        async with self._looking:
            try:
                changed = await asyncio.to_thread(self._changed)
            except Exception:
                log.exception("vehicles cannot be shown on the console")
                return
            for client in list(self._clients.values()) if changed else ():
                client.moved(changed)

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
        if isinstance(event, PlanEvent) and of:
            self._proposed.pop(of, None)
            if event.plan.state is PlanState.PROPOSED:
                self._proposed[of] = document | {"mine": True}
        for client in list(self._clients.values()):
            if client.device == of:
                client.post(event.name, document | {"mine": True})
            elif event.name in _FOR_ALL:
                client.post(event.name, _without_words(document) | {"mine": False})


def _without_words(document: dict[str, Any]) -> dict[str, Any]:
    """What others may know of an order or a plan: what is done, and not what was said."""
    if "plan" not in document:
        return document | {"detail": ""}
    plan = {key: document["plan"][key] for key in ("id", "state", "steps", "hash") if key in document["plan"]}
    return {"id": document["id"], "state": document["state"], "plan": plan | {"request": ""}, "detail": ""}
