"""What happened in a run, for a picture of it: where each vehicle went, what it did, and which faults it had."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from banksman_firmware_sim.faults import MOMENTARY, Fault, FaultKind
from banksman_shared.vda5050 import ActionStatus, Header, State, Visualization

NEAR_M = 0.25
"""A track is as fine as this."""
LONGEST_TRACK = 20_000
"""Points; a longer track loses every second one."""

_WORK = (ActionStatus.INITIALIZING, ActionStatus.RUNNING)


class Doing(StrEnum):
    """What a vehicle is doing, as far as a picture shows it."""

    RESTING = "resting"
    DRIVING = "driving"
    WORKING = "working"
    PAUSED = "paused"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Spot:
    """Somewhere on a map, in metres; ``at`` in seconds of the run."""

    at: float
    x: float
    y: float
    map_id: str


@dataclass(frozen=True, slots=True)
class Incident:
    """A fault that began. ``spot`` None where the vehicle's place was not known."""

    at: float
    kind: FaultKind
    spot: Spot | None


@dataclass(slots=True)
class Story:
    """One vehicle's run."""

    track: list[Spot] = field(default_factory=list)
    stops: list[Spot] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    doings: list[tuple[float, Doing]] = field(default_factory=list)
    """When it began to do what; each lasts until the next."""
    faults: set[FaultKind] = field(default_factory=set)
    drove: bool = False
    did: Doing = Doing.RESTING


class Recorder:
    """Watches vehicles. Give it to a run as its watcher, and its stories to :func:`draw_run` afterwards.

    Its seconds count from the first thing that it sees.
    """

    def __init__(self) -> None:
        self._began: float | None = None
        self.stories: dict[str, Story] = {}

    def published(self, vehicle: str, message: Header, at: float) -> None:
        if not isinstance(message, State | Visualization):
            return
        seconds, story = self._seconds(at), self._story(vehicle)
        spot = None
        if message.agv_position is not None:
            position = message.agv_position
            spot = Spot(seconds, position.x, position.y, position.map_id)
            _extend(story.track, spot)
        if not isinstance(message, State):
            return
        if story.drove and not message.driving and spot is not None:
            story.stops.append(spot)
        story.drove, story.did = message.driving, _doing(message)
        _note(story, seconds)

    def fault_began(self, vehicle: str, fault: Fault, at: float) -> None:
        seconds, story = self._seconds(at), self._story(vehicle)
        story.incidents.append(Incident(seconds, fault.kind, story.track[-1] if story.track else None))
        if fault.kind not in MOMENTARY:
            story.faults.add(fault.kind)
        _note(story, seconds)

    def fault_ended(self, vehicle: str, kind: FaultKind, at: float) -> None:
        story = self._story(vehicle)
        story.faults.discard(kind)
        _note(story, self._seconds(at))

    def _story(self, vehicle: str) -> Story:
        return self.stories.setdefault(vehicle, Story())

    def _seconds(self, at: float) -> float:
        if self._began is None:
            self._began = at
        return at - self._began


def _note(story: Story, seconds: float) -> None:
    doing = Doing.FAULT if story.faults else story.did
    if not story.doings or story.doings[-1][1] is not doing:
        story.doings.append((seconds, doing))


def _extend(track: list[Spot], spot: Spot) -> None:
    if track:
        last = track[-1]
        if last.map_id == spot.map_id and math.hypot(spot.x - last.x, spot.y - last.y) < NEAR_M:
            return
    if len(track) >= LONGEST_TRACK:
        del track[1::2]
    track.append(spot)


def _doing(state: State) -> Doing:
    if state.paused:
        return Doing.PAUSED
    if state.driving:
        return Doing.DRIVING
    working = any(action.action_status in _WORK for action in state.action_states)
    return Doing.WORKING if working else Doing.RESTING
