"""The text-to-speech half of a Wyoming service: ``synthesize`` in, ``audio-start``, ``audio-chunk`` … ``audio-stop``
out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from importlib.metadata import version

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import Attribution, TtsProgram, TtsVoice

from banksman_edge.audio import SAMPLE_RATE, Samples, pcm16
from banksman_edge.errors import SynthesisError
from banksman_edge.streams import Headsets
from banksman_edge.tts import Synthesis

log = logging.getLogger(__name__)

CHUNK = 1024
"""Samples a message."""
MAX_TEXT = 1000
_NAME = "banksman"


async def voice_programs(headsets: Headsets, languages: tuple[str, ...]) -> list[TtsProgram]:
    """What there is to speak with, for ``info``; ``languages`` are the site's."""
    if headsets.synthesis is None:
        return []
    us, number = Attribution("Banksman", ""), version("banksman")
    try:
        spoken = [language for language in languages if await _speaks(headsets.synthesis, language)]
    except SynthesisError as error:
        log.warning("Wyoming clients are told of no voice: %s", error)
        return []
    voice = TtsVoice(_NAME, us, True, "The voice of replies", number, spoken)
    return [TtsProgram(_NAME, us, True, "Speaks replies", number, [voice])]


async def synthesized(headsets: Headsets, event: Event, language: str) -> list[Event]:
    """The answer to ``synthesize``; ``language``: where the event names none.

    Raises:
        SynthesisError: it cannot be spoken; the text says why.
    """
    if headsets.synthesis is None:
        raise SynthesisError("nothing here speaks: install espeak-ng, and do not run the agent with --voice off")
    text, voice = event.data.get("text"), event.data.get("voice") or {}
    wanted = voice.get("language") if isinstance(voice, dict) else None
    if not isinstance(text, str) or not 0 < len(text) <= MAX_TEXT:
        raise SynthesisError(f"a 'synthesize' needs a 'text' of 1 to {MAX_TEXT} characters")
    code = wanted.replace("_", "-").partition("-")[0].casefold() if isinstance(wanted, str) else language
    if not await _speaks(headsets.synthesis, code):
        raise SynthesisError(f"no voice here speaks {code[:20]!r}")
    sound = await asyncio.wrap_future(headsets.synthesis.sound(text, code))
    return list(_as_events(sound))


async def _speaks(synthesis: Synthesis, language: str) -> bool:
    """Whether there is a voice for it. A program may have to be asked, which all sockets would wait for.

    Raises:
        SynthesisError: it cannot be asked.
    """
    return await asyncio.to_thread(synthesis.speaks, language)


def _as_events(sound: Samples) -> Iterator[Event]:
    yield AudioStart(SAMPLE_RATE, 2, 1).event()
    for at in range(0, len(sound), CHUNK):
        yield AudioChunk(SAMPLE_RATE, 2, 1, pcm16(sound[at : at + CHUNK])).event()
    yield AudioStop().event()
