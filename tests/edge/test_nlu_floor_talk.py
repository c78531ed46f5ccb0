"""How people on the floor tell vehicles something, and what sounds like it: one construction in each test, in the
languages that have it."""

from __future__ import annotations

from typing import Any

import pytest
from bakery import found

MOVED = {"action": "move", "vehicles": ["robot-2"], "to": "dock-1"}
BOTH = {"action": "move", "vehicles": ["lifter-1", "robot-2"], "to": "dock-1"}
CARRIED = {"action": "transport", "vehicles": [], "from": "dock-1", "to": "oven-2"}
PLAN = {"action": "plan", "vehicles": []}
NONE = {"action": "none", "vehicles": []}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Roboter zwei muss an die Rampe eins"),
        ("de", "Sag dem Roboter zwei, er soll zu Rampe eins kommen"),
        ("de", "Sag dem Roboter zwei, dass er zu Rampe eins fahren soll"),
        ("de", "Kannst du mir mal den Roboter zwei an Rampe eins holen"),
        ("de", "Hol mir den Roboter zwei an Rampe eins"),
        ("de", "Roboter zwei müsste zu Rampe eins"),
        ("nl", "Zeg tegen robot twee dat hij naar dok één moet rijden"),
        ("pt", "Traz-me o robô dois à doca um"),
        ("pt", "Me traz o robô dois na doca um"),
    ],
)
def test_who_is_told_or_fetched_is_sent(language: str, text: str) -> None:
    assert found(language, text) == ("accept", MOVED)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Roboter zwei musste zu Rampe eins"),
        ("de", "Roboter zwei konnte zu Rampe eins fahren"),
        ("de", "Wir haben Roboter zwei an Rampe eins gebraucht"),
        ("de", "Roboter zwei hat Feierabend gemacht"),
        ("de", "Roboter zwei hängt an Ladestation eins"),
        ("en", "Robot two had to go to dock one"),
        ("es", "El robot dos tuvo que ir al muelle uno"),
        ("fr", "Le robot deux a dû aller au quai un"),
        ("it", "Il robot due ha dovuto andare alla banchina uno"),
        ("pl", "Robot dwa musiał jechać na rampę jeden"),
        ("pt", "O robô dois teve que ir para a doca um"),
        ("pt", "Precisámos do robô dois na doca um"),
        ("pt", "O robô dois está na pausa"),
        ("pt", "O robô dois já segue viagem"),
        ("sv", "Robot två var tvungen att köra till kaj ett"),
        ("tr", "Robot iki rampa bire gitmek zorundaydı"),
        ("de", "Ich muss zu Rampe eins"),
        ("de", "Ich muss an die Rampe eins"),
        ("de", "Wir müssen zu Rampe eins"),
        ("en", "We have to go to dock one"),
        ("en", "I must take the crate from dock one to oven two"),
        ("es", "Tengo que llevar la caja del muelle uno al horno dos"),
        ("pt", "Tenho de levar a caixa da doca um para o forno dois"),
    ],
)
def test_what_had_to_be_is_over_and_what_oneself_has_to_do_is_told(language: str, text: str) -> None:
    assert found(language, text) == ("reject", NONE)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Robot two has to go to dock one?"),
        ("es", "¿El robot dos tiene que ir al muelle uno?"),
        ("fr", "Le robot deux doit aller au quai un ?"),
        ("it", "Il robot due deve andare alla banchina uno?"),
        ("nl", "Robot twee moet naar dok één?"),
        ("pl", "Robot dwa musi jechać na rampę jeden?"),
        ("pt", "O robô dois tem que ir para a doca um?"),
    ],
)
def test_what_is_asked_of_a_vehicle_is_read_back(language: str, text: str) -> None:
    assert found(language, text) == ("confirm", MOVED)


def test_a_vehicle_that_is_asked_to_go_goes() -> None:
    assert found("en", "Robot two, could you go to dock one?") == ("accept", MOVED)
    assert found("en", "Could you send robot two to dock one?") == ("accept", MOVED)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Sowohl Stapler eins als auch Roboter zwei zu Rampe eins"),
        ("es", "Tanto la carretilla uno como el robot dos al muelle uno"),
        ("fr", "Aussi bien le chariot un que le robot deux au quai un"),
        ("it", "Sia il muletto uno che il robot due alla banchina uno"),
        ("nl", "Zowel heftruck één als robot twee naar dok één"),
        ("pt", "Tanto a empilhadeira um como o robô dois para a doca um"),
        ("pt", "Tanto a empilhadeira um quanto o robô dois para a doca um"),
        ("sv", "Både truck ett och robot två till kaj ett"),
        ("tr", "Hem forklift bir hem de robot iki rampa bire gitsin"),
    ],
)
def test_one_as_well_as_the_other_are_both(language: str, text: str) -> None:
    assert found(language, text) == ("accept", BOTH)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Carretilla uno, después de descargar ve al muelle uno"),
        ("fr", "Chariot un, après avoir déchargé va au quai un"),
        ("it", "Muletto uno, dopo aver scaricato vai alla banchina uno"),
        ("nl", "Heftruck één, na het lossen ga naar dok één"),
        ("pt", "Empilhadeira um, depois de descarregar vai para a doca um"),
        ("sv", "Truck ett, efter att ha lossat kör till kaj ett"),
        ("de", "Räumt mir mal die Rampe eins frei"),
        ("de", "Rampe eins muss frei werden"),
        ("es", "Despeja el muelle uno"),
        ("fr", "Libère le quai un"),
        ("it", "Svuota la banchina uno"),
        ("pt", "Desocupa a doca um"),
    ],
)
def test_what_comes_after_other_work_or_is_to_be_free_is_planned(language: str, text: str) -> None:
    assert found(language, text)[1] == PLAN


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Recoger en el muelle uno, entregar en el horno dos"),
        ("fr", "Ramasser au quai un, livrer au four deux"),
        ("it", "Ritirare alla banchina uno, consegnare al forno due"),
        ("nl", "Ophalen bij dok één, afleveren bij oven twee"),
        ("pt", "Recolher na doca um, entregar no forno dois"),
        ("de", "Bring die Ware von Rampe eins zu Ofen zwei"),
    ],
)
def test_what_is_taken_up_and_delivered_is_carried(language: str, text: str) -> None:
    assert found(language, text) == ("accept", CARRIED)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Carretilla dos, cargue"),
        ("fr", "Chariot deux, charge"),
        ("it", "Muletto due, carica"),
        ("nl", "Heftruck twee, laden"),
        ("pt", "Empilhadeira dois, carregue"),
        ("pt", "Empilhadeira dois, carrega"),
    ],
)
def test_a_verb_of_loads_and_batteries_alone_is_read_back(language: str, text: str) -> None:
    assert found(language, text) == ("confirm", {"action": "pick", "vehicles": ["lifter-2"]})


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Stapler zwei, bring die Brumpeln zum Ofen zwei"),
        ("en", "Forklift two, take the brumbles to oven two"),
        ("es", "Carretilla dos, lleva el brondo al horno dos"),
        ("fr", "Chariot deux, apporte le brondon au four deux"),
        ("it", "Muletto due, porta il brondolo al forno due"),
        ("pt", "Empilhadeira dois, leva o brondo para o forno dois"),
    ],
)
def test_what_nobody_knows_is_brought_from_nowhere_after_a_yes(language: str, text: str) -> None:
    carried = {"action": "transport", "vehicles": ["lifter-2"], "to": "oven-2"}
    assert found(language, text) == ("confirm", carried)


def test_what_nobody_knows_is_brought_from_one_place_to_another_at_once() -> None:
    carried = {"action": "transport", "vehicles": ["lifter-2"], "from": "dock-1", "to": "oven-2"}
    assert found("de", "Stapler zwei, bring die Brumpeln von Rampe eins zum Ofen zwei") == ("accept", carried)


@pytest.mark.parametrize(
    ("language", "text", "command"),
    [
        ("pt", "Empilhadeira dois, carrega a bateria", {"action": "charge", "vehicles": ["lifter-2"]}),
        ("pt", "Empilhadeira dois, carrega a caixa", {"action": "pick", "vehicles": ["lifter-2"]}),
        ("pt", "Robô dois, pode ir pra casa", {"action": "park", "vehicles": ["robot-2"]}),
        ("pt", "Robô dois, põe a carga na doca um", {"action": "drop", "vehicles": ["robot-2"], "to": "dock-1"}),
        ("pt", "Põe o robô dois à carga", {"action": "charge", "vehicles": ["robot-2"]}),
        ("pt", "Robô dois na tomada", {"action": "charge", "vehicles": ["robot-2"]}),
        ("pt", "Pera aí, robô dois", {"action": "stop", "vehicles": ["robot-2"]}),
        ("pt", "Robô dois, nem mais um metro", {"action": "stop", "vehicles": ["robot-2"]}),
        ("pt", "Robô dois, larga esse serviço", {"action": "cancel", "vehicles": ["robot-2"]}),
        ("de", "Roboter zwei, leg los", {"action": "resume", "vehicles": ["robot-2"]}),
        ("de", "Roboter zwei muss an die Ladestation", {"action": "charge", "vehicles": ["robot-2"]}),
        ("de", "Roboter zwei ist fast leer, lad ihn auf", {"action": "charge", "vehicles": ["robot-2"]}),
        (
            "de",
            "Roboter zwei fährt zu Rampe eins und lädt danach auf",
            [MOVED, {"action": "charge", "vehicles": ["robot-2"]}],
        ),
        ("de", "Roboter zwei ins Mehllager, ach ne, zu Rampe eins", MOVED),
    ],
)
def test_what_they_are_told_in_other_words(language: str, text: str, command: Any) -> None:
    assert found(language, text) == ("accept", command)


def test_who_is_hung_on_a_charger_charges_there_after_a_yes() -> None:
    charge = {"action": "charge", "vehicles": ["robot-2"], "to": "charger-1"}
    assert found("de", "Häng den Roboter zwei an Ladestation eins") == ("confirm", charge)
