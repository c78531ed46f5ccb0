"""A language model that was taught this work (``banksman teach llama``) and needs no instructions."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol, Self

import msgspec

from banksman_edge import logistic
from banksman_edge.errors import LanguageModelError
from banksman_edge.nlu.derived import derived
from banksman_edge.nlu.llama import Answer, Engine, LanguageModel
from banksman_edge.nlu.merge import RECIPE, merge

_log = logging.getLogger(__name__)

ADAPTER, CARD, MERGED = "adapter.gguf", "card.json", "merged.gguf"

Calibration = tuple[float, float]
"""Constant and slope by which the log odds of a line become those that lines were found to have."""
AS_SAID: Calibration = (0.0, 1.0)


class TaughtCard(msgspec.Struct, frozen=True):
    """What has to be known to use an adapter; the card says much more. ``base``: the model it is for, a name, path or
    hub id; ``languages``: those that it was taught and understands better than the model that was never taught."""

    base: str
    languages: tuple[str, ...]
    calibration: Calibration = AS_SAID


def read_card(folder: Path) -> TaughtCard:
    """The card of a folder that ``banksman teach llama export`` wrote.

    Raises:
        LanguageModelError: it is none.
    """
    try:
        return msgspec.json.decode((folder / CARD).read_bytes(), type=TaughtCard)
    except (OSError, msgspec.DecodeError) as error:
        raise LanguageModelError(f"{folder} is no taught language model: {CARD}: {error}") from error


def prompt(tokens: list[int], begin: int) -> list[int]:
    """How a sentence is put before the model, in training as in use: its tokens, those of :data:`SEPARATOR` at their
    end, after the token that begins a text, if there is one (``begin`` not negative)."""
    return [begin, *tokens] if begin >= 0 else tokens


SEPARATOR = "\n"


class TaughtModel(LanguageModel, Protocol):
    """The seam behind which a taught model can be replaced; it answers in lines of :mod:`banksman_edge.nlu.marked`."""

    @property
    def languages(self) -> frozenset[str]:
        """What it was taught."""
        ...


class TaughtLlama:
    """The model with its adapter. ``languages``: what it was taught."""

    def __init__(self, engine: Engine, card: TaughtCard) -> None:
        self.languages = frozenset(card.languages)
        self._calibration = card.calibration
        self._engine = engine

    @classmethod
    def of(cls, folder: Path, path: Callable[[str], Path], *, threads: int | None = None) -> Self:
        """That of a folder, warm; ``path`` gives the file of the model that the card names.

        The adapter is merged into the weights when it is first used, beside itself; where that cannot be, it is used
        as it is.

        Raises:
            LanguageModelError, ModelError: it, or the model that its card names, cannot be used.
        """
        card = read_card(folder)
        base, adapter = path(card.base), folder / ADAPTER
        try:
            whole = derived(folder / MERGED, RECIPE, (base, adapter), lambda out: merge(base, adapter, out))
            engine = Engine(whole, threads=threads)
        except (LanguageModelError, OSError) as error:
            _log.warning("the language model takes longer than it could, its adapter cannot be merged: %s", error)
            engine = Engine(base, adapter, threads=threads)
        model = cls(engine, card)
        model.warm_up()
        return model

    def warm_up(self) -> None:
        """Load the weights from the disk now, so that the first order does not wait for them."""
        self.answer("V1 P1", 'root ::= "none"')

    def answer(self, sentence: str, grammar: str) -> Answer:
        """See :class:`LanguageModel`."""
        tokens = self._engine.tokens(sentence + SEPARATOR)
        answer = self._engine.complete(prompt(tokens, self._engine.ends[0]), grammar)
        return replace(answer, probability=calibrated(answer.probability, self._calibration))


def calibrated(said: float, calibration: Calibration) -> float:
    """A probability as experience corrects it."""
    constant, slope = calibration
    return logistic.probability(constant + slope * logistic.logit(said))
