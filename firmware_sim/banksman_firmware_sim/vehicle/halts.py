"""What needs the vehicle to stand first: pause, cancellation, other operating modes, hibernation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from banksman_firmware_sim.errors import Until
from banksman_firmware_sim.order import AUTOMATIC_MODES, ActionRun
from banksman_shared.vda5050 import ActionStatus, Connection, ConnectionState, OperatingMode, State

if TYPE_CHECKING:
    from banksman_firmware_sim.vehicle.machine import Machine

_KEEP_ORDER = (*AUTOMATIC_MODES, OperatingMode.INTERVENED)
_PLACELESS = (OperatingMode.SERVICE, OperatingMode.TEACHIN, OperatingMode.STARTUP)
"""Modes in which the vehicle may be anywhere afterwards (3.0 §6.6.6, table 10)."""


class Halts:
    """The operating mode, whether the vehicle is paused, and what is to happen as soon as it stands."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.mode, self.paused = OperatingMode.AUTOMATIC, False
        self.connection = ConnectionState.ONLINE
        self.wakes_at: float | None = None
        """The time of day at which hibernation ends by itself, seconds since the epoch."""
        self.clearing = False
        """Whether the order is being cancelled or given up."""
        self._pausing: list[ActionRun] = []
        self._clearers: list[ActionRun] = []
        self._next_mode: OperatingMode | None = None
        self._next_connection: ConnectionState | None = None

    @property
    def wanted(self) -> bool:
        """Whether the vehicle has to come to a stand, or to stay so."""
        return self.paused or bool(self._pausing) or self.clearing or self.mode not in AUTOMATIC_MODES

    @property
    def hold_work(self) -> bool:
        """Whether actions of the order pause, too."""
        return self.paused or bool(self._pausing) or self.mode is OperatingMode.INTERVENED

    # Pause

    def begin_pause(self, run: ActionRun) -> None:
        """Stop as fast as the brakes allow; paused once it stands."""
        self._pausing.append(run)
        self._machine.touch()

    def end_pause(self) -> None:
        for run in self._pausing:
            self._machine.actions.finish(run, ActionStatus.FAILED, "stopPause came before the vehicle stood")
        self._pausing.clear()
        self.paused = False
        self._machine.touch()

    # Giving up the order

    def cancel(self, run: ActionRun) -> None:
        """Stop as fast as the brakes allow, then delete the order and finish ``run`` (2.1.0 §6.6.3)."""
        self._clear(run, "the order was cancelled")

    def go_offline(self, run: ActionRun, state: ConnectionState) -> None:
        """The same, and then hibernate or shut down (3.0 §6.2.3.1)."""
        self._next_connection = state
        self._clear(run, "the vehicle is going off")

    def switch_mode(self, mode: OperatingMode) -> None:
        """Somebody turns the key at the vehicle; some modes begin only when the order is given up (3.0 §6.6.7).

        Raises:
            ValueError: the version that the vehicle speaks has no such mode.
        """
        edition = self._machine.edition
        if mode not in edition.modes:
            raise ValueError(f"VDA 5050 {edition.version} has no operating mode {mode}")
        if mode in _KEEP_ORDER and not self.clearing:
            self.enter(mode)
            return
        self._next_mode = mode
        self._clear(None, f"the vehicle is in {mode} mode")

    def _clear(self, run: ActionRun | None, reason: str) -> None:
        self.clearing = True
        self._machine.actions.abort_order(reason)
        if run is not None:
            self._clearers.append(run)
        self._machine.touch()

    def enter(self, mode: OperatingMode) -> None:
        """Be in a mode from now on."""
        machine = self._machine
        self.mode, self._next_mode = mode, None
        if mode not in AUTOMATIC_MODES:
            machine.zones.withdraw()
        if mode in _PLACELESS:
            machine.order.relocate("")
        if mode in _KEEP_ORDER:
            machine.errors.end(Until.MODE)
        machine.touch()

    def wake_up(self) -> None:
        """End hibernation."""
        self.wakes_at = None
        self._connect(ConnectionState.ONLINE)
        self._machine.touch()

    def _connect(self, state: ConnectionState) -> None:
        self.connection, self._next_connection = state, None
        self._machine.wanted |= {State, Connection}

    # Once it stands

    def come_to_rest(self) -> bool:
        """Complete what waited for the vehicle to stand, which it does. Whether anything did."""
        machine = self._machine
        happened = bool(self._pausing)
        if self._pausing:
            self.paused = True
            self._finish(self._pausing)
        if self.clearing and not machine.actions.order_open:
            happened = True
            self.clearing = False
            machine.order.delete()
            machine.zones.withdraw()
            machine.effects.stuck = False
            self._finish(self._clearers)
            if self._next_mode is not None:
                self.enter(self._next_mode)
            if self._next_connection is not None:
                self._connect(self._next_connection)
            machine.touch()
        return happened

    def _finish(self, runs: list[ActionRun]) -> None:
        for run in runs:
            self._machine.actions.finish(run, ActionStatus.FINISHED)
        runs.clear()
