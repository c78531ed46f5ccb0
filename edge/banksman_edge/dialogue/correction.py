"""An order in place of the last one: what has begun of that is given up, and a load may be under way already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from banksman_edge.dialogue.context import Ordered, belongs
from banksman_edge.dialogue.unresolved_reference import ask_where, impossible
from banksman_edge.fleet import Code, Problem, VehicleView
from banksman_shared.actions import Action
from banksman_shared.commands import Command

Commands = tuple[Command, ...]
PutOff = tuple[tuple[str, Command], ...]
"""Jobs with what a vehicle is to do for them after something that is done before."""


def in_place_of(last: Ordered, commands: Commands, views: Mapping[str, VehicleView]) -> tuple[Commands, frozenset[str]]:
    """The commands that take the place of the last order, behind the cancelling of what is left of it, and the jobs
    that are cancelled.

    Raises:
        Unclear: nothing changes, or a load may have been fetched already.
    """
    if commands == last.commands:
        raise impossible(Problem(Code.NOTHING_TO_DO, "that is what was ordered"))
    found = {v: [job for job in view.jobs if any(belongs(job, to) for to in last.jobs)] for v, view in views.items()}
    undone = _only_those_replaced(last.commands, commands, [v for v, jobs in found.items() if jobs])
    if undone and not any(command.vehicles for command in commands):
        commands = tuple(command.given_to(*undone) for command in commands)  # whom the fleet had chosen
    commands = tuple(_with_load(command, last, views, undone) for command in commands)
    given_up = (Command(Action.CANCEL, undone),) if undone else ()
    return (*given_up, *commands), frozenset(job for v in undone for job in found[v])


def before_all_else(
    commands: Commands, meant: Iterable[str], views: Mapping[str, VehicleView]
) -> tuple[Commands, frozenset[str], PutOff]:
    """The commands with what they need to be done at once: what runs is given up, and the orders that wait come after
    them; the jobs that are given up so; and the orders that are put off. ``meant``: the vehicles that the commands are
    for."""
    works = tuple(sorted(vehicle for vehicle in meant if vehicle in views and views[vehicle].job))
    if not works:
        return commands, frozenset(), ()
    waiting = tuple(
        (job, each)
        for vehicle in works
        for job, command in views[vehicle].waiting
        if job != views[vehicle].job and (each := command.given_to(vehicle)) not in commands
    )
    given_up = frozenset(job for vehicle in works for job in views[vehicle].jobs)
    return (Command(Action.CANCEL, works), *commands, *(each for _, each in waiting)), given_up, waiting


def still_waiting(commands: Commands, put_off: PutOff, views: Mapping[str, VehicleView]) -> Commands:
    """Commands without those that were put off and are not to be done any more: cancelled meanwhile, or done."""
    gone = {each for job, each in put_off if job not in views[each.vehicles[0]].jobs}
    return tuple(command for command in commands if command not in gone)


def _only_those_replaced(before: Commands, after: Commands, undone: Sequence[str]) -> tuple[str, ...]:
    """Of an order for several, each with a part of its own, those whose part is another now."""
    named = {vehicle for command in after for vehicle in command.vehicles}
    parts = {command.vehicles for command in before}
    told = {vehicle for part in parts for vehicle in part}
    if len(parts) > 1 and named and named < told:
        return tuple(vehicle for vehicle in undone if vehicle in named)
    return tuple(undone)


def _with_load(command: Command, last: Ordered, views: Mapping[str, VehicleView], undone: Sequence[str]) -> Command:
    """A load that was fetched already is not any more where it was to be fetched from."""
    fetches = command.action is Action.TRANSPORT and command.origin is not None
    before = next((c for c in last.commands if c.action is Action.TRANSPORT and c.origin == command.origin), None)
    if not fetches or before is None or not (undone or last.done):
        return command
    if not undone:
        brought = before.destination if before.destination != command.destination else command.origin
        return Command(command.action, command.vehicles, origin=brought, destination=command.destination)
    loads = {views[v].loaded if _runs(views[v], last) else False for v in undone if v in views}
    if loads == {False}:
        return command
    if loads == {True} and command.vehicles in (before.vehicles, ()):
        return Command(command.action, tuple(undone), destination=command.destination)
    raise ask_where("the load may have been fetched already", origin=True)


def _runs(view: VehicleView, last: Ordered) -> bool:
    """Whether a vehicle is at work for an order; what only waits has fetched nothing."""
    return view.job is not None and any(belongs(view.job, job) for job in last.jobs)
