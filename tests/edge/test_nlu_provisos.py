"""An order beside something that is forbidden is for the planner, and is not dropped in silence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import NOTHING, Action, Command
from banksman_shared.site import load_site

BREWERY = load_site(Path(__file__).parents[1] / "data" / "eval" / "brewery")
SAID = {
    "en": "Forklift 1, go to dock 2 but not through dock 1.",
    "de": "Stapler 1, fahr zu Rampe 2, aber nicht durch Rampe 1.",
    "es": "Carretilla 1, ve al muelle 2 pero no por el muelle 1.",
    "fr": "Chariot 1, va au quai 2 sans passer par le quai 1.",
    "it": "Muletto 1, vai alla banchina 2 ma non passare dalla banchina 1.",
    "pt": "Empilhadeira 1, vai à doca 2 mas sem passar pela doca 1.",
    "nl": "Heftruck 1, rij naar dok 2 maar niet door dok 1.",
    "pl": "Wózek 1, jedź na rampę 2, ale nie przez rampę 1.",
    "ar": "الرافعة 1 اذهب إلى الرصيف 2 لكن لا تمر عبر الرصيف 1.",
}


def meant(text: str, language: str) -> tuple[Command, ...]:
    understanding = Understanding(replace(BREWERY, languages=(language,)), None)
    return understanding.understand(Transcript(text, language, 1.0)).commands


@pytest.mark.parametrize("language", SAID)
def test_a_place_on_the_way_that_is_forbidden_needs_a_plan(language: str) -> None:
    assert meant(SAID[language], language) == (Command(Action.PLAN, ()),)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Move four pallets from dock 1 to dock 2, forklift 3 must not help.", "en"),
        ("Bring vier Paletten von Rampe 1 zu Rampe 2, Stapler 3 darf nicht mitmachen.", "de"),
        ("Porta quattro bancali dalla banchina 1 alla banchina 2, il muletto 3 non deve partecipare.", "it"),
        ("Leva quatro paletes da doca 1 para a doca 2, a empilhadeira 3 não pode ajudar.", "pt"),
        ("Breng vier pallets van dok 1 naar dok 2, heftruck 3 mag niet meedoen.", "nl"),
        ("Lleva cuatro palés del muelle 1 al muelle 2, la carretilla 3 no puede ayudar.", "es"),
        ("Zawieź cztery palety z rampy 1 na rampę 2, wózek 3 nie może pomagać.", "pl"),
    ],
)
def test_who_may_not_help_with_loads_needs_a_plan(text: str, language: str) -> None:
    assert meant(text, language) == (Command(Action.PLAN, ()),)


@pytest.mark.parametrize(
    "text",
    [
        "Don't move four pallets from dock 1 to dock 2.",
        "Do not move four pallets from dock 1 to dock 2 within ten minutes.",
        "Move four pallets from dock 1 to dock 2, nobody said that.",
    ],
)
def test_what_is_not_to_be_carried_is_not_planned(text: str) -> None:
    assert Command(Action.PLAN, ()) not in meant(text, "en")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("Forklift 1, go to dock 2, not dock 1.", Command(Action.MOVE, ("forklift-1",), destination="dock-2")),
        ("Forklift 1, don't go through dock 1.", NOTHING),
        ("Don't go through dock 1 to dock 2.", NOTHING),
        ("I told forklift 1 to go to dock 2 but not through dock 1.", NOTHING),
        ("Forklift 1 go to dock 2 but forklift 3.", NOTHING),
    ],
)
def test_what_only_forbids_corrects_or_retells_needs_none(text: str, command: Command) -> None:
    assert meant(text, "en") == (command,)
