"""Who is only named to say until when somebody waits is told nothing, neither by the grammar nor by a model."""

from __future__ import annotations

from pathlib import Path

import pytest
from edge_world import ScriptedModel

from banksman_edge import Interpretation, Transcript, Understanding
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

PLAIN = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)


def read(text: str, line: str = "", language: str = "") -> Interpretation:
    understanding = PLAIN.with_model(ScriptedModel(line)) if line else PLAIN
    return understanding.understand(Transcript(text, language, 1.0))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Wait here until forklift three is done", "en"),
        ("Wait till the forklift three has gone", "en"),
        ("Until forklift three is done, wait here", "en"),
        ("Warte hier, bis Stapler drei fertig ist", "de"),
        ("warte hier bis der Stapler drei weg ist", "de"),
        ("Attends ici jusqu'à ce que le chariot trois ait fini", "fr"),
        ("Attends que le chariot trois soit parti", "fr"),
        ("Espera aquí hasta que la carretilla tres termine", "es"),
        ("Espera aquí hasta que termine la carretilla tres", "es"),
        ("Aspetta qui finché il muletto tre non ha finito", "it"),
        ("Aspetta qui finché non finisce il muletto tre", "it"),
        ("Espera aqui até a empilhadeira três terminar", "pt"),
        ("Wacht hier tot heftruck drie klaar is", "nl"),
        ("Vänta här tills truck tre är klar", "sv"),
        ("Czekaj tu, aż wózek trzy skończy", "pl"),
        ("Forklift üç bitirene kadar burada bekle", "tr"),
        ("फोर्कलिफ्ट तीन के जाने तक यहाँ रुको", "hi"),
        ("जब तक फोर्कलिफ्ट तीन काम पूरा न करे तब तक यहाँ रुको", "hi"),
        ("フォークリフト3が終わるまでここで待って", "ja"),
        ("在这里等到3号叉车完成", "zh"),
        ("انتظر هنا حتى تنتهي الرافعة ثلاثة", "ar"),
    ],
)
def test_whom_somebody_waits_for_is_not_stopped(text: str, language: str) -> None:
    assert read(text, "stop V1", language).is_nothing


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Robot two, wait here until forklift three is done", "en"),
        ("Until forklift three has left, robot two, wait here", "en"),
        ("Roboter zwei, warte hier, bis Stapler drei fertig ist", "de"),
        ("Robot deux, attends ici jusqu'à ce que le chariot trois ait fini", "fr"),
        ("Robot dos, espera aquí hasta que termine la carretilla tres", "es"),
        ("Robot due, aspetta qui finché il muletto tre non ha finito", "it"),
        ("Robô dois, espera aqui até a empilhadeira três terminar", "pt"),
        ("robot twee, wacht hier tot heftruck drie klaar is", "nl"),
        ("robot två, vänta här tills truck tre är klar", "sv"),
        ("robot dwa, czekaj tu, aż wózek trzy skończy", "pl"),
        ("robot iki, forklift üç bitirene kadar burada bekle", "tr"),
        ("रोबोट दो, फोर्कलिफ्ट तीन के जाने तक यहाँ रुको", "hi"),
        ("ロボット2、フォークリフト3が終わるまでここで待って", "ja"),
        ("روبوت اثنين، انتظر هنا حتى تنتهي الرافعة ثلاثة", "ar"),
    ],
)
def test_who_waits_stands_alone(text: str, language: str) -> None:
    assert read(text, "stop V1,V2", language).commands == (Command(Action.STOP, ("robot-2",)),)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("keep an eye on dock one until forklift three turns up", "move V1 to P1"),
        ("chill for a bit till forklift three has moved on", "stop V1"),
    ],
)
def test_no_model_tells_whoever_is_named_behind_until(text: str, line: str) -> None:
    assert read(text, line, "en").is_nothing


def test_who_is_told_beside_somebody_waited_for_is_told_by_a_model() -> None:
    found = read("robot two shall chill for a bit till forklift three has moved on", "stop V1; stop V2", "en")
    assert {vehicle for command in found.commands for vehicle in command.vehicles} <= {"robot-2"}


@pytest.mark.parametrize("text", ["Wait until I come, forklift three", "Forklift three, wait until I come"])
def test_who_is_told_to_wait_until_something_else_is_so_is_no_less_told(text: str) -> None:
    assert {command.action for command in read(text, "stop V1").commands} == {Action.STOP}


@pytest.mark.parametrize("text", ["robot två, stanna här", "robot två, vänta här"])
def test_here_is_no_verb_in_swedish(text: str) -> None:
    assert read(text, language="sv").commands == (Command(Action.STOP, ("robot-2",)),)
