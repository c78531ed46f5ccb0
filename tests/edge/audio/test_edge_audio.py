"""Sounds as they come: broken, empty, too long, in every shape; and where in them somebody speaks."""

from __future__ import annotations

import builtins
import io
import sys
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from portaudio_double import PortAudio, PortAudioError

from banksman_edge import AudioError, Microphone, Sound, WhisperRecogniser, load_sound
from banksman_edge.audio import SAMPLE_RATE, Loudspeaker, VoiceActivity, decode_sound, encode_flac
from banksman_edge.audio.microphone import BLOCK_S, MAX_BEHIND_S
from banksman_edge.audio.pcm import PcmReader
from banksman_edge.audio.vad import FRAME, SpeechDetector

CLIP = Path(__file__).parents[2] / "data" / "speech" / "en-move.flac"


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


@pytest.mark.parametrize(("container", "codec"), [("mp4", "aac"), ("webm", "libopus"), ("matroska", "pcm_s24le")])
def test_what_telephones_and_browsers_record_is_read(container: str, codec: str, speech: dict[str, Sound]) -> None:
    buffer, rate = io.BytesIO(), 48000
    with av.open(buffer, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout="stereo")
        tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.stack([tone, tone]), format="fltp", layout="stereo")
        frame.sample_rate = rate
        for packets in (stream.encode(frame), stream.encode(None)):
            file.mux(packets)
    sound = decode_sound(buffer.getvalue())
    assert abs(sound.seconds - 1) < 0.1
    spectrum = np.abs(np.fft.rfft(sound.samples[4000:12000]))
    assert abs(int(spectrum.argmax()) * 2 - 440) <= 4


@pytest.mark.parametrize(
    "content",
    [
        b"ffconcat version 1.0\nfile x.wav\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nx.wav\n#EXT-X-ENDLIST\n",
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    ],
    ids=["concat", "hls", "sdp"],
)
def test_a_sound_that_names_other_files_or_hosts_opens_none(
    tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.wav").write_bytes(wav(silence(1)))
    with pytest.raises(AudioError, match="is not a sound that can be read"):
        decode_sound(content)
    (tmp_path / "list.txt").write_bytes(content)
    with pytest.raises(AudioError, match="is not a sound that can be read"):
        load_sound(tmp_path / "list.txt")


def test_a_picture_is_told_from_a_sound() -> None:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="matroska") as file:
        stream = file.add_stream("mpeg4", rate=1)
        stream.width = stream.height = 16
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    with pytest.raises(AudioError, match="holds no sound"):
        decode_sound(buffer.getvalue())


@pytest.mark.parametrize(("width", "kind"), [(1, "u1"), (2, "<i2"), (3, ""), (4, "<i4")])
@pytest.mark.parametrize(("rate", "channels"), [(16000, 1), (44100, 2), (8000, 1)])
def test_raw_pcm_of_any_width_rate_and_channels_becomes_mono_16_khz(
    width: int, kind: str, rate: int, channels: int
) -> None:
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    numbers = np.round(np.repeat(tone[:, None], channels, axis=1) * (2 ** (8 * width - 1) - 1))
    if width == 3:
        data = numbers.astype("<i4").view(np.uint8).reshape(-1, channels, 4)[:, :, :3].tobytes()
    else:
        data = (numbers + 128 if width == 1 else numbers).astype(kind).tobytes()
    reader, size = PcmReader(rate, width, channels), width * channels
    parts = [reader.read(data[at : at + 500 * size]) for at in range(0, len(data), 500 * size)]
    samples = np.concatenate([*parts, reader.flush()])
    assert abs(len(samples) - SAMPLE_RATE) < 50
    assert 0.48 < float(np.abs(samples[2000:14000]).max()) < 0.52
    spectrum = np.abs(np.fft.rfft(samples[2000:10000]))
    assert abs(int(spectrum.argmax()) * 2 - 440) <= 2
    assert float(np.sort(spectrum)[-20:-10].max()) < 0.1 * float(spectrum.max())  # no seams between the blocks


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ((16000, 5, 1), "PCM of 5 bytes a sample is not read"),
        ((16000, 2, 0), "PCM of 0 channels is not read"),
        ((16000, 2, 500), "PCM of 500 channels"),
        ((0, 2, 1), "a sound of 0 Hz is not heard"),
        ((10**9, 2, 1), "a sound of 1000000000 Hz is not heard"),
    ],
)
def test_pcm_that_cannot_be_is_refused(wanted: tuple[int, int, int], reason: str) -> None:
    with pytest.raises(AudioError, match=reason):
        PcmReader(*wanted)


def test_half_a_sample_is_refused() -> None:
    with pytest.raises(AudioError, match="a chunk of 3 bytes is no whole number of samples of 2 bytes"):
        PcmReader(16000, 2, 1).read(b"abc")


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("rate", "channels", "subtype"), [(SAMPLE_RATE, 1, "FLOAT"), (44100, 2, "DOUBLE")])
def test_a_sound_with_a_hole_in_it_is_refused(
    tmp_path: Path, hole: float, rate: int, channels: int, subtype: str
) -> None:
    samples = np.full((rate, channels), 0.25, np.float32)
    samples[rate // 2, channels - 1] = hole
    path, reason = tmp_path / "holed.wav", "holds samples that are no numbers; record it again"
    path.write_bytes(wav(samples, rate, subtype))
    with pytest.raises(AudioError, match=rf"holed\.wav {reason}"):
        load_sound(path)
    with pytest.raises(AudioError, match=f"the message's audio {reason}"):
        decode_sound(path.read_bytes())


def test_floats_beyond_full_scale_become_samples_within_bounds() -> None:
    samples = np.array([3.0, -3.0, 0.25] * 8000, np.float32)
    for rate in (SAMPLE_RATE, 44100):
        read = decode_sound(wav(samples, rate, "FLOAT")).samples
        assert np.isfinite(read).all()
        assert 0.05 < np.abs(read).max() <= 1.5


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


def test_a_stream_is_judged_frame_by_frame_as_the_whole_sound_is(speech: dict[str, Sound]) -> None:
    samples = speech["en-move"].samples
    samples = samples[: len(samples) // FRAME * FRAME]
    whole, stream = SpeechDetector().probabilities(samples), SpeechDetector()
    frames = [stream.probabilities(samples[at : at + FRAME])[0] for at in range(0, len(samples), FRAME)]
    np.testing.assert_allclose(frames, whole, atol=1e-5)
    assert 0.2 < float(np.mean(whole > 0.5)) < 0.9


# The microphone


def test_a_missing_sounddevice_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    _import_fails(monkeypatch, ModuleNotFoundError("No module named 'sounddevice'"))
    with pytest.raises(AudioError, match=r"no microphone support: pip install 'banksman\[mic\]'"):
        Microphone()


def test_a_missing_portaudio_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    _import_fails(monkeypatch, OSError("PortAudio library not found"))
    with pytest.raises(AudioError, match=r"PortAudio is missing: install it from the system .*libportaudio2"):
        Microphone()


def microphone(monkeypatch: pytest.MonkeyPatch, portaudio: PortAudio, device: str | int | None = None) -> Microphone:
    monkeypatch.setitem(sys.modules, "sounddevice", portaudio)  # type: ignore[arg-type]
    return Microphone(device)


def test_a_microphone_yields_what_it_records_until_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    portaudio = PortAudio()
    recording = microphone(monkeypatch, portaudio)
    blocks = recording.blocks()
    threading.Timer(0.05, lambda: [portaudio.record(np.full(512, level, np.float32)) for level in (0.1, 0.2)]).start()
    assert [round(float(next(blocks)[0]), 3) for _ in range(2)] == [0.1, 0.2]
    recording.close()
    portaudio.record(np.zeros(512, np.float32))
    assert list(blocks) == []


def test_a_microphone_that_cannot_be_opened_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    for broken in (PortAudio("Invalid device"), PortAudio(start_failure="Invalid device")):
        recording = microphone(monkeypatch, broken)
        with pytest.raises(AudioError, match="the microphone cannot be opened: Invalid device"):
            next(recording.blocks())
        assert broken.running == 0


@pytest.mark.parametrize(
    ("can", "taken"),
    [
        ({"rates": (44100,), "own_rate": 44100.0}, (44100, 1)),
        ({"rates": (48000,), "own_rate": 48000.0}, (48000, 1)),
        ({"channels": (2,), "own_channels": 2}, (16000, 2)),
        ({"rates": (48000,), "own_rate": 48000.0, "channels": (2,), "own_channels": 8}, (48000, 2)),
    ],
)
def test_a_raw_device_is_opened_as_it_is_and_heard_at_16_khz(
    monkeypatch: pytest.MonkeyPatch, can: dict[str, Any], taken: tuple[int, int]
) -> None:
    portaudio = PortAudio(**can)
    recording = microphone(monkeypatch, portaudio, "hw:1,0")
    rate, channels = taken
    tone = (0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype(np.float32)
    block = round(rate * BLOCK_S)

    def play() -> None:
        portaudio.await_running(1, 1)
        for at in range(0, rate, block):
            portaudio.record(np.repeat(tone[at : at + block, None], channels, axis=1))

    player = threading.Thread(target=play)
    player.start()
    samples, blocks = [], recording.blocks()
    while sum(map(len, samples)) < 14000:
        samples.append(next(blocks))
    recording.close()
    blocks.close()
    player.join()
    (options,) = portaudio.opened
    assert (options["samplerate"], options["channels"], options["device"]) == (rate, channels, "hw:1,0")
    heard = np.concatenate(samples)[2000:10000]
    spectrum = np.abs(np.fft.rfft(heard))
    assert abs(int(spectrum.argmax()) * 2 - 440) <= 2
    assert 0.48 < float(np.abs(heard).max()) < 0.52
    assert portaudio.running == 0


def test_a_device_that_can_nothing_we_need_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    portaudio = PortAudio(rates=(192_000,), own_rate=96_000.0)
    with pytest.raises(AudioError, match=r"^the microphone cannot be opened: Invalid sample rate"):
        next(microphone(monkeypatch, portaudio).blocks())
    assert portaudio.tries == 4


def test_lost_sound_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    portaudio = PortAudio()
    recording = microphone(monkeypatch, portaudio)
    blocks = recording.blocks()
    threading.Timer(0.05, lambda: portaudio.record(np.zeros(512, np.float32))).start()
    next(blocks)
    assert not recording.missed()
    portaudio.record(np.zeros(512, np.float32), overflow=True)
    assert [recording.missed(), recording.missed()] == [True, False]
    for _ in range(round(MAX_BEHIND_S / BLOCK_S) + 1):
        portaudio.record(np.zeros(512, np.float32))
    assert recording.missed()


def test_an_unplugged_microphone_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("banksman_edge.audio.microphone.SILENT_S", 0.05)
    recording = microphone(monkeypatch, PortAudio())
    with pytest.raises(AudioError, match=r"has sent nothing for .*is it plugged in"):
        next(recording.blocks())


def test_old_sound_is_dropped_where_nobody_fetches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    portaudio = PortAudio()
    blocks = microphone(monkeypatch, portaudio).blocks()
    threading.Timer(0.05, lambda: portaudio.record(np.zeros(512, np.float32))).start()
    next(blocks)
    count = round(MAX_BEHIND_S / BLOCK_S)
    for number in range(1, count + 3):
        portaudio.record(np.full(512, number / 1000, np.float32))
    assert round(float(next(blocks)[0]) * 1000) == count + 1


def test_a_loudspeaker_plays_what_it_gets_and_forgets_what_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    class Output:
        PortAudioError = PortAudioError
        started = 0

        def OutputStream(self, **options: Any) -> Any:  # noqa: N802  its name
            self.callback = options["callback"]
            return self

        def start(self) -> None:
            self.started += 1

        def close(self) -> None:
            self.started -= 1

        def heard(self, frames: int) -> list[float]:
            out = np.full((frames, 1), 9, np.float32)
            self.callback(out, frames, None, None)
            return [round(float(value), 2) for value in out[:, 0]]

    output = Output()
    monkeypatch.setitem(sys.modules, "sounddevice", output)  # type: ignore[arg-type]
    loudspeaker = Loudspeaker()
    assert output.started == 1
    assert output.heard(2) == [0, 0]
    loudspeaker.play(np.array([0.1, 0.2, 0.3], np.float32))
    assert output.heard(2) == [0.1, 0.2]
    loudspeaker.play(np.array([0.4], np.float32))
    assert output.heard(3) == [0.3, 0.4, 0]
    loudspeaker.play(np.array([0.5], np.float32))
    loudspeaker.clear()
    assert output.heard(1) == [0]
    loudspeaker.close()
    assert output.started == 0


def test_a_loudspeaker_that_cannot_be_opened_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    class Output:
        PortAudioError = PortAudioError

        def OutputStream(self, **_: Any) -> Any:  # noqa: N802  its name
            raise self.PortAudioError("no default output device")

    monkeypatch.setitem(sys.modules, "sounddevice", Output())  # type: ignore[arg-type]
    with pytest.raises(AudioError, match="the loudspeaker cannot be opened: no default output device"):
        Loudspeaker()


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
    broken = np.array([5.0, -5.0] * 2 * SAMPLE_RATE, np.float32)
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
