"""Why something is not done, in the operator's language."""

from __future__ import annotations

import string
import tomllib
from importlib.resources import files
from typing import Any

import pytest

from banksman_edge.fleet import Code, VehicleView
from banksman_edge.replies import Phrasebook
from banksman_shared.site import Site

LANGUAGES = ("de", "en", "es", "fr", "hi", "it", "ja", "pt", "zh")
FACTS = {
    "out-of-reach": {"place", "reach", "height"},
    "wrong-load": {"place", "load"},
    "waiting": {"other"},
    "not-allowed-place": {"place"},
}
"""What the fleet says with a reason."""
FOR_EVERYBODY = (
    Code.STANDBY, Code.OUT_OF_REACH, Code.WRONG_LOAD,
    Code.NOT_ALLOWED, Code.NOT_ALLOWED_VEHICLE, Code.NOT_ALLOWED_PLACE,
)  # fmt: skip
TRANSLATED = (
    *FOR_EVERYBODY, Code.CANNOT, Code.REJECTED, Code.MALFORMED, Code.TOO_LONG, Code.WRONG_START, Code.UNKNOWN_MAP,
    Code.BLOCKED, Code.WAITING, Code.OUT_OF_BOUNDS, Code.MANUAL, Code.NOT_LOCALISED, Code.NOT_ACKNOWLEDGED, Code.BUSY,
)  # fmt: skip


def reasons(language: str) -> dict[str, Any]:
    text = (files("banksman_edge.replies") / "data" / f"{language}.toml").read_text("utf-8")
    found: dict[str, Any] = tomllib.loads(text)["why"]
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_is_one_that_the_fleet_gives_and_asks_only_for_what_it_says(language: str) -> None:
    for code, phrase in reasons(language).items():
        assert Code(code)
        asked = {name for _, name, _, _ in string.Formatter().parse(phrase) if name}
        assert asked <= {"who", *FACTS.get(code, set())}, code
        assert phrase.endswith((".", "。", "।"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence(language: str) -> None:
    here, english = (
        tomllib.loads((files("banksman_edge.replies") / "data" / f"{code}.toml").read_text("utf-8"))
        for code in (language, "en")
    )
    assert set(here) == set(english)


@pytest.mark.parametrize("language", LANGUAGES)
def test_refusals_are_said_in_every_language(language: str) -> None:
    wanted = FOR_EVERYBODY if language == "en" else TRANSLATED
    assert [code for code in wanted if code not in reasons(language)] == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "forklift 3 reaches 3.5 m; aisle 4 needs 6 m."),
        ("de", "Stapler 3 reicht bis 3,5 m; Gang 4 verlangt 6 m."),
        ("es", "carretilla 3 llega a 3,5 m; pasillo 4 requiere 6 m."),
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
        ("en", "Forklift 3 is at dock 2, battery 80 %. forklift-3 is stopped; say resume first"),
        ("de", "gestoppt"),
    ],
)
def test_asked_for_its_status_a_vehicle_that_is_stopped_says_so(site: Site, language: str, said: str) -> None:
    able = {"connected": True, "automatic": True, "reporting": True, "initialised": True}
    view = VehicleView("forklift-3", "forklift", node=site.places["dock-2"].node, battery=80.0, stopped=True, **able)
    assert said.casefold() in Phrasebook(site).status([view], language).casefold()
