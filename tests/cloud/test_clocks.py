"""Times of day on the clocks of a site, also where they are put forward or back before the time has come."""

from __future__ import annotations

from typing import Any

import pytest
from planner_world import avoid, fleet_of, goals_of, transport, vehicle, yard_document

from banksman_cloud.api.problems import Problem
from banksman_cloud.api.request_checks import check_site, fingerprint
from banksman_cloud.reading.clocks import Clocks
from banksman_cloud.reading.resolving import settle
from banksman_shared.plans import PlanRequest
from banksman_shared.site import Site

BACK = "2026-10-25T02:00:00+01:00"
"""In Berlin they were at three then, and at two again."""
FORWARD = "2026-03-29T03:00:00+02:00"
HOUR = 3600.0


def ahead(now: str, time: str, change: str | None = None, *, late: bool = False) -> float:
    clocks = Clocks.read(now, change)
    assert clocks is not None
    return clocks.ahead(time, late=late) / HOUR


@pytest.mark.parametrize(
    ("now", "change", "time", "hours"),
    [
        ("2026-10-24T22:00:00+02:00", BACK, "06:00", 9),
        ("2026-10-24T22:00:00+02:00", BACK, "01:30", 3.5),
        ("2026-10-24T22:00:00+02:00", BACK, "23:00", 1),
        ("2026-10-25T04:00:00+01:00", None, "06:00", 2),
        ("2026-03-28T22:00:00+01:00", FORWARD, "06:00", 7),
        ("2026-03-28T22:00:00+01:00", FORWARD, "01:30", 3.5),
        ("2026-03-28T22:00:00+01:00", FORWARD, "02:30", 4),  # there is no such time: when they are put forward
        ("2026-03-28T12:00:00+01:00", FORWARD, "11:00", -1),
    ],
)
def test_a_time_of_day_is_when_the_clocks_show_it(now: str, change: str | None, time: str, hours: float) -> None:
    assert ahead(now, time, change) == hours


def test_what_they_show_twice_is_the_time_that_is_sooner_or_later_as_it_is_meant() -> None:
    assert ahead("2026-10-24T22:00:00+02:00", "02:30", BACK) == 4.5
    assert ahead("2026-10-24T22:00:00+02:00", "02:30", BACK, late=True) == 5.5


@pytest.mark.parametrize("now", [None, "noon", "9999-12-31T12:00:00+00:00", "0001-01-01T12:00:00+00:00"])
def test_there_are_no_clocks_where_nobody_says_what_they_show(now: str | None) -> None:
    assert Clocks.read(now, BACK) is None


def test_clocks_without_an_offset_do_not_change() -> None:
    assert ahead("2026-10-24T22:00:00", "06:00", BACK) == 8


def moments(site: Site, now: str, change: str | None, goal: dict[str, Any]) -> Any:
    made, faults, questions = settle(site, fleet_of(vehicle(1, "D")), goals_of(goal), Clocks.read(now, change))
    assert (faults, questions) == ([], [])
    return made.goals[0]


def test_limits_and_windows_reach_over_the_change(yard: Site) -> None:
    evening = "2026-10-24T22:00:00+02:00"
    assert moments(yard, evening, BACK, transport(1, "dock-1", "gate", by="05:00")).within_s == 8 * HOUR
    assert moments(yard, evening, BACK, transport(1, "dock-1", "gate", by="02:30")).within_s == 4.5 * HOUR
    assert moments(yard, evening, BACK, transport(1, "dock-1", "gate", not_before="02:30")).not_before_s == 5.5 * HOUR
    night = moments(yard, evening, BACK, avoid("gate", from_time="23:00", until_time="06:00"))
    assert (night.from_s, night.until_s) == (HOUR, 9 * HOUR)
    begun = moments(yard, evening, BACK, avoid("gate", from_time="21:00", until_time="06:00"))
    assert (begun.from_s, begun.until_s) == (0, 9 * HOUR)
    noon = moments(yard, "2026-10-24T12:00:00+02:00", BACK, avoid("gate", from_time="22:00", until_time="06:00"))
    assert (noon.from_s, noon.until_s) == (10 * HOUR, 19 * HOUR)


def body(**more: Any) -> PlanRequest:
    return PlanRequest.model_validate({"request": "x", "site": yard_document()} | more)


@pytest.mark.parametrize("moment", ["tonight", "2026-10-25T02:00:00", ""])
def test_a_change_that_is_no_moment_is_refused(moment: str) -> None:
    check_site(body(clock_change=BACK))
    with pytest.raises(Problem) as refused:
        check_site(body(clock_change=moment))
    assert refused.value.status_code == 422
    assert "clock_change" in refused.value.detail


def test_a_request_without_a_change_is_what_it_was_before_there_were_any() -> None:
    assert fingerprint(body()) == fingerprint(body(clock_change=None)) != fingerprint(body(clock_change=BACK))
