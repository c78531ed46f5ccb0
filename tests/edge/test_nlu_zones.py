"""Zones that are named aloud: what is ordered of them is for the planner, a stop among them stops, and nothing else
comes of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from banksman_edge import Answer
from banksman_edge.asr import Transcript
from banksman_edge.escalation import named_things
from banksman_edge.nlu import Understanding
from banksman_edge.nlu.vocabulary import site_vocabulary
from banksman_edge.understanding.reader.tagged import Tagged
from banksman_shared.commands import Action
from banksman_shared.site import Site, Zone, bundled_site, load_site

NAMES = {
    "en": ("back hall", "zone 2"),
    "de": ("hintere Halle", "Zone 2"),
    "es": ("nave trasera", "zona 2"),
    "fr": ("hall arrière", "zone 2"),
    "it": ("capannone dietro", "zona 2"),
    "pt": ("nave traseira", "zona 2"),
    "zh": ("后厅",),
    "ja": ("奥ホール",),
    "hi": ("पिछला हॉल",),
}


@pytest.fixture(scope="module")
def zoned() -> Site:
    site = load_site(bundled_site())
    zones = {"back": Zone("back", frozenset({"aisle-3", "aisle-4", "dock-6"}), names=NAMES)}
    return replace(site, rules=replace(site.rules, zones=zones))


@pytest.fixture(scope="module")
def understanding(zoned: Site) -> Understanding:
    return Understanding(zoned, None)


def actions(understanding: Understanding, text: str, language: str = "en") -> list[Action]:
    return [command.action for command in understanding.understand(Transcript(text, language, 1.0)).commands]


PLANNED = (
    ("en", "nobody into the back hall, and bring three pallets from dock 1 to aisle 9"),
    ("en", "forklift 3, go to the back hall"),
    ("en", "take two pallets from dock one to zone two"),
    ("en", "bring a pallet from the back hall to dock 2"),
    ("de", "niemand in Zone zwei, und drei Paletten von Rampe 1 nach Gang 9"),
    ("es", "vacía la nave trasera y lleva todo al muelle 2"),
    ("fr", "personne dans le hall arrière, et trois palettes du quai 1 au quai 2"),
    ("it", "porta due pallet dalla banchina 1 alla zona due"),
    ("pt", "leva três paletes da doca 1 para a nave traseira"),
    ("zh", "清空后厅，全部运到2号码头"),
    ("ja", "奥ホールの荷物を全部2番ドックへ運んで"),
    ("hi", "पिछला हॉल से डॉक 2 तक तीन पैलेट ले जाओ"),
)


@pytest.mark.parametrize(("language", "text"), PLANNED)
def test_what_is_ordered_of_a_zone_is_for_the_planner_which_is_told_its_name(
    understanding: Understanding, zoned: Site, language: str, text: str
) -> None:
    assert actions(understanding, text, language) == [Action.PLAN]
    named = named_things(zoned, understanding.names_in(Transcript(text, language, 1.0)))
    assert ("zone:back",) in {thing.ids for thing in named}


@pytest.mark.parametrize(
    "text",
    [
        "park forklift 3 in the back hall",
        "charge forklift 3 in the back hall",
        "cancel everything in the back hall",
        "the back hall is dirty",
        "I was in the back hall yesterday",
        "nobody was in zone two",
        "who is in the back hall?",
    ],
)
def test_nothing_else_that_is_said_of_a_zone_moves_anybody(understanding: Understanding, text: str) -> None:
    assert actions(understanding, text) == [Action.NONE]


@pytest.mark.parametrize("text", ["stop everything in the back hall", "back hall stop", "halt zone two"])
def test_a_stop_that_names_a_zone_stops_everybody(understanding: Understanding, text: str) -> None:
    (command,) = understanding.stop(Transcript(text, "en", 1.0)).commands  # type: ignore[union-attr]
    assert (command.action, command.vehicles) == (Action.STOP, ("*",))


class Model:
    """Answers the same whatever it is asked."""

    def __init__(self, line: str) -> None:
        self.line, self.asked = line, ""

    languages: frozenset[str] = frozenset()

    def answer(self, sentence: Tagged) -> Answer:
        self.asked = sentence.text
        return Answer(self.line, 0.99)


@pytest.mark.parametrize(
    ("line", "action"),
    [
        ("plan", Action.PLAN),
        ("move V1 to P1", Action.PLAN),
        ("none", Action.NONE),
    ],
)
def test_whatever_a_model_makes_of_a_zone_is_a_plan_or_nothing(
    understanding: Understanding, line: str, action: Action
) -> None:
    """It sees a place, and may send somebody to a single one of the zone."""
    model = Model(line)
    (command,) = (
        understanding.with_model(model)
        .understand(Transcript("forklift 3 could you whizz yourself over to the back hall", "en", 1.0))
        .commands
    )
    assert "P1" in model.asked
    assert (command.action, command.destination) == (action, None)


def test_a_zone_is_among_the_words_that_are_listened_for(zoned: Site) -> None:
    names = site_vocabulary(zoned, "en").names
    assert {"back hall", "zone 2", "zone two"} <= names


def test_a_site_whose_zones_have_no_names_hears_as_ever(site: Site) -> None:
    nameless = Zone("back", frozenset({"aisle-3"}))
    zoned = replace(site, rules=replace(site.rules, zones={"back": nameless}))
    text = "park forklift 3 in zone back"
    assert actions(Understanding(zoned, None), text) == actions(Understanding(site, None), text)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "nobody into aisle 3, and 2 pallets from dock 1 to aisle 9"),
        ("de", "niemand in Gang 3 und 2 Paletten von Rampe 1 nach Gang 9"),
        ("es", "nadie en el pasillo 3 y 2 palés del muelle 1 al pasillo 9"),
        ("fr", "personne dans l'allée 3 et 2 palettes du quai 1 à l'allée 9"),
        ("it", "nessuno in corsia 3 e 2 pallet dalla banchina 1 alla corsia 9"),
        ("pt", "ninguém no corredor 3 e 2 paletes da doca 1 para o corredor 9"),
    ],
)
def test_how_many_loads_there_are_is_no_further_place_of_a_list(
    understanding: Understanding, zoned: Site, language: str, text: str
) -> None:
    named = named_things(zoned, understanding.names_in(Transcript(text, language, 1.0)))
    assert [thing.ids for thing in named] == [("aisle-3",), ("dock-1",), ("aisle-9",)]


def test_an_ordinal_counts_no_loads_that_a_place_is_named_by() -> None:
    """In Spanish "5 a" is written like "5ª", and the goods behind it are the place's name."""
    cargo = load_site(Path(__file__).parents[1] / "data" / "commands" / "cargo")
    found = Understanding(cargo, None).understand(Transcript("Cargadoras 4 y 5, a mercancías peligrosas.", "es", 1.0))
    assert [(c.vehicles, c.destination) for c in found.commands] == [(("loader-4", "loader-5"), "dangerous-goods")]


def test_an_ordinary_word_that_is_like_the_name_of_several_things_names_none_for_sure() -> None:
    mill = load_site(Path(__file__).parents[1] / "data" / "requests" / "sites" / "mill")
    heard = Understanding(mill, None).names_in(Transcript("n'importe qui sauf le chariot 1", "fr", 1.0))
    assert [thing.words for thing in named_things(mill, heard)] == ["chariot 1"]  # "qui" is not "quai"
    foundry = load_site(Path(__file__).parents[1] / "data" / "requests" / "sites" / "foundry")
    heard = Understanding(foundry, None).names_in(Transcript("deux charges de sable du dépôt", "fr", 1.0))
    assert not any(thing.sure for thing in named_things(foundry, heard) if thing.ids == ("loader-1", "loader-2"))
