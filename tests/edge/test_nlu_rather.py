"""Who shall rather go somewhere goes there, and takes nothing along that is called "rather"."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import NOTHING, Action, Command
from banksman_shared.site import load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)
MOVE = Command(Action.MOVE, ("robot-2",), destination="dock-1")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Roboter zwei, fahr lieber zu Rampe eins", "de"),
        ("Roboter zwei, fahr doch lieber zu Rampe eins", "de"),
        ("robot two, rather go to dock one", "en"),
        ("robot two, you'd better go to dock one", "en"),
        ("robot deux, va plutôt au quai un", "fr"),
        ("robot dos, ve mejor al muelle uno", "es"),
        ("robot due, vai piuttosto alla banchina uno", "it"),
        ("robô dois, é melhor ir para a doca um", "pt"),
        ("robot twee, rijd liever naar dok een", "nl"),
        ("robot två, kör hellre till kaj ett", "sv"),
        ("robot dwa, jedź lepiej do rampy jeden", "pl"),
        ("robot dwa, jedź raczej na rampę jeden", "pl"),
        ("robot iki, en iyisi rampa bire git", "tr"),
        ("روبوت اثنين، الأفضل اذهب إلى الرصيف واحد", "ar"),
        ("रोबोट दो, बल्कि डॉक एक पर जाओ", "hi"),
        ("ロボット2、むしろドック1へ行って", "ja"),
        ("2号机器人最好去1号月台", "zh"),
    ],
)
def test_who_shall_rather_go_is_sent(text: str, language: str) -> None:
    found = UNDERSTANDING.understand(Transcript(text, language, 1.0))
    assert found.commands == (MOVE,)
    assert found.confidence > 0.86


@pytest.mark.parametrize(
    "text",
    [
        "Roboter zwei, fahr lieber nicht zu Rampe eins",
        "I'd rather robot two went to dock one",
        "je préfère plutôt le quai un",
    ],
)
def test_what_is_rather_not_so_is_no_order(text: str) -> None:
    assert UNDERSTANDING.understand(Transcript(text, "", 1.0)).commands == (NOTHING,)
