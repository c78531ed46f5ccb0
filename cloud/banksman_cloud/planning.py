"""From a request to a checked plan: understand, solve, check. The whole story, top to bottom."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from banksman_cloud.errors import (
    DeadlinePassedError,
    GoalsError,
    InfeasibleError,
    PlannerError,
    PlanRejectedError,
    ProviderError,
    TooLargeError,
    UnclearError,
)
from banksman_cloud.phrases import Phrases
from banksman_cloud.providers import WANTED, GoalPrompt, GoalProvider, Repair
from banksman_cloud.reading import (
    NO_WORK,
    Clocks,
    Unsaid,
    check_amount,
    check_goals,
    cite,
    contradictions,
    guessed,
    lacking,
    read_goals,
    settle,
    stretch,
    unsaid,
    with_neighbours,
)
from banksman_cloud.solving import (
    TICKS_PER_S,
    WAYS,
    Conflict,
    Part,
    Progress,
    Solution,
    Wish,
    explain,
    find_conflict,
    hopeless,
    in_turn,
    keeps,
    lines,
    say_conflict,
    solve,
    steps,
    takes_turns,
    ways_to_choose,
)
from banksman_shared.clock import Clock
from banksman_shared.plans import FleetSnapshot, Goal, Goals, Missing, PlanRequest, Step
from banksman_shared.site import Site
from banksman_shared.verify import violations

_LOG = logging.getLogger(__name__)
REPAIRS = 2
"""How often a wrong answer is sent back to the model."""
TOLD = 20
"""How many faults of goals are told; a list of a thousand places may have as many."""
TURNS_SHARE, TURNS_S = 0.25, 2.0
"""Share of the solver's time that a search for a plan with less waiting takes besides, and seconds at most."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A plan that passed its check, and how good it is."""

    goals: Goals
    steps: tuple[Step, ...]
    explanation: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class _Reading:
    """An answer as the model wrote it, its goals, all that is wrong with them, and parts of the request of which they
    do not speak."""

    answer: str
    goals: Goals | None
    faults: tuple[str, ...]
    lost: Unsaid


@dataclass(frozen=True, slots=True)
class Planner:
    """The way from words to steps. ``solve_s``: seconds the solver may take."""

    provider: GoalProvider
    clock: Clock
    solve_s: float

    def understand(self, request: PlanRequest, site: Site, deadline: float) -> Goals:
        """Goals that the site can mean, with nothing but ids and numbers in them; a wrong answer is sent back with
        what is wrong with it, twice at the most; one that leaves a part of the request out once.

        Raises:
            ProviderError: the model gave no answer.
            GoalsError: its last answer is wrong as well.
            UnclearError: the request may mean several things, or leaves open what nobody here knows.
            InfeasibleError: its wishes contradict each other.
            TooLargeError: it is about more loads than one plan takes.
            DeadlinePassedError: the answer came too late.
        """
        if request.goals is not None:
            return _given(request, site, Goals(goals=()).model_copy(update={"goals": request.goals}))
        repair: Repair | None = None
        for _ in range(1 + REPAIRS):
            read = self._read(request, site, repair, deadline)
            if read.goals is not None and (not read.faults or not read.goals.goals):
                break  # nothing to do is an honest answer, no slip
            repair = Repair(read.answer, read.faults)
        if read.faults or read.goals is None:
            raise _not_understood(request, site, read)
        return self._completed(request, site, read, deadline) if read.lost.parts else read.goals

    def _read(self, request: PlanRequest, site: Site, repair: Repair | None, deadline: float) -> _Reading:
        """One answer of the model, with all that is wrong with it.

        Raises:
            BanksmanError: as above, of what no other answer would help with.
        """
        said, language = request.request, request.language
        prompt = GoalPrompt(said, language, site, repair, request.mentions, _types(request), request.now)
        answer = self.provider.goals(prompt, deadline, WANTED)
        if self.clock.time() > deadline:
            raise DeadlinePassedError("the request was understood only after its deadline; allow more time")
        read = read_goals(answer)
        if isinstance(read, Goals):
            _ask(request, read.unclear)
            _ask_for_more(request, read.missing)
        goals, faults, questions, lost = _checked(request, site, read)
        if questions and (not faults or goals is None or not goals.goals):  # only who asked knows
            raise UnclearError(" ".join(questions))
        if isinstance(read, Goals) and not faults:
            _ask(request, guessed(site, read, request))
        if goals is not None:
            _refuse_contradictions(request, goals, faults)
            if not faults:
                check_amount(goals)
        text = answer if isinstance(answer, str) else answer.model_dump_json()
        return _Reading(text, goals, tuple([*faults, *questions][:TOLD]), lost)

    def _completed(self, request: PlanRequest, site: Site, read: _Reading, deadline: float) -> Goals:
        """The goals once the model has been shown what they leave out, within half of the time that is left. What they
        then still leave out is told to be no part of the plan.

        Raises:
            UnclearError: it says which vehicle may or may not, or it is unproved that the goals are what was asked for.
        """
        now, best = self.clock.time(), read
        repair = Repair(read.answer, tuple(read.lost.parts.values())[:TOLD])
        try:
            again = self._read(request, site, repair, now + (deadline - now) / 2)
        except (ProviderError, DeadlinePassedError, TooLargeError, InfeasibleError) as error:
            _LOG.info("what was left out of a plan's goals was asked for in vain: %s", type(error).__name__)
        else:
            if again.goals is not None and not again.faults and len(again.lost.parts) < len(read.lost.parts):
                best = again
        _ask(request, best.lost.asked)
        goals = best.goals or Goals(goals=())
        parts = (with_neighbours(request.request, words) for words in best.lost.parts)
        return goals.model_copy(update={"unsupported": tuple(dict.fromkeys((*goals.unsupported, *parts)))})

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
        solution = self._solved(site, request.fleet, goals.goals, stop, report)
        if solution is None or solution.cost.broken:
            conflict = find_conflict(site, request.fleet, goals.goals, self.clock, self.solve_s, stop)
            raise InfeasibleError(say_conflict(request.language, goals.goals, conflict))
        made, in_turn_s = self._timed(solution, site, request.fleet, goals.goals, stop)
        if wrong := violations(site, request.fleet, goals.goals, made):
            raise PlanRejectedError(wrong)
        done_s = max(step.end_s for step in made)
        explanation = explain(site, request.language, goals, made, in_turn_s if in_turn_s > done_s else None)
        progress = solution.progress
        if solution.instance.prefer != "little_driving":
            progress = replace(progress, value_s=done_s)
        return Proposal(goals, made, explanation, progress)

    def _timed(
        self, solution: Solution, site: Site, fleet: FleetSnapshot, goals: Sequence[Goal], stop: Callable[[], bool]
    ) -> tuple[tuple[Step, ...], float]:
        """The steps, with the time that vehicles wait for their turns where all wishes leave that; and when all is done
        in turn."""
        alone = steps(lines(solution.instance, solution.assignment))
        if not takes_turns(solution.instance):
            return alone, 0.0
        end = self.clock.monotonic() + min(TURNS_S, self.solve_s * TURNS_SHARE)
        assignment, turned = in_turn(
            solution.instance, solution.assignment, lambda: stop() or self.clock.monotonic() >= end
        )
        waiting, in_turn_s = steps(turned), max(one.end for one in turned) / TICKS_PER_S
        if not violations(site, fleet, goals, waiting):
            return waiting, in_turn_s
        return steps(lines(solution.instance, assignment)), in_turn_s

    def _solved(
        self,
        site: Site,
        fleet: FleetSnapshot,
        goals: Sequence[Goal],
        stop: Callable[[], bool],
        report: Callable[[Progress], None],
    ) -> Solution | None:
        """The best plan for the first choice of vehicles that has one; None where none has."""
        share_s = self.solve_s / WAYS
        for made in ways_to_choose(site, fleet, goals):
            if isinstance(made, InfeasibleError) or hopeless(made):
                continue
            with suppress(InfeasibleError):
                if not made.chosen or not solve(made, self.clock, share_s, stop, enough=keeps).cost.broken:
                    return solve(made, self.clock, self.solve_s, stop, report)
        return None


def _ask(request: PlanRequest, unclear: Sequence[str]) -> None:
    """Raises:
    UnclearError: these words of the request may mean several things. Words that nobody said are no reason to ask.
    """
    said = [words for some in unclear if (words := stretch(request.request, some)) is not None]
    if said:
        phrases = Phrases(request.language)
        raise UnclearError(phrases.say("unclear", words=phrases.listing(map(phrases.quote, said))))


def _ask_for_more(request: PlanRequest, missing: Sequence[Missing]) -> None:
    """Raises:
    UnclearError: the request lacks these.
    """
    if missing:
        phrases = Phrases(request.language)
        raise UnclearError(" ".join(phrases.say(f"ask_{what}") for what in dict.fromkeys(missing)))


def _not_understood(request: PlanRequest, site: Site, read: _Reading) -> PlannerError:
    """That no goals came of a request, as it is said to whoever asked."""
    phrases = Phrases(request.language)
    if set(read.faults) == {NO_WORK} and read.goals and read.goals.goals:
        return UnclearError(phrases.say("no_work"))
    lacks = () if request.mentions else tuple(lacking(site, request.request))
    told = phrases.say("lacks", words=phrases.listing(map(phrases.quote, lacks))) if lacks else phrases.say("not_goals")
    return GoalsError(read.faults, told)


def _refuse_contradictions(request: PlanRequest, goals: Goals, faults: Sequence[str]) -> None:
    """Where nothing else is wrong with the goals: a model that had to mend them would drop what somebody asked for.

    Raises:
        InfeasibleError: some of them cannot all be kept; says which, in the request's language.
    """
    found = [c for c in contradictions(goals.goals) if len(c.goals) > 1]
    if found and set(faults) == {c.sentence for c in found}:
        wishes = tuple(Wish(index, Part.WHOLE) for index in found[0].goals)
        raise InfeasibleError(say_conflict(request.language, goals.goals, Conflict(wishes, (), proven=True)))


def _checked(
    request: PlanRequest, site: Site, read: Goals | list[str]
) -> tuple[Goals | None, list[str], list[str], Unsaid]:
    """The goals, settled, with all that is wrong with them, what they leave open that nobody here knows, and the parts
    of the request that they leave out."""
    if not isinstance(read, Goals):
        return None, read, [], Unsaid()
    cited, faults = cite(read, request.request)
    goals, unknown, questions = settle(site, request.fleet, cited, _clocks(request), request.language)
    wrong = check_goals(site, goals, request.request, request.mentions, _types(request), cited)
    return goals, faults + unknown + wrong, questions, unsaid(request, site, goals, cited)


def _given(request: PlanRequest, site: Site, given: Goals) -> Goals:
    """Goals that came with the request. Nobody need have said their words; all else has to hold.

    Raises:
        GoalsError: the site cannot mean them.
        TooLargeError: they are about more loads than one plan takes.
    """
    goals, unknown, questions = settle(site, request.fleet, given, _clocks(request), request.language)
    if faults := [*unknown, *questions, *check_goals(site, goals, "", types=_types(request))]:
        raise GoalsError(faults[:TOLD])
    check_amount(goals)
    return goals


def _clocks(request: PlanRequest) -> Clocks | None:
    return Clocks.read(request.now, request.clock_change)


def _types(request: PlanRequest) -> tuple[str, ...]:
    """The types of load that are about."""
    return tuple(sorted({load.type for load in request.fleet.loads or () if load.type is not None}))
