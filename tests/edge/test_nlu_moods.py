"""What is said of a vehicle in words that order as well as tell: what it will do, whether it can; and "wait" before an
order. Of such sentences none is done at once. The site is known to no other test."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from banksman_edge import Transcript, Understanding
from banksman_edge.comprehension import Comprehension
from banksman_shared.commands import to_document
from banksman_shared.site import load_site

FOLDER = Path(__file__).parents[1] / "data" / "moods"


class Sentence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    language: str
    text: str
    decision: str
    command: Any


SENTENCES = [msgspec.json.decode(line, type=Sentence) for line in (FOLDER / "bakery.jsonl").read_bytes().splitlines()]
LANGUAGES = sorted({sentence.language for sentence in SENTENCES})


@cache
def comprehension() -> Comprehension:
    site = load_site(FOLDER / "bakery")
    return Comprehension.without_fleet(site, Understanding(site, None))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_may_be_told_is_read_back_and_what_is_asked_for_is_done(language: str) -> None:
    wrong = []
    for sentence in (one for one in SENTENCES if one.language == language):
        read, judgement = comprehension().first_words(Transcript(sentence.text, language, 1.0))
        found = (str(judgement.verdict), to_document(read.commands))
        if found != (sentence.decision, sentence.command):
            wrong.append((sentence.id, sentence.text, *found))
    assert wrong == []


def test_there_are_enough_of_them_in_every_language() -> None:
    assert len(LANGUAGES) == 14
    assert len(SENTENCES) >= 200
    assert sum(sentence.decision == "confirm" for sentence in SENTENCES) >= 100


def found(language: str, text: str) -> tuple[str, Any]:
    read, judgement = comprehension().first_words(Transcript(text, language, 1.0))
    return str(judgement.verdict), to_document(read.commands)


PLANNED = {"action": "plan", "vehicles": []}
NOTHING = {"action": "none", "vehicles": []}
SENT = {"action": "move", "vehicles": ["robot-2"], "to": "dock-1"}


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
