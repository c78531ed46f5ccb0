"""What "cancel that" means, where nobody is named: what its speaker was asked about, else their own last order that
runs or is being planned. Never what somebody else has ordered without a yes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from banksman_edge.dialogue.context import ContextBook, belongs
from banksman_edge.dialogue.said import Said, declines, left_open, unread
from banksman_edge.dialogue.unresolved_reference import UnresolvedReference, ask_which
from banksman_edge.fleet import May, VehicleView
from banksman_edge.operators import Rights
from banksman_edge.policy import Judgement, vehicles_of
from banksman_edge.turns import Pending, Turn, TurnBook, Verdict, who
from banksman_edge.understanding import Parse, Reply
from banksman_shared.actions import Action
from banksman_shared.commands import EVERYBODY, Command
from banksman_shared.site import Site

NAMELESS = Command(Action.CANCEL, ())


@dataclass(frozen=True, slots=True)
class CalledOff:
    """The vehicles that give up their work, and of what jobs; none: of all. ``doubt``: why that wants a yes."""

    vehicles: tuple[str, ...]
    doubt: str = ""
    jobs: frozenset[str] = frozenset()


class Canceller:
    """Finds out what is called off on one site. ``views``: the vehicles as they are now."""

    def __init__(
        self,
        site: Site,
        views: Callable[[], Mapping[str, VehicleView]],
        rights: Rights,
        book: ContextBook,
        turns: TurnBook,
    ) -> None:
        self._site, self._views, self._rights = site, views, rights
        self._book, self._turns = book, turns

    def withdraw(self, turn: Turn, read: Parse, pending: Pending | None) -> Said | None:
        """A reading that calls off what its speaker was asked about; None where it does not. Of a plan on its way that
        asks something, what is cancelled is the plan: a no is what leaves it as it is."""
        question = self._book.question(who(turn), turn.began)
        if pending and pending.turn.has_approved_plan and read.reply is not Reply.UNDO:
            return None
        asked = pending or question
        left = self._beside(read, asked.commands) if asked else None
        if asked is None or left is None:
            return None
        self._book.drop_question(who(turn))
        if left:
            return Said(replace(read, commands=left), replaces=pending)
        return replace(declines(asked.turn, read, told=pending is None), replaces=pending)

    def _beside(self, read: Parse, asked: Sequence[Command]) -> tuple[Command, ...] | None:
        """What a reading leaves to do beside calling off what was asked; None where it calls off nothing of it. Of
        vehicles that work, their work is meant."""
        if NAMELESS in read.commands:
            return tuple(command for command in read.commands if command != NAMELESS)
        if any(command.action is not Action.CANCEL or EVERYBODY in command.vehicles for command in read.commands):
            return None
        views = self._views()
        named, about = (vehicles_of(self._site, views, commands) for commands in (read.commands, asked))
        return () if named & about and not any(views[v].works for v in named if v in views) else None

    def take_back(self, turn: Turn, read: Parse) -> Said | None:
        """A reading that takes back what its speaker asked the planner for, if that is the last that they have ordered;
        None where it does not."""
        asked = self._asked(turn) if NAMELESS in read.commands else None
        if asked is None or asked.number < max(self._own(turn), default=0):
            return None
        left = tuple(command for command in read.commands if command != NAMELESS)
        return Said(replace(read, commands=left), recalls=asked) if left else _recalls(asked, read)

    def _asked(self, turn: Turn) -> Turn | None:
        """The turn of this speaker for which a plan is being made, or was proposed after this turn began."""
        turns = self._turns.planned()
        turns += [
            p.turn for p in self._turns.waiting() if p.plan and not p.turn.has_approved_plan and p.asked > turn.began
        ]
        own = [asked for asked in turns if who(asked) == who(turn) and asked.number < turn.number]
        return max(own, key=lambda asked: asked.number, default=None)

    def _own(self, turn: Turn) -> Iterator[int]:
        """The numbers of this speaker's turns of which something runs."""
        jobs = (self._turns.of(job) for view in self._views().values() for job in view.jobs)
        return (order.number for order in (*jobs, *self._turns.driving()) if order and _is_own(turn, order))

    def call_off(self, turn: Turn, read: Parse) -> Said | None:
        """A reading that cancels without naming anybody, with whom it means; None where that is nobody."""
        if NAMELESS not in read.commands:
            return None
        try:
            found = self._whose(turn, self._rights.limit(turn.speaker))
        except UnresolvedReference as unclear:
            return left_open(turn, unclear, read, self._book.now())
        left = tuple(command for command in read.commands if command != NAMELESS)
        if found is None and left:
            return Said(replace(read, commands=left))  # nothing runs that could be called off
        if found is None:
            return Said(read, doubt="the plan is not this speaker's own") if self._turns.driving() else None
        named = Command(Action.CANCEL, found.vehicles)
        commands = tuple(named if command == NAMELESS else command for command in read.commands)
        return Said(replace(read, commands=commands), doubt=found.doubt, gives_up=found.jobs)

    def is_of_last(self, turn: Turn, jobs: Collection[str]) -> bool:
        """Whether jobs are of what a speaker ordered last, as far as that is known; a newer order may have ended, or
        have been refused."""
        context = self._book.of(who(turn))
        last = context.last if context else None
        return last is None or any(belongs(job, to) for job in jobs for to in last.jobs)

    def _whose(self, turn: Turn, may: May | None) -> CalledOff | None:
        """Whose work a turn gives up that names nobody; None where nothing runs that its speaker may cancel.

        Raises:
            Unclear: others have ordered several things that run.
        """
        views = self._views().values()
        busy = [view for view in views if view.works and (may is None or may(NAMELESS, view.id, ()))]
        own: dict[int, list[tuple[str, str]]] = {}
        plans = {plan.number: plan for plan in self._turns.driving() if _is_own(turn, plan)}
        for view in busy:
            for job in view.jobs:
                order = self._turns.of(job)
                if order and _is_own(turn, order):
                    own.setdefault(order.number, []).append((view.id, job))
        newest = max((*own, *plans), default=0)
        if plan := plans.get(newest):
            held = plan.plan.vehicles if plan.plan else frozenset()
            planned = sorted({*held, *(vehicle for vehicle, _ in own.get(newest, ()))})
            return CalledOff(tuple(planned), "it may be all of the plan or a vehicle of it")
        if newest:
            vehicles, jobs = zip(*own[newest], strict=True)
            doubt = "" if self.is_of_last(turn, jobs) else "what was ordered last does not run"
            return CalledOff(tuple(dict.fromkeys(vehicles)), doubt, frozenset(jobs))
        if len(busy) > 1:
            raise ask_which([view.id for view in busy], "nothing of their own runs, and no vehicle was named")
        return CalledOff((busy[0].id,), "it is not this speaker's own order") if busy else None


def _recalls(asked: Turn, read: Parse) -> Said:
    """What a turn has asked the planner for is not wanted any more."""
    judgement = Judgement(Verdict.REJECT, "", f"takes back utterance {asked.utterance.id}")
    return Said(unread(read, judgement.reason), judgement, declined=asked, recalls=asked)


def _is_own(turn: Turn, order: Turn) -> bool:
    """Whether the speaker of a turn gave an order. Of one from before a restart nobody knows."""
    return not order.recalled and who(order) == who(turn)
