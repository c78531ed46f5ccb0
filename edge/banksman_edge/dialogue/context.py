"""What a speaker's turns so far leave to refer to. Each speaker and device has its own; none is ever another's."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Self

from banksman_edge.fleet import JobStatus, OrderEvent
from banksman_edge.turns import CONFIRMATION_S, Pending, Turn
from banksman_edge.understanding import MOST_BEFORE
from banksman_shared.clock import Clock
from banksman_shared.commands import DRIVING, Command

MAX_CONTEXTS = 1000
"""Speakers that are remembered; of more, those who spoke last."""

Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order of the speaker: ``job`` is the utterance that it belongs to. ``waits``: it was not carried out, and
    waits for a yes or an answer, if that is still open; until then the order that it ``corrects`` stands."""

    job: str
    commands: tuple[Command, ...]
    done: bool = False
    """All of it was done."""
    waits: bool = False
    corrects: Ordered | None = None

    @property
    def jobs(self) -> tuple[str, ...]:
        """Its own, and of what it corrects."""
        return (self.job, *(self.corrects.jobs if self.corrects else ()))


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked about an order, at the monotonic-clock seconds ``asked``. ``slot``: vehicles, destination, origin,
    or choice, of which ``choices`` were offered and the commands name the first. ``confidence`` and ``heard``: how sure
    it was, which no answer makes surer. ``corrects``: the order in whose place the answered one comes. ``kind``: that
    of the place that is missing, where it was said."""

    turn: Turn
    commands: tuple[Command, ...]
    slot: str
    choices: tuple[str, ...]
    confidence: float
    heard: float
    asked: float
    corrects: Ordered | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Context:
    """What a speaker's turns leave to refer to. ``said``: the last orders and questions about vehicles, the newest
    last, each as it was understood, with its utterance; ``last``: the newest that sets something off."""

    said: tuple[tuple[str, tuple[Command, ...]], ...] = ()
    last: Ordered | None = None
    question: Question | None = None
    expires: float = 0.0

    @property
    def orders(self) -> tuple[tuple[Command, ...], ...]:
        """What was said, the newest last."""
        return tuple(commands for _, commands in self.said)

    def with_said(self, utterance: str, commands: tuple[Command, ...], in_place_of: Collection[str] = ()) -> Self:
        """After one more order, which comes in the place of those of some utterances."""
        before = self.without(*in_place_of).said
        return replace(self, said=(*before, (utterance, commands))[-MOST_BEFORE:])

    def without(self, *utterances: str) -> Self:
        """After the orders of some utterances were taken back: the newest of the others is the last."""
        said = tuple(each for each in self.said if each[0] not in utterances)
        if self.last is None or self.last.job not in utterances:
            return replace(self, said=said)
        driving = ((job, tuple(c for c in commands if c.action in DRIVING)) for job, commands in reversed(said))
        return replace(self, said=said, last=next((Ordered(job, own) for job, own in driving if own), None))

    def given_up(self, jobs: Collection[str]) -> Self:
        """After jobs of the fleet were cancelled."""
        return self.without(*(utterance for utterance, _ in self.said if any(belongs(job, utterance) for job in jobs)))

    def unasked(self) -> Self:
        """After nobody answers what was asked: the order that it was about is none."""
        if self.question is None:
            return self
        return replace(self.declined(self.question.turn.utterance.id), question=None)

    def declined(self, utterance: str) -> Self:
        """After an order that was waited with is not meant: what it would have corrected stands."""
        context, last = self.without(utterance), self.last
        if last is None or last.job != utterance or last.corrects is None:
            return context
        return replace(context.with_said(last.corrects.job, last.corrects.commands), last=last.corrects)

    def standing(self, pending: Pending | None) -> Ordered | None:
        """The last order that stands, or waits for the yes of ``pending`` or for an answer. What was declined, or
        forgotten, is none."""
        last = self.last
        waiting = {pending.turn.utterance.id} if pending else set()
        waiting |= {self.question.turn.utterance.id} if self.question else set()
        while last and last.waits and last.job not in waiting:
            last = last.corrects
        return last


def belongs(job: str, to: str) -> bool:
    """Whether a job of the fleet is of an utterance; those of its parts are named ``utterance/part``."""
    return job == to or job.rpartition("/")[0] == to


def _given(commands: tuple[Command, ...], vehicle: str) -> tuple[Command, ...]:
    """Commands that named nobody, with the vehicle that the fleet has chosen."""
    return tuple(command if command.vehicles else command.given_to(vehicle) for command in commands)


class ContextBook:
    """The contexts by speaker and device. Safe to call from any thread.

    ``lasts_s``: how long a context is good after the speaker's last turn that said something.
    """

    def __init__(self, clock: Clock, lasts_s: float) -> None:
        self._clock, self._lasts = clock, lasts_s
        self._contexts: OrderedDict[Key, Context] = OrderedDict()
        self._jobs: dict[str, Key] = {}
        self._lock = threading.Lock()

    def of(self, key: Key) -> Context | None:
        """The speaker's context; None if there is none, or not any more."""
        with self._lock:
            return self._valid(key)

    def _valid(self, key: Key) -> Context | None:
        context, now = self._contexts.get(key), self._clock.monotonic()
        if context and context.question and now >= context.question.asked + CONFIRMATION_S:
            context = context.unasked()
        return context if context and now < context.expires else None

    def question(self, key: Key, asked_before: float) -> Question | None:
        """The speaker's open question, if it was put before a moment (monotonic seconds)."""
        context = self.of(key)
        question = context.question if context else None
        return question if question and question.asked <= asked_before else None

    def update(self, key: Key, change: Callable[[Context], Context]) -> None:
        """Make the speaker's context what ``change`` makes of it; if that is the same object, it lasts no longer.
        ``change`` is called under the book's lock."""
        with self._lock:
            before = self._valid(key) or Context()
            context = change(before)
            if context is before:
                return
            old = self._contexts.pop(key, None)
            if old and old.last:
                self._jobs.pop(old.last.job, None)
            self._contexts[key] = replace(context, expires=self._clock.monotonic() + self._lasts)
            if context.last:
                self._jobs[context.last.job] = key
            if len(self._contexts) > MAX_CONTEXTS:
                _, oldest = self._contexts.popitem(last=False)
                if oldest.last:
                    self._jobs.pop(oldest.last.job, None)

    def drop_questions(self) -> None:
        """Nothing that was asked is answered any more: after a stop everybody begins anew."""
        with self._lock:
            for key, context in self._contexts.items():
                self._contexts[key] = context.unasked()

    def drop_question(self, key: Key) -> None:
        """What the speaker was asked is not answered any more, and the order that it was about not meant."""
        with self._lock:
            if context := self._contexts.get(key):
                self._contexts[key] = context.unasked()

    def confirmed(self, key: Key, job: str) -> None:
        """The speaker said yes to an order: there is no doubt about it any more."""
        with self._lock:
            context = self._contexts.get(key)
            if context and context.last and context.last.job == job:
                last = Ordered(job, context.last.commands, context.last.done)
                self._contexts[key] = replace(context, last=last)

    def heard(self, event: OrderEvent, left: int) -> None:
        """News of an order, on the fleet's thread: whom the fleet has chosen where nobody was named, and its end.
        ``left``: how many of its commands have not ended."""
        with self._lock:
            key = self._jobs.get(event.job) or self._jobs.get(event.job.rpartition("/")[0])
            context = self._contexts.get(key) if key else None
            last = context.last if context else None
            if key is None or context is None or last is None:
                return
            if event.vehicle:
                said = (
                    (job, _given(said, event.vehicle) if (job, said) == (last.job, last.commands) else said)
                    for job, said in context.said
                )
                context = replace(context, said=tuple(said))
            if event.status.ended:
                context = replace(context, last=replace(last, done=not left and event.status is JobStatus.DONE))
            self._contexts[key] = context

    def now(self) -> float:
        """Monotonic-clock seconds."""
        return self._clock.monotonic()
