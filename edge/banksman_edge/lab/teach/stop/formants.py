"""espeak-ng as a speaker of its own: robotic, a hundred languages, dozens of voices, a hundredth of real time.

It is GPL and runs as a program beside this one, where the system has it.
"""

from __future__ import annotations

import random

from banksman_edge.audio import Samples
from banksman_edge.tts import Espeak, readable

_NAMES = (
    "m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5 Alex Andy Annie Gene Jacky Lee Michael Mike Storm adam anika "
    "antonio aunty belinda benjamin boris caleb david ed edward grandma grandpa iven john linda max michel "
    "norbert pablo paul quincy rob robert sandro shelby steph travis victor zac klatt klatt2 klatt3 klatt4 "
)
_VARIANTS = _NAMES.split()
TEST_VARIANTS, TRAINING_VARIANTS = _VARIANTS[::6], [v for i, v in enumerate(_VARIANTS) if i % 6]
DIALECTS = {
    "en": ("en-us", "en-gb", "en-gb-scotland", "en-029", "en-gb-x-rp"),
    "es": ("es", "es-419"),
    "fr": ("fr-fr", "fr-be"),
    "pt": ("pt-br", "pt"),
    "zh": ("cmn",),
}
"""Other languages go by their own code."""


class FormantSpeaker:
    """Speaks with a voice, a pitch and a pace of its own choice."""

    def speak(self, text: str, language: str, rng: random.Random, *, test: bool) -> Samples:
        """The text as mono float32 at 16 kHz with a peak of 0.5, without silence around it.

        Raises:
            SynthesisError: espeak-ng is not installed, has no such voice, or there was nothing to say.
        """
        dialect = rng.choice(DIALECTS.get(language, (language,)))
        variant = rng.choice(TEST_VARIANTS if test else TRAINING_VARIANTS)
        voice, pace, pitch = f"{dialect}+{variant}", rng.randint(120, 230), rng.randint(15, 85)
        return Espeak().render(readable(text, language), voice, words_a_minute=pace, pitch=pitch)
