"""What the master makes of vehicles that come and go, that people control, that stand in the way, and of many."""

from __future__ import annotations

import pytest
from hall import ROADS, Hall, hall_site, ring_site

from banksman_edge.fleet import Code, FleetError
from banksman_firmware_sim.faults.faults import Fault, FaultKind
from banksman_shared.vda5050 import OperatingMode

# Presence and operating modes


@pytest.mark.parametrize(
    "mode", [OperatingMode.MANUAL, OperatingMode.SERVICE, OperatingMode.TEACHIN, OperatingMode.INTERVENED]
)
def test_a_vehicle_that_a_person_controls_is_sent_a_stop_and_nothing_else(hall: Hall, mode: OperatingMode) -> None:
    if mode is OperatingMode.INTERVENED and not hall.words.new:
        mode = OperatingMode.MANUAL
    hall.vehicles["v0"].switch_mode(mode)
    hall.run(1)
    hall.sent.clear()
    with pytest.raises(FleetError) as refusal:
        hall.submit("j", "move", to="g")
    assert refusal.value.code is Code.MANUAL
    hall.run(120)
    assert hall.sent == []
    hall.submit("s", "stop")
    assert [a["actionType"] for _, _, body in hall.sent for a in body["actions"]] == ["startPause"]


def test_a_last_will_counts_although_its_header_is_out_of_date(hall: Hall) -> None:
    hall.connect("v0", "ONLINE", headerId=7, timestamp="2026-01-02T00:00:00.000Z")
    hall.say("v0")
    assert hall.master.vehicles()["v0"].available
    broken = "CONNECTION_BROKEN" if hall.words.new else "CONNECTIONBROKEN"
    hall.connect("v0", broken, headerId=0, timestamp="2020-01-01T00:00:00.000Z")
    assert not hall.master.vehicles()["v0"].connected
    hall.connect("v0", "ONLINE", headerId=8, timestamp="2026-01-02T00:01:00.000Z")
    hall.say("v0")
    assert hall.master.vehicles()["v0"].available


def test_without_a_way_around_a_blocked_road_the_vehicle_waits_and_then_goes_on(hall: Hall) -> None:
    blocked = Hall(hall.words.version, hall_site(set(ROADS) - {"CX", "XE"}))
    blocked.submit("k", "move", "v1", to="d")
    blocked.until(blocked.done("k"))
    blocked.vehicles["v1"].inject(Fault(FaultKind.EMERGENCY_STOP))
    blocked.run(1)
    blocked.submit("j", "move", to="g")
    blocked.run(120)
    assert "done" not in blocked.statuses("j")
    assert blocked.states["v0"]["lastNodeId"] in ("A", "B", "C")
    blocked.vehicles["v1"].clear(FaultKind.EMERGENCY_STOP)
    blocked.until(blocked.done("j"))


# Many


def test_a_thousand_vehicles_are_commanded_at_once() -> None:
    many = 1000
    hall = Hall("2.1.0", ring_site(many))
    assert sum(view.idle for view in hall.master.vehicles().values()) == many
    for number in range(0, many, 10):
        hall.submit(f"j{number}", "move", f"v{number}", to=f"p{2 * number + 1}")
    hall.run(2)
    assert len({name for name, topic, _ in hall.sent if topic == "order"}) == many / 10
    hall.submit("s", "stop", "*")
    stopped = {name for name, topic, _ in hall.sent if topic == "instantActions"}
    assert len(stopped) == many, "all stops are out before anything else happens"
    hall.until(lambda: hall.statuses("s").count("done") == many)
    hall.submit("r", "resume", "*")
    hall.until(lambda: hall.statuses("r").count("done") == many)
