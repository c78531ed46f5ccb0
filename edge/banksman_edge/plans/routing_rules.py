"""Where a request that needs planning goes: a table of rules, read from the top; the first that applies decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from banksman_shared.site import LeavingRules, Offline


class Way(StrEnum):
    """Where a request goes."""

    CLOUD = "cloud"
    SITE = "site"
    """To the planner on the site."""
    QUEUE = "queue"
    """It waits for the cloud's planner."""
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Situation:
    """What the rules look at. ``left_s``: seconds until the answer is worthless; ``names``: of places and vehicles in
    the request; ``planned``: requests that went to the cloud today."""

    rules: LeavingRules
    left_s: float
    names: int = 0
    planned: int = 0
    cloud: bool = True
    """There is a planner in the cloud."""
    site: bool = False
    """There is one on the site."""
    here_s: float = 30.0
    """Seconds that it needs."""
    room: bool = True
    """Another request can wait."""
    stays: str = ""
    """Why the request may not leave: ``sensitive``, ``unhidden``, ``made-here``; empty if it may."""
    resting: bool = False
    """The cloud's planner failed so often that it is left alone for now."""
    lost: bool = False
    """It has just failed for this request."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``code`` stands in events and the audit log and never changes; ``why`` says the same to people. ``ways``: the
    first that there is."""

    code: str
    applies: Callable[[Situation], bool]
    ways: Callable[[Situation], tuple[Way, ...]]
    why: str


@dataclass(frozen=True, slots=True)
class Route:
    """What was decided, by which rule."""

    way: Way
    code: str
    why: str


def _here(_: Situation) -> tuple[Way, ...]:
    return (Way.SITE,)


def _nowhere(_: Situation) -> tuple[Way, ...]:
    return ()


def _offline(situation: Situation) -> tuple[Way, ...]:
    """What the site has chosen for when the cloud is out of reach."""
    ways: Mapping[Offline, tuple[Way, ...]] = {Offline.LOCAL: (Way.SITE,), Offline.QUEUE: (Way.QUEUE,)}
    return ways.get(situation.rules.offline, ())


def _offline_today(situation: Situation) -> tuple[Way, ...]:
    """The same where waiting does not help."""
    return tuple(way for way in _offline(situation) if way is not Way.QUEUE)


RULES: tuple[Rule, ...] = (
    Rule("late", lambda s: s.left_s <= 0, _nowhere, "its deadline has passed"),
    Rule("nothing-leaves", lambda s: not s.rules.cloud, _here, "nothing may leave this site"),
    Rule("sensitive", lambda s: s.stays == "sensitive", _here, "what it speaks of may not leave this site"),
    Rule("unhidden", lambda s: s.stays == "unhidden", _here, "a name in it cannot be hidden"),
    Rule("made-here", lambda s: s.stays == "made-here", _here, "the plan that it replaces was made on this site"),
    Rule("no-cloud", lambda s: not s.cloud, _here, "no planner is configured"),
    Rule("simple", lambda s: s.site and 0 < s.names <= s.rules.simple, _here, "it is simple enough for this site"),
    Rule("urgent", lambda s: s.left_s < s.rules.cloud_s, _here, "there is too little time left to ask the cloud"),
    Rule(
        "budget", lambda s: s.planned >= s.rules.plans_per_day, _offline_today, "the site's plans for today are used up"
    ),
    Rule("link-lost", lambda s: s.lost, _offline, "the planner cannot be reached"),
    Rule("link-resting", lambda s: s.resting, _offline, "the planner failed again and again and is left alone"),
    Rule("clear", lambda _: True, lambda _: (Way.CLOUD,), "nothing speaks against asking the cloud"),
)


def decide(situation: Situation) -> Route:
    """The way that the first rule that applies leaves open; refused where there is none in the time left."""
    rule = next(rule for rule in RULES if rule.applies(situation))
    way = next((way for way in rule.ways(situation) if _is_open(way, situation)), Way.REFUSE)
    return Route(way, rule.code, rule.why)


def _is_open(way: Way, situation: Situation) -> bool:
    match way:
        case Way.SITE:
            return situation.site and situation.left_s >= situation.here_s
        case Way.QUEUE:
            return situation.cloud and situation.room
        case _:
            return True
