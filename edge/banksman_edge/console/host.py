"""What the console needs of the agent that it serves."""

from __future__ import annotations

from typing import Protocol

from banksman_edge.fleet import Fleet
from banksman_edge.loads import LoadRegister
from banksman_edge.operators import Access
from banksman_edge.streams import Headsets
from banksman_edge.turns import EventName, Listener
from banksman_edge.utterance import Utterance
from banksman_shared.site import Site


class ConsoleHost(Protocol):
    """An agent as its console sees it."""

    @property
    def site(self) -> Site: ...

    @property
    def fleet(self) -> Fleet: ...

    @property
    def headsets(self) -> Headsets: ...

    @property
    def access(self) -> Access: ...

    @property
    def loads(self) -> LoadRegister: ...

    def submit(self, utterance: Utterance) -> str:
        """Take an utterance and return its id at once; what becomes of it comes as events."""

    def on(self, name: EventName, listener: Listener) -> None:
        """Have a function called with each event of a name."""

    def off(self, name: EventName, listener: Listener) -> None:
        """Call it no more."""
