"""Sentences made of the words of an order that are none, and those beside them that are."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding, Verdict
from banksman_edge.policy import Policy
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

DATA = Path(__file__).parents[1] / "data"
NONE = {
    "eval/hospital": [
        "please did robot three go to the lab?",
        "make sure robot three went to the lab",
        "when did robot two go to the kitchen?",
        "should robot two go to the kitchen?",
        "soll Roboter zwei in die Küche fahren?",
        "moet robot twee naar de keuken?",
        "s'il te plaît, est-ce que le robot trois va au laboratoire ?",
        "من فضلك، هل يذهب روبوت ثلاثة إلى المختبر؟",
        "no need for robot two to go to the kitchen",
        "لا داعي لروبوت اثنين يروح على المطبخ",
        "ما في داعي روبوت اثنين يروح على المطبخ",
        "inutile d'envoyer le robot deux à la cuisine",
        "è inutile mandare il robot due in cucina",
        "onnodig om robot twee naar de keuken te sturen",
        "robot one, go to the lab, not the lab",
        "Roboter eins, fahr ins Labor, nicht ins Labor",
        "ロボット1、厨房ではなく厨房に行って",
        "robot bir mutfağa değil mutfağa git",
        "stop sending robot two to the kitchen",
        "arrête d'envoyer le robot deux à la cuisine",
        "aspetta a mandare il robot due in cucina",
        "ロボット2が厨房に行くのを止めて",
        "توقف عن إرسال روبوت اثنين إلى المطبخ",
        "leave robot two in the kitchen",
        "lass Roboter zwei in der Küche stehen",
        "laisse le robot deux à la cuisine",
        "deja el robot dos en la cocina",
        "robot ikiyi mutfakta bırak",
        "把二号机器人留在厨房",
        "robot two or robot three go to the kitchen",
        "Roboter zwei, fahr in die Küche, ach nee",
        "o robô dois acabou de ir para a cozinha",
        "二号机器人去过厨房",
    ],
    "languages/lager": [
        "snälla, körde truck tre till port ett?",
        "ska truck två till port ett?",
        "sluta skicka truck två till port ett",
        "lämna truck två vid port ett",
    ],
}
SET_DOWN = {
    "eval/brewery": [
        "put forklift two on dock one",
        "stell Stapler zwei an Rampe eins",
        "stell Stapler zwei an Rampe eins ab",
        "pon la carretilla dos en el muelle uno",
        "mets le chariot deux au quai un",
        "metti il muletto due alla banchina uno",
        "zet heftruck twee bij dok een",
        "postaw wózek widłowy dwa na rampie jeden",
        "coloca a empilhadeira dois na doca um",
        "forklift ikiyi rampa bire koy",
        "फोर्कलिफ्ट दो को डॉक एक पर रखो",
        "フォークリフト2をドック1に置いて",
        "把叉车二放到装卸口一",
        "حط رافعة شوكية اثنين على رصيف واحد",
    ]
}
LOADS = [
    "forklift two, put it on dock one",
    "forklift two, put down at dock one",
    "フォークリフト2、それをドック1に置いて",
    "二号叉车，把它放到一号装卸口",
]


@cache
def understanding(folder: str) -> Understanding:
    return Understanding(load_site(DATA / folder), None)


def commands(folder: str, text: str) -> tuple[Command, ...]:
    return understanding(folder).understand(Transcript(text, "", 1.0)).commands


@pytest.mark.parametrize(("folder", "text"), [(folder, text) for folder, own in NONE.items() for text in own])
def test_what_is_asked_past_ended_or_left_open_is_no_order(folder: str, text: str) -> None:
    assert [command.action for command in commands(folder, text)] == [Action.NONE]


@pytest.mark.parametrize(("folder", "text"), [(folder, text) for folder, own in SET_DOWN.items() for text in own])
def test_who_is_put_somewhere_is_sent_there(folder: str, text: str) -> None:
    assert commands(folder, text) == (Command(Action.MOVE, ("forklift-2",), destination="dock-1"),)


@pytest.mark.parametrize("text", LOADS)
def test_what_a_vehicle_puts_somewhere_is_its_load(text: str) -> None:
    assert commands("eval/brewery", text) == (Command(Action.DROP, ("forklift-2",), destination="dock-1"),)


@pytest.mark.parametrize("text", ["robot two one, go to the lab", "Roboter zwei fünf, fahr ins Labor"])
def test_a_number_behind_a_number_is_read_back(text: str) -> None:
    read = understanding("eval/hospital").understand(Transcript(text, "", 1.0))
    assert Policy().judge(read, 1.0, None).verdict is Verdict.CONFIRM


@pytest.mark.parametrize("text", ["cancel robot two's trip to the kitchen", "ロボット2は厨房に行かなくていい"])
def test_a_trip_that_is_called_off_is_called_off_on_a_yes(text: str) -> None:
    read = understanding("eval/hospital").understand(Transcript(text, "", 1.0))
    assert read.commands == (Command(Action.CANCEL, ("robot-2",)),)
    assert Policy().judge(read, 1.0, None).verdict is Verdict.CONFIRM


@pytest.mark.parametrize("text", ["make sure robot three goes to the lab", "then robot three should go to the lab"])
def test_a_wish_that_something_be_so_is_an_order(text: str) -> None:
    assert commands("eval/hospital", text) == (Command(Action.MOVE, ("robot-3",), destination="lab"),)


@pytest.mark.parametrize(
    "text",
    [
        "Forklift two usually goes to dock one",
        "Stapler zwei fährt meistens zu Rampe eins",
        "Il muletto due passa sempre dalla banchina uno",
        "Le chariot deux va toujours au quai un",
        "La carretilla dos va siempre al muelle uno",
        "A empilhadeira dois vai sempre à doca um",
        "Heftruck twee rijdt meestal naar dok een",
        "Wózek dwa zwykle jedzie na rampę jeden",
        "Truck två kör alltid till kaj ett",
        "Forklift iki genellikle rampa bire gider",
        "फोर्कलिफ्ट दो हमेशा डॉक एक पर जाता है",
        "2号叉车总是去1号月台",
        "الرافعة اثنين دائما تروح على الرصيف واحد",
    ],
)
def test_what_is_usual_is_no_order(text: str) -> None:
    assert [command.action for command in commands("moods/bakery", text)] == [Action.NONE]


@pytest.mark.parametrize(
    "text",
    [
        "Carretilla uno, ve al muelle dos, perdón, al tres",
        "Muletto uno, vai alla banchina due, anzi no, alla tre",
        "Empilhadeira um, vai à doca dois, aliás, à três",
        "Stapler eins, fahr zu Rampe zwei, nein, zur drei",
        "Chariot un, quai deux, enfin non, quai trois",
        "Heftruck een, naar dok twee, o nee, dok drie",
        "Wózek jeden na rampę dwa, nie, przepraszam, na trzy",
        "Forklift one, go to dock two, no, sorry, to three",
    ],
)
def test_what_is_put_right_is_not_done_as_first_said(text: str) -> None:
    assert commands("moods/bakery", text) == (Command(Action.MOVE, ("lifter-1",), destination="dock-3"),)
