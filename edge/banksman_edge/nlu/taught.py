"""A language model that was taught this work (``banksman teach llama``) and needs no instructions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol, Self

import msgspec

from banksman_edge import logistic
from banksman_edge.errors import LanguageModelError
from banksman_edge.nlu.llama import Answer, Engine, LanguageModel

ADAPTER, CARD = "adapter.gguf", "card.json"

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

    def __init__(self, base: Path, folder: Path, *, threads: int | None = None, gpu_layers: int = -1) -> None:
        card = read_card(folder)
        self.languages = frozenset(card.languages)
        self._calibration = card.calibration
        self._engine = Engine(base, folder / ADAPTER, threads=threads, gpu_layers=gpu_layers)

    @classmethod
    def of(cls, folder: Path, path: Callable[[str], Path], *, threads: int | None = None) -> Self:
        """That of a folder, warm; ``path`` gives the file of the model that the card names."""
        model = cls(path(read_card(folder).base), folder, threads=threads)
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
