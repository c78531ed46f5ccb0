"""Models give way to the thread that listens for stop words."""

from __future__ import annotations

import os
import sys
import threading

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from banksman_edge.asr.stop_encoder import StopEncoder
from banksman_edge.asr.stop_spotter import bundled_card
from banksman_edge.thread_priority import NICENESS, calm_blas, giving_way
from banksman_shared.models import ModelStore

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


def test_numpy_multiplies_without_threads_that_spin_once_something_listens() -> None:
    calm_blas.cache_clear()
    with threadpool_limits(2, "blas"):
        StopEncoder(ModelStore().path(bundled_card().whisper))
        assert {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"} == {1}
    calm_blas.cache_clear()
    calm_blas()
