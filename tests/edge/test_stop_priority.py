"""Models give way to the thread that listens for stop words."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from banksman_edge.priority import NICENESS, giving_way

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a priority for each thread")


def niceness() -> int:
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


def test_threads_that_a_model_starts_while_it_is_loaded_give_way_and_nobody_else_does() -> None:
    before, seen = niceness(), []

    def load() -> str:
        worker = threading.Thread(target=lambda: seen.append(niceness()))
        worker.start()
        worker.join()
        return "model"

    assert giving_way(load) == "model"
    assert seen == [max(before, NICENESS)]
    assert niceness() == before


def test_what_goes_wrong_while_loading_is_raised() -> None:
    def load() -> None:
        raise ValueError("no such model")

    with pytest.raises(ValueError, match="no such model"):
        giving_way(load)
