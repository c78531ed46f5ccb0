"""This machine's own microphone as a headset, for as long as the agent runs: one that goes away is waited for."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from banksman_edge.audio import Microphone
from banksman_edge.errors import AudioError
from banksman_edge.log_redaction import log_failure
from banksman_edge.stream_servers.backoff import Backoff
from banksman_edge.stream_servers.local_voice import speak_locally
from banksman_edge.streams import Headsets
from banksman_shared.clock import SystemClock
from banksman_shared.errors import BanksmanError

log = logging.getLogger(__name__)

DEVICE = "microphone"
"""The device's name in events and logs."""
FIRST_RETRY_S, LAST_RETRY_S = 1.0, 30.0
OPENING_S = 10.0
"""A device that neither sends sound nor fails for so long at the start is waited for in the background."""
CLOSING_S = 5.0


@contextmanager
def hear_locally(
    headsets: Headsets, microphone: Microphone, tell: Callable[[str], None], *, half_duplex: bool, alone: bool
) -> Iterator[None]:
    """Hear the microphone meanwhile. ``tell`` is called once when it is lost, and once when it is back.

    ``alone``: nothing else is listened to, so one that cannot be opened at the start is an error.

    Raises:
        AudioError: so it is.
        RecogniserError: the agent has no recogniser.
    """
    headsets.open(DEVICE).close()  # an agent without ears says so at once
    keeper = _Keeper(headsets, microphone, tell, half_duplex=half_duplex)
    with closing(keeper):
        keeper.start(must_open=alone)
        yield


class _Keeper:
    def __init__(
        self, headsets: Headsets, microphone: Microphone, tell: Callable[[str], None], *, half_duplex: bool
    ) -> None:
        self._headsets, self._microphone, self._tell, self._half_duplex = headsets, microphone, tell, half_duplex
        self._device = headsets.names.claim(DEVICE)
        self._backoff = Backoff(FIRST_RETRY_S, LAST_RETRY_S, SystemClock())
        self._thread = threading.Thread(target=self._keep, name="microphone", daemon=True)
        self._tried, self._closed = threading.Event(), threading.Event()
        self._must_open = False
        self._failure: BanksmanError | None = None
        self._lost = False

    def start(self, *, must_open: bool) -> None:
        self._must_open = must_open
        self._thread.start()
        self._tried.wait(OPENING_S)
        if self._failure:
            raise self._failure

    def close(self) -> None:
        self._closed.set()
        self._microphone.close()
        self._thread.join(CLOSING_S)
        self._headsets.names.release(self._device)

    def _keep(self) -> None:
        while not self._closed.is_set():
            try:
                self._hear()
            except Exception as error:  # noqa: BLE001  whatever a driver does, the agent goes on
                self._failed(error)
            self._tried.set()
            if self._closed.wait(self._backoff.down()):
                return
            self._microphone.rescan()

    def _hear(self) -> None:
        """From its first sound until it is closed.

        Raises:
            AudioError: it cannot be opened, or is gone.
        """
        with closing(self._microphone.blocks()) as blocks:
            first = next(blocks, None)
            if first is None:
                return
            stream = self._headsets.open(self._device)
            with closing(stream), speak_locally(self._headsets, stream, half_duplex=self._half_duplex):
                self._heard()
                stream.feed(first)
                for block in blocks:
                    if self._microphone.missed():
                        stream.lost()
                    stream.feed(block)

    def _heard(self) -> None:
        self._backoff.up()
        self._tried.set()
        if self._lost:
            self._lost = False
            self._tell("the microphone is back")

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, BanksmanError):
            log_failure(log, "the microphone failed", error)
            error = AudioError(f"the microphone fails with {type(error).__name__}; see the agent's log")
        if self._must_open and not self._tried.is_set():
            self._failure = error
        elif self._lost or self._closed.is_set():
            log.info("the microphone is still lost: %s", error)
        else:
            self._lost = True
            self._tell(f"{error}; it is tried again, and everything else goes on")
