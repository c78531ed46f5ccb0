"""How long it takes from a reply's text to its first sound, and to all of it: espeak-ng and Kokoro, fresh and from
memory, beside a speaker that synthesises the whole reply before it says a word.

    python tests/bench/bench_replies.py [--rounds 3] [--voice espeak] [--voice kokoro]

Prints a row for each voice and language that has one here, p50 in milliseconds on this machine, and the ratios; a ratio
is the whole reply's time over that of its first piece. Speech is how long the reply lasts.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

from banksman_edge.audio import SAMPLE_RATE
from banksman_edge.replies import Amount, Phrasebook, Unit
from banksman_edge.streams.reply_speech import pieces_of
from banksman_edge.tts import Espeak, Kokoro, Speaker
from banksman_edge.tts.synthesis import Synthesis
from banksman_shared.actions import Action
from banksman_shared.commands import Command
from banksman_shared.errors import BanksmanError
from banksman_shared.site import bundled_site, load_site

LANGUAGES = ("ar", "de", "en", "es", "fr", "hi", "it", "ja", "nl", "pl", "pt", "tr", "zh")
VOICES: dict[str, Callable[[], Speaker]] = {"espeak": Espeak, "kokoro": Kokoro}
ROW = "{:<8} {:<4} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}"


def replies(language: str) -> list[str]:
    """A read-back, a proposal and a status."""
    phrases = Phrasebook(load_site(bundled_site()))
    move = Command(Action.MOVE, ("forklift-3",), destination="dock-2")
    proposed = {"steps": Amount(12, Unit.STEP), "minutes": Amount(7, Unit.MINUTE)}
    battery = Amount(80, Unit.PERCENT)
    return [
        phrases.read_back([move], language),
        phrases.say("proposed", language, **proposed),
        phrases.say("status", language, who=phrases.who(["forklift-3"], language), place="12", battery=battery),
    ]


def timed(studio: Synthesis, text: str, language: str) -> tuple[float, int]:
    """Milliseconds until the text is there as sound, and samples of it."""
    began = time.perf_counter()
    sound = studio.sound(text, language).result()
    return (time.perf_counter() - began) * 1000, len(sound)


def once(speaker: Speaker, text: str, language: str) -> tuple[float, ...]:
    """Milliseconds to the first piece, to all at once, to the first piece from memory; and what the whole lasts."""
    first, whole = Synthesis(speaker), Synthesis(speaker)
    piece = pieces_of(text)[0]
    fresh, _ = timed(first, piece, language)
    complete, samples = timed(whole, text, language)
    kept, _ = timed(first, piece, language)
    first.close()
    whole.close()
    return fresh, complete, kept, samples * 1000 / SAMPLE_RATE


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--voice", action="append", choices=sorted(VOICES))
    options = parser.parse_args()
    print(ROW.format("voice", "", "first", "all", "ratio", "kept", "speech", "all/speech"))
    for name in options.voice or sorted(VOICES):
        try:
            speaker = VOICES[name]()
        except BanksmanError as error:
            print(f"{name:<8} not here: {error}")
            continue
        for language in filter(speaker.speaks, LANGUAGES):
            speaker.speak(replies(language)[0], language)  # what is set up on first use is not measured
            rows = [once(speaker, text, language) for text in replies(language) for _ in range(options.rounds)]
            first, whole, kept, speech = (statistics.median(column) for column in zip(*rows, strict=True))
            cells = [f"{number:.1f}" for number in (first, whole, whole / first, kept, speech)]
            print(ROW.format(name, language, *cells, f"{whole / speech:.3f}"))


if __name__ == "__main__":
    main()
