"""Orders beside what is only told: the reason before or behind, that somebody is done, and urging words."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from banksman_edge import Interpretation, Transcript, Understanding
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

DATA = Path(__file__).parents[1] / "data"
SURE = 0.8
TO_43 = Command(Action.PARK, ("mule-2",), destination="spot-43")


@cache
def understanding(site: str) -> Understanding:
    return Understanding(load_site(DATA / site), None)


def read(text: str, site: str = "orders/nursery") -> Interpretation:
    return understanding(site).understand(Transcript(text, "", 1.0))


@pytest.mark.parametrize(
    "text",
    [
        "Mule two's finished for the day, park it on spot forty-three.",
        "La mula dos ya ha terminado, que aparque en la plaza cuarenta y tres.",
        "La mule deux, c'est fini pour toi, gare-toi à l'emplacement quarante-trois.",
        "A mula dois já terminou, estaciona ela na vaga quarenta e três.",
        "म्यूल दो का काम हो गया, उसे पार्किंग तैंतालीस में खड़ा कर दो।",
        "Ya está bien por hoy, mula dos, apárcate en la plaza cuarenta y tres.",
    ],
)
def test_whoever_is_done_parks_where_they_are_told_to(text: str) -> None:
    assert read(text).commands == (TO_43,)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        (
            "Can you send tug two to stand seven? The lads are waiting.",
            Command(Action.MOVE, ("tug-2",), None, "stand-7"),
        ),
        ("टग दो को स्टैंड सात पर भेजो, सब लोग इंतज़ार कर रहे हैं।", Command(Action.MOVE, ("tug-2",), None, "stand-7")),
    ],
)
def test_an_order_beside_what_is_told_is_read_back(text: str, meant: Command) -> None:
    found = read(text, "commands/cargo")
    assert found.commands == (meant,)
    assert found.confidence < SURE


def test_what_a_place_lacks_is_a_reason_to_bring_it() -> None:
    text = "Faut amener une palette du hangar au poste sept, ils n'en ont plus."
    assert read(text, "commands/cargo").commands == (Command(Action.TRANSPORT, (), "hangar", "stand-7"),)


@pytest.mark.parametrize(
    "text",
    [
        "Tug two, go on, it isn't safe yet",
        "Tug two, go to stand seven, it isn't ready",
        "Tug two go to stand seven, that was yesterday",
        "Tug two, go to stand seven, I don't want that",
        "Send Buffalo to the hangar? The boss isn't serious",
        "Buffalo to the hangar? That makes no sense",
        "Le Buffle ne traîne pas, il va au hangar",
        "牵引车一，别拖货去机库",
    ],
)
def test_what_is_denied_asked_or_retold_moves_nobody(text: str) -> None:
    assert Action.MOVE not in {command.action for command in read(text, "commands/cargo").commands}


@pytest.mark.parametrize(
    "text",
    [
        "Tug two, go to stand seven, don't hang about.",
        "Tracteur deux, va au poste sept, traîne pas.",
        "Trator dois, vai para o posição sete, não demora.",
        "टग दो, स्टैंड सात पर जाओ, देर मत करो।",
    ],
)
def test_urging_words_behind_an_order_deny_nothing(text: str) -> None:
    found = read(text, "commands/cargo")
    assert found.commands == (Command(Action.MOVE, ("tug-2",), None, "stand-7"),)
    assert found.confidence >= SURE


def test_a_battery_and_where_to_charge_are_no_question() -> None:
    found = read("ठेला पाँच की बैटरी बैटरी, चार्जर दो पर चार्ज में लगा दो।")
    assert found.commands == (Command(Action.CHARGE, ("barrow-5",), destination="charger-2"),)
