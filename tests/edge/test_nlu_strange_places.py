"""Who is sent to a kind of place that the site lacks: the rank of the place is no vehicle's number, and it is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from banksman_edge import Interpretation, Transcript, Understanding
from banksman_edge.nlu.mentions import MentionFinder
from banksman_edge.policy import Policy
from banksman_shared.site import load_site

UNDERSTANDING = Understanding(load_site(Path(__file__).parents[1] / "data" / "moods" / "bakery"), None)


def read(text: str, language: str = "") -> Interpretation:
    return UNDERSTANDING.understand(Transcript(text, language, 1.0))


@pytest.mark.parametrize(
    ("text", "language", "lacking"),
    [
        ("All forklifts to the second corridor", "en", "second corridor"),
        ("Forklift one, go to the canteen", "en", "canteen"),
        ("Alle Stapler zum zweiten Korridor", "de", "zweiten Korridor"),
        ("Todas las carretillas al segundo pasillo", "es", "segundo pasillo"),
        ("Tous les chariots au deuxième couloir", "fr", "deuxième couloir"),
        ("Tutti i muletti al secondo corridoio", "it", "secondo corridoio"),
        ("Todas as empilhadeiras para a segunda galeria", "pt", "segunda galeria"),
        ("Todas as empilhadeiras para o segundo corredor", "pt", "segundo corredor"),
        ("Alle heftrucks naar de tweede gang", "nl", "tweede gang"),
        ("Alla truckar till den andra korridoren", "sv", "andra korridoren"),
        ("Wszystkie wózki do drugiego korytarza", "pl", "drugiego korytarza"),
        ("Bütün forkliftler ikinci koridora", "tr", "ikinci koridora"),
        ("Forklift bir ikinci koridora git", "tr", "ikinci koridora"),
        ("सभी फोर्कलिफ्ट दूसरे गलियारे में", "hi", "दूसरे गलियारे"),
        ("كل الرافعات إلى الممر الثاني", "ar", "الممر الثاني"),
    ],
)
def test_a_place_that_is_not_there_is_said_to_be_lacking(text: str, language: str, lacking: str) -> None:
    found = read(text, language)
    assert found.is_nothing
    assert found.unknown == lacking
    assert Policy().judge(found, 1.0, None).key == "unknown"


@pytest.mark.parametrize("text", ["すべてのフォークリフトを2番目の廊下へ", "所有叉车去第二条走廊"])
def test_nor_is_it_a_vehicle_where_words_are_not_parted(text: str) -> None:
    assert read(text).is_nothing
    assert not read(text).choices


@pytest.mark.parametrize("text", ["The forklift two went to the canteen", "Is forklift two going to the canteen?"])
def test_talk_of_other_places_is_not_answered(text: str) -> None:
    assert read(text).is_nothing
    assert not read(text).unknown


@pytest.mark.parametrize(
    ("text", "vehicle"),
    [
        ("Carretilla segunda, ve al muelle dos", "lifter-2"),
        ("Wózek drugi, jedź do rampy drugiej", "lifter-2"),
        ("İkinci forklift ikinci rampaya gitsin", "lifter-2"),
        ("2番目のフォークリフト、ドック2へ行って", "lifter-2"),
    ],
)
def test_a_rank_of_a_vehicle_is_still_one(text: str, vehicle: str) -> None:
    (command,) = read(text).commands
    assert (command.vehicles, command.destination) == ((vehicle,), "dock-2")


@pytest.mark.parametrize("text", ["荷物を5つ、ロボットだけで運んで", "箱を5つロボットで運んで"])
def test_no_name_is_cut_out_of_a_word_of_katakana(text: str) -> None:
    """The ロ of ロボット sounds like the 路 of 通路."""
    parcels = MentionFinder(load_site(Path(__file__).parents[1] / "data" / "requests" / "sites" / "parcels"), "ja")
    assert [mention.text for mention in parcels.find(parcels.tokens(text))] == ["ロボット"]
