"""Where in a sound somebody speaks: Silero voice activity (MIT), as faster-whisper brings it."""

from __future__ import annotations

from faster_whisper.vad import VadOptions, get_speech_timestamps

from banksman_edge.audio.sound import SAMPLE_RATE, Sound

PADDING_S = 0.2
"""Silence kept around speech; consonants at its ends are quieter than the detector's threshold."""


class VoiceActivity:
    """Finds speech. The model is loaded once per process, on first use, and runs on the CPU."""

    def __init__(self, *, threshold: float = 0.5, min_speech_s: float = 0.1, min_silence_s: float = 0.6) -> None:
        self._options = VadOptions(
            threshold=threshold,
            min_speech_duration_ms=int(min_speech_s * 1000),
            min_silence_duration_ms=int(min_silence_s * 1000),
            speech_pad_ms=int(PADDING_S * 1000),
        )

    def segments(self, sound: Sound) -> list[tuple[int, int]]:
        """Start and end sample of each stretch of speech, in order; empty when nobody speaks."""
        if sound.seconds < 0.05:
            return []
        found = get_speech_timestamps(sound.samples, self._options, sampling_rate=SAMPLE_RATE)
        return [(int(part["start"]), int(part["end"])) for part in found]
