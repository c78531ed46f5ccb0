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


@pytest.mark.parametrize(
    "text",
    [
        "Let forklift two go to dock three",
        "Lass Stapler zwei zu Rampe drei fahren",
        "Laisse le chariot deux aller au quai trois",
        "Deja que la carretilla dos vaya al muelle tres",
        "Deja a la carretilla dos ir al muelle tres",
        "Lascia che il muletto due vada alla banchina tre",
        "Lascia andare il muletto due alla banchina tre",
        "Deixa que a empilhadeira dois vá à doca três",
        "Laat heftruck twee naar dok drie rijden",
        "Låt truck två köra till kaj tre",
        "Bırak forklift iki rampa üçe gitsin",
        "اترك الرافعة اثنين تذهب إلى الرصيف ثلاثة",
    ],
)
def test_who_is_let_go_goes(text: str) -> None:
    assert meant(text) == (MOVE,)


@pytest.mark.parametrize(
    "text",
    [
        "Let it go to dock three",
        "Lass es zu Rampe drei fahren",
        "Laisse-le aller au quai trois",
        "Déjalo ir al muelle tres",
        "Lascialo andare alla banchina tre",
        "Deixa-o ir à doca três",
        "Laat het naar dok drie rijden",
        "Låt den köra till kaj tre",
        "Bırak rampa üçe gitsin",
        "خليه يروح على الرصيف ثلاثة",
    ],
)
def test_what_is_let_go_is_neither_dropped_nor_put_down(text: str) -> None:
    assert meant(text) == (Command(Action.MOVE, (), destination="dock-3"),)


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("Lass das", (Command(Action.CANCEL, ()),)),
        ("Lass das an Rampe drei", (Command(Action.DROP, (), destination="dock-3"),)),
        ("Déjalo en el muelle tres", (Command(Action.DROP, (), destination="dock-3"),)),
        ("Lass Stapler zwei nicht zu Rampe drei fahren", (Command(Action.NONE, ()),)),
        ("No dejes que la carretilla dos vaya al muelle tres", (Command(Action.NONE, ()),)),
        ("Lass Stapler zwei an Rampe drei stehen", (Command(Action.NONE, ()),)),
    ],
)
def test_what_is_left_goes_nowhere(text: str, commands: tuple[Command, ...]) -> None:
    assert meant(text) == commands


@pytest.mark.parametrize(
    "text",
    [
        "No, cancel that",
        "Nein, lass es",
        "Nein, lass das",
        "Non, annule ça",
        "No, cancela eso",
        "No, annulla",
        "Nee, annuleer dat",
    ],
)
def test_a_no_before_it_leaves_it_called_off(text: str) -> None:
    assert meant(text) == (Command(Action.CANCEL, ()),)
