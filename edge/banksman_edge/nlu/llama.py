"""The third tier: a quantized language model, through llama.cpp, whose answer is held to a grammar."""

from __future__ import annotations

import ctypes
import math
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import llama_cpp
import numpy as np
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from banksman_edge.errors import LanguageModelError
from banksman_edge.nlu.sketch import EXAMPLES, SYSTEM

MAX_ANSWER_TOKENS = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote, and how probable that was among all that the grammar allowed."""

    line: str
    probability: float


class LanguageModel(Protocol):
    """The seam behind which the model can be replaced."""

    def answer(self, sentence: str, grammar: str) -> Answer:
        """Answer a tagged sentence with a line of ``grammar`` (GBNF).

        Raises:
            LanguageModelError: no line came out.
        """
        ...


class LlamaModel:
    """A GGUF model of any architecture that llama.cpp runs and that brings a chat template.

    The instructions are evaluated once; their state stays in the model's cache, and each sentence pays for
    its own tokens only. Calls must not overlap.
    """

    def __init__(self, path: Path, *, threads: int | None = None, gpu_layers: int = -1) -> None:
        try:
            self._llama = llama_cpp.Llama(
                str(path),
                n_ctx=2048,
                n_batch=512,
                n_threads=threads,
                n_gpu_layers=gpu_layers,
                verbose=False,
                seed=0,
            )
        except (ValueError, OSError, AssertionError) as error:
            raise LanguageModelError(f"language model {path} cannot be loaded: {error}") from error
        template = self._llama.metadata.get("tokenizer.chat_template")
        if template is None:
            raise LanguageModelError(f"language model {path} has no chat template; use an instruct model")
        self._format = Jinja2ChatFormatter(
            template,
            eos_token=self._piece(self._llama.token_eos()),
            bos_token=self._piece(self._llama.token_bos()),
        )
        self._turns: list[dict[str, str]] = [{"role": "system", "content": SYSTEM}]
        for sentence, line in EXAMPLES:
            self._turns += [{"role": "user", "content": sentence}, {"role": "assistant", "content": line}]

    def _piece(self, token: int) -> str:
        return "" if token < 0 else self._llama.detokenize([token], special=True).decode("utf-8", "replace")

    def warm_up(self) -> None:
        """Evaluate the instructions now, so that the first order does not wait for them."""
        self.answer("V1 P1", 'root ::= "none"')

    def answer(self, sentence: str, grammar: str) -> Answer:
        """See :class:`LanguageModel`."""
        messages: Any = [*self._turns, {"role": "user", "content": sentence}]
        prompt = self._format(messages=messages).prompt
        tokens = self._llama.tokenize(prompt.encode(), add_bos=False, special=True)
        if len(tokens) + MAX_ANSWER_TOKENS > self._llama.n_ctx():
            raise LanguageModelError("the sentence is too long for the language model; say it in parts")
        try:
            return self._generate(tokens, grammar)
        except (RuntimeError, ValueError) as error:
            raise LanguageModelError(f"the language model failed: {error}") from error

    def _generate(self, tokens: list[int], grammar: str) -> Answer:
        written: list[int] = []
        logarithm = 0.0
        constraint = llama_cpp.LlamaGrammar.from_string(grammar, verbose=False)
        with closing(_Allowed(self._llama, grammar)) as allowed:
            for token in self._llama.generate(tokens, temp=0.0, grammar=constraint):
                logarithm += allowed.log_probability(token)
                if llama_cpp.llama_vocab_is_eog(allowed.vocabulary, token):
                    line = self._llama.detokenize(written).decode("utf-8", "replace").strip()
                    return Answer(line, math.exp(logarithm))
                written.append(token)
                if len(written) >= MAX_ANSWER_TOKENS:
                    break
        raise LanguageModelError("the language model did not come to an end")


class _Allowed:
    """Follows a grammar beside the sampler, to see what else could have been written.

    The sampler only tells what it chose. Probabilities over the whole vocabulary punish an answer for words that
    the grammar rules out anyway; among the likeliest tokens that it allows, they say how sure the model was.
    """

    LIKELIEST = 128

    def __init__(self, llama: llama_cpp.Llama, grammar: str) -> None:
        self._llama = llama
        self.vocabulary = llama_cpp.llama_model_get_vocab(llama.model)
        self._sampler = llama_cpp.llama_sampler_init_grammar(self.vocabulary, grammar.encode(), b"root")

    def close(self) -> None:
        llama_cpp.llama_sampler_free(self._sampler)

    def log_probability(self, token: int) -> float:
        """Of the token just chosen; moves on past it."""
        pointer = llama_cpp.llama_get_logits_ith(self._llama.ctx, -1)
        logits = np.ctypeslib.as_array(pointer, shape=(self._llama.n_vocab(),))
        likeliest = np.argpartition(logits, -self.LIKELIEST)[-self.LIKELIEST :]
        ids = [token, *(int(i) for i in likeliest if i != token)]
        data = (llama_cpp.llama_token_data * len(ids))(
            *(llama_cpp.llama_token_data(i, float(logits[i]), 0.0) for i in ids)
        )
        array = llama_cpp.llama_token_data_array(data, len(ids), -1, False)
        llama_cpp.llama_sampler_apply(self._sampler, ctypes.byref(array))
        left = np.array([array.data[i].logit for i in range(array.size)])
        chosen = next(array.data[i].logit for i in range(array.size) if array.data[i].id == token)
        llama_cpp.llama_sampler_accept(self._sampler, token)
        top = float(left.max())
        return float(chosen) - top - math.log(float(np.exp(left - top).sum()))
