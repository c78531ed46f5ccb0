"""Words made comparable, and time that is told rather than taken."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from banksman_shared.clock import ManualClock, SystemClock, parse_timestamp, timestamp
from banksman_shared.text import fold


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ("Cámara  Fría!", "camara fria"),
        ("L’allée n° 5", "l allee n 5"),
        ("COLD-STORE", "cold store"),
        ("Straße", "strasse"),
        ("zone d’emballage", "zone d emballage"),
        ("¡Todos quietos, paren!", "todos quietos paren"),
        ("ｆｏｒｋｌｉｆｔ３", "forklift3"),
        ("三号叉车，去冷库。", "三号叉车 去冷库"),
        ("", ""),
        (" ?! ", ""),
    ],
)
def test_case_accents_and_punctuation_do_not_matter(said: str, same: str) -> None:
    assert fold(said) == same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ドック", "トック"),  # voicing marks tell kana apart
        ("バース", "パース"),
        ("डॉक", "डक"),  # vowel signs tell Devanagari words apart
        ("गली", "गल"),
    ],
)
def test_marks_that_carry_the_sound_stay(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_composed_and_decomposed_spellings_are_one() -> None:
    assert fold("ド") == fold("ド")
    assert fold("camára") == fold("camára")


@given(st.text(max_size=40))
@example("\U0001d504")  # a mathematical capital A
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_a_manual_clock_moves_only_when_told() -> None:
    clock = ManualClock(100.0)
    assert (clock.time(), clock.monotonic()) == (100.0, 100.0)
    clock.advance(3600)
    assert (clock.time(), clock.monotonic()) == (3700.0, 3700.0)


def test_the_system_clock_is_the_machines() -> None:
    clock = SystemClock()
    first = clock.monotonic()
    assert clock.monotonic() >= first
    assert clock.time() > 1_700_000_000


def test_timestamps_are_what_vda_5050_asks_for() -> None:
    assert timestamp(1_700_000_000.123) == "2023-11-14T22:13:20.123Z"
    assert timestamp(0) == "1970-01-01T00:00:00.000Z"


@pytest.mark.parametrize(
    "text",
    [
        "2023-11-14T22:13:20.123Z",
        "2023-11-14T22:13:20.123",
        "2023-11-15T00:13:20.123+02:00",
        "2023-11-14T22:13:20.123000Z",
    ],
)
def test_a_time_is_read_in_its_zone_or_else_as_utc(text: str) -> None:
    assert parse_timestamp(text) == pytest.approx(1_700_000_000.123, abs=1e-6)


@pytest.mark.parametrize("text", ["", "yesterday", "2023-13-01T00:00:00Z"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  whatever the standard library says of it
        parse_timestamp(text)


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_a_timestamp_is_read_back_to_the_millisecond(milliseconds: int) -> None:
    assert parse_timestamp(timestamp(milliseconds / 1000)) == pytest.approx(milliseconds / 1000, abs=0.0011)
