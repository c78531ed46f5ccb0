"""Who else commands the vehicles of the site, and what must therefore not go out.

Another Banksman agent: the one that was there first commands, the other stands by and leaves everything but stops
to it (:mod:`banksman_edge.fleet.presence`).

A foreign master: orders to our vehicles that we did not send, or instant actions that direct them. Then no new
orders go out until it has been quiet for QUIET_S; what runs goes on, and what only asks, or stops a vehicle, is
nobody's claim to it.
"""

from __future__ import annotations

import logging
import socket
import uuid
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from banksman_edge.fleet.model import Code, Problem, Standby
from banksman_edge.fleet.presence import Election, presence_topic
from banksman_edge.fleet.wire import Outgoing
from banksman_shared.actions import Action
from banksman_shared.clock import Clock
from banksman_shared.commands import DRIVING, Command
from banksman_shared.mqtt import LastWill
from banksman_shared.vda5050 import InstantActions, Order

log = logging.getLogger(__name__)

QUIET_S = 60.0
"""Seconds without its messages after which a foreign master counts as gone."""
REMEMBERED_IDS = 20_000
"""So many of the orders and actions that we sent are known again; the broker brings them back within a moment."""

COMMANDING = frozenset(
    {
        "cancelOrder",
        "stopPause",
        "startCharging",
        "stopCharging",
        "initPosition",
        "initializePosition",
        "pick",
        "drop",
        "retry",
        "skipRetry",
        "startHibernation",
        "stopHibernation",
        "shutdown",
    }
)
"""Predefined instant actions by which a master directs a vehicle (2.1.0 §6.8.2, and those that 3.0 adds). Stops and
questions are not among them, which anybody may send, nor are makers' own, which tools beside an agent use."""


class _Order(msgspec.Struct):
    order_id: str = msgspec.field(name="orderId")


class _Action(msgspec.Struct, rename="camel"):
    action_id: str
    action_type: str


class _InstantActions(msgspec.Struct):
    actions: list[_Action] = []
    old_name: list[_Action] = msgspec.field(default=[], name="instantActions")
    """What some masters of 2.0.0 call them."""


_orders, _actions = msgspec.json.Decoder(_Order), msgspec.json.Decoder(_InstantActions)


@dataclass(frozen=True, slots=True)
class _Sighting:
    vehicle: str
    what: str
    at: float


class OtherCommanders:
    """Watches for others. Not thread-safe; messages and time come in as calls."""

    def __init__(self, site: str, clock: Clock) -> None:
        self._clock = clock
        self._election = Election(uuid.uuid4().hex, socket.gethostname(), clock)
        self._ours: OrderedDict[str, None] = OrderedDict()
        self._sighting: _Sighting | None = None
        self._told: Standby | None = None
        self.topic = presence_topic(site, self._election.me.instance)
        self.topics = presence_topic(site, "+")

    @property
    def will(self) -> LastWill:
        """What the broker shall do when our connection breaks: take our document away."""
        return LastWill(self.topic, b"")

    @property
    def settled(self) -> bool:
        """Whether it is known who commands."""
        return self._election.called

    def standby(self) -> Standby | None:
        """Why this agent stands by, or None if it commands; without a broker nobody does."""
        if not self._election.joined:
            return None
        commander = self._election.commander
        if commander:
            text = f"the agent on {commander.host} has commanded this site since {commander.since}; this one stands by"
            return Standby(Problem(Code.STANDBY, text, facts={"host": commander.host}), another_agent=True)
        if not self._election.active:
            return Standby(Problem(Code.STANDBY, "it is not yet known whether another agent commands this site"))
        seen = self._sighting
        if seen is None or self._clock.monotonic() >= seen.at + QUIET_S:
            return None
        text = (
            f"another master commands {seen.vehicle} ({seen.what}); no orders go out until it has been quiet for "
            f"{QUIET_S:.0f} s"
        )
        return Standby(Problem(Code.STANDBY, text, facts={"vehicle": seen.vehicle}))

    def commanders_stops(self) -> tuple[frozenset[str], bool] | None:
        """The vehicles that the agent which commands keeps stopped, and whether that is surely so now; None if it is
        this one that commands, or nobody."""
        return self._election.commanders_stops

    def show(self, stopped: Collection[str]) -> None:
        """Tell other agents which vehicles this one keeps stopped."""
        self._election.show(stopped)

    def show_plans(self, plans: Collection[str]) -> None:
        """Tell other agents which plans this one drives."""
        self._election.show_plans(plans)

    def left_behind(self) -> str | None:
        """The host of an agent that drove plans and whose place this one has taken; each once."""
        return self._election.left_behind()

    def bars(self, commands: Sequence[Command]) -> Problem | None:
        """What speaks against these commands. Beside another agent we only stop; beside a foreign master we can
        also let go on and give up what we began."""
        standby = self.standby()
        if standby is None:
            return None
        barred = set(Action) - {Action.STOP} if standby.another_agent else DRIVING
        return standby.problem if any(command.action in barred for command in commands) else None

    def lets_out(self, message: Outgoing) -> bool:
        """Whether a message may be sent; its echo is then known to be ours."""
        if isinstance(message, InstantActions):
            self._remember(action.action_id for action in message.actions)
        elif isinstance(message, Order):
            begins = message.order_update_id == 0 and message.order_id not in self._ours
            if begins and self.standby():
                return False
            self._remember([message.order_id])
        return True

    def _remember(self, ids: Iterable[str]) -> None:
        for each in ids:
            self._ours[each] = None
            self._ours.move_to_end(each)
        while len(self._ours) > REMEMBERED_IDS:
            self._ours.popitem(last=False)

    # Messages in

    def join(self) -> None:
        self._election.join()

    def leave(self) -> None:
        self._election.leave()

    def hear_agent(self, topic: str, payload: bytes) -> None:
        """A document on one of ``topics``."""
        self._election.hear(topic.rpartition("/")[2], payload)

    def hear_order(self, vehicle: str, payload: bytes) -> None:
        """An order to one of our vehicles, whoever sent it."""
        order = _read(_orders, payload)
        if order and order.order_id not in self._ours:
            self._see(vehicle, "it sent it an order")

    def hear_actions(self, vehicle: str, payload: bytes) -> None:
        """Instant actions to one of our vehicles, whoever sent them."""
        message = _read(_actions, payload)
        for action in (*message.actions, *message.old_name) if message else ():
            if action.action_type in COMMANDING and action.action_id not in self._ours:
                self._see(vehicle, f"it sent it '{action.action_type}'")

    def _see(self, vehicle: str, what: str) -> None:
        # What another agent of ours commands is its business; we stand by for it anyway.
        if self._election.active:
            self._sighting = _Sighting(vehicle, what, self._clock.monotonic())

    def tick(self) -> bytes | None:
        """Let time take effect, and log who commands when that changes; our document, if it is due."""
        due = self._election.tick()
        now = self.standby()
        known = self._election.active or self._election.commander is not None
        if known and (now is None) != (self._told is None):
            log.warning("%s", now.problem.sentence if now else "nobody else commands this site; orders go out again")
            self._told = now
        return due


def _read(decoder: msgspec.json.Decoder[Any], payload: bytes) -> Any:
    try:
        return decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None  # no vehicle takes it, so it commands nobody
