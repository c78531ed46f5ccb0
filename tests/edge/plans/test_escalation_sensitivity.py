"""What keeps a request on the site."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from escalation_world import fleet_at_home, request_of, with_rules

from banksman_edge.errors import PlannerError
from banksman_edge.plans import PlanRouter
from banksman_edge.plans.privacy.sensitivity import is_sensitive
from banksman_shared.plans import Goals, LoadSnapshot, Plan, PlanRequest, PlanState
from banksman_shared.site import Site, Zone

RULES = """
[escalation]
sensitive = ["explosive", "爆薬", "VIP"]
sensitive_loads = ["nitro"]
"""


@pytest.fixture
def wary(site: Site) -> Site:
    return with_rules(site, RULES)


@pytest.mark.parametrize(
    ("language", "text", "sensitive"),
    [
        ("en", "two pallets of explosives from inbound to dock two", True),
        ("en", "EXPLOSIVE: two pallets from inbound to dock two", True),
        ("en", "the VIP wants two pallets at dock two", True),
        ("en", "the vipers want two pallets at dock two", False),
        ("en", "two pallets of nitro-glycerine from inbound to dock two", True),
        ("ja", "爆薬のパレットを二つ2番ドックへ", True),
        ("en", "two pallets from inbound to dock two", False),
    ],
)
def test_words_that_the_site_declares_are_found_however_they_are_written(
    wary: Site, language: str, text: str, sensitive: bool
) -> None:
    assert is_sensitive(wary, request_of(wary, text, language)) is sensitive


def test_a_request_about_a_place_where_a_sensitive_load_stands_is_sensitive(wary: Site) -> None:
    fleet = fleet_at_home(wary).model_copy(
        update={"loads": (LoadSnapshot(id="1", place="inbound", type="nitro"), LoadSnapshot(id="2", place="dock-1"))}
    )
    assert is_sensitive(wary, request_of(wary, "two pallets from inbound to dock two", fleet=fleet))
    assert not is_sensitive(wary, request_of(wary, "two pallets from dock one to dock two", fleet=fleet))


def test_a_request_about_a_zone_with_such_a_place_is_sensitive(wary: Site) -> None:
    zones = {
        "gate": Zone("gate", frozenset({"inbound", "dock-1"}), names={"en": ("gate side",)}),
        "back": Zone("back", frozenset({"dock-5"}), names={"en": ("back hall",)}),
    }
    zoned = replace(wary, rules=replace(wary.rules, zones=zones))
    fleet = fleet_at_home(zoned).model_copy(update={"loads": (LoadSnapshot(id="1", place="inbound", type="nitro"),)})
    assert is_sensitive(zoned, request_of(zoned, "two pallets from the gate side to dock two", fleet=fleet))
    assert not is_sensitive(zoned, request_of(zoned, "two pallets from the back hall to dock two", fleet=fleet))


@pytest.mark.parametrize("load_type", ["nitro", None])
def test_what_is_left_of_a_plan_about_such_a_load_is_sensitive(wary: Site, load_type: str | None) -> None:
    goal = {"kind": "transport", "words": "them", "count": 2, "origins": ["inbound"], "destinations": ["dock-2"]}
    goals = Goals.model_validate({"goals": [goal | {"load_type": load_type}]}).goals
    fleet = fleet_at_home(wary)
    if load_type is None:
        assert not is_sensitive(wary, request_of(wary, "them", mentions=(), goals=goals))
        fleet = fleet.model_copy(update={"loads": (LoadSnapshot(id="1", place="inbound", type="nitro"),)})
    assert is_sensitive(wary, request_of(wary, "them", mentions=(), goals=goals, fleet=fleet))


class Here:
    """A planner on the site that proposes nothing in particular."""

    def propose(self, request: PlanRequest, *_: object) -> Plan:
        return Plan(id="here", state=PlanState.PROPOSED, request=request.request)


def test_the_rest_of_a_sensitive_plan_is_planned_on_the_site_in_little_time(wary: Site) -> None:
    goal = {"kind": "avoid", "words": "explosives", "places": ["inbound"]}
    request = request_of(wary, "explosives", mentions=(), goals=Goals.model_validate({"goals": [goal]}).goals)
    router = PlanRouter(wary, None, Here())  # type: ignore[arg-type]  it is asked for plans only
    soon = time.time() + 20
    assert router.plan(lambda: request, "a", soon, lambda *_: None).id == "here"
    with pytest.raises(PlannerError, match="may not leave"):  # a model would have to read this first
        router.plan(lambda: request_of(wary, "explosives"), "b", soon, lambda *_: None)
