"""Endings of lessons that follow the sound of the word before them."""

from __future__ import annotations

import pytest

from banksman_edge.lab.teach.llama.compose import MARK
from banksman_edge.lab.teach.llama.endings import with_endings


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("rampa 3~yA", "rampa 3'e"),
        ("hat 6~DAki paleti", "hat 6'daki paleti"),
        ("rampa 40~DAn", "rampa 40'tan"),
        ("kapı~yA", "kapıya"),
        ("koridor dört~yA", "koridor dörde"),
        ("yatak~nIn", "yatağın"),
        ("römork~yI", "römorku"),
        ("Şimşek~yI", "Şimşeki"),
        ("gitme~sInI istiyorum", "gitmesini istiyorum"),
        ("bırakma~n lazım", "bırakman lazım"),
        ("kapı 1~DAyDIm", "kapı 1'deydim"),
        ("herkes~yDI", "herkesti"),
        ("Lale~yDI", "Laleydi"),
        ("kapı~DA_mI", "kapıda mı"),
        ("rampa 3~_mI", "rampa 3 mü"),
        ("rampa üç~DA_mIydI", "rampa üçte miydi"),
        ("gitme~lI_mI", "gitmeli mi"),
        ("hat~_DA tezgah~_DA", "hat da tezgah da"),
        ("hol~DA", "holde"),
        ("bant~yI", "bandı"),
        ("no ending at all", "no ending at all"),
    ],
)
def test_endings_go_with_the_word(said: str, written: str) -> None:
    assert with_endings(said) == written


@pytest.mark.parametrize(
    ("name", "ending", "written"),
    [
        ("soğuk hava deposu", "yA", "soğuk hava deposuna"),
        ("soğuk hava deposu", "DAn", "soğuk hava deposundan"),
        ("hat yirmi", "yA", "hat yirmiye"),
        ("5 numaralı kapı", "DA", "5 numaralı kapıda"),
        ("9 numaralı şarj istasyonu", "DA", "9 numaralı şarj istasyonunda"),
        ("5 numaralı yükleme noktası", "yA", "5 numaralı yükleme noktasına"),
        ("elektrikli çekici", "DAn", "elektrikli çekiciden"),
        ("mal kabul", "yA", "mal kabule"),
        ("3 numaralı rampa", "yI", "3 numaralı rampayı"),
    ],
)
def test_an_ending_becomes_part_of_the_name(name: str, ending: str, written: str) -> None:
    text = with_endings(f"paleti \ue000p\ue001{name}\ue002~{ending} götür")
    found = MARK.search(text)
    assert found
    assert found[2] == written
    assert text.endswith("\ue002 götür")


def test_a_particle_stays_out_of_the_name() -> None:
    assert with_endings("\ue000p\ue001hat üç\ue002~DA_mI acaba") == "\ue000p\ue001hat üçte\ue002 mi acaba"
