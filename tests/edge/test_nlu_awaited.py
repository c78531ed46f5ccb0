"""Who is waited for goes nowhere, in every language."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from banksman_edge import Interpretation, Transcript, Understanding, Verdict
from banksman_edge.policy import Policy
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

BAKERY = load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery")
UNDERSTANDING = Understanding(BAKERY, None)
ROBOT_TO_DOCK = (Command(Action.MOVE, ("robot-2",), destination="dock-1"),)


def read(text: str, language: str = "") -> Interpretation:
    return UNDERSTANDING.understand(Transcript(text, language, 1.0))


@pytest.mark.parametrize(
    "text",
    [
        "Robot two, wait for forklift three at dock one",
        "Robot two, wait at dock one for forklift three",
        "Robot two, wait at dock one for forklift three and robot one",
        "Robot two, go to dock one and wait for forklift three",
        "Roboter zwei, warte auf Stapler drei an Rampe eins",
        "Roboter zwei, warte an Rampe eins auf den Stapler drei",
        "robot twee, wacht op heftruck drie bij dok een",
        "robot twee, wacht bij dok een op heftruck drie",
        "robot dwa, czekaj na wózek trzy przy rampie jeden",
        "robot dwa, poczekaj przy rampie jeden na wózek trzy",
        "robot deux, attends le chariot trois au quai un",
        "robot deux, attends au quai un le chariot trois",
        "robot dos, espera a la carretilla tres en el muelle uno",
        "robot dos, espera en el muelle uno a la carretilla tres",
        "robot due, aspetta il muletto tre alla banchina uno",
        "robot due, aspetta alla banchina uno il muletto tre",
        "robô dois, espera pela empilhadeira três na doca um",
        "robô dois, espera na doca um pela empilhadeira três",
        "robot två, vänta på truck tre vid kaj ett",
        "robot två, vänta vid kaj ett på truck tre",
        "robot iki, rampa birde forklift üçü bekle",
        "robot iki, forklift üçü rampa birde bekle",
        "रोबोट दो, डॉक एक पर फोर्कलिफ्ट तीन का इंतज़ार करो",
        "2号机器人在1号月台等待3号叉车",
        "2号机器人在1号月台等3号叉车",
        "ロボット2、ドック1でフォークリフト3を待って",
        "روبوت اثنين، انتظر الرافعة ثلاثة عند الرصيف واحد",
        "روبوت اثنين، انتظر عند الرصيف واحد الرافعة ثلاثة",
    ],
)
def test_who_waits_goes_alone_and_after_a_yes(text: str) -> None:
    assert read(text).commands == ROBOT_TO_DOCK
    assert Policy().judge(read(text), 1.0, None).verdict is Verdict.CONFIRM


@pytest.mark.parametrize(
    "text",
    [
        "Wait for forklift three at dock one",
        "Warte an Rampe eins auf Stapler drei",
        "wacht op heftruck drie bij dok een",
        "czekaj na wózek trzy przy rampie jeden",
        "attends au quai un le chariot trois",
        "espera en el muelle uno a la carretilla tres",
        "aspetta il muletto tre alla banchina uno",
        "espera pela empilhadeira três na doca um",
        "vänta på truck tre vid kaj ett",
        "forklift üçü rampa birde bekle",
        "डॉक एक पर फोर्कलिफ्ट तीन का इंतज़ार करो",
        "ロボット2、ドック1でフォークリフト3を待って",
        "在1号月台等3号叉车",
    ],
)
def test_it_is_never_who_is_waited_for(text: str) -> None:
    assert "lifter-3" not in {vehicle for command in read(text).commands for vehicle in command.vehicles}


@pytest.mark.parametrize(
    "text",
    [
        "Wait for forklift three",
        "Please wait for the forklift three",
        "Warte auf den Stapler drei",
        "wacht op de heftruck drie",
        "czekaj na wózek trzy",
        "attends le chariot trois",
        "espera a la carretilla tres",
        "aspetta il muletto tre",
        "espera pela empilhadeira três",
        "vänta på truck tre",
        "forklift üçü bekle",
        "फोर्कलिफ्ट तीन का इंतज़ार करो",
        "フォークリフト3を待って",
        "等待3号叉车",
        "等3号叉车",
    ],
)
def test_who_is_only_waited_for_is_told_nothing(text: str) -> None:
    assert read(text).is_nothing
    assert Policy().judge(read(text), 1.0, None).verdict is Verdict.REJECT


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Wait for me, forklift three", ("lifter-3",)),
        ("Wait for us forklift three", ("lifter-3",)),
        ("Warte auf mich, Stapler drei", ("*",)),
        ("Wacht op mij, heftruck drie", ("lifter-3",)),
        ("Vänta på mig, truck tre", ("lifter-3",)),
        ("Attends, le chariot trois !", ("lifter-3",)),
        ("Aspetta, il muletto tre!", ("lifter-3",)),
        ("3号叉车等一下", ("lifter-3",)),
        ("フォークリフト3、待って", ("lifter-3",)),
        ("Wait for forklift three, then stop", ("lifter-3", "*")),
    ],
)
def test_who_is_to_wait_for_the_speaker_stops(text: str, who: tuple[str, ...]) -> None:
    assert read(text).commands == (Command(Action.STOP, who),)


@pytest.mark.parametrize(
    ("text", "action", "who"),
    [
        ("Robot two, wait for forklift three", Action.STOP, ("robot-2",)),
        ("Wait, forklift three!", Action.STOP, ("lifter-3",)),
        ("Warte, Stapler drei!", Action.STOP, ("lifter-3",)),
        ("Attends, chariot trois !", Action.STOP, ("lifter-3",)),
        ("Espera, carretilla tres", Action.STOP, ("lifter-3",)),
        ("Robot two and forklift three, wait at dock one", Action.MOVE, ("robot-2", "lifter-3")),
        ("Wait at dock one, robot two and forklift three", Action.MOVE, ("robot-2", "lifter-3")),
        ("Forklift three, wait for me at dock one", Action.MOVE, ("lifter-3",)),
        ("フォークリフト3、ドック1で待って", Action.MOVE, ("lifter-3",)),
        ("ドック1で待ってください、フォークリフト3", Action.MOVE, ("lifter-3",)),
        ("フォークリフト3、そこで待って", Action.STOP, ("lifter-3",)),
        ("フォークリフト3、その場で待って", Action.STOP, ("lifter-3",)),
        ("3号叉车在1号月台等", Action.MOVE, ("lifter-3",)),
        ("3号叉车去1号月台等", Action.MOVE, ("lifter-3",)),
        ("3号叉车在1号月台，等一下", Action.STOP, ("lifter-3",)),
        ("الرافعة ثلاثة، انتظري عند الرصيف واحد", Action.MOVE, ("lifter-3",)),
    ],
)
def test_who_is_called_is_told(text: str, action: Action, who: tuple[str, ...]) -> None:
    assert [(command.action, command.vehicles) for command in read(text).commands] == [(action, who)]


def test_who_waits_first_and_goes_then_is_not_sent_at_once() -> None:
    commands = read("Robot two, wait for forklift three, then go to dock one").commands
    assert not any(command.action.drives for command in commands)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wait for Hugo", "en"),
        ("Wait for mister Smith", "en"),
        ("Attends Hugo.", "fr"),
        ("Attendez madame Roche", "fr"),
        ("Espera a Hugo", "es"),
        ("Aspetta Hugo!", "it"),
        ("Espera pelo Hugo", "pt"),
        ("Espere por Maria", "pt"),
        ("Wacht op Hugo", "nl"),
        ("Vänta på Hugo", "sv"),
        ("Warte auf Herrn Schulz", "de"),
        ("Warte auf Hugo", "de"),
        ("Warte kurz auf Anna", "de"),
        ("Czekaj na Hugona", "pl"),
        ("Hugo'yu bekle", "tr"),
        ("ह्यूगो का इंतज़ार करो", "hi"),
        ("انتظر هوغو", "ar"),
        ("等小王", "zh"),
        ("田中さんを待って", "ja"),
    ],
)
def test_a_person_who_is_waited_for_stops_nobody(text: str, language: str) -> None:
    assert read(text, language).is_nothing
    site = replace(BAKERY, languages=(language,))
    assert Understanding(site, None).understand(Transcript(text, language, 1.0)).is_nothing


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wait, Hugo!", "en"),
        ("Wait Hugo", "en"),
        ("Wait for clearance", "en"),
        ("Wait for the green light", "en"),
        ("Stop, Hugo!", "en"),
        ("Attends, Hugo !", "fr"),
        ("Attends", "fr"),
        ("Espera, Hugo", "es"),
        ("Aspetta, Hugo!", "it"),
        ("Espera, Hugo!", "pt"),
        ("Warte, Hugo!", "de"),
        ("Warte auf Freigabe", "de"),
        ("Warte auf Anweisungen", "de"),
        ("Warte auf die Anna", "de"),
        ("Wacht, Hugo!", "nl"),
        ("Vänta, Hugo!", "sv"),
        ("等一下，雨果！", "zh"),
    ],
)
def test_who_is_called_to_wait_stops_whoever_that_is(text: str, language: str) -> None:
    assert read(text, language).commands == (Command(Action.STOP, ("*",)),)


@pytest.mark.parametrize("text", ["Robot two, wait for Hugo", "Robot deux, attends Hugo", "Robot dos, espera a Hugo"])
def test_who_is_told_to_wait_for_a_person_stops(text: str) -> None:
    assert read(text).commands == (Command(Action.STOP, ("robot-2",)),)


@pytest.mark.parametrize(
    "text",
    [
        "Wait at dock one, robot two",
        "warte an Rampe eins, Roboter zwei",
        "espera en el muelle uno, robot dos",
        "aspetta alla banchina uno, robot due",
        "espera na doca um, robô dois",
        "aguarda na doca um, robô dois",
        "wacht bij dok een, robot twee",
        "vänta vid kaj ett, robot två",
        "czekaj przy rampie jeden, robot dwa",
        "انتظر عند الرصيف واحد يا روبوت اثنين",
    ],
)
def test_who_is_called_behind_the_place_waits_there(text: str) -> None:
    assert read(text).commands == ROBOT_TO_DOCK
