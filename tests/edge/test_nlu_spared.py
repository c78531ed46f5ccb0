"""Whoever is left out is not told, in every language: all robots but robot one are the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from edge_world import ScriptedModel

from banksman_edge import Interpretation, Transcript, Understanding
from banksman_shared.commands import NOTHING, Action, Command
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
    ("text", "language"),
    [
        ("stop everyone but robot one", "en"),
        ("alle anhalten außer Roboter eins", "de"),
        ("arrêtez tout le monde sauf le robot un", "fr"),
        ("parad todos menos el robot uno", "es"),
        ("fermate tutti tranne il robot uno", "it"),
        ("parem todos menos o robô um", "pt"),
        ("stop allemaal behalve robot een", "nl"),
        ("stoppa alla utom robot ett", "sv"),
        ("zatrzymajcie wszystkich oprócz robota jeden", "pl"),
        ("robot bir hariç herkes dursun", "tr"),
        ("وقفوا الكل إلا الروبوت واحد", "ar"),
        ("रोबोट एक को छोड़कर सब रुको", "hi"),
        ("ロボット1以外全員止まれ", "ja"),
        ("除了1号机器人，全部停下", "zh"),
    ],
)
def test_all_but_one_are_stopped(text: str, language: str) -> None:
    """Also where one phrase says to stop everybody: "parem todos"."""
    assert read(text, language).commands == (Command(Action.STOP, (*OTHERS, *LIFTERS)),)


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


BREWERY = load_site(Path(__file__).parents[1] / "data" / "eval" / "brewery")
SAID = {
    "en": ("Send all forklifts to dock 2 except forklift 3.", "All forklifts but number 3 go to dock two."),
    "de": ("Alle Stapler außer Stapler 3 zu Rampe 2.", "Schick alle Stapler zu Rampe 2 bis auf Stapler 3."),
    "es": (
        "Todas las carretillas menos la carretilla 3 al muelle 2.",
        "Manda todas las carretillas al muelle 2 excepto la carretilla 3.",
    ),
    "fr": (
        "Tous les chariots au quai 2 sauf le chariot 3.",
        "Envoie tous les chariots au quai 2, mais pas le chariot 3.",
    ),
    "it": (
        "Tutti i muletti alla banchina 2 tranne il muletto 3.",
        "Manda tutti i muletti alla banchina 2, ma non il muletto 3.",
    ),
    "pt": (
        "Todas as empilhadeiras para a doca 2 exceto a empilhadeira 3.",
        "Manda todas as empilhadeiras menos a empilhadeira 3 para a doca 2.",
    ),
    "nl": ("Stuur alle heftrucks naar dok 2 behalve heftruck 3.", "Stuur alle heftrucks op heftruck 3 na naar dok 2."),
    "pl": ("Wszystkie wózki oprócz wózka 3 na rampę 2.", "Wyślij wszystkie wózki na rampę 2 z wyjątkiem wózka 3."),
    "tr": ("Forklift 3 hariç bütün forkliftler rampa 2'ye gitsin.",),
    "ar": ("أرسل كل الرافعات إلى الرصيف 2 ما عدا الرافعة 3.",),
    "hi": ("फोर्कलिफ्ट 3 को छोड़कर सभी फोर्कलिफ्ट डॉक 2 पर जाएँ।",),
    "ja": ("フォークリフト3号以外のフォークリフトは全部ドック2へ行って。",),
    "zh": ("除了3号叉车以外，所有叉车都去2号月台。", "所有叉车去2号月台，除了3号叉车。"),
}
FORKLIFTS = ("forklift-1", "forklift-2", "forklift-11")


def meant(text: str, language: str) -> tuple[Command, ...]:
    understanding = Understanding(replace(BREWERY, languages=(language,)), None)
    return understanding.understand(Transcript(text, language, 1.0)).commands


@pytest.mark.parametrize("language", SAID)
def test_all_but_those_who_are_left_out_are_sent(language: str) -> None:
    for text in SAID[language]:
        assert meant(text, language) == (Command(Action.MOVE, FORKLIFTS, destination="dock-2"),), text


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("Park all forklifts but Bruno.", (Command(Action.PARK, (*FORKLIFTS[:2], "forklift-3")),)),
        ("Except Bruno and forklift 3, all forklifts go home.", (Command(Action.PARK, FORKLIFTS[:2]),)),
        ("Move six pallets from dock 1 to dock 2 with all forklifts except Bruno.", (Command(Action.PLAN, ()),)),
        # Nobody is left out of what he is none of, and what another is told is no exception.
        ("All forklifts except tugger 5 to dock 2.", (NOTHING,)),
        ("All forklifts go to dock 1 but Bruno goes to dock 2.", (NOTHING,)),
        ("Bring the pallet from dock 1 to dock 2 with any forklift but Bruno.", (NOTHING,)),
    ],
)
def test_nobody_is_left_out_of_what_he_is_none_of(text: str, commands: tuple[Command, ...]) -> None:
    assert meant(text, "en") == commands


def test_words_that_also_mean_something_else_leave_nobody_out() -> None:
    assert meant("Ga na de lunch naar dok twee.", "nl") == (NOTHING,)
