"""What a vehicle makes of the fields of an order, of maps and of zones."""

from __future__ import annotations

from typing import Any

import pytest
from black_box import MAP, Json
from diary import initialise, zone, zone_set
from matrix import VERSIONS
from papers import about, action, errors, status
from stand import PROFILE, Stand

every_version = pytest.mark.parametrize("version", VERSIONS)
with_maps = pytest.mark.parametrize("version", ["2.1.0", "3.0.0"])


# Fields of nodes and edges


def _optional(stand: Stand) -> dict[str, tuple[str, str, Any]]:
    """Optional parameters of an order: by their full name, where they stand, and a value that is harmless."""
    new = stand.words.new
    line = [{"x": x, "y": 0.0, "weight": 1.0} for x in (0.0, 6.0)]
    names: dict[str, tuple[str, str, Any]] = {
        "order.nodes.nodePosition.theta": ("position", "theta", 0.0),
        "order.nodes.nodePosition.allowedDeviationXY": ("position", "allowedDeviationXY", stand.words.deviation(0.5)),
        "order.nodes.nodePosition.allowedDeviationTheta": ("position", "allowedDeviationTheta", 3.0),
        "order.edges.maxSpeed": ("edge", "maximumSpeed" if new else "maxSpeed", 1.0),
        "order.edges.maxHeight": ("edge", "maximumMobileRobotHeight" if new else "maxHeight", 9.0),
        "order.edges.minHeight": ("edge", "minimumLoadHandlingDeviceHeight" if new else "minHeight", 0.0),
        "order.edges.orientation": ("edge", "orientation", 0.0),
        "order.edges.direction": ("edge", "direction", "left"),
        "order.edges.rotationAllowed": ("edge", "reachOrientationBeforeEntering" if new else "rotationAllowed", False),
        "order.edges.maxRotationSpeed": ("edge", "maximumRotationSpeed" if new else "maxRotationSpeed", 1.0),
        "order.edges.length": ("edge", "length", 6.0),
        "order.edges.trajectory": (
            "edge",
            "trajectory",
            {"degree": 1, "knotVector": [0.0, 0.0, 1.0, 1.0], "controlPoints": line},
        ),
    }
    if stand.words.version != "2.0.0":
        names["order.edges.corridor"] = ("edge", "corridor", {"leftWidth": 0.5, "rightWidth": 0.5})
    return names


@every_version
def test_an_optional_field_is_heeded_or_the_order_is_refused_as_the_factsheet_says(version: str) -> None:
    (sheet,) = Stand(version).published("factsheet")
    listed = {p["parameter"].strip("*") for p in sheet["protocolFeatures"]["optionalParameters"]}
    wrong = {}
    for name, (where, field, value) in _optional(Stand(version)).items():
        stand = Stand(version)
        order = stand.order("AB")
        if where == "position":
            order["nodes"][1]["nodePosition"][field] = value
        else:
            order["edges"][0][field] = value
        stand.send("order", order)
        state = stand.now()
        taken = state["orderId"] == order["orderId"]
        spelled = name.rpartition(".")[0] + "." + field
        if taken != bool({name, spelled} & listed):
            wrong[spelled] = "taken" if taken else "refused"
        elif not taken:
            (error,) = about(state, "orderId", order["orderId"])
            expected = stand.words.error("orderError", "UNSUPPORTED_PARAMETER")
            assert (error["errorType"], error["errorLevel"]) == (
                expected,
                "CRITICAL" if stand.words.new else "WARNING",
            )
    assert wrong == {}


def _edge_of(stand: Stand, **fields: object) -> Json:
    order = stand.order("ABC")
    order["edges"][0] |= fields
    return order


@every_version
@pytest.mark.parametrize(
    ("fields", "held"),
    [
        ({}, 0.0),
        ({"orientation": 1.0}, 1.0),
        ({"orientation": 1.0, "orientationType": "TANGENTIAL"}, 1.0),
        ({"orientation": 1.5, "orientationType": "GLOBAL"}, 1.5),
        ({"orientation": 3.0, "no rotation": True}, 3.0),
    ],
)
def test_the_orientation_of_an_edge_is_held_from_its_beginning(
    version: str, fields: dict[str, object], held: float
) -> None:
    stand = Stand(version)
    fields = dict(fields)
    if fields.pop("no rotation", False):
        fields |= {"reachOrientationBeforeEntering": True} if stand.words.new else {"rotationAllowed": False}
    stand.accept(stand.order("AB"))
    stand.arrive("B")
    # It leads along the y axis, so that tangential and global differ.
    order = stand.order("BCD")
    order["edges"][0] |= fields
    stand.accept(order)
    stand.run(0.5)
    seen = set()
    while stand.now()["lastNodeId"] == stand.id("B"):
        seen.add(round(stand.position()["theta"], 3))
        stand.run(0.1)
    tangent = 0.0 if fields.get("orientationType") == "GLOBAL" else 1.5708
    wanted = held + tangent
    assert seen == {round(wanted - 6.2832 if wanted > 3.1416 else wanted, 3)}


@every_version
def test_between_edges_that_forbid_rotation_the_vehicle_turns_on_the_node(version: str) -> None:
    stand = Stand(version)
    name = "reachOrientationBeforeEntering" if stand.words.new else "rotationAllowed"
    order = stand.order("ABC")
    for edge, angle in zip(order["edges"], (0.5, 2.5), strict=True):
        edge |= {"orientation": angle, "orientationType": "GLOBAL", name: stand.words.new}
    stand.accept(order)
    angles: dict[str, set[float]] = {}
    while stand.now()["nodeStates"]:
        state = stand.now()
        if state["driving"]:
            angles.setdefault(state["lastNodeId"], set()).add(round(stand.words.position(state)["theta"], 3))
        stand.run(0.1)
    assert angles == {stand.id("A"): {0.5}, stand.id("B"): {2.5}}


@every_version
def test_a_node_is_traversed_with_the_angle_that_it_asks_for(version: str) -> None:
    stand = Stand(version)
    order = stand.order("ABC", at={"B": [action("detectObject")]})
    order["nodes"][1]["nodePosition"]["theta"] = 2.0
    stand.accept(order)
    on_b = stand.until(lambda s: s["lastNodeId"] == stand.id("B"))
    assert stand.words.position(on_b)["theta"] == pytest.approx(2.0)


@every_version
def test_texts_for_people_decide_nothing(version: str) -> None:
    plain, described = Stand(version), Stand(version)
    old = not described.words.new
    for stand in (plain, described):
        pick = {**action("pick"), "actionId": "p"}
        order = stand.order("AB", order_id="o", at={"B": [pick]})
        if stand is described:
            words = "stop at once, do not enter"
            order["orderDescription"] = words
            order["nodes"][1] |= {"nodeDescription" if old else "nodeDescriptor": words}
            order["edges"][0] |= {"edgeDescription" if old else "edgeDescriptor": words}
            pick |= {"actionDescription" if old else "actionDescriptor": words}
        stand.accept(order)
        stand.run(60)
    left_out = ("actionDescription", "actionDescriptor")
    one, other = plain.now(), described.now()
    for state in (one, other):
        state["actionStates"] = [{k: v for k, v in a.items() if k not in left_out} for a in state["actionStates"]]
    assert one == other
    assert one["lastNodeId"] == plain.id("B")


# Maps


def _maps(state: Json) -> dict[tuple[str, str], str]:
    return {(m["mapId"], m["mapVersion"]): m["mapStatus"] for m in state["maps"]}


def _load_map(stand: Stand, map_id: str, version: str) -> str | None:
    """Have a map downloaded. Returns what became of it."""
    link = f"https://maps.example/{map_id}-{version}"
    load = stand.instantly("downloadMap", mapId=map_id, mapVersion=version, mapDownloadLink=link)
    stand.run(PROFILE.download_s + 1)
    return status(stand.now(), load)


@with_maps
def test_the_vehicle_deletes_no_map_by_itself(version: str) -> None:
    stand = Stand(version)
    number = 0
    while _load_map(stand, MAP, f"v{number}") == "FINISHED":
        number += 1
        assert number < 1000
    full = _maps(stand.now())
    assert (MAP, "v0") in full
    assert _load_map(stand, "annex", "1") == "FAILED"
    stand.accept(stand.order("ABA"))
    stand.run(3600, tick_s=5)
    assert _maps(stand.now()) == full


@with_maps
@pytest.mark.parametrize("enabled", [False, True])
def test_a_disabled_map_is_not_used(version: str, enabled: bool) -> None:
    stand = Stand(version)
    assert _load_map(stand, "annex", "1") == "FINISHED"
    order = stand.order("AB", at={"A": [action("enableMap", mapId="annex", mapVersion="1")]} if enabled else None)
    order["nodes"][1]["nodePosition"]["mapId"] = "annex"
    stand.send("order", order)
    assert (stand.now()["orderId"] == order["orderId"]) is enabled
    for _ in range(100):
        state = stand.now()
        used = stand.words.position(state)["mapId"]
        assert "ENABLED" in [st for (name, _), st in _maps(state).items() if name == used]
        stand.run(0.1)
    assert (used == "annex") is enabled


# Zones


def test_a_zone_has_three_vertices_or_its_set_is_refused() -> None:
    for corners, taken in ((2, False), (3, True), (4, True)):
        stand = Stand("3.0.0")
        area = zone("BLOCKED", 3.0, 4.0)
        area["vertices"] = area["vertices"][:corners]
        stand.send("zoneSet", zone_set(area))
        assert bool(stand.now().get("zoneSets")) is taken
        assert (errors(stand.now()) == []) is taken


@pytest.mark.parametrize("kind", ["SPEED_LIMIT", "ACTION"])
def test_a_zone_without_the_parameters_of_its_type_is_refused(kind: str) -> None:
    stand = Stand("3.0.0")
    stand.send("zoneSet", zone_set(zone(kind, 3.0, 4.0)))
    assert errors(stand.now()) == [("VALIDATION_FAILURE", "WARNING")]
    assert not stand.now().get("zoneSets")


def test_a_position_initialised_is_the_one_given() -> None:
    for version in VERSIONS:
        stand = Stand(version)
        initialise(stand, "C")
        state = stand.now()
        assert (state["lastNodeId"], stand.words.position(state)["x"]) == (stand.id("C"), 6.0)
