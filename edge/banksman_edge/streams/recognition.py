"""One recogniser for all who need it: what is final comes first, what is stale is dropped, nothing piles up."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from banksman_edge.asr import Recogniser, Transcript
from banksman_edge.audio import Sound
from banksman_edge.errors import RecogniserError
from banksman_edge.log_redaction import log_failure
from banksman_edge.thread_priority import give_way
from banksman_shared.errors import BanksmanError

log = logging.getLogger(__name__)

MAX_FINALS = 64
"""More utterances waiting than this is more than can be answered in time."""

Heard = Callable[[Transcript | BanksmanError], None]


@dataclass(slots=True, eq=False)
class Task:
    """A sound to be recognised. ``done`` is called once, on the recogniser's thread, unless the task is dropped."""

    sound: Sound
    done: Heard


class Recognition(Protocol):
    """Where a stream has its sound recognised."""

    def partial(self, task: Task) -> None:
        """Recognise it when nothing more urgent waits."""
        ...

    def final(self, task: Task) -> None:
        """Recognise it before all partial ones; one that waits as partial already is moved up."""
        ...

    def drop(self, task: Task) -> None:
        """Forget it, unless it has begun."""
        ...


class SharedRecogniser:
    """Gives one recogniser to many, one after the other, on a thread of its own."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self._finals: deque[Task] = deque()
        self._partials: deque[Task] = deque()
        self._running: Task | None = None
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="recognition", daemon=True)
        self._thread.start()

    def partial(self, task: Task) -> None:
        """See :class:`Recognition`. Whoever hands in a new partial sound drops its last one."""
        with self._changed:
            self._partials.append(task)
            self._changed.notify()

    def final(self, task: Task) -> None:
        """See :class:`Recognition`."""
        with self._changed:
            if task is self._running:
                return
            if task in self._partials:
                self._partials.remove(task)
            overfull = self._closed or len(self._finals) >= MAX_FINALS
            if not overfull:
                self._finals.append(task)
                self._changed.notify()
        if overfull:
            task.done(RecogniserError("there is too much to hear; say it again later"))

    def drop(self, task: Task) -> None:
        """See :class:`Recognition`."""
        with self._changed:
            if task in self._partials:
                self._partials.remove(task)

    def transcribe(self, sound: Sound) -> Transcript:
        """Recognise one utterance and wait for it; see :class:`Recogniser`. Calls may overlap."""
        answer: list[Transcript | BanksmanError] = []
        ready = threading.Event()

        def done(heard: Transcript | BanksmanError) -> None:
            answer.append(heard)
            ready.set()

        self.final(Task(sound, done))
        ready.wait()
        if isinstance(answer[0], BanksmanError):
            raise answer[0]
        return answer[0]

    def close(self) -> None:
        """End after what is being recognised; what waits as final fails."""
        with self._changed:
            self._closed = True
            waiting = list(self._finals)
            self._finals.clear()
            self._partials.clear()
            self._changed.notify()
        for task in waiting:
            task.done(RecogniserError("the agent is closing"))
        self._thread.join(timeout=30)

    def _work(self) -> None:
        give_way()
        while task := self._next():
            heard = self._heard(task.sound)
            try:
                task.done(heard)
            except Exception as error:  # noqa: BLE001  it is logged, but for its words
                log_failure(log, "what was recognised could not be handed on", error)

    def _next(self) -> Task | None:
        with self._changed:
            self._running = None
            self._changed.wait_for(lambda: self._finals or self._partials or self._closed)
            if self._closed:
                return None
            self._running = (self._finals or self._partials).popleft()
            return self._running

    def _heard(self, sound: Sound) -> Transcript | BanksmanError:
        try:
            return self._recogniser.transcribe(sound)
        except BanksmanError as error:
            return error
        except Exception as error:  # noqa: BLE001  it is logged, but for its words
            log_failure(log, "recognition failed", error)
            return RecogniserError("recognition failed; see the agent's log")
