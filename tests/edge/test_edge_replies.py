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

from banksman_edge.fleet import Code, VehicleView
from banksman_edge.replies import Amount, Phrasebook, Unit, reply_language
from banksman_edge.utterance import Utterance
from banksman_shared.commands import Action, Command
from banksman_shared.site import Site, bundled_site, load_site

LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "it", "ja", "nl", "pl", "pt", "sv", "tr", "zh")
NEVER_TOLD = {Code.DUPLICATE_JOB, Code.NOT_FOR_VEHICLES, Code.SUPERSEDED}
"""Codes that programs get and operators do not."""
PHRASES = Phrasebook(load_site(bundled_site()))
FACTS = {
    "out-of-reach": {"place", "reach", "height"},
    "wrong-load": {"place", "load"},
    "waiting": {"other"},
    "not-allowed-place": {"place"},
}
"""What the fleet says with a reason."""
FOR_EVERYBODY = (
    Code.STANDBY, Code.OUT_OF_REACH, Code.WRONG_LOAD, Code.STOPPED, Code.EMERGENCY_STOP,
    Code.NOT_ALLOWED, Code.NOT_ALLOWED_VEHICLE, Code.NOT_ALLOWED_PLACE,
)  # fmt: skip
"""What is said in English, too, in other words than the fleet's own."""
EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


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
    yield from data("replies/data", language)["steps"].values()


def test_there_is_a_file_for_every_language_of_this_test_and_no_other() -> None:
    there = {path.name.removesuffix(".toml") for path in (files("banksman_edge.replies") / "data").iterdir()}
    assert there == set(LANGUAGES)
    assert reply_language("pl") == "pl"
    assert reply_language("ko") == reply_language("") == "en"


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
def test_every_plural_category_of_a_language_has_a_form_and_no_number_is_lost(language: str) -> None:
    rule, forms = Locale.parse(language).plural_form, data("replies/data", language)["steps"]
    assert set(forms) == {*rule.tags, "other"}
    assert all(placeholders(form) <= {"n"} for form in forms.values())
    said = [PHRASES.say("proposed", language, steps=Amount(n, Unit.STEP), minutes="") for n in range(200)]
    assert len(set(said)) == len(said)


@EVERY_LANGUAGE
def test_no_sentence_holds_a_word_at_which_vehicles_stop(language: str) -> None:
    """A microphone beside the loudspeaker hears the reply, and stop words are looked for all the time."""
    taught = data("teach/stop", "words")
    if language not in taught:
        pytest.skip(f"no stop word is looked for in the sound of '{language}'")
    words = [word for family in taught[language]["stop"].values() for word in family]
    apart = language in ("ja", "zh")
    for said in everything(language):
        for word in words:
            pattern = re.escape(word) if apart else rf"(?<!\w){re.escape(word)}(?!\w)"
            assert not re.search(pattern, said.casefold()), (word, said)


@EVERY_LANGUAGE
def test_every_reason_is_one_that_the_fleet_gives_and_asks_only_for_what_it_says(language: str) -> None:
    for code, phrase in reasons(language).items():
        assert Code(code)
        assert placeholders(phrase) <= {"who", *FACTS.get(code, set())}, code
        assert phrase.endswith((".", "。", "।"))


@EVERY_LANGUAGE
def test_every_code_that_operators_are_told_has_a_sentence_in_every_language(language: str) -> None:
    assert set(reasons(language)) == (set(FOR_EVERYBODY) if language == "en" else set(Code) - NEVER_TOLD)


@pytest.mark.parametrize(
    ("language", "steps", "said"),
    [
        ("en", 1, "The plan has 1 step and takes 1 minute. Shall I start it?"),
        ("en", 1200, "The plan has 1,200 steps and takes 1,200 minutes. Shall I start it?"),
        ("de", 1200, "Der Plan hat 1.200 Schritte und dauert 1.200 Minuten. Soll ich ihn starten?"),
        ("fr", 0, "Le plan a 0 étape et dure 0 minute. Je le lance ?"),
        ("pl", 1, "Plan: 1 krok, czas: 1 minuta. Zacząć?"),
        ("pl", 3, "Plan: 3 kroki, czas: 3 minuty. Zacząć?"),
        ("pl", 5, "Plan: 5 kroków, czas: 5 minut. Zacząć?"),
        ("pl", 22, "Plan: 22 kroki, czas: 22 minuty. Zacząć?"),
        ("ar", 1, "الخطة: خطوة واحدة، المدة: دقيقة. هل أبدأ؟"),
        ("ar", 2, "الخطة: خطوتان، المدة: دقيقتان. هل أبدأ؟"),
        ("ar", 7, "الخطة: 7 خطوات، المدة: 7 دقائق. هل أبدأ؟"),
        ("ar", 12, "الخطة: 12 خطوة، المدة: 12 دقيقة. هل أبدأ؟"),
        ("tr", 3, "Plan 3 adım, süresi 3 dakika. Başlatayım mı?"),
        ("hi", 3, "योजना में 3 चरण हैं, समय 3 मिनट। शुरू करें?"),
        ("zh", 3, "计划有3步，需要3分钟。开始吗？"),
        ("ja", 3, "計画は3手順、3 分かかります。始めますか？"),
    ],
)
def test_a_plan_is_proposed_in_numbers_as_the_language_counts(language: str, steps: int, said: str) -> None:
    amounts = {"steps": Amount(steps, Unit.STEP), "minutes": Amount(steps, Unit.MINUTE)}
    assert PHRASES.say("proposed", language, **amounts) == said


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
