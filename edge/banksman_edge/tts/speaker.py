"""What speaks replies, and the order in which one is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from banksman_edge.audio import Samples
from banksman_edge.errors import SynthesisError
from banksman_edge.tts.espeak import Espeak, find_espeak
from banksman_edge.tts.synthesiser import NATIVE_VOICES, Synthesiser, can_read
from banksman_edge.tts.voices import voices_file
from banksman_shared.models import ModelStore

MODEL = "kokoro-82m"


VoiceChoice = Literal["espeak", "kokoro", "off"]
"""Who speaks the replies: espeak-ng, which has every language and answers at once; Kokoro where it has a native voice,
and espeak-ng for the other languages; nobody."""


class Speaker(Protocol):
    """Turns short sentences into speech. Calls do not overlap."""

    def speaks(self, language: str) -> bool:
        """Whether it has a voice for this language."""
        ...

    def speak(self, text: str, language: str) -> Samples:
        """The sentence, shape (n,), float32 in [-0.5, 0.5], 16 kHz mono, without silence around it.

        Raises:
            SynthesisError: it cannot be spoken; the text says why.
        """
        ...


class Kokoro:
    """Kokoro-82M with one native voice a language; a :class:`Speaker`.

    Raises:
        ModelError, SynthesisError: the model or its voices are not here and cannot be fetched.
    """

    def __init__(self) -> None:
        self._synthesiser = Synthesiser(ModelStore().path(MODEL), voices_file())

    def speaks(self, language: str) -> bool:
        return language in NATIVE_VOICES and can_read(language)

    def speak(self, text: str, language: str) -> Samples:
        return self._synthesiser.speak(text, language, {NATIVE_VOICES[language]: 1.0})


class Speakers:
    """The first of several that speaks a language; a :class:`Speaker`."""

    def __init__(self, speakers: Sequence[Speaker]) -> None:
        self._speakers = speakers

    def speaks(self, language: str) -> bool:
        return any(speaker.speaks(language) for speaker in self._speakers)

    def speak(self, text: str, language: str) -> Samples:
        speaker = next((speaker for speaker in self._speakers if speaker.speaks(language)), None)
        if speaker is None:
            raise SynthesisError(f"no voice here speaks '{language}': install espeak-ng (Debian: espeak-ng)")
        return speaker.speak(text, language)


def load_speaker(choice: VoiceChoice | None) -> Speaker | None:
    """The speaker that was chosen; None where replies are to be text.

    Without a choice it is espeak-ng where it is installed, else nobody: Kokoro takes a processor for as long as it
    speaks, which a site has to want.

    Raises:
        ModelError, SynthesisError: what was asked for is not here; the text says what to install.
    """
    match choice:
        case "off":
            return None
        case "kokoro":
            return Speakers([Kokoro(), Espeak()])
        case "espeak":
            return Espeak()
        case None:
            return Espeak() if find_espeak() else None
