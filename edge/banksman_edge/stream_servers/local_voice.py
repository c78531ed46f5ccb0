"""Replies on this machine's own loudspeaker, beside its microphone."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext

from banksman_edge.audio import Loudspeaker, Samples
from banksman_edge.errors import AudioError
from banksman_edge.streams import AudioStream, Headsets, ReplySpeech
from banksman_edge.turns import ReplyEvent

log = logging.getLogger(__name__)


class LocalVoice:
    """A :class:`Playback` on the loudspeaker."""

    def __init__(self, loudspeaker: Loudspeaker) -> None:
        self._loudspeaker = loudspeaker

    def begin(self, reply: ReplyEvent) -> None:
        """See :class:`Playback`."""

    def play(self, frame: Samples) -> None:
        """See :class:`Playback`."""
        self._loudspeaker.play(frame)

    def end(self, reply: ReplyEvent, *, cut: bool) -> None:  # noqa: ARG002  whose sound it was does not matter
        """See :class:`Playback`."""
        if cut:
            self._loudspeaker.clear()


@contextmanager
def speak_locally(headsets: Headsets, stream: AudioStream, *, half_duplex: bool) -> Iterator[ReplySpeech | None]:
    """Speak the replies of the microphone's stream meanwhile, where this machine can; else say in the log why not."""
    try:
        loudspeaker = Loudspeaker() if headsets.synthesis else None
    except AudioError as error:
        log.warning("replies to the microphone are text only: %s", error)
        loudspeaker = None
    if loudspeaker is None:
        yield None
        return
    with closing(loudspeaker):
        reply_speech = headsets.give_voice(stream, LocalVoice(loudspeaker), half_duplex=half_duplex)
        with closing(reply_speech) if reply_speech else nullcontext():
            yield reply_speech
