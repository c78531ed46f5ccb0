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


@pytest.mark.parametrize("text", ["Wait until I come, forklift three", "Forklift three, wait until I come"])
def test_who_is_told_to_wait_until_something_else_is_so_is_no_less_told(text: str) -> None:
    assert {command.action for command in read(text, "stop V1").commands} == {Action.STOP}


@pytest.mark.parametrize("text", ["robot två, stanna här", "robot två, vänta här"])
def test_here_is_no_verb_in_swedish(text: str) -> None:
    assert read(text, language="sv").commands == (Command(Action.STOP, ("robot-2",)),)
