"""What code makes of a small model's answer: what the request's words leave no doubt of, and what was left out."""

from __future__ import annotations

from typing import Any

import pytest
from planner_world import avoid, goals_of, send, transport
from request_set import all_requests, one
from test_sayable import prompt_of

from banksman_cloud import GoalPrompt
from banksman_cloud.bench.cases import Case
from banksman_cloud.providers.heard import evident, left_out
from banksman_cloud.providers.parts import parts
from banksman_cloud.providers.sayable import sayable
from banksman_cloud.providers.schema import goals_grammar
from banksman_shared.plans import Goals, NamedThing, SendGoal, UseGoal
from banksman_shared.site import Site

TWO = (
    NamedThing(words="agv 1", ids=("agv-1",)),
    NamedThing(words="dock one", ids=("dock-1",)),
    NamedThing(words="bay 1", ids=("bay-1",)),
    NamedThing(words="agv 2", ids=("agv-2",)),
    NamedThing(words="bay 2", ids=("bay-2",)),
)


def prompt(site: Site, request: str, *names: NamedThing, language: str = "en") -> GoalPrompt:
    return GoalPrompt(request, language, site, None, names or TWO, (), "2026-11-27T13:10:00")


def made(site: Site, request: str, *goals: dict[str, Any]) -> tuple[Goals, tuple[str, ...]]:
    asked = prompt(site, request)
    kept = evident(asked, goals_of(*goals))
    return kept, left_out(asked, kept)


@pytest.mark.parametrize("case", all_requests().cases, ids=lambda case: case.id)
def test_what_a_perfect_model_says_stays_as_it_is_and_nothing_is_missed(case: Case) -> None:
    asked = prompt_of(case)
    kept = evident(asked, case.goals)
    if case.id != "it-16":  # of which a goal quotes "three to furnace 2" without who carries them
        assert [g.model_dump() for g in kept.goals] == [g.model_dump() for g in case.goals.goals]
    assert left_out(asked, kept) == ()


def test_a_number_that_is_misread_is_the_one_that_was_said(yard: Site) -> None:
    said = "eight boxes from dock one to bay 1"
    kept, lost = made(yard, said, transport(6, "dock-1", "bay-1", words=said))
    assert (kept.goals[0].count, lost) == (8, ())  # type: ignore[union-attr]


def test_all_is_no_number(yard: Site) -> None:
    said = "clear dock one into bay 1"
    kept, _ = made(yard, said, transport(1, "dock-1", "bay-1", words=said))
    assert kept.goals[0].count is None  # type: ignore[union-attr]


def test_a_limit_that_no_goal_has_is_that_of_the_goal_in_whose_words_it_stands(yard: Site) -> None:
    said = "two boxes from dock one to bay 1 before half past two"
    kept, lost = made(yard, said, transport(2, "dock-1", "bay-1", words=said))
    assert (kept.goals[0].by, lost) == ("14:30", ())  # type: ignore[union-attr]


def test_a_limit_before_the_words_of_a_goal_is_its_own(yard: Site) -> None:
    kept, _ = made(yard, "by three: nobody into bay 1", avoid("bay-1", words="nobody into bay 1"))
    assert kept.goals[0].until_time == "15:00"  # type: ignore[union-attr]


def test_what_is_no_limit_for_certain_is_missed(yard: Site) -> None:
    said = "two boxes from dock one to bay 1 in ten minutes"
    kept, lost = made(yard, said, transport(2, "dock-1", "bay-1", words=said))
    assert kept.goals[0].within_s is None  # type: ignore[union-attr]
    assert lost == ("ten minutes",)


def test_a_second_amount_is_missed_that_is_in_no_goal(yard: Site) -> None:
    said = "two boxes from dock one to bay 1 and five to bay 2"
    _, lost = made(yard, said, transport(2, "dock-1", "bay-1", words=said))
    assert "five" in lost


def test_two_vehicles_with_a_place_between_them_do_two_things(yard: Site) -> None:
    said = "agv 1 takes two boxes from dock one to bay 1, agv 2 goes to bay 2"
    _, lost = made(yard, said, transport(2, "dock-1", "bay-1", words=said, vehicles=["agv-1", "agv-2"]))
    assert "agv 2" in lost


def test_who_is_named_only_in_the_words_of_another_goal_has_no_part_in_this_one(yard: Site) -> None:
    said, second = "agv 1 takes two boxes from dock one to bay 1, agv 2 goes to bay 2", "agv 2 goes to bay 2"
    kept, lost = made(
        yard,
        said,
        transport(2, "dock-1", "bay-1", words=said, vehicles=["agv-1", "agv-2"]),
        send("move", ["agv-2"], "bay-2", words=second),
    )
    assert kept.goals[0].vehicles == ("agv-1",)  # type: ignore[union-attr]
    assert lost == ()


def test_who_does_not_move_is_sent_nowhere_and_kept_out(yard: Site) -> None:
    said, still = "two boxes from dock one to bay 1; agv 2 does not move", "agv 2 does not move"
    kept, _ = made(
        yard,
        said,
        transport(2, "dock-1", "bay-1", words="two boxes from dock one to bay 1", vehicles=["agv-2"]),
        send("park", ["agv-2"], words=still),
    )
    carried, kept_out = kept.goals
    assert isinstance(kept_out, UseGoal)
    assert (kept_out.never, carried.vehicles) == (("agv-2",), ())  # type: ignore[union-attr]


def test_who_shares_evenly_is_who_carries() -> None:
    case = one("de-12")
    words = "Acht Sendungen von Tor 5 zum Sorter"
    carry = transport(8, "door-5", "sorter", words=words, vehicles=["kind:tug"])
    evenly = {"kind": "prefer", "what": "even_work", "words": "gleichmäßig verteilt auf die Schlepper"}
    assert evident(prompt_of(case), goals_of(carry, evenly)).goals[0].vehicles == ("kind:tug",)  # type: ignore[union-attr]


def test_the_same_loads_twice_are_carried_once(yard: Site) -> None:
    first, second = "clear dock one", "take everything to bay 1 within ten minutes"
    kept, _ = made(
        yard,
        f"{first} and {second}",
        transport(None, "dock-1", "bay-1", words=first),
        transport(None, "dock-1", "bay-1", words=second, within_s=600),
    )
    (goal,) = kept.goals
    assert (goal.within_s, goal.count) == (600, None)  # type: ignore[union-attr]


def test_the_second_half_of_a_way_is_not_the_way_back(yard: Site) -> None:
    first, second = "dock one has to be empty", "everything to bay 1"
    twice = (transport(1, "dock-1", "bay-1", words=first), transport(1, "bay-1", "dock-1", words=second))
    kept, _ = made(yard, f"{first}, {second}", *twice)
    (goal,) = kept.goals
    assert (goal.origins, goal.count) == (("dock-1",), None)  # type: ignore[union-attr]


def test_of_a_kind_so_many_are_sent_as_was_said() -> None:
    case = one("en-21")
    charging = send("charge", ["kind:forklift"], words="keep two forklifts charging")
    assert isinstance(goal := evident(prompt_of(case), goals_of(charging)).goals[0], SendGoal)
    assert (goal.count, goal.vehicles, goal.among) == (2, (), ("kind:forklift",))


def test_going_to_a_charger_is_charging() -> None:
    case = one("fr-21")
    words = "le robot 4 va à la borne et n'en bouge plus"
    kept = evident(prompt_of(case), goals_of(send("park", ["robot-4"], words=words)))
    assert isinstance(goal := kept.goals[0], SendGoal)
    assert goal.action == "charge"


def test_a_request_is_gone_through_part_by_part() -> None:
    asked = prompt_of(one("de-18"))
    (first, carries), (second, goes) = parts(asked, sayable(asked))
    assert (first, second) == (
        "Lader 1 räumt die zwei Gussteile von Linie 2 zum Ofen 2,",
        "Lader 2 fährt auf seinen Stellplatz.",
    )
    assert (carries.vehicles, goes.vehicles) == (("loader-1",), ("loader-2",))
    assert goes.closable != carries.closable


def test_a_list_of_names_is_no_two_parts(yard: Site) -> None:
    said = "nobody into bay 1, bay 2, and two boxes from dock one to bay 2"
    asked = prompt(yard, said)
    assert next(text for text, _ in parts(asked, sayable(asked))) == "nobody into bay 1, bay 2,"


def test_what_names_nothing_is_no_part_of_its_own() -> None:
    asked = prompt_of(one("en-21"))
    texts = [text for text, _ in parts(asked, sayable(asked))]
    assert texts[0] == "Before the ten past nine truck, clear ramp one into the reel store,"
    asked = prompt_of(one("en-11"))
    assert [text for text, _ in parts(asked, sayable(asked))] == [
        "Six parcels from door 2 to the sorter and three more from door 5 to customs,",
        "all inside twenty minutes. Robots only.",
    ]


def test_who_is_sent_is_not_left_out() -> None:
    case = one("en-21")
    words = "keep two forklifts charging"
    charging = send("charge", ["kind:forklift"], words=words, without=["kind:forklift"], when="only")
    goal = evident(prompt_of(case), goals_of(charging)).goals[0]
    assert goal.without == ()  # type: ignore[union-attr]


def test_nothing_waits_for_what_is_nothing_to_be_done(yard: Site) -> None:
    said = "two boxes from dock one to bay 1"
    kept, _ = made(
        yard,
        f"nobody into bay 2, {said}",
        avoid("bay-2", words="nobody into bay 2"),
        transport(2, "dock-1", "bay-1", words=said, after=[0]),
    )
    assert kept.goals[1].after == ()  # type: ignore[union-attr]


def test_of_who_is_named_with_a_place_no_part_says_only_that_it_is_used_or_not() -> None:
    asked = prompt_of(one("es-06"))
    said = parts(asked, sayable(asked))
    first, second = (goals_grammar(asked.site, text, [(text, part)]) for text, part in said)
    assert " use-p0" not in first
    assert " transport-p0" in second


def test_a_way_between_two_places_is_not_left_out(yard: Site) -> None:
    said = "two boxes from dock one to bay 1"
    _, lost = made(yard, said, send("move", [], "bay-1", words=said, count=2))
    assert lost == (said,)
