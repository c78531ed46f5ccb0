"""What is said of a plan names everybody whom a condition is for."""

from __future__ import annotations

from typing import Any

import pytest
from planner_world import avoid, goals_of, reserve, transport

from banksman_cloud.phrases import languages
from banksman_cloud.solving.explanation import explain
from banksman_shared.plans import Step
from banksman_shared.site import Site

STEP = Step.model_validate(
    {"vehicle": "agv-1", "action": "transport", "from": "dock-1", "to": "gate", "start_s": 0, "end_s": 60, "goal": 0}
)


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize("goal", [avoid("aisle-1", from_s=60, until_s=120), reserve(30)])
def test_a_condition_for_some_is_not_told_as_one_for_all(yard: Site, language: str, goal: dict[str, Any]) -> None:
    def said(**more: Any) -> str:
        return explain(yard, language, goals_of(transport(1, "dock-1", "gate"), goal | more), [STEP])

    who = yard.label("agv-2", language)
    assert who not in said()
    assert who in said(vehicles=["agv-2"])
    assert "{" not in said(vehicles=["agv-2"])
