"""What operators are told, in every language: complete, with the right forms of numbers, and free of stop words."""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from babel import Locale
from edge_world import FleetDouble, Recorder, agent_of
from reply_languages import EVERY_LANGUAGE, LANGUAGES

from banksman_edge.fleet import Code, VehicleView
from banksman_edge.plans.readback import Reading
from banksman_edge.plans.readback_parts import span
from banksman_edge.replies import Amount, Phrasebook, Unit, reply_language
from banksman_edge.utterance import Utterance
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.plans import Plan, PlanState, Step, TransportGoal
from banksman_shared.site import Site, bundled_site, load_site

NEVER_TOLD = {Code.DUPLICATE_JOB, Code.NOT_FOR_VEHICLES, Code.SUPERSEDED}
"""Codes that programs get and operators do not."""
ENGLISH_OF_THE_FLEET = {Code.ACTION_FAILED, Code.VEHICLE_ERROR, Code.BLOCKED}
"""Codes of which the fleet's English sentence tells what exactly it is."""
PHRASES = Phrasebook(load_site(bundled_site()))
COUNTED = ("loads", "vehicles", "more-conditions", "more-places")
"""What has plural forms of its own in the languages' files."""
FACTS = {
    "out-of-reach": {"place", "reach", "height"},
    "wrong-load": {"place", "load"},
    "waiting": {"other"},
    "not-allowed-place": {"place"},
}
"""What the fleet says with a reason."""


def data(folder: str, language: str) -> dict[str, Any]:
    return tomllib.loads((files("banksman_edge") / folder / f"{language}.toml").read_text("utf-8"))


def sentences(language: str) -> dict[str, str]:
    return {key: said for key, said in data("replies/data", language).items() if isinstance(said, str)}


def reasons(language: str) -> dict[str, str]:
    found: dict[str, str] = data("replies/data", language)["why"]
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def everything(language: str) -> Iterator[str]:
    yield from sentences(language).values()
    yield from reasons(language).values()
    yield from (form for counted in COUNTED for form in data("replies/data", language)[counted].values())


def test_there_is_a_file_for_every_language_of_this_test_and_no_other() -> None:
    there = {path.name.removesuffix(".toml") for path in (files("banksman_edge.replies") / "data").iterdir()}
    assert there == set(LANGUAGES)
    assert reply_language("pl") == "pl"
    assert reply_language("fi") == reply_language("") == "en"


@EVERY_LANGUAGE
def test_a_reply_has_no_signs_that_nobody_speaks(language: str) -> None:
    assert [said for said in everything(language) if re.search(r"[→←↔/&*<>~|=+_]", re.sub(r"{.*?}", "", said))] == []


@pytest.mark.parametrize(
    ("language", "key", "values", "told"),
    [
        ("fr", "transport", {"who": "C1", "origin": "allée 2", "to": "quai 1"}, "C1 : charge d'allée 2 à quai 1."),
        ("fr", "transport", {"who": "C1", "origin": "quai 2", "to": "atelier"}, "C1 : charge de quai 2 à atelier."),
        ("fr", "unknown", {"name": "allée douze"}, "Il n'y a pas d'allée douze ici."),
        ("fr", "unknown", {"name": "Onze"}, "Il n'y a pas de Onze ici."),
        ("es", "which", {"a": "muelle 1", "b": "horno 2"}, "¿Muelle 1 u horno 2?"),
        ("es", "which", {"a": "muelle 1", "b": "muelle 2"}, "¿Muelle 1 o muelle 2?"),
    ],
)  # fmt: skip
def test_our_words_give_way_to_the_sound_a_name_begins_with(
    language: str, key: str, values: dict[str, str], told: str
) -> None:
    assert PHRASES.say(key, language, **values).casefold() == told.casefold()


@pytest.mark.parametrize("language", ["x" * 5000, "../data/de", "de\0", "/", "", "_"])
def test_a_language_that_is_none_is_answered_in_english(site: Site, language: str) -> None:
    assert reply_language(language) == "en"
    assert Phrasebook(site).say("hello", language, name="Ann") == PHRASES.say("hello", "en", name="Ann")


def test_who_logs_in_in_a_language_that_is_none_is_answered(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent:
        agent.submit(Utterance(operator="ann", language="x" * 5000))
        assert heard.until(lambda event: event.name == "reply").language == "en"


@EVERY_LANGUAGE
def test_every_language_says_everything_with_the_same_blanks(language: str) -> None:
    assert {key: placeholders(said) for key, said in sentences(language).items()} == {
        key: placeholders(said) for key, said in sentences("en").items()
    }
    assert all(re.fullmatch(r"(?:[^{}]|\{[a-z]+\})+", said) for said in everything(language))


@EVERY_LANGUAGE
@pytest.mark.parametrize("counted", COUNTED)
def test_every_plural_category_of_a_language_has_a_form_and_no_number_is_lost(language: str, counted: str) -> None:
    rule, forms = Locale.parse(language).plural_form, data("replies/data", language)[counted]
    assert set(forms) == {*rule.tags, "other"}
    assert all(placeholders(form) <= {"n"} for form in forms.values())
    said = [PHRASES.amount(Amount(n, Unit(counted)), language) for n in range(200)]
    assert len(set(said)) == len(said)


@EVERY_LANGUAGE
def test_no_sentence_holds_a_word_at_which_vehicles_stop(language: str) -> None:
    """A microphone beside the loudspeaker hears the reply, and stop words are looked for all the time."""
    taught = data("lab/teach/stop", "words")
    if language not in taught:
        pytest.skip(f"no stop word is looked for in the sound of '{language}'")
    words = [word for family in taught[language]["stop"].values() for word in family]
    apart = language in ("ja", "zh")
    for said in everything(language):
        for word in words:
            pattern = re.escape(word) if apart else rf"(?<!\w){re.escape(word)}(?!\w)"
            assert not re.search(pattern, said.casefold()), (word, said)


@pytest.mark.parametrize(
    ("language", "familiar"),
    [
        ("de", "sag|frag|du|dir|dich|dein"),
        ("es", "dila|dilo|pide|pídelo|tú|tu"),
        ("fr", "dis|tu|toi|ton|ta"),
        ("it", "dilla|dillo|chiedi|tu|tuo"),
        ("nl", "je|jij|jouw"),
        ("pl", "powiedz|poproś|ty|twój"),
        ("zh", "你"),
    ],
)
def test_an_operator_is_addressed_in_the_same_way_throughout(language: str, familiar: str) -> None:
    apart = rf"(?<!\w)(?:{familiar})(?!\w)" if language != "zh" else familiar
    assert [said for said in everything(language) if re.search(apart, said.casefold())] == []


@pytest.mark.parametrize(
    ("language", "loads_as_well"),
    [("ar", "الشحن"), ("de", "laden"), ("nl", "laden"), ("pl", "ładowanie")],
)
@pytest.mark.parametrize("key", ["charge", "plan_charge", "plan_charged"])
def test_who_charges_is_not_said_to_load(language: str, loads_as_well: str, key: str) -> None:
    said = sentences(language)[key]
    battery = {"ar": "شحن البطارية", "de": "batterie", "nl": "opladen", "pl": "baterii"}[language]
    assert not re.search(rf"(?<!\w){loads_as_well}(?!\w)", said) or battery in said.casefold()


@EVERY_LANGUAGE
def test_every_reason_is_one_that_the_fleet_gives_and_asks_only_for_what_it_says(language: str) -> None:
    for code, phrase in reasons(language).items():
        assert Code(code)
        assert placeholders(phrase) <= {"who", *FACTS.get(code, set())}, code
        assert phrase.endswith((".", "。", "।"))


@EVERY_LANGUAGE
def test_every_code_that_operators_are_told_has_a_sentence_in_every_language(language: str) -> None:
    told = set(Code) - NEVER_TOLD - (ENGLISH_OF_THE_FLEET if language == "en" else set())
    assert set(reasons(language)) == told


@pytest.mark.parametrize(
    ("language", "n", "said"),
    [
        ("en", 1, "The rest is planned anew: 1 vehicle, done in 1 minute."),
        ("en", 1200, "The rest is planned anew: 1,200 vehicles, done in 1,200 minutes."),
        ("de", 1200, "Der Rest ist neu geplant: 1.200 Fahrzeuge, fertig in 1.200 Minuten."),
        ("fr", 0, "Le reste est planifié à nouveau : 0 véhicule, fini en 0 minute."),
        ("pl", 1, "Reszta zaplanowana od nowa: 1 pojazd, czas: 1 minuta."),
        ("pl", 3, "Reszta zaplanowana od nowa: 3 pojazdy, czas: 3 minuty."),
        ("pl", 5, "Reszta zaplanowana od nowa: 5 pojazdów, czas: 5 minut."),
        ("pl", 22, "Reszta zaplanowana od nowa: 22 pojazdy, czas: 22 minuty."),
        ("ar", 1, "أُعيد تخطيط الباقي: مركبة واحدة، المدة: دقيقة."),
        ("ar", 2, "أُعيد تخطيط الباقي: مركبتان، المدة: دقيقتان."),
        ("ar", 7, "أُعيد تخطيط الباقي: 7 مركبات، المدة: 7 دقائق."),
        ("ar", 12, "أُعيد تخطيط الباقي: 12 مركبة، المدة: 12 دقيقة."),
        ("tr", 3, "Kalanı yeniden planlandı: 3 araç, süresi 3 dakika."),
        ("hi", 3, "बाकी की नई योजना: 3 वाहन, समय 3 मिनट।"),
        ("zh", 3, "剩余部分已重新规划：3辆车，3分钟完成。"),
        ("ja", 3, "残りを計画し直しました：車両3台、3 分で完了。"),
    ],
)
def test_a_plan_is_told_in_numbers_as_the_language_counts(language: str, n: int, said: str) -> None:
    amounts = {"vehicles": Amount(n, Unit.VEHICLE), "time": Amount(n, Unit.MINUTE)}
    assert PHRASES.say("plan_again", language, **amounts) == said


@EVERY_LANGUAGE
def test_durations_are_said_in_words_of_the_language(language: str) -> None:
    for seconds in (1, 89, 91, 3600):
        assert "duration" not in PHRASES.amount(span(seconds), language)


def plan_of(*steps: tuple[str, str, str | None, str, float], within_s: float | None = None) -> Plan:
    """A plan of steps (vehicle, action, from, to, end), all for one goal."""
    goal = TransportGoal(words="x", count=1, origins=("inbound",), destinations=("dock-1",), within_s=within_s)
    made = [
        Step.model_validate({"vehicle": v, "action": a, "from": o, "to": to, "start_s": 0, "end_s": end, "goal": 0})
        for v, a, o, to, end in steps
    ]
    return Plan(id="p", state=PlanState.PROPOSED, request="x", goals=(goal,), steps=tuple(made))


def read_back(language: str, plan: Plan, waited_s: float = 0.0) -> str:
    site = load_site(bundled_site())
    return PHRASES.say("proposed", language, **Reading(site, PHRASES, language).proposal(plan, waited_s))


CARRY = [(f"forklift-{n}", "transport", "inbound", "aisle-3", 100.0 * n) for n in (1, 2, 3)]


def test_a_plan_is_read_back_in_one_breath() -> None:
    plan = plan_of(*CARRY, ("tugger-1", "charge", None, "charger-1", 30.0), within_s=600)
    assert read_back("en", plan, waited_s=10) == (
        "Plan: 3 loads from inbound to aisle 3 and tugger 1 charging, 4 vehicles, done in 5 minutes, "
        "4 minutes before the limit. Shall I start it?"
    )
    assert read_back("de", plan_of(*CARRY)) == (
        "Plan: 3 Ladungen von Wareneingang nach Gang 3, 3 Fahrzeuge, fertig in 5 Minuten. Soll ich ihn starten?"
    )


def test_of_many_ways_only_the_loads_are_counted() -> None:
    many = [("forklift-1", "transport", "inbound", f"aisle-{n}", 10.0) for n in range(1, 6)]
    assert read_back("en", plan_of(*many)) == "Plan: 5 loads, 1 vehicle, done in 10 seconds. Shall I start it?"


@EVERY_LANGUAGE
def test_a_plan_is_read_back_in_every_language(language: str) -> None:
    said = read_back(language, plan_of(*CARRY, ("tugger-1", "park", None, "park-5", 30.0), within_s=600))
    assert said.count("3") >= 2
    assert "{" not in said
    assert said != read_back(language, plan_of(*CARRY, ("tugger-1", "park", None, "park-5", 30.0), within_s=900))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Holding forklift 1, forklift 2 and tugger 1."),
        ("es", "Deteniendo carretilla 1, carretilla 2 y tractor 1."),
        ("ja", "フォークリフト 1、フォークリフト 2、牽引車 1にブレーキをかけます。"),
    ],
)
def test_several_vehicles_are_listed_as_people_list_them(site: Site, language: str, said: str) -> None:
    stop = Command(Action.STOP, ("forklift-1", "forklift-2", "tugger-1"))
    assert Phrasebook(site).read_back([stop], language) == said


def test_selectors_are_said_as_what_they_choose(site: Site) -> None:
    phrases = Phrasebook(site)
    assert phrases.who(["kind:forklift"], "en") == "every forklift"
    assert phrases.who(["at:dock-2", "*"], "de") == "die Fahrzeuge bei Rampe 2 und alle Fahrzeuge"
    assert phrases.who([], "nl") == "een vrij voertuig"


def test_a_sentence_begins_with_the_large_letter_of_its_language(site: Site) -> None:
    assert Phrasebook(site).say("done", "tr", who="istif 3") == "İstif 3: tamam."
    assert Phrasebook(site).say("done", "pt", who="istif 3") == "Istif 3: feito."


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "forklift 3 reaches 3.5 metres; aisle 4 needs 6 metres."),
        ("de", "Stapler 3 reicht bis 3,5 Meter; Gang 4 verlangt 6 Meter."),
        ("es", "carretilla 3 llega a 3,5 metros; pasillo 4 requiere 6 metros."),
        ("pl", "forklift-3 sięga na 3,5 metra; aisle-4 wymaga 6 metrów."),
        ("zh", "叉车 3只能到3.5米，而通道 4需要6米。"),
    ],
)
def test_heights_and_names_are_said_as_people_say_them(site: Site, language: str, said: str) -> None:
    facts = {"place": "aisle-4", "reach": 3.5, "height": 6.0}
    assert Phrasebook(site).why(Code.OUT_OF_REACH, "?", language, "forklift-3", facts=facts) == said


@pytest.mark.parametrize("vehicle", ["forklift-3", None])
@pytest.mark.parametrize("code", sorted(set(Code) - NEVER_TOLD))
def test_no_reason_speaks_in_ids(site: Site, code: Code, vehicle: str | None) -> None:
    facts = {"place": "aisle-4", "other": "forklift-1", "load": "pallet", "reach": 3.5, "height": 6.0}
    ids = re.compile("|".join(map(re.escape, (*site.vehicles, "aisle-4"))))
    for language in site.languages:
        said = Phrasebook(site).why(code, "forklift-3 and aisle-4", language, vehicle, facts=facts)
        assert not ids.search(said), (language, said)


def test_a_reason_that_several_have_is_not_that_of_a_vehicle_that_is_free(site: Site) -> None:
    assert Phrasebook(site).why(Code.UNREACHABLE, "?", "en") == "no vehicle can do that."
    assert Phrasebook(site).why(Code.CANNOT, "?", "de") == "kein Fahrzeug passt dazu."


def test_a_reason_of_which_less_is_known_is_said_in_the_fleets_own_words(site: Site) -> None:
    assert Phrasebook(site).why(Code.OUT_OF_REACH, "too high", "de", "forklift-3") == "too high"


def test_the_vehicles_own_words_follow_in_the_operators_language(site: Site) -> None:
    words = {"de": "Karte EG fehlt.", "es": "falta el mapa."}
    phrases = Phrasebook(site)
    assert phrases.why(Code.UNKNOWN_MAP, "?", "de", "forklift-3", words=words) == (
        "Stapler 3 kennt die Karte nicht. Karte EG fehlt."
    )
    assert phrases.why(None, "no map", "es", words=words) == "falta el mapa."
    assert phrases.why(None, "no map", "fr", words=words) == "no map"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Forklift 3 is at dock 2, battery 80%. Forklift 3 was told to stand still; say resume first."),
        ("de", "Stapler 3 ist bei Rampe 2, Batterie 80 %. Stapler 3 soll stillstehen;"),
        ("tr", "forklift-3: dock-2 konumunda, batarya %80. forklift-3 bekletiliyor;"),
    ],
)
def test_asked_for_its_status_a_vehicle_that_is_stopped_says_so(site: Site, language: str, said: str) -> None:
    able = {"connected": True, "automatic": True, "reporting": True, "initialised": True}
    view = VehicleView("forklift-3", "forklift", node=site.places["dock-2"].node, battery=80.0, stopped=True, **able)
    assert said.casefold() in Phrasebook(site).status([view], language).casefold()


@EVERY_LANGUAGE
@pytest.mark.parametrize("battery", [80.0, None])
def test_a_vehicle_on_the_road_is_near_a_place_and_at_no_node_of_the_layout(
    site: Site, language: str, battery: float | None
) -> None:
    taken = {place.node for place in site.places.values()}
    road = next(node for node in site.layout.nodes.values() if node.id not in taken)
    view = VehicleView("forklift-3", "forklift", connected=True, node=road.id, battery=battery)
    said = Phrasebook(site).status([view], language)
    assert road.id not in said
    places = [p for p in site.places.values() if site.label(p.id, language).casefold() in said.casefold()]
    assert places
    parked = VehicleView("forklift-3", "forklift", connected=True, node=places[0].node, battery=battery)
    assert Phrasebook(site).status([parked], language) != said


@EVERY_LANGUAGE
def test_where_no_vehicle_is_the_status_says_so(site: Site, language: str) -> None:
    said = Phrasebook(site).status([], language)
    assert said == sentences(language)["status_nobody"]
    assert said.endswith((".", "。", "।"))


def test_what_is_not_known_of_a_vehicle_is_not_said(site: Site) -> None:
    able = {"connected": True, "automatic": True, "reporting": True, "initialised": True}
    lost = VehicleView("forklift-3", "forklift", node=None, battery=None, **able)
    assert Phrasebook(site).status([lost], "en") == "Forklift 3 is at an unknown place."
    away = VehicleView("forklift-3", "forklift", connected=False)
    assert Phrasebook(site).status([away], "fr") == "Chariot 3 : pas de connexion."


@EVERY_LANGUAGE
@pytest.mark.parametrize("mark", [".", "!", "。", "।"])
def test_a_request_that_is_said_again_brings_no_full_stop_of_its_own(language: str, mark: str) -> None:
    for key in ("held_back", "plan_recalled", "plan_partly", "left_out"):
        assert PHRASES.say(key, language, words=f"take it{mark}") == PHRASES.say(key, language, words="take it")
