"""The reader that comes with the product, as tests share it."""

from __future__ import annotations

from functools import cache

from banksman_edge import TaughtReader
from banksman_edge.understanding.reader.reader import Remembering
from banksman_shared.models import TAUGHT_LLAMA, ModelStore


@cache
def taught_reader() -> TaughtReader:
    """Loaded once by each worker, with one thread, since workers share the cores."""
    store = ModelStore()
    return TaughtReader.of(store.path(TAUGHT_LLAMA), store.path, threads=1)


@cache
def real_reader() -> Remembering:
    """The same, for tests of what becomes of sentences, many of which say the same ones."""
    return Remembering(taught_reader(), most=10_000)
