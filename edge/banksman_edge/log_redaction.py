"""What ordinary logs may say of a failure.

They hold no words of operators: those belong into the audit log, which is kept apart and for a known time. The message
of an exception may quote them, so of an error that nobody foresaw only its kind and its place are logged.
"""

from __future__ import annotations

import logging
import traceback


def log_failure(log: logging.Logger, what: str, error: BaseException, level: int = logging.ERROR) -> None:
    """Log that something failed: the kind of the error and the lines of code it came through, not its message."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    log.log(level, "%s: %s", what, "\n".join([type(error).__name__, *places]))


def told_to_developers(error: BaseException) -> str:
    """What failed and where, with its message: for whoever called, who knows the words anyway, and never for a log."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} (in {last.name}, {last.filename}:{last.lineno})"
