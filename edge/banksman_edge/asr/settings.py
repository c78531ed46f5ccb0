"""What the folder of a Whisper says about it, beside its weights."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from banksman_shared.errors import ModelError

PUBLISHED_CONTEXT_S = 10.0
PADDING_S = 0.5


@dataclass(frozen=True, slots=True)
class WhisperSettings:
    """``suppressed``: tokens never written; ``suppressed_first``: not as the first one. The encoder gets ``context_s``
    of sound, or what was said and ``padding_s``, whichever is more."""

    suppressed: tuple[int, ...]
    suppressed_first: frozenset[int]
    context_s: float
    padding_s: float


def read_settings(model: Path) -> WhisperSettings:
    """The ``config.json`` in a model's folder.

    Raises:
        ModelError: it is missing, is no JSON, or lacks what CTranslate2's converter writes there.
    """
    path = model / "config.json"
    try:
        config = json.loads(path.read_text("utf-8"))
        return WhisperSettings(
            tuple(_tokens(config, "suppress_ids")),
            frozenset(_tokens(config, "suppress_ids_begin")),
            float(config.get("context_s", PUBLISHED_CONTEXT_S)),
            float(config.get("padding_s", PADDING_S)),
        )
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(
            f"Whisper model {model} cannot be used: its config.json {error}; "
            f"convert the model anew with ct2-transformers-converter"
        ) from error


def _tokens(config: Any, key: str) -> list[int]:
    tokens = config.get(key) if isinstance(config, dict) else None
    if not isinstance(tokens, list) or not all(isinstance(token, int) for token in tokens):
        raise ValueError(f"lacks '{key}', a list of tokens")
    return tokens
