"""Sounds as they come: broken, empty, too long, in every shape; and the cutting of a stream into utterances."""

from __future__ import annotations

import builtins
import io
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from banksman_edge import AudioError, Microphone, Sound, WhisperRecogniser, load_sound
from banksman_edge.audio import SAMPLE_RATE, VoiceActivity, decode_sound, encode_flac
from banksman_edge.audio.microphone import split_utterances

CLIP = Path(__file__).parents[1] / "data" / "speech" / "en-move.flac"


def silence(seconds: float) -> Any:
    return np.zeros(int(seconds * SAMPLE_RATE), np.float32)


def wav(samples: Any, rate: int = SAMPLE_RATE, subtype: str = "PCM_16", kind: str = "WAV") -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def words(text: str) -> set[str]:
    return set(text.casefold().replace(".", " ").replace(",", " ").replace("!", " ").split())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not a sound that can be read; use WAV, FLAC, Ogg or MP3"),
        (b"RIFF", "is not a sound"),
        (b"this is a text, not a sound " * 100, "is not a sound"),
        (b"\xff\xfb\x90\x00" + bytes(1000), "is not a sound"),
        (b"fLaC" + bytes(range(256)), "is not a sound"),
    ],
    ids=["empty", "cut header", "text", "mp3 header alone", "flac header alone"],
)
def test_what_is_no_sound_is_refused_in_one_sentence(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError, match=reason) as caught:
        load_sound(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(AudioError, match=f"the message's audio {reason}"):
        decode_sound(content)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"sound file .*no\.wav cannot be opened: No such file or directory"):
        load_sound(tmp_path / "no.wav")
    with pytest.raises(AudioError, match="cannot be opened: Is a directory"):
        load_sound(tmp_path)


def test_a_header_without_samples_is_a_sound_of_no_length() -> None:
    assert decode_sound(wav(silence(0))).seconds == 0
    assert decode_sound(wav(silence(0), 8000)).seconds == 0


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16000, 2), (44100, 2), (48000, 6)])
def test_every_format_rate_and_channel_count_becomes_mono_16_khz(kind: str, rate: int, channels: int) -> None:
    if kind == "MP3" and channels > 2:
        channels = 2
    t = np.arange(rate) / rate
    tone = np.repeat((0.5 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)[:, None], channels, axis=1)
    subtype = {"WAV": "PCM_16", "FLAC": "PCM_16", "OGG": "VORBIS", "MP3": "MPEG_LAYER_III"}[kind]
    sound = decode_sound(wav(tone, rate, subtype, kind))
    assert sound.samples.dtype == np.float32
    assert abs(sound.seconds - 1) < 0.05
    spectrum = np.abs(np.fft.rfft(sound.samples[: SAMPLE_RATE // 2]))
    assert abs(int(spectrum.argmax()) * 2 - 440) <= 4


def test_a_flac_that_does_not_know_its_length_is_read_to_its_end() -> None:
    """As ffmpeg and browsers write to a pipe: total samples in the header are 0."""
    data = bytearray(wav(silence(3.25), kind="FLAC"))
    data[21] &= 0xF0
    data[22:26] = bytes(4)
    assert decode_sound(bytes(data)).seconds == 3.25


def test_nan_and_infinity_become_samples_within_bounds() -> None:
    samples = np.array([np.nan, np.inf, -np.inf, 3.0, -3.0, 0.25] * 4000, np.float32)
    for rate in (SAMPLE_RATE, 44100):
        read = decode_sound(wav(samples, rate, "FLOAT")).samples
        assert np.isfinite(read).all()
        assert np.abs(read).max() <= 1.5


def test_flac_of_a_sound_is_the_same_sound() -> None:
    sound = load_sound(CLIP)
    again = decode_sound(encode_flac(sound))
    np.testing.assert_allclose(again.samples, sound.samples, atol=2 / 32768)


def test_more_than_half_an_hour_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    soundfile.write(path, np.zeros(31 * 60 * 8000, np.int16), 8000, format="FLAC")
    with pytest.raises(AudioError, match=r"long\.flac is longer than 30 minutes; send one utterance at a time"):
        load_sound(path)


def test_a_small_file_cannot_unpack_to_all_the_memory() -> None:
    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", 48000, 8, format="FLAC", subtype="PCM_16") as file:
        for _ in range(60):
            file.write(np.zeros((48000, 8), np.int16))
    tracemalloc.start()
    try:
        assert decode_sound(buffer.getvalue()).seconds == 60
        assert tracemalloc.get_traced_memory()[1] < 25e6  # all channels at once would be 92 MB
    finally:
        tracemalloc.stop()


# Where somebody speaks


def test_silence_and_hum_are_no_speech() -> None:
    detector = VoiceActivity()
    hum = (0.2 * np.sin(2 * np.pi * 50 * np.arange(3 * SAMPLE_RATE) / SAMPLE_RATE)).astype(np.float32)
    for samples in (silence(0), silence(0.01), silence(3), hum):
        assert detector.segments(Sound(samples)) == []


def test_speech_is_found_where_it_is() -> None:
    clip = load_sound(CLIP).samples
    sound = Sound(np.concatenate([silence(2), clip, silence(2)]))
    segments = VoiceActivity().segments(sound)
    assert segments
    assert 1.5 * SAMPLE_RATE < segments[0][0] < segments[-1][1] < 2.6 * SAMPLE_RATE + len(clip)


def stream(*parts: Any, block_s: float = 0.25) -> Iterator[Any]:
    samples, size = np.concatenate(parts), int(block_s * SAMPLE_RATE)
    yield from (samples[at : at + size] for at in range(0, len(samples), size))


def test_a_stream_is_cut_into_one_sound_per_utterance(speech: dict[str, Sound]) -> None:
    first, second = speech["en-move"], speech["en-callsign"]
    cut = list(split_utterances(stream(silence(3), first.samples, silence(2), second.samples, silence(2))))
    assert len(cut) == 2
    for utterance, spoken in zip(cut, (first, second), strict=True):
        assert spoken.seconds - 0.5 < utterance.seconds < spoken.seconds + 2.5


def test_the_last_words_of_a_stream_that_ends_are_kept(speech: dict[str, Sound]) -> None:
    spoken = speech["en-move"].samples
    assert len(list(split_utterances(stream(silence(1), spoken)))) == 1


def test_silence_yields_nothing() -> None:
    assert list(split_utterances(stream(silence(10)))) == []


def test_somebody_who_never_pauses_is_cut_before_whisper_s_limit(speech: dict[str, Sound]) -> None:
    talk = speech["en-sequence"].samples
    spoken = talk[np.abs(talk) > 0.005]  # no pauses at all
    cut = list(split_utterances(stream(*[spoken] * int(1 + 60 * SAMPLE_RATE / len(spoken)))))
    assert len(cut) >= 2
    assert max(sound.seconds for sound in cut) <= 28.25


# The microphone


def test_a_missing_sounddevice_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    _import_fails(monkeypatch, ModuleNotFoundError("No module named 'sounddevice'"))
    with pytest.raises(AudioError, match=r"no microphone support: pip install 'banksman\[mic\]'"):
        Microphone()


def test_a_missing_portaudio_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    _import_fails(monkeypatch, OSError("PortAudio library not found"))
    with pytest.raises(AudioError, match=r"PortAudio is missing: install it from the system .*libportaudio2"):
        Microphone()


def _import_fails(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    original = builtins.__import__

    def fake(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "sounddevice":
            raise error
        return original(name, *args, **kwargs)

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(builtins, "__import__", fake)


# The recogniser, on all of that


@pytest.fixture(scope="module")
def understands(recogniser: WhisperRecogniser, speech: dict[str, Sound]) -> Callable[[], None]:
    """Sees that the recogniser still hears."""

    def check() -> None:
        assert "workshop" in words(recogniser.transcribe(speech["en-move"]).text)

    check()
    return check


def test_sounds_without_words_give_no_text(recogniser: WhisperRecogniser, understands: Callable[[], None]) -> None:
    broken = np.array([np.nan, np.inf, -np.inf, 5.0] * SAMPLE_RATE, np.float32)
    for data in (wav(silence(0)), wav(silence(0.02)), wav(silence(5)), wav(broken, subtype="FLOAT")):
        assert recogniser.transcribe(decode_sound(data)).text == ""
    understands()


def test_a_telephone_s_stereo_is_understood(recogniser: WhisperRecogniser, speech: dict[str, Sound]) -> None:
    half = speech["en-move"].samples[::2]
    heard = recogniser.transcribe(decode_sound(wav(np.stack([half, half], axis=1), 8000)))
    assert "workshop" in words(heard.text)


def test_ten_minutes_with_one_sentence_give_that_sentence(
    recogniser: WhisperRecogniser, speech: dict[str, Sound], understands: Callable[[], None]
) -> None:
    sound = Sound(np.concatenate([silence(450), speech["en-move"].samples, silence(150)]))
    heard = recogniser.transcribe(sound)
    assert "workshop" in words(heard.text)
    assert len(heard.text) < 60
    understands()


def test_speech_longer_than_whisper_s_window_is_heard_to_its_end(
    recogniser: WhisperRecogniser, speech: dict[str, Sound]
) -> None:
    clips = [
        "en-move",
        "en-two",
        "en-transport",
        "en-sequence",
        "en-chatter-2",
        "en-two",
        "en-transport",
        "en-callsign",
    ]
    sound = Sound(np.concatenate([part for name in clips for part in (speech[name].samples, silence(1.5))]))
    assert sound.seconds > 30
    heard = words(recogniser.transcribe(sound).text)
    assert {"workshop", "cold", "store", "aisle", "traffic", "parking", "place"} <= heard
