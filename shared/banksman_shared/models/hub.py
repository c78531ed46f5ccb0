"""Models by hub id: ``owner/repository`` for Whisper, ``owner/repository:file.gguf`` for llama.cpp."""

from __future__ import annotations

import re
from pathlib import Path

from banksman_shared.errors import ModelError

_HUB_ID = re.compile(r"^[\w.-]+/[\w.-]+(?::[\w./-]+\.gguf)?$")
_WHISPER_FILES = ("model.bin", "config.json", "tokenizer.json", "preprocessor_config.json", "vocabulary.*")


WHISPERS = {
    "tiny": "Systran/faster-whisper-tiny",
    "base": "Systran/faster-whisper-base",
    "small": "Systran/faster-whisper-small",
    "medium": "Systran/faster-whisper-medium",
    "large-v2": "Systran/faster-whisper-large-v2",
    "large-v3": "Systran/faster-whisper-large-v3",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
}
"""The multilingual Whispers in CTranslate2's format, from where faster-whisper takes them (its ``utils.py``)."""


def is_hub_id(source: str) -> bool:
    """Whether ``source`` has the form of a hub id, as opposed to a file name."""
    return bool(_HUB_ID.match(source)) and (":" in source or not source.endswith((".gguf", ".bin")))


def fetch_from_hub(source: str) -> Path:
    """The local path of a hub model, downloaded into the hub client's own cache unless it is there already.
    ``source``: a hub id, or a name of :data:`WHISPERS`.

    Raises:
        ModelError: the client is not installed, the hub cannot be reached, or it has no such model.
    """
    try:
        from huggingface_hub import snapshot_download  # noqa: PLC0415  an extra
    except ImportError as error:
        raise ModelError(f"{_told(source)} is on a model hub: pip install 'banksman[edge]' to fetch it") from error
    repository, _, file = WHISPERS.get(source, source).partition(":")
    wanted = [file] if file else list(_WHISPER_FILES)
    try:
        folder = Path(snapshot_download(repository, allow_patterns=wanted))
    except Exception as error:  # the client lets its HTTP library's errors through, and that differs by version
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise ModelError(
            f"{_told(source)} could not be fetched from the model hub ({reason}); "
            f"connect this machine, correct the id, or give the path of a copy"
        ) from error
    path = folder / file if file else folder
    if not (path if file else path / "model.bin").is_file():
        what = f"file '{file}'" if file else "CTranslate2 Whisper model (model.bin)"
        raise ModelError(f"hub repository '{repository}' has no {what}; correct the id")
    return path


def _told(source: str) -> str:
    """As errors name it: a Whisper's name with the id that it stands for."""
    return f"'{source}' ({WHISPERS[source]})" if source in WHISPERS else f"'{source}'"
