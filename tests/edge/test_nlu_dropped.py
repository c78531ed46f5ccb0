"""What is called off before a new order is given, in every language."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Transcript, Understanding
from banksman_shared.commands import Action, Command
from banksman_shared.site import load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)
MOVE = Command(Action.MOVE, ("lifter-2",), destination="dock-3")


def meant(text: str, language: str = "") -> tuple[Command, ...]:
    return UNDERSTANDING.understand(Transcript(text, language, 1.0)).commands


@pytest.mark.parametrize(
    "text",
    [
        "Cancel everything and send forklift two to dock three",
        "Cancel all orders, send forklift two to dock three",
        "Brich alles ab und schick Stapler zwei zu Rampe drei",
        "Cancela todo y manda la carretilla dos al muelle tres",
        "Annule tout et envoie le chariot deux au quai trois",
        "Annulla tutto e manda il muletto due alla banchina tre",
        "Cancela tudo e manda a empilhadeira dois para a doca três",
        "Annuleer alles en stuur heftruck twee naar dok drie",
        "Anuluj wszystko i wyślij wózek dwa na rampę trzy",
        "Avbryt allt och skicka truck två till kaj tre",
        "Her şeyi iptal et ve forklift ikiyi rampa üçe gönder",
        "सब कुछ रद्द करो और फोर्कलिफ्ट दो को डॉक तीन पर भेजो",
        "全部キャンセルして、フォークリフト2をドック3に送って",
        "取消所有任务，派2号叉车去3号月台",
        "ألغ كل شيء وأرسل الرافعة اثنين إلى الرصيف ثلاثة",
    ],
)
def test_everything_is_called_off_before_the_order(text: str) -> None:
    assert meant(text) == (Command(Action.CANCEL, ("*",)), MOVE)


@pytest.mark.parametrize("mark", [", ", " "])
@pytest.mark.parametrize(
    ("said", "order"),
    [
        ("Never mind", "send forklift two to dock three"),
        ("Forget it", "send forklift two to dock three"),
        ("Vergiss es", "schick Stapler zwei zu Rampe drei"),
        ("Schon gut", "schick Stapler zwei zu Rampe drei"),
        ("Olvídalo", "manda la carretilla dos al muelle tres"),
        ("Laisse tomber", "envoie le chariot deux au quai trois"),
        ("Lascia perdere", "manda il muletto due alla banchina tre"),
        ("Deixa para lá", "manda a empilhadeira dois para a doca três"),
        ("Vergeet het", "stuur heftruck twee naar dok drie"),
        ("Nieważne", "wyślij wózek dwa na rampę trzy"),
        ("Glöm det", "skicka truck två till kaj tre"),
        ("Boş ver", "forklift ikiyi rampa üçe gönder"),
        ("छोड़ो", "फोर्कलिफ्ट दो को डॉक तीन पर भेजो"),
        ("やっぱりいい", "フォークリフト2をドック3に送って"),
        ("算了", "派2号叉车去3号月台"),
        ("انس الأمر", "أرسل الرافعة اثنين إلى الرصيف ثلاثة"),
    ],
)
def test_what_was_said_is_dropped_before_the_order(said: str, order: str, mark: str) -> None:
    assert meant(f"{said}{mark}{order}") == (Command(Action.CANCEL, ()), MOVE)


@pytest.mark.parametrize(
    "text",
    [
        "Déjalo, manda la carretilla dos al muelle tres",
        "Laat maar, stuur heftruck twee naar dok drie",
        "Esquece, manda a empilhadeira dois para a doca três",
        "Lass es, schick Stapler zwei zu Rampe drei",
    ],
)
def test_some_words_drop_only_before_a_comma(text: str) -> None:
    assert meant(text) == (Command(Action.CANCEL, ()), MOVE)


@pytest.mark.parametrize(
    "text",
    [
        "Deixa a empilhadeira dois ir para a doca três",
        "Déjalo ir al muelle tres",
        "Låt bli att skicka truck två till kaj tre",
        "Oublie le chariot trois, envoie le chariot deux au quai trois",
    ],
)
def test_what_is_let_or_forgotten_by_name_is_not_everything(text: str) -> None:
    assert meant(text)[:1] != (Command(Action.CANCEL, ()),)


@pytest.mark.parametrize(
    "text",
    [
        "Never mind, forklift two is going to dock three",
        "Forget it, robot two is at dock three",
        "Cancel forklift two's trip to dock three",
        "Déjalo y ve al muelle tres",
        "He said never mind, send forklift two to dock three",
    ],
)
def test_no_more_is_ordered_than_is_said(text: str) -> None:
    assert MOVE not in meant(text)
