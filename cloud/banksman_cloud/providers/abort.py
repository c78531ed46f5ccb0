"""Ends what llama.cpp computes, within a token as well as while it reads a prompt."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

LOOK_S = 0.1
"""How often it is looked whether somebody gives up."""
_PULLED, _FREE = b"!", b"\0"


class Brake:
    """Of one model, which computes for one caller at a time.

    llama.cpp asks a function, some hundred times for each token, whether to go on. One of Python would wait for the
    interpreter each time, and so for every other thread of the process. The C library's ``strlen`` waits for nobody: of
    a text that is empty it says 0, which is "go on", and of one with a single character 1, which is "end".

    On another backend than the CPU's nobody is asked; there an answer ends between two tokens.
    """

    def __init__(self) -> None:
        self._text = ctypes.create_string_buffer(2)

    def fit(self, llama: Any) -> None:
        """Have a ``llama_cpp.Llama`` ask this brake."""
        from llama_cpp import ggml_abort_callback, llama_set_abort_callback  # noqa: PLC0415  heavy

        library = ctypes.cdll.msvcrt if sys.platform == "win32" else ctypes.CDLL(None)
        llama_set_abort_callback(llama.ctx, ctypes.cast(library.strlen, ggml_abort_callback), self._text)

    @contextmanager
    def pulled_when(self, given_up: Callable[[], bool]) -> Iterator[None]:
        """While the model computes: it ends with a RuntimeError soon after ``given_up`` says so."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(LOOK_S):
                if given_up():
                    self._text[0] = _PULLED
                    return

        watching = threading.Thread(target=watch, name="planner-brake", daemon=True)
        watching.start()
        try:
            yield
        finally:
            done.set()
            watching.join()
            self._text[0] = _FREE
