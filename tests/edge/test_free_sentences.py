"""What the grammar makes of sentences that are said freely: where a load is, what is said first, and strange words."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from banksman_edge import Transcript, Understanding, Verdict
from banksman_edge.bench.sentences import grounds
from banksman_edge.evaluation import Evaluation
from banksman_edge.nlu import Interpretation
from banksman_edge.policy import Policy
from banksman_shared.commands import to_document
from banksman_shared.site import load_site

DATA = Path(__file__).parents[1] / "data"
LEAST = 0.93
"""Of the sentences that the grammar was extended by."""


@cache
def understanding() -> Understanding:
    return Understanding(load_site(DATA / "free" / "recycling"), None)


def read(text: str) -> Interpretation:
    return understanding().understand(Transcript(text, "", 1.0))


def verdict(text: str) -> Verdict:
    return Policy().judge(read(text), 1.0, None).verdict


def meant(text: str) -> Any:
    return to_document(read(text).commands)


def transport(origin: str, to: str) -> dict[str, Any]:
    return {"action": "transport", "vehicles": [], "from": origin, "to": to}


@pytest.mark.parametrize(("part", "languages"), [("first", 13), ("operators", 2)])
def test_the_development_sentences_are_read(part: str, languages: int) -> None:
    (ground,) = grounds(DATA / "free")
    rows = Evaluation(understanding(), None, Policy.of(ground.site)).run(ground.parts[part], lambda: None)
    wrong = [row.case.text for row in rows if not row.ok]
    assert len({row.case.language for row in rows}) == languages
    assert 1 - len(wrong) / len(rows) >= LEAST, wrong


@pytest.mark.parametrize(
    "text",
    [
        "That crate by gate two belongs in the glass store",
        "Die Kiste am Tor zwei gehört ins Glaslager",
        "La cassa al cancello due va nel deposito vetro",
        "Die kist bij poort twee hoort in de glasopslag",
        "二号大门的那个箱子要放到玻璃库",
    ],
)
def test_the_place_that_a_load_is_said_to_be_at_is_where_it_comes_from(text: str) -> None:
    assert meant(text) == transport("gate-2", "glass")


def test_two_loads_with_a_place_each_are_no_transport_between_these() -> None:
    assert meant("Die Kiste zu Tor zwei und die Palette zu Tor drei bringen") != transport("gate-2", "gate-3")


@pytest.mark.parametrize(
    ("text", "action", "vehicle"),
    [
        ("We won't need cart three's run after all, scrap it", "cancel", "cart-3"),
        ("Il giro del carrello tre non serve più, annullalo", "cancel", "cart-3"),
        ("Otto's battery must be getting low, have him plugged in", "charge", "cart-11"),
    ],
)
def test_what_is_said_first_says_who(text: str, action: str, vehicle: str) -> None:
    assert meant(text) == {"action": action, "vehicles": [vehicle]}
    assert verdict(text) in (Verdict.ACCEPT, Verdict.CONFIRM)


@pytest.mark.parametrize("text", ["Don't worry about cart three, don't cancel it", "Cart three, they said, cancel it"])
def test_what_is_denied_or_retold_cancels_nothing(text: str) -> None:
    assert meant(text)["action"] == "none"


@pytest.mark.parametrize(
    ("text", "document"),
    [
        ("Cart two, whoosh over to gate three", {"action": "move", "vehicles": ["cart-2"], "to": "gate-3"}),
        ("Kar twee, zoef vliegensvlug naar poort drie", {"action": "move", "vehicles": ["cart-2"], "to": "gate-3"}),
    ],
)
def test_an_order_with_strange_words_is_confirmed(text: str, document: dict[str, Any]) -> None:
    assert meant(text) == document
    assert verdict(text) is Verdict.CONFIRM


@pytest.mark.parametrize(
    "text",
    [
        "Cart two never whooshed over to gate three",
        "Did cart two whoosh over to gate three?",
        "Whoosh over to gate three",
        "Cart two and the whole lovely jolly merry crew whoosh over to gate three",
    ],
)
def test_strange_words_do_not_make_an_order_of_anything_else(text: str) -> None:
    assert meant(text)["action"] == "none"


def test_a_number_of_loads_names_no_vehicle() -> None:
    assert meant("三号小车，到一号大门取一个箱子") == {"action": "pick", "vehicles": ["cart-3"], "to": "gate-1"}


def test_a_word_that_ends_a_verb_is_no_misheard_name() -> None:
    assert meant("Il carrello tre è scarico, mettilo sotto carica") == {"action": "charge", "vehicles": ["cart-3"]}
