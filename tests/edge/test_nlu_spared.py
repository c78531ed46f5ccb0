"""Whoever is left out is not told, in every language: all robots but robot one are the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from edge_world import ScriptedModel

from banksman_edge import Interpretation, Transcript, Understanding
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

PLAIN = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)
OTHERS = ("robot-2", "robot-3")
LIFTERS = ("lifter-1", "lifter-2", "lifter-3")


def read(text: str, language: str = "", line: str = "") -> Interpretation:
    understanding = PLAIN.with_model(ScriptedModel(line)) if line else PLAIN
    return understanding.understand(Transcript(text, language, 1.0))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("all robots except robot one go to dock one", "en"),
        ("all the robots go to dock one except robot one", "en"),
        ("alle Roboter außer Roboter eins zu Rampe eins", "de"),
        ("alle Roboter bis auf Roboter eins fahren zu Rampe eins", "de"),
        ("tous les robots sauf le robot un, allez au quai un", "fr"),
        ("todos los robots excepto el robot uno al muelle uno", "es"),
        ("todos los robots menos el robot uno vayan al muelle uno", "es"),
        ("tutti i robot tranne il robot uno alla banchina uno", "it"),
        ("todos os robôs exceto o robô um para a doca um", "pt"),
        ("alle robots behalve robot een naar dok een", "nl"),
        ("alla robotar utom robot ett till kaj ett", "sv"),
        ("wszystkie roboty oprócz robota jeden na rampę jeden", "pl"),
        ("robot bir hariç tüm robotlar rampa bire gitsin", "tr"),
        ("robot bir dışındaki tüm robotlar rampa bire gitsin", "tr"),
        ("كل الروبوتات ما عدا الروبوت واحد إلى الرصيف واحد", "ar"),
        ("रोबोट एक को छोड़कर सभी रोबोट डॉक एक पर जाएं", "hi"),
        ("ロボット1以外のすべてのロボットはドック1へ", "ja"),
        ("ロボット1を除いて全部のロボットはドック1へ行って", "ja"),
        ("除了1号机器人，所有机器人去1号月台", "zh"),
        ("除1号机器人以外所有机器人去1号月台", "zh"),
    ],
)
def test_all_but_one_are_the_others(text: str, language: str) -> None:
    assert read(text, language).commands == (Command(Action.MOVE, OTHERS, destination="dock-1"),)


def test_of_everybody_a_kind_or_several_are_left_out() -> None:
    go = "go to dock one"
    assert read(f"all vehicles except the robots {go}").commands[0].vehicles == LIFTERS
    assert read(f"everyone except robot one and robot two, {go}").commands[0].vehicles == ("robot-3", *LIFTERS)
    assert read("everyone stop except robot one").commands == (Command(Action.STOP, (*OTHERS, *LIFTERS)),)


@pytest.mark.parametrize(
    "text",
    [
        "nobody except robot one goes to dock one",
        "send a robot, but not robot one, to dock one",
        "all robots have gone to dock one except robot one",
        "schick bis auf Roboter eins zu Rampe eins",
    ],
)
def test_where_it_is_not_said_of_whom_nobody_is_told(text: str) -> None:
    assert read(text).is_nothing


def test_no_model_tells_who_is_left_out() -> None:
    assert read("all robots except robot one shall amble across to dock one", "en", "move V1 to P1").is_nothing
