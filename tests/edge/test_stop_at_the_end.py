"""A stop word with which an order begins or ends stops, whatever the order says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import to_document
from banksman_shared.site import load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "eval" / "brewery"), None)
ALL = {"action": "stop", "vehicles": ["*"]}
MOVE = {"action": "move", "vehicles": ["forklift-3"], "to": "dock-2"}


def heard(text: str) -> Any:
    return to_document(UNDERSTANDING.understand(Transcript(text, "", 1.0)).commands)


@pytest.mark.parametrize(
    "text",
    [
        "Forklift three, go to dock two, stop!",
        "Forklift three go to dock two stop",
        "Take the pallet from dock one to dock two, stop!",
        "Forklift three, swoop down upon dock two, stop!",
        "Don't go to dock two, stop!",
        "Stapler drei, fahr zu Rampe zwei, stopp!",
        "Stapler drei, bring die Palette von Rampe eins zu Rampe zwei, sofort halt!",
        "Carretilla tres, ve al muelle dos, ¡para!",
        "Chariot trois, va au quai deux, arrête !",
        "Muletto tre, vai alla banchina due, fermati!",
        "Empilhadeira três, vai para a doca dois, pára!",
        "Heftruck drie, rij naar dok twee, stop!",
        "Wózek trzy, jedź na rampę dwa, stój!",
        "Forklift üç, rampa ikiye git, dur!",
        "फोर्कलिफ्ट तीन, डॉक दो पर जाओ, रुको!",
        "三号叉车，去二号月台，停下！",
        "不是这样，停下！",
        "フォークリフト三号、二番ドックに行って、止まれ！",
        "الرافعة ثلاثة، اذهبي إلى الرصيف اثنين، توقف!",
    ],
)
def test_everybody_is_stopped(text: str) -> None:
    assert heard(text) == ALL


@pytest.mark.parametrize(
    "text",
    [
        "Stop, send forklift three to dock two.",
        "Halt, schick Stapler drei zu Rampe zwei.",
        "Alto, manda la carretilla tres al muelle dos.",
        "Stop, envoie le chariot trois au quai deux.",
        "Pare, manda a empilhadeira três para a doca dois.",
        "रुको, फोर्कलिफ्ट तीन को डॉक दो पर भेजो।",
        "停下，三号叉车去二号月台。",
        "止まれ、フォークリフト三号を二番ドックへ。",
    ],
)
def test_everybody_is_stopped_before_an_order(text: str) -> None:
    assert heard(text) == ALL


@pytest.mark.parametrize("text", ["Para a empilhadeira três!", "Para la carretilla tres.", "Pare a empilhadeira três."])
def test_a_stop_word_that_is_a_preposition_too_stops_who_is_named_behind_it(text: str) -> None:
    assert heard(text) == ALL | {"vehicles": ["forklift-3"]}


def test_a_name_behind_it_says_whom_to_stop() -> None:
    assert heard("Forklift three, go to dock two, stop forklift three!") == ALL | {"vehicles": ["forklift-3"]}


@pytest.mark.parametrize(
    "text",
    [
        "Forklift three, go to dock two and stop there.",
        "Wait, send forklift three to dock two.",
        "Forklift three, go to dock two and wait.",
        "Stapler drei, fahr zu Rampe zwei und halt an.",
    ],
)
def test_who_is_told_to_stop_there_goes_there(text: str) -> None:
    assert heard(text) == MOVE


@pytest.mark.parametrize(
    "text",
    [
        "Forklift three, go to dock two, no stop!",
        "Forklift three, go to dock two, don't stop.",
        "Forklift three, go to dock two, stop at dock one.",
        "Forklift three, go to dock two, wait there.",
        "He told me to go to dock two, stop!",
        "Stop, he said, send forklift three to dock two.",
        'The sign says "forklift three, go to dock two, stop!"',
        "È così e basta.",
        "不，不是一号月台，放着别动。",
    ],
)
def test_nobody_is_stopped_by_what_is_no_stop(text: str) -> None:
    assert heard(text)["action"] == "none"


@pytest.mark.parametrize(
    "text",
    [
        "A máquina chega, ele para.",
        "Não, eu só cheguei às nove, ele trava.",
        "Je lui dis bonjour, il s'arrête.",
        "Quand il pleut, il freine.",
        "Dann kommt die Kurve, er bremst.",
        "Arriva la curva, lui frena.",
        "Le digo algo, ella frena.",
    ],
)
def test_what_is_told_of_somebody_stops_nobody(text: str) -> None:
    assert heard(text) != ALL


@pytest.mark.parametrize(
    "text",
    [
        "Quelqu'un est tombé, il faut tout arrêter !",
        "Attention, il arrive arrête !",
        "Look out, he's falling stop!",
        "Achtung, er kommt stopp!",
        "A máquina vem aí, para!",
        "Attention il arrive, arrête !",
        "Da kommt er, bremst!",
        "Muletto tre, vai alla banchina due, si fermi!",
        "Arriva, ferma!",
    ],
)
def test_who_is_told_of_before_takes_no_stop_back(text: str) -> None:
    assert heard(text) == ALL
