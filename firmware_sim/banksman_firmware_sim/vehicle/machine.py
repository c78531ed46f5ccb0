"""The firmware's state machine: orders, instant actions and passing time change what the vehicle is and does.

Nothing is stepped. Every change plans what comes next (a motion, the end of an action, an empty battery) and when;
time passing only runs from one such event to the next. So the size of the steps changes nothing, and a vehicle
that has nothing to do costs nothing.
"""

from __future__ import annotations

import math

from banksman_firmware_sim.errors import ErrorBook, RefusedError, Until, an_error
from banksman_firmware_sim.motion import EPSILON, Chassis, VehicleProfile
from banksman_firmware_sim.order import ActionList, ActionRun, Edition, OrderProgress, Scope, abilities_of
from banksman_firmware_sim.vehicle.battery import Battery
from banksman_firmware_sim.vehicle.behaviour import Behaviour
from banksman_firmware_sim.vehicle.conditions import Conditions
from banksman_firmware_sim.vehicle.effects import Effects
from banksman_firmware_sim.vehicle.equipment import Equipment, durations
from banksman_firmware_sim.vehicle.halts import Halts
from banksman_firmware_sim.vehicle.maps import MapStore
from banksman_firmware_sim.vehicle.pilot import Pilot
from banksman_firmware_sim.vehicle.repeated_actions import Repeats
from banksman_firmware_sim.vehicle.zone_behaviour import ZoneWork
from banksman_firmware_sim.vehicle.zones import ZoneStore
from banksman_shared.site import Node as SiteNode
from banksman_shared.vda5050 import (
    Action,
    ConnectionState,
    ErrorLevel,
    ErrorType,
    Factsheet,
    Header,
    State,
)

_EVENTS_AT_ONCE = 10_000


class Machine:
    """What a vehicle does. It knows no clock: seconds pass only in :meth:`step`."""

    def __init__(
        self,
        at: SiteNode,
        profile: VehicleProfile,
        charge: float,
        edition: Edition,
        behaviour: Behaviour,
    ) -> None:
        self.profile, self.edition, self.behaviour = profile, edition, behaviour
        self.abilities = abilities_of(edition, profile.own_actions)
        self.now = 0.0
        self.wake_at = math.inf
        self.revision = 0
        """Grows with everything that calls for a state (2.1.0 §6.10)."""
        self.battery, self.equipment, self.chassis = Battery(profile, charge), Equipment(profile), Chassis(at)
        self.maps, self.zones = MapStore(at.map_id), ZoneStore()
        self.conditions = Conditions(self)
        self._forget(at.id)

    def _forget(self, last_node_id: str) -> None:
        """What a vehicle does not know after it was switched on."""
        self.order, self.errors = OrderProgress(last_node_id), ErrorBook()
        self.repeats = Repeats()
        self.effects = Effects(self)
        self.actions = ActionList(self.effects, self.touch)
        self.halts = Halts(self)
        self.wanted: set[type[Header]] = {State, Factsheet}
        """Messages that were asked for; whoever publishes them removes them."""
        self._holding = False
        self._shown: object = None
        self.pilot, self.zonework = Pilot(self), ZoneWork(self)
        self.settle()

    # What it is

    @property
    def driving(self) -> bool:
        return self.chassis.journey is not None

    @property
    def asleep(self) -> bool:
        """Whether it neither reports nor takes commands (3.0 §6.2.3.1, startHibernation and shutdown)."""
        return self.halts.connection is not ConnectionState.ONLINE

    @property
    def idle(self) -> bool:
        """3.0 §6.6.8; before it, step 3 of figure 8 in 2.1.0 §6.6.2."""
        return not self.order.nodes and not self.actions.order_open and not self.halts.clearing

    @property
    def stopping(self) -> bool:
        """Whether the vehicle has to come to a stand, and to stay so, whatever lies ahead."""
        return self.halts.wanted or self.conditions.forbid_driving or self.effects.stuck

    def charge(self, at: float | None = None) -> float:
        """Per cent now, or at a moment of the motion that is planned."""
        moment = self.now if at is None else at
        return self.battery.charge(moment, self.chassis.metres(moment))

    def whereabouts(self) -> dict[str, str]:
        """References to where the vehicle is in its order."""
        edges = self.order.edges if self.driving else []
        return {"nodeId": self.order.last_node_id, **({"edgeId": edges[0].edge_id} if edges else {})}

    # What is done to it

    def touch(self) -> None:
        """Something has changed that may change the way ahead and is to be reported."""
        self.revision += 1
        self.pilot.stale = True

    def report(self, refusal: RefusedError, until: Until, *, critical: bool = False, **references: object) -> None:
        """Report why something was refused or failed."""
        name = self.edition.error_name(refusal.error_type)
        level = ErrorLevel.CRITICAL if critical else self.edition.error_level(refusal.error_type)
        references = {**references, **refusal.references}
        self.errors.report(an_error(name, level, str(refusal), **references), until)
        self.wanted.add(State)

    def new_run(self, action: Action, scope: Scope) -> ActionRun:
        setup_s, work_s = durations(action.action_type, self.profile)
        return ActionRun(action, self.abilities[action.action_type], scope, setup_s, work_s)

    def replace_battery(self, charge: float) -> None:
        self.pilot.commit()
        self.battery.replace(self.now, charge)
        self.touch()

    def relocated(self, last_node_id: str) -> None:
        """The chassis was put elsewhere. Under an order the last node stays the one traversed (3.0 §6.6.2)."""
        self.maps.enable_any(self.chassis.map_id)
        self.zonework.locate()
        if self.idle:
            self.order.relocate(last_node_id)
        self.pilot.placed()
        self.touch()

    def reboot(self) -> None:
        """Switch off and on: order, actions and errors are forgotten; place, load and charge are as they were."""
        self.pilot.commit()
        self.chassis.halt()
        self.zones.withdraw()
        self._forget(self.order.last_node_id)
        self.conditions.report_anew()
        self.settle()

    def refuse_payload(self, topic: str, reason: str) -> None:
        """Report a message on ``topic`` that could not be read (2.1.0 §6.6.4.1)."""
        self.report(RefusedError(ErrorType.VALIDATION_ERROR, reason), Until.NEW_ORDER, topic=topic)
        self.settle()

    def press_button(self) -> None:
        """Somebody at the vehicle lets a waitForTrigger go on."""
        self.actions.release(lambda run: run.given().get("triggerType") != ["FLEET_CONTROL"])
        self.settle()

    # Time

    @property
    def by_the_clock(self) -> bool:
        """Whether something is to happen at a time of day, rather than after some seconds."""
        return bool(self.zones.watches) or self.halts.wakes_at is not None

    def look_at_clock(self, time: float) -> None:
        """Do what is due at ``time`` by the vehicle's clock, in seconds since the epoch."""
        if self.zones.leased:
            self.zonework.expire(time)
            self.settle()
        wakes_at = self.halts.wakes_at
        if wakes_at is not None and self.halts.connection is ConnectionState.HIBERNATING and time >= wakes_at:
            self.halts.wake_up()
            self.settle()

    def step(self, dt_s: float) -> None:
        """Let ``dt_s`` seconds pass. However long it is, everything happens at its own moment within it."""
        # Rounded, so that a moment is the same however many steps led to it.
        end, at_once = round(self.now + dt_s, 9), 0
        while self.wake_at <= end + EPSILON:
            at_once = at_once + 1 if self.wake_at <= self.now else 0
            if at_once > _EVENTS_AT_ONCE:
                raise RuntimeError("the vehicle does not get beyond one moment")
            self.now = max(self.now, self.wake_at)
            self.settle()
        self.now = max(self.now, end)

    def settle(self) -> None:
        """Do all that is due at this moment, and find out when the next thing will be."""
        for _ in range(_EVENTS_AT_ONCE):
            if not self._one_event():
                break
        else:
            raise RuntimeError("the vehicle does not come to rest at one moment")
        self._show()
        self.wake_at = self._next_event()

    def _one_event(self) -> bool:
        """Let happen what is due and takes no time. Whether anything did."""
        happened = self.conditions.settle()
        self.errors.expire(self.now)
        happened |= self.pilot.roll()
        happened |= self._hold_or_resume()
        happened |= self.actions.settle(self.now)
        happened |= not self.driving and self.halts.come_to_rest()
        return self.pilot.proceed() or happened

    def _hold_or_resume(self) -> bool:
        holding = self.halts.hold_work or self.conditions.forbid_work
        if holding == self._holding:
            return False
        self._holding = holding
        (self.actions.hold if holding else self.actions.resume)(self.now)
        return True

    def _show(self) -> None:
        """Notice what else has changed in the state."""
        shown = (
            self.driving,
            self.halts.paused,
            self.pilot.base_wanted,
            self.errors.count,
            self.zones.count,
            self.battery.charging,
        )
        if shown != self._shown:
            self._shown = shown
            self.revision += 1

    def _next_event(self) -> float:
        return min(self.actions.next_at, self.pilot.next_at(), self.conditions.next_at, self.errors.next_at)
