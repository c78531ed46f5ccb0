"""What a server of streams needs of the agent that it serves."""

from __future__ import annotations

from typing import Protocol

from banksman_edge.operators import Access
from banksman_edge.streams import Headsets
from banksman_edge.turns import EventName, Listener
from banksman_shared.site import Site


class StreamHost(Protocol):
    """An agent as its servers of streams see it: where sound goes, who may log in, and what is told."""

    @property
    def site(self) -> Site: ...

    @property
    def headsets(self) -> Headsets: ...

    @property
    def access(self) -> Access: ...

    def on(self, name: EventName, listener: Listener) -> None:
        """Have a function called with each event of a name."""
