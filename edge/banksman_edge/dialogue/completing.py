"""What a fragment makes of the last order: a correction takes its place, "again" repeats it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from banksman_edge.dialogue.context import Ordered
from banksman_edge.dialogue.fragments import Fragment
from banksman_edge.dialogue.hearing import Order
from banksman_edge.dialogue.references import reference_of
from banksman_edge.dialogue.resolve import Now, named_one_by_one
from banksman_edge.dialogue.slots import fits_origin, swapped, told, with_places
from banksman_edge.dialogue.things import GOING, Commands, Things, things_of
from banksman_edge.dialogue.unclear import ask_where, ask_which, impossible, nothing_meant
from banksman_edge.dialogue.words import IT, NOT, THEM, TOO
from banksman_edge.fleet import Code, Problem, VehicleView
from banksman_shared.commands import Action, Command


@dataclass(frozen=True, slots=True)
class Corrected:
    """The order that takes another's place, and the vehicles that give up the other one first."""

    commands: Commands
    undone: tuple[str, ...]

    @property
    def all(self) -> Commands:
        return (*((Command(Action.CANCEL, self.undone),) if self.undone else ()), *self.commands)


class Completer:
    """Repeats and corrects orders of one site."""

    def __init__(self, things: Things) -> None:
        self._things = things

    # Repeats

    def repeat(self, last: Ordered | None, fragment: Fragment, now: Now) -> Commands:
        """The last order once more, for other vehicles or to another place where they were named.

        Raises:
            Unclear: there was none, or it was for several.
        """
        if last is None:
            raise nothing_meant("nothing was ordered that could be repeated")
        commands = last.commands
        if fragment.vehicles:
            self._told_alike(commands)
            vehicles = self._things.who(fragment.vehicles, commands, now)
            commands = told(commands, vehicles)
        elif fragment.numbers:
            vehicle = self._things.same_kind(_sole(commands), fragment.numbers[-1].value)
            if vehicle is None:
                raise nothing_meant(f"no vehicle of that kind has the number {fragment.numbers[-1].value}")
            commands = told(commands, (vehicle,))
        if fragment.places or fragment.origins:
            commands = self._moved(commands, fragment)
        return self._things.resolver.fill(commands, now)[0]

    @staticmethod
    def _told_alike(commands: Commands) -> None:
        if len({command.vehicles for command in commands}) > 1:
            raise nothing_meant("the last order was for several, each with a part of its own")

    def _moved(self, commands: Commands, fragment: Fragment) -> Commands:
        """The commands with the places of a fragment in their slots."""
        targets = [at for at, command in enumerate(commands) if command.action in GOING]
        if fragment.places and len(targets) != 1:
            raise ask_where("it is not clear which part of the last order is meant")
        done = list(commands)
        if fragment.places and not fragment.origins and not fragment.towards:
            self._check_destination(done[targets[0]], fragment.places[-1])
        if fragment.places:
            done[targets[0]] = with_places(done[targets[0]], destination=fragment.places[-1])
        if fragment.origins:
            fetching = [at for at, command in enumerate(done) if command.action is Action.TRANSPORT]
            if len(fetching) != 1:
                raise ask_where("nothing was to be fetched", origin=True)
            done[fetching[0]] = with_places(done[fetching[0]], origin=fragment.origins[-1])
        return tuple(done)

    def _check_destination(self, command: Command, place: str) -> None:
        """Of a load that is fetched somewhere and brought elsewhere, a bare place may be either."""
        if command.action is not Action.TRANSPORT or command.origin is None:
            return
        new, origin, destination = (
            known.kind if (known := self._things.site.places.get(key or "")) else None
            for key in (place, command.origin, command.destination)
        )
        if fits_origin(new, origin, destination):
            raise ask_where(f"{place} may be where the load is, or where it is brought")

    # Corrections

    def correct(self, last: Ordered | None, fragment: Fragment, now: Now) -> Corrected:
        """The last order with what was meant instead.

        Raises:
            Unclear: there was none, or it is not clear what is meant instead of what.
        """
        if last is None:
            raise nothing_meant("nothing was ordered that could be corrected")
        commands = self._corrected(last.commands, fragment, now)
        return self.instead(last, commands, now)

    def replace(self, last: Ordered, commands: Commands, now: Now) -> Corrected:
        """A whole order in place of the last one, or of the part of it that was for the same vehicles.

        Raises:
            Unclear: the last order was for several, and it is not clear which part is meant.
        """
        named = {vehicle for command in commands for vehicle in command.vehicles}
        before = {vehicle for command in last.commands for vehicle in command.vehicles}
        if not named & before:
            self._told_alike(last.commands)
            return self.instead(last, commands if named else told(commands, last.commands[0].vehicles), now)
        if named >= before:
            return self.instead(last, commands, now)
        if not named <= before:
            raise nothing_meant("it names some of those who were told before, and others")
        return self.instead(last, commands, now, only=named)

    def in_place(self, last: Ordered, order: Order, now: Now) -> tuple[Commands, str]:
        """A whole order in place of the last one, or another goal for its load; and what was taken for what.

        Raises:
            Unclear: see :meth:`replace`, or a reference has nothing to refer to.
        """
        why = f"corrects utterance {last.job}"
        if goal := _new_goal(last, order):
            return self.correct(last, Fragment(places=(goal,), towards=True), now).all, why
        commands, meant = self._things.resolver.fill(order.commands, now)
        return self.replace(last, commands, now).all, "; ".join(filter(None, (why, meant)))

    def instead(self, last: Ordered, commands: Commands, now: Now, *, only: Collection[str] | None = None) -> Corrected:
        """An order in place of the last one; of that, what has begun is given up, by ``only`` these vehicles."""
        if commands == last.commands:
            raise impossible(Problem(Code.NOTHING_TO_DO, "that is what was ordered"))
        undone = tuple(
            v
            for v, view in now.views.items()
            if view.job and any(_belongs(view.job, job) for job in last.jobs) and (only is None or v in only)
        )
        if undone and not any(command.vehicles for command in commands):
            commands = told(commands, undone)  # whom the fleet had chosen
        commands = tuple(self._with_load(c, last, now.views, undone) for c in commands)
        return Corrected(commands, undone)

    def _corrected(self, commands: Commands, fragment: Fragment, now: Now) -> Commands:
        self._check_denied(commands, fragment)
        places = tuple(p for p in fragment.places if p not in fragment.denied)
        vehicles = tuple(v for v in fragment.vehicles if v not in fragment.denied)
        origins = tuple(p for p in fragment.origins if p not in fragment.denied)
        if fragment.numbers and not (places or vehicles):
            wrong = {*fragment.places, *fragment.vehicles}
            return self._renumbered(commands, fragment, wrong)
        if len(places) + len(origins) < len(fragment.places) + len(fragment.origins) and not (places or origins):
            raise ask_where("it was not said where to instead", origin=bool(fragment.origins))
        if len(vehicles) < len(fragment.vehicles) and not vehicles:
            raise ask_which((), "who instead?")
        if vehicles:
            self._told_alike(commands)
            who = self._things.who(vehicles, commands, now)
            commands = told(commands, who)
        denied = [p for p in (*fragment.places, *fragment.origins) if p in fragment.denied]
        if len(denied) == 1 == len(places) + len(origins):
            instead = (*places, *origins)[0]
            commands = tuple(swapped(command, denied[0], instead) for command in commands)
        elif places or origins:
            commands = self._moved(commands, Fragment(places=places, origins=origins, towards=fragment.towards))
        return self._things.resolver.fill(commands, now)[0]

    def _check_denied(self, commands: Commands, fragment: Fragment) -> None:
        """What a "not" belongs to must be in the order: "not dock two" is no way to send anybody to dock two."""
        if NOT not in fragment.marks:
            return
        things = set(things_of(commands))
        numbers = {self._things.number(thing) for thing in things} - {None}
        known = all(denied in things or denied in numbers for denied in fragment.denied)
        if not known or not fragment.denied or TOO in fragment.marks:
            raise nothing_meant("nothing in the last order is what was said to be wrong")

    def _renumbered(self, commands: Commands, fragment: Fragment, wrong: set[str]) -> Commands:
        """ "Not three, two": of the numbers, the one that the order has gives way to the other. ``wrong``: what was
        said by name to be wrong, if anything."""
        values = [number.value for number in fragment.numbers]
        options: dict[str, tuple[str, str]] = {}
        for old in (t for t in things_of(commands) if not wrong or t in wrong):
            current = self._things.number(old)
            wanted = [value for value in values if value != current]
            denied = not wrong and NOT in fragment.marks
            told_wrong = old in wrong or current in (fragment.denied if denied else values)
            told_wrong |= len(values) == 1 and not denied
            if told_wrong and len(wanted) == 1 and (new := self._things.same_kind(old, wanted[0])):
                options[old] = (old, new)
        if not options:
            raise nothing_meant(f"nothing in the last order can be number {values[-1]}")
        if len(options) > 1:
            raise ask_which([new for _, new in options.values()], "it may be either", "correction")
        old, new = next(iter(options.values()))
        return tuple(swapped(command, old, new) for command in commands)

    @staticmethod
    def _with_load(command: Command, last: Ordered, views: Mapping[str, VehicleView], undone: Sequence[str]) -> Command:
        """A load that was fetched already is not any more where it was to be fetched from."""
        fetches = command.action is Action.TRANSPORT and command.origin is not None
        before = next((c for c in last.commands if c.action is Action.TRANSPORT and c.origin == command.origin), None)
        if not fetches or before is None or not (undone or last.done):
            return command
        if not undone:
            brought = before.destination if before.destination != command.destination else command.origin
            return Command(command.action, command.vehicles, origin=brought, destination=command.destination)
        loads = {views[v].loaded for v in undone if v in views}
        if loads == {False}:
            return command
        if loads == {True} and command.vehicles in (before.vehicles, ()):
            return Command(command.action, tuple(undone), destination=command.destination)
        raise ask_where("the load may have been fetched already", origin=True)


def is_for_others(last: Ordered, commands: Commands) -> bool:
    """Whether an order names vehicles that the last one was not for: of these, an "instead" may mean an earlier one."""
    named = {v for command in commands for v in command.vehicles if not reference_of(v)}
    return not named <= {v for command in last.commands for v in command.vehicles}


def _new_goal(last: Ordered, order: Order) -> str | None:
    """Where the load of the last order goes instead: "no, put it in aisle three" is not for a vehicle that has fetched
    it; None where that is not meant."""
    carried = [c for c in last.commands if c.action is Action.TRANSPORT and c.origin]
    if len(order.commands) != 1 or len(carried) != 1:
        return None
    said = order.commands[0]
    pronouns = {r.key for v in said.vehicles if (r := reference_of(v))}
    puts = said.action is Action.DROP or (said.action is Action.TRANSPORT and said.origin is None)
    puts |= said.action is Action.MOVE and order.carries
    same = said.vehicles in ((), carried[0].vehicles) or pronouns & {IT, THEM}
    return said.destination if puts and same else None


def _sole(commands: Commands) -> str | None:
    vehicles = {v for command in commands for v in command.vehicles}
    return vehicles.pop() if len(vehicles) == 1 and named_one_by_one(tuple(vehicles)) else None


def _belongs(job: str, to: str) -> bool:
    return job == to or job.rpartition("/")[0] == to
