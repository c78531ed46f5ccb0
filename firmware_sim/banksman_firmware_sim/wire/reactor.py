"""One thread that serves any number of connections and does things when they are due.

A thread per connection costs a stack, a pair of wake-up sockets and a share of the interpreter lock each; one
selector (epoll on Linux) over all sockets costs none of them.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import selectors
import socket
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

from banksman_shared.clock import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")

LONGEST_SLEEP_S = 0.5
HELPERS = 16
"""Threads for what blocks: looking up the broker, connecting, shaking hands."""
TURN_S = 0.005
"""Seconds of due work after which the sockets get their turn."""


class Served(Protocol):
    """What a reactor looks after: a socket that becomes readable or writable."""

    def readable(self) -> None: ...

    def flush(self) -> None:
        """Write what is queued, as far as it goes."""
        ...

    def tend(self) -> None:
        """Look after time-outs; called about twice a second."""
        ...


class Timer:
    """Something that is to happen once, unless cancelled."""

    __slots__ = ("work",)

    def __init__(self, work: Callable[[], None]) -> None:
        self.work: Callable[[], None] | None = work

    def cancel(self) -> None:
        self.work = None


class Reactor:
    """Everything given to it runs on its one thread, one after the other, so that nothing needs a lock.

    Only :meth:`post`, :meth:`call` and :meth:`in_background` may be used from other threads.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._posted: deque[Callable[[], None]] = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._count = itertools.count()
        self._unflushed: dict[Served, None] = {}
        self._served: dict[Served, None] = {}
        self._tended_at = clock.monotonic()
        self._running = True
        self._thread = threading.Thread(target=self._run, name="reactor", daemon=True)

    def start(self) -> None:
        """Begin; from here on there are things that :meth:`stop` must free."""
        self._selector = selectors.DefaultSelector()
        self._nudge, self._nudged = socket.socketpair()
        self._nudge.setblocking(False)
        self._nudged.setblocking(False)
        self._selector.register(self._nudged, selectors.EVENT_READ)
        self._helpers = ThreadPoolExecutor(HELPERS, thread_name_prefix="connecting")
        self._thread.start()

    def stop(self) -> None:
        """End the thread and free what it holds. Connections must have been closed before."""
        # Helpers first: a connection that one of them still makes is closed by what it posts.
        self._helpers.shutdown(cancel_futures=True)
        self.post(self._end)
        self._thread.join()
        self._selector.close()
        self._nudge.close()
        self._nudged.close()

    def _end(self) -> None:
        self._running = False

    @property
    def here(self) -> bool:
        """Whether the caller is on the reactor's thread."""
        return threading.current_thread() is self._thread

    # From any thread

    def post(self, work: Callable[[], None]) -> None:
        """Have ``work`` done soon, once the reactor runs."""
        self._posted.append(work)
        if not self._thread.is_alive():
            return
        # A full pipe means that it is awake already.
        with contextlib.suppress(BlockingIOError):
            self._nudge.send(b"\0")

    def call(self, work: Callable[[], T]) -> T:
        """Have ``work`` done and wait for its result; directly while no thread runs that could be disturbed."""
        if self.here or not self._thread.is_alive():
            return work()
        done: Future[T] = Future()

        def run() -> None:
            try:
                done.set_result(work())
            except BaseException as error:  # noqa: BLE001  whoever waits gets it
                done.set_exception(error)

        self.post(run)
        return done.result()

    def in_background(self, work: Callable[[], object], then: Callable[[Exception | None], None]) -> None:
        """Have a helper do what blocks, and ``then`` on the reactor's thread with what it raised."""

        def run() -> None:
            error: Exception | None = None
            try:
                work()
            except Exception as failure:  # noqa: BLE001  handed on
                error = failure
            self.post(lambda: then(error))

        self._helpers.submit(run)

    # On the reactor's thread

    def at(self, moment: float, work: Callable[[], None]) -> Timer:
        """Have ``work`` done at ``moment`` by the clock's monotonic time."""
        timer = Timer(work)
        heapq.heappush(self._timers, (moment, next(self._count), timer))
        return timer

    def serve(self, what: Served, sock: socket.socket) -> None:
        self._selector.register(sock, selectors.EVENT_READ, what)
        self._served[what] = None
        self._unflushed[what] = None

    def leave(self, what: Served, sock: socket.socket) -> None:
        """Stop serving; to be called before the socket is closed."""
        if self._served.pop(what, 0) is None:
            self._selector.unregister(sock)
        self._unflushed.pop(what, None)

    def wants_flush(self, what: Served) -> None:
        """Have :meth:`Served.flush` called once, after the work that is due now."""
        self._unflushed[what] = None

    def watch_writing(self, what: Served, sock: socket.socket, *, wanted: bool) -> None:
        """Whether to flush when the socket takes more. Without it one select serves all small messages."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if wanted else 0)
        if self._selector.get_key(sock).events != events:
            self._selector.modify(sock, events, what)

    def _run(self) -> None:
        while self._running:
            self._poll()
            while self._posted:
                _safely(self._posted.popleft())
            self._run_due()
            self._tend()
            self._flush()

    def _poll(self) -> None:
        sleep_s = LONGEST_SLEEP_S
        if self._posted:
            sleep_s = 0.0
        elif self._timers:
            sleep_s = min(sleep_s, max(0.0, self._timers[0][0] - self.clock.monotonic()))
        for key, events in self._selector.select(sleep_s):
            what: Served | None = key.data
            if what is None:
                self._nudged.recv(4096)
                continue
            # Another's event may have closed this one meanwhile.
            if events & selectors.EVENT_READ and what in self._served:
                _safely(what.readable)
            if events & selectors.EVENT_WRITE and what in self._served:
                self._unflushed[what] = None

    def _run_due(self) -> None:
        now = self.clock.monotonic()
        until = now + TURN_S
        while self._timers and self._timers[0][0] <= now < until:
            _, _, timer = heapq.heappop(self._timers)
            if timer.work is not None:
                _safely(timer.work)
            now = self.clock.monotonic()

    def _tend(self) -> None:
        now = self.clock.monotonic()
        if now - self._tended_at < LONGEST_SLEEP_S:
            return
        self._tended_at = now
        for what in list(self._served):
            _safely(what.tend)

    def _flush(self) -> None:
        while self._unflushed:
            what, _ = self._unflushed.popitem()
            _safely(what.flush)


def _safely(work: Callable[[], None]) -> None:
    """One thing's failure must not end the others."""
    try:
        work()
    except Exception:
        log.exception("a step of the simulation failed")
