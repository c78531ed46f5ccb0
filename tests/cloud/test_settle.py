"""Kinds, groups, times of day and "all" become ids, seconds and numbers, in code."""

from __future__ import annotations

import json
from typing import Any

import pytest
from planner_world import ScriptedProvider, avoid, fleet_of, goals_of, send, transport, use, vehicle, yard_document

from banksman_cloud import Planner
from banksman_cloud.errors import UnclearError
from banksman_cloud.phrases import languages
from banksman_cloud.reading.clocks import Clocks
from banksman_cloud.reading.goals import check_goals
from banksman_cloud.reading.resolving import settle
from banksman_cloud.solving.assignment import lines, steps
from banksman_cloud.solving.solver import solve
from banksman_cloud.solving.tasks import build_instance
from banksman_shared.clock import ManualClock, SystemClock
from banksman_shared.plans import FleetSnapshot, Goal, LoadSnapshot, Plan, PlanRequest
from banksman_shared.site import Site, parse_site
from banksman_shared.verify import violations

NOON = Clocks.read("2026-03-02T12:00:30+01:00", None)


@pytest.fixture
def grouped() -> Site:
    document = json.loads(json.dumps(yard_document()))
    document["groups"] = [{"id": "night", "vehicles": ["agv-2", "agv-3"], "names": {"en": ["night shift"]}}]
    return parse_site(document)


def settled(
    site: Site, *goals: dict[str, Any], fleet: FleetSnapshot | None = None, now: Clocks | None = NOON
) -> list[Any]:
    made, faults, questions = settle(site, fleet or fleet_of(vehicle(1, "D")), goals_of(*goals), now)
    assert not faults
    assert not questions
    return list(made.goals)


def stock(*places: str, kind: str | None = None) -> FleetSnapshot:
    there = tuple(LoadSnapshot(id=f"{place}{i}", place=place, type=kind) for i, place in enumerate(places))
    return FleetSnapshot(vehicles=(vehicle(1, "D"),), loads=there)


@pytest.mark.parametrize(
    ("share", "count", "there", "made"),
    [
        ("each", 2, 6, [(2, "bay-1"), (2, "bay-2")]),
        ("equal", 5, 6, [(3, "bay-1"), (2, "bay-2")]),
        ("equal", None, 3, [(2, "bay-1"), (1, "bay-2")]),
        ("equal", 1, 1, [(1, "bay-1")]),
        ("each", 2, None, [(2, "bay-1"), (2, "bay-2")]),
    ],
)
def test_loads_are_shared_out_among_places(
    grouped: Site, share: str, count: int | None, there: int | None, made: list[tuple[int, str]]
) -> None:
    goal = transport(count, "dock-1", "bay-1", share=share) | {"destinations": ["bay-1", "bay-2"]}
    fleet = None if there is None else stock(*["dock-1"] * there)
    parts = settled(grouped, goal, fleet=fleet)
    assert [(part.count, *part.destinations) for part in parts] == made
    assert {part.share for part in parts} == {"any"}


def test_what_is_shared_out_comes_from_all_places_and_in_order(grouped: Site) -> None:
    goal = transport(None, "dock-1", "bay-1", share="equal")
    goal |= {"origins": ["dock-1", "aisle-1"], "destinations": ["bay-1", "bay-2"]}
    *parts, last = settled(
        grouped, goal, send("park", ["agv-1"], after=[0]), fleet=stock("dock-1", "dock-1", "dock-1", "aisle-1")
    )
    assert [(part.count, *part.origins, *part.destinations) for part in parts] == [
        (2, "dock-1", "bay-1"),
        (1, "dock-1", "bay-2"),
        (1, "aisle-1", "bay-2"),
    ]
    assert last.after == (0, 1, 2)


def test_too_few_to_share_out_are_asked_about(grouped: Site) -> None:
    goal = transport(2, "dock-1", "bay-1", share="each") | {"destinations": ["bay-1", "bay-2"]}
    _, _, questions = settle(grouped, stock("dock-1", "dock-1", "dock-1"), goals_of(goal), NOON)
    assert len(questions) == 1


def test_kinds_and_groups_become_vehicles(grouped: Site) -> None:
    carry, only, kept = settled(
        grouped,
        transport(1, "dock-1", "gate", vehicles=["kind:forklift"], without=["group:night"]),
        use(only=["group:night", "agv-1", "agv-2"]),
        send("charge", [], among=["kind:forklift"], count=2, when="only"),
    )
    assert (carry.vehicles, carry.without) == (("agv-1", "agv-2", "agv-3"), ("agv-2", "agv-3"))
    assert only.only == ("agv-2", "agv-3", "agv-1")
    assert (kept.among, kept.count) == (("agv-1", "agv-2", "agv-3"), 2)


def test_kinds_of_places_become_places(yard: Site) -> None:
    (closed,) = settled(yard, avoid("kind:aisle", "gate"))
    assert closed.places == ("aisle-1", "aisle-2", "gate")


def test_unknown_kinds_are_said(yard: Site) -> None:
    _, faults, _ = settle(yard, fleet_of(), goals_of(avoid("kind:dock"), use(never=["group:night"])))
    assert faults == ["'keep away': the site has no kind 'dock'", "'use those': the site has no group 'night'"]


def test_times_of_day_become_seconds_from_now(yard: Site) -> None:
    carry, twice, later, latest, free = settled(
        yard,
        transport(1, "dock-1", "gate", by="12:15"),
        transport(1, "dock-1", "gate", by="12:20", within_s=600),
        transport(1, "dock-1", "gate", not_before="12:15"),
        send("move", ["agv-1"], "gate", not_before="12:15", not_before_s=1000),
        avoid("gate", from_time="12:01", until_time="13:00"),
    )
    assert (later.not_before_s, later.not_before) == (14 * 60 + 30, "12:15")
    assert latest.not_before_s == 1000
    assert (carry.within_s, carry.by) == (14 * 60 + 30, "12:15")
    assert twice.within_s == 600  # what was said twice holds twice
    assert (free.from_s, free.until_s) == (30, 59 * 60 + 30)


@pytest.mark.parametrize(
    ("clock", "times", "seconds"),
    [
        ("14:30", {"from_time": "13:00"}, (0, None)),
        ("14:30", {"from_time": "14:00", "until_time": "15:00"}, (0, 1800)),
        ("23:00", {"from_time": "22:00", "until_time": "06:00"}, (0, 7 * 3600)),
        ("12:00", {"from_time": "22:00", "until_time": "06:00"}, (10 * 3600, 18 * 3600)),
        ("02:00", {"from_time": "22:00", "until_time": "06:00"}, (0, 4 * 3600)),
        ("22:00", {"until_time": "02:00"}, (None, 4 * 3600)),
    ],
)
def test_a_window_that_has_begun_holds_from_now(
    yard: Site, clock: str, times: dict[str, str], seconds: tuple[float | None, float | None]
) -> None:
    (free,) = settled(yard, avoid("gate", **times), now=Clocks.read(f"2026-03-02T{clock}:00+01:00", None))
    assert (free.from_s, free.until_s) == seconds


@pytest.mark.parametrize(
    "goal",
    [
        transport(1, "dock-1", "gate", by="12:00"),
        transport(1, "dock-1", "gate", not_before="12:00"),
        avoid("gate", until_time="12:00", words="carry them"),
        avoid("gate", from_time="11:00", until_time="12:00", words="carry them"),
    ],
)
def test_a_time_of_day_that_has_passed_is_asked_about(yard: Site, goal: dict[str, Any]) -> None:
    _, _, questions = settle(yard, fleet_of(vehicle(1, "D")), goals_of(goal), NOON)
    assert questions == ["“carry them”: 12:00 has passed; say when."]


def test_a_time_of_day_means_nothing_to_who_has_no_clock(yard: Site) -> None:
    _, _, questions = settle(yard, fleet_of(), goals_of(transport(1, "dock-1", "gate", by="12:15")), None)
    assert questions == ["“carry them”: nobody told what time it is; say in how many minutes instead of 12:15."]


def test_what_is_closed_beyond_a_day_stays_closed(yard: Site) -> None:
    (free,) = settled(yard, avoid("gate", from_time="22:00", until_time="21:00"))
    assert (free.from_s, free.until_s) == (10 * 3600 - 30, None)
    assert Plan.model_validate_json(Plan(id="p", state="solving", request="x", goals=(free,)).model_dump_json())  # type: ignore[arg-type]


def test_of_two_ends_of_a_window_the_later_one_counts(yard: Site) -> None:
    (free,) = settled(yard, avoid("gate", until_time="12:15", until_s=3600))
    assert free.until_s == 3600


def test_all_but_one_are_all_but_one(yard: Site) -> None:
    (sent,) = settled(yard, send("move", ["kind:forklift"], "gate", without=["agv-2"]))
    assert (sent.vehicles, sent.without) == (("agv-1", "agv-3"), ("agv-2",))
    fleet = fleet_of(vehicle(1, "D"), vehicle(2, "A1"), vehicle(3, "A2"))
    solution = solve(build_instance(yard, fleet, [sent]), SystemClock(), 0.5)
    assert violations(yard, fleet, [sent], steps(lines(solution.instance, solution.assignment))) == []


def test_places_that_a_zone_or_kind_has_as_well_count_once(yard: Site) -> None:
    (closed,) = settled(yard, avoid("kind:aisle", "aisle-2", "gate"))
    assert closed.places == ("aisle-1", "aisle-2", "gate")
    (twice,) = settled(yard, avoid("gate", "gate"))
    assert twice.places == ("gate", "gate")  # a slip, which is told


def test_what_waits_for_all_of_a_large_zone_can_be_told(yard: Site) -> None:
    shelves = tuple(f"shelf-{i}" for i in range(60))
    clear = transport(None, "", "gate", origins=list(shelves))
    fleet = FleetSnapshot(loads=tuple(LoadSnapshot(id=shelf, place=shelf) for shelf in shelves))
    goals = settled(yard, clear, send("park", ["agv-1"], after=[0]), fleet=fleet)
    plan = Plan(id="p", state="solving", request="x", goals=tuple(goals))  # type: ignore[arg-type]
    assert len(Plan.model_validate_json(plan.model_dump_json()).goals) == 61
    again = PlanRequest.model_validate_json(PlanRequest(request="x", site={}, goals=tuple(goals)).model_dump_json())
    assert len(again.goals or ()) == 61


def test_all_is_what_stands_there(yard: Site) -> None:
    everything = transport(None, "dock-1", "gate", origins=["dock-1", "aisle-1", "bay-1"])
    first, second = settled(yard, everything, fleet=stock("dock-1", "dock-1", "aisle-1"))
    assert [(g.origins, g.count) for g in (first, second)] == [(("dock-1",), 2), (("aisle-1",), 1)]
    (typed,) = settled(yard, everything | {"load_type": "box"}, fleet=stock("bay-1", kind="box"))
    assert (typed.origins, typed.count) == (("bay-1",), 1)


def test_what_waits_for_a_split_goal_waits_for_all_of_it(yard: Site) -> None:
    everything = transport(None, "dock-1", "gate", origins=["dock-1", "aisle-1"])
    goals = settled(
        yard,
        everything,
        send("park", ["agv-1"], after=[0]),
        send("move", ["agv-2"], "gate", after=[1]),
        fleet=stock("dock-1", "aisle-1"),
    )
    assert [goal.after for goal in goals] == [(), (), (0, 1), (2,)]


COUNTS: list[tuple[dict[str, Any], FleetSnapshot, str]] = [
    (transport(None, "dock-1", "gate"), fleet_of(), "nobody keeps count of the loads there; say how many."),
    (transport(None, "dock-1", "gate"), stock("gate"), "nothing stands at dock one."),
    (transport(3, "dock-1", "gate"), stock("dock-1"), "only 1 at dock one."),
    (transport(1, "dock-1", "gate", load_type="box"), stock("dock-1"), "only 0 at dock one."),
]


@pytest.mark.parametrize(("goal", "fleet", "fault"), COUNTS)
def test_amounts_that_are_not_there_are_said(
    yard: Site, goal: dict[str, Any], fleet: FleetSnapshot, fault: str
) -> None:
    _, _, questions = settle(yard, fleet, goals_of(goal))
    assert questions == [f"“carry them”: {fault}"]


def test_where_nobody_counts_a_number_is_believed_and_all_is_asked(yard: Site) -> None:
    partly = stock("dock-1", "dock-1").model_copy(update={"uncounted": ("aisle-1", "aisle-2")})
    assert settled(yard, transport(None, "dock-1", "gate"), fleet=partly)[0].count == 2
    five = transport(5, "aisle-1", "gate")
    assert settled(yard, five, fleet=partly)[0].count == 5
    either = transport(5, "dock-1", "gate", origins=["dock-1", "aisle-2"])
    assert settled(yard, either, fleet=partly)[0].origins == ("dock-1", "aisle-2")
    for goal in (transport(None, "aisle-1", "gate"), transport(None, "dock-1", "gate", origins=["dock-1", "aisle-2"])):
        _, _, questions = settle(yard, partly, goals_of(goal))
        assert questions == ["“carry them”: nobody keeps count of the loads there; say how many."]
    _, _, questions = settle(yard, partly, goals_of(transport(3, "dock-1", "gate")))
    assert questions == ["“carry them”: only 2 at dock one."]


@pytest.mark.parametrize("language", sorted(languages()))
def test_questions_are_put_in_the_language_of_who_asked(yard: Site, language: str) -> None:
    said: list[str] = []
    for goal, fleet, _ in COUNTS:
        said += settle(yard, fleet, goals_of(goal), None, language)[2]
    said += settle(yard, fleet_of(), goals_of(transport(1, "dock-1", "gate", by="12:15")), None, language)[2]
    said += settle(yard, fleet_of(), goals_of(transport(1, "dock-1", "gate", by="12:00")), NOON, language)[2]
    assert len(set(said)) == len(COUNTS) + 2
    assert all("carry them" in text and "{" not in text for text in said)
    english = [settle(yard, fleet, goals_of(goal))[2][0] for goal, fleet, _ in COUNTS]
    assert language == "en" or not set(english) & set(said)


def test_the_model_is_not_asked_what_only_the_operator_knows(yard: Site) -> None:
    provider = ScriptedProvider(goals_of(transport(None, "dock-1", "gate", words="clear the dock")))
    request = PlanRequest(request="clear the dock into the gate", site={})
    with pytest.raises(UnclearError, match="nobody keeps count of the loads there; say how many"):
        Planner(provider, ManualClock(), 1.0).understand(request, yard, ManualClock().time() + 60)
    assert len(provider.prompts) == 1


def test_a_number_is_taken_from_where_enough_stands(yard: Site) -> None:
    three = transport(3, "dock-1", "gate", origins=["dock-1", "aisle-1"])
    goals: list[Goal] = settled(yard, three, fleet=stock("dock-1", "aisle-1", "aisle-1", "aisle-1"))
    assert [(g.origins, g.count) for g in goals] == [(("dock-1",), 1), (("aisle-1",), 2)]  # type: ignore[union-attr]
    assert check_goals(yard, goals_of(*[g.model_dump() for g in goals]), "x") == []


def test_what_others_bring_may_be_taken_on(yard: Site) -> None:
    there, on = transport(2, "dock-1", "gate"), transport(2, "gate", "bay-1", after=[0])
    assert [g.count for g in settled(yard, there, on, fleet=stock("dock-1", "dock-1"))] == [2, 2]


ALL_ON = transport(None, "aisle-2", "bay-1", after=[0])


@pytest.mark.parametrize(
    ("goals", "places", "counts"),
    [
        # All that is brought, and what stood there; what is not waited for is not counted.
        ([transport(None, "dock-1", "aisle-2"), ALL_ON], ["dock-1"] * 3 + ["aisle-2"], [3, 4]),
        ([transport(None, "dock-1", "aisle-2"), ALL_ON], ["dock-1"] * 3, [3, 3]),
        ([transport(None, "dock-1", "aisle-2"), ALL_ON | {"after": []}], ["dock-1"] * 3 + ["aisle-2"], [3, 1]),
        # On and on, whatever stands in between, and in whatever order it was written.
        (
            [transport(None, "bay-1", "gate", after=[2]), transport(2, "dock-1", "aisle-2"), ALL_ON | {"after": [1]}],
            ["dock-1"] * 3,
            [2, 2, 2],
        ),
        # What others take is not there any more, and "all" is what numbers leave.
        ([transport(None, "dock-1", "gate"), transport(2, "dock-1", "bay-1")], ["dock-1"] * 5, [3, 2]),
        ([transport(2, "dock-1", "gate"), transport(None, "dock-1", "bay-1", after=[0])], ["dock-1"] * 5, [2, 3]),
        (
            [transport(2, "dock-1", "aisle-2"), transport(3, "aisle-2", "gate", after=[0])],
            ["dock-1"] * 2 + ["aisle-2"],
            [2, 3],
        ),
    ],
)
def test_amounts_follow_what_the_wishes_before_them_do(
    yard: Site, goals: list[dict[str, Any]], places: list[str], counts: list[int]
) -> None:
    made = settled(yard, *goals, fleet=stock(*places))
    assert [goal.count for goal in made] == counts
    fleet = stock(*places)
    solution = solve(build_instance(yard, fleet, made), SystemClock(), 0.5)
    planned = steps(lines(solution.instance, solution.assignment))
    if any(goal.after for goal in made):  # else it is for who plans to know that nothing may be taken too early
        assert violations(yard, fleet, made, planned) == []


@pytest.mark.parametrize(
    ("goals", "places", "question"),
    [
        (
            [transport(2, "dock-1", "gate"), transport(2, "dock-1", "bay-1")],
            ["dock-1"] * 3,
            "only 1 left at dock one.",
        ),
        (
            [transport(None, "dock-1", "gate"), transport(None, "dock-1", "bay-1", after=[0])],
            ["dock-1"],
            "nothing is left at dock one.",
        ),
        (
            [transport(2, "dock-1", "aisle-2", destinations=["aisle-1", "aisle-2"]), ALL_ON],
            ["dock-1"] * 2,
            "how many come to aisle 2 is left open; say how many.",
        ),
        (
            [transport(3, "dock-1", "gate", origins=["dock-1", "aisle-1"]), avoid("aisle-1")],
            ["dock-1", "aisle-1", "aisle-1"],
            "only 1 at dock one.",
        ),
    ],
)
def test_amounts_that_others_leave_open_or_too_small_are_asked_about(
    yard: Site, goals: list[dict[str, Any]], places: list[str], question: str
) -> None:
    _, _, questions = settle(yard, stock(*places), goals_of(*goals))
    assert questions == [f"“carry them”: {question}"]


def test_nothing_is_taken_from_where_nobody_goes(yard: Site) -> None:
    two = transport(2, "dock-1", "gate", origins=["aisle-1", "aisle-2"])
    fleet = stock("aisle-1", "aisle-1", "aisle-2", "aisle-2")
    carry, closed = settled(yard, two, avoid("aisle-1"), fleet=fleet)
    assert (carry.origins, carry.count) == (("aisle-2",), 2)
    assert check_goals(yard, goals_of(carry.model_dump(), closed.model_dump()), "x") == []
    for partly in (avoid("aisle-1", vehicles=["agv-2"]), avoid("aisle-1", until_s=60)):
        assert [g.count for g in settled(yard, two, partly, fleet=fleet)[:2]] == [1, 1]


@pytest.mark.parametrize(
    ("goals", "places"),
    [
        # What others bring is waited for where there is not enough, and only there.
        ([transport(2, "dock-1", "gate"), transport(2, "gate", "bay-1")], ["dock-1"] * 2),
        ([transport(2, "gate", "bay-1"), transport(2, "dock-1", "gate")], ["dock-1"] * 2 + ["gate"]),
        (
            [transport(1, "gate", "bay-1"), transport(1, "gate", "bay-2"), transport(1, "dock-1", "gate")],
            ["dock-1", "gate"],
        ),
        # A few vehicles take all from one place, since in parts others might share in it.
        ([transport(3, "dock-1", "gate", origins=["dock-1", "aisle-1"], at_most=1)], ["aisle-1"] + ["dock-1"] * 3),
    ],
)
def test_nothing_is_planned_to_be_taken_from_where_nothing_stands(
    yard: Site, goals: list[dict[str, Any]], places: list[str]
) -> None:
    fleet = stock(*places).model_copy(update={"vehicles": (vehicle(1, "D"), vehicle(2, "G"))})
    made = settled(yard, *goals, fleet=fleet)
    solution = solve(build_instance(yard, fleet, made), SystemClock(), 0.5)
    assert violations(yard, fleet, made, steps(lines(solution.instance, solution.assignment))) == []


def test_what_need_not_be_waited_for_is_not(yard: Site) -> None:
    take, bring = transport(2, "gate", "bay-1"), transport(2, "dock-1", "gate")
    assert [g.after for g in settled(yard, take, bring, fleet=stock("gate", "gate", "dock-1", "dock-1"))] == [(), ()]  # type: ignore[union-attr]
    around = [transport(1, "gate", "bay-1"), transport(1, "bay-1", "gate")]
    _, _, questions = settle(yard, stock("dock-1"), goals_of(*around))
    assert questions == ["“carry them”: only 0 at bay 1.", "“carry them”: only 0 at gate."]  # neither can come first


def test_what_comes_from_where_nobody_counts_can_be_taken_on(yard: Site) -> None:
    fleet = stock("aisle-1").model_copy(update={"uncounted": ("dock-1",)})
    there, on = transport(2, "dock-1", "gate"), transport(2, "gate", "bay-1", after=[0])
    assert settle(yard, fleet, goals_of(there, on))[2] == []


def test_a_few_vehicles_are_asked_about_where_they_would_take_from_several_places(yard: Site) -> None:
    two = transport(2, "dock-1", "gate", origins=["dock-1", "aisle-1"], at_most=1)
    _, _, questions = settle(yard, stock("dock-1", "aisle-1"), goals_of(two))
    assert questions == ["“carry them”: say for each place how many vehicles may share in it."]


def test_a_type_is_known_where_loads_were_brought(yard: Site) -> None:
    boxes = stock("dock-1", "dock-1", kind="box").loads
    crate = stock("dock-1", kind="crate").loads
    fleet = FleetSnapshot(vehicles=(vehicle(1, "D"),), loads=(*(boxes or ()), *(crate or ())))
    goals = (transport(None, "dock-1", "aisle-2", load_type="box"), ALL_ON | {"load_type": "box"})
    made = settled(yard, *goals, fleet=fleet)
    assert [goal.count for goal in made] == [2, 2]
    solution = solve(build_instance(yard, fleet, made), SystemClock(), 0.5)
    assert violations(yard, fleet, made, steps(lines(solution.instance, solution.assignment))) == []
