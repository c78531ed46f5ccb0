"""The reader: a language model that was taught this work (``banksman teach llama``) and needs no instructions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol, Self

from banksman_edge import logistic_regression as logistic
from banksman_edge.understanding.entities.mention import Mention, What
from banksman_edge.understanding.own_actions import Background, Vectors, read_background
from banksman_edge.understanding.reader.lines import grammar_of
from banksman_edge.understanding.reader.tagged import Tagged, tagged
from banksman_edge.understanding.text.tokens import words_of
from banksman_shared.models.engine import Answer, Engine
from banksman_shared.models.taught import Calibration, TaughtCard, load_taught

STATES = "states.npz"


class Reader(Protocol):
    """The seam behind which the language model can be replaced."""

    @property
    def languages(self) -> frozenset[str]:
        """What it was taught."""
        ...

    def answer(self, sentence: Tagged) -> Answer:
        """The line that a tagged sentence means (:mod:`~banksman_edge.understanding.reader.lines`).

        Raises:
            LanguageModelError: no line came out.
        """
        ...


class Remembering:
    """A reader that does not ask another one twice what it has said of the last tagged sentences, ``most`` of them."""

    def __init__(self, reader: Reader, most: int = 64) -> None:
        self.reader, self._most = reader, most
        self._answers: dict[tuple[str, ...], Answer] = {}

    @property
    def languages(self) -> frozenset[str]:
        """See :class:`Reader`."""
        return self.reader.languages

    def answer(self, sentence: Tagged) -> Answer:
        """See :class:`Reader`."""
        key = (sentence.text, *sentence.quotes)
        answer = self._answers.pop(key, None) or self.reader.answer(sentence)
        self._answers[key] = answer  # the last one in the order of use
        if len(self._answers) > self._most:
            self._answers.pop(next(iter(self._answers)), None)
        return answer


class TaughtReader:
    """The model with its adapter. ``languages``: what it was taught."""

    def __init__(self, engine: Engine, card: TaughtCard, folder: Path) -> None:
        self.languages = frozenset(card.languages)
        self.identity = f"{card.base} {card.adapter.get('sha256', '')}"
        self._calibration, self._engine, self._folder = card.calibration, engine, folder

    @classmethod
    def of(cls, folder: Path, path: Callable[[str], Path], *, threads: int | None = None) -> Self:
        """That of a folder, warm; see :func:`~banksman_shared.models.taught.load_taught`.

        Raises:
            LanguageModelError, ModelError: it, or the model that its card names, cannot be used.
        """
        engine, card = load_taught(folder, path, threads=threads)
        reader = cls(engine, card, folder)
        reader.warm_up()
        return reader

    def warm_up(self) -> None:
        """Load the weights from the disk now, so that the first order does not wait for them."""
        mention = Mention(What.VEHICLE, ("",), 0, 1, 1.0, "V")
        self.answer(tagged(words_of("V"), (mention,)))

    def answer(self, sentence: Tagged) -> Answer:
        """See :class:`Reader`."""
        answer = self._engine.answer(self._engine.prompt(sentence.text), grammar_of(sentence))
        return replace(answer, probability=calibrated(answer.probability, self._calibration))

    def state(self, sentence: Tagged) -> Vectors:
        """See :class:`~banksman_edge.understanding.own_actions.Stateful`."""
        return self._engine.state(self._engine.prompt(sentence.text))

    def background(self, language: str) -> Background | None:
        """See :class:`~banksman_edge.understanding.own_actions.Stateful`."""
        return read_background(self._folder / STATES, language)


def calibrated(said: float, calibration: Calibration) -> float:
    """A probability as experience corrects it."""
    constant, slope = calibration
    return logistic.probability(constant + slope * logistic.logit(said))
