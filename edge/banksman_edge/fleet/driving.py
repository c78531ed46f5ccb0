"""From an order errand to messages: plans its course, sends what is granted of it, and extends it in time."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace

from banksman_edge.fleet.capability import loads_along
from banksman_edge.fleet.errand import Delivery, OrderErrand
from banksman_edge.fleet.model import Problem
from banksman_edge.fleet.objections import off_route, unreachable
from banksman_edge.fleet.orders import (
    ACTION_S,
    STOP_CHARGING,
    Span,
    Stop,
    fitted,
    new_action,
    order_along,
    parameters_at,
    reached,
    released,
    stops_for,
    update_from,
    what_is_left,
)
from banksman_edge.fleet.routing import Start
from banksman_edge.fleet.tracker import Tracker
from banksman_edge.fleet.traffic import Blocked, Course, Goal, Mover, Origin, Traffic, Trip, course_along
from banksman_edge.fleet.wire import Wire
from banksman_shared.actions import Action as Wish
from banksman_shared.clock import Clock
from banksman_shared.site import Closed, Site
from banksman_shared.vda5050 import Action, Order, State

REACH_M, LOW_M = 25.0, 12.0
"""Metres of road that are released ahead of a vehicle, and how few may be left before there are more: a vehicle at
2 m/s needs 4 m to brake, and an update may have to be sent twice."""
THERE_M = 0.3
"""Within this many metres of its destination a vehicle need not be sent there."""
SLACK_S = 30.0
"""Seconds that a command may take beyond three times what was expected before it is late."""
PLAN_AGAIN_S, PLAN_AGAIN_MOST_S = 1.0, 5.0
"""Seconds after which a way is looked for again where there was none."""


class Driving:
    """Drives one vehicle along its courses."""

    def __init__(
        self,
        tracker: Tracker,
        site: Site,
        traffic: Traffic,
        wire: Wire,
        clock: Clock,
        *,
        resend_stitch_actions: bool | None = None,
    ) -> None:
        """``resend_stitch_actions``: whether an update repeats the actions of the node at which it continues.

        None: as the vehicle's version has it. 3.0 (§6.1.2) asks for it; in 2.x (§6.6.2) the vehicle goes by what it got
        first, and some carry out a repeat.
        """
        self._tracker, self._vehicle = tracker, tracker.vehicle
        self._site, self._layout = site, site.layout
        self._traffic, self._wire, self._clock = traffic, wire, clock
        self._resend_stitch_actions = resend_stitch_actions
        self._home = site.places[self._vehicle.home].node
        self.hindered_s = site.rules.policy.hindered_s
        """Seconds for which the vehicle may stand though it may drive."""
        self.sent: Callable[[OrderErrand], None] = lambda _errand: None
        """Told of every order and update that goes out for the first time."""

    # Where it is

    def stand(self, *, movable: bool) -> None:
        """Tell the traffic where the vehicle is while it has no course; ``movable``: it may be asked to make way."""
        state, start = self._tracker.state, self._tracker.start()
        if state is None:
            return
        nodes: dict[str, None] = {}
        for way in start.ways if start else ():
            nodes |= {way.node: None} | ({way.edge.start: None} if way.edge else {})
        if not start and state.last_node_id in self._layout.nodes:
            nodes[state.last_node_id] = None
        # What somebody else, or we before we gave up on it, let it drive to.
        nodes |= {n.node_id: None for n in state.node_states if n.released and n.node_id in self._layout.nodes}
        mover = Mover(self._vehicle.kind, self._tracker.speed, self._home, _origins(start)) if start else None
        self._traffic.stand(self._vehicle.id, tuple(nodes), mover if movable else None)

    def expect(self, order: Order) -> None:
        """Until the vehicle is heard it may be anywhere on what an order of an earlier run lets it drive."""
        nodes = (node.node_id for node in order.nodes if node.released)
        self._traffic.stand(self._vehicle.id, tuple(node for node in nodes if node in self._layout.nodes))

    def at_start(self, errand: OrderErrand) -> bool:
        """Whether the vehicle still is where its course begins, or was moved since that was planned."""
        course, start = errand.course, self._tracker.start()
        if course is None or start is None:
            return False
        here, onward = course.nodes[errand.first], course.nodes[errand.first + 1 : errand.first + 2]
        return any(
            way.node == here if way.edge is None else [way.edge.start, way.node] == [here, *onward]
            for way in start.ways
        )

    def is_void(self, errand: OrderErrand) -> bool:
        """Whether a course that was planned before its order went out is good for nothing any more: the vehicle was
        moved, and would be led off the roads, or the traffic has cut the course short."""
        course = errand.course
        return course is not None and (not course.whole or not self.at_start(errand))

    def follow(self, errand: OrderErrand, state: State) -> None:
        """Tell the traffic how far along its course the vehicle is."""
        if errand.course and errand.order and state.order_id == errand.order.order_id:
            index = errand.first + (reached(errand.order, state) or 0)
            self._traffic.arrive(self._vehicle.id, min(index, errand.last))

    # Where it goes

    def plan(self, errand: OrderErrand, *, loaded: bool | None, charging: bool) -> Problem | Mapping[str, Course]:
        """Book a course for an errand. Others that must make way for it have courses as well in what is returned."""
        start, assignment = self._tracker.start(), errand.assignment
        if start is None:
            return off_route(self._vehicle.id)
        trip = self._trip(errand, start, errand.stops, loaded)
        if not self._traffic.reaches(trip, _origins(start)):
            return unreachable(self._vehicle.id, assignment.destination, assignment.closed)
        made = self._traffic.plan(trip, _origins(start))
        if isinstance(made, Blocked):
            self._wait(errand, made)
            return {}
        own = made.get(self._vehicle.id)
        if own is None or own.trip is not trip:
            self._wait(errand, Blocked())
            return made
        errand.course, errand.first, errand.blocked_by, errand.shut_off = own, 0, None, None
        first = (new_action(STOP_CHARGING),) if charging else ()
        errand.actions = [first, *(self._at_stop(stop) for stop in errand.stops)]
        return {vehicle: course for vehicle, course in made.items() if vehicle != self._vehicle.id}

    def _trip(self, errand: OrderErrand, start: Start, stops: Sequence[Stop], loaded: bool | None) -> Trip:
        *loads, loaded_after = loads_along(loaded, stops)
        goals = [
            Goal(stop.place.node if stop.place else start.ways[0].node, ACTION_S if stop.action_type else 0.0, load)
            for stop, load in zip(stops, loads, strict=True)
        ]
        return Trip(
            vehicle=self._vehicle.id,
            kind=self._vehicle.kind,
            speed=self._tracker.speed,
            goals=tuple(goals),
            closed=self._closed(errand),
            home=None if errand.wish in (Wish.CHARGE, Wish.PARK) else self._home,
            loaded_after=loaded_after,
        )

    def leads_round(self, errand: OrderErrand, stops: Sequence[Stop], *, loaded: bool | None) -> bool:
        """Whether what is left of an errand could be done from where the vehicle stands, by another way."""
        if (start := self._tracker.start()) is None:
            return False
        return self._traffic.leads_round(self._trip(errand, start, stops, loaded), _origins(start))

    def _closed(self, errand: OrderErrand) -> Closed:
        """What its course keeps out of, by the clock that the traffic goes by."""
        return errand.assignment.closed.later(self._clock.monotonic() - self._clock.time())

    def make_way(self, errand: OrderErrand, course: Course) -> None:
        """Let an errand follow a course that the traffic has booked for making way."""
        errand.course, errand.first, errand.actions = course, course.position, [()]

    def _at_stop(self, stop: Stop) -> tuple[Action, ...]:
        if stop.action_type is None:
            return ()
        capability = self._tracker.capability
        load_type = next((each.load_type for each in capability.load_sets if each.load_type), None)
        action = new_action(stop.action_type, parameters_at(stop, self._layout, load_type))
        return (replace(action, blocking_type=capability.blocking_type(stop.action_type)),)

    def _wait(self, errand: OrderErrand, blocked: Blocked) -> None:
        again_s = PLAN_AGAIN_S if errand.blocked_by is None else PLAN_AGAIN_MOST_S
        errand.blocked_by, errand.shut_off = blocked.by, blocked.lane
        errand.plan_again_at = self._clock.monotonic() + again_s

    def adopt(self, errand: OrderErrand, state: State) -> bool:
        """Go on with an order that was sent before a restart. False: the layout has no such way any more."""
        order = errand.order
        if order is None or any(edge.edge_id not in self._layout.edges for edge in order.edges):
            return False
        known = state.order_id == order.order_id
        position = (reached(order, state) or 0) if known else 0
        arrived = known and state.order_update_id == order.order_update_id
        theirs = max((n.sequence_id // 2 for n in state.node_states if n.released), default=position)
        base_end = released(order) if arrived or not known else theirs
        goals, errand.actions = what_is_left(errand.stops, order)
        trip = Trip(
            vehicle=self._vehicle.id,
            kind=self._vehicle.kind,
            speed=self._tracker.speed,
            goals=tuple(Goal(order.nodes[i].node_id) for i in goals),
            closed=self._closed(errand),
        )
        edges = [self._layout.edges[edge.edge_id] for edge in order.edges]
        errand.course = course_along(edges, order.nodes[0].node_id, goals, trip, self._clock.monotonic())
        errand.course.position, errand.course.granted = position, max(base_end, position)
        self._traffic.adopt(errand.course)
        if known and not arrived:
            # The update got lost: it goes out again from where the vehicle's base ends.
            resend = self._resends()
            errand.message = update_from(order, min(base_end, len(order.nodes) - 1), resend_actions=resend)
        return True

    def _resends(self) -> bool:
        """Whether updates to this vehicle repeat the actions of the node at which they continue."""
        if self._resend_stitch_actions is not None:
            return self._resend_stitch_actions
        return self._tracker.state is not None and self._tracker.state.version.startswith("3")

    def offset(self, course: Course) -> float:
        """Metres from the vehicle to where the course begins."""
        position = self._tracker.state.agv_position if self._tracker.state else None
        node = self._layout.nodes[course.nodes[0]]
        return math.hypot(position.x - node.x, position.y - node.y) if position else 0.0

    # What is sent

    def stops_for(self, errand: OrderErrand) -> tuple[Stop, ...]:
        """All that an errand has to do, and where."""
        assignment = errand.assignment
        return stops_for(assignment.command, assignment.origin, assignment.destination, self._site.actions)

    def begin(self, errand: OrderErrand, now: float) -> bool:
        """Send the order, released as far as others allow. False: nothing was sent, for want of a broker or of room."""
        course = errand.course
        if course is None:
            return False
        if self._traffic.grant(self._vehicle.id, REACH_M) == errand.first < errand.last:
            return False
        order = replace(self._whole(errand, course, 0), order_id=str(uuid.uuid4()))
        if not self._send(errand, order, order, now):
            return False
        errand.due = now + 3 * max(0.0, course.arrive_s[errand.last] - now) + SLACK_S
        errand.late = errand.late if errand.renewed else None
        return True

    def extend(self, errand: OrderErrand, now: float) -> None:
        """Send more of the order while the vehicle still rolls on what it has."""
        course, order = errand.course, errand.order
        if course is None or order is None or errand.update_pending or errand.cancelling:
            return
        base_end = errand.first + released(order)
        if base_end >= errand.last:
            return
        left_m = sum(edge.length for edge in course.edges[course.position : base_end])
        asked = self._tracker.state is not None and bool(self._tracker.state.new_base_request)
        if (left_m > LOW_M and not asked) or self._traffic.grant(self._vehicle.id, REACH_M) <= base_end:
            return
        # An update that led to less than was ordered would be all that a restart knows of it.
        if (whole_course := self._traffic.whole(self._vehicle.id)) is None:
            return
        whole = self._whole(errand, whole_course, released(order))
        whole = replace(whole, order_id=order.order_id, order_update_id=order.order_update_id + 1)
        message = update_from(whole, released(order), resend_actions=self._resends())
        self._send(errand, whole, message, now)

    def repeat(self, errand: OrderErrand, now: float) -> None:
        """Send what was sent last again, if it is due: it may have got lost."""
        if errand.message and errand.delivery.due(now) and self._wire.order(self._vehicle.address, errand.message):
            errand.delivery.count(now)

    def kept_back(self, errand: OrderErrand) -> bool:
        """Whether it waits until something that is closed for a time is open again."""
        course = errand.course
        if course is None or course.granted >= course.end or course.position < course.granted:
            return False
        return not course.open_at(self._clock.monotonic())

    def waits(self, errand: OrderErrand) -> tuple[str, ...]:
        """For whom a vehicle waits that has no way, or has driven all that was released to it: who is at the front."""
        course, vehicle = errand.course, self._vehicle.id
        if course is None:
            return self._traffic.in_front(vehicle, errand.blocked_by or ())
        if errand.update_pending or course.position < course.granted:
            return ()
        return self._traffic.in_front(vehicle, self._traffic.waits_for(vehicle))

    def shut_off(self, errand: OrderErrand) -> tuple[str, str] | None:
        """The lane on which something stands, for one that has no way around it."""
        return errand.shut_off if errand.course is None else self._traffic.shut_off(self._vehicle.id)

    def _whole(self, errand: OrderErrand, course: Course, sent: int) -> Order:
        """The order as it is now; ``sent``: the node from which it will be sent on."""
        actions: dict[int, tuple[Action, ...]] = {errand.first: errand.actions[0]}
        for index, there in zip(course.goals, errand.actions[1:], strict=False):
            actions[index] = actions.get(index, ()) + there
        offset = self.offset(course) if errand.first == 0 else 0.0
        before = errand.order.nodes[0].node_position if errand.order else None
        last = max(course.end, errand.last)
        longest = self._tracker.capability.max_nodes or last + 1
        base_end = min(course.granted, errand.first + sent + max(2, longest) - 1)
        order = order_along(course, Span(errand.first, base_end, last), actions, self._layout, offset)
        if before is not None:
            # What was sent once stays as it is, and by now the vehicle is elsewhere.
            order = replace(order, nodes=(replace(order.nodes[0], node_position=before), *order.nodes[1:]))
        return order

    def _send(self, errand: OrderErrand, whole: Order, message: Order, now: float) -> bool:
        capability = self._tracker.capability
        message = fitted(message, capability.uses, capability.max_nodes)
        if not self._wire.order(self._vehicle.address, message):
            return False
        errand.order, errand.message = whole, message
        errand.known_errors = self._tracker.state.errors if self._tracker.state else ()
        errand.delivery = Delivery()
        errand.delivery.count(now)
        self.sent(errand)
        return True


def _origins(start: Start) -> tuple[Origin, ...]:
    return tuple(Origin(way.node, way.edge) for way in start.ways)
