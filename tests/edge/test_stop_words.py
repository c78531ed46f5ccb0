"""Stops that are followed by a reason stop, and words that only look like stop words do not.

``data/stop_words`` was written by somebody who had not seen the grammar; what it showed was mended then.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from banksman_edge import Pipeline, Transcript
from banksman_shared.commands import STOP_ALL, Action
from banksman_shared.site import load_site

DATA = Path(__file__).parents[1] / "data"
PLAIN = Pipeline(load_site(DATA / "lookalikes"), None)
FACTORY = Pipeline(load_site(DATA / "commands" / "tileworks"), None)


def heard(text: str, by: Pipeline = PLAIN) -> set[Action]:
    return {command.action for command in by.parse(Transcript(text, "", 1.0)).commands}


def texts(name: str) -> list[str]:
    lines = (DATA / "stop_words" / name).read_text("utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]


def test_what_is_shouted_stops() -> None:
    missed = [text for text in texts("shouts.jsonl") if heard(text) != {Action.STOP}]
    assert len(missed) <= 9, missed


def test_talk_that_holds_such_words_moves_and_stops_nobody() -> None:
    obeyed = [text for text in texts("talk.jsonl") if heard(text) != {Action.NONE}]
    assert len(obeyed) <= 25, obeyed


def test_what_strangers_cry_stops_and_what_they_say_does_not() -> None:
    missed = [text for text in texts("strangers.jsonl") if heard(text, FACTORY) != {Action.STOP}]
    assert len(missed) <= 16, missed
    assert not [text for text in texts("strangers_talk.jsonl") if heard(text, FACTORY) != {Action.NONE}]


@pytest.mark.parametrize(
    "text",
    [
        "Stop, the brakes don't work!",
        "Stop stop stop, there's somebody behind you!",
        "Stop now, the load is sliding off the fork!",
        "Stop, I told him that already!",
        "Stop! The stop button is stuck!",
        "The aisle is full, stop!",
        "Brake, there's a kid on the crossing!",
        "Stop watch out",
        "Truck stop!",
        "That truck stop",
        "Wszyscy stać na miejscu!",
        "Halt eben an",
        "En stop!",
        "Du stop!",
        "बस स्टॉप!",
        "停电梯",
        "叫停！",
        "The stop button is broken. Stop!",
        "Creo que el freno no sirve para nada. ¡Para!",
        "Parece que se ha roto para siempre. ¡Para, para!",
        "Acho que o freio não serve para nada. Pare! Pare!",
        "Disseram que não. Pare! Para quê?",
        "Fren, balataları bitmiş",
        "Brake discs loose!",
        "Stop the truck stop",
        "Halt, da läuft noch jemand durch die Gasse!",
        "¡Para, que viene alguien por detrás!",
        "Stop, le bouton d'arrêt est coincé !",
        "Freine, le frein à main a lâché !",
        "Stop, hamulce nie działają!",
        "停,停车场有小孩!",
        "停！停电了！",
    ],
)
def test_a_stop_stops_whatever_is_told_behind_it(text: str) -> None:
    assert PLAIN.parse(Transcript(text, "", 1.0)).commands == (STOP_ALL,)


@pytest.mark.parametrize(
    "text",
    [
        "Stop, he said, and nobody listened to him at all.",
        'The new sign says "Stop, the brakes need a check".',
        "Halt, nicht anhalten!",
        "Wait, I think somebody has left the lights on.",
        "Espera, creo que me he dejado las llaves.",
        "Pause, um zwölf gibt's Essen.",
        "Basta, non ne posso più.",
        "Brake pads are worn.",
        "¿Para qué?",
        "Para mí, un café solo.",
        "¿Y eso para qué?",
        "Fren balataları bitmiş.",
        "Das ist halt so.",
        "先把6个旁边停电到。",
        "Please wait in the waiting room",
        "Please stop at the stop sign",
    ],
)
def test_nobody_is_stopped_by_a_word_that_means_something_else(text: str) -> None:
    assert Action.STOP not in heard(text)


def test_who_is_named_is_stopped_whatever_expression_the_words_are_part_of() -> None:
    cargo = Pipeline(load_site(DATA / "commands" / "cargo"), None)
    for text in ("Brake pads loose tug one", "拖车停电线"):
        assert cargo.parse(Transcript(text, "", 1.0)).commands == (STOP_ALL,)
    for text, vehicle in (("停水牛！", "tug-18"), ("Schlepper eins, halt eben an!", "tug-1")):
        (command,) = cargo.parse(Transcript(text, "", 1.0)).commands
        assert (command.action, command.vehicles) == (Action.STOP, (vehicle,))


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("Tugger two stop there's somebody behind you", "tugger-2"),
        ("Hercules stop you're about to hit the rack", "forklift-17"),
        ("Tractor dos para que hay alguien detrás", "tugger-2"),
        ("Carretillas deteneos que se ha caído uno", "kind:forklift"),
        ("Rebocador dois para que tem gente atrás", "tugger-2"),
        ("Dalva para que vem gente aí", "tugger-5"),
        ("Tracteur deux arrête il y a quelqu'un derrière", "tugger-2"),
        ("Trattore due fermati c'è un bambino", "tugger-2"),
        ("careful there's somebody behind you tugger two stop", "tugger-2"),
        ("careful there's somebody behind you stop tugger two", "tugger-2"),
        ("cuidado que hay un niño detrás Lola detente", "tugger-5"),
        ("attention il y a un gamin derrière toi Margot arrête", "tugger-5"),
        ("attenti c'è un bambino dietro Ornella fermati", "tugger-5"),
        ("cuidado tem uma criança atrás Dalva pare", "tugger-5"),
        ("小心后面有小孩阿福停住", "jack-75"),
        ("危ない後ろに人がいる牽引車2号止まれ", "tugger-2"),
        ("Para para tractor dos que te llevas la puerta", "tugger-2"),
        ("Para tractor dos que te llevas la puerta por delante", "tugger-2"),
        ("Para para rebocador dois que vais bater", "tugger-2"),
        ("रानी रुक जा वहीं आगे आदमी है", "tugger-5"),
        ("I trattori stiano tutti fermi che qui stanno lavando per terra", "kind:tugger"),
        ("Tous les tracteurs ont s'arrête immédiatement", "kind:tugger"),
        ("Fermi tutti è scattato l'allarme antincendio", "*"),
        ("Quieto parado, tractor dos, que hay gente cruzando", "tugger-2"),
        ("前車止まって、床が水浸しだ", "*"),
    ],
)
def test_who_is_told_to_stop_stops_though_no_comma_was_heard(text: str, whom: str) -> None:
    (command,) = FACTORY.parse(Transcript(text, "", 1.0)).commands
    assert (command.action, command.vehicles) == (Action.STOP, (whom,))


@pytest.mark.parametrize(
    "text",
    [
        "Hercules stop talking to me about rack two",
        "forklift stop sign is missing again",
        "Ercole ferma sempre lì a fumare",
        "Ercole fermo da ieri sera",
        "Margot attends que le camion arrive",
        "Lola espera que llegue el camión",
        "Ornella aspetta che arrivi il camion",
        "Tractor dos para que haya sitio",
        "牽引車2号停止中です今",
        "Forklifts stop at six every day",
        "careful don't let Rosie stop",
        "I told the new guy at tugger two stop",
        "para para el tractor dos compramos ruedas",
        "on s'arrête à midi",
        "on s'arrête, c'est midi",
        "sono tutti fermi, nevica",
        "Stop everyone from smoking, it's disgusting",
        "All the clocks stop, it's spooky",
        "गाड़ी रुक जाये",
    ],
)
def test_what_is_told_of_a_vehicle_that_stands_or_waits_stops_none(text: str) -> None:
    (command,) = FACTORY.parse(Transcript(text, "", 1.0)).commands
    assert command.action is Action.NONE
