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


@pytest.mark.parametrize(
    "text",
    [
        "ritira alla banchina uno e scarica in banchina due, muletto tre",
        "ritiro alla banchina uno e consegna in banchina due, muletto tre",
        "recogida en el muelle uno y entrega en el muelle dos, carretilla tres",
        "ophaling bij dok een en aflevering aan dok twee, heftruck drie",
    ],
)
def test_nothing_goes_back_from_where_it_is_brought(text: str) -> None:
    taken, brought = meant(text)
    assert taken == Command(Action.PICK, ("lifter-3",), destination="dock-1")
    assert (brought.destination, brought.origin) == ("dock-2", None)


@pytest.mark.parametrize(
    "text",
    [
        "Transport von Rampe eins zu Rampe zwei für Stapler drei",
        "transporte del muelle uno al muelle dos para la carretilla tres",
        "haz un viaje del muelle uno al muelle dos con la carretilla tres",
        "transport du quai un au quai deux pour le chariot trois",
        "trasporto dalla banchina uno alla banchina due per il muletto tre",
        "transporte da doca um para a doca dois para a empilhadeira três",
        "transport van dok een naar dok twee voor heftruck drie",
        "transport från kaj ett till kaj två för truck tre",
        "vraag heftruck drie om de pallet van dok een naar dok twee te brengen",
        "de pallet moet van dok een naar dok twee gebracht worden door heftruck drie",
    ],
)
def test_a_noun_orders_a_transport(text: str) -> None:
    assert meant(text) == (Command(Action.TRANSPORT, ("lifter-3",), origin="dock-1", destination="dock-2"),)


@pytest.mark.parametrize(
    "text",
    [
        "the transport from dock one to dock two takes too long",
        "der Transport von Rampe eins zu Rampe zwei ist erledigt",
        "Transport von Rampe eins zu Rampe zwei dauert zu lange",
        "el transporte del muelle uno al muelle dos ya está hecho",
        "le transport du quai un au quai deux est fini",
        "il trasporto dalla banchina uno alla banchina due dura troppo",
        "o transporte da doca um para a doca dois está feito",
        "het transport van dok een naar dok twee duurt te lang",
        "transport från kaj ett till kaj två tar för lång tid",
    ],
)
def test_what_is_told_of_a_transport_orders_none(text: str) -> None:
    assert meant(text) == (Command(Action.NONE, ()),)


@pytest.mark.parametrize(
    "text",
    [
        "haal heftruck drie weg van dok twee en stuur hem naar dok een",
        "zabierz wózek trzy z rampy dwa i wyślij go do rampy jeden",
        "togli il muletto tre dalla banchina due e mandalo alla banchina uno",
        "saca la carretilla tres del muelle dos y mándala al muelle uno",
    ],
)
def test_a_vehicle_that_is_taken_away_takes_nothing_along(text: str) -> None:
    assert meant(text) == (GONE,)
