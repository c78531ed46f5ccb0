"""When a process is told to end."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def told_to_end() -> Iterator[Callable[[], None]]:
    """What waits for Ctrl-C or SIGTERM; afterwards they mean what they meant before. For the main thread.

    Python calls a handler between two steps of the main thread. If the signal comes just before that thread begins to
    wait for a lock, none is called any more; if it comes while an ``Event`` is about to be waited for, the handler
    waits for the event's own lock. The system writes to a socket at any moment (``signal.set_wakeup_fd``).
    """
    awaited, told = socket.socketpair()
    told.setblocking(False)

    def wait() -> None:
        while awaited.recv(1)[0] not in ENDING:
            pass

    with awaited, told, ExitStack() as afterwards:
        afterwards.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False))
        for number in ENDING:
            afterwards.callback(signal.signal, number, signal.signal(number, lambda *_: None))
        yield wait
