"""Jams: vehicles that wait for each other and for one that does not come, and how they get out of each other's way."""

from __future__ import annotations

from traffic_floor import Floor, Points

from banksman_edge.fleet.traffic import Goal

# D ─ M ─ K ─ H1     D is a dead end, and M ─ S a siding beside its mouth.
#     │   │
#     S   H2
POINTS: Points = {"D": (0, 0), "M": (5, 0), "S": (5, 5), "K": (15, 0), "H1": (20, 0), "H2": (15, 5)}
ROADS = ["D-M", "M-S", "M-K", "K-H1", "K-H2"]


def face_to_face() -> Floor:
    """One vehicle in the dead end is about to come out; another at its mouth, which wants in and was to wait in the
    siding meanwhile, finds that taken."""
    floor = Floor(POINTS, ROADS)
    floor.park("inside", "D", home="H1")
    floor.park("outside", "K", home="H2")
    floor.send("inside", Goal("D", dwell_s=30.0), "H1", stays=True)
    course = floor.send("outside", "D")
    assert "S" in course.nodes
    while floor.at["outside"] != "M":
        floor.stuck = {"inside"}
        floor.step()
    floor.park("broken", "S", movable=False)
    floor.stuck.clear()
    return floor


def test_who_bars_the_way_out_goes_aside_on_its_own_course_and_comes_again() -> None:
    floor = face_to_face()
    course = floor.courses["outside"]
    floor.run()
    assert sorted(floor.ended) == ["inside", "outside"]
    assert floor.at["inside"] == "H1"
    assert course.nodes[course.goals[0]] == "D"


def test_what_a_vehicle_was_to_pass_is_free_for_others_once_nobody_knows_when_it_goes_on() -> None:
    """One has its way barred for ever; another, that was to pass a crossing after it, need not wait for that."""
    points: Points = {"W": (0, 0), "X": (5, 0), "E": (10, 0), "Z": (15, 0), "N": (5, 5), "S": (5, -5), "H": (20, 0)}
    floor = Floor(points, ["W-X", "X-E", "E-Z", "Z-H", "N-X", "X-S"])
    floor.park("first", "W")
    floor.park("second", "N")
    floor.send("first", "H", stays=True)
    floor.send("second", "S", stays=True)
    floor.park("broken", "Z", movable=False)
    for _ in range(300):
        floor.step()
    assert floor.at["second"] == "S"
    assert not floor.courses["first"].whole


def test_who_gave_its_turns_up_goes_on_when_the_way_is_free_again() -> None:
    floor = Floor({"A": (0, 0), "B": (5, 0), "C": (10, 0), "P": (10, 5)}, ["A-B", "B-C", "C-P"])
    floor.park("waits", "A")
    floor.send("waits", "P", stays=True)
    floor.park("broken", "C", movable=False)
    for _ in range(200):
        floor.step()
    course = floor.courses["waits"]
    assert not course.whole
    assert floor.traffic.waits_for("waits") == ("broken",)
    floor.traffic.stand("broken", (), None)
    del floor.at["broken"]
    floor.run()
    assert course.whole
    assert floor.at["waits"] == "P"


def test_a_vehicle_that_is_held_is_not_asked_to_go_aside() -> None:
    floor = face_to_face()
    floor.traffic.hold("outside", held=True)
    for _ in range(200):
        floor.stuck = {"outside"}
        floor.step()
    assert floor.at["outside"] == "M"
    floor.traffic.hold("outside", held=False)
    floor.stuck.clear()
    floor.run()
    assert sorted(floor.ended) == ["inside", "outside"]
