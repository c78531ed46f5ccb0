"""A simulated fleet without the rest: send a vehicle one VDA 5050 order and watch it drive.

For whoever writes a master control and needs vehicles to try it on.

    python examples/simulator_only.py                          # starts a broker of its own
    python examples/simulator_only.py mqtt://localhost:1883
"""

from __future__ import annotations

import queue
import sys
import uuid

from banksman_firmware_sim import SimulatedFleet
from banksman_shared import MqttLink, MqttSettings, Site, bundled_site, load_site
from banksman_shared.broker import broker
from banksman_shared.clock import SystemClock, timestamp
from banksman_shared.site import Router
from banksman_shared.vda5050 import Edge, Node, NodePosition, Order, State, Topics, codec_for

CODEC = codec_for("2.1.0")

VEHICLE, PLACE = "forklift-3", "dock-2"


def order_to(site: Site, vehicle: str, place: str) -> Order:
    """From where the vehicle stands at first to a place, all of it released."""
    machine = site.vehicles[vehicle]
    route = Router(site.layout).route(site.places[machine.home].node, site.places[place].node, machine.kind)
    if route is None:
        raise SystemExit(f"no road leads from {machine.home} to {place}")
    return Order(
        header_id=0,
        timestamp=timestamp(SystemClock().time()),
        version="2.1.0",
        manufacturer=machine.address.manufacturer,
        serial_number=machine.address.serial_number,
        order_id=uuid.uuid4().hex,
        order_update_id=0,
        nodes=tuple(
            Node(
                node_id=node.id,
                sequence_id=2 * i,
                released=True,
                actions=(),
                node_position=NodePosition(x=node.x, y=node.y, map_id=node.map_id),
            )
            for i, node in enumerate(route.nodes)
        ),
        edges=tuple(
            Edge(
                edge_id=edge.id,
                sequence_id=2 * i + 1,
                released=True,
                start_node_id=edge.start,
                end_node_id=edge.end,
                actions=(),
            )
            for i, edge in enumerate(route.edges)
        ),
    )


def drive(site: Site, settings: MqttSettings) -> None:
    """Put the fleet on the broker, send the order, and print the vehicle's states until it is done."""
    states: queue.Queue[State] = queue.Queue()
    order, address = order_to(site, VEHICLE, PLACE), site.vehicles[VEHICLE].address
    with SimulatedFleet.from_site(site, settings, speed_up=20), MqttLink(settings) as link:
        link.subscribe(Topics().of(address, "state"), lambda _, payload: states.put(CODEC.decode(State, payload)))
        link.publish(Topics().of(address, "order"), CODEC.encode(order))
        while True:
            state = states.get(timeout=60)
            at = state.agv_position
            print(f"{state.last_node_id:>6}  {at.x:6.1f} {at.y:6.1f} m" if at else state.last_node_id)
            if state.order_id == order.order_id and not state.node_states and not state.driving:
                print(f"{VEHICLE} is at {PLACE}")
                return


def main() -> None:
    with broker(sys.argv[1] if len(sys.argv) > 1 else None) as running:
        drive(load_site(bundled_site()), MqttSettings(running.url))


if __name__ == "__main__":
    main()
