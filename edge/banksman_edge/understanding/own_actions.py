"""Sentences that ask for an action of a site's own, told by the examples that the site gives.

What the taught language model makes of a sentence, its last hidden state before it writes a line, is compared with
what it makes of the examples, of ordinary orders and of talk: a softmax regression, fitted when the agent starts. So
no model is taught anew. Which vehicles and places are meant is told by the names in the sentence, as always.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
from platformdirs import user_cache_path

from banksman_edge.understanding.reader.tagged import Tagged

log = logging.getLogger(__name__)

Vectors = npt.NDArray[np.float32]
"""A row for each sentence."""
LEAST = 0.5
"""How probable an action has to be to be taken for what was asked."""
LEAST_LIKE = 0.05
"""How probable all actions have to be together where other work is asked for: below it, it is work of another sort."""
TALK, ORDER = ":talk", ":order"
"""What is no action of the site's own; ids of those have no colon."""
_STEPS, _RATE, _PENALTY = 300, 0.03, 1e-3


@dataclass(frozen=True, slots=True)
class Background:
    """What a model makes of sentences of a language that ask for no action of a site's own. ``talk``: of each, whether
    it asks for nothing at all."""

    states: Vectors
    talk: npt.NDArray[np.bool_]


@runtime_checkable
class Stateful(Protocol):
    """A reader that shows what it makes of a sentence. ``identity``: another one for another model."""

    identity: str

    def state(self, sentence: Tagged) -> Vectors:
        """The last hidden state behind a sentence.

        Raises:
            LanguageModelError: the sentence is too long, or the model fails.
        """
        ...

    def background(self, language: str) -> Background | None:
        """What it makes of other sentences of a language; None where it has none."""
        ...


@dataclass(frozen=True, slots=True)
class Classifier:
    """Tells sentences apart by their states, each scaled to length one and then by ``mean`` and ``spread``; the last
    row of the ``weights`` is the constant."""

    classes: tuple[str, ...]
    mean: Vectors
    spread: Vectors
    weights: Vectors

    @classmethod
    def fitted(cls, states: Vectors, of: Sequence[str]) -> Self:
        """``of``: the class of each state. Classes weigh alike, however many states they have."""
        classes = tuple(dict.fromkeys(of))
        wanted = np.array([classes.index(name) for name in of])
        states = _of_length_one(states)
        mean, spread = states.mean(0), states.std(0) + 1e-6
        inputs = _with_constant((states - mean) / spread)
        share = 1.0 / np.bincount(wanted)[wanted]
        share = (share / share.sum())[:, None]
        truth = np.eye(len(classes))[wanted]
        weights = first = second = np.zeros((inputs.shape[1], len(classes)))
        for step in range(1, _STEPS + 1):  # Adam (Kingma and Ba 2015)
            gradient = inputs.T @ ((_softmax(inputs @ weights) - truth) * share) + _PENALTY * weights
            first = 0.9 * first + 0.1 * gradient
            second = 0.999 * second + 0.001 * gradient**2
            weights = weights - _RATE * first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.999**step)) + 1e-9)
        return cls(classes, mean, spread, weights.astype(np.float32))

    def probabilities(self, state: Vectors) -> dict[str, float]:
        """How probable each class is of a state."""
        inputs = _with_constant((_of_length_one(state[None]) - self.mean) / self.spread)
        return dict(zip(self.classes, map(float, _softmax(inputs @ self.weights)[0]), strict=True))


class OwnActions:
    """``examples``: by language, sentences with tags in them and the actions that they ask for."""

    def __init__(self, reader: Stateful, examples: Mapping[str, Sequence[tuple[str, Tagged]]]) -> None:
        """Raises:
        LanguageModelError: the model fails.
        """
        self._reader = reader
        self._classifiers: dict[str, Classifier] = {}
        for language, said in examples.items():
            background = reader.background(language)
            if background is None:
                log.warning("the language model knows no actions of a site's own in '%s'", language)
            elif said:
                states = np.concatenate([self._states([sentence for _, sentence in said]), background.states])
                others = [TALK if talk else ORDER for talk in background.talk]
                self._classifiers[language] = Classifier.fitted(states, [*(action for action, _ in said), *others])

    def _states(self, sentences: Sequence[Tagged]) -> Vectors:
        """Of the examples; kept, since a start of the agent need not compute them again."""
        texts = "\n".join([self._reader.identity, *(sentence.text for sentence in sentences)])
        name = hashlib.sha256(texts.encode()).hexdigest()
        return _kept(
            user_cache_path("banksman") / "own-actions" / f"{name}.npy",
            lambda: np.stack([self._reader.state(sentence) for sentence in sentences]),
        )

    def find(self, sentence: Tagged, language: str, *, other_work: bool = False) -> tuple[str, float] | None:
        """The action that a sentence asks for, and how probable that is; None where that is none of the site's own.
        ``other_work``: the reader has read that it asks for work which is no ordinary order.

        Raises:
            LanguageModelError: the model fails.
        """
        classifier = self._classifiers.get(language)
        if classifier is None:
            return None
        probable = classifier.probabilities(self._reader.state(sentence))
        own = {action: sure for action, sure in probable.items() if action not in (TALK, ORDER)}
        action = max(own, key=own.__getitem__)
        told_apart = max(LEAST_LIKE, sum(own.values())) if other_work else 1.0
        sure = own[action] / told_apart
        return (action, sure) if sure >= LEAST else None


def _kept(path: Path, make: Callable[[], Vectors]) -> Vectors:
    with suppress(OSError, ValueError, EOFError):
        found: Vectors = np.load(path, allow_pickle=False)
        return found
    made = make()
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.npy")
        np.save(unfinished, made)
        unfinished.replace(path)
    return made


def write_backgrounds(path: Path, found: Mapping[str, Background]) -> None:
    """Write what a model makes of sentences beside it, a byte a number."""
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for language, background in found.items():
        scale = np.abs(background.states).max(axis=1, keepdims=True) / 127
        arrays[f"{language}.states"] = np.round(background.states / scale).astype(np.int8)
        arrays[f"{language}.talk"] = background.talk
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]  # numpy types the keywords as one


def read_background(path: Path, language: str) -> Background | None:
    """What was written of a language; None where nothing was. Scales are not kept: states are of length one."""
    with suppress(OSError, KeyError, ValueError, EOFError, BadZipFile), np.load(path, allow_pickle=False) as arrays:
        return Background(arrays[f"{language}.states"].astype(np.float32), arrays[f"{language}.talk"])
    return None


def own_examples(
    said: Mapping[str, Mapping[str, Sequence[str]]], tag: Callable[[str, str], Tagged]
) -> Iterator[tuple[str, list[tuple[str, Tagged]]]]:
    """By language, the examples of all actions, tagged. ``said``: by action, its examples by language."""
    languages = dict.fromkeys(language for examples in said.values() for language in examples)
    for language in languages:
        yield (
            language,
            [(action, tag(text, language)) for action, by in said.items() for text in by.get(language, ())],
        )


def _of_length_one(states: Vectors) -> Vectors:
    lengths = np.linalg.norm(states, axis=1, keepdims=True)
    scaled: Vectors = states / np.maximum(lengths, 1e-9)
    return scaled


def _with_constant(inputs: Vectors) -> Vectors:
    return np.hstack([inputs, np.ones((len(inputs), 1), np.float32)])


def _softmax(scores: Any) -> Any:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)
