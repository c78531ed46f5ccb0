"""Which of several Banksman agents commands a site: the one that was there first.

Each agent keeps a retained document on ``banksman/v1/{site}/agents/{instance}``, with the broker's last will to
take it away, and renews it every HEARTBEAT_S::

    {"instance": "5e0c…", "host": "edge-1", "state": "active", "since": "2026-01-01T08:00:00.000Z",
     "stopped": ["agv-3"], "plans": []}

``state`` is ``active`` (it commands) or ``standby``; ``stopped`` are the vehicles that it keeps stopped, ``plans``
name the plans that it drives: hashes, which tell nothing.

Whoever finds an active agent stands by. When that one is gone (its document is empty, or older than SILENT_S) the
agent with the earliest ``since`` takes over, the smaller ``instance`` where two are equal. The same order settles
who steps back should two find themselves active, as after a broker was split in two; it never unseats a single
active agent, whatever the clocks of the machines say.

Time and messages come in as calls; nothing here waits or sends.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from banksman_shared.clock import Clock, timestamp

log = logging.getLogger(__name__)

HEARTBEAT_S, SILENT_S = 2.0, 7.0
"""Seconds between an agent's signs of life, and of silence after which it counts as gone."""
ROLL_CALL_S = 3.0
"""Seconds that an agent waits for the broker to show it who is there, should its own document not come back."""
MAX_AGENTS = 100


def presence_topic(site: str, instance: str) -> str:
    """Where an agent of a site says that it is there; ``+`` for all of them."""
    return f"banksman/v1/{site}/agents/{instance}"


class AgentState(StrEnum):
    ACTIVE = "active"
    STANDBY = "standby"


class Presence(msgspec.Struct, frozen=True):
    """One agent, as it shows itself. ``since``: when it started, UTC."""

    instance: str
    host: str
    state: AgentState
    since: str
    stopped: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()

    @property
    def rank(self) -> tuple[str, str]:
        """Smaller goes first."""
        return self.since, self.instance


_decoder = msgspec.json.Decoder(Presence)


@dataclass(slots=True)
class _Seen:
    presence: Presence
    at: float
    alive: bool
    """It has been heard more than once: the first may be what the broker kept of an agent long gone."""


class Election:
    """One agent's view of who commands."""

    def __init__(self, instance: str, host: str, clock: Clock) -> None:
        self.me = Presence(instance, host, AgentState.STANDBY, timestamp(clock.time()))
        self._clock = clock
        self._others: dict[str, _Seen] = {}
        self._gone: dict[str, Presence] = {}
        """Agents that commanded, drove plans, and are gone; nobody has taken over since."""
        self._complained: set[str] = set()
        self._joined_at: float | None = None
        self._called = False
        self._due = 0.0

    @property
    def active(self) -> bool:
        """Whether this agent commands."""
        return self.me.state is AgentState.ACTIVE

    @property
    def joined(self) -> bool:
        """Whether there is a broker to look for others on."""
        return self._joined_at is not None

    @property
    def called(self) -> bool:
        """Whether it has been seen who is there. Until then nobody is active."""
        return self._called

    @property
    def commander(self) -> Presence | None:
        """The other agent that commands, if there is one."""
        actives = [seen.presence for seen in self._others.values() if seen.presence.state is AgentState.ACTIVE]
        return None if self.active else min(actives, key=lambda each: each.rank, default=None)

    @property
    def commanders_stops(self) -> tuple[frozenset[str], bool] | None:
        """The vehicles that the commander keeps stopped, and whether it surely lives."""
        commander = self.commander
        return (frozenset(commander.stopped), self._others[commander.instance].alive) if commander else None

    def show(self, stopped: Collection[str]) -> None:
        """Tell the others at once which vehicles we keep stopped."""
        self.me, self._due = msgspec.structs.replace(self.me, stopped=tuple(sorted(stopped))), 0.0

    def show_plans(self, plans: Collection[str]) -> None:
        """Tell the others which plans we drive."""
        self.me, self._due = msgspec.structs.replace(self.me, plans=tuple(sorted(plans))), 0.0

    def left_behind(self) -> str | None:
        """The host of an agent whose place we have taken while it drove plans that we do not; each once."""
        if not self.active or not self._gone:
            return None
        _, gone = self._gone.popitem()
        return gone.host if set(gone.plans) - set(self.me.plans) else self.left_behind()

    def join(self) -> None:
        """The broker is there: show ourselves and look who else is."""
        if self.joined:
            return
        self._joined_at, self._called, self._due = self._clock.monotonic(), False, 0.0
        self._become(AgentState.STANDBY)

    def leave(self) -> None:
        """The broker is gone, and somebody else may take over behind our back."""
        self._joined_at, self._called = None, False
        self._others.clear()
        self._become(AgentState.STANDBY)

    def hear(self, instance: str, payload: bytes) -> None:
        """A document of an agent, our own included; an empty one says that it is gone."""
        if instance == self.me.instance:
            # The broker hands out what it kept before what comes later, so our own document ends the roll call. An
            # empty one is the last will of a connection that we have replaced.
            self._called, self._due = self._called or bool(payload), self._due if payload else 0.0
        elif not payload:
            self._lose(instance)
        elif (instance in self._others or len(self._others) < MAX_AGENTS) and (
            presence := self._read(instance, payload)
        ):
            self._others[instance] = _Seen(presence, self._clock.monotonic(), alive=instance in self._others)
        self._decide()

    def _read(self, instance: str, payload: bytes) -> Presence | None:
        try:
            presence = _decoder.decode(payload)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            # Once for each, and for so many: whoever writes nonsense there does so often, and under any name.
            if instance not in self._complained and len(self._complained) < MAX_AGENTS:
                self._complained.add(instance)
                log.warning("the document of agent %s was ignored: %s", instance[:64], error)
            return None
        return presence if presence.instance == instance else None

    def tick(self) -> bytes | None:
        """Let time take effect; the document to publish, if it is due."""
        if self._joined_at is None:
            return None
        now = self._clock.monotonic()
        self._called = self._called or now >= self._joined_at + ROLL_CALL_S
        self._decide()
        if now < self._due:
            return None
        self._due = now + HEARTBEAT_S
        return msgspec.json.encode(self.me)

    def _decide(self) -> None:
        now = self._clock.monotonic()
        for instance in [key for key, seen in self._others.items() if now >= seen.at + SILENT_S]:
            self._lose(instance)
        others = [seen.presence for seen in self._others.values()]
        if any(other.state is AgentState.ACTIVE for other in others):
            self._gone.clear()  # whoever has taken over has said so
        before_us = [other for other in others if other.rank < self.me.rank]
        if self.active:
            if any(other.state is AgentState.ACTIVE for other in before_us):
                self._become(AgentState.STANDBY)
        elif self._called and not before_us and all(other.state is AgentState.STANDBY for other in others):
            self._become(AgentState.ACTIVE)

    def _lose(self, instance: str) -> None:
        seen = self._others.pop(instance, None)
        if seen and seen.presence.state is AgentState.ACTIVE and seen.presence.plans and not self.active:
            self._gone[instance] = seen.presence

    def _become(self, state: AgentState) -> None:
        if state is not self.me.state:
            self.me = msgspec.structs.replace(self.me, state=state)
            self._due = 0.0
