"""Orders that hold only on a condition are for the planner, whatever the words of the condition."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import Action
from banksman_shared.site import load_site

BREWERY = Path(__file__).parents[1] / "data" / "eval" / "brewery"
BAKERY = Path(__file__).parents[1] / "data" / "moods" / "bakery"


@cache
def understanding() -> Understanding:
    return Understanding(load_site(BREWERY), None)


@cache
def in_the_bakery() -> Understanding:
    return Understanding(load_site(BAKERY), None)


def bakery_action(language: str, text: str) -> Action:
    return in_the_bakery().understand(Transcript(text, language, 1.0)).commands[0].action


def action(language: str, text: str) -> Action:
    return understanding().understand(Transcript(text, language, 1.0)).commands[0].action


ON_CONDITION = [
    ("en", "forklift three, go to dock two unless line two is blocked"),
    ("en", "go to dock two as soon as the lorry has left"),
    ("en", "if the lorry has left, forklift three go to dock two"),
    ("en", "forklift three, if the lorry has left, go to dock two"),
    ("de", "Stapler drei, fahr zu Rampe zwei, falls der Lkw schon weg ist"),
    ("de", "Falls der Lkw schon weg ist, fahr zu Rampe zwei"),
    ("es", "carretilla tres, ve al muelle dos a menos que la línea dos esté bloqueada"),
    ("fr", "chariot trois va au quai deux, sauf si la ligne deux est bloquée"),
    ("it", "muletto tre vai alla banchina due a meno che la linea due sia bloccata"),
    ("pt", "empilhadeira três vai à doca dois a não ser que a linha dois esteja bloqueada"),
    ("nl", "heftruck drie rijd naar dok twee tenzij lijn twee geblokkeerd is"),
    ("pl", "wózek trzy jedź do rampy dwa chyba że linia dwa jest zablokowana"),
    ("tr", "hat iki kapalı değilse forklift üç rampa ikiye git"),
    ("hi", "अगर लाइन दो बंद न हो तो फोर्कलिफ्ट तीन डॉक दो पर जाओ"),
    ("ja", "ライン2が塞がっていなければ、フォークリフト3はドック2へ行って"),
    ("zh", "3号叉车去装卸口2，除非生产线2堵了"),
    ("ar", "رافعة ثلاثة اذهب إلى رصيف اثنين إلا إذا كان خط اثنين مغلقا"),
    # who says something in the condition quotes nobody
    ("en", "forklift three, go to dock two if Peter says so"),
    ("en", "if the boss says so, send forklift three to dock two"),
    ("de", "schick Stapler drei zu Rampe zwei, wenn Peter das sagt"),
    ("es", "manda la carretilla tres al muelle dos si Pedro lo dice"),
    ("fr", "envoie le chariot trois au quai deux si Pierre le dit"),
    ("it", "manda il muletto tre alla banchina due se Pietro lo dice"),
    ("ja", "ピーターが言ったら、フォークリフト3をドック2へ送って"),
    ("zh", "如果彼得说可以，就派3号叉车去装卸口2"),
]


@pytest.mark.parametrize(("language", "text"), ON_CONDITION)
def test_an_order_on_a_condition_is_for_the_planner(language: str, text: str) -> None:
    assert action(language, text) is Action.PLAN


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "forklift three went to dock two if I remember right"),
        ("en", "tell me if forklift three goes to dock two"),
        ("en", "I go to dock two if the boss calls"),
        ("en", "if I were you I would leave"),
        ("en", "Peter says, if line two is free, send forklift three to dock two"),
        ("en", "Peter says forklift three can go to dock two if it is free"),
        ("en", "ask Peter if forklift three goes to dock two"),
        ("de", "wenn Stapler drei zu Rampe zwei fährt, gehe ich heim"),
        ("tr", "forklift üç rampa ikiye giderse ben eve dönerim"),
    ],
)
def test_what_tells_of_a_condition_orders_nothing(language: str, text: str) -> None:
    assert action(language, text) is Action.NONE


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Sobald Stapler zwei frei ist, soll er zu Rampe eins"),
        ("de", "Sobald Stapler zwei frei ist soll er zu Rampe eins"),
        ("de", "Wenn Stapler zwei fertig ist, soll er laden"),
        ("de", "Sobald Stapler zwei frei ist, muss Stapler eins zu Rampe eins"),
        ("de", "Bevor Stapler zwei lädt, soll er noch zu Rampe eins"),
        ("de", "Nachdem Stapler zwei abgeladen hat, soll er zu Rampe eins"),
        ("nl", "Zodra heftruck twee vrij is, moet hij naar dok een"),
        ("nl", "Als heftruck twee klaar is moet hij laden"),
        ("sv", "Så snart truck två är ledig ska den till kaj ett"),
        ("sv", "Så snart truck två är ledig, skicka den till kaj ett"),
        ("sv", "När truck två är klar ska den ladda"),
    ],
)
def test_who_is_told_behind_the_verb_is_told_for_the_planner(language: str, text: str) -> None:
    assert bakery_action(language, text) is Action.PLAN


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Wenn der Lkw weg ist, soll er zu Rampe eins"),
        ("de", "Sobald Stapler zwei frei war, ist er zu Rampe eins gefahren"),
        ("de", "Sobald Stapler zwei frei ist, soll er sich freuen"),
        ("nl", "Als de vrachtwagen weg is, moet hij naar dok een"),
        ("sv", "När lastbilen är borta ska den till kaj ett"),
    ],
)
def test_of_whom_nobody_knows_nothing_is_planned(language: str, text: str) -> None:
    assert bakery_action(language, text) is Action.NONE


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "When does robot two go to dock one?"),
        ("es", "¿Cuándo va el robot dos al muelle uno?"),
        ("fr", "Quand est-ce que le robot deux va au quai un ?"),
        ("fr", "Quand est-ce que le robot deux va au quai un"),
        ("it", "Quando va il robot due alla banchina uno?"),
        ("nl", "Wanneer gaat robot twee naar dok één?"),
        ("pl", "Kiedy robot dwa jedzie na rampę jeden?"),
        ("pt", "Quando é que o robô dois vai para a doca um?"),
        ("pt", "Quando é que o robô dois vai para a doca um"),
        ("pt", "Quando o robô dois vai para a doca um?"),
        ("sv", "När åker robot två till kaj ett?"),
    ],
)
def test_when_somebody_goes_is_asked_and_not_planned(language: str, text: str) -> None:
    assert bakery_action(language, text) in (Action.NONE, Action.STATUS)
