"""One speaker's side of an agent: what they say is one conversation, and what is answered is theirs."""

from __future__ import annotations

import queue
import uuid
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Self

from banksman_edge.turns import DecisionEvent, ReplyEvent
from banksman_edge.utterance import Utterance

if TYPE_CHECKING:
    from banksman_edge.app.agent import Agent


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was decided about something that was said, and what was answered to it at once."""

    decision: DecisionEvent
    replies: tuple[str, ...]


class Conversation:
    """Made by :meth:`Agent.conversation`. A context manager, to be closed; to be used from one thread at a time."""

    def __init__(
        self, agent: Agent, *, operator: str | None = None, pin: str | None = None, language: str | None = None
    ) -> None:
        self.device = f"conversation-{uuid.uuid4().hex[:8]}"
        self._agent, self._operator, self._pin, self._language = agent, operator, pin, language
        self._replies: queue.SimpleQueue[ReplyEvent] = queue.SimpleQueue()
        self._news: list[ReplyEvent] = []
        agent.on("reply", self._take)

    def close(self) -> None:
        """Hear nothing more. Safe to call twice."""
        self._agent.off("reply", self._take)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self, reply: ReplyEvent) -> None:
        if reply.device == self.device:
            self._replies.put(reply)

    def say(self, text: str, *, timeout_s: float = 60.0) -> Exchange:
        """Say something, wait for the decision and for what is answered with it.

        Raises:
            TimeoutError: there was no decision in time.
        """
        said = Utterance(text=text, language=self._language, operator=self._operator, pin=self._pin, device=self.device)
        self._news += self._taken()
        decision = self._agent.await_answer(self._agent.submit(said), timeout_s=timeout_s)
        of = {said.id, decision.follows.utterance if decision.follows else said.id}
        told = self._taken()
        self._news += [reply for reply in told if reply.id not in of]
        return Exchange(decision, tuple(reply.text for reply in told if reply.id in of))

    def heard(self) -> list[str]:
        """What else was told since this was asked last: of orders under way, that they are done."""
        told, self._news = [*self._news, *self._taken()], []
        return [reply.text for reply in told]

    def _taken(self) -> list[ReplyEvent]:
        replies = []
        while True:
            try:
                replies.append(self._replies.get_nowait())
            except queue.Empty:
                return replies
