"""Who comes back from somewhere parks, and who goes somewhere and charges does one after the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Interpretation, Transcript, Understanding
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)
ROBOT = ("robot-2",)


def read(text: str, language: str) -> Interpretation:
    return UNDERSTANDING.understand(Transcript(text, language, 1.0))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("robot two, come back from dock one to your bay", "en"),
        ("robot two, come back from dock one to your slot", "en"),
        ("Roboter zwei, komm von Rampe eins zurück auf deinen Platz", "de"),
        ("Roboter zwei, komm von Rampe eins zurück auf deinen Parkplatz", "de"),
        ("robot deux, reviens du quai un à ta place", "fr"),
        ("robot dos, vuelve del muelle uno a tu sitio", "es"),
        ("robot due, torna dalla banchina uno al tuo posto", "it"),
        ("robô dois, volta da doca um para o teu lugar", "pt"),
        ("robot twee, kom van dok een terug naar je plek", "nl"),
        ("robot två, kom tillbaka från kaj ett till din plats", "sv"),
        ("robot dwa, wróć z rampy jeden na swoje miejsce", "pl"),
        ("robot iki, rampa birden yerine dön", "tr"),
        ("روبوت اثنين، عد من الرصيف واحد إلى مكانك", "ar"),
        ("रोबोट दो, डॉक एक से अपनी जगह वापस आओ", "hi"),
        ("ロボット2、ドック1から定位置に戻って", "ja"),
        ("2号机器人从1号月台回到你的位置", "zh"),
    ],
)
def test_where_it_comes_from_is_no_place_to_park_at(text: str, language: str) -> None:
    assert read(text, language).commands == (Command(Action.PARK, ROBOT),)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("robot two, go to dock one and charge", "en"),
        ("Roboter zwei, fahr zu Rampe eins und lade dich auf", "de"),
        ("robot deux, va au quai un et recharge-toi", "fr"),
        ("robot dos, ve al muelle uno y recárgate", "es"),
        ("robot due, vai alla banchina uno e ricaricati", "it"),
        ("robô dois, vai para a doca um e recarrega", "pt"),
        ("robot två, kör till kaj ett och ladda", "sv"),
        ("robot dwa, jedź do rampy jeden i naładuj się", "pl"),
        ("robot iki, rampa bire git ve şarj ol", "tr"),
        ("روبوت اثنين، اذهب إلى الرصيف واحد واشحن", "ar"),
        ("रोबोट दो, डॉक एक पर जाओ और चार्ज करो", "hi"),
        ("ロボット2、ドック1へ行って充電して", "ja"),
        ("2号机器人去1号月台然后充电", "zh"),
        ("robot twee, rijd naar dok een en laad jezelf op", "nl"),
    ],
)
def test_who_charges_after_a_way_goes_it_first(text: str, language: str) -> None:
    assert read(text, language).commands == (
        Command(Action.MOVE, ROBOT, destination="dock-1"),
        Command(Action.CHARGE, ROBOT),
    )


def test_at_a_charger_it_is_one_step() -> None:
    charge = (Command(Action.CHARGE, ROBOT, destination="charger-1"),)
    assert read("robot two, go to charger one and charge", "en").commands == charge


def test_nobody_named_is_the_same() -> None:
    assert read("come back from dock one to your slot", "en").commands == (Command(Action.PARK, ()),)
    assert [c.action for c in read("Go to dock one and charge", "en").commands] == [Action.MOVE, Action.CHARGE]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("robot two to charge, robot three to dock one", "en"),
        ("Roboter zwei aufladen, Roboter drei zu Rampe eins", "de"),
        ("robot deux en charge, robot trois au quai un", "fr"),
        ("robot dos a cargar, robot tres al muelle uno", "es"),
        ("robot due in carica, robot tre alla banchina uno", "it"),
        ("robô dois a carregar, robô três para a doca um", "pt"),
        ("robot twee opladen, robot drie naar dok een", "nl"),
        ("robot två ladda, robot tre till kaj ett", "sv"),
        ("robot dwa do ładowania, robot trzy do rampy jeden", "pl"),
    ],
)
def test_one_charges_and_the_other_goes(text: str, language: str) -> None:
    gone = Command(Action.MOVE, ("robot-3",), destination="dock-1")
    assert read(text, language).commands == (Command(Action.CHARGE, ROBOT), gone)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("robot two home, robot three to dock one", "en"),
        ("robot dos a casa, robot tres al muelle uno", "es"),
        ("robot due a casa, robot tre alla banchina uno", "it"),
        ("robot twee naar huis, robot drie naar dok een", "nl"),
    ],
)
def test_one_goes_home_and_the_other_elsewhere(text: str, language: str) -> None:
    gone = Command(Action.MOVE, ("robot-3",), destination="dock-1")
    assert read(text, language).commands == (Command(Action.PARK, ROBOT), gone)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("attacca il robot due al caricatore", "it"),
        ("hang robot twee aan het laadstation", "nl"),
        ("conecta el robot dos al cargador", "es"),
        ("put robot two on the charger", "en"),
        ("pon el robot dos en el cargador", "es"),
    ],
)
def test_whoever_is_put_onto_some_charger_charges(text: str, language: str) -> None:
    assert read(text, language).commands == (Command(Action.CHARGE, ROBOT),)
