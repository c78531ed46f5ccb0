"""From a sentence that needs planning to jobs of the fleet."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from datetime import UTC, datetime

from banksman_edge.asr import Transcript
from banksman_edge.errors import PlannerError
from banksman_edge.escalation.check import check_plan, closed_nodes, commands_of
from banksman_edge.escalation.client import Driven, Planner
from banksman_edge.escalation.names import named_things
from banksman_edge.events import PlanEvent
from banksman_edge.fleet import Fleet, FleetError
from banksman_edge.fleet.model import May
from banksman_edge.nlu.mentions import Mention
from banksman_edge.utterance import Utterance
from banksman_shared.clock import Clock
from banksman_shared.commands import Command
from banksman_shared.plans import MAX_VEHICLES, FleetSnapshot, Plan, PlanRequest, PlanState, VehicleSnapshot
from banksman_shared.site import Router, Site

log = logging.getLogger(__name__)

MAX_REQUEST = 2000
PLANNING_S = 60.0
"""A plan that takes longer is not worth waiting for beside a forklift."""


class Escalation:
    """Asks the planner, and drives what it proposed. Only text, site and fleet state leave the site; no sound.

    ``names_in`` finds what of the site a transcript names.
    """

    def __init__(
        self,
        site: Site,
        fleet: Fleet,
        planner: Planner | None,
        clock: Clock,
        emit: Callable[[PlanEvent], None],
        names_in: Callable[[Transcript], tuple[Mention, ...]],
    ) -> None:
        self._site, self._fleet, self._planner = site, fleet, planner
        self._clock, self._emit, self._names_in = clock, emit, names_in
        self._router = Router(site.layout)

    def ask(
        self, utterance: Utterance, transcript: Transcript, language: str, among: Collection[str] | None = None
    ) -> Plan:
        """A proposed plan that passed the edge's check. ``among``: the vehicles that it may have; None: all.

        Raises:
            PlannerError: there is no planner, it has no plan, or its plan does not hold here.
        """
        if self._planner is None:
            raise PlannerError("no planner is configured", retryable=True)
        if len(transcript.text) > MAX_REQUEST:
            raise PlannerError(f"the request is longer than {MAX_REQUEST} characters; say it in parts")
        if len(self._fleet.vehicles()) > MAX_VEHICLES:
            raise PlannerError(f"the site has more than the {MAX_VEHICLES} vehicles that can be planned with")
        left = PLANNING_S if utterance.deadline is None else utterance.deadline - self._clock.time()
        if left <= 0:
            raise PlannerError("the deadline has passed")
        request = PlanRequest(
            request=transcript.text,
            language=language or "en",
            site=dict(self._site.document),
            fleet=self._snapshot(among),
            mentions=named_things(self._site, self._names_in(transcript)),
            now=datetime.fromtimestamp(self._clock.time(), UTC).astimezone().isoformat(timespec="seconds"),
        )
        plan = self._planner.propose(
            request, utterance.id, min(left, PLANNING_S), lambda p: self._emit(PlanEvent(utterance.id, p))
        )
        faults = check_plan(plan, self._site, self._fleet.vehicles(), self._router)
        if faults:
            self.decline(plan)
            raise PlannerError(f"the plan does not hold here: {'; '.join(faults)}")
        return plan

    def run(self, utterance: Utterance, plan: Plan, may: May | None = None) -> None:
        """Approve the plan and give each vehicle its steps, as a job named ``utterance/vehicle``, within the rights of
        whoever asked for it.

        Raises:
            PlannerError: the planner or the edge no longer stands by the plan.
            FleetError: a vehicle refused; what had begun is cancelled.
        """
        assert self._planner is not None  # noqa: S101  a plan came from it
        faults = check_plan(plan, self._site, self._fleet.vehicles(), self._router)
        if faults:
            self.decline(plan)
            raise PlannerError(f"the plan no longer holds: {'; '.join(faults)}")
        approved = self._planner.approve(plan, self._snapshot())
        self._emit(PlanEvent(utterance.id, approved))
        steps: dict[str, list[Command]] = {}
        for step in sorted(plan.steps, key=lambda s: s.start_s):
            steps.setdefault(step.vehicle, []).append(commands_of(step))
        closed = {vehicle: closed_nodes(plan, self._site, vehicle) for vehicle in steps}
        problems = [p for v, commands in steps.items() for p in self._fleet.check(commands, closed=closed[v], may=may)]
        if problems:
            self.finish(utterance.id, plan, problems[0].sentence)
            raise PlannerError(f"the fleet refuses the plan: {problems[0].sentence}")
        begun: list[str] = []
        try:
            for vehicle, commands in steps.items():
                self._fleet.submit(f"{utterance.id}/{vehicle}", commands, closed=closed[vehicle], may=may)
                begun.append(vehicle)
        except FleetError as error:
            if begun:
                self._fleet.cancel(f"{utterance.id}/undo", begun)
            self.finish(utterance.id, plan, str(error))
            raise
        self._report(utterance.id, plan, "running")

    def finish(self, utterance_id: str, plan: Plan, failure: str = "") -> None:
        """Tell planner and listeners that a plan has been driven, or why not."""
        self._report(utterance_id, plan, "failed" if failure else "done", failure)

    def decline(self, plan: Plan) -> None:
        """Give up a plan that nobody wants."""
        try:
            if self._planner:
                self._planner.cancel(plan.id)
        except PlannerError as error:
            log.warning("plan %s could not be cancelled; %s", plan.id, _whether_to_retry(error))

    def _report(self, utterance_id: str, plan: Plan, state: Driven, detail: str = "") -> None:
        self._emit(PlanEvent(utterance_id, plan.model_copy(update={"state": PlanState(state)}), detail))
        try:
            if self._planner:
                self._planner.report(plan.id, state, detail)
        except PlannerError as error:
            # The vehicles drive; that the planner does not know is no reason to stop them.
            log.warning("the planner was not told that plan %s is %s; %s", plan.id, state, _whether_to_retry(error))

    def _snapshot(self, among: Collection[str] | None = None) -> FleetSnapshot:
        return FleetSnapshot(
            vehicles=tuple(
                VehicleSnapshot(
                    id=view.id,
                    node=view.node or "",
                    battery=None if view.battery is None else min(100.0, max(0.0, view.battery)),
                    loaded=bool(view.loaded),
                    speed=min(20.0, view.speed),
                    available=view.idle and view.node is not None and (among is None or view.id in among),
                )
                for view in self._fleet.vehicles().values()
            )
        )


def _whether_to_retry(error: PlannerError) -> str:
    """What a log may say of the error: its sentence may quote the request."""
    return "the planner cannot be reached" if error.retryable else "the planner refuses"
