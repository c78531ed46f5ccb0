"""Constructions of dispatchers in a printing works, and what is like them and no order."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_edge.dialogue.references import find_references, with_references
from banksman_edge.dialogue.words import words_of
from banksman_edge.nlu.grammar import Grammar
from banksman_edge.policy import Policy, Verdict
from banksman_shared.commands import to_document
from banksman_shared.site import Site, load_site

DATA = Path(__file__).parents[1] / "data" / "constructions"
NONE = {"action": "none", "vehicles": []}


@cache
def site(name: str) -> Site:
    return load_site(DATA / name)


@cache
def understanding(name: str) -> Understanding:
    return Understanding(site(name), None)


@cache
def grammar(language: str) -> Grammar:
    return Grammar(site("print"), language)


def meant(text: str, at: str = "home") -> object:
    return to_document(understanding(at).understand(Transcript(text, "", 1.0)).commands)


@pytest.mark.parametrize(
    "text",
    [
        "Cart one to the kitchen and two to the pharmacy",
        "Wagen eins zur Küche und zwei zur Apotheke",
        "Chariot un à la cuisine et le deux à la pharmacie",
        "Wagen één naar de keuken en de twee naar de apotheek",
        "Wózek jeden do kuchni i dwa do apteki",
        "Carro uno a la cocina y el dos a la farmacia",
        "Carrinho um para a cozinha e o dois para a farmácia",
    ],
)
def test_a_number_alone_calls_another_vehicle_of_the_kind(text: str) -> None:
    assert meant(text) == [
        {"action": "move", "vehicles": ["cart-1"], "to": "kitchen"},
        {"action": "move", "vehicles": ["cart-2"], "to": "pharmacy"},
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Cart one to the kitchen and two boxes to the pharmacy",
        "Cart one to the kitchen at one and ninety to the pharmacy",
        "Wagen eins an Rampe zwei und um drei zur Apotheke",
    ],
)
def test_another_number_calls_nobody(text: str) -> None:
    assert meant(text) == NONE


@pytest.mark.parametrize(
    "text",
    [
        "Out of the question to send cart two to the kitchen",
        "Hors de question que le chariot deux aille à la cuisine",
        "Non se ne parla di mandare il carrello due in cucina",
        "Nem pensar em mandar o carrinho dois à cozinha",
        "Ni en broma mandar el carro dos a la cocina",
        "Auf keinen Fall den Wagen zwei in die Küche",
        "I saw cart two go to the kitchen",
        "J'ai vu le chariot deux aller à la cuisine",
        "Ho visto il carrello due andare in cucina",
        "Ik zag wagen twee naar de keuken gaan",
        "Vi al carro dos irse para la cocina",
        "Vi o carrinho dois a ir para a cozinha",
        "Ich hab den Wagen zwei in die Küche fahren sehen",
        "Der Chef meint, Wagen zwei gehört in die Küche",
        "Wagen zwei steht an Rampe zwei",
        "Wagen zwei ist an Rampe zwei",
        "Muss Wagen zwei an Rampe zwei sein?",
        "The parcel went to ramp two",
        "O carrinho um ia para a rampa dois",
        "O carrinho um foi buscar a caixa à rampa dois",
        "Las cajas que van al taller están en el muelle dos",
    ],
)
def test_what_is_ruled_out_seen_or_told_is_no_order(text: str) -> None:
    assert meant(text) == NONE


def test_where_a_load_stands_calls_no_vehicle() -> None:
    assert meant("An Rampe zwei steht eine Palette, die muss in die Küche") == {
        "action": "transport",
        "vehicles": [],
        "from": "ramp-2",
        "to": "kitchen",
    }


@pytest.mark.parametrize(
    "text", ["Whoever is at ramp two go to the kitchen", "Wer grad an Rampe zwei steht, fährt in die Küche"]
)
def test_whoever_is_somewhere_is_called_by_that(text: str) -> None:
    assert meant(text) == {"action": "move", "vehicles": ["at:ramp-2"], "to": "kitchen"}


@pytest.mark.parametrize(
    ("text", "action"),
    [("Put cart two away", "park"), ("Stell den Wagen zwei ab", "park"), ("Take cart two off the job", "cancel")],
)
def test_a_vehicle_that_is_put_or_taken_away_handles_no_load(text: str, action: str) -> None:
    assert meant(text) == {"action": action, "vehicles": ["cart-2"]}


@pytest.mark.parametrize(
    "text",
    [
        "Se faltar papel na impressora três, tragam da prateleira cinco",
        "Si se acaba el papel en la prensa tres, traigan de la estantería cinco",
        "إذا خلص الورق عند الماكينة ثلاثة هاتوا من الرف خمسة",
    ],
)
def test_a_condition_is_not_dropped(text: str) -> None:
    assert meant(text, "print") == {"action": "plan", "vehicles": []}


def test_what_is_lacking_may_be_of_any_name_and_is_confirmed() -> None:
    read = understanding("print").understand(
        Transcript("Die Druckmaschine drei hat keinen Feuchtwischer mehr, hol einen aus dem Papierlager", "de", 1.0)
    )
    assert to_document(read.commands) == {
        "action": "transport",
        "vehicles": [],
        "from": "paper-store",
        "to": "press-3",
    }
    assert Policy().judge(read, 1.0, None).verdict is Verdict.CONFIRM


@pytest.mark.parametrize("text", ["Rogamos pasar por la prensa tres, carro uno", "Olvidaba a Otto, llévalo al taller"])
def test_a_strange_word_before_a_verb_or_vehicle_is_no_load(text: str) -> None:
    read = understanding("print").understand(Transcript(text, "es", 1.0))
    accepted = Policy().judge(read, 1.0, None).verdict is Verdict.ACCEPT
    assert not (accepted and read.commands[0].action == "transport")


def test_an_article_is_no_vehicle_of_a_similar_name() -> None:
    assert meant("Lleva una tarima del andén dos al almacén de papel", "print") == {
        "action": "transport",
        "vehicles": [],
        "from": "ramp-2",
        "to": "paper-store",
    }


@pytest.mark.parametrize(
    ("language", "text", "token"),
    [
        ("ar", "أقرب رافعة فاضية تروح على الرصيف واحد", "@nearest/forklift//free"),
        ("ar", "ابعت اللي بطاريته أقل يشحن", "@lowest///"),
        ("ar", "الرافعة الفاضية تيجي عالرصيف اثنين", "@free/forklift//free"),
        ("pt", "O carrinho que tiver mais bateria vai à guilhotina", "@highest/cart//"),
        ("pt", "Aquele que está mais perto da doca dois vai pra oficina", "@closest//ramp-2/"),
        ("de", "Schick den mit der leersten Batterie zum Laden", "@lowest///"),
        ("de", "Der Wagen, der am nächsten an der Werkstatt ist, soll zum Zuschnitt", "@closest/cart/workshop/"),
        ("de", "Irgendein freier Stapler bitte an Rampe zwei", "@free/forklift//free"),
        ("es", "El montacargas libre que esté más cerca, al muelle uno", "@nearest/forklift//free"),
        ("es", "El carro que esté libre, al comedor", "@free/cart//free"),
    ],
)
def test_whichever_vehicle_fits_is_referred_to(language: str, text: str, token: str) -> None:
    reads = grammar(language)
    tokens = reads.finder.tokens(text)
    named = reads.finder.find(tokens)
    found = find_references(tokens, named, words_of(language))
    commands = reads.reading(tokens, with_references(named, found)).commands
    assert [command.vehicles for command in commands] == [(token,)]
