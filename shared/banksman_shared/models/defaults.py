"""Which models the product runs with where nobody chose others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

TAUGHT_LLAMAS: Mapping[str, frozenset[str]] = {
    "smollm2-135m-taught": frozenset({"en"}),
    "qwen2.5-coder-0.5b-taught": frozenset(
        {"ar", "de", "en", "es", "fr", "hi", "it", "ja", "nl", "pl", "pt", "sv", "tr", "zh"}
    ),
}
"""The language models that were taught this work, the smallest first, and the languages that none after it reads
better by more than a few sentences of a hundred."""

UNTAUGHT_LLAMA = "qwen2.5-coder-1.5b"
"""The one that was never taught it, for languages that a taught one was not taught."""

DEFAULT_MODELS = (
    "whisper-base",
    "whisper-base-taught",
    "smollm2-135m",
    "smollm2-135m-taught",
    "qwen2.5-coder-0.5b",
    "qwen2.5-coder-0.5b-taught",
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


def default_llama(languages: Iterable[str]) -> str:
    """The language model for a site that speaks these languages, where nobody chose one: the smallest that was taught
    all of them, else the one that was taught most of them."""
    spoken = frozenset(languages)
    return max(TAUGHT_LLAMAS, key=lambda name: len(TAUGHT_LLAMAS[name] & spoken))  # the first of equals


def models_for(languages: Iterable[str]) -> tuple[str, ...]:
    """The models that the edge needs for a site that speaks these languages, where nobody chose others."""
    spoken = frozenset(languages)
    taught = default_llama(spoken)
    untaught = () if TAUGHT_LLAMAS[taught] >= spoken else (UNTAUGHT_LLAMA,)
    whisper = dict.fromkeys((STOP_WHISPER, default_whisper(spoken)))
    return (*whisper, taught.removesuffix("-taught"), taught, *untaught)
