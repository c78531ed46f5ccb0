"""What people say of themselves, and of what is so, in the words of orders; and orders that hold the words of
questions."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from banksman_edge import Transcript, Understanding, Verdict
from banksman_edge.nlu.answers import yes_or_no
from banksman_edge.policy import Policy
from banksman_shared.commands import to_document
from banksman_shared.site import load_site

YARD = Path(__file__).parents[1] / "data" / "free" / "recycling"


@cache
def understanding() -> Understanding:
    return Understanding(load_site(YARD), None)


def heard(text: str) -> tuple[Any, Verdict]:
    read = understanding().understand(Transcript(text, "", 1.0))
    return to_document(read.commands), Policy().judge(read, 1.0, None).verdict


BAKERY = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)
NOBODY = [
    ("es", "cuál es el robot más cercano al muelle dos"),
    ("es", "pensaba mandar el robot dos al muelle uno"),
    ("es", "alguien va al muelle dos"),
    ("es", "el robot dos lleva mucho tiempo en el muelle tres"),
    ("es", "el robot dos lo mando yo al muelle uno"),
    ("es", "quiero saber si el robot dos está en el muelle uno"),
    ("it", "qual è il robot più vicino alla banchina due"),
    ("it", "pensavo di mandare il robot due alla banchina uno"),
    ("it", "qualcuno va alla banchina due?"),
    ("it", "il robot due ci mette un sacco ad arrivare alla banchina tre"),
    ("it", "il robot due lo mando io, tu manda il robot tre alla banchina uno"),
    ("it", "se il robot due non va alla banchina uno, ci vado io"),
    ("nl", "wat is de dichtstbijzijnde robot bij dok twee"),
    ("nl", "ik dacht eraan robot twee naar dok een te sturen"),
    ("nl", "moet er een robot naar dok een?"),
    ("nl", "robot twee doet er lang over om bij dok drie te komen"),
    ("nl", "robot twee gaat 's morgens altijd naar dok drie"),
    ("nl", "robot twee en robot een staan bij dok een"),
    ("nl", "ik denk dat robot twee naar dok drie moet"),
    ("de", "ich dachte daran, Roboter zwei zu Rampe eins zu schicken"),
    ("de", "Roboter zwei braucht lange zu Rampe drei"),
    ("de", "Roboter zwei fährt morgens immer zu Rampe drei"),
    ("fr", "quelqu'un va au quai deux ?"),
    ("fr", "le robot deux passe des heures au quai trois"),
    ("pt", "pensava mandar o robô dois para a doca um"),
    ("pt", "alguém vai à doca dois?"),
    ("pt", "o robô dois leva muito tempo na doca três"),
    ("sv", "jag tänkte skicka robot två till kaj ett"),
]


@pytest.mark.parametrize(("language", "text"), NOBODY)
def test_what_is_thought_of_asked_or_told_of_others_is_no_order(language: str, text: str) -> None:
    read = BAKERY.understand(Transcript(text, language, 1.0))
    assert to_document(read.commands) == {"action": "none", "vehicles": []}


@pytest.mark.parametrize("text", ["traé la caja al muelle dos, robot uno", "poné la caja en el muelle dos, robot uno"])
def test_who_is_ordered_with_vos_did_nothing(text: str) -> None:
    (command,) = BAKERY.understand(Transcript(text, "es", 1.0)).commands
    assert (command.vehicles, command.destination) == (("robot-1",), "dock-2")


@pytest.mark.parametrize(
    "text",
    [
        "Llevé la caja a la puerta dos",
        "Dejé la caja en la puerta tres",
        "Mandé el carro tres a la puerta dos",
        "Pasé por la puerta dos",
        "Ya aparqué el carro dos",
        "J'ai amené la caisse à la porte deux",
        "J'ai garé le chariot trois",
        "J'ai annulé la commande",
        "وصلنا على البوابة اثنين",
        "سلمنا الطلبية في صالة الفرز",
        "نقلوا الصندوق إلى الميزان",
    ],
)
def test_what_was_done_is_no_order_though_it_sounds_like_one(text: str) -> None:
    assert heard(text)[1] is Verdict.REJECT


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("Lleve la caja a la puerta dos", "transport"),
        ("Pase por la puerta dos, carro uno", "move"),
        ("Déposé la caisse à la porte deux, chariot trois", "drop"),
    ],
)
def test_the_same_words_without_that_are_an_order(text: str, action: str) -> None:
    document, verdict = heard(text)
    assert (document["action"], verdict) == (action, Verdict.ACCEPT)


@pytest.mark.parametrize(
    "text",
    [
        "Ich stelle die Kiste an Tor zwei ab",
        "Die Kiste stelle ich an Tor zwei ab",
        "Ich parke den Wagen drei",
        "Je mets la caisse à la porte deux",
        "J'envoie le chariot trois à la porte deux",
        "On amène la caisse à la porte deux",
        "A gente leva o fardo pra prensa um",
        "We charge cart three",
        "They park cart three at gate two",
        "Ik haal de kist bij poort een op",
        "Jedziemy do bramy dwa",
        "我去二号大门",
        "我把箱子送到二号大门",
        "私が箱をゲート2に運ぶ",
        "أنا أنقل الصندوق إلى الميزان",
        "بروح على البوابة اثنين",
        "هو يروح على البوابة اثنين",
    ],
)
def test_what_somebody_does_themselves_is_no_order(text: str) -> None:
    assert heard(text)[1] is Verdict.REJECT


@pytest.mark.parametrize(
    "text",
    [
        "Cart three is charging",
        "Le chariot trois est en charge",
        "Il carrello tre è in carica",
        "O carrinho três está a carregar",
        "Está o carrinho três a carregar?",
        "Wagen drei ist am Laden",
        "Kar drie is aan het opladen",
        "三号小车在充电",
        "カート3は充電中です",
    ],
)
def test_who_charges_already_is_not_sent_to(text: str) -> None:
    assert heard(text)[0] == {"action": "none", "vehicles": []}


@pytest.mark.parametrize("text", ["وصل أوتو إلى البوابة واحد", "رجع أوتو من الميزان"])
def test_who_has_come_as_well_as_shall_come_is_asked_about(text: str) -> None:
    assert heard(text)[1] is Verdict.CONFIRM


@pytest.mark.parametrize(
    "text",
    [
        "Cart two, stop where you are",
        "Wagen zwei, bleib stehen, wo du gerade bist",
        "Wagen zwei, halt an wo du bist",
        "Carro dos, párate donde estás",
        "Carro dos, quédate donde estás",
        "Chariot deux, arrête-toi où tu es",
        "Carrello due, fermati dove sei",
        "Carrello due, resta fermo dove sei",
        "Carrinho dois, pare onde está",
        "Carrinho dois, fica onde está",
        "Carrinho dois, fique parado onde você está",
        "カート2、今いるところで止まって",
        "يا عربة اثنين، قفي حيث أنت",
    ],
)
def test_who_shall_stop_where_they_are_is_not_asked_where_that_is(text: str) -> None:
    assert heard(text) == ({"action": "stop", "vehicles": ["cart-2"]}, Verdict.ACCEPT)


@pytest.mark.parametrize("text", ["Wait, where is cart two?", "Espera, ¿dónde está el carro dos?"])
def test_who_asks_after_a_wait_asks(text: str) -> None:
    assert heard(text)[0] == {"action": "status", "vehicles": ["cart-2"]}


@pytest.mark.parametrize(
    "text",
    [
        "Lifter five to gate three, no, I mean four",
        "Hubwagen fünf zu Tor drei, nein, ich meine vier",
        "Elevador cinco a la puerta tres, no, quiero decir cuatro",
        "Gerbeur cinq à la porte trois, non, je veux dire quatre",
        "Elevatore cinque al cancello tre, no, volevo dire quattro",
        "Elevador cinco ao portão três, não, quero dizer quatro",
        "Stapelaar vijf naar poort drie, nee, ik bedoel vier",
        "Podnośnik pięć do bramy trzy, nie, to znaczy cztery",
        "الرافعة خمسة إلى البوابة ثلاثة، لا، أقصد أربعة",
    ],
)
def test_a_number_alone_puts_right_what_was_named_last_on_a_yes(text: str) -> None:
    assert heard(text) == ({"action": "move", "vehicles": ["lifter-5"], "to": "gate-4"}, Verdict.CONFIRM)


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("Lifter five, no, six, go to gate three", {"action": "move", "vehicles": ["lifter-6"], "to": "gate-3"}),
        ("Lifter five to gate three, no, nine", {"action": "none", "vehicles": []}),
        ("Lifter five to the weighbridge, no, four", {"action": "none", "vehicles": []}),
    ],
)
def test_a_number_alone_names_something_that_is_there_or_nothing(text: str, document: dict[str, Any]) -> None:
    assert heard(text)[0] == document


@pytest.mark.parametrize(
    "text",
    [
        "Everybody to gate two",
        "Alle zu Tor zwei",
        "Todos a la puerta dos",
        "Tout le monde à la porte deux",
        "Tutti al cancello due",
        "Todo mundo pro portão dois",
        "Iedereen naar poort twee",
        "Wszyscy do bramy dwa",
        "Herkes kapı ikiye",
        "全員ゲート2へ",
        "الجميع إلى البوابة اثنين",
    ],
)
def test_everybody_is_sent_without_a_verb_on_a_yes(text: str) -> None:
    assert heard(text) == ({"action": "move", "vehicles": ["*"], "to": "gate-2"}, Verdict.CONFIRM)


def test_which_one_is_no_yes() -> None:
    assert yes_or_no("أي واحدة؟", ["ar"]) is None
    assert yes_or_no("إي نعم", ["ar"]) is True


@pytest.mark.parametrize("text", ["Jetzt ist Pause", "Das ist halt so"])
def test_break_time_and_small_words_stop_nobody_where_german_is_spoken(text: str) -> None:
    german = Understanding(replace(load_site(YARD), languages=("de",)), None)
    assert german.understand(Transcript(text, "de", 1.0)).commands[0].action == "none"


@pytest.mark.parametrize(
    ("language", "text", "document"),
    [
        ("es", "¿en qué muelle está el robot dos?", {"action": "status", "vehicles": ["robot-2"]}),
        ("it", "in quale banchina è il robot due?", {"action": "status", "vehicles": ["robot-2"]}),
        ("nl", "aan welk dok staat robot twee?", {"action": "status", "vehicles": ["robot-2"]}),
        ("nl", "bij welke oven staat robot twee?", {"action": "status", "vehicles": ["robot-2"]}),
        ("de", "an welcher Rampe steht Roboter zwei?", {"action": "status", "vehicles": ["robot-2"]}),
        ("fr", "à quel quai est le robot deux ?", {"action": "status", "vehicles": ["robot-2"]}),
        ("pt", "em que doca está o robô dois?", {"action": "status", "vehicles": ["robot-2"]}),
        ("es", "ubícame al robot dos", {"action": "status", "vehicles": ["robot-2"]}),
        ("it", "fermami il robot due", {"action": "stop", "vehicles": ["robot-2"]}),
        ("it", "robot due, non andare oltre", {"action": "stop", "vehicles": ["robot-2"]}),
        ("it", "il robot due non si muova dalla banchina uno", {"action": "stop", "vehicles": ["robot-2"]}),
        ("es", "robot dos, no sigas", {"action": "stop", "vehicles": ["robot-2"]}),
        ("es", "el robot dos que no se mueva del muelle uno", {"action": "stop", "vehicles": ["robot-2"]}),
        ("es", "me urge el robot dos en el muelle uno", {"action": "move", "vehicles": ["robot-2"], "to": "dock-1"}),
        ("es", "quiero el robot dos en el muelle uno", {"action": "move", "vehicles": ["robot-2"], "to": "dock-1"}),
        ("es", "el robot dos me lo mandas al muelle uno", {"action": "move", "vehicles": ["robot-2"], "to": "dock-1"}),
        ("it", "il robot due lo voglio in banchina uno", {"action": "move", "vehicles": ["robot-2"], "to": "dock-1"}),
        ("it", "mi occorre il robot due in banchina uno", {"action": "move", "vehicles": ["robot-2"], "to": "dock-1"}),
        ("it", "robot due, passa dalla banchina uno", {"action": "move", "vehicles": ["robot-2"], "to": "dock-1"}),
        (
            "nl",
            "robot twee, ga uiteindelijk maar naar dok een",
            {"action": "move", "vehicles": ["robot-2"], "to": "dock-1"},
        ),
        ("nl", "als je kan, robot twee, ga naar dok een", {"action": "move", "vehicles": ["robot-2"], "to": "dock-1"}),
        (
            "nl",
            "zeg tegen robot twee dat ze naar dok een moet",
            {"action": "move", "vehicles": ["robot-2"], "to": "dock-1"},
        ),
        ("es", "parquea el robot dos", {"action": "park", "vehicles": ["robot-2"]}),
        ("it", "metti via il robot due", {"action": "park", "vehicles": ["robot-2"]}),
        ("nl", "robot twee mag geparkeerd worden", {"action": "park", "vehicles": ["robot-2"]}),
    ],
)
def test_other_ways_to_say_it(language: str, text: str, document: dict[str, Any]) -> None:
    assert to_document(BAKERY.understand(Transcript(text, language, 1.0)).commands) == document
