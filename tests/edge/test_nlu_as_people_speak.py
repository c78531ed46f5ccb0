"""Turns of speech that others' orders showed: polite conditions, numbers behind の, what is put on a charger."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from banksman_edge import Interpretation, Transcript, Understanding
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

ORDERS = Path(__file__).parents[1] / "data" / "orders"
SURE = 0.8


@cache
def understanding() -> Understanding:
    return Understanding(load_site(ORDERS / "printing"), None)


def read(text: str, language: str) -> Interpretation:
    return understanding().understand(Transcript(text, language, 1.0))


def move(vehicle: str, to: str) -> Command:
    return Command(Action.MOVE, (vehicle,), destination=to)


@pytest.mark.parametrize(
    ("language", "text", "meant"),
    [
        ("it", "Il trattorino due lo vorrei in sala lastre, se non è un disturbo.", move("tug-2", "plate-room")),
        ("es", "Manda el patín uno a la emplayadora, si no es molestia.", move("pallet-1", "wrapper")),
        ("en", "Send pallet mover one to the wrapper, if it's no trouble.", move("pallet-1", "wrapper")),
        ("pt", "Manda a paleteira um para a doca dois, se não for incômodo.", move("pallet-1", "dock-2")),
        ("ja", "恐れ入りますが、クランプ一号を輪転機の三番へ移動させてください。", move("clamp-1", "press-3")),
    ],
)
def test_a_polite_condition_is_none(language: str, text: str, meant: Command) -> None:
    assert read(text, language).commands == (meant,)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("輪転機の三番に行って", Command(Action.MOVE, (), destination="press-3")),
        ("クランプ一号、輪転機の三番に行って", move("clamp-1", "press-3")),
        ("クランプの三番、輪転機の二番へ", move("clamp-3", "press-2")),
        ("クランプ二号は充電器の二番で充電して", Command(Action.CHARGE, ("clamp-2",), destination="charger-2")),
    ],
)
def test_a_number_belongs_to_the_place_before_no(text: str, meant: Command) -> None:
    assert read(text, "ja").commands == (meant,)


def test_before_another_name_it_is_that_ones_number() -> None:
    assert read("輪転機の三番クランプを駐車して", "ja").commands == (Command(Action.PARK, ("clamp-3",)),)


def test_nothing_is_unloaded_at_a_charger_but_what_is_named() -> None:
    charge = Command(Action.CHARGE, ("pallet-3",), destination="charger-1")
    assert read("Pallet mover three is nearly flat, stick it on charger one.", "en").commands == (charge,)
    told = read("Pallet mover three is looking a bit flat, stick it on charger one.", "en")
    assert told.commands != (Command(Action.DROP, ("pallet-3",), destination="charger-1"),)
    assert Action.CHARGE not in {c.action for c in read("Drop the pallet at charger one, clamp two.", "en").commands}


def test_what_is_picked_up_and_dropped_elsewhere_is_one_transport() -> None:
    text = "Daisy, pick up the sections from folder 2 and drop them at binding line 1."
    assert read(text, "en").commands == (Command(Action.TRANSPORT, ("tug-3",), "folder-2", "binder-1"),)


def test_a_lost_apostrophe_leaves_the_number() -> None:
    found = understanding()._read(Transcript("press ones nearly out of paper", "en", 1.0), 0.8)
    assert [mention.ids for _, reading in found for mention in reading.mentions] == [("press-1",)]


def test_what_is_fetched_and_put_elsewhere_is_no_plan() -> None:
    text = "Va me chercher une bobine à la préparation, la pince quatre, et colle-la à la rotative deux."
    assert Action.PLAN not in {command.action for command in read(text, "fr").commands}


@pytest.mark.parametrize(
    ("language", "text", "who"),
    [
        ("ja", "クランプ二号、ごめん、さっき頼んだやつ、やっぱなしで。", "clamp-2"),
        ("pt", "Deixa quieto, Ligeirinho, o cliente desistiu.", "flash"),
    ],
)
def test_idioms_that_call_an_order_off(language: str, text: str, who: str) -> None:
    assert read(text, language).commands == (Command(Action.CANCEL, (who,)),)


def test_two_questions_about_one_vehicle_are_one() -> None:
    status = Command(Action.STATUS, ("pallet-3",))
    assert read("パレットトラック三号、今どこ？電池はあとどれくらい？", "ja").commands == (status,)


def test_talk_in_several_parts_sets_nobody_off() -> None:
    lines = (ORDERS.parent / "talk" / "parts.jsonl").read_text("utf-8").splitlines()
    read_surely = []
    for row in map(json.loads, lines):
        found = read(row["text"], row["language"])
        if not found.is_nothing and found.confidence >= SURE:
            read_surely.append(row["id"])
    assert len(lines) == 240
    assert read_surely == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("pt", "Manda a paleteira dois para a doca três, se estiver livre."),
        ("zh", "三号月台要是有空，二号托盘车就过去。"),
        ("hi", "डॉक तीन अगर खाली हो तो पैलेट गाड़ी दो को भेजो।"),
        ("it", "Vai alla banchina due se riesci a passare, muletto due."),
        ("en", "Send clamp one to dock two and, if that works, clamp two to dock three."),
    ],
)
def test_a_real_condition_is_not_taken_for_a_polite_one(language: str, text: str) -> None:
    found = read(text, language)
    assert found.confidence < SURE or {command.action for command in found.commands} <= {Action.PLAN, Action.NONE}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("クランプの三番、パレットトラックの二番を充電して", Command(Action.CHARGE, ("clamp-3", "pallet-2"))),
        ("クランプ一号を輪転機の一番近くへ行かせて", Command(Action.MOVE, ("clamp-1",))),
        ("クランプ一号に輪転機三番への移動を頼んだ", None),
        ("クランプ一号が輪転機三番に行ってくれない", None),
    ],
)
def test_japanese_that_is_like_these(text: str, meant: Command | None) -> None:
    found = read(text, "ja")
    assert found.commands == (meant,) if meant else found.confidence < SURE or found.is_nothing
