"""What an operator is told of a plan: read back in one breath, and how it goes on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from banksman_edge.errors import PlannerError
from banksman_edge.fleet import FleetError, Problem
from banksman_edge.plans.deviation import Deviation, DeviationKind
from banksman_edge.plans.driver import Driver
from banksman_edge.plans.driving_terms import Interruption, PlanReporter
from banksman_edge.plans.pending_plans import OutdatedError, RefusedError
from banksman_edge.plans.readback_conditions import Conditions
from banksman_edge.plans.readback_parts import IN_SECONDS, PlanWords, count_vehicles, span
from banksman_edge.replies import Amount, Phrasebook, Unit
from banksman_shared.plans import Plan, SendGoal, Step, TransportGoal
from banksman_shared.site import Site

"""Sentences by their urgency; the others are answers."""

_NO_PLAN = {
    "too-long": "no_plan_long",
    "too-many": "no_plan_many",
    "unsound": "no_plan_unsound",
    "nobody": "no_plan_nobody",
    "slow": "no_plan_slow",
    "gone": "no_plan_gone",
    "declined": "no_plan_declined",
    "changed": "plan_changed",
}
"""How the reasons for which the edge has no plan are said."""

Say = Callable[..., None]
"""Tells the operator the sentence of a key, with its values."""


class Reading:
    """Says in a language what a plan does, and under which conditions."""

    def __init__(self, site: Site, phrases: Phrasebook, language: str) -> None:
        self._words = PlanWords(site, phrases, language)

    def proposal(self, plan: Plan, waited_s: float) -> dict[str, Any]:
        """The values of the sentence ``proposed``. ``waited_s``: since the plan was asked for, whence its limits
        count."""
        seconds = max((step.end_s for step in plan.steps), default=0.0)
        spare = self._spare_s(plan, waited_s)
        margin = "" if spare is None else self._words.part("plan_margin", spare=_rounded_down(spare))
        return {
            "what": self._words.joined(self._words.work(plan.steps)),
            "vehicles": count_vehicles(step.vehicle for step in plan.steps),
            "time": span(seconds),
            "margin": margin,
            "conditions": Conditions(self._words, plan).said(),
        }

    @staticmethod
    def _spare_s(plan: Plan, waited_s: float) -> float | None:
        """By how much the tightest time limit is met."""
        spare = [
            goal.within_s - waited_s - max((s.end_s for s in plan.steps if s.goal == index), default=0.0)
            for index, goal in enumerate(plan.goals)
            if isinstance(goal, TransportGoal | SendGoal) and goal.within_s is not None
        ]
        return min(spare, default=None)


def _rounded_down(seconds: float) -> Amount:
    """A margin promises nothing that there is not."""
    if seconds < IN_SECONDS:
        return Amount(max(0, math.floor(seconds)), Unit.SECOND)
    return Amount(math.floor(seconds / 60), Unit.MINUTE)


class SpokenPlanReporter(PlanReporter):
    """Tells an operator how a plan goes on. ``ask`` puts a plan to them; ``done`` hears of the end; ``shelved``: of
    that of the agent."""

    def __init__(
        self,
        site: Site,
        phrases: Phrasebook,
        language: str,
        say: Say,
        ask: Callable[[Plan], None],
        done: Callable[[str], None],
        shelved: Callable[[], None],
    ) -> None:
        self._site, self._phrases, self._language = site, phrases, language
        self._say, self._ask, self._done, self._shelved = say, ask, done, shelved

    def drifted(self, deviations: Sequence[Deviation]) -> None:
        self._say("plan_drift", why=" ".join(self._why(deviation) for deviation in deviations))

    def _why(self, deviation: Deviation) -> str:
        who = self._phrases.who([deviation.vehicle] if deviation.vehicle else (), self._language)
        if deviation.kind is DeviationKind.TAKEN or deviation.why is None:
            return self._phrases.say("plan_taken", self._language, who=who)
        said = self._phrases.say("failed", self._language, who=who, why=self._reason(deviation.why))
        return said if said.endswith((".", "。", "।")) else f"{said}."

    def _reason(self, problem: Problem) -> str:
        return self._phrases.why(problem.code, problem.sentence, self._language, problem.vehicle, facts=problem.facts)

    def failure(self, error: PlannerError | FleetError) -> str:
        """Why there is no plan, or it is not driven. What the planner has said is in its own words."""
        match error:
            case OutdatedError():
                return self.outdated(error)
            case RefusedError():
                return self._reason(error.problem)
            case FleetError():
                return self._reason(error.problems[0])
        key = _NO_PLAN.get(error.reason)
        return self._phrases.part(key, self._language) if key else str(error)

    def outdated(self, outdated: OutdatedError) -> str:
        """Why a plan that nobody drives yet does not hold any more, a sentence each."""
        said = [self._why(Deviation(DeviationKind.AWAY, problem.vehicle, problem)) for problem in outdated.lost]
        if outdated.barred:
            words = ", ".join(outdated.barred)
            said.append(self._phrases.say("plan_barred", self._language, words=words))
        return " ".join(said) or self._phrases.say("plan_changed", self._language)

    def barred(self, deviations: Sequence[Deviation]) -> None:
        for deviation in deviations:
            if deviation.vehicle and deviation.why:
                self._say(
                    "late", who=self._phrases.who([deviation.vehicle], self._language), why=self._reason(deviation.why)
                )

    def again(self, seconds: float, vehicles: Sequence[str]) -> None:
        self._say("plan_again", vehicles=count_vehicles(vehicles), time=span(seconds))

    def late(self, words: str, seconds: float) -> None:
        self._say("plan_late", words=words, time=span(seconds))

    def paused(self, *, on: bool) -> None:
        self._say("plan_paused" if on else "plan_goes_on")

    def propose(self, plan: Plan, vehicles: Sequence[str]) -> None:
        self._ask(plan)
        self._say("plan_more", who=self._phrases.who(vehicles, self._language))

    def without(self, plan: Plan, drive: Driver, *, goes_on: bool) -> str:
        """What becomes of a plan under way to whose offer of more vehicles, ``plan``, nobody said yes."""
        who = self._phrases.who(
            sorted({step.vehicle for step in plan.steps} - drive.state.terms.vehicles), self._language
        )
        said = self._phrases.say("plan_without", self._language, who=who)
        return f"{said} {self._phrases.say('plan_goes_on', self._language)}" if goes_on else said

    def taken_up(self, interruption: Interruption, plan: Plan | None) -> None:
        if plan is None:
            self._say("plan_resumed", why=self._why_broken(interruption))
            return
        self._ask(plan)
        self._say("plan_resume", why=self._why_broken(interruption), words=", ".join(interruption.left))

    def broken_off(self, interruption: Interruption) -> None:
        self._say("plan_broken", why=self._why_broken(interruption))

    def shelved(self, words: Sequence[str]) -> None:
        self._say("plan_shelved", words=", ".join(words))
        self._shelved()

    def _why_broken(self, interruption: Interruption) -> str:
        """How long it was interrupted, and what else speaks against going on, a sentence each."""
        say, language = self._phrases.say, self._language
        known = interruption.away_s is not None
        said = [
            say("plan_away", language, time=span(interruption.away_s or 0.0))
            if known
            else say("plan_restarted", language)
        ]
        said += [self._why(Deviation(DeviationKind.AWAY, p.vehicle, p)) for p in interruption.hindered]
        said += [say("plan_late", language, words=words, time=span(s)) for words, s in interruption.late.items()]
        if interruption.unknown:
            said.append(say("plan_unknown", language, words=self._loads(interruption.unknown)))
        if interruption.why:
            said.append(say("not_possible", language, why=self._reason(interruption.why)))
        return " ".join(said)

    def _loads(self, steps: Sequence[Step]) -> str:
        words = PlanWords(self._site, self._phrases, self._language)
        return ", ".join(words.trip(n, *way) for way, n in Counter((s.origin, s.destination) for s in steps).items())

    def over(self, failure: str, late_s: float) -> None:
        if failure:
            self._say("plan_partly", words=failure)
        elif late_s > 0:
            self._say("plan_done_late", time=span(late_s))
        else:
            self._say("plan_done")
        self._done(failure)
