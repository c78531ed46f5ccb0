"""The yard with a plan that is driven, and a planner that solves for real, without a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from yard import Yard, yard_site

from banksman_cloud.errors import PlannerError as NoPlanError
from banksman_cloud.planning import Planner as Solver
from banksman_edge.errors import PlannerError
from banksman_edge.fleet import FleetError, Standby
from banksman_edge.fleet.ended_jobs import EarlierJobs
from banksman_edge.fleet.succession import Succession
from banksman_edge.plans import Deviation, Driver, Escalation, Interruption, Mandate, PlanReporter, PlanRouter
from banksman_edge.turns.events import PlanEvent
from banksman_edge.understanding import Pipeline
from banksman_edge.utterance import Utterance
from banksman_shared.actions import Action
from banksman_shared.clock import SystemClock
from banksman_shared.commands import Command
from banksman_shared.plans import FleetSnapshot, Goals, NamedThing, Plan, PlanRequest, PlanState, plan_hash
from banksman_shared.site import Site

KEY = "u"


class SolvingPlanner:
    """Plans goals as the service does. ``down`` raises what it is asked; ``tamper`` changes what it answers."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._solver = Solver(NoModel(), SystemClock(), 0.2)
        self.requests: list[PlanRequest] = []
        self.times: list[float] = []
        """Seconds that it was given for each."""
        self._known: dict[str, PlanRequest] = {}
        self.told: list[tuple[str, str]] = []
        self.down: PlannerError | None = None
        self.tamper: Callable[[Plan], Plan] = lambda plan: plan

    def propose(self, request: PlanRequest, key: str, deadline_s: float, *_: Any) -> Plan:
        self.requests.append(request)
        self.times.append(deadline_s)
        if self.down:
            raise self.down
        if self._known.setdefault(key, request) != request:
            raise PlannerError("this Idempotency-Key was used for another request; make a new one")
        try:
            goals = self._solver.understand(request, self._site, float("inf"))
            made = self._solver.plan(request, self._site, goals, lambda: False)
        except NoPlanError as error:
            raise PlannerError(str(error)) from error
        hash_ = plan_hash(goals.goals, made.steps)
        return self.tamper(
            Plan(
                id=key,
                state=PlanState.PROPOSED,
                request=request.request,
                goals=goals.goals,
                steps=made.steps,
                hash=hash_,
            )
        )

    def approve(self, plan: Plan, _: FleetSnapshot) -> Plan:
        self.told.append((plan.id, "approved"))
        return plan.model_copy(update={"state": PlanState.APPROVED})

    def report(self, plan_id: str, state: str, detail: str = "") -> None:  # noqa: ARG002
        self.told.append((plan_id, state))

    def cancel(self, plan_id: str) -> None:
        self.told.append((plan_id, "cancelled"))

    def ready(self) -> bool:
        return self.down is None


class NoModel:
    """Goals come with every request here."""

    name = "none"

    def load(self) -> None:
        """Nothing to load."""

    def goals(self, *_: Any) -> Goals:
        raise AssertionError("a request with goals needs no model")


class HeardHerald(PlanReporter):
    """What the operator would have been told."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.deviations: list[Deviation] = []
        self.lateness: dict[str, float] = {}
        self.offered: list[Plan] = []
        self.breaks: list[Interruption] = []
        self.waits: list[str | None] = []
        self.failure: str | None = None
        self.late_s = 0.0

    def drifted(self, deviations: Sequence[Deviation]) -> None:
        self.deviations += deviations
        self.said += [f"{deviation.kind} {deviation.vehicle}" for deviation in deviations]

    def barred(self, deviations: Sequence[Deviation]) -> None:
        self.waits += [deviation.vehicle for deviation in deviations]

    def again(self, seconds: float, vehicles: Sequence[str]) -> None:  # noqa: ARG002
        self.said.append(f"again {' '.join(sorted(vehicles))}")

    def late(self, words: str, seconds: float) -> None:
        self.said.append(f"late {words}")
        self.lateness[words] = seconds

    def paused(self, *, on: bool) -> None:
        self.said.append("paused" if on else "goes on")

    def propose(self, plan: Plan, vehicles: Sequence[str]) -> None:
        self.offered.append(plan)
        self.said.append(f"with {' '.join(vehicles)}?")

    def taken_up(self, interruption: Interruption, plan: Plan | None) -> None:
        self.breaks.append(interruption)
        self.said.append("goes on?" if plan else "goes on")

    def broken_off(self, interruption: Interruption) -> None:
        self.breaks.append(interruption)
        self.said.append("broken off")

    def shelved(self, words: Sequence[str]) -> None:
        self.said.append(f"shelved {' '.join(words)}")

    def over(self, failure: str, late_s: float) -> None:
        self.failure, self.late_s = failure, late_s


class YardFleet:
    """The yard's master as a plan sees it. ``elsewhere``: who else commands the vehicles."""

    def __init__(self, yard: Yard) -> None:
        self._yard = yard
        self.elsewhere: Standby | None = None
        self.succession = Succession()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._yard.master, name)

    @property
    def earlier_jobs(self) -> EarlierJobs:
        return self._yard.master

    def standby(self) -> Standby | None:
        return self.elsewhere

    def submit(self, job: str, commands: Sequence[Command], **options: Any) -> None:
        if self.elsewhere:
            raise FleetError([self.elsewhere.problem])
        self._yard.master.submit(job, commands, **options)

    def take_back(self, by: str, job: str, vehicle: str) -> bool:
        has: bool = self._yard.master.has(job, vehicle)
        if has:
            self.submit(by, [Command(Action.CANCEL, (vehicle,))], gives_up=(job,))
        return has


class DrivenYard(Yard):
    """Drives a plan for goals, as far as :meth:`until` lets it."""

    def __init__(self, site: Site | None = None) -> None:
        super().__init__(site or yard_site())
        self.planner, self.reporter = SolvingPlanner(self.site), HeardHerald()
        self.here = SolvingPlanner(self.site)
        """The planner on the site."""
        self.router = PlanRouter(self.site, self.planner, self.here, clock=self.clock)
        self.plans: list[PlanEvent] = []
        self.fleet = YardFleet(self)
        names = Pipeline(self.site, None).names_in
        fleet: Any = self.fleet
        self.escalation = Escalation(self.site, fleet, self.router, self.clock, self.plans.append, names)
        self.driver: Driver | None = None
        self._told = 0

    def drive(
        self,
        *goals: dict[str, Any],
        among: Sequence[str] | None = None,
        fleet: Sequence[str] = (),
        mentions: Sequence[NamedThing] = (),
    ) -> Plan:
        """Plan for the goals, and begin. ``among``: the operator's vehicles; see :meth:`propose`."""
        plan = self.propose(*goals, fleet=fleet, mentions=mentions)
        self.start(plan, among)
        return plan

    def propose(self, *goals: dict[str, Any], fleet: Sequence[str] = (), mentions: Sequence[NamedThing] = ()) -> Plan:
        """A plan for the goals, with the vehicles of ``fleet`` (empty: all). ``mentions``: what was named."""
        snapshot = self.escalation._snapshot(fleet or None)
        read = Goals.model_validate({"goals": [{"words": f"wish {n}"} | goal for n, goal in enumerate(goals, 1)]})
        document = dict(self.site.document)
        request = PlanRequest(request="x", site=document, fleet=snapshot, goals=read.goals, mentions=tuple(mentions))
        return self.router.plan(lambda: request, "first", None, lambda *_: None)

    def start(self, plan: Plan, among: Sequence[str] | None = None) -> None:
        mandate = Mandate(frozenset(among or self.site.vehicles))
        self.driver = self.escalation.run(Utterance(text="x", id=KEY), plan, mandate, self.reporter)
        self.escalation.begun(KEY, plan)

    def step(self) -> None:
        super().step()
        if getattr(self, "driver", None) is None:
            return
        assert self.driver is not None
        for event in self.events[self._told :]:
            self.driver.note(event)
        self._told = len(self.events)
        self.driver.tick()

    def finish(self, limit_s: float = 600.0) -> str:
        """Let it drive to its end; what was not done."""
        self.until(lambda: self.reporter.failure is not None, limit_s)
        assert self.reporter.failure is not None
        return self.reporter.failure

    def visits(self, vehicle: str) -> list[str]:
        """The nodes to which all its orders lead, one after the other."""
        return [node.node_id for order in self.cars[vehicle].orders for node in order.nodes if node.released]

    def news(self) -> list[str]:
        """Who was given a step, and who had done it, in order."""
        told = [e for e in self.events if e.job.startswith(f"{KEY}/") and e.status in ("queued", "done")]
        return [f"{e.vehicle} {e.status}" for e in told]

    def given(self) -> list[str]:
        """The vehicles that were given a step, in order."""
        return [e.vehicle or "" for e in self.events if e.status == "queued" and e.job.startswith(f"{KEY}/")]


def transport(count: int, origin: str, to: str, **more: Any) -> dict[str, Any]:
    return {"kind": "transport", "count": count, "origins": [origin], "destinations": [to]} | more


def send(action: str, *vehicles: str, **more: Any) -> dict[str, Any]:
    return {"kind": "send", "action": action, "vehicles": list(vehicles)} | more


def avoid(*places: str, **more: Any) -> dict[str, Any]:
    return {"kind": "avoid", "places": list(places)} | more
