"""Maps: download, enable, delete, and their place in the state (2.1.0 §6.7; 3.0 §6.3)."""

from __future__ import annotations

from sim_world import MAP, action, finished, instantly, order, references, run_until, status, tell, vehicle, with_maps

from banksman_firmware_sim import VirtualVehicle
from banksman_firmware_sim.vehicle.instant import MOST_AT_ONCE
from banksman_firmware_sim.vehicle.maps import MAX_MAPS
from banksman_shared.vda5050 import ActionStatus

LINK = "https://maps.example/floor"


def maps_of(machine: VirtualVehicle) -> dict[tuple[str, str], str]:
    return {(m.map_id, m.map_version): m.map_status for m in machine.state().maps or ()}


def test_there_are_no_maps_before_2_1() -> None:
    machine = vehicle(version="2.0.0")
    assert machine.state().maps is None
    assert tell(machine, "enableMap", mapId=MAP, mapVersion="1") is ActionStatus.FAILED


@with_maps
def test_a_vehicle_comes_with_the_map_it_stands_on(version: str) -> None:
    assert maps_of(vehicle(version=version)) == {(MAP, "1"): "ENABLED"}


@with_maps
def test_a_downloaded_map_is_reported_when_it_is_ready_and_disabled(version: str) -> None:
    machine = vehicle(version=version)
    download = action("downloadMap", "d", "NONE", mapId=MAP, mapVersion="2", mapDownloadLink=LINK)
    machine.handle_instant_actions(instantly(download))
    assert status(machine.state(), "d") is ActionStatus.INITIALIZING
    machine.step(1)
    assert status(machine.state(), "d") is ActionStatus.RUNNING
    assert maps_of(machine) == {(MAP, "1"): "ENABLED"}
    machine.step(10)
    assert status(machine.state(), "d") is ActionStatus.FINISHED
    assert maps_of(machine) == {(MAP, "1"): "ENABLED", (MAP, "2"): "DISABLED"}


def loaded(version: str) -> VirtualVehicle:
    machine = vehicle(version=version)
    tell(machine, "downloadMap", mapId=MAP, mapVersion="2", mapDownloadLink=LINK)
    machine.step(10)
    return machine


@with_maps
def test_enabling_a_version_disables_the_others_of_that_map(version: str) -> None:
    machine = loaded(version)
    machine.install_maps(["cellar"])
    assert tell(machine, "enableMap", mapId=MAP, mapVersion="2") is ActionStatus.FINISHED
    assert maps_of(machine) == {(MAP, "1"): "DISABLED", (MAP, "2"): "ENABLED", ("cellar", "1"): "ENABLED"}


@with_maps
def test_a_map_may_be_enabled_by_a_node_of_an_order(version: str) -> None:
    machine = loaded(version)
    machine.handle_order(order("AB", at={"B": [action("enableMap", "e", mapId=MAP, mapVersion="2")]}))
    run_until(machine, finished)
    assert maps_of(machine)[MAP, "2"] == "ENABLED"


@with_maps
def test_a_map_that_is_there_is_not_downloaded_again(version: str) -> None:
    machine = loaded(version)
    assert tell(machine, "downloadMap", mapId=MAP, mapVersion="2", mapDownloadLink=LINK) is ActionStatus.FAILED
    (error,) = machine.state().errors
    assert (error.error_type, error.error_level) == ("duplicateMap", "WARNING")
    assert {"mapId": MAP, "mapVersion": "2"}.items() <= references(error).items()
    tell(machine, "stateRequest")
    assert len(machine.state().errors) == 1, "it is reported until another map action is accepted"
    tell(machine, "enableMap", mapId=MAP, mapVersion="2")
    assert machine.state().errors == ()


@with_maps
def test_a_link_that_is_none_is_refused(version: str) -> None:
    machine = vehicle(version=version)
    assert tell(machine, "downloadMap", mapId=MAP, mapVersion="2", mapDownloadLink="here") is ActionStatus.FAILED


@with_maps
def test_a_vehicle_has_room_for_so_many_maps(version: str) -> None:
    machine = vehicle(version=version)
    for number in range(MAX_MAPS + 3):
        tell(machine, "downloadMap", mapId=MAP, mapVersion=f"v{number}", mapDownloadLink=LINK)
        machine.step(10)
    assert len(maps_of(machine)) == MAX_MAPS


@with_maps
def test_so_many_downloads_run_side_by_side(version: str) -> None:
    machine = vehicle(version=version)
    downloads = [
        tell(machine, "downloadMap", mapId=MAP, mapVersion=f"v{number}", mapDownloadLink=LINK)
        for number in range(MOST_AT_ONCE + 1)
    ]
    assert downloads.count(ActionStatus.FAILED) == 1
    assert downloads[-1] is ActionStatus.FAILED


@with_maps
def test_a_map_that_is_not_there_is_neither_enabled_nor_deleted(version: str) -> None:
    machine = vehicle(version=version)
    for kind in ("enableMap", "deleteMap"):
        assert tell(machine, kind, mapId=MAP, mapVersion="9") is ActionStatus.FAILED


@with_maps
def test_a_deleted_map_is_gone_and_one_in_use_stays(version: str) -> None:
    machine = loaded(version)
    assert tell(machine, "deleteMap", mapId=MAP, mapVersion="2") is ActionStatus.FINISHED
    assert tell(machine, "deleteMap", mapId=MAP, mapVersion="1") is ActionStatus.FAILED
    assert maps_of(machine) == {(MAP, "1"): "ENABLED"}


@with_maps
def test_the_position_can_be_set_only_on_a_map_that_is_there(version: str) -> None:
    machine = vehicle(version=version)
    name = "initializePosition" if version == "3.0.0" else "initPosition"
    pose = {"x": 0.0, "y": 0.0, "theta": 0.0, "mapId": "cellar", "lastNodeId": "K"}
    assert tell(machine, name, **pose) is ActionStatus.FAILED
    machine.install_maps(["cellar"])
    assert tell(machine, name, **pose) is ActionStatus.FINISHED
