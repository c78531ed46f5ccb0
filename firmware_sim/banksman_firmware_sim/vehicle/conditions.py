"""What has befallen the vehicle itself: faults, low battery, and whether it can move or work at all."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from banksman_firmware_sim.errors import Until, an_error
from banksman_firmware_sim.faults import NETWORK, Fault, FaultKind
from banksman_firmware_sim.vehicle.battery import FULL, INITIAL_CHARGE, LOW_CHARGE
from banksman_shared.vda5050 import ErrorLevel, ErrorType, EStop, OperatingMode

if TYPE_CHECKING:
    from banksman_firmware_sim.vehicle.machine import Machine

BLOCKED, EMERGENCY_STOP, LOAD_LOST = "blocked", "emergencyStop", "loadLost"
BATTERY_LOW, BATTERY_EMPTY = "batteryLow", "batteryEmpty"
"""Error types of our own; the standard names none for these (it leaves the list open)."""

_MARGIN = 1e-6
_RECOVERED = 1.0
"""Per cent above a threshold at which its warning ends."""


class Conditions:
    """Faults that last, and their ends. A fault is cleared by hand or when its time is over."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._ends: dict[FaultKind, float] = {}
        self.clock_error_s = 0.0
        self.low = self.empty = False

    def has(self, kind: FaultKind) -> bool:
        return kind in self._ends

    @property
    def kinds(self) -> tuple[FaultKind, ...]:
        """All faults that last at this moment."""
        return tuple(self._ends)

    @property
    def e_stop(self) -> EStop:
        return EStop.MANUAL if self.has(FaultKind.EMERGENCY_STOP) else EStop.NONE

    @property
    def field_violation(self) -> bool:
        return self.has(FaultKind.OBSTACLE)

    @property
    def forbid_driving(self) -> bool:
        return self.forbid_work or self.has(FaultKind.LOCALISATION_LOST)

    @property
    def forbid_work(self) -> bool:
        """Whether actions of the order have to pause, too; a violated safety field is enough (2.1.0 §6.8.2)."""
        return self.empty or self.has(FaultKind.EMERGENCY_STOP) or self.field_violation

    @property
    def fatal(self) -> str | None:
        """Why no new order can be taken, if so (3.0 §6.6.5.1: what a person has to see to)."""
        if self.has(FaultKind.EMERGENCY_STOP):
            return "an emergency stop is to be acknowledged at the vehicle"
        if self.has(FaultKind.LOCALISATION_LOST):
            return "the vehicle does not know where it is; initialise its position"
        return "the battery is empty" if self.empty else None

    # Faults

    def inject(self, fault: Fault) -> None:
        """Raises :class:`ValueError` for a fault of the connection, which is none of the vehicle's."""
        if fault.kind in NETWORK:
            raise ValueError(f"{fault.kind} is a fault of the connection, not of the vehicle itself")
        machine, lasts = self._machine, fault.lasts
        self._ends[fault.kind] = math.inf if lasts is None else machine.now + lasts
        match fault.kind:
            case FaultKind.OBSTACLE:
                self._report(BLOCKED, ErrorLevel.WARNING, "something stands in the way", **machine.whereabouts())
            case FaultKind.EMERGENCY_STOP:
                self._report(EMERGENCY_STOP, ErrorLevel.FATAL, "the emergency stop was pressed at the vehicle")
            case FaultKind.LOCALISATION_LOST:
                machine.chassis.localised = False
                description = "the vehicle does not know where it is"
                self._report(ErrorType.LOCALIZATION_ERROR, ErrorLevel.FATAL, description, **machine.whereabouts())
            case FaultKind.BATTERY_DYING:
                machine.replace_battery(fault.degree)
            case FaultKind.LOAD_LOST:
                del self._ends[fault.kind]
                self._lose_load()
            case FaultKind.CLOCK_WRONG:
                self.clock_error_s = fault.degree
            case FaultKind.MANUAL_MODE:
                machine.halts.switch_mode(OperatingMode.MANUAL)
        machine.touch()

    def clear(self, kind: FaultKind) -> None:
        """End a fault; one that is not there may be cleared, too."""
        if self._ends.pop(kind, None) is None:
            return
        machine = self._machine
        match kind:
            case FaultKind.OBSTACLE:
                machine.errors.clear(BLOCKED)
            case FaultKind.EMERGENCY_STOP:
                machine.errors.clear(EMERGENCY_STOP)
            case FaultKind.LOCALISATION_LOST:
                machine.chassis.localised = True
                machine.errors.clear(ErrorType.LOCALIZATION_ERROR)
            case FaultKind.BATTERY_DYING:
                machine.replace_battery(INITIAL_CHARGE)
            case FaultKind.CLOCK_WRONG:
                self.clock_error_s = 0.0
            case FaultKind.MANUAL_MODE:
                machine.halts.switch_mode(OperatingMode.AUTOMATIC)
        machine.touch()

    def action_fails(self) -> bool:
        """Whether the action that is being done fails; one fault makes one action fail."""
        return self._ends.pop(FaultKind.ACTION_FAILS, None) is not None

    def report_anew(self) -> None:
        """After a reboot: what is still so is found again."""
        ends = dict(self._ends)
        for kind in (FaultKind.OBSTACLE, FaultKind.EMERGENCY_STOP, FaultKind.LOCALISATION_LOST):
            if kind in ends:
                self.inject(Fault(kind))
        self._ends = ends
        if self.has(FaultKind.MANUAL_MODE):
            self._machine.halts.enter(OperatingMode.MANUAL)
        self.low = self.empty = False

    def _lose_load(self) -> None:
        machine = self._machine
        if not machine.equipment.loads:
            return
        load = machine.equipment.loads[0]
        machine.equipment.loads = ()
        description = "the load is gone from the vehicle"
        references = {} if load.load_id is None else {"loadId": load.load_id}
        machine.errors.report(
            an_error(LOAD_LOST, machine.edition.level(ErrorLevel.URGENT), description, **references), Until.NEW_ORDER
        )

    def _report(self, name: str, level: ErrorLevel, description: str, **references: object) -> None:
        error = an_error(name, self._machine.edition.level(level), description, **references)
        self._machine.errors.report(error, Until.CLEARED, key=name)

    # Time

    def settle(self) -> bool:
        """End what is over at this moment, and look at the battery. Whether anything changed."""
        now = self._machine.now
        over = [kind for kind, end in self._ends.items() if end <= now]
        for kind in over:
            self.clear(kind)
        before = (self.low, self.empty)
        self._look_at_battery()
        return bool(over) or before != (self.low, self.empty)

    def _look_at_battery(self) -> None:
        machine = self._machine
        charge, charging = machine.charge(), machine.battery.charging
        if charging and charge >= FULL - _MARGIN:
            machine.battery.plug(machine.now, charging=False)
            machine.touch()
        low = charge <= LOW_CHARGE + (_RECOVERED if self.low else 0.0) + _MARGIN
        empty = charge <= _MARGIN and not charging
        if (low, empty) != (self.low, self.empty):
            machine.touch()
        if low != self.low:
            self.low = low
            machine.errors.clear(BATTERY_LOW)
            if low:
                self._report(BATTERY_LOW, ErrorLevel.URGENT, f"the battery is at {charge:.0f} %; charge it soon")
        if empty != self.empty:
            self.empty = empty
            machine.errors.clear(BATTERY_EMPTY)
            if empty:
                self._report(
                    BATTERY_EMPTY, ErrorLevel.FATAL, "the battery is empty; charge the vehicle where it stands"
                )

    @property
    def next_at(self) -> float:
        return min(self._ends.values(), default=math.inf)

    @property
    def next_charge(self) -> float:
        """The charge at which something will be to report."""
        if self._machine.battery.charging:
            return LOW_CHARGE + _RECOVERED + 2 * _MARGIN if self.low else FULL
        return 0.0 if self.low else LOW_CHARGE
