"""Who speaks in the synthesised sentences. Voices kept for testing are never heard in training."""

from __future__ import annotations

import random
from collections.abc import Mapping

TEST_VOICES: Mapping[str, tuple[str, ...]] = {
    "en": ("af_nicole", "am_puck", "bf_emma", "bm_lewis"),
    "es": ("em_santa",),
    "it": ("im_nicola",),
    "pt": ("pm_santa",),
    "hi": ("hf_beta", "hm_psi"),
    "zh": ("zf_xiaoyi", "zm_yunyang"),
    "ja": ("jf_tebukuro", "jm_kumo"),
}
"""French has one voice of its own: it is tested with that one mixed with test voices of other languages."""

TRAINING_VOICES: Mapping[str, tuple[str, ...]] = {
    "en": (
        *("af_alloy", "af_aoede", "af_bella", "af_heart", "af_jessica", "af_kore", "af_nova", "af_river", "af_sarah"),
        *("af_sky", "am_adam", "am_echo", "am_eric", "am_fenrir", "am_liam", "am_michael", "am_onyx", "am_santa"),
        *("bf_alice", "bf_isabella", "bf_lily", "bm_daniel", "bm_fable", "bm_george"),
    ),
    "es": ("ef_dora", "em_alex"),
    "fr": ("ff_siwis",),
    "it": ("if_sara",),
    "pt": ("pf_dora", "pm_alex"),
    "hi": ("hf_alpha", "hm_omega"),
    "zh": ("zf_xiaobei", "zf_xiaoni", "zf_xiaoxiao", "zm_yunjian", "zm_yunxi", "zm_yunxia"),
    "ja": ("jf_alpha", "jf_gongitsune", "jf_nezumi"),
}
SPEEDS = (0.85, 1.25)


def cast(language: str, rng: random.Random, *, test: bool) -> dict[str, float]:
    """A voice for a sentence: one of the language, two mixed, or one of another language, which gives an accent."""
    voices = TEST_VOICES if test else TRAINING_VOICES
    own = voices.get(language, ())
    others = [name for code, names in voices.items() if code != language for name in names]
    if language == "fr":
        return {"ff_siwis": 1.0} if not test and rng.random() < 0.45 else {"ff_siwis": 0.6, rng.choice(others): 0.4}
    chance = rng.random()
    if own and chance < (0.75 if test else 0.5):
        return {rng.choice(own): 1.0}
    if own and chance < 0.8:
        return {rng.choice(own): 0.5, rng.choice([*own, *others]): 0.5}
    return {rng.choice(others): 1.0}


def pace(rng: random.Random) -> float:
    """How fast a sentence is spoken; 1 is as the voice was recorded."""
    return round(rng.uniform(*SPEEDS), 2)
