"""Motion along a path with bounded speed, acceleration and deceleration.

The speed follows the fastest admissible profile: accelerate, hold the limit, brake so late that every limit
ahead and the end of the path are met. It is planned once, in closed form, and then only looked up, so where a
vehicle is does not depend on how often anybody asks.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Sequence
from dataclasses import dataclass

EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of path: ``length`` in metres, ``limit`` in m/s."""

    length: float
    limit: float


@dataclass(frozen=True, slots=True)
class Drive:
    """What a drive can do: m/s and m/s²."""

    speed: float
    acceleration: float
    deceleration: float


@dataclass(frozen=True, slots=True)
class Phase:
    """Constant acceleration from a moment on: seconds and metres since the start of the motion, m/s, m/s²."""

    begin_s: float
    begin_m: float
    speed: float
    acceleration: float


@dataclass(frozen=True, slots=True)
class Motion:
    """A planned motion: its phases, when each stretch of the path is done, and the length of all of them."""

    phases: tuple[Phase, ...]
    ends_s: tuple[float, ...]
    length: float

    @property
    def duration_s(self) -> float:
        return self.ends_s[-1]

    def at(self, elapsed_s: float) -> tuple[float, float]:
        """Metres along the path, and m/s, so many seconds after the start."""
        if elapsed_s >= self.ends_s[-1]:
            return self.length, 0.0
        index = bisect.bisect_right(self.phases, elapsed_s, key=_begin_s) - 1
        phase = self.phases[max(0, index)]
        dt_s = max(0.0, elapsed_s - phase.begin_s)
        way = phase.speed * dt_s + phase.acceleration * dt_s * dt_s / 2
        return phase.begin_m + way, max(0.0, phase.speed + phase.acceleration * dt_s)

    def when(self, distance: float) -> float:
        """Seconds after the start at which the vehicle has come so far; infinity beyond the end."""
        if distance > self.length + EPSILON:
            return math.inf
        index = bisect.bisect_right(self.phases, distance, key=_begin_m) - 1
        phase = self.phases[max(0, index)]
        way = max(0.0, distance - phase.begin_m)
        end_speed = math.sqrt(max(0.0, phase.speed * phase.speed + 2 * phase.acceleration * way))
        mean = (phase.speed + end_speed) / 2
        return min(self.ends_s[-1], phase.begin_s + (way / mean if mean > EPSILON else 0.0))


def _begin_s(phase: Phase) -> float:
    return phase.begin_s


def _begin_m(phase: Phase) -> float:
    return phase.begin_m


def braking_distance(speed: float, deceleration: float) -> float:
    """Metres from ``speed`` to standstill."""
    return speed * speed / (2 * deceleration)


def cut(path: Sequence[Stretch], length: float) -> list[Stretch]:
    """The first ``length`` metres of a path."""
    pieces: list[Stretch] = []
    for stretch in path:
        if length <= EPSILON:
            break
        pieces.append(Stretch(min(stretch.length, length), stretch.limit))
        length -= stretch.length
    return pieces


def plan(speed: float, path: Sequence[Stretch], drive: Drive) -> Motion:
    """The fastest way along ``path`` from ``speed`` to standstill at its end.

    A limit that lies too near to be met is exceeded for as long as braking takes.
    """
    ceilings = _braking_ceilings(path, drive)
    phases: list[Phase] = []
    ends_s: list[float] = []
    elapsed = done = 0.0
    for stretch, ceiling in zip(path, ceilings, strict=True):
        cap, travelled = min(stretch.limit, drive.speed), 0.0
        while travelled < stretch.length - EPSILON:
            left = stretch.length - travelled
            acceleration, way = _phase(speed, cap, left, ceiling - 2 * drive.deceleration * travelled, drive)
            phases.append(Phase(elapsed, done + travelled, speed, acceleration))
            end_speed = math.sqrt(max(0.0, speed * speed + 2 * acceleration * way))
            elapsed += (end_speed - speed) / acceleration if acceleration else way / speed
            travelled, speed = travelled + way, end_speed
        done += stretch.length
        ends_s.append(elapsed)
    return Motion(tuple(phases), tuple(ends_s), done)


def _braking_ceilings(path: Sequence[Stretch], drive: Drive) -> list[float]:
    """Per stretch, the square of the speed at its start from which every limit after it can still be met.

    Along the way it falls by twice the deceleration per metre.
    """
    ceilings: list[float] = []
    after = 0.0
    for stretch in reversed(path):
        here = after + 2 * drive.deceleration * stretch.length
        ceilings.append(here)
        cap = min(stretch.limit, drive.speed)
        after = min(here, cap * cap)
    ceilings.reverse()
    return ceilings


def _phase(speed: float, cap: float, left: float, ceiling: float, drive: Drive) -> tuple[float, float]:
    """Acceleration in m/s² and length in metres of the phase that begins here."""
    square = speed * speed
    if square >= ceiling - EPSILON:
        # Exactly what ends at the wanted speed, where rounding would leave a creep.
        end = max(0.0, ceiling - 2 * drive.deceleration * left)
        return min((end - square) / (2 * left), -EPSILON), left
    if speed > cap + EPSILON:
        return -drive.deceleration, min(left, (square - cap * cap) / (2 * drive.deceleration))
    if speed < cap - EPSILON:
        to_cap = (cap * cap - square) / (2 * drive.acceleration)
        to_braking = (ceiling - square) / (2 * (drive.acceleration + drive.deceleration))
        return drive.acceleration, min(left, to_cap, to_braking)
    return 0.0, min(left, (ceiling - square) / (2 * drive.deceleration))
