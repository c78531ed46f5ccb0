"""Vehicles told by how things are now: "the nearest free forklift", "whichever has the lowest battery"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from banksman_edge.dialogue.unresolved_reference import UnresolvedReference, ask_which, impossible
from banksman_edge.fleet import Code, May, Problem, VehicleView, hindrance, members_of
from banksman_edge.understanding.reader.lines import LIVE
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.site import Router, Site

_SAID = {
    "nearest": "nearest", "free": "nearest free", "nearest-free": "nearest free", "lowest": "lowest battery",
    "highest": "highest battery", "empty": "empty one", "loaded": "one with a load",
}  # fmt: skip
SHOWN = 5
"""Vehicles that a reason lists."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    view: VehicleView
    value: float | None
    """Metres or per cent; None where the vehicle did not say, or no way leads there."""


class LiveVehicles:
    """Chooses vehicles of one site by live state."""

    def __init__(self, site: Site) -> None:
        self._site, self._router = site, Router(site.layout)

    def resolved(
        self, commands: Sequence[Command], views: Callable[[], Mapping[str, VehicleView]], may: May | None
    ) -> tuple[tuple[Command, ...], str]:
        """The commands with ids in place of what tells vehicles by live state, and of what they were chosen. In steps
        that tell of the same, it is the same vehicle.

        Raises:
            Unclear: nobody is meant, or that cannot be known.
        """
        chosen: dict[str, tuple[str, ...]] = {}
        reasons: list[str] = []
        done = []
        for command in commands:
            vehicles: list[str] = []
            for one in command.vehicles:
                if one.partition(":")[0] in LIVE and one not in chosen:
                    chosen[one], why = self._choose(one, command, views(), may)
                    reasons.append(why)
                vehicles += chosen.get(one, (one,))
            done.append(command.given_to(*vehicles))
        return tuple(done), "; ".join(reasons)

    def _choose(
        self, told: str, command: Command, views: Mapping[str, VehicleView], may: May | None
    ) -> tuple[tuple[str, ...], str]:
        how, _, kind = told.partition(":")
        among = [views[v] for v in members_of(self._site, f"kind:{kind}" if kind else "*", {}) if v in views]
        allowed = [view for view in among if may is None or may(command, view.id, self._standing(view))]
        if among and not allowed:
            raise impossible(Problem(Code.NOT_ALLOWED, f"you may not give the order '{command.action}' to any of them"))
        awake = [view for view in allowed if view.connected and view.reporting]
        if allowed and not awake:
            problem = hindrance(allowed[0]) or Problem(Code.OFFLINE, "none of them is connected", allowed[0].id)
            raise impossible(problem)
        fitting = [view for view in awake if view.idle] if how in ("free", "nearest-free") else awake
        if not fitting:
            raise impossible(self._nobody(awake))
        if command.action is Action.STATUS and how == "free":
            return tuple(view.id for view in fitting), "those that are free"
        if how in ("empty", "loaded"):
            return self._only(how, fitting)
        return self._best(how, command, fitting)

    def _standing(self, view: VehicleView) -> list[str]:
        return [place.id for place in self._site.places.values() if place.node == view.node]

    @staticmethod
    def _nobody(awake: Sequence[VehicleView]) -> Problem:
        busy = ", ".join(view.id for view in awake[:SHOWN])
        why = f"{busy} cannot take an order now" if busy else "none has been heard of"
        return Problem(Code.NO_FREE_VEHICLE, f"no vehicle is free for this: {why}")

    def _best(self, how: str, command: Command, fitting: Sequence[VehicleView]) -> tuple[tuple[str, ...], str]:
        candidates = list(self._valued(how, command, fitting))
        unknown = [c.view.id for c in candidates if c.value is None]
        if how in ("lowest", "highest") and unknown:
            raise ask_which([c.view.id for c in candidates], f"the battery of {', '.join(unknown)} is not known")
        known = [(c.value, c.view.id) for c in candidates if c.value is not None]
        if not known:
            raise self._nowhere(fitting)
        known.sort(key=lambda pair: (-pair[0] if how == "highest" else pair[0], pair[1]))
        unit = "%" if how in ("lowest", "highest") else "m"
        listed = ", ".join(f"{vehicle} ({value:.0f} {unit})" for value, vehicle in known[:SHOWN])
        return (known[0][1],), f"{_SAID[how]} of {listed}"

    def _nowhere(self, fitting: Sequence[VehicleView]) -> UnresolvedReference:
        lost = [view.id for view in fitting if view.node is None]
        if lost:
            return ask_which(lost, f"it is not known where {', '.join(lost)} is")
        return impossible(Problem(Code.UNREACHABLE, "no vehicle can get there", fitting[0].id))

    @staticmethod
    def _only(how: str, fitting: Sequence[VehicleView]) -> tuple[tuple[str, ...], str]:
        """The one vehicle that is so; if several are, it is asked which."""
        unknown = [view.id for view in fitting if view.loaded is None]
        if unknown:
            raise ask_which(unknown, f"it is not known whether {', '.join(unknown)} carries something")
        found = tuple(view.id for view in fitting if view.loaded == (how == "loaded"))
        if not found:
            raise impossible(Problem(Code.NOBODY_FITS, "none of them is like that"))
        if len(found) > 1:
            raise ask_which(found, f"{', '.join(found)} are like that")
        return found, f"{_SAID[how]} of {', '.join(view.id for view in fitting[:SHOWN])}"

    def _valued(self, how: str, command: Command, fitting: Sequence[VehicleView]) -> Iterator[_Candidate]:
        if how in ("lowest", "highest"):
            yield from (_Candidate(view, view.battery) for view in fitting)
            return
        place = command.origin if command.action is Action.TRANSPORT and command.origin else command.destination
        if place is None and how == "free":
            yield from (_Candidate(view, 0.0) for view in fitting)
            return
        if place is None:
            raise ask_which([view.id for view in fitting], "it was not said nearest to what")
        node = self._site.places[place].node
        for view in fitting:
            way = self._router.route(view.node, node, view.kind, frozenset(), view.loaded) if view.node else None
            yield _Candidate(view, way.length if way else None)
