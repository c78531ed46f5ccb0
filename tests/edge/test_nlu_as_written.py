"""What the site lacks is told as it was said, with its accents."""

from __future__ import annotations

import pytest

from banksman_edge import Transcript, Understanding
from banksman_edge.nlu.tokens import as_written
from banksman_shared.site import bundled_site, load_site


@pytest.mark.parametrize(
    ("name", "text", "language", "written"),
    [
        ("cafe", "Va au Café, vite", "fr", "Café"),
        ("allee quatre vingt dix", "va à l'allée quatre-vingt-dix !", "fr", "allée quatre-vingt-dix"),
        ("84号小车", "84号小车，开到厨房。", "zh", "84号小车"),
        ("sahin", "Şahin'e git", "tr", "Şahin"),
        ("nowhere", "go", "en", "nowhere"),
        ("", "go", "en", ""),
    ],
)
def test_a_name_is_found_as_it_was_written(name: str, text: str, language: str, written: str) -> None:
    assert as_written(name, text, language) == written


def test_it_is_told_so() -> None:
    read = Understanding(load_site(bundled_site()), None).understand(
        Transcript("Chariot trois, va à l'allée quatre-vingt-dix", "fr", 1.0)
    )
    assert read.unknown == "allée quatre-vingt-dix"
