"""The sound of one client of a websocket: what it says into a stream, and replies spoken back."""

from __future__ import annotations

from banksman_edge.audio import SAMPLE_RATE, PcmReader
from banksman_edge.errors import AudioError
from banksman_edge.stream_servers.outgoing import Outgoing
from banksman_edge.stream_servers.real_time_pace import RealTimePace
from banksman_edge.streams import AudioStream, Headsets, ReplySpeech, Wearer
from banksman_shared.clock import SystemClock


class ClientSound:
    """A stream that a client feeds with 16-bit samples at 16 kHz; what comes of it goes to ``outgoing``.

    Raises:
        BanksmanError: the agent does not hear, or not this device.
    """

    def __init__(
        self, headsets: Headsets, device: str, wearer: Wearer, outgoing: Outgoing, *, push_to_talk: bool
    ) -> None:
        self._headsets, self._outgoing = headsets, outgoing
        self.stream: AudioStream = headsets.open(
            device,
            wearer,
            push_to_talk=push_to_talk,
            listener=lambda event: outgoing.post(event.name, event.document()),
        )
        self._reply_speech: ReplySpeech | None = None
        self._reader, self._pace = PcmReader(SAMPLE_RATE, 2, 1), RealTimePace(SystemClock())

    def give_voice(self, *, half_duplex: bool) -> bool:
        """Speak replies to the client; whether there is a voice."""
        self._reply_speech = self._headsets.give_voice(self.stream, self._outgoing, half_duplex=half_duplex)
        return self._reply_speech is not None

    def hear(self, sound: bytes) -> None:
        """Take what the client sent; what is no sound is told to it.

        Raises:
            AudioError: it comes faster than anybody speaks.
        """
        self._pace.count(len(sound) / 2 / SAMPLE_RATE)
        try:
            self.stream.feed(self._reader.read(sound))
        except AudioError as error:
            self._outgoing.post("error", {"message": str(error)})
            self.stream.lost()

    def close(self) -> None:
        """The client is gone; what was being said is no order."""
        if self._reply_speech:
            self._reply_speech.close()
        self.stream.close()
