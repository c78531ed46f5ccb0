"""What is put somewhere: vehicles of a kind, what "it" is at a charger, and loads that are told of first."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)


def known(text: str) -> tuple[Command, ...] | None:
    read = UNDERSTANDING.known(Transcript(text, "", 1.0))
    return read.commands if read else None


@pytest.mark.parametrize(
    "text",
    [
        "Put all the forklifts at dock two",
        "Mets tous les chariots au quai deux",
        "Pon todas las carretillas en el muelle dos",
        "Metti tutti i muletti alla banchina due",
        "Coloca todas as empilhadeiras na doca dois",
    ],
)
def test_vehicles_that_are_put_somewhere_go_there(text: str) -> None:
    assert known(text) == (Command(Action.MOVE, ("kind:lifter",), destination="dock-2"),)


@pytest.mark.parametrize(
    "text",
    [
        "पैलेट डॉक एक पर है, उसे डॉक दो पर ले जाओ",
        "डॉक एक पर पैलेट है, उसे डॉक दो पर ले जाओ",
        "डॉक एक पर पैलेट पड़ा है, उसे डॉक दो ले जाओ",
        "डॉक एक पर एक पैलेट रखा है, उसे डॉक दो तक पहुँचा दो",
        "Tem uma palete na doca um, leva para a doca dois",
        "There's a pallet at dock one that has to get to dock two",
    ],
)
def test_a_load_is_taken_from_where_it_is_told_to_be(text: str) -> None:
    assert known(text) == (Command(Action.TRANSPORT, (), origin="dock-1", destination="dock-2"),)


@pytest.mark.parametrize(
    "text",
    [
        "Take the dirty pallets from dock one to dock two",
        "Bring the full crates from dock one to dock two",
        "Bring die kaputten Paletten von Rampe eins zu Rampe zwei",
        "Amène les palettes sales du quai un au quai deux",
        "Lleva los palés sucios del muelle uno al muelle dos",
        "Porta i bancali sporchi dalla banchina uno alla banchina due",
        "Leva as paletes sujas da doca um para a doca dois",
    ],
)
def test_how_a_load_is_does_not_matter(text: str) -> None:
    assert known(text) == (Command(Action.TRANSPORT, (), origin="dock-1", destination="dock-2"),)


def test_how_something_else_is_is_not_known() -> None:
    assert known("Forklift three, go dirty to dock two") is None


@pytest.mark.parametrize(
    "text",
    [
        "フォークリフト3、ドック1のマフィンをバイテンまで運んで",
        "Forklift three, fetch from dock one to the shopp",
        "फोर्कलिफ्ट तीन, डॉक एक से मफिन दुकानन तक ले जाओ",
    ],
)
def test_a_place_that_was_misheard_is_not_what_a_load_is_called(text: str) -> None:
    assert known(text) is None
