"""The life of one plan, from the request for it to its end. Its turn has it.

::

    asked for ──── proposed ──── driven ──── over
        │              │
        │              ├── declined
        │              ├── taken back: cancelled, or overtaken by a stop
        │              └── asked for anew, since the fleet is not as it was
        ├── refused: there is no planner, or no plan
        └── taken back
"""

from __future__ import annotations

from dataclasses import dataclass

from banksman_edge.plans.driver import Driver
from banksman_edge.plans.request import Request
from banksman_edge.turns import Turn


@dataclass(slots=True)
class Session:
    """``request``: what the planner works on, or did last; ``driver``: who drives what was approved."""

    request: Request | None = None
    driver: Driver | None = None
    made_anew: int = 0
    """How often a plan was made in the place of one that nobody had driven yet."""
    runs: int = 0
    """How many agents have asked the planner for it before."""

    @property
    def is_being_made(self) -> bool:
        """Whether the planner works on it."""
        return self.request is not None and self.request.is_open

    @property
    def is_approved(self) -> bool:
        """Whether it is driven, or was."""
        return self.driver is not None

    @property
    def is_driven(self) -> bool:
        """Whether it is under way."""
        return self.driver is not None and not self.driver.over

    @property
    def left(self) -> int:
        """How many of its steps have not ended."""
        return self.driver.left if self.driver else 0

    @property
    def vehicles(self) -> frozenset[str]:
        """Those that it counts on."""
        return self.driver.held if self.driver else frozenset()


def session_of(turn: Turn) -> Session:
    """The plan that a turn asked for; a new one where it has asked for none."""
    if turn.plan is None:
        turn.plan = Session()
    if not isinstance(turn.plan, Session):
        raise TypeError(f"utterance {turn.utterance.id} has a plan of another kind")
    return turn.plan


def driver_of(turn: Turn) -> Driver | None:
    """Who drives the plan of a turn; None where it has none, or none that was approved."""
    return session_of(turn).driver if turn.plan is not None else None
