"""From a request to a checked plan: understand, solve, check. The whole story, top to bottom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from banksman_cloud.assignment import lines, steps
from banksman_cloud.bounds import hopeless
from banksman_cloud.conflicts import find_conflict
from banksman_cloud.errors import DeadlinePassedError, GoalsError, InfeasibleError, PlanRejectedError
from banksman_cloud.explain import explain
from banksman_cloud.goals import check_goals, cite, read_goals
from banksman_cloud.providers import GoalPrompt, GoalProvider, Repair
from banksman_cloud.regret import say_conflict
from banksman_cloud.settle import settle
from banksman_cloud.solver import Progress, solve
from banksman_cloud.tasks import build_instance
from banksman_shared.clock import Clock
from banksman_shared.plans import Goals, PlanRequest, Step
from banksman_shared.site import Site
from banksman_shared.verify import violations

REPAIRS = 2
"""How often a wrong answer is sent back to the model."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan that passed its check, and how good it is."""

    goals: Goals
    steps: tuple[Step, ...]
    explanation: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class Planner:
    """The way from words to steps. ``solve_s``: seconds the solver may take."""

    provider: GoalProvider
    clock: Clock
    solve_s: float

    def understand(self, request: PlanRequest, site: Site, deadline: float) -> Goals:
        """Goals that the site can mean, with nothing but ids and numbers in them; a wrong answer is sent back with
        what is wrong with it, twice at the most.

        Raises:
            ProviderError: the model gave no answer.
            GoalsError: its last answer is wrong as well.
            DeadlinePassedError: the answer came too late.
        """
        if request.goals is not None:
            return _given(request, site, Goals(goals=request.goals))
        repair: Repair | None = None
        faults: list[str] = []
        for _ in range(1 + REPAIRS):
            said, language = request.request, request.language
            prompt = GoalPrompt(said, language, site, repair, request.mentions, _types(request))
            answer = self.provider.goals(prompt, deadline)
            if self.clock.time() > deadline:
                raise DeadlinePassedError("the request was understood only after its deadline; allow more time")
            goals, faults, questions = _checked(request, site, read_goals(answer))
            if questions and not faults:  # only who asked knows; a model would guess
                raise GoalsError(questions)
            faults += questions
            if goals is not None and (not faults or not goals.goals):  # nothing to do is an honest answer, no slip
                break
            repair = Repair(answer if isinstance(answer, str) else answer.model_dump_json(), tuple(faults))
        if faults or goals is None:
            raise GoalsError(faults)
        return goals

    def plan(
        self,
        request: PlanRequest,
        site: Site,
        goals: Goals,
        stop: Callable[[], bool],
        report: Callable[[Progress], None] = lambda _: None,
    ) -> Proposal:
        """Steps for checked goals; ``report`` hears of the first plan and of every better one while it is solved.

        Raises:
            InfeasibleError: no plan can meet them; says in the request's language which of them conflict.
            PlanRejectedError: the verifier disagrees with the solver.
        """
        try:
            instance = build_instance(site, request.fleet, goals.goals)
            solution = None if hopeless(instance) else solve(instance, self.clock, self.solve_s, stop, report)
        except InfeasibleError:
            solution = None
        if solution is None or solution.cost.broken:
            conflict = find_conflict(site, request.fleet, goals.goals, self.clock, self.solve_s, stop)
            raise InfeasibleError(say_conflict(request.language, goals.goals, conflict))
        made = steps(lines(instance, solution.assignment))
        if wrong := violations(site, request.fleet, goals.goals, made):
            raise PlanRejectedError(wrong)
        return Proposal(goals, made, explain(site, request.language, goals, made), solution.progress)


def _checked(request: PlanRequest, site: Site, read: Goals | list[str]) -> tuple[Goals | None, list[str], list[str]]:
    """The goals, settled, with all that is wrong with them, and what they leave open that nobody here knows."""
    if not isinstance(read, Goals):
        return None, read, []
    cited, faults = cite(read, request.request)
    goals, unknown, questions = settle(site, request.fleet, cited, request.now)
    wrong = check_goals(site, goals, request.request, request.mentions, _types(request))
    return goals, faults + unknown + wrong, questions


def _given(request: PlanRequest, site: Site, given: Goals) -> Goals:
    """Goals that came with the request. Nobody need have said their words; all else has to hold.

    Raises:
        GoalsError: the site cannot mean them.
    """
    goals, unknown, questions = settle(site, request.fleet, given, request.now)
    if faults := [*unknown, *questions, *check_goals(site, goals, "", types=_types(request))]:
        raise GoalsError(faults)
    return goals


def _types(request: PlanRequest) -> tuple[str, ...]:
    """The types of load that are about."""
    return tuple(sorted({load.type for load in request.fleet.loads or () if load.type is not None}))
