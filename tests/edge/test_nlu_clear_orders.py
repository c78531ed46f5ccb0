"""What is clearly an order to the fleet, and not understood, is said to be not understood; talk is not answered."""

from __future__ import annotations

from pathlib import Path

import pytest
from edge_world import ScriptedModel

from banksman_edge import Transcript, Understanding, Verdict
from banksman_edge.policy import Judgement, Policy
from banksman_shared.site import load_site

PLAIN = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)
MODEL = PLAIN.with_model(ScriptedModel("none"))


def judged(text: str, language: str, understanding: Understanding = PLAIN, heard: float = 1.0) -> Judgement:
    read = understanding.understand(Transcript(text, language, heard))
    assert read.is_nothing
    return Policy().judge(read, heard, None)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("robot two go to dock one or dock two", "en"),
        ("go to dock one or dock two", "en"),
        ("robot two or robot three go to dock one", "en"),
        ("drive from dock one to dock two to oven one", "en"),
        ("wait here until forklift three is done", "en"),
        ("fahr zu Rampe eins oder Rampe zwei", "de"),
        ("Roboter zwei, fahr zu Rampe eins oder Rampe zwei", "de"),
        ("robot deux, va au quai un ou au quai deux", "fr"),
        ("robot dos, ve al muelle uno o al muelle dos", "es"),
        ("robot due, vai alla banchina uno o alla banchina due", "it"),
        ("robô dois, vai para a doca um ou para a doca dois", "pt"),
        ("robot twee, rijd naar dok een of dok twee", "nl"),
        ("robot två, kör till kaj ett eller kaj två", "sv"),
        ("robot dwa, jedź na rampę jeden albo rampę dwa", "pl"),
        ("robot iki, rampa bir veya rampa ikiye git", "tr"),
        ("روبوت اثنين، اذهب إلى الرصيف واحد أو الرصيف اثنين", "ar"),
        ("रोबोट दो, डॉक एक या डॉक दो पर जाओ", "hi"),
        ("ロボット2、ドック1かドック2へ行って", "ja"),
        ("all robots except robot one shall amble across to dock one", "en"),
    ],
)
def test_what_is_clearly_an_order_is_said_to_be_not_understood(text: str, language: str) -> None:
    assert judged(text, language).key == "not_understood"
    assert judged(text, language).verdict is Verdict.REJECT


@pytest.mark.parametrize(
    "text",
    [
        "wait for forklift three",
        "robot two went to dock one",
        "do not send robot two to dock one or dock two",
        "should robot two go to dock one or dock two?",
        "I said go to dock one or dock two",
        'he said "go to dock one or dock two"',
        "robot two, what a day",
        "we go to dock one or dock two",
        "go to lunch or to dock one",
    ],
)
@pytest.mark.parametrize("understanding", [PLAIN, MODEL])
def test_talk_is_not_answered(text: str, understanding: Understanding) -> None:
    assert not judged(text, "en", understanding).key


def test_what_was_hardly_heard_is_not_answered() -> None:
    assert not judged("robot two, go to dock one or dock two", "en", heard=0.3).key
