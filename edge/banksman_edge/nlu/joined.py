"""Orders that stand side by side in one sentence: to several vehicles, or one called off and another given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from banksman_edge.nlu.item import Item
from banksman_edge.nlu.items import letting
from banksman_edge.nlu.language import AND, FILLER, HOME, IT, WISHES
from banksman_edge.nlu.neighbours import HANDLING
from banksman_shared.commands import EVERYBODY, Action, Command

_PLACELESS = (Action.STOP, Action.CANCEL, Action.RESUME, Action.CHARGE, Action.PARK)
"""What may be ordered without a place."""
_RESTING = (Action.CHARGE, Action.PARK)

_GOING = (Action.MOVE, Action.DROP, Action.TRANSPORT)

ReadOne = Callable[[Sequence[Item]], Command | None]
"""The one order of some items, or None."""


def joined(
    items: Sequence[Item], read: ReadOne, read_later: ReadOne, *, postfix: bool, dense: bool
) -> list[Command] | None:
    """The orders that stand side by side in some items; None where they are not made of such."""
    several = side_by_side(items, read, postfix=postfix) or fetched(items, read)
    several = several or set_down(items, read, postfix=postfix, dense=dense) or gone_home(items, read, read_later)
    several = several or (charged(items, read, read_later) if postfix else None) or shared(items, read)
    return several or visited(items, read) or called_off(items, read, read_later)


def visited(items: Sequence[Item], read: ReadOne) -> list[Command] | None:
    """Two places that somebody goes to, one after the other: "go to the kitchen and the lab"."""
    if sum(item.is_who for item in items) > 1:
        return None  # nobody knows who goes where
    for at in range(1, len(items) - 1):
        if not (items[at].plays(AND) and items[at - 1].is_where):
            continue
        second = next((n for n in range(at + 1, len(items)) if not (_is_small(items[n]) or items[n].leads)), at)
        if not items[second].is_where:
            continue
        left, right = read([*items[:at], *items[second + 1 :]]), read([*items[: at - 1], *items[at + 1 :]])
        goes = left and right and left.action is right.action is Action.MOVE and left.vehicles == right.vehicles
        if left and right and goes and left.destination and right.destination not in (None, left.destination):
            return [left, right]
    return None


def side_by_side(items: Sequence[Item], read: ReadOne, *, postfix: bool) -> list[Command] | None:
    """The orders to different vehicles: "tug one parks and tug two goes to dock three". None where the sentence is not
    made of such, each of which names its vehicles and says on its own what they shall do."""
    if sum(item.is_who for item in items) < 2:
        return None
    for end, start in _joints(items, postfix=postfix):
        first, rest = items[:end], items[start:]
        left = read(first)
        if not (left and _is_own(left) and (not _last(first).is_who or any(item.actions for item in rest))):
            continue
        right = side_by_side(rest, read, postfix=postfix) or [one for one in (read(rest),) if one]
        if right and all(map(_is_own, right)) and _are_others([left, *right]):
            return [left, *right]
    return None


def fetched(items: Sequence[Item], read: ReadOne) -> list[Command] | None:
    """What is taken up somewhere and brought elsewhere, as one transport: "pick up the crate at dock two and bring it
    to the store"; also without the "and", before the second verb: "recoger en el muelle uno, entregar en el dos"."""
    for at in range(1, len(items) - 1):
        apart = items[at - 1].is_where and bool(items[at].actions) and not items[at].leads_as_verb
        if not (apart or items[at].plays(AND)):
            continue
        left, right = read(items[:at]), read(items[at if apart else at + 1 :])
        if not (left and right and left.action is Action.PICK and left.destination and right.destination):
            continue
        if apart and right.action is Action.DROP and right.vehicles in ((), left.vehicles) and not read(items):
            return [left, right]
        same = any(item.plays(IT) or (item.is_load and item.plays(FILLER)) for item in items[at + 1 :])
        if not apart and same and right.action is Action.DROP:  # "and drop them at dock one"
            right = Command(Action.TRANSPORT, right.vehicles, destination=right.destination)
        if right.action is Action.TRANSPORT:
            brought = carried(left, right)
            if len(brought) > 1:
                return None
            moved = Command(Action.MOVE, left.vehicles, destination=right.destination)
            return [moved] if _takes_a_vehicle(items[:at]) and right.origin is None else brought
    return None


def is_turned_round(command: Command, items: Sequence[Item]) -> bool:
    """Whether a way would lead back from where a second verb brings a load to: "ritira alla banchina uno e scarica in
    banchina due" goes from the first to the second, though "in" says from where as well."""
    for at in (at for at, item in enumerate(items) if item.plays(AND) and command.origin):
        first, rest = (
            [i.mention.ids[0] for i in part if i.mention and i.is_where] for part in (items[:at], items[at:])
        )
        brings = any(item.actions & {Action.DROP, Action.TRANSPORT} for item in items[at:])
        if brings and first == [command.destination] and rest == [command.origin]:
            return True
    return False


def _takes_a_vehicle(items: Sequence[Item]) -> bool:
    """Whether a vehicle and no load is what a verb takes: "take tug two away from dock one"."""
    taken = any(verb.actions & HANDLING and whom.is_who for verb, whom in pairwise(items))
    return taken and not any(item.is_load or item.unknown for item in items)


def shared(items: Sequence[Item], read: ReadOne) -> list[Command] | None:
    """Two loads that one verb brings to two places: "bring the milk to dock one and the cheese to dock two", which
    takes nothing from dock two. A pronoun is the same load again."""
    verbs = [at for at, item in enumerate(items) if item.actions and not item.leads_as_verb]
    said = [at for at, item in enumerate(items) if item.is_load or item.is_where]
    loads = [items[at].is_load and not items[at].plays(IT) for at in said]
    if len(verbs) != 1 or loads != [True, False, True, False]:
        return None
    verb, end = items[verbs[0]], said[1] + 1
    while end < said[2] and (items[end].leads or items[end].phrase is None or items[end].is_who):
        end += 1
    first, rest = list(items[:end]), [item for item in items[end:] if not item.plays(AND)]
    first, rest = ([*first, verb], rest) if verbs[0] >= end else (first, [verb, *rest])
    left, right = read(first), read(rest)
    if not (left and right and left.action is right.action is Action.TRANSPORT) or left.origin or right.origin:
        return None
    whole = bool(left.destination and right.destination) and not (left.vehicles and right.vehicles)
    who = left.vehicles or right.vehicles
    return [Command(Action.TRANSPORT, who, destination=one.destination) for one in (left, right)] if whole else None


def set_down(items: Sequence[Item], read: ReadOne, *, postfix: bool, dense: bool) -> list[Command] | None:
    """What is put down, and what its vehicle does then: "leave the pallet at dock two and drive to dock one", which
    takes nothing from dock two. After other work with a load, what needs no place: "and go home"."""
    for end, start in _behind_loads(items, postfix=postfix, dense=dense):
        left = read(items[:end]) if any(item.actions & HANDLING for item in items[:end]) else None
        right = read(items[start:]) if left and left.action in HANDLING else None
        if not (left and right) or right.vehicles not in ((), left.vehicles or right.vehicles):
            continue
        if postfix and end == start and right.vehicles and not left.vehicles:
            continue  # "crates are placed at line two, Bruno, take them to dock one"
        rests = left.destination is not None and right.action in _RESTING and right.destination is None
        if (left.action is Action.DROP and _is_another(right)) or rests:
            return [left, right]
    return None


def gone_home(items: Sequence[Item], read: ReadOne, read_later: ReadOne) -> list[Command] | None:
    """Where a vehicle goes, and home before or after: "go to dock two and go home", which parks nobody at the dock. "Go
    to dock two and park" does, and has no word for home."""
    homes = [at for at, item in enumerate(items) if item.plays(HOME) and Action.PARK in item.actions]
    for start, end in _joints_at_home(items, homes[0]) if len(homes) == 1 else ():
        left = read(items[:end])
        wished = [letting(item) for item in items[:end] if item.plays(WISHES)]  # "niech jedzie … i wraca"
        right = read_later([*wished, *items[start:]]) if left else None
        if not (left and right) or right.vehicles not in ((), left.vehicles):
            continue
        rests, goes = (right, left) if homes[0] >= start else (left, right)
        if rests.action is Action.PARK and not rests.destination and goes.action in _GOING and goes.destination:
            return [left, right]
    return None


def charged(items: Sequence[Item], read: ReadOne, read_later: ReadOne) -> list[Command] | None:
    """Where a vehicle goes, and that it charges then, where the verbs need no "and": ドック1へ行って充電して."""
    for at in range(1, len(items)):
        if Action.CHARGE in items[at].actions and Action.MOVE in items[at - 1].actions:
            left, right = read(items[:at]), read_later(items[at:])
            if left and right and left.action is Action.MOVE and right == Command(Action.CHARGE, ()):
                return [left, right]
    return None


def _joints_at_home(items: Sequence[Item], home: int) -> Iterator[tuple[int, int]]:
    """Where the second step may begin and the first end: at an "and", or before the way home, behind another verb."""
    for at in range(1, len(items) - 1):
        if items[at].plays(AND):
            yield at + 1, at
    if any(Action.MOVE in item.actions for item in items[:home]):
        yield home, home


def _behind_loads(items: Sequence[Item], *, postfix: bool, dense: bool) -> Iterator[tuple[int, int]]:
    """Where a step may end and the next begin: at an "and"; before a verb, or, where verbs come last, behind one."""
    for at in range(1, len(items)):
        said = items[at - 1]
        before_verb = (said.is_where or said.is_load) and _is_verb(items[at], dense=dense)
        if items[at].plays(AND) and at + 1 < len(items):
            yield at, at + 1
        elif Action.DROP in said.actions if postfix else before_verb:
            yield at, at


def _is_verb(item: Item, *, dense: bool) -> bool:
    """Whether it is a verb; where words are parted, none that may be a preposition."""
    return bool(item.actions) and (dense or not item.leads_as_verb)


def _is_another(command: Command) -> bool:
    """Whether it says all of what is done with something else, or without any load."""
    if command.action is Action.TRANSPORT:
        return command.origin is not None and command.destination is not None
    return command.action.drives and command.action is not Action.DROP and _is_whole(command)


def carried(left: Command, right: Command) -> list[Command]:
    """Fetching something somewhere and bringing it elsewhere is one transport."""
    taken = left.action is Action.PICK and left.destination and right.action is Action.TRANSPORT
    if taken and right.origin is None and right.vehicles in ((), left.vehicles):
        return [Command(Action.TRANSPORT, left.vehicles, origin=left.destination, destination=right.destination)]
    return [left, right]


def called_off(items: Sequence[Item], read: ReadOne, read_later: ReadOne) -> list[Command] | None:
    """What is called off, and what is to be done instead: "cancel the task and go to dock two", "cancel everything and
    send tug two to dock three"."""
    joints = [at for at in range(1, len(items)) if items[at].plays(AND)]
    joints += [at for at in range(1, len(items)) if Action.CANCEL in items[at - 1].actions and at not in joints]
    for at in joints:
        if any(item.mention for item in items[:at] if not item.is_who):
            continue
        if not any(item.actions for item in items[at:]):
            continue  # "lass das an Rampe zwei"
        left = read(items[:at])
        right = read_later(items[at:]) if left and left.action is Action.CANCEL else None
        if left and right and _is_whole(right) and right.action.drives:
            named = () if left.vehicles == (EVERYBODY,) else left.vehicles
            that = not named and items[at].plays(AND)  # "no need for cart two to go" has no "and"
            if that or (named == left.vehicles and right.vehicles in ((), named)):
                return [left, _of_the_vehicle(right, named, items[at:])]
    return None


def _of_the_vehicle(command: Command, vehicles: tuple[str, ...], items: Sequence[Item]) -> Command:
    """After "cancel cart two's task and", "send it to the kitchen" is about the cart and no load."""
    loaded = command.origin is not None or any(item.is_load and not item.plays(IT) for item in items)
    brings = command.action is Action.TRANSPORT and not loaded
    return Command(Action.MOVE, vehicles, destination=command.destination) if brings and vehicles else command


def _joints(items: Sequence[Item], *, postfix: bool) -> Iterator[tuple[int, int]]:
    """Where one order may end and the next begin: at an "and", and before whoever is called next, unless a preposition
    or a verb takes them for its object."""
    for at in range(1, len(items)):
        if items[at].plays(AND) and at + 1 < len(items):
            yield at, at + 1
        elif items[at].is_who:
            end = at
            while end > 0 and _is_small(items[end - 1]):
                end -= 1
            if not end or (items[end - 1].leads and not postfix):
                continue
            own_verbs = any(item.actions for item in items[at:]) or _rests(items[end - 1])
            own_verbs &= any(item.is_who for item in items[: end - 1])
            if postfix or own_verbs or not items[end - 1].actions:
                yield end, at


def _rests(item: Item) -> bool:
    """Whether it is a verb that needs nothing behind it: "robot one home, robot two to dock two"; «aufladen» is one."""
    return any(action in _RESTING for action in item.actions) and item.actions <= {*_RESTING, Action.PICK}


def _is_small(item: Item) -> bool:
    return (item.plays(FILLER) or item.plays(AND)) and not item.actions and not item.leads


def _last(items: Sequence[Item]) -> Item:
    return next((item for item in reversed(items) if not _is_small(item)), items[-1])


def _is_own(command: Command) -> bool:
    """Whether it names its vehicles and lacks nothing."""
    return bool(command.vehicles) and EVERYBODY not in command.vehicles and _is_whole(command)


def _is_whole(command: Command) -> bool:
    return command.destination is not None or command.action in _PLACELESS


def _are_others(commands: Sequence[Command]) -> bool:
    """Whether each is for others than the one before, and says something else."""
    return all(
        not set(one.vehicles) & set(other.vehicles)
        and (one.action, one.destination) != (other.action, other.destination)
        for one, other in pairwise(commands)
    )
