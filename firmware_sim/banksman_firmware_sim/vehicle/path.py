"""The way ahead: as far as the vehicle may roll without another word from master control."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from banksman_firmware_sim.motion import EPSILON, Chassis, Leg, Span, Stretch, VehicleProfile, cut, leg_theta, spans
from banksman_firmware_sim.order import ActionList, OrderProgress
from banksman_firmware_sim.vehicle.zones import Watch, ZoneStore
from banksman_shared.vda5050 import Edge, Node, NodePosition, ZoneType


@dataclass(frozen=True, slots=True)
class Pass:
    """Where on the way, in metres, a zone begins and ends."""

    watch: Watch
    begin_m: float
    end_m: float


@dataclass(slots=True)
class Way:
    """Legs along the edges, the stretches they are driven in, and the zones they touch."""

    legs: list[Leg] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)
    closed: Watch | None = None
    """The zone that ends the way."""
    beyond: Node | None = None
    """The node that it keeps the vehicle from."""
    length: float = 0.0

    def touch(self, watch: Watch, begin_m: float, end_m: float) -> None:
        """Note a zone on the way; one that goes on over a node is one pass."""
        last = next((p for p in reversed(self.passes) if p.watch is watch), None)
        if last is not None and begin_m <= last.end_m + EPSILON:
            self.passes.remove(last)
            begin_m = last.begin_m
        self.passes.append(Pass(watch, begin_m, end_m))

    def shortened(self, length: float) -> Way:
        """The first metres of it, in which to brake."""
        stretches = cut(self.stretches, length)
        kept = Way(stretches=stretches, length=sum(stretch.length for stretch in stretches))
        for leg in self.legs:
            if leg.begin_m >= length - EPSILON and kept.legs:
                break
            whole = leg.to_node and leg.end_m <= length + EPSILON
            last = min(leg.stretch, len(stretches) - 1)
            kept.legs.append(replace(leg, end_m=min(leg.end_m, length), stretch=last, to_node=whole))
        kept.passes = [p for p in self.passes if p.begin_m <= length]
        return kept


@dataclass(frozen=True, slots=True)
class Surveyor:
    """Looks along the order for where the vehicle must stand."""

    order: OrderProgress
    actions: ActionList
    chassis: Chassis
    profile: VehicleProfile
    zones: ZoneStore

    @property
    def margin(self) -> float:
        """Half the diagonal of the vehicle's outline, in metres."""
        return math.hypot(self.profile.length, self.profile.width) / 2

    def way_ahead(self, *, regardless: bool = False) -> Way:
        """The way to where the vehicle must stand: the end of the base, a zone, an action that forbids driving.

        ``regardless``: only the end of the base counts; for braking where one of the others came too suddenly.
        """
        way = Way()
        if self.actions.blocks_driving and not regardless:
            return way
        x, y, map_id = self.chassis.x, self.chassis.y, self.chassis.map_id
        for node, edge in zip(self.order.nodes, self.order.edges, strict=True):
            position = node.node_position
            if not node.released or position is None:
                break
            if way.legs and not regardless and self.actions.open(edge.actions, blocking=True):
                break
            if not way.legs and math.hypot(position.x - x, position.y - y) <= EPSILON:
                break
            if not self._append(way, (x, y, map_id), node, edge, regardless=regardless):
                break
            x, y, map_id = position.x, position.y, position.map_id
            # What was begun on an edge must end on it (2.1.0 §6.10.2), so its end may be a stop.
            ends_here = self.actions.open(edge.actions) or self.actions.open(node.actions, blocking=True)
            if ends_here and not regardless:
                break
        return way

    def _append(self, way: Way, start: tuple[float, float, str], node: Node, edge: Edge, *, regardless: bool) -> bool:
        """Add the leg to ``node``, or what of it lies before a zone that is closed. Whether it is whole."""
        x, y, map_id = start
        position = node.node_position
        assert position is not None  # noqa: S101
        length = math.hypot(position.x - x, position.y - y)
        heading = math.atan2(position.y - y, position.x - x)
        end, pieces = length, [Stretch(length, self._limit(edge))]
        if self.zones.watches:
            found = list(self._zones_on((x, y), position, map_id))
            closing = None if regardless else _first_closed(found)
            if closing is not None:
                way.closed, way.beyond, end = closing[0], node, closing[1].begin
            for watch, span in found:
                if span.begin < end - EPSILON:
                    way.touch(watch, way.length + span.begin, way.length + span.end)
            pieces = _pieces(end, self._limit(edge), found)
        if end <= EPSILON < length:
            return False
        way.stretches += pieces
        dx, dy = ((position.x - x) / length, (position.y - y) / length) if length > EPSILON else (0.0, 0.0)
        way.legs.append(
            Leg(
                start=(x, y),
                direction=(dx, dy),
                heading=heading,
                theta=leg_theta(edge, heading),
                begin_m=way.length,
                end_m=way.length + end,
                stretch=len(way.stretches) - 1,
                to_node=end >= length - EPSILON,
            )
        )
        way.length += end
        return end >= length - EPSILON

    def _limit(self, edge: Edge) -> float:
        return self.profile.speed if edge.max_speed is None else min(edge.max_speed, self.profile.speed)

    def _zones_on(self, start: tuple[float, float], end: NodePosition, map_id: str) -> Iterator[tuple[Watch, Span]]:
        for watch in self.zones.on(map_id):
            for span in spans(start, (end.x, end.y), watch.polygon, self.margin):
                yield watch, span

    def base_left(self) -> float:
        """Metres to the end of the base."""
        left, x, y = 0.0, self.chassis.x, self.chassis.y
        for node in self.order.nodes:
            if not node.released or node.node_position is None:
                break
            left += math.hypot(node.node_position.x - x, node.node_position.y - y)
            x, y = node.node_position.x, node.node_position.y
        return left

    @property
    def wants_base_from(self) -> float:
        """Metres to the end of the base from which on more of it is asked for (2.1.0 §6.10.3)."""
        return 2 * self.profile.stopping_distance


def _first_closed(found: list[tuple[Watch, Span]]) -> tuple[Watch, Span] | None:
    return min(((w, s) for w, s in found if w.closed), key=lambda item: item[1].begin, default=None)


def _pieces(end: float, limit: float, found: list[tuple[Watch, Span]]) -> list[Stretch]:
    """The leg in stretches of one speed limit each."""
    slow = [
        (span, watch.zone.maximum_speed)
        for watch, span in found
        if watch.zone.zone_type is ZoneType.SPEED_LIMIT and watch.zone.maximum_speed
    ]
    cuts = sorted({0.0, end, *(at for span, _ in slow for at in (span.begin, span.end) if 0 < at < end)})
    pieces = []
    for begin, until in itertools.pairwise(cuts):
        middle = (begin + until) / 2
        limits = [speed for span, speed in slow if span.begin <= middle <= span.end]
        pieces.append(Stretch(until - begin, min([limit, *limits])))
    return pieces or [Stretch(end, limit)]
