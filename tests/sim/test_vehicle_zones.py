"""Zones and requests of 3.0 (§6.4, §6.9)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sim_world import (
    MAP,
    action,
    finished,
    instantly,
    order,
    references,
    run_until,
    status,
    tell,
    vehicle,
    warnings,
    x_of,
)
from zone_world import RADIUS, act, answer, release, request_status, zone, zone_set, zoned

from banksman_firmware_sim import VirtualVehicle
from banksman_firmware_sim.motion.geometry import inside, spans
from banksman_firmware_sim.vehicle.zones import MAX_SETS
from banksman_shared.clock import ManualClock, timestamp
from banksman_shared.vda5050 import ActionStatus, ErrorLevel, OperatingMode, ZoneReleaseLoss, ZoneType

GRANTED, REVOKED, REQUESTED, EXPIRED = "GRANTED", "REVOKED", "REQUESTED", "EXPIRED"


def sets_of(machine: VirtualVehicle) -> dict[str, str]:
    return {record.zone_set_id: record.zone_set_status for record in machine.state().zone_sets}


# Sets


def test_a_zone_set_is_kept_disabled_until_it_is_enabled() -> None:
    machine = vehicle(version="3.0.0")
    machine.handle_zone_set(zone_set([zone(ZoneType.BLOCKED)]))
    assert sets_of(machine) == {"set": "DISABLED"}
    machine.handle_order(order("AB"))
    assert run_until(machine, finished).last_node_id == "B"
    assert tell(machine, "enableZoneSet", zoneSetId="set") is ActionStatus.FINISHED
    assert sets_of(machine) == {"set": "ENABLED"}


def test_one_zone_set_at_a_time_is_enabled_on_a_map() -> None:
    machine = vehicle(version="3.0.0")
    for name, where in (("one", MAP), ("two", MAP), ("cellar", "cellar")):
        machine.handle_zone_set(zone_set([], name, where))
    for name in ("one", "cellar", "two"):
        tell(machine, "enableZoneSet", zoneSetId=name)
    assert sets_of(machine) == {"one": "DISABLED", "two": "ENABLED", "cellar": "ENABLED"}


def test_a_zone_set_whose_id_is_taken_is_reported_for_a_while_and_not_taken() -> None:
    machine = zoned()
    machine.handle_zone_set(zone_set([zone(ZoneType.BLOCKED)]))
    (error,) = machine.state().errors
    assert (error.error_type, error.error_level) == ("duplicateZoneSet", "WARNING")
    machine.handle_order(order("AB"))
    assert run_until(machine, finished).last_node_id == "B"
    machine.step(120)
    assert machine.state().errors == ()


def test_a_zone_of_two_corners_is_refused_with_its_set() -> None:
    machine = vehicle(version="3.0.0")
    good = zone(ZoneType.BLOCKED)
    machine.handle_zone_set(zone_set([good, replace(good, zone_id="line", vertices=good.vertices[:2])]))
    assert sets_of(machine) == {}
    (error,) = machine.state().errors
    assert (error.error_type, references(error)["zoneId"]) == ("validationError", "line")


def test_a_vehicle_has_room_for_so_many_zone_sets() -> None:
    machine = vehicle(version="3.0.0")
    for number in range(MAX_SETS + 3):
        machine.handle_zone_set(zone_set([], f"set-{number}"))
    assert len(sets_of(machine)) == MAX_SETS
    assert set(warnings(machine.state())) == {"insufficientMemory"}


def test_a_zone_set_in_use_is_not_deleted() -> None:
    machine = zoned()
    assert tell(machine, "deleteZoneSet", zoneSetId="set") is ActionStatus.FAILED
    machine.handle_zone_set(zone_set([], "other"))
    assert tell(machine, "deleteZoneSet", zoneSetId="other") is ActionStatus.FINISHED
    assert tell(machine, "deleteZoneSet", zoneSetId="other") is ActionStatus.FAILED
    assert tell(machine, "enableZoneSet", zoneSetId="other") is ActionStatus.FAILED
    assert sets_of(machine) == {"set": "ENABLED"}


def test_a_node_of_an_order_may_enable_a_zone_set() -> None:
    machine = vehicle(version="3.0.0")
    machine.handle_zone_set(zone_set([]))
    machine.handle_order(order("AB", at={"B": [action("enableZoneSet", "e", zoneSetId="set")]}))
    run_until(machine, finished)
    assert sets_of(machine) == {"set": "ENABLED"}


@pytest.mark.parametrize("version", ["2.0.0", "2.1.0"])
def test_before_3_there_are_no_zones(version: str) -> None:
    machine = vehicle(version=version)
    machine.handle_zone_set(zone_set([zone(ZoneType.BLOCKED)]))
    assert machine.state().zone_sets == ()
    assert tell(machine, "enableZoneSet", zoneSetId="set") is ActionStatus.FAILED


# BLOCKED


def test_an_order_through_a_blocked_zone_is_refused() -> None:
    machine = zoned(zone(ZoneType.BLOCKED))
    machine.handle_order(order("AB"))
    assert (warnings(machine.state()), machine.state().order_id) == (["noRouteError"], "")


def test_a_zone_that_becomes_blocked_stops_the_vehicle_before_it() -> None:
    machine = vehicle(version="3.0.0")
    machine.handle_zone_set(zone_set([zone(ZoneType.BLOCKED, (7.0, 8.0))]))
    machine.handle_order(order("ABC"))
    machine.step(2)
    tell(machine, "enableZoneSet", zoneSetId="set")
    machine.step(60)
    state = machine.state()
    assert x_of(machine) == pytest.approx(7.0 - RADIUS)
    assert [(e.error_type, e.error_level) for e in state.errors] == [("nodeUnreachable", ErrorLevel.CRITICAL)]
    assert len(state.node_states) == 2


def test_a_vehicle_that_finds_itself_in_a_blocked_zone_stands_and_says_so() -> None:
    machine = vehicle(version="3.0.0")
    machine.handle_zone_set(zone_set([zone(ZoneType.BLOCKED, (2.0, 8.0))]))
    machine.handle_zone_set(zone_set([], "free"))
    machine.handle_order(order("AB"))
    run_until(machine, lambda s: s.agv_position is not None and s.agv_position.x > 4)
    tell(machine, "enableZoneSet", zoneSetId="set")
    stopped = run_until(machine, lambda s: not s.driving)
    assert ("blockedZoneViolation", ErrorLevel.CRITICAL) in {(e.error_type, e.error_level) for e in stopped.errors}
    tell(machine, "enableZoneSet", zoneSetId="free")
    end = run_until(machine, finished)
    assert (end.last_node_id, "blockedZoneViolation" in warnings(end)) == ("B", False)


# SPEED_LIMIT


def test_a_speed_limit_holds_from_the_entry_to_the_exit_of_the_zone() -> None:
    machine = zoned(zone(ZoneType.SPEED_LIMIT, maximum_speed=0.3))
    machine.handle_order(order("AB"))
    inside_m, outside_m = [], []
    while not finished(machine.state()):
        machine.step(0.02)
        velocity = machine.state().velocity
        assert velocity is not None
        within = 5.0 - RADIUS < x_of(machine) < 7.0 + RADIUS
        (inside_m if within else outside_m).append(velocity.vx or 0.0)
    assert max(inside_m) == pytest.approx(0.3)
    assert max(outside_m) > 1.0


# RELEASE


def test_a_release_zone_is_requested_and_entered_only_when_granted() -> None:
    machine = zoned(release())
    machine.handle_order(order("AB"))
    (request,) = machine.state().zone_requests
    assert (request.request_type, request.zone_id, request.zone_set_id) == ("ACCESS", "z", "set")
    assert request.request_status == REQUESTED
    machine.step(60)
    assert (x_of(machine), machine.state().driving) == (pytest.approx(5.0 - RADIUS), False)
    answer(machine, GRANTED)
    assert (request_status(machine), machine.state().driving) == ([GRANTED], True)
    run_until(machine, lambda s: s.agv_position is not None and s.agv_position.x > 7.0 + RADIUS + 0.1)
    assert machine.state().zone_requests == (), "the zone is left"
    assert run_until(machine, finished).last_node_id == "B"


def test_a_release_in_time_lets_the_vehicle_pass_without_a_stop() -> None:
    machine = zoned(release())
    machine.handle_order(order("AB"))
    answer(machine, GRANTED)
    crossing = run_until(machine, lambda s: s.agv_position is not None and s.agv_position.x > 6)
    assert crossing.velocity is not None
    assert crossing.velocity.vx == pytest.approx(1.5)


def test_a_queued_request_waits_on() -> None:
    machine = zoned(release())
    machine.handle_order(order("AB"))
    answer(machine, "QUEUED")
    machine.step(60)
    assert (request_status(machine), x_of(machine)) == ([REQUESTED], pytest.approx(5.0 - RADIUS))


def test_a_rejected_request_is_withdrawn_and_made_anew_after_a_while() -> None:
    machine = zoned(release())
    machine.handle_order(order("AB"))
    (first,) = machine.state().zone_requests
    answer(machine, "REJECTED")
    assert machine.state().zone_requests == ()
    machine.step(60)
    (second,) = machine.state().zone_requests
    assert second.request_id != first.request_id
    answer(machine, GRANTED)
    assert run_until(machine, finished).last_node_id == "B"


def test_a_release_revoked_before_the_entry_is_withdrawn_and_the_vehicle_stops_before() -> None:
    machine = zoned(release())
    machine.handle_order(order("AB"))
    answer(machine, GRANTED)
    machine.step(1)
    answer(machine, REVOKED)
    assert machine.state().zone_requests == ()
    machine.step(8)
    assert x_of(machine) == pytest.approx(5.0 - RADIUS)


def crossing(
    loss: ZoneReleaseLoss | None, clock: ManualClock | None = None, lease: str | None = None
) -> VirtualVehicle:
    """A vehicle in the middle of a release zone."""
    machine = zoned(release(loss), clock=clock)
    machine.handle_order(order("ABC"))
    answer(machine, GRANTED, lease)
    run_until(machine, lambda s: s.agv_position is not None and s.agv_position.x > 6)
    return machine


@pytest.mark.parametrize("loss", [None, ZoneReleaseLoss.STOP])
def test_a_release_lost_inside_stops_the_vehicle_until_it_is_granted_again(loss: ZoneReleaseLoss | None) -> None:
    machine = crossing(loss)
    answer(machine, REVOKED)
    machine.step(30)
    state = machine.state()
    assert (request_status(machine), state.driving, x_of(machine) < 8) == ([REVOKED], False, True)
    assert [(e.error_type, e.error_level) for e in state.errors] == [("releaseLost", ErrorLevel.CRITICAL)]
    answer(machine, GRANTED)
    assert machine.state().errors == ()
    assert run_until(machine, finished).last_node_id == "C"


@pytest.mark.parametrize("loss", [ZoneReleaseLoss.CONTINUE, ZoneReleaseLoss.EVACUATE])
def test_a_zone_may_let_the_vehicle_drive_out_without_a_release(loss: ZoneReleaseLoss) -> None:
    machine = crossing(loss)
    answer(machine, REVOKED)
    assert (request_status(machine), machine.state().driving, machine.state().errors) == ([REVOKED], True, ())
    end = run_until(machine, finished)
    assert (end.last_node_id, end.zone_requests) == ("C", ())


def test_a_lease_ends_by_the_vehicles_clock_and_can_be_extended() -> None:
    clock = ManualClock()
    machine = crossing(ZoneReleaseLoss.STOP, clock, timestamp(clock.time() + 100))
    clock.advance(99)
    machine.step(0.01)
    assert request_status(machine) == [GRANTED]
    answer(machine, GRANTED, timestamp(clock.time() + 50))
    clock.advance(49)
    machine.step(0.01)
    assert request_status(machine) == [GRANTED]
    clock.advance(2)
    machine.step(0.01)
    assert request_status(machine) == [EXPIRED]
    assert run_until(machine, lambda s: not s.driving).errors[0].error_type == "releaseLost"


def test_a_lease_that_is_no_time_is_reported() -> None:
    machine = zoned(release())
    machine.handle_order(order("AB"))
    answer(machine, GRANTED, "tomorrow")
    assert (warnings(machine.state()), request_status(machine)) == (["validationError"], [REQUESTED])


def test_an_answer_to_nothing_changes_nothing() -> None:
    machine = zoned(release())
    before = machine.state()
    answer(machine, GRANTED, request_id="zone-99")
    assert machine.state() == before


def test_a_cancellation_withdraws_the_request() -> None:
    machine = zoned(release())
    machine.handle_order(order("AB"))
    machine.handle_instant_actions(instantly("cancelOrder"))
    machine.step(30)
    assert machine.state().zone_requests == ()


def test_a_person_at_the_wheel_withdraws_requests_and_none_are_made() -> None:
    machine = zoned(release())
    machine.handle_order(order("AB"))
    machine.switch_mode(OperatingMode.INTERVENED)
    machine.step(60)
    assert machine.state().zone_requests == ()
    machine.switch_mode(OperatingMode.AUTOMATIC)
    assert request_status(machine) == [REQUESTED]


def test_zones_on_both_sides_of_a_node_are_one_crossing() -> None:
    machine = zoned(release(x=(8.0, 12.0)))
    machine.handle_order(order("ABCD"))
    answer(machine, GRANTED)
    at_b = run_until(machine, lambda s: s.last_node_id == "B")
    assert (at_b.driving, request_status(machine)) == (True, [GRANTED])
    assert run_until(machine, finished).zone_requests == ()


# ACTION


def test_an_action_zone_acts_at_entry_inside_and_at_exit() -> None:
    machine = zoned(
        zone(
            ZoneType.ACTION,
            entry_actions=(act("detectObject", "SOFT"),),
            during_actions=(act("finePositioning"),),
            exit_actions=(act("detectObject"),),
        )
    )
    machine.handle_order(order("AB"))
    entered = run_until(machine, lambda s: s.zone_action_states != ())
    assert [a.action_type for a in entered.zone_action_states] == ["detectObject", "finePositioning"]
    standing = run_until(machine, lambda s: not s.driving)
    assert standing.last_node_id == "A", "a SOFT action of a zone forbids driving, too"
    machine.step(60)
    end = machine.state()
    assert [a.action_status for a in end.zone_action_states] == [ActionStatus.FINISHED] * 3
    assert end.last_node_id == "B"
    assert tell(machine, "clearZoneActions") is ActionStatus.FINISHED
    assert machine.state().zone_action_states == ()


def test_a_zone_whose_action_the_vehicle_lacks_is_reported() -> None:
    machine = zoned(zone(ZoneType.ACTION, entry_actions=(act("pick"),), during_actions=(), exit_actions=()))
    machine.handle_order(order("AB"))
    assert warnings(run_until(machine, finished)) == ["actionError"]


@pytest.mark.parametrize(
    "kind",
    [ZoneType.LINE_GUIDED, ZoneType.COORDINATED_REPLANNING, ZoneType.PRIORITY, ZoneType.PENALTY, ZoneType.DIRECTED],
)
def test_other_zones_do_not_hinder_a_line_guided_vehicle(kind: ZoneType) -> None:
    machine = zoned(zone(kind))
    machine.handle_order(order("AB"))
    assert run_until(machine, finished).last_node_id == "B"


def test_the_factsheet_names_the_zones_that_are_understood() -> None:
    supported = vehicle(version="3.0.0").factsheet().type_specification["supportedZones"]
    assert {"BLOCKED", "RELEASE", "SPEED_LIMIT", "ACTION"} <= set(supported)
    assert "supportedZones" not in vehicle().factsheet().type_specification


# Geometry

SQUARE = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0))
point = st.tuples(st.floats(-10, 10), st.floats(-10, 10))


@given(start=point, end=point, margin=st.floats(0.1, 3), share=st.floats(0, 1))
def test_the_parts_of_a_way_within_a_zone_are_those_where_the_contour_reaches_in(
    start: tuple[float, float], end: tuple[float, float], margin: float, share: float
) -> None:
    found, length = spans(start, end, SQUARE, margin), math.dist(start, end)
    at = length * share
    if any(abs(at - edge) < 1e-3 for span in found for edge in (span.begin, span.end)):
        return  # at the border either answer is right
    here = (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
    dx, dy = max(-here[0], 0.0, here[0] - 4.0), max(-here[1], 0.0, here[1] - 4.0)
    distance = math.hypot(dx, dy)
    if abs(distance - margin) < 1e-6:
        return
    assert any(span.begin <= at <= span.end for span in found) is (distance < margin)
    assert inside(here, SQUARE, margin) is (distance < margin)


def test_status_of_zone_actions_is_found_among_all_action_states() -> None:
    machine = zoned(zone(ZoneType.ACTION, entry_actions=(act("detectObject"),), during_actions=(), exit_actions=()))
    machine.handle_order(order("AB"))
    entered = run_until(machine, lambda s: s.zone_action_states != ())
    assert status(entered, entered.zone_action_states[0].action_id) is ActionStatus.RUNNING
