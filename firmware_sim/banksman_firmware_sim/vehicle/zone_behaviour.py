"""What zones make the vehicle do: ask and wait, stand, report, and act (3.0 §6.4.1, §6.6.5.4)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

from banksman_firmware_sim.errors import RefusedError, Until, an_error
from banksman_firmware_sim.motion import braking_distance, inside, spans
from banksman_firmware_sim.order import ActionRun, check_action
from banksman_firmware_sim.vehicle.path import Way
from banksman_firmware_sim.vehicle.zones import Watch
from banksman_shared.clock import parse_timestamp
from banksman_shared.vda5050 import Action, ErrorType, Order, Response, ZoneAction, ZoneSetContent, ZoneType

if TYPE_CHECKING:
    from banksman_firmware_sim.vehicle.machine import Machine

DUPLICATE_REPORTED_S = 60.0
"""How long a repeated zone set is reported: "a reasonable amount of time" (3.0 §6.4.2)."""
_TOUCH_M = 1e-6
"""At the border of a zone rounding decides; as near as this the vehicle counts as in it still."""


class ZoneWork:
    """Carries out for a machine what its zones demand."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._actions = 0
        self._held: set[str] = set()
        self.next_ask = math.inf
        """When a zone that closes the way may be asked for again."""

    def take(self, content: ZoneSetContent) -> None:
        """Keep a zone set that came in, unless its id is taken."""
        machine = self._machine
        try:
            machine.zones.add(content)
        except RefusedError as refusal:
            name = refusal.error_type
            if name is not ErrorType.DUPLICATE_ZONE_SET:
                machine.report(refusal, Until.NEW_ORDER, topic="zoneSet")
                return
            error = an_error(name, machine.edition.error_level(name), str(refusal), **refusal.references)
            machine.errors.report(error, Until.CLEARED, key=f"{name} {content.zone_set_id}",
                                  ends_at=machine.now + DUPLICATE_REPORTED_S)  # fmt: skip
        machine.touch()

    def check_reachable(self, order: Order) -> None:
        """Raises :class:`RefusedError` where the base leads through a BLOCKED zone (3.0 §6.1.4.8)."""
        machine = self._machine
        for edge, start, end in zip(order.edges, order.nodes, order.nodes[1:], strict=False):
            here, there = start.node_position, end.node_position
            if here is None or there is None or not edge.released:
                continue
            for watch in machine.zones.on(here.map_id):
                if watch.zone.zone_type is ZoneType.BLOCKED and spans(
                    (here.x, here.y), (there.x, there.y), watch.polygon, machine.pilot.margin
                ):
                    raise RefusedError(
                        ErrorType.NO_ROUTE_ERROR,
                        f"the way to {end.node_id} leads through the blocked zone {watch.zone.zone_id}",
                        nodeId=end.node_id,
                        zoneId=watch.zone.zone_id,
                    )

    def locate(self) -> None:
        """The vehicle was put somewhere, or zones around it."""
        machine = self._machine
        chassis = machine.chassis
        chassis.sync(machine.now)
        machine.zones.locate((chassis.x, chassis.y), chassis.map_id, machine.pilot.margin)
        self._report()

    # On the way

    def look_at(self, way: Way) -> None:
        """Ask for the zone that closes the way; say so where it will never open."""
        machine = self._machine
        self._tidy(way)
        self.next_ask = math.inf
        watch = way.closed
        if watch is not None and watch.zone.zone_type is ZoneType.RELEASE:
            machine.zones.ask(watch, machine.now)
            if watch.request is None:
                self.next_ask = watch.ask_from
        elif watch is not None and way.beyond is not None:
            refusal = RefusedError(
                ErrorType.NODE_UNREACHABLE,
                f"the blocked zone {watch.zone.zone_id} lies on the way",
                nodeId=way.beyond.node_id,
                zoneId=watch.zone.zone_id,
            )
            machine.report(refusal, Until.NEW_ORDER)

    def _tidy(self, way: Way) -> None:
        """Notice zones that the vehicle is not in any more."""
        machine = self._machine
        here = (machine.chassis.x, machine.chassis.y)
        on_way = {id(zone_pass.watch) for zone_pass in way.passes}
        for watch in machine.zones.watches:
            if (
                watch.entered
                and id(watch) not in on_way
                and not inside(here, watch.polygon, machine.pilot.margin + _TOUCH_M)
            ):
                self.leave(watch)

    def enter(self, watch: Watch) -> None:
        if watch.entered:
            return
        watch.entered = True
        zone = watch.zone
        if zone.zone_type is ZoneType.RELEASE and not watch.granted:
            watch.lost = True  # it was too late to stop before it
        if zone.zone_type is ZoneType.ACTION:
            self._act(watch, zone.entry_actions or ())
            watch.running = self._act(watch, zone.during_actions or ())
        self._report()
        self._machine.touch()

    def leave(self, watch: Watch) -> None:
        machine = self._machine
        machine.zones.leave(watch)
        if watch.zone.zone_type is ZoneType.ACTION:
            machine.actions.leave(watch.running)
            watch.running = []
            self._act(watch, watch.zone.exit_actions or ())
        self._report()
        machine.touch()

    def _act(self, watch: Watch, wanted: Iterable[ZoneAction]) -> list[ActionRun]:
        machine, runs = self._machine, []
        for item in wanted:
            self._actions += 1
            action = Action(
                action_type=item.action_type,
                action_id=f"{watch.zone.zone_id}-{self._actions}",
                blocking_type=item.blocking_type,
                action_description=item.action_description,
                action_parameters=item.action_parameters,
                retriable=item.retriable,
            )
            try:
                check_action(action, "ZONE", machine.abilities, machine.profile, ErrorType.ACTION_ERROR)
            except RefusedError as refusal:
                machine.report(refusal, Until.NEW_ORDER, zoneId=watch.zone.zone_id)
                continue
            run = machine.new_run(action, "ZONE")
            machine.actions.add(run)
            runs.append(run)
        machine.actions.enqueue(runs)
        return runs

    def _report(self) -> None:
        """What is reported for as long as the vehicle is where it must not be."""
        self._held, before = set(), self._held
        for watch in self._machine.zones.watches:
            blocked = watch.entered and watch.zone.zone_type is ZoneType.BLOCKED
            self._hold(watch, ErrorType.BLOCKED_ZONE_VIOLATION, "the vehicle is in a blocked zone", on=blocked)
            self._hold(watch, ErrorType.RELEASE_LOST, "the release of the zone is gone", on=watch.lost)
        for key in before - self._held:
            self._machine.errors.clear(key)

    def _hold(self, watch: Watch, name: ErrorType, description: str, *, on: bool) -> None:
        if not on:
            return
        machine, key = self._machine, f"{name} {watch.set_id} {watch.zone.zone_id}"
        self._held.add(key)
        error = an_error(name, machine.edition.error_level(name), description, zoneId=watch.zone.zone_id)
        if error not in machine.errors.active:
            machine.errors.report(error, Until.CLEARED, key=key)

    # Answers

    def answer(self, response: Response) -> None:
        """Take an answer to a request. Raises :class:`ValueError` for a lease that is no time."""
        machine = self._machine
        lease = math.inf if response.lease_expiry is None else parse_timestamp(response.lease_expiry)
        self._commit_to_what_cannot_be_avoided()
        machine.zones.answer(response.request_id, response.grant_type, lease, machine.now)
        self._report()
        machine.touch()

    def expire(self, time: float) -> None:
        """End the releases whose lease is over at ``time`` by the vehicle's clock."""
        self._commit_to_what_cannot_be_avoided()
        if self._machine.zones.expire(time, self._machine.now):
            self._report()
            self._machine.touch()

    def _commit_to_what_cannot_be_avoided(self) -> None:
        """A zone that is too near to stop before counts as entered."""
        machine = self._machine
        machine.chassis.sync(machine.now)
        speed = machine.chassis.speed
        reach = braking_distance(speed, machine.profile.deceleration)
        for watch, ahead_m in machine.pilot.zones_ahead():
            if speed > 0 and ahead_m < reach:
                watch.entered = True
