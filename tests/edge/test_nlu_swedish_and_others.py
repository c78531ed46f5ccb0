"""What stands beside an order in Swedish, and in Turkish, Polish and Arabic where a word of it was missing."""

from __future__ import annotations

from typing import Any

import pytest
from bakery import found

NONE = {"action": "none", "vehicles": []}
MOVED = {"action": "move", "vehicles": ["robot-2"], "to": "dock-1"}
OTHERS = {"action": "move", "vehicles": ["robot-1", "robot-3"], "to": "dock-1"}
ALL_BUT_ONE = {"action": "move", "vehicles": ["robot-1", "robot-3", "lifter-1", "lifter-2", "lifter-3"], "to": "dock-1"}
LACKING = {"action": "transport", "vehicles": [], "from": "dock-1", "to": "oven-2"}


@pytest.mark.parametrize(
    "text", ["Se upp, robot två, stanna!", "Akta! Robot två, stanna!", "Varning, robot två stopp!"]
)
def test_a_warning_before_a_stop_names_nobody(text: str) -> None:
    assert found("sv", text) == ("accept", {"action": "stop", "vehicles": ["robot-2"]})


@pytest.mark.parametrize("text", ["Se upp!", "Robot två, se upp!", "Akta dig för robot två", "Det var falskt alarm"])
def test_a_warning_alone_stops_nobody(text: str) -> None:
    assert found("sv", text) == ("reject", NONE)


@pytest.mark.parametrize("text", ["Faran är över, robot två fortsätt.", "Falskt larm, robot två fortsätt."])
def test_all_is_well_again_before_an_order(text: str) -> None:
    assert found("sv", text) == ("accept", {"action": "resume", "vehicles": ["robot-2"]})


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sv", "Robot två, kör till kaj ett, dra inte ut på tiden."),
        ("tr", "Robot iki, rampa bire git, oyalanma."),
        ("pl", "Robot dwa, jedź na rampę jeden, nie guzdraj się."),
        ("ar", "روبوت اثنين، اذهب إلى رصيف واحد، لا تتأخر"),
    ],
)
def test_urging_words_behind_an_order_deny_nothing(language: str, text: str) -> None:
    assert found(language, text) == ("accept", MOVED)


@pytest.mark.parametrize(
    ("language", "text", "verdict", "meant"),
    [
        ("sv", "Alla robotar kör till kaj ett, robot två stannar här.", "accept", OTHERS),
        ("sv", "Robot ett till kaj ett, robot två stannar kvar.", "accept", MOVED | {"vehicles": ["robot-1"]}),
        ("sv", "Robot två stannar kvar.", "reject", NONE),
        ("sv", "Alla till kaj ett, robot två får stå kvar.", "confirm", ALL_BUT_ONE),
        ("en", "Everybody go to dock one, robot two stays here.", "confirm", ALL_BUT_ONE),
        ("en", "Robot two stays here, all the others go to dock one.", "confirm", ALL_BUT_ONE),
        ("de", "Alle zu Rampe eins, Roboter zwei bleibt hier.", "confirm", ALL_BUT_ONE),
        ("tr", "Herkes rampa bire gitsin, robot iki burada kalsın.", "confirm", ALL_BUT_ONE),
        ("en", "All pallets to dock one, robot two stays here.", "reject", NONE),
        ("tr", "Tüm robotlar olduğu yerde kalsın.", "accept", {"action": "stop", "vehicles": ["kind:robot"]}),
        ("en", "Robot two stays here all day.", "reject", NONE),
    ],
)
def test_who_stays_is_not_sent_with_everybody(language: str, text: str, verdict: str, meant: Any) -> None:
    assert found(language, text) == (verdict, meant)


@pytest.mark.parametrize("text", ["Är robot två framme?", "Är robot två klar än?", "Har robot två kommit fram?"])
def test_whether_somebody_has_arrived_is_asked(text: str) -> None:
    assert found("sv", text) == ("accept", {"action": "status", "vehicles": ["robot-2"]})


@pytest.mark.parametrize(
    ("text", "verdict", "meant"),
    [
        ("Ugn två behöver en låda från kaj ett.", "confirm", LACKING),
        ("Robot två behöver laddas.", "accept", {"action": "charge", "vehicles": ["robot-2"]}),
        ("Robot två behöver en ny lampa.", "reject", NONE),
        ("Robot två saknar ett hjul.", "reject", NONE),
        ("Jag saknar robot två.", "reject", NONE),
        ("Vi saknar en pall från kaj ett.", "reject", NONE),
    ],
)
def test_what_a_place_lacks_is_brought_and_a_vehicle_lacks_nothing(text: str, verdict: str, meant: Any) -> None:
    assert found("sv", text) == (verdict, meant)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Robot två, lämna kaj ett och kör till kaj två.", MOVED | {"to": "dock-2"}),
        ("Robot två, lämna lådan vid kaj två.", {"action": "drop", "vehicles": ["robot-2"], "to": "dock-2"}),
    ],
)
def test_a_place_is_left_and_a_load_is_left_there(text: str, meant: Any) -> None:
    assert found("sv", text) == ("accept", meant)


def test_whoever_makes_room_somewhere_is_not_sent_there() -> None:
    assert found("sv", "Robot två, gör plats vid kaj ett.") == ("reject", NONE)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Everybody stop, robot two stays here!"),
        ("sv", "Alla stanna, robot två stannar här!"),
        ("de", "Alle anhalten, Roboter zwei bleibt hier!"),
    ],
)
def test_who_stays_where_everybody_stops_stands_too(language: str, text: str) -> None:
    assert found(language, text) == ("accept", {"action": "stop", "vehicles": ["*"]})


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("sv", "Robot två, kör till kaj ett, nej, kaj två, förlåt"),
        ("pl", "Robot dwa, jedź na rampę jeden, nie, rampę dwa, przepraszam"),
        ("tr", "Robot iki, rampa bire git, hayır, rampa ikiye, pardon"),
    ],
)
def test_who_is_sorry_at_the_end_takes_nothing_back(language: str, text: str) -> None:
    verdict, meant = found(language, text)
    assert (verdict in {"accept", "confirm"}, meant) == (True, MOVED | {"to": "dock-2"})
