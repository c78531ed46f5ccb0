"""What listeners and the operator are told while a plan is being made."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from banksman_edge.plans.request import Request
from banksman_edge.plans.routing_rules import Route, Way
from banksman_edge.replies import Amount, Unit
from banksman_edge.turns import PlanEvent
from banksman_shared.plans import Plan, PlanState

REFUSALS: Mapping[str, str] = {
    "late": "too_late",
    "nothing-leaves": "stays_here",
    "sensitive": "stays_here",
    "unhidden": "stays_here",
    "no-cloud": "no_planner",
    "urgent": "no_time",
    "budget": "no_budget",
    "link-lost": "no_planner",
    "link-resting": "no_planner",
    "stale": "held_dropped",
}
"""The sentence with which a request is refused, by the rule."""

_LONG = 120
"""Characters of a request that are said again."""


def brief(said: str) -> str:
    """A request as it can be said again."""
    return said if len(said) <= _LONG else f"{said[: _LONG - 1]}…"


class Progress:
    """Of one request, which waits for ``patience_s`` at most. Of one that has ended nothing more is told."""

    def __init__(self, wanted: Request, patience_s: float, emit: Callable[[PlanEvent], None]) -> None:
        self._wanted, self._said, self._patience_s = wanted, wanted.transcript.text, patience_s
        self._emit, self._tell = emit, wanted.tell
        self._decided: Route | None = None
        self._held = False

    @property
    def route(self) -> Route:
        """The last decision; there has to have been one."""
        assert self._decided is not None  # noqa: S101  nothing is planned without
        return self._decided

    def told(self, route: Route, plan: Plan | None) -> None:
        """A decision was made, or the plan after it has another state."""
        self._wanted.during(lambda: self._told(route, plan))

    def _told(self, route: Route, plan: Plan | None) -> None:
        self._wanted.latest = plan or self._wanted.latest
        detail = route.why if plan is None else ""
        shown = plan or Plan(id="", state=PlanState.UNDERSTANDING, request=self._said)
        if plan is not None or route.way is not Way.REFUSE:  # a refusal is told with the error
            self._emit(PlanEvent(self._wanted.utterance.id, shown, detail, str(route.way), route.code))
        if plan is None:
            self._follow(route)

    def planned(self) -> None:
        """The plan is about to be proposed to the operator."""
        self._wanted.during(self._planned)

    def _planned(self) -> None:
        if self._held:
            self._tell("held_back", words=brief(self._said))
        if self.route.way is Way.SITE:
            self._tell("made_here")

    def _follow(self, route: Route) -> None:
        again, self._decided = self._decided is not None and self._decided.way is route.way, route
        if route.way is Way.QUEUE and not self._held:
            self._held = True
            minutes = max(1, round(self._patience_s / 60))
            self._tell("held", minutes=Amount(minutes, Unit.MINUTE))
        elif route.way is Way.SITE and not again:
            self._tell("plan_here")
