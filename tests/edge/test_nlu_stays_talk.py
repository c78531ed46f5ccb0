"""What was taken for an order or a stop when words and rules were new, and is talk: in many languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import STOP_ALL
from banksman_shared.site import load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)


@pytest.mark.parametrize(
    "text",
    [
        "Muletto tre, occhio al robot uno, vai alla banchina due",
        "Muletto tre, c'è il robot uno, vai alla banchina due",
        "C'è il muletto tre alla banchina due",
        "Il faut évacuer",
        "Chariot trois, évacuer le quai deux",
        "A bateria do robô um está cheia, já pode rodar",
        "Pode rodar",
        "Scrub it",
        "ロボット1なしで",
        "La carretilla tres va para el muelle dos",
        "Il muletto tre va spostato alla banchina due",
        "ロボット1はドック2行きです",
        "El enchufe del robot uno",
        "El jefe va para el muelle dos",
        "Eu quero ir para a doca dois",
        "Eu preciso da empilhadeira três",
        "Les chariots sont attendus au quai deux",
        "每个停车位都要打扫",
        "全部停车费由公司出",
        "みんなストップウォッチを持っている",
        "Jeder Halt kostet uns Zeit",
        "Alle halten sich an die Regeln hier",
        "Chaque arrêt nous coûte beaucoup d'argent",
        "सब रुक गए थे जब बारिश आई",
        "Tutto fermo da stamattina per lo sciopero",
        "Tudo parado desde cedo por causa da greve",
        "Everybody stop complaining about the coffee machine",
        "All robots stop when they see a person",
        "Parou todo mundo de trabalhar às cinco",
        "On arrête tout à midi et on mange",
        "Para todos que hay pastel en la cocina",
        "フォークリフト3が止まって危ない",
        "フォークリフト3、止まるのは危険です",
        "Robot one, would you mind standing by",
    ],
)
def test_it_is_no_order(text: str) -> None:
    assert UNDERSTANDING.known(Transcript(text, "", 1.0)) is None


@pytest.mark.parametrize(
    "text",
    [
        "Un enfant passe devant arrêtez",
        "Ein Kind springt auf stopp",
        "Un niño corre hacia alto",
        "Ett barn springer mot stopp",
        "Occhio al muletto tre, fermati!",
    ],
)
def test_a_shout_at_the_end_of_what_is_seen_stops_everybody(text: str) -> None:
    stop = UNDERSTANDING.stop(Transcript(text, "", 1.0))
    assert stop is not None
    assert stop.commands == (STOP_ALL,)
