"""A conflict of wishes in sentences, in the operator's words and language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from banksman_cloud.phrases import Phrases
from banksman_cloud.solving.conflicts import Conflict, Part, Relaxation, Wish
from banksman_shared.plans import Goal, SendGoal, TransportGoal

_REASONS = ("no_vehicle", "no_way", "no_charger", "battery")


def say_conflict(language: str, goals: Sequence[Goal], conflict: Conflict) -> str:
    """What cannot be, why, and what each wish that is given up would bring."""
    phrases = Phrases(language)
    wishes = phrases.listing(_wish(phrases, goals, conflict.wishes, goal) for goal in _goals(conflict))
    sentences = [phrases.say("impossible" if conflict.proven else "none_found", wishes=wishes)]
    if conflict.code in _REASONS:
        words = phrases.listing(phrases.quote(goals[i].words) for i in _tasks(goals, conflict))
        sentences.append(phrases.say(conflict.code, words=words))
    if conflict.cleared_s is not None:
        sentences.append(phrases.say("barred", time=phrases.duration(conflict.cleared_s)))
    relaxed = list(dict.fromkeys(s for r in conflict.relaxations for s in _relaxed(phrases, goals, r)))
    if not relaxed and len(conflict.wishes) > 1 and conflict.cleared_s is None:
        relaxed = [phrases.say("not_alone")]
    return " ".join([*sentences, *relaxed])


def _goals(conflict: Conflict) -> list[int]:
    return list(dict.fromkeys(wish.goal for wish in conflict.wishes))


def _tasks(goals: Sequence[Goal], conflict: Conflict) -> list[int]:
    return [i for i in _goals(conflict) if isinstance(goals[i], TransportGoal | SendGoal)] or _goals(conflict)


def _wish(phrases: Phrases, goals: Sequence[Goal], wishes: Sequence[Wish], index: int) -> str:
    """A goal with what of it matters here."""
    goal, said = goals[index], phrases.quote(goals[index].words)
    parts = {wish.part for wish in wishes if wish.goal == index}
    if Part.WHO in parts:
        said = phrases.say("who", words=said)
    if Part.SHARE in parts and isinstance(goal, TransportGoal):
        said = phrases.say("few", words=said, n=goal.at_most)
    if Part.ORDER in parts:
        said = phrases.say("order", words=said)
    if Part.LIMIT in parts and isinstance(goal, TransportGoal | SendGoal) and goal.within_s is not None:
        said = phrases.say("limit", words=said, time=phrases.duration(goal.within_s))
    return said


def _relaxed(phrases: Phrases, goals: Sequence[Goal], relaxation: Relaxation) -> Iterator[str]:
    wish, time = relaxation.wish, phrases.duration(relaxation.seconds)
    goal, words = goals[wish.goal], phrases.quote(goals[wish.goal].words)
    if wish.part is Part.LIMIT:
        yield phrases.say("more_time", time=time, words=words)
    elif wish.part is Part.ORDER:
        yield phrases.say("any_order", time=time, words=words)
    elif wish.part is Part.WHO:
        yield phrases.say("any_vehicle", time=time, words=words)
    elif wish.part is Part.SHARE:
        yield phrases.say("more_vehicles", time=time, words=words)
    elif relaxation.count is not None and isinstance(goal, TransportGoal):
        yield phrases.say("fewer", n=relaxation.count, count=goal.count, words=words)
    elif relaxation.seconds > 0:  # leaving out all there is to do helps nobody
        yield phrases.say("without", time=time, words=words)
