"""What the language model is told: its task, the site in few words, the request."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from banksman_cloud.reading import Figures, describe_names, figures
from banksman_shared.plans import NamedThing
from banksman_shared.site import Kind, Names, Place, Site, Vehicle, Zone

SYSTEM = """You turn a request to a vehicle fleet into goals, as JSON. You never plan steps or routes.
Each goal first quotes the part of the request it comes from ("words"), letter for letter. Kinds of goals:
- transport: carry "count" loads (pallets, boxes; null: all that are there) from one of "origins" to one of \
"destinations". Loads for different destinations stay one goal with several destinations, unless each destination has \
a number of its own; "share" is each where "count" is for each of them ("two each to A and B"), equal where they are \
parted equally, else any. "priority" is high for what is urgent or comes before other loads. "at_most": how many \
vehicles may share in it.
- send: vehicles drive without a load. "action" is move (go to a place), charge or park. Name the vehicles, or leave \
"vehicles" empty and give "count". "destinations" stays empty when no place is named. "when" is first for what a \
vehicle does before its other work ("charge it first"), only for vehicles that are kept out of other work ("keep two \
charging"), else last.
- avoid: nobody, or none of "vehicles", may drive through or stand at "places"; "from_s" and "until_s" (seconds), or \
"from_time" and "until_time" (HH:MM), only where it holds for a time.
- one_way: between two places, drive only from "start" to "end".
- reserve: no battery goes below "percent".
- use: the plan uses "only" these vehicles, or "never" those.
- prefer: "what" matters most: early (done soon), little_driving, or even_work (all vehicles do as much).
Use only ids of the site. "vehicles" holds only vehicles that the request names, "without" those that may not, \
"among" the kind of which "count" are sent. "not_before_s": seconds from now before it begins, "not_before": a time \
of day (HH:MM). "within_s" is a time limit in seconds, "by" a time of day (HH:MM) to be done by, else null. "after" \
lists the numbers, counted from 0, of the goals that have to be done before this one begins ("then", "after that"), \
else it is empty. What is no such goal goes into "unsupported", in the request's words. What nobody could do without \
asking back ("to the row": which row? "the usual ones") goes into "unclear", in the request's words, and into no goal; \
an amount, origin, destination or vehicle that has to be said and is not ("some boxes") goes into "missing". Leave \
nothing out, add nothing, and reckon nothing."""


@dataclass(frozen=True, slots=True)
class Repair:
    """An answer that was wrong, and what was wrong with it."""

    answer: str
    faults: tuple[str, ...]

    def text(self) -> str:
        return f"Your answer is wrong: {'; '.join(self.faults)}. Answer again with this corrected."


@dataclass(frozen=True, slots=True)
class GoalPrompt:
    """One request to understand. ``repair`` is set after the first round; ``mentions`` are the names in it, if known;
    ``types`` are the types of load that are about; ``now`` is what the site's clocks show, ISO 8601."""

    request: str
    language: str
    site: Site
    repair: Repair | None = None
    mentions: tuple[NamedThing, ...] = ()
    types: tuple[str, ...] = ()
    now: str | None = None

    def figures(self) -> Figures | None:
        """The numbers and times in the request; None where its language is not known."""
        return figures(self.request, self.language, self.mentions, self.site.vehicles, self.now)


def user_text(prompt: GoalPrompt, *, brief: bool) -> str:
    """The site before the request, so that what comes first stays the same between requests."""
    parts = [] if brief and prompt.mentions else [describe_site(prompt.site, prompt.language)]
    if prompt.mentions:
        named = describe_names(prompt.site, prompt.language, prompt.mentions)
        parts += [named] if brief else ["The request names:", named]
    return "\n".join([*parts, f"Request: {prompt.request}"])


def messages(prompt: GoalPrompt, *, brief: bool) -> list[dict[str, str]]:
    """The conversation without the system text, as role and content. ``brief``: for a small model, with examples,
    and with no more of the site than the request names."""
    turns = list(EXAMPLES) if brief else []
    turns.append({"role": "user", "content": user_text(prompt, brief=brief)})
    if prompt.repair is not None:
        turns.append({"role": "assistant", "content": prompt.repair.answer})
        turns.append({"role": "user", "content": prompt.repair.text()})
    return turns


def describe_site(site: Site, language: str) -> str:
    """Ids with their spoken names in the request's language and in English."""
    spoken = tuple(dict.fromkeys((language, "en")))
    places = [f"{p.id} = {_names(p, site.place_kinds, spoken)}" for p in site.places.values()]
    vehicles = [f"{v.id} = {_names(v, site.vehicle_kinds, spoken)}" for v in site.vehicles.values()]
    kinds = [f"kind:{k.id} = {_spoken(k.names, spoken)}" for k in site.vehicle_kinds.values()]
    groups = [f"group:{g.id} = {_spoken(g.names, spoken)}" for g in site.groups.values()]
    areas = [f"kind:{k.id} = {_spoken(k.names, spoken)}" for k in site.place_kinds.values()]
    zones = [f"zone:{z.id} = {_spoken(z.names, spoken)}: {', '.join(sorted(z.places))}" for z in _zones(site)]
    lines = ["Places:", *places, *(["Kinds of places, for avoid:", *areas] if areas else [])]
    lines += ["Zones:", *zones] if zones else []
    return "\n".join([*lines, "Vehicles:", *vehicles, "Kinds and groups of vehicles:", *kinds, *groups])


def _zones(site: Site) -> list[Zone]:
    return list(site.rules.zones.values())


def _spoken(names: Names, languages: Sequence[str]) -> str:
    return ", ".join(dict.fromkeys(name for language in languages for name in names.get(language, ())))


def _names(item: Place | Vehicle, kinds: Mapping[str, Kind], languages: Sequence[str]) -> str:
    kind = kinds.get(item.kind) if item.kind else None
    names: list[str] = []
    for language in languages:
        names += item.names.get(language, ())
        if kind is not None and item.number is not None:
            names += [f"{name} {item.number}" for name in kind.names.get(language, ())]
    return ", ".join(dict.fromkeys(names)) or item.id


_EXAMPLE_SITE = """Places:
ramp-1 = ramp 1
ramp-2 = ramp 2
row-a = row A
row-b = row B
row-c = row C
oven = oven
gate = gate
Zones:
zone:paint = paint zone
Vehicles:
tug-1 = tug 1, hauler 1
tug-2 = tug 2, hauler 2
tug-3 = tug 3, hauler 3
kind:tug = tugs, haulers"""


Written = dict[str, object]
"""A goal with its fields in the order of the grammar."""


def _transport(words: str, count: int | None, origins: list[str], destinations: list[str], **more: object) -> Written:
    goal: Written = {"words": words, "kind": "transport", "count": count, "origins": origins}
    goal |= {"destinations": destinations, "vehicles": more.pop("vehicles", [])}
    return goal | _some(more, "without") | {"within_s": None} | more


def _send(words: str, action: str, vehicles: list[str], count: int, destinations: list[str], **more: object) -> Written:
    goal: Written = {"words": words, "kind": "send", "action": action, "vehicles": vehicles}
    goal |= _some(more, "without") | {"count": count} | _some(more, "among")
    return goal | {"destinations": destinations, "within_s": None} | more


def _some(more: Written, name: str) -> Written:
    """A field that stands before others, if it is given."""
    return {name: more.pop(name)} if name in more else {}


def _example(
    request: str, *goals: Written, unsupported: tuple[str, ...] = (), unclear: tuple[str, ...] = ()
) -> list[dict[str, str]]:
    answer = json.dumps(
        {"goals": goals, "unsupported": unsupported, "unclear": unclear}, separators=(",", ":"), ensure_ascii=False
    )
    return [
        {"role": "user", "content": f"{_EXAMPLE_SITE}\nRequest: {request}"},
        {"role": "assistant", "content": answer},
    ]


EXAMPLES = [
    *_example(
        "take seven crates from ramp two to row a and row c within a quarter of an hour with hauler 3, then park it, "
        "keep away from the oven",
        _transport(
            "take seven crates from ramp two to row a and row c within a quarter of an hour with hauler 3",
            7,
            ["ramp-2"],
            ["row-a", "row-c"],
            vehicles=["tug-3"],
            within_s=900,
        ),
        _send("then park it", "park", ["tug-3"], 1, []) | {"after": [0]},
        {"words": "keep away from the oven", "kind": "avoid", "places": ["oven"]},
    ),
    *_example(
        "charge two tugs, bring two boxes from row b to the oven in half an hour and three from row c to the gate by a "
        "quarter past two, and call the boss",
        _send("charge two tugs", "charge", [], 2, [], among=["kind:tug"]),
        _transport("bring two boxes from row b to the oven in half an hour", 2, ["row-b"], ["oven"], within_s=1800),
        _transport("three from row c to the gate by a quarter past two", 3, ["row-c"], ["gate"], by="02:15"),
        unsupported=("call the boss",),
    ),
    *_example(
        "nobody may use row b; all tugs except tug two wait at the gate",
        {"words": "nobody may use row b", "kind": "avoid", "places": ["row-b"]},
        _send("all tugs except tug two wait at the gate", "move", ["kind:tug"], 1, ["gate"], without=["tug-2"]),
    ),
    *_example(
        "charge tug 2 first, keep a fifth in every battery and row a free for five minutes; first of all six boxes "
        "from row b to the oven, and when that is done one from ramp 1 to row c",
        _send("charge tug 2 first", "charge", ["tug-2"], 1, []) | {"when": "first"},
        {"words": "keep a fifth in every battery", "kind": "reserve", "percent": 20},
        {"words": "row a free for five minutes", "kind": "avoid", "places": ["row-a"], "until_s": 300},
        _transport("first of all six boxes from row b to the oven", 6, ["row-b"], ["oven"]) | {"priority": "high"},
        _transport("when that is done one from ramp 1 to row c", 1, ["ramp-1"], ["row-c"]) | {"after": [3]},
    ),
    *_example(
        "from half past two until four nobody into the paint zone and hauler 1 stays out of row a; in ten minutes, not "
        "before, four boxes of glue from ramp 2 to the gate with three tugs at most, but without tug 2",
        {"words": "from half past two until four nobody into the paint zone", "kind": "avoid"}
        | {"places": ["zone:paint"], "from_time": "14:30", "until_time": "16:00"},
        {"words": "hauler 1 stays out of row a", "kind": "avoid", "places": ["row-a"], "vehicles": ["tug-1"]},
        _transport(
            "in ten minutes, not before, four boxes of glue from ramp 2 to the gate with three tugs at most, but "
            "without tug 2",
            4,
            ["ramp-2"],
            ["gate"],
            without=["tug-2"],
            not_before_s=600,
            load_type="glue",
            at_most=3,
        ),
    ),
    *_example(
        "hauler 1 clears ramp 1 into row b, tug 3 goes to its place; tug 2 is charged and stays there",
        _transport("hauler 1 clears ramp 1 into row b", None, ["ramp-1"], ["row-b"], vehicles=["tug-1"]),
        _send("tug 3 goes to its place", "park", ["tug-3"], 1, []),
        _send("tug 2 is charged and stays there", "charge", ["tug-2"], 1, []) | {"when": "only"},
    ),
    *_example(
        "hauler 2 does not move today. Nine boxes from the gate to the oven, shared evenly by the tugs; from row a to "
        "row b drive that way only",
        {"words": "hauler 2 does not move today", "kind": "use", "never": ["tug-2"]},
        _transport("Nine boxes from the gate to the oven, shared evenly by the tugs", 9, ["gate"], ["oven"])
        | {"vehicles": ["kind:tug"]},
        {"words": "shared evenly", "kind": "prefer", "what": "even_work"},
        {"words": "from row a to row b drive that way only", "kind": "one_way", "start": "row-a", "end": "row-b"},
    ),
    *_example(
        "take several boxes from ramp 1 to the row, and park tug 1",
        _send("park tug 1", "park", ["tug-1"], 1, []),
        unclear=("several boxes", "to the row"),
    ),
    *_example("has anybody seen my keys", unsupported=("has anybody seen my keys",)),
]
"""Conversations on a site that no request is about."""
