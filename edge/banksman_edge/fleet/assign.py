"""Who does what: from commands to vehicles and places, and everything that speaks against it.

Steps are looked at one after the other on a forecast of the fleet, so that "pick up there, then drop here" and
"cancel, then go home" are judged by what will be true when their turn comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from banksman_edge.fleet.capability import loads_along
from banksman_edge.fleet.forecasts import Forecast
from banksman_edge.fleet.model import Code, May, Problem
from banksman_edge.fleet.objections import (
    hindrance,
    load_problem,
    nobody_meant,
    not_allowed,
    occupied,
    off_route,
    unclear,
    unreachable,
)
from banksman_edge.fleet.orders import stops_for
from banksman_edge.fleet.roster import Assignment, Objection, Roster
from banksman_edge.fleet.routing import Call, Start, length_around
from banksman_edge.fleet.selectors import members_of
from banksman_shared.actions import Action
from banksman_shared.commands import DRIVING, EVERYBODY, ON_THE_SPOT, Command
from banksman_shared.site import NOTHING_CLOSED, Closed, Place, Router, Site

LOW_BATTERY = 15.0
"""Per cent below which the system does not choose a vehicle by itself, except to send it charging or home."""


class Assigner:
    """Assigns one sequence of commands, on a forecast that it uses up. ``closed``: what they keep out of.
    ``may``: the rights of whoever gives the commands; None: all. ``barred``: nodes where nobody can pass for now.
    ``gives_up``: the jobs that cancels give up; empty: all."""

    def __init__(
        self,
        site: Site,
        router: Router,
        forecasts: Mapping[str, Forecast],
        closed: Closed = NOTHING_CLOSED,
        may: May | None = None,
        barred: frozenset[str] = frozenset(),
        gives_up: frozenset[str] = frozenset(),
    ) -> None:
        self._site, self._router, self._closed, self._may = site, router, closed, may
        self._fleet, self._barred, self._gives_up = forecasts, barred, gives_up
        self._assignments: list[Assignment] = []
        self._left_out: list[Objection] = []
        self._objections: list[Objection] = []
        self._last_drivers: tuple[str, ...] = ()
        self._alone = False

    def run(self, commands: Sequence[Command]) -> Roster:
        self._alone = len(commands) == 1
        for step, command in enumerate(commands):
            if problem := unclear(self._site, command):
                self._object(command, problem)
            elif command.action in DRIVING:
                self._drive(step, command)
            else:
                self._instruct(step, command)
        return Roster(tuple(self._assignments), tuple(self._left_out), tuple(self._objections))

    def _object(self, command: Command, problem: Problem) -> None:
        self._objections.append(Objection(command, problem))

    def _instruct(self, step: int, command: Command) -> None:
        """Stop, resume and cancel: for those that it concerns."""
        ids = self._resolve(command)
        if ids is None:
            return
        stop = command.action is Action.STOP
        if not stop and (barred := next((v for v in ids if not self._permits(command, v)), None)):
            self._object(command, not_allowed(barred, command.action))
            return
        concerned = ids if stop else [v for v in ids if self._concerns(command, self._fleet[v])]
        if not concerned and command.action is Action.CANCEL and self._gives_up and not self._alone:
            return  # it has ended meanwhile, and something else is to be done in its place
        if not concerned:
            away = [v for v in ids if not self._fleet[v].view.connected]
            self._object(
                command,
                Problem(Code.OFFLINE, f"{', '.join(away)} not connected; say resume when back")
                if away and command.action is Action.RESUME
                else Problem(Code.NOTHING_TO_DO, f"there is no vehicle to {command.action}"),
            )
        for vehicle in concerned:
            gives_up = self._gives_up if command.action is Action.CANCEL else frozenset()
            self._assignments.append(Assignment(step, vehicle, command, gives_up=gives_up))
            if stop and self._alone:
                continue  # a stop of a thousand needs no forecast of any
            forecast = self._fleet[vehicle]
            match command.action:
                case Action.STOP:
                    forecast.view = replace(forecast.view, stopped=True)
                case Action.RESUME:
                    forecast.view = replace(forecast.view, stopped=False, paused=False)
                case _:
                    forecast.view = replace(forecast.view, job=None, foreign_order=False)

    @staticmethod
    def _concerns(command: Command, forecast: Forecast) -> bool:
        view = forecast.view
        match command.action:
            case Action.RESUME:
                # A vehicle need not report that it is paused, so believe whoever names it.
                return view.connected and bool(view.stopped or view.paused or view.held or view.id in command.vehicles)
            case _:
                return forecast.works

    def _drive(self, step: int, command: Command) -> None:
        if command.vehicles or self._last_drivers:
            chosen = self._those_meant(step, command)
        else:
            chosen = self._the_best(step, command)
        self._last_drivers = tuple(chosen)

    def _those_meant(self, step: int, command: Command) -> list[str]:
        """The named vehicles, all of which must be able; of a group or kind, or of all, those that are."""
        named = not command.vehicles or all(v in self._site.vehicles for v in command.vehicles)
        ids = (self._resolve(command) or []) if command.vehicles else list(self._last_drivers)
        failures: list[Problem] = []
        able: list[str] = []
        for vehicle in ids:
            outcome = self._try(step, vehicle, command)
            if isinstance(outcome, Problem):
                failures.append(outcome)
            else:
                self._commit(outcome[0])
                able.append(vehicle)
        if failures and (named or not able):
            self._objections += [Objection(command, problem) for problem in failures]
        else:
            self._left_out += [Objection(command, problem) for problem in failures]
        return able

    def _the_best(self, step: int, command: Command) -> list[str]:
        """The nearest idle vehicle that can do it; one that charges only if there is no other."""
        if command.action is Action.PICK and command.destination is None:
            self._object(command, Problem(Code.WHERE_TO, "say where to pick up"))
            return []
        options: list[tuple[bool, float, str, Assignment]] = []
        failures: list[Problem] = []
        sparing = command.action not in (Action.CHARGE, Action.PARK)
        for vehicle, forecast in self._fleet.items():
            outcome = self._try(step, vehicle, command)
            battery = forecast.view.battery
            if isinstance(outcome, Problem):
                if outcome.code is not Code.NOT_ALLOWED_VEHICLE:  # one's rights are no news of the fleet
                    failures.append(outcome)
            elif sparing and battery is not None and battery < LOW_BATTERY:
                failures.append(Problem(Code.LOW_BATTERY, f"{vehicle} has only {battery:.0f} % of charge", vehicle))
            else:
                # Who shall charge is the emptiest, not the nearest.
                cost = (battery or 0.0) if command.action is Action.CHARGE else outcome[1]
                options.append((forecast.view.charging, cost, vehicle, outcome[0]))
        if not options:
            none_allowed = Problem(Code.NOT_ALLOWED, f"there is no vehicle for which you may say '{command.action}'")
            self._object(command, self._nobody(failures) if failures else none_allowed)
            return []
        if command.action is Action.DROP and command.destination is None and len(options) > 1:
            loaded = ", ".join(option[2] for option in options)
            self._object(command, Problem(Code.WHICH_VEHICLE, f"say which vehicle shall drop its load: {loaded}"))
            return []
        best = min(options)
        self._commit(best[3])
        return [best[2]]

    @staticmethod
    def _nobody(failures: Sequence[Problem]) -> Problem:
        # A question that an answer can settle is worth more than a list of who is busy.
        for problem in failures:
            if problem.code is Code.WHERE_FROM:
                return Problem(Code.WHERE_FROM, "say where to fetch it from; no free vehicle carries a load")
        codes = {problem.code for problem in failures}
        reasons = "; ".join(problem.sentence for problem in failures[:3]) + ("; …" if len(failures) > 3 else "")
        if len(codes) == 1 and codes <= {Code.UNREACHABLE, Code.NO_FREE_CHARGER, Code.CANNOT, Code.NOT_LOADED}:
            return Problem(failures[0].code, f"no vehicle can do this: {reasons}")
        return Problem(Code.NO_FREE_VEHICLE, f"no vehicle is free for this: {reasons}")

    def _try(self, step: int, vehicle: str, command: Command) -> tuple[Assignment, float] | Problem:
        """Whether this vehicle can do it, and the metres it would drive for it."""
        forecast = self._fleet[vehicle]
        view = forecast.view
        if not self._permits(command, vehicle):
            return not_allowed(vehicle, command.action)
        if problem := hindrance(view) or occupied(view) or load_problem(view, command):
            return problem
        if forecast.start is None:
            return off_route(vehicle)
        destination = self._destination(vehicle, command, forecast.start)
        if isinstance(destination, Problem):
            return destination
        origin = self._place(command.origin) if command.origin else None
        stops = stops_for(command, origin, destination, self._site.actions)
        if problem := forecast.capability.objection(vehicle, stops):
            return problem
        loads = loads_along(view.loaded, stops)
        calls = [Call(stop.place.node if stop.place else None, load) for stop, load in zip(stops, loads, strict=False)]
        metres = self._metres(vehicle, forecast.start, calls)
        if metres is None:
            return unreachable(vehicle, destination, self._closed)
        return Assignment(step, vehicle, command, origin, destination, self._closed), metres

    def _destination(self, vehicle: str, command: Command, start: Start) -> Place | Problem | None:
        if command.destination:
            return self._place(command.destination)
        if command.action is Action.PARK:
            return self._place(self._site.vehicles[vehicle].home)
        if command.action is not Action.CHARGE:
            return None
        taken = {
            node for other, f in self._fleet.items() if other != vehicle for node in (f.view.node, f.target) if node
        }
        loaded = self._fleet[vehicle].view.loaded
        free = [place for place in self._site.chargers() if place.node not in taken]
        drives = [
            (metres, place.id)
            for place in free
            if (metres := self._metres(vehicle, start, [Call(place.node, loaded)])) is not None
        ]
        if not drives:
            return Problem(Code.NO_FREE_CHARGER, f"no free charger is in reach of {vehicle}", vehicle)
        return self._place(min(drives)[1])

    def _metres(self, vehicle: str, start: Start, stops: Sequence[Call]) -> float | None:
        return length_around(self._router, self._site.vehicles[vehicle].kind, start, stops, self._closed, self._barred)

    def _commit(self, assignment: Assignment) -> None:
        """Write an assignment down and move the forecast past it."""
        self._assignments.append(assignment)
        self._fleet[assignment.vehicle].carry_out(assignment)

    def _resolve(self, command: Command) -> list[str] | None:
        """The ids meant, in order and once each; None with a problem noted if there are none."""
        if not command.vehicles and command.action is Action.CANCEL:
            busy = [v for v, f in self._fleet.items() if self._concerns(command, f) and self._permits(command, v)]
            if len(busy) > 1:
                self._object(command, Problem(Code.WHICH_VEHICLE, f"say which to cancel: {', '.join(busy)}"))
                return None
            return busy
        ids: dict[str, None] = {}
        for reference in command.vehicles or (EVERYBODY,):
            here = reference.startswith("at:")
            members = members_of(
                self._site, reference, {v: f.view.node for v, f in self._fleet.items()} if here else {}
            )
            if not members:
                self._object(command, nobody_meant(reference))
            ids.update(dict.fromkeys(members))
        return list(ids) or None

    def _permits(self, command: Command, vehicle: str) -> bool:
        if self._may is None:
            return True
        standing: list[str] = []
        if command.destination is None and command.action in ON_THE_SPOT:
            node = self._fleet[vehicle].view.node
            standing = [place.id for place in self._site.places.values() if place.node == node]
        return self._may(command, vehicle, standing)

    def _place(self, place: str) -> Place:
        return self._site.places[place]
