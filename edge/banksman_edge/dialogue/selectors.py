"""Live selectors: which vehicle "the nearest free forklift" is, by where the fleet is now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from banksman_edge.dialogue.references import Reference
from banksman_edge.dialogue.unclear import Unclear, ask_which, impossible
from banksman_edge.dialogue.words import (
    ANY_EMPTY,
    AT,
    CLOSEST,
    EMPTY,
    FREE_ONE,
    HIGHEST,
    LOADED,
    LOWEST,
    NEAREST,
)
from banksman_edge.fleet import Code, Problem, VehicleView, members_of
from banksman_edge.fleet.model import May
from banksman_edge.fleet.objections import hindrance
from banksman_shared.commands import Action, Command
from banksman_shared.site import Router, Site

_SAID = {
    NEAREST: "nearest", CLOSEST: "nearest", LOWEST: "lowest battery", HIGHEST: "highest battery", EMPTY: "empty one",
    ANY_EMPTY: "nearest empty", LOADED: "one with a load", FREE_ONE: "nearest", AT: "one there",
}  # fmt: skip
SHOWN = 5
"""Vehicles that a reason lists."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A vehicle, and from what: "nearest free of forklift-1 (12 m), forklift-4 (40 m)"."""

    vehicle: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    view: VehicleView
    value: float | None
    """Metres or per cent; None where the vehicle did not say, or no way leads there."""


class Selectors:
    """Chooses vehicles of one site by live state."""

    def __init__(self, site: Site) -> None:
        self._site, self._router = site, Router(site.layout)

    def choose(
        self, reference: Reference, command: Command, views: Mapping[str, VehicleView], may: May | None
    ) -> Chosen:
        """The vehicle that a selector in ``command`` means, among those that the speaker may give it to.

        Raises:
            Unclear: nobody is meant, or that cannot be known.
        """
        among = self._of_kind(reference, views)
        allowed = [view for view in among if may is None or may(command, view.id, self._standing(view))]
        if among and not allowed:
            raise impossible(Problem(Code.NOT_ALLOWED, f"you may not give the order '{command.action}' to any of them"))
        awake = [view for view in allowed if view.connected and view.reporting]
        if allowed and not awake:
            problem = hindrance(allowed[0]) or Problem(Code.OFFLINE, "none of them is connected", allowed[0].id)
            raise impossible(problem)
        free = reference.free or reference.key in (FREE_ONE, ANY_EMPTY)
        fitting = [view for view in awake if view.idle] if free else awake
        if reference.key == ANY_EMPTY:
            fitting = [view for view in fitting if view.loaded is False]
        if not fitting:
            raise impossible(self._nobody(awake))
        return self._best(reference, command, fitting)

    def _of_kind(self, reference: Reference, views: Mapping[str, VehicleView]) -> list[VehicleView]:
        wanted = members_of(self._site, f"kind:{reference.kind}" if reference.kind else "*", {})
        return [views[vehicle] for vehicle in wanted if vehicle in views]

    def _standing(self, view: VehicleView) -> list[str]:
        return [place.id for place in self._site.places.values() if place.node == view.node]

    @staticmethod
    def _nobody(awake: Sequence[VehicleView]) -> Problem:
        busy = ", ".join(view.id for view in awake[:SHOWN])
        why = f"{busy} cannot take an order now" if busy else "none has been heard of"
        return Problem(Code.NO_FREE_VEHICLE, f"no vehicle is free for this: {why}")

    def _best(self, reference: Reference, command: Command, fitting: Sequence[VehicleView]) -> Chosen:
        if reference.key in (EMPTY, LOADED, AT):
            return self._only(reference, fitting)
        candidates = list(self._valued(reference, command, fitting))
        unknown = [c.view.id for c in candidates if c.value is None]
        if reference.key in (LOWEST, HIGHEST) and unknown:
            raise ask_which([c.view.id for c in candidates], f"the battery of {', '.join(unknown)} is not known")
        known = [(c.value, c.view.id) for c in candidates if c.value is not None]
        if not known:
            raise self._nowhere(fitting)
        known.sort(key=lambda pair: (-pair[0] if reference.key == HIGHEST else pair[0], pair[1]))
        unit = "%" if reference.key in (LOWEST, HIGHEST) else "m"
        listed = ", ".join(f"{vehicle} ({value:.0f} {unit})" for value, vehicle in known[:SHOWN])
        said = _SAID[reference.key] + (" free" if reference.free or reference.key == FREE_ONE else "")
        return Chosen(known[0][1], f"{said} of {listed}")

    def _nowhere(self, fitting: Sequence[VehicleView]) -> Unclear:
        lost = [view.id for view in fitting if view.node is None]
        if lost:
            return ask_which(lost, f"it is not known where {', '.join(lost)} is")
        return impossible(Problem(Code.UNREACHABLE, "no vehicle can get there", fitting[0].id))

    def _only(self, reference: Reference, fitting: Sequence[VehicleView]) -> Chosen:
        """The one vehicle that is so; if several are, it is asked which."""
        if reference.key == AT:
            here = members_of(self._site, f"at:{reference.place}", {view.id: view.node for view in fitting})
            found = [view.id for view in fitting if view.id in here]
            nobody = Problem(
                Code.NOBODY_FITS, f"none of them is at {reference.place}", facts={"place": reference.place}
            )
        else:
            unknown = [view.id for view in fitting if view.loaded is None]
            if unknown:
                raise ask_which(unknown, f"it is not known whether {', '.join(unknown)} carries something")
            found = [view.id for view in fitting if view.loaded == (reference.key == LOADED)]
            nobody = Problem(Code.NOBODY_FITS, "none of them is like that")
        if not found:
            raise impossible(nobody)
        if len(found) > 1:
            raise ask_which(found, f"{', '.join(found)} are like that")
        return Chosen(found[0], f"{_SAID[reference.key]} of {', '.join(view.id for view in fitting[:SHOWN])}")

    def _valued(self, reference: Reference, command: Command, fitting: Sequence[VehicleView]) -> Iterator[_Candidate]:
        if reference.key in (LOWEST, HIGHEST):
            yield from (_Candidate(view, view.battery) for view in fitting)
            return
        place = reference.place or self._where(command)
        if place is None:
            raise ask_which([view.id for view in fitting], "it was not said nearest to what")
        node = self._site.places[place].node
        for view in fitting:
            way = self._router.route(view.node, node, view.kind, frozenset(), view.loaded) if view.node else None
            yield _Candidate(view, way.length if way else None)

    def _where(self, command: Command) -> str | None:
        """Where the vehicle that does this has to be first."""
        at_first = command.origin if command.action is Action.TRANSPORT else command.destination
        return at_first or command.destination
