"""What the console needs of the agent that it serves."""

from __future__ import annotations

from typing import Protocol

from banksman_edge.fleet import Fleet
from banksman_edge.loads import LoadRegister
from banksman_edge.stream_servers import StreamHost
from banksman_edge.turns import EventName, Listener
from banksman_edge.utterance import Utterance


class ConsoleHost(StreamHost, Protocol):
    """An agent as its console sees it: what a server of streams needs, the fleet and loads, and where orders go."""

    @property
    def fleet(self) -> Fleet: ...

    @property
    def loads(self) -> LoadRegister: ...

    def submit(self, utterance: Utterance) -> str:
        """Take an utterance and return its id at once; what becomes of it comes as events."""

    def off(self, name: EventName, listener: Listener) -> None:
        """Call a function no more."""
