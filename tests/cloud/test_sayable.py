"""What the local model can say: all that a request speaks of, as a closed model can, and nothing else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from gbnf import matches
from planner_world import goals_of, send, transport
from request_set import all_requests, one
from test_dead_ends import yard_without

from banksman_cloud import GoalPrompt
from banksman_cloud.bench.cases import Case
from banksman_cloud.phrases import languages
from banksman_cloud.providers.evidence import keep_evident
from banksman_cloud.providers.prompt import user_text
from banksman_cloud.providers.sayable import sayable
from banksman_cloud.providers.schema import goals_grammar
from banksman_cloud.reading.cue_words import cues, spoken_fields
from banksman_cloud.reading.names import selector
from banksman_shared.plans import Goals, NamedThing
from banksman_shared.site import Site

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
        return words
    begin = request.rfind(" ", 0, begin) + 1
    return request[begin : request.find(" ", end) if " " in request[end:] else len(request)]


def can_say(case: Case, goals: Goals | None = None) -> bool:
    prompt = prompt_of(case)
    return matches(
        goals_grammar(prompt.site, prompt.request, [(prompt.request, sayable(prompt))]),
        answer(case.request, goals or case.goals),
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
    assert cues().keys() == languages()
    fields = {
        "clock",
        "without",
        "at_most",
        "not_before_s",
        "when",
        "except",
        "next",
        "then",
        "stays",
        "charge",
        "park",
        "below",
        "each",
        "free",
        "one_way",
        "empty",
        "too",
    }
    for known in cues().values():
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
    made = Goals.model_validate({"goals": goals})
    return keep_evident(prompt.site, prompt.request, made, prompt.mentions, prompt.language)


def test_who_is_left_out_is_not_asked_for_and_who_nobody_named_is_not_left_out() -> None:
    goal = one("en-23").goals.goals[0].model_dump()
    (kept,) = evident("en-23", goal | {"vehicles": ["cart-4"], "without": ["cart-4", "cart-5"]}).goals
    assert (kept.vehicles, kept.without) == ((), ("cart-4",))  # type: ignore[union-attr]
    (lost,) = evident("en-23", goal | {"without": []}).goals
    assert lost.vehicles == ()  # type: ignore[union-attr]  # what is left out is missed then, and not sent alone


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


# What speaks for a field

SPEAKS = [
    ("en", "clock", "five pallets from the dock to aisle 3, ready at three"),
    ("en", "clock", "nobody into aisle 3 from two to four"),
    ("en", "not_before_s", "not until three o'clock"),
    ("de", "clock", "ab drei niemand in Gang 3"),
    ("de", "at_most", "mit max. zwei Staplern"),
    ("es", "clock", "listo a las 5"),
    ("es", "at_most", "con máx. 2 carretillas"),
    ("es", "not_before_s", "en diez minutos empieza con los palés"),
    ("fr", "without", "tous les chariots à l'exception du chariot 2"),
    ("it", "clock", "finito prima delle tre"),
    ("it", "at_most", "con soltanto due muletti"),
    ("pt", "clock", "pronto antes das três"),
    ("pt", "without", "todas à exceção da empilhadeira 2"),
    ("pt", "not_before_s", "após dez minutos"),
    ("nl", "at_most", "met max. twee heftrucks"),
    ("nl", "without", "iedereen met uitzondering van heftruck 2"),
    ("pl", "not_before_s", "najwcześniej o trzeciej"),
    ("tr", "clock", "üçe kadar bitsin"),
    ("tr", "clock", "üçten önce bitsin"),
    ("tr", "at_most", "ikiden fazla forklift olmasın"),
    ("hi", "clock", "साढ़े तीन तक"),
    ("ja", "clock", "午後3：30まで"),
    ("ja", "without", "2号車は使いません"),
    ("ja", "at_most", "多くて2台で"),
    ("zh", "clock", "下午三點前"),
    ("zh", "at_most", "不得超过两辆"),
    ("sv", "without", "alla med undantag av truck 2"),
    ("sv", "at_most", "med upp till två truckar"),
    ("en", "when", "forklift 2 waits at the gate and does nothing else"),
    ("de", "when", "Stapler 2 fährt zuerst ans Tor"),
]


@pytest.mark.parametrize(("language", "field", "text"), SPEAKS)
def test_what_is_said_can_be_written(language: str, field: str, text: str) -> None:
    assert field in spoken_fields(text, language)


PLAIN = {
    "en": "bring five pallets from dock 2 to aisle 3 with forklift 2",
    "de": "bring fünf Paletten von Rampe 2 in Gang 3 mit Stapler 2",
    "es": "lleva cinco palés del muelle 2 al pasillo 3 con la carretilla 2",
    "fr": "apporte cinq palettes du quai 2 à l'allée 3 avec le chariot 2",
    "it": "porta cinque pallet dal molo 2 alla corsia 3 con il carrello 2",
    "pt": "leve cinco paletes da doca 2 para o corredor 3 com a empilhadeira 2",
    "nl": "breng vijf pallets van dok 2 naar gang 3 met heftruck 2",
    "ja": "2番ドックから3番通路へフォークリフト2号でパレットを5枚運んで",
    "zh": "用二号叉车把五个托盘从二号码头运到三号通道",
    "sv": "ta fem pallar från kaj 2 till gång 3 med truck 2",
}


@pytest.mark.parametrize("language", PLAIN)
def test_a_plain_order_speaks_for_no_condition(language: str) -> None:
    assert spoken_fields(PLAIN[language], language).isdisjoint({"without", "at_most", "when"})


def sayable_in(site: Site, request: str, language: str, names: dict[str, str], *goals: dict[str, Any]) -> bool:
    mentions = tuple(NamedThing(words=words, ids=(thing,)) for words, thing in names.items())
    prompt = GoalPrompt(request, language, site, None, mentions)
    return matches(goals_grammar(site, request, [(request, sayable(prompt))]), answer(request, goals_of(*goals)))


def test_a_vehicle_can_be_charged_to_the_full(yard: Site) -> None:
    said = "charge forklift 1 to a hundred per cent first"
    charge = send("charge", ["agv-1"], words=said, when="first", until=100)
    assert sayable_in(yard, said, "en", {"forklift 1": "agv-1"}, charge)


@pytest.mark.parametrize("when", ["first", "only"])
def test_a_vehicle_can_be_sent_for_nothing_else_or_before_it_works(yard: Site, when: str) -> None:
    said = "forklift 1 goes to the gate first and does nothing else"
    names = {"forklift 1": "agv-1", "the gate": "gate"}
    assert sayable_in(yard, said, "en", names, send("move", ["agv-1"], "gate", words=said, when=when))
    plain = "forklift 1 goes to the gate"
    assert not sayable_in(yard, plain, "en", names, send("move", ["agv-1"], "gate", words=plain, when=when))


def test_several_chargers_can_be_named() -> None:
    said = "charge forklift 1 and forklift 2 at the charger and dock one"
    names = {"forklift 1": "agv-1", "forklift 2": "agv-2", "the charger": "charger", "dock one": "dock-1"}
    charge = send("charge", ["agv-1", "agv-2"], "charger", "dock-1", words=said)
    assert sayable_in(yard_without(), said, "en", names, charge)


def test_a_goal_can_wait_for_many_others(yard: Site) -> None:
    said = "one from dock one to the gate, and then park forklift 1"
    names = {"dock one": "dock-1", "the gate": "gate", "forklift 1": "agv-1"}
    carry = transport(1, "dock-1", "gate", words="one from dock one to the gate,")
    park = send("park", ["agv-1"], words="and then park forklift 1", after=[*range(11)])
    assert sayable_in(yard, said, "en", names, *[carry] * 11, park)


def test_words_are_quoted_with_their_spaces_where_one_is_long(yard: Site) -> None:
    said = "drei vom Kommissionierwagenparkplatz zum Tor"
    names = {"kommissionierwagenparkplatz": "dock-1", "tor": "gate"}
    assert sayable_in(yard, said, "de", names, transport(3, "dock-1", "gate", words=said))


def test_names_and_types_without_letters_stand_nowhere(yard: Site) -> None:
    mentions = (NamedThing(words="…", ids=("gate",)), NamedThing(words="dock one", ids=("dock-1",)))
    prompt = GoalPrompt("five from dock one to the gate", "en", yard, None, mentions, ("—", "sand"))
    assert sayable(prompt).types == ()


def test_two_but_none_of_a_kind_are_not_two_of_it() -> None:
    send_two = {"kind": "send", "words": "keep two charging, but no forklifts", "action": "charge", "when": "only"}
    prompt = prompt_of(one("en-21"))
    made = Goals.model_validate({"goals": [send_two | {"vehicles": [], "count": 2}]})
    (kept,) = keep_evident(prompt.site, prompt.request, made, prompt.mentions, "en").goals
    assert kept.among == ()  # type: ignore[union-attr]
