"""What is said of a vehicle in words that order as well as tell: what it will do, whether it can; and "wait" before an
order. Of such sentences none is done at once. The site is known to no other test."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from bakery import FOLDER, found


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    language: str
    text: str
    decision: str
    command: Any


SENTENCES = [msgspec.json.decode(line, type=Sentence) for line in (FOLDER / "bakery.jsonl").read_bytes().splitlines()]
LANGUAGES = sorted({sentence.language for sentence in SENTENCES})


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_may_be_told_is_read_back_and_what_is_asked_for_is_done(language: str) -> None:
    wrong = []
    for sentence in (one for one in SENTENCES if one.language == language):
        judged = found(language, sentence.text)
        if judged != (sentence.decision, sentence.command):
            wrong.append((sentence.id, sentence.text, *judged))
    assert wrong == []


def test_there_are_enough_of_them_in_every_language() -> None:
    assert len(LANGUAGES) == 14
    assert len(SENTENCES) >= 200
    assert sum(sentence.decision == "confirm" for sentence in SENTENCES) >= 100


PLANNED = {"action": "plan", "vehicles": []}
NOTHING = {"action": "none", "vehicles": []}
SENT = {"action": "move", "vehicles": ["robot-2"], "to": "dock-1"}
PLUGGED_IN = {"action": "charge", "vehicles": ["robot-2"], "to": "charger-1"}
BROUGHT = {"action": "transport", "vehicles": [], "to": "dock-1"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "أرسل غدا الروبوت اثنين إلى الرصيف واحد"),
        ("ar", "يوم الاثنين أرسل الروبوت اثنين إلى الرصيف واحد"),
        ("de", "Schick Roboter zwei am Montag zu Rampe eins"),
        ("en", "On Monday, send robot two to dock one"),
        ("es", "Manda mañana el robot dos al muelle uno"),
        ("fr", "Envoie demain le robot deux au quai un"),
        ("hi", "सोमवार को रोबोट दो को डॉक एक पर भेजो"),
        ("it", "Domani manda il robot due alla banchina uno"),
        ("ja", "明日ロボット2号をドック1に送って"),
        ("nl", "Stuur maandag robot twee naar dok een"),
        ("pl", "W poniedziałek wyślij robota dwa na rampę jeden"),
        ("pt", "Manda amanhã o robô dois para a doca um"),
        ("sv", "Skicka robot två till kaj ett på måndag"),
        ("tr", "Pazartesi robot ikiyi rampa bire gönder"),
        ("zh", "星期一派机器人二号去一号月台"),
    ],
)
def test_what_is_for_another_day_is_planned_and_not_done_now(language: str, text: str) -> None:
    assert found(language, text)[1] == PLANNED


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Morgen fährt Roboter zwei zu Rampe eins"),
        ("fr", "Lundi le robot deux va au quai un"),
        ("it", "Domani il robot due va alla banchina uno"),
        ("nl", "Morgen gaat robot twee naar dok een"),
        ("pl", "Jutro robot dwa jedzie na rampę jeden"),
        ("pt", "Amanhã o robô dois vai para a doca um"),
    ],
)
def test_what_a_vehicle_will_do_another_day_is_told(language: str, text: str) -> None:
    assert found(language, text)[1] == NOTHING


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "الروبوت اثنان يروح للرصيف واحد؟"),
        ("de", "Roboter zwei fährt zu Rampe eins?"),
        ("en", "Robot two to dock one?"),
        ("fr", "Le robot deux va au quai un ?"),
        ("hi", "रोबोट दो डॉक एक पर जाए?"),
        ("it", "Il robot due va alla banchina uno?"),
        ("pt", "O robô dois vai para a doca um?"),
        ("zh", "机器人二号去一号月台？"),
    ],
)
def test_an_order_that_may_be_asked_is_read_back(language: str, text: str) -> None:
    assert found(language, text) == ("confirm", SENT)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Ist es Roboter zwei, der zu Rampe eins fährt?"),
        ("en", "Should we send robot two to dock one?"),
        ("en", "So should robot two go to dock one?"),
        ("en", "Robot two tried to pick up the box at dock one"),
        ("fr", "Doit-on envoyer le robot deux au quai un ?"),
        ("fr", "On doit envoyer le robot deux au quai un ?"),
        ("fr", "C'est le robot deux qui va au quai un"),
        ("fr", "Le robot deux est en route vers le quai un"),
        ("fr", "Merci d'être passé au quai un, robot deux"),
        ("fr", "Robot deux refuse d'aller au quai un"),
        ("fr", "Va plus au quai un, robot deux"),
        ("it", "Dobbiamo mandare il robot due alla banchina uno?"),
        ("it", "È il robot due che va alla banchina uno"),
        ("it", "Robot due odia andare alla banchina uno"),
        ("it", "Ho paura di andare alla banchina uno, robot due"),
        ("it", "Devo spostare la cassa dalla banchina uno alla banchina due"),
        ("en", "If it were up to me, robot two would go to dock one"),
        ("it", "Ho portato io la cassa dalla banchina uno alla banchina due"),
        ("pt", "É o robô dois que vai para a doca um?"),
    ],
)
def test_what_people_ask_and_tell_each_other_is_no_order(language: str, text: str) -> None:
    assert found(language, text) == ("reject", NOTHING)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr", "On doit envoyer le robot deux au quai un"),
        ("it", "Dobbiamo mandare il robot due alla banchina uno"),
        ("it", "Il robot due va alla banchina uno"),
        ("en", "Robot two to dock one, please?"),
    ],
)
def test_the_same_words_where_nothing_asks_are_done(language: str, text: str) -> None:
    assert found(language, text) == ("accept", SENT)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "لحظة يا روبوت اثنان"),
        ("de", "Einen Moment, Roboter zwei"),
        ("en", "Hang on, robot two"),
        ("es", "Un momento, robot dos"),
        ("fr", "Minute, robot deux"),
        ("hi", "एक मिनट, रोबोट दो"),
        ("it", "Un attimo, robot due"),
        ("nl", "Momentje, robot twee"),
        ("pl", "Chwileczkę, robot dwa"),
        ("pt", "Um momento, robô dois"),
        ("sv", "Ett ögonblick, robot två"),
        ("tr", "Bir dakika, robot iki"),
    ],
)
def test_who_is_made_to_wait_stands(language: str, text: str) -> None:
    assert found(language, text) == ("accept", {"action": "stop", "vehicles": ["robot-2"]})


@pytest.mark.parametrize("text", ["One moment", "One moment, Dave", "One moment, robot two is at dock one"])
def test_nobody_stands_who_is_not_told_to_wait(text: str) -> None:
    assert found("en", text)[1] in (NOTHING, {"action": "status", "vehicles": ["robot-2"]})


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Nobody moves!"),
        ("sv", "Ingen rör sig!"),
        ("hi", "कोई नहीं हिलेगा!"),
        ("ja", "誰も動くな！"),
    ],
)
def test_nobody_moves_where_that_is_said(language: str, text: str) -> None:
    assert found(language, text) == ("accept", {"action": "stop", "vehicles": ["*"]})


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "روبوت اثنان، المحطة التالية الرصيف واحد"),
        ("de", "Roboter zwei, nächster Halt Rampe eins"),
        ("en", "Robot two, your next stop is dock one"),
        ("en", "Would you mind going to dock one, robot two?"),
        ("en", "Um, robot two, er, to dock one please, ta"),
        ("en", "It is necessary that robot two goes to dock one"),
        ("es", "Robot dos, próxima parada muelle uno"),
        ("es", "Quisiera que el robot dos fuera al muelle uno"),
        ("es", "Dile al robot dos que vaya al muelle uno"),
        ("fr", "Robot deux, prochain arrêt quai un"),
        ("fr", "Robot deux, j'vais avoir besoin de toi au quai un"),
        ("it", "Robot due, prossima fermata banchina uno"),
        ("it", "Vorrei che il robot due andasse alla banchina uno"),
        ("it", "Di' al robot due di andare alla banchina uno"),
        ("it", "Vai pure alla banchina uno, robot due"),
        ("it", "Si prega di spostare il robot due alla banchina uno"),
        ("it", "Ci sarebbe da spostare il robot due alla banchina uno"),
        ("nl", "Robot twee, volgende stop dok een"),
        ("pl", "Robot dwa, następny przystanek rampa jeden"),
        ("pt", "Robô dois, próxima parada doca um"),
        ("pt", "Gostaria que o robô dois fosse à doca um"),
        ("sv", "Robot två, nästa stopp kaj ett"),
        ("sv", "Säg åt robot två att åka till kaj ett"),
        ("zh", "机器人二号，下一站一号月台"),
    ],
)
def test_ways_to_send_somebody(language: str, text: str) -> None:
    assert found(language, text) == ("accept", SENT)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Häng die Kiste an Rampe eins an, Roboter zwei"),
        ("en", "Hook up the box at dock one, robot two"),
        ("es", "Engancha la caja en el muelle uno, robot dos"),
        ("fr", "Accroche la caisse au quai un, robot deux"),
        ("it", "Aggancia la cassa alla banchina uno, robot due"),
        ("nl", "Koppel de doos aan bij dok een, robot twee"),
        ("pl", "Podczep skrzynię na rampie jeden, robot dwa"),
        ("pt", "Engata a caixa na doca um, robô dois"),
        ("sv", "Koppla på lådan vid kaj ett, robot två"),
    ],
)
def test_to_hitch_something_up_is_to_pick_it_up(language: str, text: str) -> None:
    assert found(language, text) == ("accept", {"action": "pick", "vehicles": ["robot-2"], "to": "dock-1"})


@pytest.mark.parametrize(
    ("language", "text", "action"),
    [
        ("en", "Plug robot two in at charger one", {"action": "charge", "vehicles": ["robot-2"], "to": "charger-1"}),
        (
            "it",
            "Attacca il robot due al caricatore uno",
            {"action": "charge", "vehicles": ["robot-2"], "to": "charger-1"},
        ),
        ("it", "Adesso puoi andare, robot due", {"action": "resume", "vehicles": ["robot-2"]}),
        ("fr", "Bouge plus, robot deux", {"action": "stop", "vehicles": ["robot-2"]}),
        ("fr", "Mets le robot deux en pause", {"action": "stop", "vehicles": ["robot-2"]}),
        ("fr", "Où c'est qu'il est rendu, le robot deux", {"action": "status", "vehicles": ["robot-2"]}),
        ("en", "Robot two, wait there a second", {"action": "stop", "vehicles": ["robot-2"]}),
        (
            "en",
            "Take the box to dock three, no wait, dock one",
            BROUGHT,
        ),
        ("nl", "Breng de doos naar dok drie, nee, dok een", BROUGHT),
    ],
)
def test_what_else_vehicles_are_told(language: str, text: str, action: Any) -> None:
    assert found(language, text) == ("accept", action)
