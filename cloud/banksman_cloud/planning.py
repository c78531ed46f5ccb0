"""From a request to a checked plan: understand, solve, check. The whole story, top to bottom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from banksman_cloud.errors import DeadlinePassedError, GoalsError, PlanRejectedError
from banksman_cloud.explain import explain
from banksman_cloud.goals import check_goals, cite, read_goals
from banksman_cloud.providers import GoalPrompt, GoalProvider, Repair
from banksman_cloud.solver import plan_steps, solve
from banksman_cloud.tasks import build_instance
from banksman_cloud.verifier import violations
from banksman_shared.clock import Clock
from banksman_shared.plans import Goals, PlanRequest, Step
from banksman_shared.site import Site


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan that passed its check."""

    goals: Goals
    steps: tuple[Step, ...]
    explanation: str


@dataclass(frozen=True, slots=True)
class Planner:
    """The way from words to steps. ``solve_s``: seconds the solver may take."""

    provider: GoalProvider
    clock: Clock
    solve_s: float

    def understand(self, request: PlanRequest, site: Site, deadline: float) -> Goals:
        """Goals that the site can mean; a wrong answer is sent back once with what is wrong with it.

        Raises:
            ProviderError: the model gave no answer.
            GoalsError: its second answer is wrong as well.
            DeadlinePassedError: the answer came too late.
        """
        repair: Repair | None = None
        faults: list[str] = []
        for _ in range(2):
            prompt = GoalPrompt(request.request, request.language, site, repair, request.mentions)
            answer = self.provider.goals(prompt, deadline)
            if self.clock.time() > deadline:
                raise DeadlinePassedError("the request was understood only after its deadline; allow more time")
            goals = read_goals(answer)
            if isinstance(goals, Goals):
                goals = cite(goals, request.request)
                faults = check_goals(site, goals, request.request, request.mentions)
                if not faults or not goals.goals:  # nothing to do is an honest answer, no slip to repair
                    break
            else:
                faults = goals
            repair = Repair(answer if isinstance(answer, str) else answer.model_dump_json(), tuple(faults))
        if faults or not isinstance(goals, Goals):
            raise GoalsError(faults)
        return goals

    def plan(self, request: PlanRequest, site: Site, goals: Goals, stop: Callable[[], bool]) -> Proposal:
        """Steps for checked goals.

        Raises:
            InfeasibleError: no plan can meet them.
            PlanRejectedError: the verifier disagrees with the solver.
        """
        instance = build_instance(site, request.fleet, goals.goals)
        steps = plan_steps(instance, solve(instance, self.clock, self.solve_s, stop), goals.goals)
        if wrong := violations(site, request.fleet, goals.goals, steps):
            raise PlanRejectedError(wrong)
        return Proposal(goals, steps, explain(site, request.language, goals, steps))
