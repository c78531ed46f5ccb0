"""A number behind a word for any vehicle, "machine two", is that of a vehicle, whatever its kind; and no article."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from banksman_edge import Interpretation, Transcript, Understanding
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

BAKERY = load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery")
UNDERSTANDING = Understanding(BAKERY, None)
_VEHICLES = {key: v for key, v in BAKERY.vehicles.items() if key != "robot-3"}
ONE_THIRD = Understanding(replace(BAKERY, vehicles=_VEHICLES), None)
"""Where one vehicle alone has the number three."""


def read(text: str, language: str, understanding: Understanding = UNDERSTANDING) -> Interpretation:
    return understanding.understand(Transcript(text, language, 1.0))


@pytest.mark.parametrize(
    ("one", "three", "language"),
    [
        ("Machine one, go to dock two", "Machine three, go to dock two", "en"),
        ("Vehicle one, go to dock two", "Vehicle number three, go to dock two", "en"),
        ("Maschine eins, fahr zu Rampe zwei", "Fahrzeug drei, fahr zu Rampe zwei", "de"),
        ("Máquina uno, ve al muelle dos", "Máquina tres, ve al muelle dos", "es"),
        ("Máquina um, vá para a doca dois", "Máquina três, vá para a doca dois", "pt"),
        ("Machine un, va au quai deux", "Machine trois, va au quai deux", "fr"),
        ("Macchina uno, vai alla banchina due", "Macchina tre, vai alla banchina due", "it"),
        ("Machine een, ga naar dok twee", "Machine drie, ga naar dok twee", "nl"),
        ("Maskin ett, kör till kaj två", "Maskin tre, kör till kaj två", "sv"),
        ("Maszyna jeden, jedź do rampy drugiej", "Maszyna trzy, jedź do rampy drugiej", "pl"),
        ("Makine bir, ikinci rampaya git", "Makine üç, ikinci rampaya git", "tr"),
        ("मशीन एक, डॉक दो पर जाओ", "मशीन तीन, डॉक दो पर जाओ", "hi"),
        ("الآلة واحد، اذهبي إلى الرصيف اثنين", "الآلة ثلاثة، اذهبي إلى الرصيف اثنين", "ar"),
        ("机器一去二号月台", "机器三去二号月台", "zh"),
        ("機械1、ドック2へ行って", "機械3、ドック2へ行って", "ja"),
        ("1号車、ドック2へ行って", "3号機、ドック2へ行って", "ja"),
    ],
)
def test_a_number_is_that_of_the_only_vehicle_that_has_it(one: str, three: str, language: str) -> None:
    both = read(one, language)
    assert [command.destination for command in both.commands] == ["dock-2"]
    assert set(both.choices) == {"robot-1", "lifter-1"}
    assert read(three, language, ONE_THIRD).commands == (Command(Action.MOVE, ("lifter-3",), destination="dock-2"),)
    assert not read(three, language, ONE_THIRD).choices


def test_a_number_that_no_vehicle_has_is_said_to_be_lacking() -> None:
    assert read("Machine nine, go to dock two", "en").unknown == "Machine nine"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Send a machine to dock two", "en"),
        ("Send one machine to dock two", "en"),
        ("Schick eine Maschine zu Rampe zwei", "de"),
        ("Manda una máquina al muelle dos", "es"),
        ("Envoie une machine au quai deux", "fr"),
        ("Manda uma máquina para a doca dois", "pt"),
        ("Bir makine ikinci rampaya git", "tr"),
        ("एक मशीन डॉक दो पर भेजो", "hi"),
        ("派机器一台去二号月台", "zh"),
    ],
)
def test_one_of_them_is_any_of_them(text: str, language: str) -> None:
    assert read(text, language).commands == (Command(Action.MOVE, (), destination="dock-2"),)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("all three robots to dock two", "en"),
        ("alle drei Roboter zu Rampe zwei", "de"),
        ("los tres robots al muelle dos", "es"),
        ("las tres carretillas al muelle dos", "es"),
        ("les trois robots au quai deux", "fr"),
        ("tutti e tre i robot alla banchina due", "it"),
        ("os três robôs para a doca dois", "pt"),
        ("alle drie de robots naar dok twee", "nl"),
        ("alla tre robotarna till kaj två", "sv"),
    ],
)
def test_so_many_as_there_are_is_all_of_the_kind(text: str, language: str) -> None:
    kind = "kind:lifter" if "carretillas" in text else "kind:robot"
    assert read(text, language).commands == (Command(Action.MOVE, (kind,), destination="dock-2"),)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("send another robot to dock two", "en"),
        ("envoie un autre robot au quai deux", "fr"),
        ("manda outro robô para a doca dois", "pt"),
        ("manda otro robot al muelle dos", "es"),
        ("que venga cualquier robot al muelle dos", "es"),
        ("manda un altro robot alla banchina due", "it"),
        ("venga un robot qualsiasi alla banchina due", "it"),
        ("er moet een robot naar dok twee", "nl"),
        ("stuur eender welke robot naar dok twee", "nl"),
    ],
)
def test_another_or_whichever_is_any_of_the_kind(text: str, language: str) -> None:
    assert read(text, language).commands == (Command(Action.MOVE, (), destination="dock-2"),)
