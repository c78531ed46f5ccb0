"""What is put down, and where its vehicle goes then, in every language."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)
LEFT = Command(Action.DROP, ("lifter-3",), destination="dock-2")
GONE = Command(Action.MOVE, ("lifter-3",), destination="dock-1")
HOME = Command(Action.PARK, ("lifter-3",))


def meant(text: str) -> tuple[Command, ...]:
    return UNDERSTANDING.understand(Transcript(text, "", 1.0)).commands


@pytest.mark.parametrize(
    "text",
    [
        "Forklift three, leave the pallet at dock two and drive to dock one",
        "Leave the pallet at dock two, drive to dock one, forklift three",
        "Forklift three, drop the pallet off at dock two and come back to dock one",
        "Lass die Palette an Rampe zwei und fahr zu Rampe eins, Stapler drei",
        "Stapler drei lädt die Palette an Rampe zwei ab und fährt zu Rampe eins",
        "chariot trois, laisse la palette au quai deux et va au quai un",
        "deja el palé en el muelle dos y ve al muelle uno, carretilla tres",
        "muletto tre, lascia il bancale alla banchina due e vai alla banchina uno",
        "empilhadeira três, deixa a palete na doca dois e vai à doca um",
        "zet de pallet bij dok twee neer en rij naar dok een, heftruck drie",
        "wózek trzy, zostaw paletę na rampie dwa i jedź na rampę jeden",
        "truck tre, lämna pallen vid kaj två och kör till kaj ett",
        "forklift üç, paleti rampa ikiye bırak ve rampa bire git",
        "फोर्कलिफ्ट तीन, पैलेट डॉक दो पर छोड़ो और डॉक एक पर जाओ",
        "フォークリフト3、パレットをドック2に置いてドック1に行って",
        "3号叉车把托盘放在2号月台再去1号月台",
        "3号叉车把托盘放在2号月台去1号月台",
        "الرافعة ثلاثة، اترك المنصة عند الرصيف اثنين واذهب إلى الرصيف واحد",
    ],
)
def test_what_is_left_somewhere_is_not_taken_away(text: str) -> None:
    assert meant(text) == (LEFT, GONE)


@pytest.mark.parametrize(
    "text",
    [
        "Put the pallet down at dock two and go home, forklift three",
        "Stell die Palette an Rampe zwei ab und fahr nach Hause, Stapler drei",
        "Lass die Palette an Rampe zwei und fahr heim, Stapler drei",
        "muletto tre, scarica il bancale alla banchina due e vai a casa",
    ],
)
def test_who_has_left_it_goes_home(text: str) -> None:
    assert meant(text) == (LEFT, HOME)


def test_what_is_put_down_here_is_not_brought_there() -> None:
    down = Command(Action.DROP, ("lifter-3",))
    assert meant("Forklift three, put the pallet down and drive to dock one") == (down, GONE)
    assert meant("フォークリフト3、パレットを置いてドック1に行って") == (down, GONE)


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("forklift three, take the pallet from dock one to dock two and charge", Command(Action.CHARGE, ("lifter-3",))),
        ("Stapler drei, bring die Palette von Rampe eins zu Rampe zwei und fahr heim", HOME),
    ],
)
def test_who_has_brought_it_rests(text: str, last: Command) -> None:
    brought = Command(Action.TRANSPORT, ("lifter-3",), origin="dock-1", destination="dock-2")
    assert meant(text) == (brought, last)


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        (
            "Forklift three, leave the pallet at dock two and fetch the crate from dock one",
            (LEFT, Command(Action.PICK, ("lifter-3",), destination="dock-1")),
        ),
        (
            "Forklift three, unload the pallet at dock two and bring it to dock one",
            (Command(Action.TRANSPORT, ("lifter-3",), origin="dock-2", destination="dock-1"),),
        ),
        ("Forklift three, put the pallet down at dock two and wait", (LEFT,)),
        ("Mets le chariot trois en charge, il est presque à plat", (Command(Action.CHARGE, ("lifter-3",)),)),
        (
            "डॉक दो पर क्रेट रखे हैं, फोर्कलिफ्ट तीन, उन्हें डॉक एक पर ले जाओ",
            (Command(Action.TRANSPORT, ("lifter-3",), origin="dock-2", destination="dock-1"),),
        ),
        ("Stapler drei fährt zu Rampe zwei und lädt ab", (LEFT,)),
    ],
)
def test_what_else_is_done_with_it(text: str, commands: tuple[Command, ...]) -> None:
    assert meant(text) == commands
