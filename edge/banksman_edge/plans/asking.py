"""From a sentence that needs planning to a plan that waits for a yes, and to another one where that has not lasted."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection

from banksman_edge.asr import Transcript
from banksman_edge.errors import PlannerError, RecalledError
from banksman_edge.fleet import Fleet
from banksman_edge.loads import LoadRegister
from banksman_edge.plans.client import Planner
from banksman_edge.plans.fleet_snapshot import fleet_now
from banksman_edge.plans.named_entities import named_things
from banksman_edge.plans.progress import Progress
from banksman_edge.plans.request import Request
from banksman_edge.plans.router import Desk
from banksman_edge.plans.routing_rules import Route
from banksman_edge.plans.site_clocks import change_after, local
from banksman_edge.plans.unapproved import OutdatedError, Vigil, fleet_without, objection, same_wishes
from banksman_edge.turns.events import PlanEvent
from banksman_edge.understanding.entities.mention import Mention
from banksman_edge.utterance import Utterance
from banksman_shared.clock import Clock
from banksman_shared.plans import MAX_NAMES, MAX_REQUEST, MAX_VEHICLES, FleetSnapshot, Plan, PlanRequest
from banksman_shared.site import Site

log = logging.getLogger(__name__)


class Asking:
    """Asks the planner. Only text, site and fleet state leave the site; no sound.

    ``names_in`` finds what of the site a transcript names. ``loads``: which loads stand where.
    """

    def __init__(
        self,
        site: Site,
        fleet: Fleet,
        planner: Planner | Desk | None,
        clock: Clock,
        emit: Callable[[PlanEvent], None],
        names_in: Callable[[Transcript], tuple[Mention, ...]],
    ) -> None:
        self._site, self._fleet = site, fleet
        self._planner = planner if isinstance(planner, Desk) else Desk(site, planner, clock=clock)
        self.loads = LoadRegister(site, fleet, clock)
        self._planner.standing = self.loads.every
        self._clock, self._emit, self._names_in = clock, emit, names_in
        self._asked: dict[str, float] = {}
        """When each plan was asked for: its goals count from then. Wall-clock seconds."""
        self._routes: dict[str, Route] = {}
        """By which rule each plan that waits for a yes was made where it was."""
        self._vigil = Vigil(site, clock, self.loads.now)

    def ask(self, wanted: Request) -> Plan:
        """A proposed plan that passed the edge's check.

        Raises:
            OutdatedError: there is one, but vehicles have broken down meanwhile.
            RecalledError: the request was taken back.
            PlannerError: there is no planner, it has no plan, or its plan does not hold here.
        """
        if len(wanted.transcript.text) > MAX_REQUEST:
            said = f"the request is longer than {MAX_REQUEST} characters; say it in parts"
            raise PlannerError(said, reason="too-long")
        if len(self._fleet.vehicles()) > MAX_VEHICLES:
            said = f"the site has more than the {MAX_VEHICLES} vehicles that can be planned with"
            raise PlannerError(said, reason="too-many")
        progress, asked = self._progress(wanted), list[float]()

        def build() -> PlanRequest:
            asked[:] = [self._clock.time()]
            return self._request(wanted, self._snapshot(wanted.free()))

        plan = self._planner.plan(build, wanted.key, wanted.utterance.deadline, progress.told, wanted.recalled)
        return self._taken(wanted, plan, asked[0], progress)

    def anew(self, wanted: Request, outdated: OutdatedError, time: int) -> Plan:
        """A proposed plan for the wishes of one that does not hold any more, the ``time``-th in its place. See
        :meth:`ask`.

        Raises:
            OutdatedError, RecalledError, PlannerError: see :meth:`ask`.
        """
        old, progress, asked = outdated.plan, self._progress(wanted), self._clock.time()
        views, waited_s = self._fleet.vehicles(), self.waited_s(old)
        self.decline(old)
        if not any(view.connected for view in views.values()):
            raise PlannerError("no vehicle is connected", reason="nobody")
        fleet = fleet_without(outdated, views, self._snapshot(wanted.free()))
        rest = same_wishes(old, fleet, waited_s)
        request = self._request(wanted, rest.fleet).model_copy(update={"goals": rest.goals})
        key, deadline = f"{wanted.key}/anew/{time}", wanted.utterance.deadline
        plan = self._planner.again(
            request, key, old.id, deadline=deadline, told=progress.told, recalled=wanted.recalled
        )
        if plan.goals != rest.goals:
            self.decline(plan)
            raise PlannerError("the plan does not hold here: the planner has changed the goals", reason="unsound")
        return self._taken(wanted, plan, asked, progress)

    def _progress(self, wanted: Request) -> Progress:
        patience_s: float = self._site.rules.leaving.queue_s
        if wanted.utterance.deadline is not None:
            patience_s = min(patience_s, wanted.utterance.deadline - self._clock.time())
        return Progress(wanted, patience_s, self._emit)

    def _taken(self, wanted: Request, plan: Plan, asked: float, progress: Progress) -> Plan:
        """The plan, if it is still wanted and holds here."""
        if wanted.recalled.is_set():
            self.decline(plan)
            raise RecalledError
        self._asked[plan.id] = asked
        if outdated := self._objection(plan):
            if outdated.lost or outdated.barred:
                raise outdated
            self.decline(plan)
            raise PlannerError(f"the plan does not hold here: {outdated}", reason="unsound")
        self._routes[plan.id] = progress.route
        progress.planned()
        return plan

    def outdated(self, plans: Collection[Plan]) -> dict[str, OutdatedError]:
        """Of plans that wait for a yes, those, by id, that do not hold any more, since a vehicle has broken down."""
        waiting = {plan.id: (plan, self.waited_s(plan)) for plan in plans}
        return self._vigil.look(waiting, self._fleet.vehicles()) if waiting else {}

    def show(self, utterance: Utterance, plan: Plan, picture: str) -> None:
        """Tell listeners of a plan that waits for a yes, with its picture."""
        route = self._routes.pop(plan.id)
        self._emit(PlanEvent(utterance.id, plan, "", str(route.way), route.code, picture))

    def waited_s(self, plan: Plan) -> float:
        """Seconds since a proposed plan was asked for."""
        now = self._clock.time()
        return now - self._asked.get(plan.id, now)

    def decline(self, plan: Plan) -> None:
        """Give up a plan that nobody wants."""
        self._routes.pop(plan.id, None)
        self._asked.pop(plan.id, None)
        try:
            self._planner.cancel(plan.id)
        except PlannerError as error:
            log.warning("plan %s could not be cancelled; %s", plan.id, whether_to_retry(error))

    def _request(self, wanted: Request, fleet: FleetSnapshot) -> PlanRequest:
        """Raises:
        PlannerError: it speaks of more than a planner takes at once.
        """
        mentions = named_things(self._site, self._names_in(wanted.transcript))
        if len(mentions) > MAX_NAMES:
            said = f"the request has more than {MAX_NAMES} names; say it in parts"
            raise PlannerError(said, reason="too-long")
        now = self._clock.time()
        change = change_after(now)
        return PlanRequest(
            request=wanted.transcript.text,
            language=wanted.language or "en",
            site=dict(self._site.document),
            fleet=fleet,
            mentions=mentions,
            now=local(now).isoformat(timespec="seconds"),
            clock_change=None if change is None else change.isoformat(),
        )

    def _objection(self, plan: Plan) -> OutdatedError | None:
        return objection(plan, self._site, self._snapshot(), self._fleet.vehicles(), self.waited_s(plan))

    def _snapshot(self, among: Collection[str] | None = None) -> FleetSnapshot:
        return fleet_now(self._fleet.vehicles(), among, self.loads.now())


def whether_to_retry(error: PlannerError) -> str:
    """What a log may say of the error: its sentence may quote the request."""
    return "the planner cannot be reached" if error.retryable else "the planner refuses"
