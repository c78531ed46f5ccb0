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
    floor = Floor({**LINE, "H3": (5, 5), "H4": (15, 5)}, [*LINE_ROADS, "A-H3", "C-H4"])
    floor.park("east", "H1")
    floor.park("west", "H2")
    floor.send("east", "H4", stays=True)
    floor.send("west", "H3", stays=True)
    floor.run()
    assert floor.at == {"east": "H4", "west": "H3"}


def test_who_is_met_in_a_single_lane_goes_aside_into_a_siding() -> None:
    floor = Floor(LINE, LINE_ROADS)
    floor.park("east", "A", home="H2")
    floor.park("west", "C", home="H1")
    floor.send("east", "H2", stays=True)
    floor.send("west", "H1", stays=True)
    aside = set[str]()
    while floor.courses:
        floor.step()
        aside |= {vehicle for vehicle, node in floor.at.items() if node == "S"}
    assert len(aside) == 1
    assert floor.at == {"east": "H2", "west": "H1"}


def test_vehicles_that_follow_each_other_do_not_wait_for_the_whole_lane() -> None:
    floor = Floor(LINE, LINE_ROADS)
    floor.park("first", "A", home="H2")
    floor.park("second", "H1")
    floor.send("first", "H2", stays=True)
    floor.send("second", "C", stays=True)
    for _ in range(30):
        floor.step()
    assert floor.at["first"] != "H2"
    assert floor.at["second"] != "H1"


def test_lanes_that_cross_without_a_node_are_driven_one_at_a_time() -> None:
    floor = Floor({"W": (0, 5), "E": (10, 5), "N": (5, 0), "S": (5, 10)}, ["W>E", "N>S"])
    floor.park("a", "W")
    floor.park("b", "N")
    floor.send("a", "E", stays=True)
    floor.send("b", "S", stays=True)
    assert floor.traffic.grant("a", 100.0) == 1
    assert floor.traffic.grant("b", 100.0) == 0
    assert floor.traffic.waits_for("b") == ("a",)
    floor.traffic.arrive("a", 1)
    assert floor.traffic.grant("b", 100.0) == 1


def test_nodes_too_close_for_two_vehicles_are_held_by_one() -> None:
    floor = Floor({"A": (0, 0), "B": (5, 0), "C": (0, 6), "B2": (5, 0.6)}, ["A-B", "C-B2"])
    floor.park("a", "A")
    floor.park("c", "C")
    floor.send("a", "B", stays=True)
    assert isinstance(floor.plan("c", "B2", stays=True), Blocked)


def test_a_lane_that_brushes_past_a_node_waits_for_who_stands_there() -> None:
    floor = Floor({"A": (0, 0), "B": (10, 0), "M": (5, 0.5)}, ["A>B", "M>B"])
    floor.park("a", "A")
    floor.park("m", "M", movable=False)
    assert floor.plan("a", "B", stays=True) == Blocked(("m",))


def test_an_idle_vehicle_in_a_dead_end_comes_out_for_who_has_business_there() -> None:
    floor = Floor({"H1": (0, 0), "H2": (0, 5), "X": (5, 0), "D1": (10, 0), "D2": (15, 0)},
                  ["H1-X", "H2-X", "X-D1", "D1-D2"])  # fmt: skip
    floor.park("inside", "D2", home="H2")
    floor.park("comes", "H1")
    made = floor.plan("comes", "D2", stays=True)
    assert not isinstance(made, Blocked)
    assert set(made) == {"comes", "inside"}
    floor.run()
    assert floor.at == {"inside": "H2", "comes": "D2"}


def test_two_vehicles_can_swap_their_places() -> None:
    floor = Floor(LINE, LINE_ROADS)
    floor.park("a", "H1")
    floor.park("b", "H2")
    first = floor.plan("a", "H2", stays=True)
    assert not isinstance(first, Blocked)
    floor.run()
    assert floor.at["a"] == "H2"
    floor.plan("b", "H1", stays=True)
    floor.run()
    assert floor.at == {"a": "H2", "b": "H1"}


def test_a_place_where_another_stands_for_good_is_blocked_by_it() -> None:
    floor = Floor(LINE, LINE_ROADS)
    floor.park("a", "H1")
    floor.park("broken", "H2", movable=False)
    assert floor.plan("a", "H2", stays=True) == Blocked(("broken",))


def test_a_place_where_another_will_stay_is_blocked_until_it_leaves() -> None:
    floor = Floor(LINE, LINE_ROADS)
    floor.park("a", "H1")
    floor.park("b", "C", home="S")
    floor.send("b", "H2", stays=True)
    assert floor.plan("a", "H2", stays=True) == Blocked(("b",))
    floor.run()
    floor.send("b", "S", stays=True)
    floor.send("a", "H2", stays=True)
    floor.run()
    assert floor.at == {"a": "H2", "b": "S"}


def test_who_ends_a_trip_where_another_comes_makes_way_then() -> None:
    floor = Floor(LINE, LINE_ROADS)
    floor.park("a", "H1")
    floor.park("b", "H2")
    floor.send("a", Goal("B", dwell_s=5.0))
    floor.send("b", "B")
    floor.run()
    assert floor.at["a"] == "H1"


def test_who_ends_a_trip_where_nobody_comes_stays() -> None:
    floor = Floor(LINE, LINE_ROADS)
    floor.park("a", "H1")
    floor.send("a", "B")
    floor.run()
    assert floor.at["a"] == "B"


# A ─ B ─ C, and a longer way round from A over D to C
ROUND: Points = {"A": (0, 0), "B": (5, 0), "C": (10, 0), "D": (5, 9), "H": (-5, 0), "G": (15, 0)}


def test_others_go_around_a_vehicle_that_is_stuck() -> None:
    floor = Floor(ROUND, ["A-B", "B-C", "A-D", "D-C", "H-A", "C-G"])
    floor.park("stuck", "A", home="A")
    floor.park("other", "H")
    floor.send("stuck", "G", stays=True)
    floor.stuck.add("stuck")
    floor.step()
    course = floor.send("other", "C", stays=True)
    assert "B" in course.nodes
    floor.traffic.hold("stuck", held=True)
    for _ in range(200):
        floor.step()
    assert floor.at["other"] == "H", "the stuck one holds A and B, and A is on every way"
    assert floor.traffic.waits_for("other") == ("stuck",)
    floor.stuck.clear()
    floor.traffic.hold("stuck", held=False)
    floor.run()
    assert floor.at == {"stuck": "G", "other": "C"}


def test_a_course_changes_when_its_lane_is_blocked_and_there_is_another() -> None:
    floor = Floor(ROUND, ["A-B", "B-C", "A-D", "D-C", "H-A", "C-G"])
    floor.park("stuck", "B", home="B")
    floor.park("other", "H")
    floor.send("stuck", "G", stays=True)
    floor.traffic.grant("stuck", 1.0)
    course = floor.send("other", "C", stays=True)
    assert "D" not in course.nodes
    floor.stuck.add("stuck")
    floor.traffic.hold("stuck", held=True)
    floor.traffic.stand("stuck", ("B",), None)
    del floor.courses["stuck"]
    floor.run()
    assert floor.at["other"] == "C"
    assert "D" in course.nodes


def test_who_cannot_get_home_does_its_work_all_the_same() -> None:
    points: Points = {"H": (0, 0), "X": (5, 0), "A": (10, 0), "B": (15, 0), "G": (20, 0)}
    floor = Floor(points, ["H-X", "X-A", "A-B", "B-G"])
    floor.park("a", "A", home="H")
    floor.park("broken", "X", movable=False)
    floor.send("a", "B")
    floor.run()
    assert floor.at["a"] == "B"


def test_at_the_front_of_a_queue_is_the_vehicle_that_stands_in_the_way() -> None:
    floor = Floor(LINE, LINE_ROADS)
    floor.park("broken", "C", movable=False)
    for vehicle, node in (("first", "A"), ("second", "H1")):
        floor.park(vehicle, node)
    floor.traffic.stand("broken", (), None)
    for vehicle in ("first", "second"):
        floor.send(vehicle, "H2" if vehicle == "first" else "C", stays=True)
    floor.traffic.stand("broken", ("C",), None)
    for _ in range(100):
        floor.step()
    assert floor.traffic.waits_for("second") == ("first", "broken")
    assert floor.traffic.in_front("second", ("first",)) == ("broken",)
    assert floor.traffic.held_by("broken") == ("C",)
    assert floor.traffic.held_by("first") == ("B",)


def test_nobody_waits_for_itself() -> None:
    floor = Floor(LINE, LINE_ROADS)
    floor.park("in", "A")
    floor.send("in", "H2", stays=True)
    floor.park("out", "C", movable=False)
    for _ in range(100):
        floor.step()
    assert floor.traffic.waits_for("in") == ("out",)
    assert floor.traffic.in_front("out", ("in",)) == ("in",)


def test_closed_nodes_are_driven_around() -> None:
    floor = Floor(ROUND, ["A-B", "B-C", "A-D", "D-C", "H-A", "C-G"])
    floor.park("a", "H")
    assert "D" in floor.send("a", "C", closed={"B"}, stays=True).nodes
    floor.park("a", "H")
    assert floor.plan("a", "C", closed={"B", "D"}, stays=True) == Blocked()


LONG = {"H": (0, 0), "A": (30, 0), "B": (60, 0), "C": (90, 0)}


def test_a_node_that_is_closed_for_a_time_is_entered_before_or_after() -> None:
    for since, until in ((0.0, 200.0), (40.0, 200.0), (150.0, 300.0)):
        floor = Floor(LONG, ["H-A", "A-B", "B-C"])
        floor.park("a", "H")
        floor.send("a", "C", closed=Closed(spans=(("B", since, until),)), stays=True)
        while floor.at["a"] != "C":
            floor.step()
            assert floor.at["a"] != "B" or not since <= floor.clock.monotonic() < until
        assert (floor.clock.monotonic() > until) is (since < 100)


def test_who_comes_late_waits_before_what_has_been_closed_by_then() -> None:
    floor = Floor(LONG, ["H-A", "A-B", "B-C"])
    floor.park("a", "H")
    floor.send("a", "C", closed=Closed(spans=(("B", 150.0, 300.0),)), stays=True)
    floor.stuck.add("a")
    while floor.clock.monotonic() < 145:
        floor.step()
    floor.stuck.clear()
    while floor.at["a"] != "C":
        floor.step()
        assert floor.at["a"] not in ("B", "C") or floor.clock.monotonic() >= 300


def test_where_a_stay_ends_before_the_place_is_closed_it_may_still_be_gone_to() -> None:
    floor = Floor(LONG, ["H-A", "A-B", "B-C"])
    floor.park("a", "H")
    floor.send("a", "B", closed=Closed(spans=(("B", 150.0, 300.0),)), stays=True)
    floor.run()
    assert floor.at["a"] == "B"
    assert floor.clock.monotonic() < 150


def test_a_lane_that_is_closed_is_driven_the_other_way_only() -> None:
    floor = Floor(ROUND, ["A-B", "B-C", "A-D", "D-C", "H-A", "C-G"])
    floor.park("a", "H")
    there = floor.send("a", "C", closed=Closed(lanes=frozenset({("A", "B")})), stays=True)
    assert "D" in there.nodes
    floor.park("a", "C", home="H")
    back = floor.send("a", "H", closed=Closed(lanes=frozenset({("A", "B"), ("C", "D")})), stays=True)
    assert back.nodes == ["C", "B", "A", "H"]


def test_who_stands_in_a_closed_place_may_come_out() -> None:
    floor = Floor(ROUND, ["A-B", "B-C", "A-D", "D-C", "H-A", "C-G"])
    floor.park("a", "B", home="H")
    assert floor.send("a", "H", closed={"B"}).nodes == ["B", "A", "H"]


@pytest.mark.parametrize(("loaded", "by"), [(True, "D"), (False, "B"), (None, "B")])
def test_lanes_closed_to_loaded_vehicles_are_left_out_on_the_way_with_a_load(loaded: bool | None, by: str) -> None:
    floor = Floor(ROUND, ["A-B !loaded", "B-C", "A-D", "D-C", "H-A", "C-G"])
    floor.park("a", "H")
    assert by in floor.send("a", Goal("C", loaded=loaded), stays=True).nodes


def test_a_vehicle_between_two_nodes_begins_along_its_edge() -> None:
    floor = Floor(LINE, LINE_ROADS)
    floor.park("a", "H1")
    floor.traffic.stand("a", ("A", "B"), None)
    onward, back = floor.layout.edges["A>B"], floor.layout.edges["B>A"]
    made = floor.traffic.plan(floor.trip("a", "C", stays=True), [Origin("A", back), Origin("B", onward)])
    assert not isinstance(made, Blocked)
    assert made["a"].nodes == ["A", "B", "C"]
    assert [edge.id for edge in made["a"].edges] == ["A>B", "B>C"]


def test_a_vehicle_between_two_nodes_holds_both() -> None:
    floor = Floor(LINE, LINE_ROADS)
    floor.park("other", "H1")
    floor.traffic.stand("a", ("A", "B"), None)
    assert floor.plan("other", "A", stays=True) == Blocked(("a",))


def test_a_vehicle_that_stands_off_its_course_keeps_others_away() -> None:
    floor = Floor(LINE, LINE_ROADS)
    floor.park("a", "H1")
    floor.park("b", "H2")
    floor.send("a", "B", stays=True)
    floor.send("b", "C", stays=True)
    floor.traffic.stand("a", ("C",), None)  # carried there by hand
    assert floor.traffic.grant("b", 100.0) == 0
    assert floor.traffic.waits_for("b") == ("a",)


def test_a_course_that_is_adopted_holds_its_nodes_and_keeps_what_is_granted() -> None:
    floor = Floor(LINE, LINE_ROADS)
    floor.park("a", "H1")
    course = floor.send("a", "C", stays=True)
    floor.traffic.grant("a", 10.0)
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
    floor = Floor(LINE, LINE_ROADS)
    floor.park("a", "H1")
    floor.send("a", "H2", stays=True)
    assert floor.traffic.grant("a", 8.0) == 2
    floor.traffic.arrive("a", 1)
    assert floor.traffic.grant("a", 8.0) == 3


def test_nobody_makes_way_to_a_place_that_is_spared() -> None:
    floor = Floor({"X": (0, 0), "Y": (5, 0), "CH": (5, 5), "Z": (10, 0), "Q": (10, 20)},
                  ["X-Y", "Y-CH", "Y-Z", "Z-Q"], spared={"CH"})  # fmt: skip
    floor.park("idle", "Z", home="Z")
    floor.park("comes", "X")
    made = floor.plan("comes", "Z", stays=True)
    assert not isinstance(made, Blocked)
    assert made["idle"].nodes[-1] == "Q"


def test_who_is_shut_in_in_a_dead_end_is_let_out_by_the_one_who_waits_at_its_mouth() -> None:
    points = {"H1": (0.0, 0.0), "M": (5.0, 0.0), "H2": (10.0, 0.0), "D": (5.0, 5.0)}
    floor = Floor(points, ["H1-M", "M-H2", "M-D"])
    floor.park("a", "D", home="H1")
    floor.park("b", "H2")
    floor.send("a", "H1")
    floor.send("b", "D")
    del floor.courses["a"]  # what it was about to do has failed
    floor.park("a", "D", home="H1", movable=False)
    while floor.at["b"] != "M":
        floor.step()
    floor.park("a", "D", home="H1")
    floor.run()
    assert (floor.at["a"], floor.at["b"]) == ("H1", "D")


def test_who_makes_way_may_go_where_the_other_would_make_way_to_afterwards() -> None:
    """A single lane with four bays, two of them taken: the only one for who is inside is the home of who comes."""
    points = {"A": (0.0, 5.0), "B": (0.0, 0.0), "C": (5.0, 0.0), "D": (5.0, 5.0)}
    bays = {f"bay{node}": (x + 2, y + 2) for node, (x, y) in points.items()}
    floor = Floor(points | bays, ["A-B", "B-C", "C-D", *(f"{node}-bay{node}" for node in points)])
    floor.park("third", "bayC")
    floor.park("fourth", "bayD")
    floor.park("inside", "D", "bayA")
    floor.park("coming", "bayA", "bayB")
    floor.send("coming", "D", "C")
    floor.run()
    assert "coming" in floor.ended


def test_who_makes_way_does_not_drive_on_into_what_it_has_stopped_before() -> None:
    """Between A and B it stands before something, on a lane that is needed by nobody but its ends."""
    points = {"A": (0.0, 0.0), "B": (10.0, 0.0), "C": (0.0, 10.0), "D": (10.0, 10.0), "bay": (20.0, 0.0)}
    floor = Floor(points, ["A-B", "A-C", "C-D", "B-D", "B-bay"])
    edge, back = floor.layout.edges["A>B"], floor.layout.edges["B>A"]
    mover = Mover(KIND, SPEED, "bay", (Origin("B", edge), Origin("A", back)))
    floor.traffic.stand("hindered", ("A", "B"), mover)
    floor.traffic.shut("A", "B", shut=True)
    floor.park("other", "C")
    floor.plan("other", "B")
    sent = floor.courses.get("hindered") or {c.vehicle: c for c in floor.traffic.in_the_way()}["hindered"]
    assert sent.nodes[:2] == ["B", "A"]


def test_who_is_led_aside_to_where_it_is_to_go_has_arrived() -> None:
    """It stood at its goal for ever: it had to come there again, and somebody stood before the dead end it is in."""
    floor = Floor({"A": (0, 0), "B": (5, 0), "H": (10, 0)}, ["A-B", "B-H"])
    floor.park("v0", "A")
    course = floor.send("v0", "H", stays=True)
    inner = floor.traffic._floor
    floor.traffic._rerouting.cut(course)
    found = inner.find(floor.trip("v0", "H", stays=True), [Origin("A")])
    assert found is not None
    assert not course.whole
    inner.turn(course, found.end, aside=True)
    assert course.whole
    floor.run()
    assert floor.at["v0"] == "H"


def test_who_does_without_its_retreat_keeps_its_turns() -> None:
    """Claimed anew, its turns came behind those of others that they had been before, who waited for it elsewhere."""
    floor = Floor(LINE, LINE_ROADS)
    floor.park("v0", "H1")
    course = floor.send("v0", "C")
    before = [one for one in course.claims if one.enter <= course.end]
    assert course.last > course.end
    floor.traffic._floor.shorten(course, course.end)
    assert all(kept is one for kept, one in zip(course.claims, before, strict=True))
    assert any(one.leave is None for one in course.claims)
    floor.run()
    assert floor.at["v0"] == "C"
