"""A plan is offered only where every name of the request is in a goal that it fits."""

from __future__ import annotations

from typing import Any

import pytest
from planner_world import ScriptedProvider, avoid, fleet_of, goals_of, transport, vehicle, yard_document

from banksman_cloud import Planner
from banksman_cloud.errors import UnclearError
from banksman_cloud.reading.named_coverage import unproved
from banksman_shared.clock import ManualClock
from banksman_shared.plans import Goals, NamedThing, PlanRequest
from banksman_shared.site import parse_site

CLEAR = "Clear dock one, move four boxes to bays 1 and 2, nobody through the gate."
NAMED = {"dock one": "dock-1", "bays 1": "bay-1", "2": "bay-2", "gate": "gate"}
MENTIONS = tuple(NamedThing(words=words, ids=(thing,)) for words, thing in NAMED.items())
MOVED = "move four boxes to bays 1 and 2"
ASIDE = "Clear dock one"
SHUT = avoid("gate", words="nobody through the gate")


def carried(origins: list[str], destinations: list[str], words: str = MOVED) -> dict[str, Any]:
    return transport(4, "", "", words=words) | {"origins": origins, "destinations": destinations}


def left(*words: str, **goals: Any) -> Goals:
    return goals_of(*goals.pop("goals")).model_copy(update={"unsupported": words})


@pytest.mark.parametrize(
    ("goals", "open_"),
    [
        (left(goals=[carried(["dock-1"], ["bay-1", "bay-2"]), SHUT]), ()),
        (left(ASIDE, goals=[carried(["bay-1", "bay-2"], ["bay-1", "bay-2"]), SHUT]), (ASIDE, MOVED)),
        (left(ASIDE, goals=[carried(["dock-1"], ["bay-1", "bay-2"]), SHUT]), ()),
        (left(goals=[carried(["bay-1"], ["bay-1", "bay-2"]), SHUT]), (MOVED,)),
        (left(goals=[carried(["bay-1"], ["bay-2"]), carried(["bay-2"], ["bay-1"], "bays 1 and 2")]), ("bays 1 and 2",)),
        (left(goals=[carried(["dock-1"], ["bay-1", "gate"]), SHUT]), ("nobody through the gate",)),
        (left(goals=[carried(["dock-1", "bay-1"], ["bay-1"])]), ()),
    ],
)
def test_what_is_no_proof_of_a_request_is_found(goals: Goals, open_: tuple[str, ...]) -> None:
    assert tuple(unproved(parse_site(yard_document()), goals, MENTIONS)) == open_


def test_what_stays_unproved_is_asked_about_and_never_planned() -> None:
    fleet = fleet_of(vehicle(1, "D"), vehicle(2, "C"))
    request = PlanRequest(request=CLEAR, language="en", site=yard_document(), fleet=fleet, mentions=MENTIONS)
    wrong = left(ASIDE, goals=[carried(["bay-1", "bay-2"], ["bay-1", "bay-2"]), SHUT])
    clock = ManualClock()
    provider = ScriptedProvider(*[wrong.model_dump_json()] * 3)
    with pytest.raises(UnclearError, match=ASIDE):
        Planner(provider, clock, 1.0).understand(request, parse_site(request.site), clock.time() + 60)
