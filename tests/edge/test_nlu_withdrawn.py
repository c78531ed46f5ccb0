"""An order that is taken back is called off: its vehicle takes nothing, and brings nothing back."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from banksman_edge.asr import Transcript
from banksman_edge.nlu import Understanding
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

SITE = Path(__file__).parents[1] / "data" / "eval" / "airport"


@cache
def understanding() -> Understanding:
    return Understanding(load_site(SITE), None)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "take back the order of {}"),
        ("en", "take back {}'s job"),
        ("de", "nimm den Auftrag von {} zurück"),
        ("es", "retira la orden de {}"),
        ("fr", "retire l'ordre de {}"),
        ("it", "ritira l'incarico di {}"),
        ("pt", "retire a ordem do {}"),
        ("nl", "neem de opdracht van {} terug"),
        ("pl", "cofnij zlecenie {}"),
        ("tr", "{} görevini geri al"),
        ("ar", "اسحب المهمة من {}"),
        ("hi", "{} का काम वापस लो"),
        ("ja", "{}の指示を取り下げて"),
        ("zh", "收回{}的指令"),
        ("en", "take the job off {}"),
        ("de", "nimm {} den Auftrag weg"),
        ("es", "saca la tarea a {}"),
        ("es", "suspende lo de {}"),
        ("fr", "retire la mission à {}"),
        ("it", "togli l'incarico a {}"),
        ("it", "togli l'ordine a {}"),
        ("pt", "tira a tarefa a {}"),
        ("nl", "haal de opdracht van {} weg"),
        ("nl", "neem de opdracht van {} af"),
        ("pl", "zabierz zlecenie {}"),
        ("tr", "{} görevini al"),
    ],
)
def test_who_is_to_give_an_order_back_takes_nothing(language: str, text: str) -> None:
    name = load_site(SITE).label("tractor-1", language)
    read = understanding().understand(Transcript(text.format(name), language, 1.0))
    assert read.commands == (Command(Action.CANCEL, ("tractor-1",)),)


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("{}, drive from gate 3 to belt 2", Action.MOVE),
        ("{}, take it from gate 3 to belt 2", Action.TRANSPORT),
        ("{}, drive the bags from gate 3 to belt 2", Action.TRANSPORT),
    ],
)
def test_who_drives_from_somewhere_carries_nothing_unless_a_load_is_said(text: str, action: Action) -> None:
    name = load_site(SITE).label("tractor-1", "en")
    (command,) = understanding().understand(Transcript(text.format(name), "en", 1.0)).commands
    assert (command.action, command.vehicles) == (action, ("tractor-1",))
