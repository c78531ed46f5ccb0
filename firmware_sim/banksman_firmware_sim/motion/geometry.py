"""Where a straight way runs through an area: contour-based entry and exit (3.0 §6.4.1.1).

The contour is taken as the circle around the vehicle's outline, which is never smaller than the vehicle.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from banksman_firmware_sim.motion.motion import EPSILON

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a way, in metres from its start."""

    begin: float
    end: float


def inside(point: Point, polygon: Sequence[Point], margin: float) -> bool:
    """Whether a circle of radius ``margin`` around ``point`` reaches into the polygon."""
    return _contains(polygon, point) or any(_distance(point, a, b) < margin - EPSILON for a, b in _sides(polygon))


def spans(start: Point, end: Point, polygon: Sequence[Point], margin: float) -> list[Span]:
    """The parts of the way from ``start`` to ``end`` on which a circle of radius ``margin`` is in the polygon."""
    length = math.dist(start, end)
    if length <= EPSILON:
        return [Span(0.0, length)] if inside(start, polygon, margin) else []
    way = _Way(start, ((end[0] - start[0]) / length, (end[1] - start[1]) / length), length)
    parts = [span for a, b in _sides(polygon) for span in way.near(a, b, margin)]
    parts += way.within(polygon)
    return _merged(parts)


@dataclass(frozen=True, slots=True)
class _Way:
    start: Point
    direction: Point
    length: float

    def _place(self, at: float) -> Point:
        return self.start[0] + self.direction[0] * at, self.start[1] + self.direction[1] * at

    def _local(self, point: Point) -> Point:
        """Metres along the way and to its left."""
        x, y = point[0] - self.start[0], point[1] - self.start[1]
        return x * self.direction[0] + y * self.direction[1], y * self.direction[0] - x * self.direction[1]

    def _clipped(self, begin: float, end: float) -> list[Span]:
        begin, end = max(0.0, begin), min(self.length, end)
        return [Span(begin, end)] if end - begin > EPSILON else []

    def near(self, a: Point, b: Point, margin: float) -> list[Span]:
        """Where the way is nearer than ``margin`` to the side from ``a`` to ``b``; that set is convex, so one part."""
        (ax, ay), (bx, by) = self._local(a), self._local(b)
        bounds = [bound for x, y in ((ax, ay), (bx, by)) for bound in _chord(x, y, margin)]
        size = math.hypot(bx - ax, by - ay)
        if size > EPSILON:
            # The two lines beside the side at distance margin, as far as they run beside it.
            ox, oy = -(by - ay) / size * margin, (bx - ax) / size * margin
            for sign in (-1.0, 1.0):
                bounds += _crossing((ax + sign * ox, ay + sign * oy), (bx + sign * ox, by + sign * oy))
        return self._clipped(min(bounds), max(bounds)) if bounds else []

    def within(self, polygon: Sequence[Point]) -> list[Span]:
        """Where the way itself runs inside the polygon."""
        cuts = {0.0, self.length}
        for a, b in _sides(polygon):
            cuts.update(at for at in _crossing(self._local(a), self._local(b)) if 0 < at < self.length)
        return [
            Span(begin, end)
            for begin, end in itertools.pairwise(sorted(cuts))
            if _contains(polygon, self._place((begin + end) / 2))
        ]


def _chord(x: float, y: float, radius: float) -> list[float]:
    """Where the axis cuts the circle around (x, y)."""
    if abs(y) >= radius:
        return []
    half = math.sqrt(radius * radius - y * y)
    return [x - half, x + half]


def _crossing(a: Point, b: Point) -> list[float]:
    """Where the axis cuts the line from ``a`` to ``b``."""
    (ax, ay), (bx, by) = a, b
    if (ay > 0) == (by > 0) or ay == by:
        return []
    return [ax + (bx - ax) * ay / (ay - by)]


def _sides(polygon: Sequence[Point]) -> Iterable[tuple[Point, Point]]:
    return zip(polygon, (*polygon[1:], polygon[0]), strict=True)


def _contains(polygon: Sequence[Point], point: Point) -> bool:
    """Even-odd rule."""
    x, y = point
    hit = False
    for (ax, ay), (bx, by) in _sides(polygon):
        if (ay > y) != (by > y) and x < ax + (bx - ax) * (y - ay) / (by - ay):
            hit = not hit
    return hit


def _distance(point: Point, a: Point, b: Point) -> float:
    """From a point to the side from ``a`` to ``b``."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    share = 0.0 if square <= 0 else ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / square
    share = min(1.0, max(0.0, share))
    return math.hypot(point[0] - a[0] - share * dx, point[1] - a[1] - share * dy)


def _merged(parts: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for part in sorted(parts, key=lambda span: span.begin):
        if merged and part.begin <= merged[-1].end + EPSILON:
            merged[-1] = Span(merged[-1].begin, max(merged[-1].end, part.end))
        else:
            merged.append(part)
    return merged
