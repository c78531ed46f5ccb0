"""Text that comes without what it names: places of which it says nothing are made up, and so are those in place of one
that the site lacks."""

from __future__ import annotations

import pytest
from planner_world import goals_of, transport

from banksman_cloud.reading.goals import check_goals
from banksman_cloud.reading.nameable import heard_places, lacking
from banksman_shared.site import Site


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("six pallets from the inbound dock to aisle ninety", ["aisle ninety"]),
        ("six pallets from dock one to aisle 90, or aisle 1", ["aisle 90"]),
        ("six pallets from dock one to aisle one", []),
        ("six pallets from the dock to aisle 1", []),
    ],
)
def test_a_numbered_place_that_the_site_lacks_is_told(yard: Site, text: str, lacks: list[str]) -> None:
    assert list(lacking(yard, text)) == lacks
    faults = check_goals(yard, goals_of(transport(6, "dock-1", "aisle-1")), text)
    assert faults == [f"the request names {name}, which the site lacks" for name in lacks]


def test_a_place_of_which_nothing_is_said_is_made_up(yard: Site) -> None:
    goals = goals_of(transport(6, "dock-1", "gate", words="six"))
    assert check_goals(yard, goals, "six pallets from dock 1 to the canteen") == [
        "'six' uses gate, which the request does not name"
    ]
    assert check_goals(yard, goals, "six pallets from the docks to the gates") == []


def test_words_may_end_otherwise_and_a_text_of_no_place_says_nothing(yard: Site) -> None:
    assert {"dock-1", "gate"} <= heard_places(yard, "from the docks to the gates")
    assert heard_places(yard, "carry them") == frozenset()
    assert check_goals(yard, goals_of(transport(6, "dock-1", "aisle-1")), "carry them") == []
