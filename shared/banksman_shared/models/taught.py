"""A base model and what it was taught: a folder with an adapter and its card (``banksman teach llama export``)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from banksman_shared.errors import LanguageModelError
from banksman_shared.models.derived import derived
from banksman_shared.models.engine import Engine
from banksman_shared.models.merge import RECIPE, merge

_log = logging.getLogger(__name__)

ADAPTER, CARD, MERGED = "adapter.gguf", "card.json", "merged.gguf"

Calibration = tuple[float, float]
"""Constant and slope by which the log odds of a line become those that lines were found to have."""
AS_SAID: Calibration = (0.0, 1.0)


class TaughtCard(msgspec.Struct, frozen=True):
    """What has to be known to use an adapter; the card says much more. ``base``: the model it is for, a name, path or
    hub id; ``languages``: those that it was taught."""

    base: str
    languages: tuple[str, ...]
    calibration: Calibration = AS_SAID
    adapter: Mapping[str, str | int] = {}


def read_card(folder: Path) -> TaughtCard:
    """The card of a folder that ``banksman teach llama export`` wrote.

    Raises:
        LanguageModelError: it is none.
    """
    try:
        return msgspec.json.decode((folder / CARD).read_bytes(), type=TaughtCard)
    except (OSError, msgspec.DecodeError) as error:
        raise LanguageModelError(f"{folder} is no taught language model: {CARD}: {error}") from error


def load_taught(folder: Path, path: Callable[[str], Path], *, threads: int | None = None) -> tuple[Engine, TaughtCard]:
    """The model of a folder; ``path`` gives the file of the model that the card names.

    The adapter is merged into the weights when it is first used, beside itself; where that cannot be, it is used as it
    is.

    Raises:
        LanguageModelError, ModelError: it, or the model that its card names, cannot be used.
    """
    card = read_card(folder)
    base, adapter = path(card.base), folder / ADAPTER
    try:
        whole = derived(folder / MERGED, RECIPE, (base, adapter), lambda out: merge(base, adapter, out))
        return Engine(whole, threads=threads, layers_q4_0=True), card
    except (LanguageModelError, OSError) as error:
        _log.warning("the language model takes longer than it could, its adapter cannot be merged: %s", error)
        return Engine(base, adapter, threads=threads), card
