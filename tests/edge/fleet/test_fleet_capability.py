"""What a factsheet says that a vehicle can do, and what it is therefore not told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from yard import Yard, commands, yard_site

from banksman_edge.fleet import Code, FleetError, Problem
from banksman_edge.fleet.capability import UNKNOWN, LoadSet, loads_along, read_capability
from banksman_edge.fleet.orders import DROP, PICK, Stop
from banksman_shared.site import Place, Router, Site, parse_site
from banksman_shared.vda5050 import BlockingType, Factsheet, Load, codec_for

SHELF = Place("aisle-9", "aisle", 9, {}, "S9", "aisle-9", height=6.0)
FLOOR = Place("dock-1", "dock", 1, {}, "D1", "dock-1", height=0.0)


def factsheet(**parts: Any) -> Factsheet:
    empty: dict[str, Any] = {
        name: {}
        for name in ("type_specification", "physical_parameters", "protocol_limits", "protocol_features",
                     "agv_geometry", "load_specification")
    }  # fmt: skip
    header = {"header_id": 0, "timestamp": "", "version": "2.1.0", "manufacturer": "Acme", "serial_number": "agv-1"}
    return Factsheet(**{**header, **empty, **parts})


def listing(*actions: dict[str, Any]) -> Factsheet:
    return factsheet(protocol_features={"agvActions": list(actions)})


def lifting(*load_sets: dict[str, Any], **physical: float) -> Factsheet:
    return factsheet(load_specification={"loadSets": list(load_sets)}, physical_parameters=physical)


def objection(sheet: Factsheet, *stops: Stop, carried: Load | None = None) -> Problem | None:
    return read_capability(sheet).carrying(carried).objection("agv-1", stops)


def test_a_vehicle_that_cannot_lift_is_not_told_to_pick() -> None:
    tugger = listing({"actionType": "startCharging", "actionScopes": ["NODE", "INSTANT"]})
    problem = objection(tugger, Stop(FLOOR, PICK))
    assert problem is not None
    assert (problem.code, problem.vehicle) == (Code.CANNOT, "agv-1")
    assert problem.sentence == "agv-1 cannot pick up loads: its factsheet has no action 'pick'"


def test_an_action_for_other_uses_only_is_not_put_into_an_order() -> None:
    problem = objection(listing({"actionType": "pick", "actionScopes": ["INSTANT"]}), Stop(FLOOR, PICK))
    assert problem is not None
    assert problem.code is Code.CANNOT


@pytest.mark.parametrize(
    "sheet",
    [
        factsheet(),
        listing({"actionType": "pick"}),
        listing({"actionType": "pick", "actionScopes": "NODE"}),
        factsheet(protocol_features={"agvActions": "?"}, load_specification={"loadSets": [None, {"maxWeight": "?"}]}),
        lifting({"maxLoadhandlingHeight": 3.5}, {}),
        lifting(heightMin=6.2, heightMax=6.2),
    ],
    ids=["empty", "no scopes", "one scope, bare", "nonsense", "a set without a height", "as high as always"],
)  # fmt: skip
def test_what_the_factsheet_leaves_open_is_taken_to_be_possible(sheet: Factsheet) -> None:
    assert objection(sheet, Stop(SHELF, PICK)) is None


def test_a_fork_is_not_sent_to_a_shelf_above_it() -> None:
    problem = objection(lifting({"maxLoadhandlingHeight": 3.5}, {"maxLoadhandlingHeight": 2}), Stop(SHELF, PICK))
    assert problem is not None
    assert problem.code is Code.OUT_OF_REACH
    assert problem.sentence == "agv-1 lifts to 3.5 m; aisle-9 needs 6 m"
    assert problem.facts == {"place": "aisle-9", "reach": 3.5, "height": 6.0}


def test_a_fork_that_reaches_the_shelf_is_sent_there() -> None:
    assert (
        objection(lifting({"maxLoadhandlingHeight": 3.5}, {"maxLoadhandlingHeight": 5.96}), Stop(SHELF, PICK)) is None
    )


def test_a_mast_is_no_lower_than_what_it_lifts() -> None:
    problem = objection(lifting(heightMin=2.3, heightMax=4.8), Stop(SHELF, DROP))
    assert problem is not None
    assert problem.sentence == "agv-1 lifts to 4.8 m; aisle-9 needs 6 m"


def test_a_deck_does_not_go_down_to_a_low_station() -> None:
    low = replace(SHELF, height=0.3)
    problem = objection(lifting({"minLoadhandlingHeight": 0.8, "maxLoadhandlingHeight": 0.8}), Stop(low, DROP))
    assert problem is not None
    assert problem.sentence == "agv-1 lowers to 0.8 m; aisle-9 needs 0.3 m"


def test_a_station_whose_height_nobody_entered_is_not_on_the_floor() -> None:
    sheet = lifting({"minLoadhandlingHeight": 0.8, "maxLoadhandlingHeight": 0.8})
    assert objection(sheet, Stop(FLOOR, DROP)) is None
    assert objection(sheet, Stop(replace(FLOOR, height=None), DROP)) is None


def test_how_high_depends_on_the_load_that_it_carries() -> None:
    sheet = lifting({"maxWeight": 500, "maxLoadhandlingHeight": 6}, {"maxWeight": 1500, "maxLoadhandlingHeight": 3.5})
    assert objection(sheet, Stop(SHELF, DROP), carried=Load(weight=400)) is None
    problem = objection(sheet, Stop(SHELF, DROP), carried=Load(weight=900))
    assert problem is not None
    assert problem.sentence == "agv-1 lifts 900 kg to 3.5 m; aisle-9 needs 6 m"


def test_a_load_that_it_carries_against_its_factsheet_may_be_put_down() -> None:
    sheet = lifting({"loadType": "EPAL", "maxWeight": 500, "maxLoadhandlingHeight": 3.5})
    assert objection(sheet, Stop(FLOOR, DROP), carried=Load(load_type="drum", weight=900)) is None


def test_a_type_of_load_that_it_does_not_take_is_not_fetched() -> None:
    drums = replace(FLOOR, load_type="drum")
    problem = objection(lifting({"loadType": "EPAL"}), Stop(drums, PICK), Stop(SHELF, DROP))
    assert problem is not None
    assert (problem.code, problem.facts) == (Code.WRONG_LOAD, {"place": "dock-1", "load": "drum"})
    assert objection(lifting({"loadType": "EPAL"}, {"loadType": "drum"}), Stop(drums, PICK)) is None
    assert objection(lifting({"loadType": "EPAL"}, {}), Stop(drums, PICK)) is None


def test_a_factsheet_of_3_0_says_the_same() -> None:
    sheet = lifting({"setName": "A", "loadType": "EPAL", "maxLoadhandlingHeight": 3.5})
    codec = codec_for("3.0.0")
    there_and_back = codec.decode(Factsheet, codec.encode(sheet))
    assert read_capability(there_and_back) == read_capability(sheet)
    assert read_capability(sheet).load_sets == (LoadSet(load_type="EPAL", highest=3.5),)


def test_limits_and_blocking_types_are_read() -> None:
    sheet = factsheet(
        physical_parameters={"speedMax": 1.8},
        protocol_limits={"maxArrayLens": {"order.nodes": 12}},
        protocol_features={"agvActions": [{"actionType": "pick", "blockingTypes": ["NONE", "SOFT"]}]},
    )
    capability = read_capability(sheet)
    assert (capability.speed, capability.max_nodes) == (1.8, 12)
    assert capability.blocking_type("pick") is BlockingType.SOFT
    assert capability.blocking_type("drop") is BlockingType.HARD
    assert read_capability(factsheet(protocol_limits={"maxArrayLens": {"order.nodes": 0}})).max_nodes is None
    assert read_capability(None) is UNKNOWN


def test_roads_depend_on_what_is_carried_along_them() -> None:
    assert loads_along(False, [Stop(FLOOR, PICK), Stop(SHELF, DROP), Stop(FLOOR)]) == [False, True, False, False]
    assert loads_along(None, [Stop(FLOOR), Stop(SHELF, DROP)]) == [None, None, False]


# In the fleet


def tall_yard() -> Site:
    """The yard, with aisle-9 six metres up."""
    document: Any = msgspec.json.decode(msgspec.json.encode(yard_site().document))
    document["layout_document"]["layouts"][0]["stations"][1]["stationHeight"] = 6.0
    return parse_site(document)


def yard_with(sheets: dict[str, Factsheet]) -> Yard:
    yard = Yard(tall_yard())
    for vehicle, sheet in sheets.items():
        yard.master.on_factsheet(yard.site.vehicles[vehicle].address, sheet)
    return yard


def test_the_vehicle_that_can_is_chosen_over_a_nearer_one_that_cannot() -> None:
    low, high = lifting({"maxLoadhandlingHeight": 3.5}), lifting({"maxLoadhandlingHeight": 7})
    yard = yard_with({"agv-2": low, "tug-1": low, "agv-1": high})
    yard.submit("j", {"action": "transport", "vehicles": [], "from": "dock-1", "to": "aisle-9"})
    assert yard.last("j").vehicle == "agv-1"


def test_a_named_vehicle_that_cannot_is_refused_with_the_reason() -> None:
    yard = yard_with({"agv-2": lifting({"maxLoadhandlingHeight": 3.5})})
    with pytest.raises(FleetError, match=r"agv-2 lifts to 3.5 m; aisle-9 needs 6 m") as refused:
        yard.submit("j", {"action": "pick", "vehicles": ["agv-2"], "to": "aisle-9"})
    assert refused.value.code is Code.OUT_OF_REACH
    assert not refused.value.retryable


def test_what_was_put_down_before_does_not_count_later_in_a_sequence() -> None:
    light, heavy = (
        {"maxWeight": 100, "maxLoadhandlingHeight": 9},
        {"maxWeight": 2000, "maxLoadhandlingHeight": 3},
    )
    yard = yard_with({"agv-1": lifting(light, heavy)})
    car = yard.cars["agv-1"]
    yard.master.on_state(car.vehicle.address, msgspec.structs.replace(car.state(), loads=(Load(weight=900),)))
    up = {"action": "drop", "vehicles": ["agv-1"], "to": "aisle-9"}
    down = {**up, "to": "dock-1"}
    fetch = {**down, "action": "pick"}
    assert [p.code for p in yard.master.check(commands(up))] == [Code.OUT_OF_REACH]
    assert yard.master.check(commands(down, fetch, up)) == []


def test_the_layout_says_how_high_stations_are_and_what_is_handled_there() -> None:
    document: Any = msgspec.json.decode(msgspec.json.encode(yard_site().document))
    layout = document["layout_document"]["layouts"][0]
    layout["stations"][1]["stationHeight"] = 6.0
    handling = {"actionType": "pick", "actionParameters": [{"key": "loadType", "value": "EPAL"}]}
    next(n for n in layout["nodes"] if n["nodeId"] == "S9")["vehicleTypeNodeProperties"][0]["actions"] = [handling]
    places = parse_site(document).places
    assert (places["aisle-9"].height, places["aisle-9"].load_type) == (6.0, "EPAL")
    assert (places["dock-1"].height, places["dock-1"].load_type) == (None, None)


def test_a_road_for_empty_vehicles_only_is_not_used_with_a_load() -> None:
    document: Any = msgspec.json.decode(msgspec.json.encode(yard_site().document))
    edges = document["layout_document"]["layouts"][0]["edges"]
    short = next(e for e in edges if e["edgeId"] == "D1-S9")
    short["vehicleTypeEdgeProperties"] = [
        {"vehicleTypeId": "forklift", "loadRestriction": {"loaded": False, "unloaded": True}},
        {"vehicleTypeId": "tugger", "loadRestriction": None},
    ]
    router = Router(parse_site(document).layout)

    def way(kind: str, loaded: bool | None) -> list[str]:
        route = router.route("D1", "S9", kind, frozenset(), loaded)
        return [node.id for node in route.nodes] if route else []

    assert way("forklift", False) == way("forklift", None) == way("tugger", True) == ["D1", "S9"]
    assert way("forklift", True) == ["D1", "N3", "N4", "S9"]
