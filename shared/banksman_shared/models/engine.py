"""A quantized Llama through llama.cpp, and lines held to what may be said about a sentence.

At each point of a line only some texts may follow (:class:`Grammar`). Where all of them begin with the same tokens,
these are not asked for: they are evaluated in one batch with what comes next. So an answer costs an evaluation for each
decision, and not for each token.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import llama_cpp
import numpy as np
import numpy.typing as npt

from banksman_shared.errors import LanguageModelError
from banksman_shared.models.gguf import load_gguf

SEPARATOR = "\n"
"""What stands between a sentence and its line, in teaching as in use."""
MOST_DECISIONS = 64
CONTEXT = 2048
Logits = npt.NDArray[np.float32]
State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Grammar(Generic[State]):
    """What lines may be written: from the state ``start`` to the state ``end``. ``options``: the texts that may follow
    in a state, and the state that each leads to; an empty text ends the line."""

    start: State
    end: State
    options: Callable[[State], Mapping[str, State]]


@dataclass(frozen=True, slots=True)
class Choice:
    """A decision within a line: what was written, how probable that was, and what else might have been, most probable
    first."""

    text: str
    probability: float
    others: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """A line and how probable it was among all that may be said, 0 to 1, with the decisions in it."""

    line: str
    probability: float
    choices: tuple[Choice, ...] = ()


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]  # ctypes
def _say_nothing(_level: int, _text: bytes, _data: object) -> None:
    pass


def be_silent() -> None:
    """llama.cpp tells at length what it does; what fails comes back as an error."""
    llama_cpp.llama_log_set(_say_nothing, None)


class Engine:
    """A model of llama.cpp. What two prompts begin with alike is evaluated once; one call waits for another.

    Raises:
        LanguageModelError: the file, or its adapter, cannot be loaded.
    """

    def __init__(
        self,
        path: Path,
        adapter: Path | None = None,
        *,
        threads: int | None = None,
        gpu_layers: int = -1,
        layers_q4_0: bool = False,
    ) -> None:
        """``layers_q4_0``: see :func:`~banksman_shared.models.gguf.load_gguf`."""
        be_silent()
        try:
            self._llama = load_gguf(
                path,
                layers_q4_0=layers_q4_0,
                n_ctx=CONTEXT,
                n_batch=512,
                n_threads=threads,
                n_threads_batch=threads,
                n_gpu_layers=gpu_layers,
                lora_path=str(adapter) if adapter else None,
                verbose=False,
                seed=0,
            )
        except (ValueError, OSError, AssertionError, RuntimeError) as error:
            raise LanguageModelError(f"language model {adapter or path} cannot be loaded: {error}") from error
        # llama-cpp-python takes a null pointer for an adapter and would read from it.
        if adapter and not self._llama._lora_adapter:
            raise LanguageModelError(f"language model {adapter} cannot be loaded: it is no adapter for {path.name}")
        self._done: list[int] = []
        self._known: dict[str, tuple[int, ...]] = {}
        self._alone = threading.Lock()

    @property
    def chat_template(self) -> str | None:
        template: str | None = self._llama.metadata.get("tokenizer.chat_template")
        return template

    @property
    def ends(self) -> tuple[int, int]:
        """The tokens that begin and end a text; negative where there is none."""
        return self._llama.token_bos(), self._llama.token_eos()

    def tokens(self, text: str, *, special: bool = False) -> list[int]:
        """A text as tokens; what looks like a ``special`` one is only taken for it where that is wanted."""
        tokens: list[int] = self._llama.tokenize(text.encode(), add_bos=False, special=special)
        return tokens

    def piece(self, token: int) -> str:
        """A token as it is written; nothing for one that there is not."""
        return "" if token < 0 else self._llama.detokenize([token], special=True).decode("utf-8", "replace")

    def prompt(self, sentence: str) -> list[int]:
        """How a tagged sentence is put before the model."""
        begin = self.ends[0]
        return ([begin] if begin >= 0 else []) + self.tokens(sentence + SEPARATOR)

    def fits(self, prompt: list[int]) -> bool:
        """Whether there is room for a line behind a prompt."""
        return len(prompt) + 2 * MOST_DECISIONS <= CONTEXT

    def evaluate(self, tokens: list[int]) -> Logits:
        """The scores of what may follow; only what differs from the last evaluation is done anew."""
        same = self._llama.longest_token_prefix(self._done, tokens[:-1])
        self._done = []  # until it is done, nothing can be relied on
        self._llama.n_tokens = same
        self._llama.eval(tokens[same:])
        self._done = tokens
        pointer = llama_cpp.llama_get_logits_ith(self._llama.ctx, -1)
        return np.ctypeslib.as_array(pointer, shape=(self._llama.n_vocab(),))

    def state(self, prompt: list[int]) -> Logits:
        """The last hidden state behind a prompt.

        Raises:
            LanguageModelError: the prompt is too long, or the model fails.
        """
        if len(prompt) >= CONTEXT:
            raise LanguageModelError("the sentence is too long for the language model; say it in parts")
        try:
            with self._alone:
                self.evaluate(prompt[:-1])  # of the last token alone the state is asked for, which is what costs
                llama_cpp.llama_set_embeddings(self._llama.ctx, True)
                try:
                    self.evaluate(prompt)
                    pointer = llama_cpp.llama_get_embeddings_ith(self._llama.ctx, -1)
                    return np.ctypeslib.as_array(pointer, shape=(self._llama.n_embd(),)).copy()
                finally:
                    llama_cpp.llama_set_embeddings(self._llama.ctx, False)
        except (RuntimeError, ValueError) as error:
            raise LanguageModelError(f"the language model failed: {error}") from error

    def answer(self, prompt: list[int], grammar: Grammar[State]) -> Answer:
        """The line that the model writes behind a prompt, decision by decision the likeliest.

        Raises:
            LanguageModelError: the sentence is too long, or the model fails.
        """
        if not self.fits(prompt):
            raise LanguageModelError("the sentence is too long for the language model; say it in parts")
        try:
            with self._alone:
                return self._answer(prompt, grammar)
        except (RuntimeError, ValueError) as error:
            raise LanguageModelError(f"the language model failed: {error}") from error

    def _answer(self, written: list[int], grammar: Grammar[State]) -> Answer:
        state, line, logarithm = grammar.start, "", 0.0
        choices: list[Choice] = []
        while state != grammar.end:
            if len(choices) > MOST_DECISIONS:
                raise LanguageModelError("the language model did not come to an end")
            following = grammar.options(state)
            text, sure, others = self._choose(written, following)
            logarithm += math.log(sure) if sure > 0 else -math.inf
            if others:
                choices.append(Choice(text, sure, others))
            written = [*written, *self._tokens_of(text)]
            line, state = line + text, following[text]
        if not math.isfinite(logarithm):
            raise LanguageModelError("the language model wrote no probabilities: its file may be damaged")
        return Answer(line, math.exp(logarithm), tuple(choices))

    def _tokens_of(self, text: str) -> tuple[int, ...]:
        """What may follow, as tokens; an empty text is the end."""
        if not text:
            return (self.ends[1],)
        if text not in self._known:
            if len(self._known) > 50_000:
                self._known.clear()
            self._known[text] = tuple(self.tokens(text))
        return self._known[text]

    def _choose(
        self, written: list[int], following: Mapping[str, State]
    ) -> tuple[str, float, tuple[tuple[str, float], ...]]:
        """The likeliest of what may follow, its probability among all of it, and the next likely."""
        left = {text: self._tokens_of(text) for text in following}
        depth, sure = 0, 1.0
        others: dict[str, float] = {}
        while len(left) > 1:
            ended = [text for text, tokens in left.items() if len(tokens) == depth]
            firsts = sorted({tokens[depth] for text, tokens in left.items() if len(tokens) > depth})
            if len(firsts) == 1 and not ended:
                depth += 1
                continue
            some = next(iter(left.values()))[:depth]
            logits = self.evaluate([*written, *some])
            scores = np.array([logits[token] for token in firsts], np.float64)
            stays = float(_mass(logits, firsts)) if ended else -math.inf
            peak = max(float(scores.max(initial=-math.inf)), stays)
            total = float(np.exp(scores - peak).sum()) + math.exp(stays - peak)
            best = int(scores.argmax()) if firsts else -1
            if ended and (best < 0 or stays > scores[best]):
                sure *= math.exp(stays - peak) / total
                return ended[0], sure, _next(others)
            share = math.exp(float(scores[best]) - peak) / total
            for at, token in enumerate(firsts):
                if at != best:
                    some_text = next(t for t, tokens in left.items() if len(tokens) > depth and tokens[depth] == token)
                    others[some_text] = sure * math.exp(float(scores[at]) - peak) / total
            sure *= share
            left = {t: tokens for t, tokens in left.items() if len(tokens) > depth and tokens[depth] == firsts[best]}
            depth += 1
        return next(iter(left)), sure, _next(others)


def _mass(logits: Logits, but: list[int]) -> float:
    """The score of anything but some tokens: a text that ends where a longer one goes on."""
    rest = np.delete(np.asarray(logits, np.float64), but)
    peak = float(rest.max())
    return peak + math.log(float(np.exp(rest - peak).sum()))


def _next(others: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(others.items(), key=lambda one: -one[1])[:4])
