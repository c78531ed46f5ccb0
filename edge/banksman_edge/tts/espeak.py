"""espeak-ng: over a hundred languages, a hundredth of real time, and the voice of a machine.

It is GPL. So it is neither linked nor shipped: it runs as a program of its own, text in and sound out, where the system
has it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import unicodedata
from functools import cached_property

from banksman_edge.audio import Samples, decode_sound
from banksman_edge.errors import AudioError, SynthesisError
from banksman_edge.phonetics import kana_of
from banksman_edge.tts.trim import trimmed

PROGRAM = "espeak-ng"
INSTALL = "install it from the system (Debian, Ubuntu: apt-get install espeak-ng)"
DIALECTS = {"en": "en-us", "fr": "fr-fr", "pt": "pt-br", "zh": "cmn"}
"""Other languages go by their own code."""
WORDS_A_MINUTE = 165
LONGEST_S = 5.0
"""A sentence takes it some milliseconds; one that takes so long hangs."""
MAX_TEXT = 1000
_PERCENT = re.compile(r"([\d.,]+)\s*%")
_PHONEME_MARKS = re.compile(r"\[\[|\]\]")
_SWITCHES = re.compile(r"\([a-z-]+\)")


def find_espeak() -> str | None:
    """Where the program is, or None."""
    return shutil.which(PROGRAM)


class Espeak:
    """Speaks, a process a sentence; a :class:`Speaker`. Safe to use from several threads.

    Raises:
        SynthesisError: espeak-ng is not installed.
    """

    def __init__(self) -> None:
        program = find_espeak()
        if program is None:
            raise SynthesisError(f"espeak-ng is missing: {INSTALL}")
        self._program = program

    def version(self) -> str:
        """As it prints it, such as "1.52.0"."""
        found = re.search(r"\d+\.\d+[\w.]*", self._run("--version").decode(errors="replace"))
        return found[0] if found else "of an unknown version"

    @cached_property
    def languages(self) -> frozenset[str]:
        """The codes that it has voices for, as it writes them: "de", "en-us", "cmn"."""
        rows = self._run("--voices").decode(errors="replace").splitlines()[1:]
        return frozenset(row.split()[1] for row in rows if len(row.split()) > 1)

    def speaks(self, language: str) -> bool:
        """See :class:`Speaker`."""
        return DIALECTS.get(language, language) in self.languages

    def speak(self, text: str, language: str) -> Samples:
        """See :class:`Speaker`."""
        return self.render(readable(text, language), DIALECTS.get(language, language))

    def render(self, text: str, voice: str, *, words_a_minute: int = WORDS_A_MINUTE, pitch: int = 50) -> Samples:
        """Speak with any voice, as espeak-ng calls it ("de+f2"); ``pitch`` from 0 to 99. See :class:`Speaker`."""
        manner = ("-v", voice, "-s", str(words_a_minute), "-p", str(pitch))
        wave = self._run(*manner, "-b", "1", "--stdin", "--stdout", text=text)
        try:
            return trimmed(decode_sound(wave).samples)
        except AudioError as error:
            raise SynthesisError(f"espeak-ng said nothing that can be heard as '{voice}'") from error

    def phonemes(self, text: str, voice: str) -> str:
        """The text in IPA with stress marks. ``voice``: as espeak-ng calls it.

        Raises:
            SynthesisError: there is no such voice.
        """
        spoken = self._run("-v", voice, "-b", "1", "-q", "--ipa", "--stdin", text=readable(text, voice[:2]))
        return " ".join(_SWITCHES.sub("", spoken.decode(errors="replace")).split())

    def _run(self, *arguments: str, text: str = "") -> bytes:
        try:
            done = subprocess.run(  # noqa: S603  a program found on the path; the text goes in by its input
                [self._program, *arguments], input=text.encode(), capture_output=True, check=True, timeout=LONGEST_S
            )
        except subprocess.TimeoutExpired:
            raise SynthesisError(f"espeak-ng did not end within {LONGEST_S:.0f} s and was ended") from None
        except subprocess.CalledProcessError as error:
            reason = error.stderr.decode(errors="replace").strip().rpartition("\n")[2] or f"exit {error.returncode}"
            raise SynthesisError(f"espeak-ng failed: {reason}") from error
        except OSError as error:
            raise SynthesisError(f"espeak-ng cannot be started ({error.strerror}): {INSTALL}") from error
        return done.stdout


def readable(text: str, language: str) -> str:
    """The text as espeak-ng reads it rightly: no commands of its own in it, kanji as kana, per cent in words."""
    plain = "".join(" " if unicodedata.category(character)[0] == "C" else character for character in text)
    plain = _PHONEME_MARKS.sub(" ", plain)[:MAX_TEXT]
    if language == "zh":
        return _PERCENT.sub(r"百分之\1", plain)
    if language == "ja":
        return kana_of(_PERCENT.sub(r"\1パーセント", plain))
    return plain
