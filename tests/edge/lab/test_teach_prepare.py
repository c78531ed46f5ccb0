"""Preparing a folder to teach with: recordings, resuming, and what is told when something is missing."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from banksman_edge.audio import load_sound
from banksman_edge.cli.teach import teach
from banksman_edge.errors import SynthesisError, TeachingError
from banksman_edge.lab.teach import prepare
from banksman_edge.lab.teach.manifest import MANIFEST, Clip, read_clips
from banksman_edge.lab.teach.prepare import Amount, Wishes, prepare_folder

RATE = 48_000
FEW = Amount(3, 2)


def tone(path: Path, seconds: float = 0.5) -> Path:
    """A stereo sound file at another rate than ours."""
    wave = 0.3 * np.sin(np.arange(int(seconds * RATE)) / 20)
    soundfile.write(path, np.stack([wave, wave], 1), RATE)
    return path


class Voice:
    """Stands in for the synthesiser, which is an extra of 100 MB; counts what it was asked to say."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.fail_after = 1000

    def speak(self, text: str, _language: str, _voice: object, speed: float) -> np.ndarray:
        if len(self.said) == self.fail_after:
            raise SynthesisError("no power")
        self.said.append(text)
        return np.full(1600, 0.1 * speed, np.float32)


@pytest.fixture
def voice(monkeypatch: pytest.MonkeyPatch) -> Voice:
    made = Voice()
    monkeypatch.setattr(prepare, "_start", lambda *_: setattr(prepare, "_synthesiser", made))
    monkeypatch.setattr(prepare, "voices_file", lambda: Path("voices"))
    monkeypatch.setattr(prepare.ModelStore, "path", lambda *_: Path("model"))
    return made


def run(folder: Path, wishes: Wishes) -> list[tuple[int, int]]:
    seen: list[tuple[int, int]] = []
    prepare_folder(folder, wishes, processes=1, progress=lambda done, total, _: seen.append((done, total)))
    return seen


def test_sentences_are_spoken_and_listed_with_their_text(tmp_path: Path, voice: Voice) -> None:
    seen = run(tmp_path, Wishes(FEW, ("en", "es")))
    clips = read_clips(tmp_path)
    assert [clip.text for clip in clips] == voice.said
    assert [clip.test for clip in clips] == [True] * 4 + [False] * 6
    assert all(len(load_sound(tmp_path / clip.audio).samples) == 1600 for clip in clips)
    assert seen == [(n, 10) for n in range(1, 11)]


def test_an_interrupted_preparation_goes_on_where_it_was(tmp_path: Path, voice: Voice) -> None:
    voice.fail_after = 4
    with pytest.raises(SynthesisError):
        run(tmp_path, Wishes(FEW, ("en", "es")))
    voice.fail_after = 1000
    seen = run(tmp_path, Wishes(FEW, ("en", "es")))
    assert voice.said == [clip.text for clip in read_clips(tmp_path)]
    assert seen[-1] == (10, 10)
    run(tmp_path, Wishes(FEW, ("en", "es")))
    assert len(voice.said) == 10
    assert not list(tmp_path.rglob("*.part"))


def test_recordings_come_with_their_text_or_without(tmp_path: Path, voice: Voice) -> None:
    tone(tmp_path / "a.wav")
    tone(tmp_path / "b.wav", 0.7)
    rows = [
        {
            "id": "1",
            "audio": "a.wav",
            "text": "Forklift 3, stop!",
            "language": "en",
            "expect": {"action": "none", "vehicles": []},
        },
        {"id": "2", "audio": "b.wav", "language": "nl"},
    ]
    manifest = tmp_path / "mine.jsonl"
    manifest.write_text("\n".join(map(json.dumps, rows)))
    noise = tuple(tone(tmp_path / f"noise{n}.wav", 1 + n) for n in range(4))
    run(tmp_path / "out", Wishes(Amount(1, 0), ("en",), None, (manifest,), (manifest,), noise))

    clips = read_clips(tmp_path / "out")
    told = [clip for clip in clips if clip.kind == "recorded"]
    assert [(clip.text, clip.language, clip.test) for clip in told] == [
        ("Forklift 3, stop!", "en", False),
        ("", "nl", False),
        ("Forklift 3, stop!", "en", True),
        ("", "nl", True),
    ]
    assert [clip.test for clip in clips if clip.kind == "noise"] == [True, False, False, True]
    sound = load_sound(tmp_path / "out" / told[0].audio)
    assert sound.seconds == pytest.approx(0.5, abs=0.01)


def test_a_line_without_sound_teaches_nothing(tmp_path: Path, voice: Voice) -> None:
    manifest = tmp_path / "mine.jsonl"
    manifest.write_text('{"id": "7", "text": "Stop!"}')
    with pytest.raises(TeachingError, match="'7' has no audio"):
        run(tmp_path / "out", Wishes(FEW, ("en",), recordings=(manifest,)))


def test_a_folder_that_is_not_prepared_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TeachingError, match="run 'banksman teach whisper prepare' first"):
        read_clips(tmp_path)
    (tmp_path / MANIFEST).write_text('{"id": 3}\n')
    with pytest.raises(TeachingError, match="damaged"):
        read_clips(tmp_path)


def test_a_clip_is_synthesised_if_it_has_a_voice() -> None:
    assert Clip("a", "a.flac", "en", voice={"af_sky": 1.0}).synthesised
    assert not Clip("a", "a.flac", "en").synthesised


@pytest.mark.parametrize("step", ["prepare", "train", "evaluate", "export"])
def test_every_step_has_help_with_an_example(step: str) -> None:
    done = CliRunner().invoke(teach, ["whisper", step, "--help"])
    assert done.exit_code == 0
    assert f"banksman teach whisper {step} lesson" in done.output
