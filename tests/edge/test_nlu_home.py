"""Somewhere, and home: two steps, in every language; and to park somewhere is one."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)
TO_DOCK = Command(Action.MOVE, ("robot-1",), destination="dock-2")
HOME = Command(Action.PARK, ("robot-1",))


def read(text: str, language: str) -> tuple[Command, ...]:
    return UNDERSTANDING.understand(Transcript(text, language, 1.0)).commands


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Robot one, go to dock two and go home", "en"),
        ("Robot one, drive to dock two and back home", "en"),
        ("Robot one, drive to dock two, then back home", "en"),
        ("Robot one go to dock two go home", "en"),
        ("Roboter eins, fahr zu Rampe zwei und fahr nach Hause", "de"),
        ("Robot uno, ve al muelle dos y vuelve a casa", "es"),
        ("Robot un, va au quai deux et rentre à la base", "fr"),
        ("Robot uno, vai alla banchina due e torna a casa", "it"),
        ("Robô um, vá para a doca dois e volte para casa", "pt"),
        ("Robot een, ga naar dok twee en ga naar huis", "nl"),
        ("Robot ett, kör till kaj två och åk hem", "sv"),
        ("Robot jeden, jedź do rampy drugiej i wracaj do bazy", "pl"),
        ("Niech robot jeden jedzie do rampy drugiej i wraca do bazy", "pl"),
        ("Robot bir, ikinci rampaya git ve eve dön", "tr"),
        ("रोबोट एक, डॉक दो पर जाओ और घर जाओ", "hi"),
        ("روبوت واحد، اذهب إلى الرصيف اثنين وعد إلى مكانك", "ar"),
        ("机器人一去二号月台再回家", "zh"),
        ("ロボット1、ドック2へ行って戻って", "ja"),
    ],
)
def test_somewhere_and_home_are_two_steps(text: str, language: str) -> None:
    assert read(text, language) == (TO_DOCK, HOME)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Robot one, go home and go to dock two", "en"),
        ("Robot uno, ve a casa y ve al muelle dos", "es"),
        ("Roboter eins, fahr nach Hause und fahr zu Rampe zwei", "de"),
    ],
)
def test_home_may_come_first(text: str, language: str) -> None:
    assert read(text, language) == (HOME, TO_DOCK)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Robot one, go to dock two and park", "en"),
        ("Robot one, go and park at dock two", "en"),
        ("ロボット1、ドック2へ行って駐車して", "ja"),
        ("ロボット1、ドック2へ戻って", "ja"),
    ],
)
def test_to_park_somewhere_is_one_step(text: str, language: str) -> None:
    (command,) = read(text, language)
    assert (command.vehicles, command.destination) == (("robot-1",), "dock-2")
