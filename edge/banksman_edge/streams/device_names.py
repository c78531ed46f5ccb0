"""What devices are called that do not say who they are, or say the same.

By its device's name a question is put, a reply finds its headset, and the same words at two headsets are known. So two
that are heard at once never share one.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import count

LONGEST = 64


class DeviceNames:
    """The names that are taken just now. Safe to use from several threads."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._lock = threading.Lock()

    def claim(self, *wanted: str) -> str:
        """The first of these names that is free, or the last one with the lowest number that is; until
        :meth:`release`."""
        with self._lock:
            name = next(name for name in _candidates(wanted) if name not in self._taken)
            self._taken.add(name)
            return name

    def claims(self, name: str) -> bool:
        """Claim this name and no other; whether it was free."""
        with self._lock:
            free = name not in self._taken
            self._taken.add(name)
            return free

    def release(self, name: str) -> None:
        """Whoever had it is gone."""
        with self._lock:
            self._taken.discard(name)


def _candidates(wanted: tuple[str, ...]) -> Iterator[str]:
    yield from (name[:LONGEST] for name in wanted)
    for number in count(2):
        suffix = f" ({number})"
        yield wanted[-1][: LONGEST - len(suffix)] + suffix
