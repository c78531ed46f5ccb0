"""Which models the product runs with where nobody chose others."""

from __future__ import annotations

from collections.abc import Iterable

TAUGHT_LLAMA = "qwen2.5-coder-0.5b-taught"
"""The language model that was taught to read sentences, whatever the site speaks."""

UNTAUGHT_LLAMA = "qwen2.5-coder-1.5b"
"""One that was never taught it, which the planner on the site states goals with."""

DEFAULT_MODELS = (
    "whisper-base",
    "whisper-base-taught",
    TAUGHT_LLAMA.removesuffix("-taught"),
    TAUGHT_LLAMA,
    UNTAUGHT_LLAMA,
)
"""What the product runs with where nobody chose otherwise."""

STOP_WHISPER = "whisper-base"
"""The Whisper whose encoder the stop spotter listens to."""

TAUGHT_LANGUAGES = frozenset({"de", "en", "es", "fr", "hi", "it", "ja", "pt", "zh"})
"""What ``whisper-base-taught`` was taught; others it hears worse than the published weights do."""


def default_whisper(languages: Iterable[str]) -> str:
    """The Whisper for a site that speaks these languages, where nobody chose one."""
    return "whisper-base-taught" if TAUGHT_LANGUAGES.issuperset(languages) else "whisper-base"


def models_for(languages: Iterable[str]) -> tuple[str, ...]:
    """The models that the edge needs for a site that speaks these languages, where nobody chose others."""
    whisper = dict.fromkeys((STOP_WHISPER, default_whisper(languages)))
    return (*whisper, TAUGHT_LLAMA.removesuffix("-taught"), TAUGHT_LLAMA)
