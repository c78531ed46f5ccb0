"""Lanes on which something stands, as vehicles have found that came to a stand before it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from banksman_edge.fleet.traffic import Traffic
from banksman_shared.clock import Clock

log = logging.getLogger(__name__)

SHUT_S, LONGEST_SHUT_S = 60.0, 600.0
"""Seconds after which a lane is tried again where nobody stands before it any more: doubled each time that a vehicle
comes to a stand there again, up to a limit."""

Lane = tuple[str, str]
"""The node that the vehicle came from, and the one that it was on its way to."""


@dataclass(slots=True)
class _Obstacle:
    vehicle: str
    """Who met it last."""
    times: int = 0
    """How often it was met again after a try."""
    shut: bool = False
    until: float = 0.0


class Obstacles:
    """Shuts lanes in the traffic, and opens them: when who stands before the obstacle drives on, when somebody has come
    over the lane, and for a try after a while, since nobody sees what has become of it."""

    def __init__(self, traffic: Traffic, clock: Clock) -> None:
        self._traffic, self._clock = traffic, clock
        self._known: dict[Lane, _Obstacle] = {}

    def met(self, vehicle: str, lane: Lane) -> None:
        """A vehicle stands before something on this lane; to be told for as long as it does."""
        obstacle = self._known.setdefault(lane, _Obstacle(vehicle, times=-1))
        if not obstacle.shut:
            obstacle.shut, obstacle.vehicle, obstacle.times = True, vehicle, obstacle.times + 1
            self._traffic.shut(*lane, shut=True)
            log.warning("%s does not get on from %s to %s; others are led around", vehicle, *lane)
        obstacle.until = self._clock.monotonic() + min(SHUT_S * 2**obstacle.times, LONGEST_SHUT_S)

    def passed(self, lane: Lane) -> None:
        """A vehicle has come over this lane, or drives on along it: there is nothing any more."""
        for way in (lane, (lane[1], lane[0])):
            if known := self._known.pop(way, None):
                self._open(way, known)

    def acquit(self, vehicle: str) -> None:
        """It is the vehicle itself that does not drive: what it had met is taken for nothing."""
        for lane in [lane for lane, obstacle in self._known.items() if obstacle.vehicle == vehicle]:
            self.passed(lane)

    def tick(self) -> None:
        """Let time take effect; a few times a second."""
        now = self._clock.monotonic()
        for lane, obstacle in list(self._known.items()):
            if now >= obstacle.until:
                if obstacle.shut:
                    log.info("the way from %s to %s is tried again", *lane)
                    obstacle.until = now + LONGEST_SHUT_S  # how often it was met is known for so long
                    self._open(lane, obstacle)
                else:
                    del self._known[lane]

    def _open(self, lane: Lane, obstacle: _Obstacle) -> None:
        if obstacle.shut:
            obstacle.shut = False
            self._traffic.shut(*lane, shut=False)
