"""Vehicles by PyPI vda5050-sdk, VDA 5050 2.1.0. Argument: the broker's URL.

The SDK knows the protocol and leaves driving to its user: a vehicle rolls here by small steps, and stands while
it is paused.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
from typing import Any

from peer_lines import serve, tell
from vda5050 import VehicleClient, VehicleConfig
from vda5050.adapters.mqtt import AiomqttTransport
from vda5050.client.agv.executor import OrderExecutor
from vda5050.client.agv.publisher import StatePublisher
from vda5050.model import Action, ActionStatus, Edge, InstantActions, Load, Map, MapStatus, Node, Order
from vda5050.ports import MessageHandler

STEP_S = 0.05
ACTION_S = 0.3


class UnluckyTransport(AiomqttTransport):
    """A network that loses the first so many orders, or instant actions of a type."""

    def __init__(self, url: str, lose: dict[str, int]) -> None:
        super().__init__(url)
        self._lose = lose

    async def subscribe(self, topic: str, handler: MessageHandler, *, qos: int = 0) -> None:
        async def take(of: str, payload: bytes) -> None:
            actions = json.loads(payload).get("actions")
            what = actions[0]["actionType"] if actions else "order"
            if self._lose.get(what, 0) > 0:
                self._lose[what] -= 1
            else:
                await handler(of, payload)

        await super().subscribe(topic, take, qos=qos)


class Driver(OrderExecutor):
    """Drives and handles loads."""

    def __init__(self, publisher: StatePublisher, speed: float) -> None:
        super().__init__(publisher)
        self._speed = speed

    async def visit_node(self, node: Node) -> None:
        state, goal = self._publisher, node.node_position
        while goal is not None and state.agv_position is not None:
            here = state.agv_position
            left = math.hypot(goal.x - here.x, goal.y - here.y)
            if left == 0:
                return
            await asyncio.sleep(STEP_S)
            if state.paused:
                state.set_driving(False)
                continue
            state.set_driving(True)
            part = min(1.0, self._speed * STEP_S / left)
            x, y = here.x + part * (goal.x - here.x), here.y + part * (goal.y - here.y)
            state.update_position(x=x, y=y, theta=here.theta, map_id=here.map_id)

    async def run_action(self, action: Action, **_where: Node | Edge | None) -> None:
        state = self._publisher
        state.report_action(action.action_id, ActionStatus.RUNNING, action_type=action.action_type)
        await asyncio.sleep(ACTION_S)
        if action.action_type in ("pick", "drop"):
            state.set_loads([Load(load_id="pallet")] if action.action_type == "pick" else [])
        state.report_action(action.action_id, ActionStatus.FINISHED, action_type=action.action_type)


class Vehicle:
    def __init__(self, url: str, command: dict[str, Any]) -> None:
        name, self._at = command["vehicle"], command["at"]
        config = VehicleConfig(
            broker_url=url,
            manufacturer=name["manufacturer"],
            serial_number=name["serialNumber"],
            validate_messages=True,
        )
        self._client = VehicleClient(config, transport=UnluckyTransport(url, command.get("lose", {})))
        self._speed = 2.0 * command["timeLapse"]
        # A vehicle without the map of an order refuses it (2.1.0 §6.7.1).
        self._map_id = "another map" if command.get("refuse") else self._at["mapId"]
        self._driving: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._client.on_order(self._on_order)
        self._client.on_instant_actions(self._on_instant_actions)
        await self._client.connect()
        state, at = self._client.publisher, self._at
        state.init_position(x=at["x"], y=at["y"], theta=0.0, map_id=at["mapId"], last_node_id=at["lastNodeId"])
        state.set_maps([Map(map_id=self._map_id, map_version="1", map_status=MapStatus.ENABLED)])
        state.set_loads([])
        await self._client.publish_state()

    async def stop(self) -> None:
        await self._client.disconnect()

    def _on_order(self, order: Order) -> None:
        self._driving = asyncio.create_task(self._drive(order, self._driving))

    async def _drive(self, order: Order, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait({before})
        await Driver(self._client.publisher, self._speed).run(order)

    def _on_instant_actions(self, message: InstantActions) -> None:
        if self._driving and any(action.action_type == "cancelOrder" for action in message.actions):
            self._driving.cancel()


async def main(url: str) -> None:
    vehicles: list[Vehicle] = []

    async def put(command: dict[str, Any]) -> None:
        vehicle = Vehicle(url, command)
        vehicles.append(vehicle)
        await vehicle.start()
        tell("started", serialNumber=command["vehicle"]["serialNumber"])

    tell("ready")
    await serve({"vehicle": put})
    await asyncio.gather(*(vehicle.stop() for vehicle in vehicles))


asyncio.run(main(sys.argv[1]))
