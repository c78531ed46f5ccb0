"""The language in which the taught model answers: one line about the tags of a request.

::

    line     := ["then "] goal (" ; " ["then "] goal)*
    goal     := carry amount from places to places [type L1] [by who | without who] [most number]
                [limit] [begin] [rank]
              | move who to places [limit] [begin] [rank]
              | charge who [to places] [until Q1] [first | stay] [limit] [begin]
              | park who [first] [limit] [begin]
              | close places [for who] [from moment] [until moment]
              | oneway P1 to P2 | reserve Q1 [for who] | only who | never who
              | prefer (soon | little | even) | beyond
    amount   := number | all | rest | ?
    number   := N1 | one | two
    places   := [each | equal] place ("," place)* | ?
    who      := [number of] (all | thing ("," thing)*) [but thing ("," thing)*] | rest | ?
    limit    := within D1 | before moment           begin := after moment
    moment   := D1 | T1                             rank  := urgent | last

A number may stand for a place or vehicle of the kind that is named ("dock one or two"), and for a per cent.
``then``: when what was said before it is done. ``each``: the number is for each of the places; ``equal``: in equal
parts; ``rest``: what is left, or the others. ``?`` was not said, and has to be. ``beyond`` is what no goal can say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from banksman_cloud.reading.tagging import COUNT, DURATION, LOAD, PERCENT, PLACES, TIME, VEHICLES, TaggedRequest
from banksman_shared.models.engine import Grammar

NOT_SAID, REST, ALL = "?", "rest", "all"
NUMBERS = {"one": 1, "two": 2}
"""Numbers that are said with no word for them ("a pallet", "both")."""
EACH, EQUAL = "each", "equal"
PREFERENCES = {"soon": "early", "little": "little_driving", "even": "even_work"}
_VERBS = {
    "carry": "amount",
    "move": "who",
    "charge": "who",
    "park": "who",
    "close": "closed",
    "oneway": "start",
    "reserve": "percent",
    "only": "who",
    "never": "who",
    "prefer": "preference",
    "beyond": "whole",
}
"""What is expected behind each verb."""
_OPTIONS = {
    "carry": ("type", "by", "without", "most", "within", "before", "after", "urgent", "last"),
    "move": ("within", "before", "after", "urgent", "last"),
    "charge": ("to", "until", "first", "stay", "within", "before", "after"),
    "park": ("first", "within", "before", "after"),
    "close": ("for", "from", "until"),
    "reserve": ("for",),
}
"""What may follow of a goal that is whole, in this order."""
_TOGETHER = (("by", "without"), ("within", "before"), ("urgent", "last"), ("first", "stay"))
"""Of these one may be said."""
_BEHIND = {
    "type": "load",
    "by": "who",
    "without": "who",
    "for": "who",
    "most": "number",
    "to": "destinations",
    "within": "duration",
    "before": "time",
    "after": "moment",
    "from": "moment",
    "until": "moment",
    "first": "whole",
    "stay": "whole",
    "urgent": "whole",
    "last": "whole",
}
"""What is expected behind each option; behind "until" of a vehicle that charges, a per cent."""
KEYWORDS = frozenset(_BEHIND)
"""Words of a line behind which something of a goal stands."""
_RULES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "amount": ((" ", "number", "of-from"), (" ", ALL, "of-from"), (" ", REST, "of-from"), (" ", NOT_SAID, "of-from")),
    "of-from": ((" ", "from", "origins"),),
    "origins": (
        (" ", "place", "more-origins"),
        (" ", EACH, "origin"),
        (" ", EQUAL, "origin"),
        (" ", NOT_SAID, "more-origins"),
    ),
    "origin": ((" ", "place", "more-origins"),),
    "more-origins": ((",", "place", "more-origins"), (" ", "to", "destinations")),
    "destinations": (
        (" ", "place", "more-places"),
        (" ", EACH, "places"),
        (" ", EQUAL, "places"),
        (" ", NOT_SAID, "more-places"),
    ),
    "closed": ((" ", "place", "more-places"), (" ", NOT_SAID, "more-places")),
    "places": ((" ", "place", "more-places"),),
    "more-places": ((",", "place", "more-places"),),
    "start": ((" ", "place", "of-end"),),
    "of-end": ((" ", "to", "end-place"),),
    "end-place": ((" ", "place", "whole"),),
    "who": (
        (" ", "vehicle", "list"),
        (" ", "number", "of"),
        (" ", ALL, "list"),
        (" ", REST, "told"),
        (" ", NOT_SAID, "told"),
    ),
    "of": ((" ", "of", "of-whom"),),
    "of-whom": ((" ", "vehicle", "list"), (" ", ALL, "list")),
    "list": ((",", "vehicle", "list"), (" ", "but", "but")),
    "but": ((" ", "vehicle", "but-list"),),
    "but-list": ((",", "vehicle", "but-list"),),
    "number": ((" ", "number", "whole"),),
    "percent": ((" ", "percent", "whole"),),
    "load": ((" ", "load", "whole"),),
    "duration": ((" ", "duration", "whole"),),
    "time": ((" ", "time", "whole"),),
    "moment": ((" ", "moment", "whole"),),
    "preference": tuple((" ", word, "whole") for word in PREFERENCES),
}
"""What may be written in each state, behind a space or a comma, and what is expected then."""
_WHOLE = ("whole", "more-places", "list", "but-list", "told")
"""States in which a goal may be whole."""


@dataclass(frozen=True, slots=True)
class State:
    """A point within a line: what is expected next, of which goal, and from which of its options on more may follow."""

    expects: str
    verb: str = ""
    stage: int = 0


START, END = State("goal"), State("end")


def grammar_of(request: TaggedRequest) -> Grammar[State]:
    """What may be written about a request."""
    return Grammar(START, END, lambda state: options(state, request))


def options(state: State, request: TaggedRequest) -> dict[str, State]:
    """What may be written next and where that leads; an empty text ends the line."""
    if state.expects in ("goal", "next", "then"):
        return _goals(state, request)
    found: dict[str, State] = {}
    for before, what, then in _RULES.get(state.expects, ()):
        if _leads_on(then, request):
            found |= {f"{before}{text}": replace(state, expects=then) for text in _texts(what, request)}
    return found | _more(state, request) if state.expects in _WHOLE else found


def _goals(state: State, request: TaggedRequest) -> dict[str, State]:
    space = "" if state.expects == "goal" else " "
    then = {} if state.expects == "then" else {f"{space}then": State("then")}
    goals = {verb: State(expects, verb, -1 if verb == "move" else 0) for verb, expects in _VERBS.items()}
    can = {f"{space}{verb}": goal for verb, goal in goals.items() if goal.expects == "whole" or options(goal, request)}
    return can | then


def _more(state: State, request: TaggedRequest) -> dict[str, State]:
    """What may follow of a goal that is whole: its options from the state's on, another goal, or the end."""
    verb = state.verb
    if state.stage < 0:
        return {" to": State("destinations", verb)}  # who moves is told where
    found = {" ;": State("next"), "": END}
    words = _OPTIONS.get(verb, ())
    for word in words[state.stage :]:
        together = next((some for some in _TOGETHER if word in some), (word,))
        stage = max(words.index(one) for one in together if one in words) + 1
        behind = State("percent" if (verb, word) == ("charge", "until") else _BEHIND[word], verb, stage)
        if _leads_on(behind.expects, request):
            found[f" {word}"] = behind
    return found


def _leads_on(expects: str, request: TaggedRequest) -> bool:
    """Whether anything can be written where that is expected."""
    return expects in _WHOLE or any(_texts(what, request) for _, what, _ in _RULES[expects])


def _texts(what: str, request: TaggedRequest) -> list[str]:
    """The tags that are such a thing; a word is itself."""
    numbers = request.of(COUNT)
    times = [tag for tag in numbers if any(kind == "time" for kind, _ in request.tags[tag].readings)]
    match what:
        case "place":
            return [*request.of(PLACES), *(numbers if request.of("PA") else ())]
        case "vehicle":
            return [*request.of(VEHICLES), *(numbers if request.of("VK") else ())]
        case "number":
            return [*numbers, *NUMBERS]
        case "moment":
            return [*request.of(TIME + DURATION), *times]
        case "time":
            return [*request.of(TIME), *times]
    tags = {"duration": DURATION, "percent": PERCENT + COUNT, "load": LOAD}
    return request.of(tags[what]) if what in tags else [what]
