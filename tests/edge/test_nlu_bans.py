"""What closes places for a time, and ways that an order must not take: both are for the planner."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding, nlu
from banksman_edge.nlu.language import table_of
from banksman_shared.commands import to_document
from banksman_shared.site import load_site

DATA = Path(nlu.__file__).parent / "data"
BREWERY = Path(__file__).parents[1] / "data" / "eval" / "brewery"


@cache
def understanding() -> Understanding:
    return Understanding(load_site(BREWERY), None)


def command(language: str, text: str) -> dict[str, object]:
    document: dict[str, object] = to_document(understanding().understand(Transcript(text, language, 1.0)).commands)
    return document


PLAN = {"action": "plan", "vehicles": []}
NONE = {"action": "none", "vehicles": []}

CLOSED = [
    ("en", "nobody through line two until four"),
    ("en", "no vehicles through line two for ten minutes"),
    ("en", "keep line two clear for ten minutes"),
    ("en", "close line two until four o'clock"),
    ("de", "niemand durch Linie zwei bis vier Uhr"),
    ("de", "Linie zwei bis vier Uhr sperren"),
    ("es", "nadie por la línea dos durante diez minutos"),
    ("es", "cierra la línea dos durante media hora"),
    ("fr", "personne par la ligne deux jusqu'à quatre heures"),
    ("it", "tieni libera la linea due per dieci minuti"),
    ("pt", "ninguém pela linha dois até às quatro"),
    ("nl", "tot vier uur mag niemand door lijn twee"),
    ("pl", "nikt przez linię dwa do godziny czwartej"),
    ("tr", "saat dörde kadar kimse hat ikiden geçmesin"),
    ("hi", "चार बजे तक कोई लाइन दो से न जाए"),
    ("ja", "四時まで誰もライン2を通らないで"),
    ("zh", "四点之前谁也不要走生产线2"),
    ("it", "nessuno per la linea due fino alle quattro"),
    ("ar", "أغلق خط اثنين لمدة عشر دقائق"),
    ("ar", "لا أحد يمر من خط اثنين حتى الساعة الرابعة"),
]


@pytest.mark.parametrize(("language", "text"), CLOSED)
def test_what_is_closed_for_a_time_is_for_the_planner(language: str, text: str) -> None:
    assert command(language, text) == PLAN


@pytest.mark.parametrize("language", sorted(path.stem for path in DATA.glob("*.toml")))
def test_every_language_has_words_for_who_must_not_pass(language: str) -> None:
    assert table_of(language)["bans"]["nobody"]


TOLD = [
    ("en", "nobody went through line two until four o'clock"),
    ("en", "did nobody go through line two until four"),
    ("en", "he said nobody through line two until four"),
    ("en", "nobody through line two"),
    ("de", "niemand war bis vier Uhr an Linie zwei"),
    ("fr", "Nous rappelons aux visiteurs que la ligne deux ferme à dix-huit heures."),
    ("de", "Linie zwei ist bis vier Uhr gesperrt"),
    ("en", "nobody is at line two"),
    ("es", "no hay nadie en la línea dos"),
    ("ja", "ライン2には誰もいない"),
    ("fr", "personne n'était à la ligne deux jusqu'à quatre heures"),
]


@pytest.mark.parametrize(("language", "text"), TOLD)
def test_what_only_tells_of_it_is_not(language: str, text: str) -> None:
    assert command(language, text) == NONE


SHUT = [
    ("tr", "rampa ikiye git ama hat ikiden geçme"),
    ("tr", "hat ikiden geçmeden rampa ikiye git"),
    ("tr", "forklift üç, hat ikiden geçmeden rampa ikiye git"),
    ("hi", "डॉक दो पर जाओ लेकिन लाइन दो से मत जाना"),
    ("hi", "लाइन दो से होकर नहीं, डॉक दो पर जाओ"),
    ("hi", "फोर्कलिफ्ट तीन, लाइन दो से गुज़रे बिना डॉक दो पर जाओ"),
    ("ja", "ライン2を通らずにドック2へ行って"),
    ("ja", "ドック2へ行って、でもライン2は通らないで"),
]


@pytest.mark.parametrize(("language", "text"), SHUT)
def test_a_way_that_is_forbidden_where_verbs_come_last_is_for_the_planner(language: str, text: str) -> None:
    assert command(language, text) == PLAN


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("tr", "rampa iki değil rampa bire git"),
        ("hi", "डॉक दो नहीं, डॉक एक पर जाओ"),
        ("ja", "ドック2じゃなくてドック1へ行って"),
    ],
)
def test_a_place_that_is_put_right_is_no_way_that_is_forbidden(language: str, text: str) -> None:
    assert command(language, text) == {"action": "move", "vehicles": [], "to": "dock-1"}
