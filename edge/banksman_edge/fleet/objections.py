"""What can speak against a command, and how it is said."""

from __future__ import annotations

from collections.abc import Sequence

from banksman_edge.fleet.model import Code, Problem, VehicleView
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.site import NOTHING_CLOSED, Closed, Place, Site

_SENDABLE = frozenset(Action) - {Action.STATUS, Action.PLAN, Action.NONE}


def unclear(site: Site, command: Command) -> Problem | None:
    """What is wrong with a command whatever the fleet looks like."""
    action, origin, destination = command.action, command.origin, command.destination
    unknown = next((p for p in (origin, destination) if p is not None and p not in site.places), None)
    if unknown:
        return Problem(Code.UNKNOWN_PLACE, f"the site has no place '{unknown}'")
    no_charger = action is Action.CHARGE and destination is not None and not site.places[destination].charger
    own = site.actions.get(command.name or "")
    reasons = (
        (action is Action.OWN and own is None, Code.NOT_FOR_VEHICLES, f"the site has no action '{command.name}'"),
        (
            own is not None and own.at_place and destination is None,
            Code.WHERE_TO,
            f"say where to {command.name}",
        ),
        (action not in _SENDABLE, Code.NOT_FOR_VEHICLES, f"'{action}' is not something that vehicles do"),
        (
            destination is None and action in (Action.MOVE, Action.TRANSPORT),
            Code.WHERE_TO,
            f"say where to {action}",
        ),
        (
            destination is not None and origin == destination,
            Code.NOTHING_TO_DO,
            f"{origin} is both where from and where to",
        ),
        (no_charger, Code.NOT_A_CHARGER, f"{destination} is not a charger"),
    )
    return next((Problem(code, sentence) for holds, code, sentence in reasons if holds), None)


def hindrance(view: VehicleView) -> Problem | None:
    """Why a vehicle would not carry out an order now, or None."""
    reasons = (
        (not view.connected, Code.OFFLINE, "is not connected"),
        (view.stopped, Code.STOPPED, "is stopped; say resume first"),
        (not view.reporting, Code.NO_STATE, "has not reported its state yet"),
        (view.emergency_stop, Code.EMERGENCY_STOP, "has its emergency stop pressed"),
        (not view.automatic, Code.MANUAL, "is not in automatic mode"),
        (view.fatal, Code.VEHICLE_ERROR, f"reports an error: {'; '.join(view.errors)}"),
        (view.paused, Code.PAUSED, "is paused; say resume first"),
        (not view.initialised, Code.NOT_LOCALISED, "does not know where it is"),
    )
    return next((Problem(code, f"{view.id} {what}", view.id) for holds, code, what in reasons if holds), None)


def nobody_meant(reference: str) -> Problem:
    if reference.startswith("at:"):
        return Problem(Code.UNKNOWN_VEHICLE, f"no vehicle is at {reference.removeprefix('at:')}")
    return Problem(Code.UNKNOWN_VEHICLE, f"the site has no vehicle '{reference}'")


def occupied(view: VehicleView) -> Problem | None:
    if not view.works:
        return None
    return Problem(Code.BUSY, f"{view.id} is busy with another order; cancel that first", view.id)


def load_problem(view: VehicleView, command: Command) -> Problem | None:
    fetches = command.action is Action.PICK or (command.action is Action.TRANSPORT and command.origin is not None)
    if fetches and view.loaded:
        return Problem(Code.LOADED, f"{view.id} already carries a load", view.id)
    if command.action is Action.DROP and view.loaded is False:
        return Problem(Code.NOT_LOADED, f"{view.id} carries nothing", view.id)
    if command.action is Action.TRANSPORT and not fetches and not view.loaded:
        return Problem(Code.WHERE_FROM, f"{view.id} carries nothing; say where to fetch it from", view.id)
    if command.action is Action.CHARGE and command.destination is None and view.charging:
        return Problem(Code.NOTHING_TO_DO, f"{view.id} is charging already", view.id)
    return None


def not_allowed(vehicle: str, action: Action) -> Problem:
    """Whoever says it may not give this order to this vehicle."""
    return Problem(Code.NOT_ALLOWED_VEHICLE, f"you may not give {vehicle} the order '{action}'", vehicle)


def waiting_for(vehicle: str, others: Sequence[str]) -> Problem:
    """It does not get on because others are in its way."""
    sentence = f"{vehicle} waits for {', '.join(others)} to clear the way"
    return Problem(Code.WAITING, sentence, vehicle, {"other": others[0]})


def shut_off(vehicle: str, lane: tuple[str, str] | None) -> Problem:
    """Something stands on its way, and no other leads on."""
    where = f" between {lane[0]} and {lane[1]}" if lane else ""
    return Problem(Code.BLOCKED, f"something stands in the way of {vehicle}{where}, and no way leads around", vehicle)


def held_back(vehicle: str) -> Problem:
    """It has something to do that was said long ago."""
    text = f"{vehicle} has an order from before a long break, which is held; say resume, or cancel it"
    return Problem(Code.HELD, text, vehicle)


def off_route(vehicle: str) -> Problem:
    return Problem(Code.OFF_ROUTE, f"{vehicle} stands off the roads of the layout; drive it back by hand", vehicle)


def unreachable(vehicle: str, destination: Place | None, closed: Closed = NOTHING_CLOSED) -> Problem:
    where = destination.id if destination else "where it stands"
    around = " around what is closed" if closed else ""
    return Problem(Code.UNREACHABLE, f"no road that {vehicle} may use leads to {where}{around}", vehicle)
