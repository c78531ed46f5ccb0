"""The sound in Wyoming events, of whatever format, to a stream."""

from __future__ import annotations

from wyoming.event import Event

from banksman_edge.audio import PcmReader
from banksman_edge.errors import AudioError
from banksman_edge.streams import AudioStream


class ChunkFeeder:
    """Feeds one stream. Rate, width and channels may change between chunks."""

    def __init__(self, stream: AudioStream) -> None:
        self._stream = stream
        self._reader: PcmReader | None = None

    def feed(self, event: Event) -> float:
        """The next chunk; returns how many seconds it holds.

        Raises:
            AudioError: it is not a sound that can be read.
        """
        rate, width, channels = wanted = tuple(event.data.get(name) for name in ("rate", "width", "channels"))
        if not all(type(number) is int for number in wanted):
            raise AudioError("an audio-chunk needs 'rate', 'width' and 'channels', which are whole numbers")
        sound = event.payload or b""
        if self._reader is None or self._reader.format != wanted:
            self.flush()
            self._reader = PcmReader(rate, width, channels)
        self._stream.feed(self._reader.read(sound))
        return float(len(sound) / (rate * width * channels))

    def flush(self) -> None:
        """No more of this format comes: what the conversion still holds belongs to the stream."""
        if self._reader:
            self._stream.feed(self._reader.flush())
            self._reader = None
