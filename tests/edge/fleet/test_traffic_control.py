"""The traffic controller alone: who is given which way, who waits for whom, and who makes way."""

from __future__ import annotations

import pytest
from traffic_floor import KIND, SPEED, Floor, Points

from banksman_edge.fleet.traffic import Blocked, Goal, Mover, Origin
from banksman_shared.site import Closed

# H1 ─ A ─ B ─ C ─ H2, where B ─ S is a siding
LINE: Points = {"H1": (0, 0), "A": (5, 0), "B": (10, 0), "C": (15, 0), "H2": (20, 0), "S": (10, 5)}
LINE_ROADS = ["H1-A", "A-B", "B-C", "C-H2", "B-S"]


def test_opposed_vehicles_in_a_single_lane_drive_one_after_the_other() -> None:
    occupancy = Floor({**LINE, "H3": (5, 5), "H4": (15, 5)}, [*LINE_ROADS, "A-H3", "C-H4"])
    occupancy.park("east", "H1")
    occupancy.park("west", "H2")
    occupancy.send("east", "H4", stays=True)
    occupancy.send("west", "H3", stays=True)
    occupancy.run()
    assert occupancy.at == {"east": "H4", "west": "H3"}


def test_who_is_met_in_a_single_lane_goes_aside_into_a_siding() -> None:
    occupancy = Floor(LINE, LINE_ROADS)
    occupancy.park("east", "A", home="H2")
    occupancy.park("west", "C", home="H1")
    occupancy.send("east", "H2", stays=True)
    occupancy.send("west", "H1", stays=True)
    aside = set[str]()
    while occupancy.courses:
        occupancy.step()
        aside |= {vehicle for vehicle, node in occupancy.at.items() if node == "S"}
    assert len(aside) == 1
    assert occupancy.at == {"east": "H2", "west": "H1"}


def test_vehicles_that_follow_each_other_do_not_wait_for_the_whole_lane() -> None:
    occupancy = Floor(LINE, LINE_ROADS)
    occupancy.park("first", "A", home="H2")
    occupancy.park("second", "H1")
    occupancy.send("first", "H2", stays=True)
    occupancy.send("second", "C", stays=True)
    for _ in range(30):
        occupancy.step()
    assert occupancy.at["first"] != "H2"
    assert occupancy.at["second"] != "H1"


def test_lanes_that_cross_without_a_node_are_driven_one_at_a_time() -> None:
    occupancy = Floor({"W": (0, 5), "E": (10, 5), "N": (5, 0), "S": (5, 10)}, ["W>E", "N>S"])
    occupancy.park("a", "W")
    occupancy.park("b", "N")
    occupancy.send("a", "E", stays=True)
    occupancy.send("b", "S", stays=True)
    assert occupancy.traffic.grant("a", 100.0) == 1
    assert occupancy.traffic.grant("b", 100.0) == 0
    assert occupancy.traffic.waits_for("b") == ("a",)
    occupancy.traffic.arrive("a", 1)
    assert occupancy.traffic.grant("b", 100.0) == 1


def test_nodes_too_close_for_two_vehicles_are_held_by_one() -> None:
    occupancy = Floor({"A": (0, 0), "B": (5, 0), "C": (0, 6), "B2": (5, 0.6)}, ["A-B", "C-B2"])
    occupancy.park("a", "A")
    occupancy.park("c", "C")
    occupancy.send("a", "B", stays=True)
    assert isinstance(occupancy.plan("c", "B2", stays=True), Blocked)


def test_a_lane_that_brushes_past_a_node_waits_for_who_stands_there() -> None:
    occupancy = Floor({"A": (0, 0), "B": (10, 0), "M": (5, 0.5)}, ["A>B", "M>B"])
    occupancy.park("a", "A")
    occupancy.park("m", "M", movable=False)
    assert occupancy.plan("a", "B", stays=True) == Blocked(("m",))


def test_an_idle_vehicle_in_a_dead_end_comes_out_for_who_has_business_there() -> None:
    occupancy = Floor({"H1": (0, 0), "H2": (0, 5), "X": (5, 0), "D1": (10, 0), "D2": (15, 0)},
                  ["H1-X", "H2-X", "X-D1", "D1-D2"])  # fmt: skip
    occupancy.park("inside", "D2", home="H2")
    occupancy.park("comes", "H1")
    made = occupancy.plan("comes", "D2", stays=True)
    assert not isinstance(made, Blocked)
    assert set(made) == {"comes", "inside"}
    occupancy.run()
    assert occupancy.at == {"inside": "H2", "comes": "D2"}


def test_two_vehicles_can_swap_their_places() -> None:
    occupancy = Floor(LINE, LINE_ROADS)
    occupancy.park("a", "H1")
    occupancy.park("b", "H2")
    first = occupancy.plan("a", "H2", stays=True)
    assert not isinstance(first, Blocked)
    occupancy.run()
    assert occupancy.at["a"] == "H2"
    occupancy.plan("b", "H1", stays=True)
    occupancy.run()
    assert occupancy.at == {"a": "H2", "b": "H1"}


def test_a_place_where_another_stands_for_good_is_blocked_by_it() -> None:
    occupancy = Floor(LINE, LINE_ROADS)
    occupancy.park("a", "H1")
    occupancy.park("broken", "H2", movable=False)
    assert occupancy.plan("a", "H2", stays=True) == Blocked(("broken",))


def test_a_place_where_another_will_stay_is_blocked_until_it_leaves() -> None:
    occupancy = Floor(LINE, LINE_ROADS)
    occupancy.park("a", "H1")
    occupancy.park("b", "C", home="S")
    occupancy.send("b", "H2", stays=True)
    assert occupancy.plan("a", "H2", stays=True) == Blocked(("b",))
    occupancy.run()
    occupancy.send("b", "S", stays=True)
    occupancy.send("a", "H2", stays=True)
    occupancy.run()
    assert occupancy.at == {"a": "H2", "b": "S"}


def test_who_ends_a_trip_where_another_comes_makes_way_then() -> None:
    occupancy = Floor(LINE, LINE_ROADS)
    occupancy.park("a", "H1")
    occupancy.park("b", "H2")
    occupancy.send("a", Goal("B", dwell_s=5.0))
    occupancy.send("b", "B")
    occupancy.run()
    assert occupancy.at["a"] == "H1"


def test_who_ends_a_trip_where_nobody_comes_stays() -> None:
    occupancy = Floor(LINE, LINE_ROADS)
    occupancy.park("a", "H1")
    occupancy.send("a", "B")
    occupancy.run()
    assert occupancy.at["a"] == "B"


# A ─ B ─ C, and a longer way round from A over D to C
ROUND: Points = {"A": (0, 0), "B": (5, 0), "C": (10, 0), "D": (5, 9), "H": (-5, 0), "G": (15, 0)}


def test_others_go_around_a_vehicle_that_is_stuck() -> None:
    occupancy = Floor(ROUND, ["A-B", "B-C", "A-D", "D-C", "H-A", "C-G"])
    occupancy.park("stuck", "A", home="A")
    occupancy.park("other", "H")
    occupancy.send("stuck", "G", stays=True)
    occupancy.stuck.add("stuck")
    occupancy.step()
    course = occupancy.send("other", "C", stays=True)
    assert "B" in course.nodes
    occupancy.traffic.hold("stuck", held=True)
    for _ in range(200):
        occupancy.step()
    assert occupancy.at["other"] == "H", "the stuck one holds A and B, and A is on every way"
    assert occupancy.traffic.waits_for("other") == ("stuck",)
    occupancy.stuck.clear()
    occupancy.traffic.hold("stuck", held=False)
    occupancy.run()
    assert occupancy.at == {"stuck": "G", "other": "C"}


def test_a_course_changes_when_its_lane_is_blocked_and_there_is_another() -> None:
    occupancy = Floor(ROUND, ["A-B", "B-C", "A-D", "D-C", "H-A", "C-G"])
    occupancy.park("stuck", "B", home="B")
    occupancy.park("other", "H")
    occupancy.send("stuck", "G", stays=True)
    occupancy.traffic.grant("stuck", 1.0)
    course = occupancy.send("other", "C", stays=True)
    assert "D" not in course.nodes
    occupancy.stuck.add("stuck")
    occupancy.traffic.hold("stuck", held=True)
    occupancy.traffic.stand("stuck", ("B",), None)
    del occupancy.courses["stuck"]
    occupancy.run()
    assert occupancy.at["other"] == "C"
    assert "D" in course.nodes


def test_who_cannot_get_home_does_its_work_all_the_same() -> None:
    points: Points = {"H": (0, 0), "X": (5, 0), "A": (10, 0), "B": (15, 0), "G": (20, 0)}
    occupancy = Floor(points, ["H-X", "X-A", "A-B", "B-G"])
    occupancy.park("a", "A", home="H")
    occupancy.park("broken", "X", movable=False)
    occupancy.send("a", "B")
    occupancy.run()
    assert occupancy.at["a"] == "B"


def test_at_the_front_of_a_queue_is_the_vehicle_that_stands_in_the_way() -> None:
    occupancy = Floor(LINE, LINE_ROADS)
    occupancy.park("broken", "C", movable=False)
    for vehicle, node in (("first", "A"), ("second", "H1")):
        occupancy.park(vehicle, node)
    occupancy.traffic.stand("broken", (), None)
    for vehicle in ("first", "second"):
        occupancy.send(vehicle, "H2" if vehicle == "first" else "C", stays=True)
    occupancy.traffic.stand("broken", ("C",), None)
    for _ in range(100):
        occupancy.step()
    assert occupancy.traffic.waits_for("second") == ("first", "broken")
    assert occupancy.traffic.in_front("second", ("first",)) == ("broken",)
    assert occupancy.traffic.held_by("broken") == ("C",)
    assert occupancy.traffic.held_by("first") == ("B",)


def test_nobody_waits_for_itself() -> None:
    occupancy = Floor(LINE, LINE_ROADS)
    occupancy.park("in", "A")
    occupancy.send("in", "H2", stays=True)
    occupancy.park("out", "C", movable=False)
    for _ in range(100):
        occupancy.step()
    assert occupancy.traffic.waits_for("in") == ("out",)
    assert occupancy.traffic.in_front("out", ("in",)) == ("in",)


def test_closed_nodes_are_driven_around() -> None:
    occupancy = Floor(ROUND, ["A-B", "B-C", "A-D", "D-C", "H-A", "C-G"])
    occupancy.park("a", "H")
    assert "D" in occupancy.send("a", "C", closed={"B"}, stays=True).nodes
    occupancy.park("a", "H")
    assert occupancy.plan("a", "C", closed={"B", "D"}, stays=True) == Blocked()


LONG = {"H": (0, 0), "A": (30, 0), "B": (60, 0), "C": (90, 0)}


def test_a_node_that_is_closed_for_a_time_is_entered_before_or_after() -> None:
    for since, until in ((0.0, 200.0), (40.0, 200.0), (150.0, 300.0)):
        occupancy = Floor(LONG, ["H-A", "A-B", "B-C"])
        occupancy.park("a", "H")
        occupancy.send("a", "C", closed=Closed(spans=(("B", since, until),)), stays=True)
        while occupancy.at["a"] != "C":
            occupancy.step()
            assert occupancy.at["a"] != "B" or not since <= occupancy.clock.monotonic() < until
        assert (occupancy.clock.monotonic() > until) is (since < 100)


def test_who_comes_late_waits_before_what_has_been_closed_by_then() -> None:
    occupancy = Floor(LONG, ["H-A", "A-B", "B-C"])
    occupancy.park("a", "H")
    occupancy.send("a", "C", closed=Closed(spans=(("B", 150.0, 300.0),)), stays=True)
    occupancy.stuck.add("a")
    while occupancy.clock.monotonic() < 145:
        occupancy.step()
    occupancy.stuck.clear()
    while occupancy.at["a"] != "C":
        occupancy.step()
        assert occupancy.at["a"] not in ("B", "C") or occupancy.clock.monotonic() >= 300


def test_where_a_stay_ends_before_the_place_is_closed_it_may_still_be_gone_to() -> None:
    occupancy = Floor(LONG, ["H-A", "A-B", "B-C"])
    occupancy.park("a", "H")
    occupancy.send("a", "B", closed=Closed(spans=(("B", 150.0, 300.0),)), stays=True)
    occupancy.run()
    assert occupancy.at["a"] == "B"
    assert occupancy.clock.monotonic() < 150


def test_a_lane_that_is_closed_is_driven_the_other_way_only() -> None:
    occupancy = Floor(ROUND, ["A-B", "B-C", "A-D", "D-C", "H-A", "C-G"])
    occupancy.park("a", "H")
    there = occupancy.send("a", "C", closed=Closed(lanes=frozenset({("A", "B")})), stays=True)
    assert "D" in there.nodes
    occupancy.park("a", "C", home="H")
    back = occupancy.send("a", "H", closed=Closed(lanes=frozenset({("A", "B"), ("C", "D")})), stays=True)
    assert back.nodes == ["C", "B", "A", "H"]


def test_who_stands_in_a_closed_place_may_come_out() -> None:
    occupancy = Floor(ROUND, ["A-B", "B-C", "A-D", "D-C", "H-A", "C-G"])
    occupancy.park("a", "B", home="H")
    assert occupancy.send("a", "H", closed={"B"}).nodes == ["B", "A", "H"]


@pytest.mark.parametrize(("loaded", "by"), [(True, "D"), (False, "B"), (None, "B")])
def test_lanes_closed_to_loaded_vehicles_are_left_out_on_the_way_with_a_load(loaded: bool | None, by: str) -> None:
    occupancy = Floor(ROUND, ["A-B !loaded", "B-C", "A-D", "D-C", "H-A", "C-G"])
    occupancy.park("a", "H")
    assert by in occupancy.send("a", Goal("C", loaded=loaded), stays=True).nodes


def test_a_vehicle_between_two_nodes_begins_along_its_edge() -> None:
    occupancy = Floor(LINE, LINE_ROADS)
    occupancy.park("a", "H1")
    occupancy.traffic.stand("a", ("A", "B"), None)
    onward, back = occupancy.layout.edges["A>B"], occupancy.layout.edges["B>A"]
    made = occupancy.traffic.plan(occupancy.trip("a", "C", stays=True), [Origin("A", back), Origin("B", onward)])
    assert not isinstance(made, Blocked)
    assert made["a"].nodes == ["A", "B", "C"]
    assert [edge.id for edge in made["a"].edges] == ["A>B", "B>C"]


def test_a_vehicle_between_two_nodes_holds_both() -> None:
    occupancy = Floor(LINE, LINE_ROADS)
    occupancy.park("other", "H1")
    occupancy.traffic.stand("a", ("A", "B"), None)
    assert occupancy.plan("other", "A", stays=True) == Blocked(("a",))


def test_a_vehicle_that_stands_off_its_course_keeps_others_away() -> None:
    occupancy = Floor(LINE, LINE_ROADS)
    occupancy.park("a", "H1")
    occupancy.park("b", "H2")
    occupancy.send("a", "B", stays=True)
    occupancy.send("b", "C", stays=True)
    occupancy.traffic.stand("a", ("C",), None)  # carried there by hand
    assert occupancy.traffic.grant("b", 100.0) == 0
    assert occupancy.traffic.waits_for("b") == ("a",)


def test_a_course_that_is_adopted_holds_its_nodes_and_keeps_what_is_granted() -> None:
    occupancy = Floor(LINE, LINE_ROADS)
    occupancy.park("a", "H1")
    course = occupancy.send("a", "C", stays=True)
    occupancy.traffic.grant("a", 10.0)
    again = Floor(LINE, LINE_ROADS)
    again.park("b", "H2")
    again.traffic.adopt(course)
    assert again.traffic.course("a") is course
    assert course.granted == 2
    assert not course.whole
    again.traffic.tick()  # what was not granted is planned anew
    assert course.whole
    assert again.plan("b", "C", stays=True) == Blocked(("a",))
    assert again.traffic.grant("a", 100.0) == 3


def test_only_so_many_metres_are_granted_ahead() -> None:
    occupancy = Floor(LINE, LINE_ROADS)
    occupancy.park("a", "H1")
    occupancy.send("a", "H2", stays=True)
    assert occupancy.traffic.grant("a", 8.0) == 2
    occupancy.traffic.arrive("a", 1)
    assert occupancy.traffic.grant("a", 8.0) == 3


def test_nobody_makes_way_to_a_place_that_is_spared() -> None:
    occupancy = Floor({"X": (0, 0), "Y": (5, 0), "CH": (5, 5), "Z": (10, 0), "Q": (10, 20)},
                  ["X-Y", "Y-CH", "Y-Z", "Z-Q"], spared={"CH"})  # fmt: skip
    occupancy.park("idle", "Z", home="Z")
    occupancy.park("comes", "X")
    made = occupancy.plan("comes", "Z", stays=True)
    assert not isinstance(made, Blocked)
    assert made["idle"].nodes[-1] == "Q"


def test_who_is_shut_in_in_a_dead_end_is_let_out_by_the_one_who_waits_at_its_mouth() -> None:
    points = {"H1": (0.0, 0.0), "M": (5.0, 0.0), "H2": (10.0, 0.0), "D": (5.0, 5.0)}
    occupancy = Floor(points, ["H1-M", "M-H2", "M-D"])
    occupancy.park("a", "D", home="H1")
    occupancy.park("b", "H2")
    occupancy.send("a", "H1")
    occupancy.send("b", "D")
    del occupancy.courses["a"]  # what it was about to do has failed
    occupancy.park("a", "D", home="H1", movable=False)
    while occupancy.at["b"] != "M":
        occupancy.step()
    occupancy.park("a", "D", home="H1")
    occupancy.run()
    assert (occupancy.at["a"], occupancy.at["b"]) == ("H1", "D")


def test_who_makes_way_may_go_where_the_other_would_make_way_to_afterwards() -> None:
    """A single lane with four bays, two of them taken: the only one for who is inside is the home of who comes."""
    points = {"A": (0.0, 5.0), "B": (0.0, 0.0), "C": (5.0, 0.0), "D": (5.0, 5.0)}
    bays = {f"bay{node}": (x + 2, y + 2) for node, (x, y) in points.items()}
    occupancy = Floor(points | bays, ["A-B", "B-C", "C-D", *(f"{node}-bay{node}" for node in points)])
    occupancy.park("third", "bayC")
    occupancy.park("fourth", "bayD")
    occupancy.park("inside", "D", "bayA")
    occupancy.park("coming", "bayA", "bayB")
    occupancy.send("coming", "D", "C")
    occupancy.run()
    assert "coming" in occupancy.ended


def test_who_makes_way_does_not_drive_on_into_what_it_has_stopped_before() -> None:
    """Between A and B it stands before something, on a lane that is needed by nobody but its ends."""
    points = {"A": (0.0, 0.0), "B": (10.0, 0.0), "C": (0.0, 10.0), "D": (10.0, 10.0), "bay": (20.0, 0.0)}
    occupancy = Floor(points, ["A-B", "A-C", "C-D", "B-D", "B-bay"])
    edge, back = occupancy.layout.edges["A>B"], occupancy.layout.edges["B>A"]
    mover = Mover(KIND, SPEED, "bay", (Origin("B", edge), Origin("A", back)))
    occupancy.traffic.stand("hindered", ("A", "B"), mover)
    occupancy.traffic.shut("A", "B", shut=True)
    occupancy.park("other", "C")
    occupancy.plan("other", "B")
    sent = occupancy.courses.get("hindered") or {c.vehicle: c for c in occupancy.traffic.in_the_way()}["hindered"]
    assert sent.nodes[:2] == ["B", "A"]


def test_who_is_led_aside_to_where_it_is_to_go_has_arrived() -> None:
    """It stood at its goal for ever: it had to come there again, and somebody stood before the dead end it is in."""
    occupancy = Floor({"A": (0, 0), "B": (5, 0), "H": (10, 0)}, ["A-B", "B-H"])
    occupancy.park("v0", "A")
    course = occupancy.send("v0", "H", stays=True)
    inner = occupancy.traffic._occupancy
    occupancy.traffic._rerouting.cut(course)
    found = inner.find(occupancy.trip("v0", "H", stays=True), [Origin("A")])
    assert found is not None
    assert not course.whole
    inner.turn(course, found.end, aside=True)
    assert course.whole
    occupancy.run()
    assert occupancy.at["v0"] == "H"


def test_who_does_without_its_retreat_keeps_its_turns() -> None:
    """Claimed anew, its turns came behind those of others that they had been before, who waited for it elsewhere."""
    occupancy = Floor(LINE, LINE_ROADS)
    occupancy.park("v0", "H1")
    course = occupancy.send("v0", "C")
    before = [one for one in course.claims if one.enter <= course.end]
    assert course.last > course.end
    occupancy.traffic._occupancy.shorten(course, course.end)
    assert all(kept is one for kept, one in zip(course.claims, before, strict=True))
    assert any(one.leave is None for one in course.claims)
    occupancy.run()
    assert occupancy.at["v0"] == "C"
