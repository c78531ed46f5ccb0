"""Quantized language models through llama.cpp, whose answers are held to a grammar."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import llama_cpp
import numpy as np
import numpy.typing as npt
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from banksman_edge.errors import LanguageModelError
from banksman_edge.nlu.instructions import EXAMPLES, SYSTEM
from banksman_shared.models.gguf import load_gguf

MAX_ANSWER_TOKENS = 96
Logits = npt.NDArray[np.float32]
Told = tuple[str, Sequence[tuple[str, str]]]
"""Instructions, and examples of sentences with their answers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote, and how probable that was among all that the grammar allowed."""

    line: str
    probability: float


class LanguageModel(Protocol):
    """The seam behind which a model can be replaced."""

    def answer(self, sentence: str, grammar: str) -> Answer:
        """Answer a tagged sentence with a line of ``grammar`` (GBNF).

        Raises:
            LanguageModelError: no line came out.
        """
        ...


@llama_cpp.llama_log_callback  # type: ignore[untyped-decorator]  # ctypes
def _say_nothing(_level: int, _text: bytes, _data: object) -> None:
    pass


def be_silent() -> None:
    """llama.cpp tells at length what it does; what fails comes back as an error."""
    llama_cpp.llama_log_set(_say_nothing, None)


class Engine:
    """A GGUF model of any architecture that llama.cpp runs, with an adapter if there is one.

    What two prompts begin with alike is evaluated once; its state stays in the model's cache. Calls must not overlap.

    Raises:
        LanguageModelError: the file, or its adapter, cannot be loaded.
    """

    def __init__(
        self, path: Path, adapter: Path | None = None, *, threads: int | None = None, gpu_layers: int = -1
    ) -> None:
        be_silent()
        try:
            self._llama = load_gguf(
                path,
                n_ctx=2048,
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

    @property
    def chat_template(self) -> str | None:
        template: str | None = self._llama.metadata.get("tokenizer.chat_template")
        return template

    @property
    def ends(self) -> tuple[int, int]:
        """The tokens that begin and end a text; negative where there is none."""
        return self._llama.token_bos(), self._llama.token_eos()

    def tokens(self, text: str) -> list[int]:
        """A text as tokens; what looks like a special one is taken for it."""
        tokens: list[int] = self._llama.tokenize(text.encode(), add_bos=False, special=True)
        return tokens

    def piece(self, token: int) -> str:
        """A token as it is written; nothing for one that there is not."""
        return "" if token < 0 else self._llama.detokenize([token], special=True).decode("utf-8", "replace")

    def complete(self, tokens: list[int], grammar: str) -> Answer:
        """What the model writes after ``tokens``, the likeliest of what ``grammar`` allows at each step.

        Raises:
            LanguageModelError: the prompt is too long, or no end came.
        """
        if len(tokens) + MAX_ANSWER_TOKENS > self._llama.n_ctx():
            raise LanguageModelError("the sentence is too long for the language model; say it in parts")
        try:
            with closing(_Constraint(self._llama, grammar)) as constraint:
                return self._complete(tokens, constraint)
        except (RuntimeError, ValueError) as error:
            raise LanguageModelError(f"the language model failed: {error}") from error

    def _complete(self, tokens: list[int], constraint: _Constraint) -> Answer:
        written: list[int] = []
        logarithm = 0.0
        while len(written) < MAX_ANSWER_TOKENS:
            token, log_probability = constraint.choose(self.evaluate([*tokens, *written]))
            logarithm += log_probability
            if llama_cpp.llama_vocab_is_eog(constraint.vocabulary, token):
                line = self._llama.detokenize(written).decode("utf-8", "replace").strip()
                return Answer(line, math.exp(logarithm))
            written.append(token)
        raise LanguageModelError("the language model did not come to an end")

    def evaluate(self, tokens: list[int]) -> Logits:
        """The scores of what may follow; only what differs from the last evaluation is done anew."""
        same = self._llama.longest_token_prefix(self._done, tokens[:-1])
        self._done = []  # until it is done, nothing can be relied on
        self._llama.n_tokens = same
        self._llama.eval(tokens[same:])
        self._done = tokens
        pointer = llama_cpp.llama_get_logits_ith(self._llama.ctx, -1)
        return np.ctypeslib.as_array(pointer, shape=(self._llama.n_vocab(),))


class LlamaModel:
    """A model that was never taught this work: it is told in its prompt, and has to bring a chat template.

    Raises:
        LanguageModelError: the file cannot be loaded or is no instruct model.
    """

    def __init__(
        self, path: Path, *, threads: int | None = None, gpu_layers: int = -1, told: Told = (SYSTEM, EXAMPLES)
    ) -> None:
        self._engine = Engine(path, threads=threads, gpu_layers=gpu_layers)
        template = self._engine.chat_template
        if template is None:
            raise LanguageModelError(f"language model {path} has no chat template; use an instruct model")
        begin, end = map(self._engine.piece, self._engine.ends)
        self._format = Jinja2ChatFormatter(template, eos_token=end, bos_token=begin)
        self._turns: list[dict[str, str]] = [{"role": "system", "content": told[0]}]
        for sentence, line in told[1]:
            self._turns += [{"role": "user", "content": sentence}, {"role": "assistant", "content": line}]

    def warm_up(self) -> None:
        """Evaluate the instructions now, so that the first order does not wait for them."""
        self.answer("V1 P1", 'root ::= "none"')

    def answer(self, sentence: str, grammar: str) -> Answer:
        """See :class:`LanguageModel`."""
        messages: Any = [*self._turns, {"role": "user", "content": sentence}]
        prompt: str = self._format(messages=messages).prompt
        return self._engine.complete(self._engine.tokens(prompt), grammar)


class _Constraint:
    """Follows a grammar and chooses the likeliest token that it allows.

    Probabilities over the whole vocabulary punish an answer for words that the grammar rules out anyway; among the
    likeliest tokens that it allows, they say how sure the model was.
    """

    LIKELIEST = 128

    def __init__(self, llama: llama_cpp.Llama, grammar: str) -> None:
        self.vocabulary = llama_cpp.llama_model_get_vocab(llama.model)
        self._sampler = llama_cpp.llama_sampler_init_grammar(self.vocabulary, grammar.encode(), b"root")
        if not self._sampler:
            raise ValueError("the grammar of its answers cannot be read")

    def close(self) -> None:
        llama_cpp.llama_sampler_free(self._sampler)

    def choose(self, logits: Logits) -> tuple[int, float]:
        """The token and its log-probability; moves on past it."""
        likeliest = np.argpartition(logits, -self.LIKELIEST)[-self.LIKELIEST :]
        tokens, scores = self._allowed(likeliest, logits)
        if not len(tokens):
            tokens, scores = self._allowed(np.arange(len(logits)), logits)
        best = int(scores.argmax())
        llama_cpp.llama_sampler_accept(self._sampler, int(tokens[best]))
        return int(tokens[best]), float(-np.log(np.exp(scores - scores[best]).sum()))

    def _allowed(self, ids: npt.NDArray[np.intp], logits: Logits) -> tuple[npt.NDArray[np.intp], Logits]:
        candidates = (llama_cpp.llama_token_data * len(ids))(
            *(llama_cpp.llama_token_data(int(i), float(logits[i]), 0.0) for i in ids)
        )
        array = llama_cpp.llama_token_data_array(candidates, len(ids), -1, False)
        llama_cpp.llama_sampler_apply(self._sampler, ctypes.byref(array))
        left = [array.data[i] for i in range(array.size)]
        kept = [(one.id, one.logit) for one in left if one.logit > -math.inf]
        return np.array([i for i, _ in kept], np.intp), np.array([logit for _, logit in kept], np.float32)
