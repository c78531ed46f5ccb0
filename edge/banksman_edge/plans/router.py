"""Where requests for plans come in: decides by the rules where each goes, and takes it there."""

from __future__ import annotations

import logging
import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from banksman_edge.errors import PlannerError, RecalledError
from banksman_edge.loads import Load
from banksman_edge.plans.client import NEVER, Driven, Planner
from banksman_edge.plans.cloud_link import Breaker, Budget
from banksman_edge.plans.offline_requests import OfflineRequests
from banksman_edge.plans.privacy.sensitivity import is_sensitive
from banksman_edge.plans.routing_rules import Route, Situation, Way, decide
from banksman_shared.clock import Clock, SystemClock
from banksman_shared.plans import FleetSnapshot, Plan, PlanRequest
from banksman_shared.site import Site

log = logging.getLogger(__name__)

CLOUD_S = 60.0
"""A plan that takes longer is not worth waiting for beside a forklift."""
SITE_S = 180.0
"""On the site it may take longer: the model is loaded first, and whoever asked has been told."""
SOLVING_S = 5.0
"""What it takes where the goals are known and no model is asked."""
REST_S = 20.0
"""A plan for the rest of one that is driven, in the cloud: vehicles stand meanwhile."""
REMEMBERED = 200

_PASSING = ("no-cloud", "link-lost", "link-resting")
"""Rules that may decide otherwise before long."""

Told = Callable[[Route, Plan | None], None]
"""Hears of every decision, and of every state of the plan after it."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A request; see :meth:`PlanRouter.plan`. ``until``: its deadline, infinite without one."""

    build: Callable[[], PlanRequest]
    key: str
    until: float
    told: Told
    recalled: threading.Event


class PlanRouter:
    """The planners of a site, as one. ``cloud``: the one away from it; ``here``: the one on it, if there is one.

    ``spent``: the file in which the plans of the day are counted; None: they are counted until a restart. See
    :class:`Planner`.
    """

    def __init__(
        self,
        site: Site,
        cloud: Planner | None,
        here: Planner | None = None,
        *,
        clock: Clock | None = None,
        spent: Path | None = None,
    ) -> None:
        self._site, self._cloud, self._here = site, cloud, here
        self._clock = clock or SystemClock()
        self._breaker, self._budget = Breaker(self._clock), Budget(self._clock, spent)
        self._waiting = OfflineRequests(self._clock, self._is_back)
        self._proposed: OrderedDict[str, Planner | None] = OrderedDict()
        self.standing: Callable[[], Iterable[Load]] = tuple
        """The loads that may stand at the site, however long ago that was told: sensitive ones are not told of."""

    def plan(
        self,
        build: Callable[[], PlanRequest],
        key: str,
        deadline: float | None,
        told: Told,
        recalled: threading.Event = NEVER,
    ) -> Plan:
        """A proposed plan for the request that ``build`` makes of the world as it is when it is called. ``deadline``:
        when the plan is worthless, by the wall clock; ``recalled``: set when nobody wants it any more. May wait for
        minutes, if the site wants that.

        Raises:
            PlannerError: there is none; ``code`` says by which rule it was not asked for.
            RecalledError: it was taken back.
        """
        until = math.inf if deadline is None else deadline
        return self._plan(_Wanted(build, key, until, told, recalled), may_wait=True, cloud_s=CLOUD_S)

    def again(
        self,
        request: PlanRequest,
        key: str,
        replaced: str,
        *,
        deadline: float | None = None,
        told: Told = lambda _, __: None,
        recalled: threading.Event = NEVER,
    ) -> Plan:
        """A proposed plan in the place of the plan ``replaced``. It is made where that was made, since its goals do not
        tell why that stayed on the site; while the cloud cannot be asked, on the site, if the site wants that. Does not
        wait. ``deadline``, ``recalled``: see :meth:`plan`.

        Raises:
            PlannerError: there is none.
        """
        stays = "" if self._cloud and self._proposed.get(replaced) is self._cloud else "made-here"
        cloud_s = max(REST_S, self._site.rules.leaving.cloud_s)
        until = math.inf if deadline is None else deadline
        wanted = _Wanted(lambda: request, key, until, told, recalled)
        return self._plan(wanted, may_wait=False, cloud_s=cloud_s, stays=stays)

    def approve(self, plan: Plan, fleet: FleetSnapshot) -> Plan:
        """See :class:`Planner`."""
        return self._whose(plan.id).approve(plan, fleet)

    def report(self, plan_id: str, state: Driven, detail: str = "") -> None:
        """See :class:`Planner`."""
        self._whose(plan_id).report(plan_id, state, detail)

    def cancel(self, plan_id: str) -> None:
        """See :class:`Planner`."""
        self._whose(plan_id).cancel(plan_id)

    def way_of(self, plan_id: str) -> Literal["cloud", "site", ""]:
        """Where a plan was made; empty where that is not known (any more)."""
        planner = self._proposed.get(plan_id)
        return "" if planner is None else "cloud" if planner is self._cloud else "site"

    def recall(self, plan_id: str, way: str) -> None:
        """A plan of an earlier run was made there."""
        if way:
            self._proposed[plan_id] = self._cloud if way == "cloud" else self._here

    def ready(self) -> bool:
        """See :class:`Planner`."""
        return self._here is not None or self._is_back()

    def close(self) -> None:
        """Let nobody wait any longer."""
        self._waiting.close()

    # Deciding

    def _plan(self, wanted: _Wanted, *, may_wait: bool, cloud_s: float, stays: str = "") -> Plan:
        stale = min(wanted.until, self._clock.time() + self._site.rules.leaving.queue_s)
        failure, tries = None, 0
        while not wanted.recalled.is_set():
            request = wanted.build()
            situation = self._situation(request, wanted.until, stays, lost=failure is not None)
            route = decide(replace(situation, room=situation.room and may_wait))
            wanted.told(route, None)
            match route.way:
                case Way.SITE if self._here is not None:
                    return self._ask(self._here, request, wanted, min(SITE_S, situation.left_s), route)
                case Way.QUEUE:
                    self._hold(stale, wanted.recalled)
                    failure = None
                case Way.CLOUD if self._cloud is not None:
                    # What did not answer may have heard, and the world is another one by now.
                    again, tries = replace(wanted, key=f"{wanted.key}/{tries}" if tries else wanted.key), tries + 1
                    try:
                        return self._ask_cloud(self._cloud, request, again, min(cloud_s, situation.left_s), route)
                    except PlannerError as error:
                        if error.code == "unhidden":
                            stays = error.code
                        elif _is_away(error):
                            failure = error
                        else:
                            raise
                case _:
                    raise _refusal(route, failure)
        raise RecalledError

    def _situation(self, request: PlanRequest, until: float, stays: str, *, lost: bool) -> Situation:
        return Situation(
            rules=self._site.rules.leaving,
            left_s=until - self._clock.time(),
            names=len(request.mentions),
            planned=self._budget.today(),
            cloud=self._cloud is not None,
            site=self._here is not None,
            here_s=SOLVING_S if request.goals else self._site.rules.leaving.local_s,
            room=not self._waiting.full(),
            stays="sensitive" if is_sensitive(self._site, request, self.standing()) else stays,
            resting=self._breaker.rests(),
            lost=lost,
        )

    def _hold(self, until: float, recalled: threading.Event) -> None:
        """Wait for the cloud's planner.

        Raises:
            PlannerError: it did not come back in time.
            RecalledError: it is not waited for any longer.
        """
        if not self._waiting.wait(until, recalled):
            if recalled.is_set():
                raise RecalledError
            raise PlannerError("the planner did not come back in time", code="stale")
        self._breaker.ended(well=True)

    def _is_back(self) -> bool:
        return self._cloud is not None and self._cloud.ready()

    # Asking

    def _ask_cloud(self, cloud: Planner, request: PlanRequest, wanted: _Wanted, left_s: float, route: Route) -> Plan:
        if not self._breaker.enter():
            raise PlannerError("the planner is being tried by another request", retryable=True, code="link-resting")
        try:
            plan = self._ask(cloud, request, wanted, left_s, route)
        except PlannerError as error:
            if error.code != "unhidden":
                self._breaker.ended(well=not _is_away(error))
            if not _is_away(error) and error.code != "unhidden":
                self._budget.spend()
            raise
        self._breaker.ended(well=True)
        self._budget.spend()
        return plan

    def _ask(self, planner: Planner, request: PlanRequest, wanted: _Wanted, left_s: float, route: Route) -> Plan:
        plan = planner.propose(request, wanted.key, left_s, lambda plan: wanted.told(route, plan), wanted.recalled)
        self._proposed[plan.id] = planner
        if len(self._proposed) > REMEMBERED:
            self._proposed.popitem(last=False)
        return plan

    def _whose(self, plan_id: str) -> Planner:
        """Who made it, or whoever is there where that is not known. What was made here is not told to the cloud."""
        planner = self._proposed.get(plan_id, self._cloud or self._here)
        if planner is None:
            raise PlannerError("no planner is configured", retryable=True)
        return planner


def _refusal(route: Route, failure: PlannerError | None) -> PlannerError:
    if failure is None:
        return PlannerError(route.why, retryable=route.code in _PASSING, code=route.code)
    code = failure.code or route.code
    return PlannerError(str(failure), retryable=failure.retryable, code=code, reason=failure.reason)


def _is_away(error: PlannerError) -> bool:
    """Whether the error tells that the planner did not answer, rather than what it answered."""
    return error.retryable or error.code == "slow"
