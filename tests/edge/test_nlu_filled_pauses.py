"""An "uh" between two names: the second is the one that was looked for, which is read back."""

from __future__ import annotations

from typing import Any

import pytest
from bakery import found


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("ar", "أرسل الرافعة واحد، آه، الرافعة اثنين إلى الرصيف ثلاثة"),
        ("de", "Schick Stapler eins, äh, Stapler zwei zu Rampe drei"),
        ("de", "Schick Stapler eins äh Stapler zwei zu Rampe drei"),
        ("en", "Send forklift one, uh, forklift two to dock three"),
        ("es", "Manda la carretilla uno, eh, la carretilla dos al muelle tres"),
        ("fr", "Envoie le chariot un, euh, le chariot deux au quai trois"),
        ("hi", "फोर्कलिफ्ट एक, उम, फोर्कलिफ्ट दो को डॉक तीन पर भेजो"),
        ("it", "Manda il muletto uno, ehm, il muletto due alla banchina tre"),
        ("ja", "フォークリフト1、えっと、フォークリフト2をドック3に送って"),
        ("nl", "Stuur heftruck één, eh, heftruck twee naar dok drie"),
        ("pl", "Wyślij wózek jeden, yyy, wózek dwa na rampę trzy"),
        ("pt", "Manda a empilhadeira um, hã, a empilhadeira dois para a doca três"),
        ("sv", "Skicka truck ett, eh, truck två till kaj tre"),
        ("tr", "Forklift biri, şey, forklift ikiyi rampa üçe gönder"),
        ("zh", "派1号叉车，呃，2号叉车去3号月台"),
        ("en", "Forklift two to dock one, er, dock three"),
        ("de", "Stapler zwei ins Mehllager, äh, zu Rampe drei"),
        ("zh", "2号叉车去1号月台，呃，3号月台"),
    ],
)
def test_the_name_behind_it_is_meant(language: str, text: str) -> None:
    assert found(language, text) == ("confirm", {"action": "move", "vehicles": ["lifter-2"], "to": "dock-3"})


@pytest.mark.parametrize(
    ("language", "text", "command"),
    [
        (
            "en",
            "Bring the crate from dock one, uh, to dock two",
            {"action": "transport", "vehicles": [], "from": "dock-1", "to": "dock-2"},
        ),
        (
            "en",
            "Send forklift one, uh, and forklift two to dock three",
            {"action": "move", "vehicles": ["lifter-1", "lifter-2"], "to": "dock-3"},
        ),
        ("en", "Stop forklift one, uh, forklift two", {"action": "stop", "vehicles": ["lifter-1", "lifter-2"]}),
        ("de", "Stapler eins, äh, zu Rampe drei", {"action": "move", "vehicles": ["lifter-1"], "to": "dock-3"}),
    ],
)
def test_nothing_is_taken_back_that_goes_on(language: str, text: str, command: Any) -> None:
    assert found(language, text)[1] == command
