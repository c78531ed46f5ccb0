"""Master control by PyPI vda5050-sdk, VDA 5050 2.1.0. Argument: the broker's URL."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from peer_lines import serve, tell
from vda5050 import MasterClient, MasterConfig, VehicleKey
from vda5050.adapters.mqtt import AiomqttTransport
from vda5050.model import Action, Order
from vda5050.serialization import HeaderFactory, encode
from vda5050.topics import build_topic

PATIENCE_S = 30.0


class Master:
    """The SDK's master client, and a second connection for what its own bookkeeping would hold back."""

    def __init__(self, url: str) -> None:
        self._client = MasterClient(MasterConfig(broker_url=url, validate_messages=True))
        self._past_bookkeeping = AiomqttTransport(url)
        self._actions: dict[str, str] = {}

    async def run(self) -> None:
        self._client.on_error(self._on_error)
        self._client.on_vehicle_error(self._on_vehicle_error)
        self._client.on_state(self._on_state)
        self._client.on_connection(self._on_connection)
        async with self._client:
            await self._past_bookkeeping.connect()
            tell("ready")
            await serve({"order": self._order, "resend": self._resend, "instant": self._instant})
            await self._past_bookkeeping.disconnect()

    @staticmethod
    def _on_error(event: Any) -> None:
        tell("invalid", serialNumber=event.key.serial_number, detail=str(event.error))

    @staticmethod
    def _on_connection(connection: Any, key: VehicleKey) -> None:
        tell("connection", serialNumber=key.serial_number, state=connection.connection_state.value)

    @staticmethod
    def _on_vehicle_error(event: Any, _key: VehicleKey) -> None:
        tell("error", type=event.error.error_type, orderId=event.order_id, actionId=event.action_id)

    def _on_state(self, state: Any, _key: VehicleKey) -> None:
        for action in state.action_states:
            if self._actions.get(action.action_id) != action.action_status.value:
                self._actions[action.action_id] = action.action_status.value
                tell("action", actionId=action.action_id, status=action.action_status.value)

    async def _order(self, command: dict[str, Any]) -> None:
        key, order = _key(command), _read_order(command)
        if order.order_update_id:
            # The SDK puts the stitching node before these, with the actions that it had in the first place.
            result = await self._client.extend_base(key, order.nodes[1:], order.edges)
        else:
            # Whether the vehicle has the map of the order can be seen once it has reported.
            await self._client.wait_for(key, lambda session: session.state is not None, timeout=PATIENCE_S)
            result = await self._client.dispatch(order, key, require_maps=True)
        tell("dispatched", orderId=order.order_id, decision=result.decision.value, why=result.detail)

    async def _resend(self, command: dict[str, Any]) -> None:
        key, order = _key(command), _read_order(command)
        topic = build_topic(key.manufacturer, key.serial_number, "order", major_version="v2")
        await self._past_bookkeeping.publish(topic, encode(order).encode())

    async def _instant(self, command: dict[str, Any]) -> None:
        actions = [Action.model_validate(action) for action in command["actions"]]
        await self._client.send_instant_action(_key(command), actions)


def _key(command: dict[str, Any]) -> VehicleKey:
    vehicle = command["vehicle"]
    return VehicleKey(manufacturer=vehicle["manufacturer"], serial_number=vehicle["serialNumber"])


def _read_order(command: dict[str, Any]) -> Order:
    key = _key(command)
    headers = HeaderFactory(version="2.1.0", manufacturer=key.manufacturer, serial_number=key.serial_number)
    return Order.model_validate({**headers.next("order").to_wire(), **command["order"]})


asyncio.run(Master(sys.argv[1]).run())
