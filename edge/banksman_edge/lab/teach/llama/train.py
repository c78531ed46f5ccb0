"""``banksman teach llama train``: low-rank factors that make a small Llama write lines about sentences.

The loss is the cross-entropy of the line, not of the sentence before it.
"""

from __future__ import annotations

import math
import random
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as nnf
from torch.nn.attention import SDPBackend, sdpa_kernel

from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.llama.adapter_file import read_adapter, write_adapter
from banksman_edge.lab.teach.llama.examples import Example, read_examples
from banksman_edge.lab.teach.llama.network import TaughtNetwork
from banksman_edge.lab.teach.llama.schedule import Schedule
from banksman_shared.models.engine import Engine

CHECKPOINT = 100
"""Steps after which the adapter is written, lest an interruption cost all."""
OWN_TIMES = 4
"""How often an operator's own corrected sentence comes for each time another does."""
_BUCKETS = 16
"""Batches are cut from this many drawn together and sorted by length, so that texts need little filling up."""


Report = Callable[[int, float], None]
"""Called with the step and the loss, averaged over the last ones."""


@dataclass(frozen=True, slots=True)
class _Lesson:
    """Tokens of the prompt and the line; from ``start`` on they are learnt."""

    tokens: tuple[int, ...]
    start: int


def train(data: Path, base: Path, out: Path, schedule: Schedule, report: Report, *, device: str = "auto") -> int:
    """Train on the prepared folder ``data`` and write the adapter to ``out``; returns the steps it took.

    ``base`` is a GGUF. ``device`` "auto" takes a CUDA GPU where torch has one. An adapter that ``out`` holds already is
    trained further.

    Raises:
        TeachingError: there is nothing to train on, or training diverged.
    """
    torch.manual_seed(schedule.seed)
    chosen = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)
    lessons = _lessons([one for one in read_examples(data) if not one.test], base)
    network = TaughtNetwork(base, schedule.rank, _precision(chosen)).to(chosen)
    seed = schedule.seed
    before = read_adapter(out) if out.is_file() else None
    if before:
        network.start_from(before)
        seed += zlib.crc32(out.read_bytes())  # going on begins with other sentences
    optimiser = torch.optim.AdamW(network.parameters(), schedule.rate, betas=(0.9, 0.98), weight_decay=0.01)
    began, smooth, step, done = time.monotonic(), 0.0, 0, 0.0
    for batch in _batches(lessons, schedule.size, seed):
        for group in optimiser.param_groups:
            group["lr"] = schedule.rate * min((step + 1) / schedule.warm_up, 0.01 + 0.99 * (1 - done) ** 1.2)
        with _short_texts(chosen):
            loss = _loss(network, batch, chosen)
            optimiser.zero_grad()
            loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        step += 1
        done = max(step / schedule.steps, (time.monotonic() - began) / (60 * schedule.minutes))
        if not math.isfinite(loss.item()):
            raise TeachingError(f"training diverged at step {step}; lower the rate {schedule.rate}")
        smooth = loss.item() if step == 1 else 0.95 * smooth + 0.05 * loss.item()
        report(step, smooth)
        if done >= 1 and before:
            network.blend(before, schedule.blend)
        if step % CHECKPOINT == 0 or done >= 1:
            write_adapter(out, network.adapter(), network.architecture)
        if done >= 1:
            break
    return step


def _precision(device: torch.device) -> torch.dtype:
    """bfloat16 where the processor multiplies it, which halves the time."""
    supported = device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()
    return torch.bfloat16 if supported else torch.float32


def _short_texts(device: torch.device) -> AbstractContextManager[None]:
    """Sentences have some 30 tokens: on a processor, attention that keeps the whole matrix learns from a third more of
    them a second than attention in blocks."""
    return sdpa_kernel(SDPBackend.MATH) if device.type == "cpu" else nullcontext()


def _lessons(examples: Sequence[Example], base: Path) -> list[_Lesson]:
    if not examples:
        raise TeachingError("there are no examples to train on; prepare more")
    engine = Engine(base)
    end = engine.ends[1]
    lessons = []
    for example in examples:
        asked = engine.prompt(example.text)
        lesson = _Lesson((*asked, *engine.tokens(example.line), end), len(asked))
        lessons += [lesson] * (OWN_TIMES if example.corrected else 1)
    return lessons


def _batches(lessons: Sequence[_Lesson], size: int, seed: int) -> Iterator[list[_Lesson]]:
    """Endless; every lesson once before any comes again."""
    chance = random.Random(seed)  # noqa: S311  nothing is secret
    waiting: list[_Lesson] = []
    while True:
        while len(waiting) < size * _BUCKETS:
            waiting += chance.sample(lessons, len(lessons))
        drawn = sorted(waiting[: size * _BUCKETS], key=lambda lesson: len(lesson.tokens))
        del waiting[: size * _BUCKETS]
        buckets = [drawn[at : at + size] for at in range(0, len(drawn), size)]
        chance.shuffle(buckets)
        yield from buckets


def _loss(network: TaughtNetwork, batch: Sequence[_Lesson], device: torch.device) -> Tensor:
    longest = max(len(lesson.tokens) for lesson in batch)
    rows = [[*lesson.tokens, *[0] * (longest - len(lesson.tokens))] for lesson in batch]
    tokens = torch.tensor(rows, device=device)
    hidden = network(tokens[:, :-1])
    picked = torch.cat([hidden[i, one.start - 1 : len(one.tokens) - 1] for i, one in enumerate(batch)])
    wanted = torch.cat([tokens[i, one.start : len(one.tokens)] for i, one in enumerate(batch)])
    return nnf.cross_entropy(network.logits(picked).float(), wanted)
