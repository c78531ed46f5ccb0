"""Whether somebody may give an order. Stopping needs no right."""

from __future__ import annotations

from collections.abc import Sequence

from banksman_edge.fleet import Code, Fleet, May, Problem, members_of, not_allowed
from banksman_edge.operators.speaker import Speaker
from banksman_shared.actions import Action
from banksman_shared.commands import EVERYBODY, ON_THE_SPOT, Command
from banksman_shared.plans import Plan
from banksman_shared.site import Grant, Site

_FREE = frozenset({Action.STOP, Action.NONE})


class Rights:
    """The rights of a site's operators. Without roles everybody may everything.

    ``fleet`` None: nothing is known to be anywhere.
    """

    def __init__(self, site: Site, fleet: Fleet | None) -> None:
        self._site, self._fleet, self._roles = site, fleet, site.rules.roles

    def objection(self, speaker: Speaker, commands: Sequence[Command]) -> Problem | None:
        """Why somebody may not give these orders, or None if they may.

        An order to nobody in particular needs one vehicle that they may give it to; the fleet then chooses among
        those (:meth:`limit`). "Go on" to nobody in particular is to all that were stopped.
        """
        grants = self._grants(speaker)
        if grants is None:
            return None
        found = (self._objection(grants, command) for command in commands if command.action not in _FREE)
        return next(filter(None, found), None)

    def plan_objection(self, speaker: Speaker, plan: Plan) -> Problem | None:
        """Why somebody may not have this plan driven, or None: each step is an order of theirs."""
        steps = [
            Command(Action(s.action), (s.vehicle,), origin=s.origin, destination=s.destination) for s in plan.steps
        ]
        return self.objection(speaker, steps)

    def limit(self, speaker: Speaker) -> May | None:
        """What the fleet may do for somebody: asked for each vehicle and command. None: everything."""
        grants = self._grants(speaker)
        if grants is None:
            return None

        def may(command: Command, vehicle: str, standing: Sequence[str]) -> bool:
            if command.action in _FREE:
                return True
            places: Sequence[str] = _places(command)
            if not places and command.action in ON_THE_SPOT:
                places = standing or [""]  # between all places: allowed to those who may do it anywhere
            return _covered(grants, command.action, vehicle, places)

        return may

    def drivable(self, speaker: Speaker) -> frozenset[str]:
        """The vehicles that somebody may send anywhere at all: with which a planner may plan for them."""
        grants = self._grants(speaker)
        driving = frozenset({Action.MOVE, Action.TRANSPORT, Action.CHARGE, Action.PARK})
        if grants is None:
            return frozenset(self._site.vehicles)
        some = [grant for grant in grants if grant.actions is None or grant.actions & driving]
        return frozenset(v for v in self._site.vehicles if any(g.vehicles is None or v in g.vehicles for g in some))

    def narrowed(self, speaker: Speaker, commands: Sequence[Command]) -> tuple[Command, ...]:
        """The commands, with a question about nobody in particular put about those that they may ask about."""
        grants = self._grants(speaker)
        if grants is None:
            return tuple(commands)
        known = tuple(v for v in self._site.vehicles if _covered(grants, Action.STATUS, v, ()))
        asks = [command.action is Action.STATUS and not command.vehicles for command in commands]
        return tuple(Command(c.action, known) if asked else c for c, asked in zip(commands, asks, strict=True))

    def _grants(self, speaker: Speaker) -> tuple[Grant, ...] | None:
        if self._roles is None:
            return None
        return tuple(grant for role in speaker.roles for grant in self._roles[role])

    def _objection(self, grants: Sequence[Grant], command: Command) -> Problem | None:
        action, places = command.action, _places(command)
        able = [grant for grant in grants if grant.actions is None or action in grant.actions]
        if not able:
            return Problem(Code.NOT_ALLOWED, f"you may not give the order '{action}'")
        if action is Action.PLAN:
            return None  # its steps are looked at when they are known
        for place in places:
            if all(grant.places is not None and place not in grant.places for grant in able):
                return Problem(
                    Code.NOT_ALLOWED_PLACE,
                    f"you may not give the order '{action}' for {place}",
                    facts={"place": place},
                )
        chosen = not command.vehicles and action is not Action.RESUME
        meant = self._site.vehicles if chosen else self._meant(command)
        refused = [vehicle for vehicle in meant if not _covered(able, action, vehicle, places)]
        if not refused or (chosen and len(refused) < len(self._site.vehicles)):
            return None
        if chosen:
            return Problem(Code.NOT_ALLOWED, f"you may not give the order '{action}' to any vehicle")
        return not_allowed(refused[0], action)

    def _meant(self, command: Command) -> list[str]:
        somewhere = any(reference.startswith("at:") for reference in command.vehicles)
        views = self._fleet.vehicles() if self._fleet and somewhere else {}
        nodes = {v: view.node for v, view in views.items()}
        return [v for ref in command.vehicles or (EVERYBODY,) for v in members_of(self._site, ref, nodes)]


def _places(command: Command) -> list[str]:
    return [place for place in (command.origin, command.destination) if place is not None]


def _covered(grants: Sequence[Grant], action: str, vehicle: str, places: Sequence[str]) -> bool:
    """Whether each of the places, or the action without any, is granted with this vehicle. Grants add up."""
    fitting = [
        grant
        for grant in grants
        if (grant.actions is None or action in grant.actions) and (grant.vehicles is None or vehicle in grant.vehicles)
    ]
    return bool(fitting) and all(any(g.places is None or place in g.places for g in fitting) for place in places)
