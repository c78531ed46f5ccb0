"""Base and horizon of the orders that the master sends, and what it makes of what vehicles say (§6.6; 3.0 §6.1)."""

from __future__ import annotations

import itertools
import math

import pytest
from black_box import Json
from hall import DOWN, UP, Hall

from banksman_edge.fleet import Code, FleetError
from banksman_firmware_sim.faults.faults import Fault, FaultKind


def path(order: Json) -> list[Json]:
    """Nodes and edges, one after the other."""
    mixed = itertools.zip_longest(order["nodes"], order["edges"])
    return [part for pair in mixed for part in pair if part is not None]


def base(order: Json) -> list[Json]:
    return [part for part in path(order) if part["released"]]


def id_of(part: Json) -> str:
    return str(part.get("nodeId") or part.get("edgeId"))


def driven(hall: Hall, job: str = "j", **details: str) -> list[Json]:
    """The order and the updates of a job that is done."""
    hall.submit(job, **{"action": "move", "to": "g", **details})
    hall.until(hall.done(job))
    return hall.orders()


# Base and horizon


def test_what_is_released_is_the_beginning_of_an_order_and_ends_with_a_node(hall: Hall) -> None:
    orders = driven(hall)
    for order in orders:
        flags = [part["released"] for part in path(order)]
        released = flags.count(True)
        assert flags == [True] * released + [False] * (len(flags) - released)
        assert released % 2 == 1, "an edge is released with both its nodes"
    assert not path(orders[0])[-1]["released"], "there is a horizon"
    assert path(orders[-1])[-1]["released"]


def test_updates_share_the_order_id_and_count_up_from_zero(hall: Hall) -> None:
    orders = driven(hall)
    assert len(orders) > 2
    assert len({order["orderId"] for order in orders}) == 1
    assert [order["orderUpdateId"] for order in orders] == list(range(len(orders)))


def test_an_update_begins_with_the_last_node_of_the_base_and_sends_no_other_of_it(hall: Hall) -> None:
    for before, update in itertools.pairwise(driven(hall)):
        stitch, first = base(before)[-1], update["nodes"][0]
        assert (id_of(first), first["sequenceId"], first["released"]) == (id_of(stitch), stitch["sequenceId"], True)
        known = {part["sequenceId"] for part in base(before)[:-1]}
        assert known.isdisjoint(part["sequenceId"] for part in path(update))


def test_the_base_is_never_changed_and_sequence_ids_are_kept(hall: Hall) -> None:
    released: dict[int, str] = {}
    for order in driven(hall):
        for part in base(order):
            assert released.setdefault(part["sequenceId"], id_of(part)) == id_of(part)
    assert list(released) == list(range(13))
    assert [released[number] for number in range(0, 13, 2)] == list("ABCDEFG")


def test_the_base_is_extended_before_the_vehicle_has_to_brake(hall: Hall) -> None:
    hall.submit("j", "move", to="g")
    hall.until(lambda: hall.states["v0"]["driving"])
    while not hall.at("F")():
        assert hall.states["v0"]["driving"], "it stops nowhere on the way"
        hall.step()
    assert len(hall.orders()) > 2


@pytest.mark.parametrize("asked", [False, True])
def test_a_vehicle_that_asks_for_more_base_gets_it_sooner(hall: Hall, asked: bool) -> None:
    hall.lies["v0", "state"] = {"newBaseRequest": asked}
    hall.submit("j", "move", to="g")
    hall.until(lambda: len(hall.orders()) == 2)
    assert hall.states["v0"]["lastNodeId"] == ("B" if asked else "C")


def test_the_node_of_an_update_is_sent_as_it_was_with_its_actions_as_the_version_asks(hall: Hall) -> None:
    hall.lies["v0", "state"] = {"newBaseRequest": True}
    # Room for three nodes, so that the order is continued at C, where the load is.
    hall.lies["v0", "factsheet"] = {"protocolLimits": limits(hall, 3)}
    hall.vehicles["v0"].announce()
    hall.step()
    orders = driven(hall, action="transport", **{"from": "c", "to": "f"})
    before, update = next(pair for pair in itertools.pairwise(orders) if id_of(pair[1]["nodes"][0]) == "C")
    sent = next(node for node in before["nodes"] if id_of(node) == "C")
    again = update["nodes"][0]
    assert [a["actionType"] for a in sent["actions"]] == ["pick"]
    assert again == {**sent, "released": True, "actions": sent["actions"] if hall.words.new else []}
    kinds = [a["actionType"] for order in orders for node in order["nodes"] for a in node["actions"]]
    assert kinds.count("pick") == (2 if hall.words.new else 1)
    ids = {a["actionId"] for order in orders for node in order["nodes"] for a in node["actions"]}
    assert len(ids) == 2, "no action is new"
    assert [a["actionStatus"] for a in hall.states["v0"]["actionStates"]] == ["FINISHED", "FINISHED"]


def limits(hall: Hall, nodes: int) -> Json:
    name = "maximumArrayLengths" if hall.words.new else "maxArrayLens"
    strings = "maximumStringLengths" if hall.words.new else "maxStringLens"
    timing = {"minimumOrderInterval" if hall.words.new else "minOrderInterval": 0.0,
              "minimumStateInterval" if hall.words.new else "minStateInterval": 0.1}  # fmt: skip
    return {strings: {}, name: {"order.nodes": nodes}, "timing": timing}


@pytest.mark.parametrize("longest", [2, 3, 5])
def test_an_order_is_no_longer_than_the_factsheet_allows(hall: Hall, longest: int) -> None:
    hall.lies["v0", "factsheet"] = {"protocolLimits": limits(hall, longest)}
    hall.vehicles["v0"].announce()
    hall.step()
    orders = driven(hall)
    assert max(len(order["nodes"]) for order in orders) == longest
    assert hall.at("G")()


def test_a_way_that_is_blocked_is_left_by_another_horizon(hall: Hall) -> None:
    hall.submit("k", "move", "v1", to="d")
    hall.until(lambda: hall.states["v1"]["driving"])
    hall.submit("j", "move", to="g")
    hall.vehicles["v1"].inject(Fault(FaultKind.EMERGENCY_STOP))
    hall.until(hall.done("j"))
    orders = hall.orders()
    assert "D" in [id_of(node) for node in orders[0]["nodes"] if not node["released"]]
    ways = [id_of(part) for order in orders for part in base(order)]
    assert "X" in ways
    assert "D" not in ways
    for before, update in itertools.pairwise(orders):
        assert id_of(update["nodes"][0]) == id_of(base(before)[-1])
        assert update["orderId"] == before["orderId"]
    released = {part["sequenceId"]: id_of(part) for order in orders for part in base(order)}
    assert [released[number] for number in range(0, 13, 2)] == list("ABCXEFG")


def test_a_cancelled_order_is_not_updated(hall: Hall) -> None:
    hall.submit("j", "move", to="g")
    hall.until(hall.at("B"))
    before = len(hall.orders())
    hall.submit("c", "cancel")
    hall.until(hall.done("c"))
    hall.run(60)
    assert len(hall.orders()) == before
    assert hall.states["v0"]["nodeStates"] == []
    hall.submit("k", "move", to="a")
    hall.until(hall.done("k"))
    assert hall.orders()[-1]["orderId"] != hall.orders()[0]["orderId"]


def test_nor_is_it_updated_while_the_cancellation_is_on_its_way(hall: Hall) -> None:
    hall.submit("j", "move", to="g")
    hall.until(hall.at("B"))
    before, hall.lost = len(hall.orders()), 3
    hall.submit("c", "cancel")
    hall.run(20)
    assert len(hall.orders()) == before


# Nodes, edges and actions


def test_an_edge_joins_the_nodes_beside_it(hall: Hall) -> None:
    for order in driven(hall):
        for before, edge, after in zip(order["nodes"], order["edges"], order["nodes"][1:], strict=False):
            assert id_of(edge) == f"{id_of(before)}-{id_of(after)}"
            ends = {} if hall.words.new else {"startNodeId": id_of(before), "endNodeId": id_of(after)}
            assert {key: edge[key] for key in ("startNodeId", "endNodeId") if key in edge} == ends


def test_every_action_has_an_id_of_its_own(hall: Hall) -> None:
    for number in range(3):
        driven(hall, f"t{number}", action="transport", **{"from": "c", "to": "b"})
    hall.submit("s", "stop")
    hall.submit("r", "resume")
    hall.until(hall.done("r"))
    actions = [a for order in hall.orders() for node in order["nodes"] for a in node["actions"]]
    actions += [a for _, topic, body in hall.sent if topic == "instantActions" for a in body["actions"]]
    kinds: dict[str, set[str]] = {}
    for action in actions:
        kinds.setdefault(action["actionType"], set()).add(action["actionId"])
    assert {kind: len(ids) for kind, ids in kinds.items() if kind in ("pick", "drop")} == {"pick": 3, "drop": 3}
    assert {kind: len(ids) for kind, ids in kinds.items() if kind.endswith("Pause")} == {
        "startPause": 1,
        "stopPause": 1,
    }
    assert sum(map(len, kinds.values())) == len(set().union(*kinds.values()))


def test_an_order_names_no_zone_set_since_there_are_none(hall: Hall) -> None:
    assert [order for order in driven(hall) if "zoneSetId" in order] == []


def test_where_the_vehicle_stands_one_node_is_enough(hall: Hall) -> None:
    hall.submit("j", "pick", to="a")
    hall.until(hall.done("j"))
    (order,) = hall.orders()
    assert ([id_of(node) for node in order["nodes"]], order["edges"]) == (["A"], [])


def test_a_node_may_come_again_with_another_sequence_id(hall: Hall) -> None:
    orders = driven(hall, action="transport", **{"from": "d", "to": "b"})
    order = {part["sequenceId"]: id_of(part) for each in orders for part in path(each)}
    assert [order[number] for number in range(0, 11, 2)] == ["A", "B", "C", "D", "C", "B"]


def test_positions_are_those_of_the_layout_on_their_own_map(hall: Hall) -> None:
    nodes = {id_of(node): node["nodePosition"] for order in driven(hall) for node in order["nodes"]}
    for name, position in nodes.items():
        node = hall.site.layout.nodes[name]
        assert (position["x"], position["y"], position["mapId"]) == (node.x, node.y, node.map_id)


def test_a_vehicle_on_another_level_is_not_taken_to_be_on_the_node_below(hall: Hall) -> None:
    position = "mobileRobotPosition" if hall.words.new else "agvPosition"
    key = "localized" if hall.words.new else "positionInitialized"
    for level, reason in ((DOWN, None), (UP, Code.UNREACHABLE)):
        pose = {"x": 20.0, "y": 0.0, "theta": 0.0, "mapId": level, key: True}
        hall.lies["v0", "state"] = {position: pose, "lastNodeId": "C" if level == DOWN else "U"}
        hall.say("v0")
        if reason is None:
            hall.submit("j", "move", to="f")
            assert id_of(hall.orders()[0]["nodes"][0]) == "C"
            hall.submit("c", "cancel")
            hall.run(30)
        else:
            with pytest.raises(FleetError) as refusal:
                hall.submit("k", "move", to="f")
            assert refusal.value.code is reason


def test_angles_are_within_pi_whatever_the_layout_says(hall: Hall) -> None:
    angles = [
        node["nodePosition"]["theta"]
        for order in driven(hall)
        for node in order["nodes"]
        if "theta" in node["nodePosition"]
    ]
    assert angles
    assert all(abs(angle) <= math.pi for angle in angles)
    assert angles[-1] == pytest.approx(-math.pi / 2, abs=1e-4)


def test_a_vehicle_that_reports_no_position_is_where_its_last_node_is(hall: Hall) -> None:
    hall.lies["v0", "state"] = {"mobileRobotPosition" if hall.words.new else "agvPosition": None}
    orders = driven(hall)
    assert id_of(orders[0]["nodes"][0]) == "A"
    assert hall.at("G")()
