"""Who gives way: recognition and language models, to the thread that listens for stop words; NumPy's threads, to all.

Linux schedules threads one by one, and a thread starts with the priority of the one that started it; so what loads a
model at a lower priority has the model's own threads run at it, too. Elsewhere nothing happens.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from threadpoolctl import threadpool_limits

NICENESS = 10
"""A tenth of the weight of an ordinary thread, where both want the processor; all of it where nobody else does."""

T = TypeVar("T")


def give_way() -> None:
    """Lower the priority of the calling thread, and of those that it starts from now on."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def giving_way(load: Callable[[], T]) -> T:
    """What ``load`` returns; the threads that it starts have a low priority."""
    with ThreadPoolExecutor(1, "loading", give_way) as thread:
        return thread.submit(load).result()


@cache
def calm_blas() -> None:
    """Have NumPy multiply matrices on the calling thread, in the whole process. OpenBLAS's other threads spin for a
    while after each small product, and streams of sound need one every few milliseconds: on two cores they took the
    half of one from recognition."""
    threadpool_limits(1, "blas")
