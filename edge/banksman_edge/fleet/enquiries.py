"""What master and vehicles ask each other besides orders: the factsheet, and leave to enter zones or corridors."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from banksman_edge.fleet.errand import Delivery
from banksman_edge.fleet.orders import new_action
from banksman_edge.fleet.wire import Wire
from banksman_shared.clock import Clock
from banksman_shared.vda5050 import (
    Connection,
    ConnectionState,
    EdgeRequest,
    GrantType,
    OperatingMode,
    RequestStatus,
    Response,
    State,
    VehicleAddress,
    ZoneRequest,
)

log = logging.getLogger(__name__)

FACTSHEET_REQUEST = "factsheetRequest"
"""Predefined instant action (2.1.0 §6.8.2)."""
CLEAR_INSTANT_ACTIONS = "clearInstantActions"
"""Predefined instant action (3.0 §6.2.3)."""
TELL_AGAIN_S, TOLD_AT_ONCE = 60.0, 5
"""Seconds between log lines about the requests of one vehicle, which may be new every time, and how many at once."""
TIDY_AGAIN_S = 10.0
"""Seconds until a vehicle is asked again to forget instant actions that have ended."""
FACTSHEET_GRACE_S = 3.0
"""Seconds that a retained factsheet, or one that the vehicle sends by itself, has to come."""
FACTSHEET_TRIES = 3
ANSWER_AGAIN_S = 5.0
"""Seconds after which a request that still stands is answered again: the first answer may be lost."""

_HEEDFUL = (OperatingMode.AUTOMATIC, OperatingMode.SEMIAUTOMATIC)
"""Only then may a master send instant actions of this kind (3.0 §6.6.6)."""


@dataclass(slots=True)
class _Dialogue:
    """What is going on with one vehicle."""

    described: bool = False
    heedful: bool = False
    request: Delivery | None = None
    tidy_at: float = float("-inf")
    tell_at: float = float("-inf")
    answered: dict[str, float] = field(default_factory=dict)
    """By request id: when, in monotonic seconds."""


class Enquiries:
    """Asks vehicles for factsheets that nobody has, and answers what vehicles ask for. Not thread-safe."""

    def __init__(self, wire: Wire, clock: Clock) -> None:
        self._wire, self._clock = wire, clock
        self._dialogues: dict[VehicleAddress, _Dialogue] = {}

    def take_connection(self, address: VehicleAddress, message: Connection) -> None:
        if message.connection_state is not ConnectionState.ONLINE:
            dialogue = self._of(address)
            dialogue.heedful, dialogue.request = False, None

    def take_factsheet(self, address: VehicleAddress) -> None:
        self._of(address).described = True

    def take_state(self, address: VehicleAddress, state: State) -> None:
        dialogue = self._of(address)
        dialogue.heedful = state.operating_mode in _HEEDFUL
        self._tidy(address, dialogue, state)
        if state.zone_requests or state.edge_requests or dialogue.answered:
            self._answer(address, dialogue, (*state.zone_requests, *state.edge_requests))

    def _tidy(self, address: VehicleAddress, dialogue: _Dialogue, state: State) -> None:
        """Let a vehicle of 3.0 forget instant actions that have ended: it has room for so many (3.0 §7.8)."""
        now = self._clock.monotonic()
        others = [a for a in state.instant_action_states if a.action_type != CLEAR_INSTANT_ACTIONS]
        ended = bool(others) and all(action.action_status.ended for action in others)
        if not ended or not dialogue.heedful or now < dialogue.tidy_at:
            return
        if self._wire.instant_action(address, new_action(CLEAR_INSTANT_ACTIONS)):
            dialogue.tidy_at = now + TIDY_AGAIN_S

    def lose_broker(self) -> None:
        """Nobody knows who is there; a factsheet that came is still good."""
        for dialogue in self._dialogues.values():
            dialogue.heedful, dialogue.request = False, None

    def tick(self) -> None:
        """Ask for the factsheets that have not come."""
        now = self._clock.monotonic()
        for address, dialogue in self._dialogues.items():
            if dialogue.described or not dialogue.heedful:
                continue
            if dialogue.request is None:
                dialogue.request = Delivery(tries=FACTSHEET_TRIES, next_at=now + FACTSHEET_GRACE_S)
            elif (
                dialogue.request.due(now)
                and not dialogue.request.spent(now)
                and self._wire.instant_action(address, new_action(FACTSHEET_REQUEST))
            ):
                dialogue.request.count(now)

    def _of(self, address: VehicleAddress) -> _Dialogue:
        return self._dialogues.setdefault(address, _Dialogue())

    def _answer(
        self, address: VehicleAddress, dialogue: _Dialogue, requests: tuple[ZoneRequest | EdgeRequest, ...]
    ) -> None:
        """Refuse: we send neither zones nor corridors that need a release, so what is asked for is not ours to give,
        and leave given blindly is the one answer that can do harm. A vehicle that gets none waits forever."""
        now = self._clock.monotonic()
        asked = {request.request_id: request for request in requests}
        dialogue.answered = {key: at for key, at in dialogue.answered.items() if key in asked}
        due = [
            request
            for key, request in asked.items()
            if request.request_status is RequestStatus.REQUESTED
            and now >= dialogue.answered.get(key, -ANSWER_AGAIN_S) + ANSWER_AGAIN_S
        ]
        if not due:
            return
        if now >= dialogue.tell_at:
            dialogue.tell_at = now + TELL_AGAIN_S
            for request in due[:TOLD_AT_ONCE]:
                log.warning("%s", _refusal(address, request))
        answers = tuple(Response(request_id=request.request_id, grant_type=GrantType.REJECTED) for request in due)
        if self._wire.responses(address, answers):
            dialogue.answered |= {request.request_id: now for request in due}


def _refusal(address: VehicleAddress, request: ZoneRequest | EdgeRequest) -> str:
    where = f"zone {request.zone_id}" if isinstance(request, ZoneRequest) else f"edge {request.edge_id}"
    return (
        f"vehicle {address.manufacturer}/{address.serial_number} asks for {request.request_type} to {where}: "
        "rejected, since this master manages no zones or corridors"
    )
