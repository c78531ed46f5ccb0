"""What is told before an order or beside it: empty batteries, and jobs that nobody needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Interpretation, Transcript, Understanding
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "orders" / "nursery"), None)
FIVE = ("barrow-5",)
CHARGE = Command(Action.CHARGE, FIVE, destination="charger-2")


def read(text: str) -> Interpretation:
    return UNDERSTANDING.understand(Transcript(text, "", 1.0))


@pytest.mark.parametrize(
    "text",
    [
        "Barrow five's nearly flat, get it on charger two.",
        "Barrow five's battery is low, take it to charger two.",
        "La batería del carrito cinco está baja, llévalo al cargador dos.",
        "La brouette cinq est à plat, mets-la à la borne deux.",
        "La carriola cinque ha la batteria bassa, portala alla colonnina due.",
        "O carrinho cinco está com a bateria fraca, leva ele pro carregador dois.",
        "ठेला पाँच की बैटरी खत्म हो रही है, उसे चार्जर दो पर लगा दो।",
        "ठेला 5 की बैटरी खत्महो रही है, उसे चार्जर 2 पर लगा दो।",
        "五号平板车快没电了，送去二号充电桩。",
        "台車5の電池が減っている、充電器2に行って。",
    ],
)
def test_whose_battery_is_low_charges_where_they_are_sent(text: str) -> None:
    assert read(text).commands == (CHARGE,)


@pytest.mark.parametrize(
    "text",
    [
        "Barrow five, take the battery to charger two.",
        "Barrow five's battery is low, take the pallet to charger two.",
        "Did barrow five's battery die, or did it go to charger two?",
        "Barrow five's battery is low, don't take it to charger two.",
        "Barrow five's battery is low, take it to the workshop.",
        "O carrinho cinco, leva a bateria pro carregador dois.",
        "五号平板车把电池送到二号充电桩。",
        "Barrow five's battery is low, bring it back from charger two.",
        "Barrow five's battery is low, take it off charger two.",
        "Is barrow five's battery low, and does it go to charger two",
        "Barrow five, pick up the battery, then go to charger two.",
        "There's a battery on mule one, drop it at charger one.",
        "Carrito cinco, recoge la pila de palés, y déjala en el cargador dos.",
        "Brouette cinq, pose la palette à plat, puis va à la borne deux.",
        "Est-ce que la brouette cinq est à plat, et est-ce qu'elle va à la borne deux",
        "五号平板车没电了，送去二号充电桩了吗",
        "五号平板车没电了，去二号充电桩了",
        "台車5の電池が減っている、充電器2から移動して",
        "The phone line is dead, barrow five, go to charger two",
        "Barrow five's tyre is flat, take it to charger two",
        "Barrow five, low speed, go to charger two",
        "Carriola cinque, scarica, poi vai alla colonnina due",
        "O carrinho cinco está no fim da fila, vai para o carregador dois",
        "ठेला पाँच का काम खत्म, चार्जर दो पर जाओ",
    ],
)
def test_a_battery_that_is_carried_or_asked_about_charges_nobody(text: str) -> None:
    assert CHARGE not in read(text).commands


@pytest.mark.parametrize(
    ("text", "vehicle"),
    [
        ("Forget that last job, barrow six, we don't need it any more.", "barrow-6"),
        ("Scrub that last job, barrow seven, we don't need it.", "barrow-7"),
        ("リフト8、さっきの指示は取り消し。", "lifter-8"),
    ],
)
def test_a_job_that_nobody_needs_any_more_is_cancelled(text: str, vehicle: str) -> None:
    assert read(text).commands == (Command(Action.CANCEL, (vehicle,)),)


@pytest.mark.parametrize(
    "text",
    [
        "Barrow seven, cancel the job, no, don't.",
        "We don't need it any more.",
        "To cancel barrow six's job, you don't need a pin.",
        "Cancel barrow six's job, it doesn't need to be cancelled.",
        "Cancel barrow six's job, we don't need to yet.",
    ],
)
def test_what_is_not_cancelled(text: str) -> None:
    assert Action.CANCEL not in {command.action for command in read(text).commands}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("24号运辆车先去种子库。", Command(Action.MOVE, ("mule-24",), destination="seed-store")),
        ("1号运辆车，开去80号文室。", Command(Action.MOVE, ("mule-1",), destination="greenhouse-80")),
        ("El carrito 30 y 1, al muelle 1.", Command(Action.MOVE, ("barrow-31",), destination="bay-1")),
        ("Os carrinhos 5 e 6, para a doca um.", Command(Action.MOVE, ("barrow-5", "barrow-6"), destination="bay-1")),
        ("全都到堆肥场集合。", Command(Action.MOVE, ("*",), destination="compost-yard")),
        ("台車7、荷物はナエドコ18に降ろして。", Command(Action.DROP, ("barrow-7",), destination="frame-18")),
        ("ハナコ、ポンプゴヤまで行って。", Command(Action.MOVE, ("mule-3",), destination="pump-house")),
    ],
)
def test_names_as_they_are_heard(text: str, meant: Command) -> None:
    assert read(text).commands == (meant,)
