"""One speaker for all headsets: in turn, out of the way of whoever listens, and what was said before from memory."""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor

from banksman_edge.audio import SAMPLE_RATE, Samples
from banksman_edge.errors import SynthesisError
from banksman_edge.thread_priority import give_way
from banksman_edge.tts.speaker import Speaker

REMEMBERED_S = 600.0
"""Of speech that is kept: 38 MB."""


class Synthesis:
    """Has sentences spoken on a thread of its own. Safe to use from several threads."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker = speaker
        self._pool = ThreadPoolExecutor(1, "synthesis", give_way)
        self._kept: OrderedDict[tuple[str, str], Future[Samples]] = OrderedDict()
        self._closed = False
        self._lock = threading.Lock()

    def speaks(self, language: str) -> bool:
        """See :class:`Speaker`; at once but for the first time, which may ask a program.

        Raises:
            SynthesisError: that failed.
        """
        return self._speaker.speaks(language)

    def sound(self, text: str, language: str) -> Future[Samples]:
        """The text as speech, as :meth:`Speaker.speak` gives it, or the error of that.

        Raises:
            SynthesisError: it has been closed.
        """
        key = (text, language)
        with self._lock:
            if self._closed:
                raise SynthesisError("nothing is spoken any more, since the agent is closing")
            if known := self._kept.get(key):
                self._kept.move_to_end(key)
                return known
            made = self._kept[key] = self._pool.submit(self._speaker.speak, text, language)
        made.add_done_callback(lambda _: self._tidy(key, made))
        return made

    def _tidy(self, key: tuple[str, str], made: Future[Samples]) -> None:
        """Forget what failed, and the oldest where there is too much."""
        with self._lock:
            if (made.cancelled() or made.exception()) and self._kept.get(key) is made:
                del self._kept[key]
            done = [(k, len(f.result())) for k, f in self._kept.items() if f.done() and not f.exception()]
            excess = sum(samples for _, samples in done) - REMEMBERED_S * SAMPLE_RATE
            for oldest, samples in done:
                if excess <= 0:
                    break
                del self._kept[oldest]
                excess -= samples

    def close(self) -> None:
        """End after what is being spoken."""
        with self._lock:
            self._closed = True
        self._pool.shutdown(cancel_futures=True)
