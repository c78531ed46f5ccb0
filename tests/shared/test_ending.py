"""A process is told to end at any moment."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time

import pytest

from banksman_shared.ending import ENDING, told_to_end

ROUNDS = 3_000
LATEST_S = 60e-6
"""By when a signal comes after its clock was set: waiting takes that long to begin."""

AT_ANY_MOMENT = f"""
import random, signal
from banksman_shared import ending
ending.ENDING = (signal.SIGALRM,)
for _ in range({ROUNDS}):
    with ending.told_to_end() as wait:
        signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-6, {LATEST_S}))
        wait()
print("ended", {ROUNDS})
"""


def test_no_signal_is_missed_however_soon_it_comes() -> None:
    done = subprocess.run([sys.executable, "-c", AT_ANY_MOMENT], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == f"ended {ROUNDS}\n"


@pytest.mark.parametrize("number", ENDING)
def test_it_waits_for_what_ends_and_for_nothing_else(number: signal.Signals) -> None:
    main, sent = threading.main_thread().ident or 0, list[signal.Signals]()
    before = signal.signal(signal.SIGUSR1, lambda *_: sent.append(signal.SIGUSR1))

    def send() -> None:
        for each in (signal.SIGUSR1, number):
            time.sleep(random.uniform(0.01, 0.05))
            signal.pthread_kill(main, each)

    sender = threading.Thread(target=send)
    try:
        with told_to_end() as wait:
            sender.start()
            wait()
            sender.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert sent == [signal.SIGUSR1]


def test_afterwards_signals_mean_what_they_meant_before() -> None:
    before = [signal.getsignal(number) for number in ENDING]
    with told_to_end():
        assert all(signal.getsignal(number) not in before for number in ENDING)
    assert [signal.getsignal(number) for number in ENDING] == before
