"""What the local model can say: all that a request speaks of, as a closed model can, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from gbnf import matches
from request_set import all_requests, one

from banksman_cloud import GoalPrompt
from banksman_cloud.bench.cases import Case
from banksman_cloud.phrases import languages
from banksman_cloud.providers.evidence import keep_evident
from banksman_cloud.providers.names import selector
from banksman_cloud.providers.prompt import user_text
from banksman_cloud.providers.sayable import _cues, sayable
from banksman_cloud.providers.schema import goals_grammar
from banksman_shared.plans import Goals

ORDER = (
    *("words", "kind", "action", "what", "percent", "count", "origins", "places", "start", "end", "only", "never"),
    *("destinations", "vehicles", "without", "within_s", "by", "not_before_s", "not_before", "from_s", "from_time"),
    *("until_s", "until_time", "priority", "load_type", "at_most", "when", "until", "after"),
)
SENT = ("words", "kind", "action", "vehicles", "without", "count", "among", "destinations")
ALWAYS = {
    "transport": ("count", "origins", "destinations", "vehicles", "within_s"),
    "send": ("vehicles", "count", "destinations", "within_s"),
}


def prompt_of(case: Case) -> GoalPrompt:
    cases = all_requests()
    scene, names = cases.scene(case), cases.names[case.id]
    types = tuple(sorted({load.type for load in scene.fleet.loads or () if load.type}))
    return GoalPrompt(case.request, case.language, scene.site, None, names, types)


def written(goal: dict[str, Any]) -> dict[str, Any]:
    """The fields of a goal that say something, in the order of the grammar."""
    order = (*SENT, *(name for name in ORDER if name not in SENT)) if goal["kind"] == "send" else ORDER
    kept = {n: goal[n] for n in order if n in goal and (goal[n] or n in ALWAYS.get(goal["kind"], ()))}
    usual = {"priority": "normal", "when": "last"}
    return {n: int(v) if isinstance(v, float) else v for n, v in kept.items() if usual.get(n, ...) != v}


def answer(request: str, goals: Goals) -> str:
    document = goals.model_dump(mode="json")
    made = [written(goal) | {"words": whole(request, goal["words"])} for goal in document["goals"]]
    told = {name: [whole(request, words) for words in document[name]] for name in ("unsupported", "unclear")}
    return json.dumps({"goals": made} | told, separators=(",", ":"), ensure_ascii=False)


def whole(request: str, words: str) -> str:
    """The words with all that is written together with them: the grammar quotes "1;" and not "1"."""
    begin = request.index(words)
    end = begin + len(words)
    if max(map(len, request.split())) > 20:  # characters of scripts without spaces
        return words.replace(" ", "")
    begin = request.rfind(" ", 0, begin) + 1
    return request[begin : request.find(" ", end) if " " in request[end:] else len(request)]


def can_say(case: Case, goals: Goals | None = None) -> bool:
    prompt = prompt_of(case)
    return matches(
        goals_grammar(prompt.site, prompt.request, sayable(prompt)), answer(case.request, goals or case.goals)
    )


FOREIGN = {"fr-24", "it-22"}
"""Requests whose types of load are called otherwise in their language than by the site: "arena" for sand."""


def test_what_a_perfect_model_says_of_the_requests_can_be_said_by_the_local_one() -> None:
    tuning = [case for case in all_requests().cases if case.half == "tuning"]
    assert [case.id for case in tuning if not can_say(case, typeless(case) if case.id in FOREIGN else None)] == []


def typeless(case: Case) -> Goals:
    goals = (g.model_copy(update={"load_type": None} if g.kind == "transport" else {}) for g in case.goals.goals)
    return case.goals.model_copy(update={"goals": tuple(goals)})


UNSAYABLE: dict[str, tuple[str, int, dict[str, Any]]] = {
    "a time of day where none is said": ("es-01", 0, {"by": "00:00"}),
    "an end by the clock where minutes are said": ("pt-03", 1, {"until_time": "12:00"}),
    "who may not where nobody is left out": ("en-17", 0, {"without": ("carrier-2",)}),
    "how many share where nobody limits it": ("en-24", 0, {"at_most": 2}),
    "a beginning where none is said": ("fr-11", 0, {"not_before_s": 300}),
    "a kind that nobody names": ("en-24", 0, {"vehicles": ("kind:carrier",)}),
    "one of a kind that is named as a whole": ("en-17", 0, {"vehicles": ("loader-1",)}),
    "a zone that nobody names": ("es-01", 0, {"destinations": ("zone:dry-end",)}),
    "a place of a zone that is named as a whole": ("de-22", 0, {"places": ("cold-room-1",)}),
}


@pytest.mark.parametrize("slip", UNSAYABLE)
def test_a_field_or_name_that_nothing_speaks_for_cannot_be_written(slip: str) -> None:
    case_id, number, changes = UNSAYABLE[slip]
    case = one(case_id)
    assert can_say(case)
    goals = list(case.goals.goals)
    goals[number] = goals[number].model_copy(update=changes)
    assert not can_say(case, case.goals.model_copy(update={"goals": tuple(goals)}))


def test_a_type_that_is_only_part_of_a_name_cannot_be_written() -> None:
    prompt = prompt_of(one("en-17"))
    assert sayable(prompt).types == ("sand",)
    part = replace(prompt, request="Four loads from the sand store to furnace 2.")
    assert sayable(part).types == ()


def test_cues_are_those_of_languages_that_the_planner_speaks_and_can_be_said() -> None:
    assert _cues().keys() == languages()
    fields = {"clock", "without", "at_most", "not_before_s"}
    for known in _cues().values():
        assert known.keys() <= fields
        assert all(words and all(word.strip() for word in words) for words in known.values())


def test_what_is_named_as_a_whole_is_shown_by_what_it_is_called_together() -> None:
    prompt = prompt_of(one("es-23"))
    lines = user_text(prompt, brief=True).splitlines()
    assert {"Zones:", "zone:cold = zona fría", "kind:cart = carros", "cart-3 = Golondrina"} <= set(lines)
    by_words = {mention.words: selector(prompt.site, mention) for mention in prompt.mentions}
    assert by_words == {"zona fria": None, "muelle 4": None, "carros": "kind:cart", "golondrina": None}


# What a small model makes of it


def evident(case_id: str, *goals: dict[str, Any]) -> Goals:
    prompt = prompt_of(one(case_id))
    return keep_evident(prompt.site, prompt.request, Goals.model_validate({"goals": goals}), prompt.mentions)


def test_who_is_left_out_is_not_asked_for_and_who_nobody_named_is_not_left_out() -> None:
    goal = one("en-23").goals.goals[0].model_dump()
    (kept,) = evident("en-23", goal | {"vehicles": ["cart-4"], "without": ["cart-4", "cart-5"]}).goals
    assert (kept.vehicles, kept.without) == ((), ("cart-4",))  # type: ignore[union-attr]
    (alone,) = evident("en-23", goal | {"without": []}).goals
    assert alone.vehicles == ("cart-4",)  # type: ignore[union-attr]  # as ever: a single vehicle that is named


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"vehicles": ["kind:forklift"], "count": 2}, ((), ("kind:forklift",), 2)),
        ({"vehicles": [], "count": 2}, ((), ("kind:forklift",), 2)),
        ({"vehicles": [], "count": 2, "among": ["kind:forklift"]}, ((), ("kind:forklift",), 2)),
        ({"vehicles": ["kind:forklift"], "count": 1}, (("kind:forklift",), (), 1)),
        ({"vehicles": [], "count": 2, "among": ["kind:tugger"]}, ((), ("kind:forklift",), 2)),
    ],
)
def test_two_of_a_kind_are_any_two_of_it(said: dict[str, Any], meant: tuple[Any, ...]) -> None:
    send = {"kind": "send", "words": "keep two forklifts charging", "action": "charge", "when": "only", **said}
    (kept,) = evident("en-21", send).goals
    assert (kept.vehicles, kept.among, kept.count) == meant  # type: ignore[union-attr]


def test_what_is_closed_is_closed_to_whom_its_words_name() -> None:
    avoid = {"kind": "avoid", "words": "El remolcador 8 y el remolcador 9 no pueden pasar", "places": ["aisle-3"]}
    (kept,) = evident("es-13", avoid | {"vehicles": ["tug-8", "tug-9", "tug-10"]}).goals
    assert kept.vehicles == ("tug-8", "tug-9")  # type: ignore[union-attr]
