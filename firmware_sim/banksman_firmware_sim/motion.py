"""Motion along a path with bounded speed, acceleration and deceleration.

The speed follows the fastest admissible profile: accelerate, hold the limit, brake so late that every limit
ahead and the end of the path are met. Each phase is integrated in closed form, so the result does not depend
on the length of the time step.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from banksman_firmware_sim.profile import VehicleProfile

EPSILON = 1e-9


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of path: ``length`` in metres, ``limit`` in m/s."""

    length: float
    limit: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one call came: metres, the speed then, and the seconds it took. ``arrived``: the stretch is done."""

    distance: float
    speed: float
    elapsed_s: float
    arrived: bool


def braking_distance(speed: float, deceleration: float) -> float:
    """Metres from ``speed`` to standstill."""
    return speed * speed / (2 * deceleration)


def cut(path: Sequence[Stretch], length: float) -> Iterator[Stretch]:
    """The first ``length`` metres of a path."""
    for stretch in path:
        if length <= EPSILON:
            return
        yield Stretch(min(stretch.length, length), stretch.limit)
        length -= stretch.length


def advance(speed: float, path: Sequence[Stretch], profile: VehicleProfile, dt_s: float) -> Progress:
    """Move along the first stretch of ``path`` for at most ``dt_s`` seconds; the vehicle stands at the path's end."""
    length = path[0].length
    cap = min(path[0].limit, profile.speed)
    ceiling = _braking_ceiling(path, profile)
    travelled = elapsed = 0.0
    while travelled < length - EPSILON and elapsed < dt_s - EPSILON:
        acceleration, way = _phase(
            speed, cap, length - travelled, ceiling - 2 * profile.deceleration * travelled, profile
        )
        end_speed = math.sqrt(max(0.0, speed * speed + 2 * acceleration * way))
        duration = (end_speed - speed) / acceleration if acceleration else way / speed
        if duration > dt_s - elapsed:
            duration = dt_s - elapsed
            way = speed * duration + acceleration * duration * duration / 2
            end_speed = max(0.0, speed + acceleration * duration)
        travelled, elapsed, speed = travelled + way, elapsed + duration, end_speed
    arrived = travelled >= length - EPSILON
    if arrived and len(path) == 1:
        speed = 0.0  # exactly, where rounding would leave a creep
    return Progress(travelled, speed, elapsed, arrived)


def _braking_ceiling(path: Sequence[Stretch], profile: VehicleProfile) -> float:
    """The square of the speed at the start from which every limit ahead can still be met.

    Along the way it falls by twice the deceleration per metre, for all limits alike, so the lowest one binds.
    """
    ceiling, end = math.inf, 0.0
    for index, stretch in enumerate(path):
        end += stretch.length
        target = min(path[index + 1].limit, profile.speed) if index + 1 < len(path) else 0.0
        ceiling = min(ceiling, target * target + 2 * profile.deceleration * end)
    return ceiling


def _phase(speed: float, cap: float, left: float, ceiling: float, profile: VehicleProfile) -> tuple[float, float]:
    """Acceleration in m/s² and length in metres of the phase that begins here."""
    square = speed * speed
    if square >= ceiling - EPSILON:
        return -profile.deceleration, left
    if speed < cap - EPSILON:
        to_cap = (cap * cap - square) / (2 * profile.acceleration)
        to_braking = (ceiling - square) / (2 * (profile.acceleration + profile.deceleration))
        return profile.acceleration, min(left, to_cap, to_braking)
    return 0.0, min(left, (ceiling - square) / (2 * profile.deceleration))
