"""When the clocks of the site are put forward or back, as the machine knows it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

import pytest

from banksman_edge.plans.site_clocks import change_after, local


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("the zone of a process can be set on POSIX only")
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(moment: str) -> float:
    return datetime.fromisoformat(moment).timestamp()


@pytest.mark.parametrize(
    ("now", "change"),
    [
        ("2026-10-24T22:00:30.500+02:00", "2026-10-25T02:00:00+01:00"),
        ("2026-10-25T02:59:59+02:00", "2026-10-25T02:00:00+01:00"),
        ("2026-03-28T12:00:00+01:00", "2026-03-29T03:00:00+02:00"),
        ("2026-10-25T02:00:00+01:00", None),
        ("2026-10-22T22:00:00+02:00", None),
        ("2026-07-01T12:00:00+02:00", None),
    ],
)
@pytest.mark.usefixtures("berlin")
def test_the_next_change_is_told_where_it_comes_within_two_days(now: str, change: str | None) -> None:
    found = change_after(at(now))
    assert (found and found.isoformat()) == change


@pytest.mark.usefixtures("berlin")
def test_the_clocks_show_local_time_with_its_offset() -> None:
    assert local(at("2026-07-01T10:00:00+00:00")).isoformat() == "2026-07-01T12:00:00+02:00"
