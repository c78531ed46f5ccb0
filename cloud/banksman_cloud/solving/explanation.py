"""A plan in a few sentences, for the operator who approves it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from banksman_cloud.phrases import Phrases
from banksman_shared.plans import (
    AvoidGoal,
    Goal,
    Goals,
    OneWayGoal,
    PreferGoal,
    ReserveGoal,
    SendGoal,
    Step,
    TransportGoal,
    UseGoal,
)
from banksman_shared.site import Site


def explain(site: Site, language: str, goals: Goals, steps: Sequence[Step], in_turn_s: float | None = None) -> str:
    """Sentences in ``language``, with its names for places and vehicles, each number as it is in the plan.
    ``in_turn_s``: by when it is rather done, since vehicles wait for each other and the steps have no time for that."""
    speaker = _Speaker(site, Phrases(language), language)
    say, duration = speaker.phrases.say, speaker.phrases.duration
    sentences = [
        sentence
        for index, goal in enumerate(goals.goals)
        for sentence in speaker.goal(goal, [step for step in steps if step.goal == index])
    ]
    sentences.append(say("total", time=duration(max(step.end_s for step in steps))))
    if in_turn_s is not None:
        sentences.append(say("in_turn", time=duration(in_turn_s)))
    sentences += [say("left_out", words=speaker.phrases.quote(words)) for words in goals.unsupported]
    return " ".join(sentences)


class _Speaker:
    def __init__(self, site: Site, phrases: Phrases, language: str) -> None:
        self.site, self.phrases, self.language = site, phrases, language

    def names(self, ids: Iterable[str]) -> str:
        return self.phrases.listing(self.site.label(thing, self.language) for thing in ids)

    def goal(self, goal: Goal, steps: Sequence[Step]) -> Iterator[str]:
        say = self.phrases.say
        if isinstance(goal, TransportGoal | SendGoal):
            if steps:
                yield self._task(goal, steps)
                if goal.within_s is not None:
                    yield say("allowed", time=self.phrases.duration(goal.within_s))
        elif isinstance(goal, AvoidGoal):
            yield from self._avoid(goal)
        elif isinstance(goal, OneWayGoal):
            yield say("one_way", a=self.names([goal.start]), b=self.names([goal.end]))
        elif isinstance(goal, ReserveGoal):
            key = "reserve_for" if goal.vehicles else "reserve"
            yield say(key, n=f"{goal.percent:g}", who=self.names(goal.vehicles))
        elif isinstance(goal, UseGoal):
            for key, vehicles in (("only", goal.only), ("never", goal.never)):
                if vehicles:
                    yield say(key, who=self.names(vehicles))
        elif isinstance(goal, PreferGoal):
            yield say(goal.what)

    def _task(self, goal: TransportGoal | SendGoal, steps: Sequence[Step]) -> str:
        say, time = self.phrases.say, self.phrases.duration(max(step.end_s for step in steps))
        if isinstance(goal, SendGoal):
            ways = (say("way", who=self.names([s.vehicle]), to=self.names([s.destination])) for s in steps)
            return say(goal.action, ways=self.phrases.listing(ways), time=time)
        trips = Counter((step.origin or "", step.destination) for step in steps)
        said = (say("trip", n=n, a=self.names([a]), b=self.names([b])) for (a, b), n in trips.items())
        who = self.names(step.vehicle for step in steps)
        return say("carry", count=len(steps), trips=self.phrases.listing(said), who=who, time=time)

    def _avoid(self, goal: AvoidGoal) -> Iterator[str]:
        say, places = self.phrases.say, self.names(goal.places)
        if goal.from_s is not None or goal.until_s is not None:
            begin = goal.from_time or self.phrases.duration(goal.from_s or 0.0)
            end = goal.until_time or ("…" if goal.until_s is None else self.phrases.duration(goal.until_s))
            key = "window_for" if goal.vehicles else "window"
            yield say(key, places=places, a=begin, b=end, who=self.names(goal.vehicles))
        elif goal.vehicles:
            yield say("avoid_for", who=self.names(goal.vehicles), places=places)
        else:
            yield say("avoid", places=places)
