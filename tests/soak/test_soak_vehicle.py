"""A vehicle that is sent anything at all, in every version: by the hundred thousand with `make soak`."""

from __future__ import annotations

import pytest
from corpus import ADDRESS, FLOOR, HOME, TO_VEHICLES, an_order, corpus, put_on
from msgspec.structs import replace
from mutation import Mutator
from watching import no_failure_logged, resident_mb

from banksman_firmware_sim import Dialect, Fault, FaultKind, PeerProfile, RunOptions, VirtualVehicle
from banksman_firmware_sim.wire.endpoint import Endpoint
from banksman_shared.clock import ManualClock
from banksman_shared.vda5050 import VERSIONS, NodePosition

GROWTH_MB = 40.0
BETWEEN_S = 0.02
"""Seconds of the vehicle's time from one payload to the next."""


class Target:
    """A vehicle with its network, and its clock."""

    def __init__(self, version: str, profile: PeerProfile) -> None:
        self.clock = ManualClock()
        self.vehicle = VirtualVehicle(ADDRESS, HOME, clock=self.clock, version=version)
        self.endpoint = Endpoint("soaked", self.vehicle, RunOptions(Dialect(profile, version)))
        self.endpoint.came_up()
        self.sent = 0

    def take(self, topic: str, payload: bytes) -> None:
        self.endpoint.receive(self.endpoint.topic(topic), payload, self.clock.monotonic())
        self.live(BETWEEN_S)

    def live(self, seconds: float) -> None:
        self.clock.advance(seconds)
        self.endpoint.step(seconds, self.clock.monotonic())
        self.sent += len(self.endpoint.outgoing(self.clock.monotonic()))

    def recover(self, map_id: str) -> None:
        """What people would do with a vehicle in this state: off and on, on its place on a map, a full battery."""
        vehicle = self.vehicle
        vehicle.reboot()
        vehicle.install_maps([map_id])
        vehicle.handle_instant_actions(put_on(map_id, vehicle.version))
        vehicle.inject(Fault(FaultKind.BATTERY_DYING, amount=100.0))


def drives_an_order(target: Target) -> bool:
    """Whether it goes from where it stands over a node and back."""
    position = target.vehicle.state().agv_position
    assert position is not None
    order = an_order((*FLOOR[:2], HOME), "last")
    nodes = tuple(
        replace(
            node,
            actions=(),
            node_position=NodePosition(x=position.x + index % 2 * 5.0, y=position.y, map_id=position.map_id),
        )
        for index, node in enumerate(order.nodes)
    )
    target.vehicle.handle_order(replace(order, nodes=nodes))
    for _ in range(600):
        target.live(1.0)
        state = target.vehicle.state()
        if state.order_id == "last" and state.last_node_sequence_id == 4 and not state.driving:
            return True
    return False


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "count",
    [
        pytest.param(1_500, id="short"),
        pytest.param(170_000, marks=[pytest.mark.soak, pytest.mark.timeout(3600)], id="long"),
    ],
)
def test_a_vehicle_takes_anything_and_works_on(version: str, count: int) -> None:
    target = Target(version, PeerProfile.DEFAULT)
    mutator = Mutator(corpus(version), f"vehicle {version}")
    topics = TO_VEHICLES if version.startswith("3") else TO_VEHICLES[:2]
    with no_failure_logged():
        before = 0.0
        for number in range(count):
            if number == count // 3:
                before = resident_mb()
            if number % 200 == 199:
                target.recover(HOME.map_id)
            target.take(topics[number % len(topics)], mutator.payload(topics[number % len(topics)]))
        grown = resident_mb() - before
        target.recover("hall")  # where no zones are
        assert drives_an_order(target), target.vehicle.state()
    assert target.sent > count * BETWEEN_S / 60
    assert grown < GROWTH_MB
