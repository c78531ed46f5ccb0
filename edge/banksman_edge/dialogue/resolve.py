"""From commands with references in them to commands with ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from banksman_edge.dialogue.context import Context
from banksman_edge.dialogue.references import Reference, reference_of
from banksman_edge.dialogue.selectors import Selectors
from banksman_edge.dialogue.unclear import ask_where, ask_which
from banksman_edge.dialogue.words import BACK, FROM_THERE, IT, LIVE, OTHER, THEM, THERE
from banksman_edge.fleet import VehicleView
from banksman_edge.fleet.model import May
from banksman_shared.commands import EVERYBODY, SELECTORS, Action, Command
from banksman_shared.site import Site

AT = "at:"


@dataclass(frozen=True, slots=True)
class Now:
    """What a reference may mean at this moment: the speaker's context, the live fleet, and the speaker's rights."""

    context: Context | None
    views: Mapping[str, VehicleView]
    may: May | None


@dataclass(slots=True)
class _Focus:
    """What is spoken of, sentence by sentence within one utterance as well."""

    vehicles: tuple[str, ...]
    before: str
    place: str | None
    came_from: Mapping[str, str]
    reasons: list[str] = field(default_factory=list)


class Resolver:
    """Fills references in, on one site."""

    def __init__(self, site: Site, selectors: Selectors) -> None:
        self._site, self._selectors = site, selectors

    def fill(self, commands: Sequence[Command], now: Now) -> tuple[tuple[Command, ...], str]:
        """The commands with ids in place of references, and what was taken for what.

        Raises:
            Unclear: a reference has nothing to refer to, or several things.
        """
        context = now.context or Context()
        focus = _Focus(context.vehicles, context.before, context.place, context.came_from)
        filled = []
        for command in commands:
            done = self._fill(command, focus, now)
            filled.append(done)
            focus.vehicles = done.vehicles or focus.vehicles
            focus.place = done.destination or focus.place
            if done.destination:
                focus.came_from = {**focus.came_from, **standing(self._site, now.views, (done,))}
        return tuple(filled), "; ".join(dict.fromkeys(focus.reasons))

    def _fill(self, command: Command, focus: _Focus, now: Now) -> Command:
        origin = self._place(command.origin, (), focus)
        # Who is nearest depends on where to, and where "back" is on who.
        destination = command.destination
        if command.action is Action.DROP and focus.place is None and _is_there(destination):
            focus.reasons.append("'there' is where it stands")
            destination = None
        elif destination is None or not _is_back(destination):
            destination = self._place(destination, (), focus)
        settled = None if destination and _is_back(destination) else destination
        going = Command(command.action, (), origin=origin, destination=settled)
        tokens = command.vehicles or self._unsaid(command)
        vehicles = tuple(dict.fromkeys(v for token in tokens for v in self._who(token, going, focus, now)))
        destination = self._place(destination, vehicles, focus)
        return Command(command.action, vehicles, origin=origin, destination=destination)

    @staticmethod
    def _unsaid(command: Command) -> tuple[str, ...]:
        """ "Go back" is for whoever was spoken of; a load may be brought "there" by anybody."""
        referred = reference_of(command.destination) if command.destination else None
        return (Reference(IT).token,) if referred and command.action is not Action.TRANSPORT else ()

    def _who(self, token: str, command: Command, focus: _Focus, now: Now) -> tuple[str, ...]:
        if token.startswith(AT):
            place = self._place(token.removeprefix(AT), (), focus)
            return (f"{AT}{place}",)
        reference = reference_of(token)
        if reference is None:
            return (token,)
        if reference.key in LIVE:
            chosen = self._selectors.choose(reference, command, now.views, now.may)
            focus.reasons.append(chosen.reason)
            return (chosen.vehicle,)
        is_other = reference.key == OTHER
        meant = self.other(reference, focus.vehicles, focus.before) if is_other else self._it(reference, focus)
        focus.reasons.append(f"'{reference.key}' is {', '.join(meant)}")
        return meant

    def _it(self, reference: Reference, focus: _Focus) -> tuple[str, ...]:
        meant = tuple(v for v in focus.vehicles if self._fits(v, reference.kind))
        if not meant:
            raise ask_which((), "no vehicle was spoken of")
        if reference.key == THEM or (len(meant) == 1 and meant[0] in self._site.vehicles):
            return meant
        several = [v for v in meant if v in self._site.vehicles]
        raise ask_which(several, f"it may be any of {', '.join(meant)}")

    def other(self, reference: Reference, spoken_of: Sequence[str], before: str) -> tuple[str, ...]:
        """Of two that were named, or the only two of their kind, the one that is not spoken of now.

        Raises:
            Unclear: there are not two.
        """
        now = next(iter(spoken_of), "")
        if len(spoken_of) == 1 and now in self._site.vehicles:
            kind = reference.kind or self._site.vehicles[now].kind
            of_kind = [v.id for v in self._site.vehicles.values() if v.kind == kind]
            two = of_kind if len(of_kind) == 2 else []
            named = [] if reference.kind and two else [before]
            others = dict.fromkeys(v for v in (*named, *two) if v and v != now and self._fits(v, reference.kind))
            if len(others) == 1 and (not two or now in two):
                return tuple(others)
            if len(others) == 2:
                raise ask_which(list(others), "it may be the one named before, or the other one of its kind")
        raise ask_which([v for v in spoken_of if v in self._site.vehicles], "there are not two to tell apart")

    def _fits(self, vehicle: str, kind: str) -> bool:
        return not kind or (vehicle in self._site.vehicles and self._site.vehicles[vehicle].kind == kind)

    def _place(self, token: str | None, vehicles: Sequence[str], focus: _Focus) -> str | None:
        reference = reference_of(token) if token else None
        if reference is None:
            return token
        if reference.key == BACK:
            came_from = {focus.came_from.get(vehicle) for vehicle in vehicles or focus.vehicles}
            place = (came_from.pop() or None) if len(came_from) == 1 else None
        else:
            place = focus.place
        if place is None:
            raise ask_where(f"'{reference.key}' could be anywhere", origin=reference.key == FROM_THERE)
        focus.reasons.append(f"'{reference.key}' is {place}")
        return place


def _is_there(token: str | None) -> bool:
    reference = reference_of(token) if token else None
    return reference is not None and reference.key == THERE


def _is_back(token: str) -> bool:
    reference = reference_of(token)
    return reference is not None and reference.key == BACK


def is_open(commands: Sequence[Command]) -> bool:
    """Whether references are left in commands."""
    return any(
        reference_of(token.removeprefix(AT))
        for command in commands
        for token in (*command.vehicles, command.origin or "", command.destination or "")
    )


def named_one_by_one(vehicles: Sequence[str]) -> bool:
    """Whether these are ids, and no selector."""
    return all(v != EVERYBODY and not v.startswith(SELECTORS) for v in vehicles)


def carries_on(command: Command, context: Context | None, views: Mapping[str, VehicleView]) -> Command:
    """ "Take it to dock three", after a load was ordered about: it is the load, not the vehicle. Where it was put down,
    it is fetched from."""
    last = context.last.commands[-1] if context and context.last else None
    if last is None or command.action is not Action.MOVE or last.vehicles not in (command.vehicles, ()):
        return command
    loaded = all(views[v].loaded for v in command.vehicles if v in views)
    if loaded and last.action in (Action.PICK, Action.TRANSPORT):
        return Command(Action.TRANSPORT, command.vehicles, destination=command.destination)
    if last.action in (Action.TRANSPORT, Action.DROP) and last.destination not in (None, command.destination):
        return Command(Action.TRANSPORT, command.vehicles, origin=last.destination, destination=command.destination)
    return command


def standing(site: Site, views: Mapping[str, VehicleView], commands: Sequence[Command]) -> dict[str, str]:
    """Where the vehicles of an order stand before it."""
    at = {place.node: place.id for place in site.places.values()}
    told = dict.fromkeys(v for command in commands for v in command.vehicles if v in views)
    return {v: at.get(views[v].node or "", "") for v in told}
