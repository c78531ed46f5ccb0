"""Sounds: what is spelt differently and sounds alike comes out alike; what does not, does not."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from banksman_edge.phonetics import alike, kana_of, sound_of, spellings_of


@pytest.mark.parametrize(
    ("heard", "meant", "language"),
    [
        ("Doc 2", "dock 2", "en"),
        ("前引车", "牵引车", "zh"),
        ("插車", "叉车", "zh"),
        ("サトル", "シャトル", "ja"),
        ("コンポウ", "梱包", "ja"),
        ("varkashap", "वर्कशॉप", "hi"),
        ("गोड़ी", "गौरी", "hi"),
        ("gerbeur du", "gerbeur deux", "fr"),
        ("portonce", "porte onze", "fr"),
        ("camara fria", "cámara fría", "es"),
        ("Stappler", "Stapler", "de"),
    ],
)
def test_what_sounds_alike_comes_out_alike(heard: str, meant: str, language: str) -> None:
    assert alike(sound_of(heard, language), sound_of(meant, language)) >= 0.75


@pytest.mark.parametrize(
    ("one", "other", "language"),
    [
        ("dock", "aisle", "en"),
        ("叉车", "码头", "zh"),
        ("ドック", "通路", "ja"),
        ("गेट", "वर्कशॉप", "hi"),
        ("muelle", "pasillo", "es"),
    ],
)
def test_what_sounds_different_stays_different(one: str, other: str, language: str) -> None:
    assert alike(sound_of(one, language), sound_of(other, language)) < 0.55


def test_digits_stay_and_punctuation_goes() -> None:
    assert sound_of("Dock-12!", "en") == "dok12"
    assert sound_of("", "ja") == ""


def test_threads_find_out_sounds_at_the_same_time() -> None:
    """Who listens for a stop does so while an order is being understood."""
    texts = [[f"倉庫{thread}番から梱包{n}番へ運んで" * 20 for n in range(50)] for thread in range(4)]
    with ThreadPoolExecutor(4) as pool:
        heard = list(pool.map(lambda mine: [(sound_of(text, "ja"), kana_of(text)) for text in mine], texts))
    assert all(sound and kana for mine in heard for sound, kana in mine)


@pytest.mark.parametrize(
    ("name", "language", "spelt"),
    [
        ("道具小屋", "ja", {"道具小屋", "ドウグコヤ", "ドウグゴヤ"}),
        ("堆肥場", "ja", {"堆肥場", "タイヒジョウ", "タイヒバ"}),
        ("弁慶", "ja", {"弁慶", "ベンケイ"}),
        ("ドック", "ja", {"ドック"}),
        ("叉车", "zh", {"叉车"}),
        ("dock", "en", {"dock"}),
    ],
)
def test_a_japanese_name_is_also_written_as_it_is_read(name: str, language: str, spelt: set[str]) -> None:
    assert set(spellings_of(name, language)) == spelt
