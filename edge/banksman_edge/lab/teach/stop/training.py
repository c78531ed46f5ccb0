"""Teaching the networks of a head. The encoder stays as it is, so one takes a minute or two on one core."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.stop.features import Features
from banksman_edge.lab.teach.stop.scenes import CONFUSED

CHANNELS, KERNEL = 56, 5
COMPONENTS = 128
"""The encoder's output is brought down to its principal components first, which makes a round four times as fast."""
BATCH, RATE, DECAY, DROPOUT = 128, 2e-3, 0.02, 0.1
UNLIKELY = -4.0
"""A network begins by taking nothing for a stop word (log-odds)."""
SAMPLE = 1500
"""Windows from which the principal components are computed."""

Weights = Mapping[str, npt.NDArray[np.float32]]
Matrix = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Basis:
    mean: Matrix
    axes: Matrix
    """Shape (width, COMPONENTS)."""


def train_head(features: Features, *, epochs: int, seed: int = 0, report: Callable[[str], None]) -> Weights:
    """Teach a network from the features; the same seed gives the same one on one machine.

    Raises:
        TeachingError: torch is not installed.
    """
    torch = _torch()
    torch.manual_seed(seed)
    random, count = np.random.default_rng(seed), len(features.encoded)
    basis = _principal(features.encoded[np.sort(random.permutation(count)[:SAMPLE])])
    projected = _project(features.encoded, basis)
    steps, outputs = features.encoded.shape[1], features.labels.shape[1]
    head = _Layers(torch, steps, outputs)
    optimiser = torch.optim.AdamW(head.parameters(), RATE, weight_decay=DECAY)
    batches = max(1, count // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=epochs * batches + 1, pct_start=0.1)
    for epoch in range(epochs):
        total = 0.0
        for batch in np.array_split(random.permutation(count), batches):
            inputs = torch.from_numpy(projected[batch].astype(np.float32))
            labels = torch.from_numpy(features.labels[batch].astype(np.float32))
            losses = torch.nn.functional.binary_cross_entropy_with_logits(
                head(inputs), labels.clamp(min=0), reduction="none"
            )
            known = (losses * (labels != CONFUSED)).sum(1)
            loss = (known * torch.from_numpy(features.weights[batch])).mean()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(head.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
        report(f"epoch {epoch + 1} of {epochs}: loss {total / batches:.4f}")
    return head.weights(basis)


class _Layers:
    """The layers of :class:`StopHead`, to be taught; what they compute is explained there."""

    def __init__(self, torch: Any, steps: int, outputs: int) -> None:
        nn = torch.nn
        self._torch = torch
        self._modules = nn.ModuleDict(
            {
                "a": nn.Linear(COMPONENTS, CHANNELS),
                "c1": nn.Conv1d(CHANNELS, CHANNELS, KERNEL, padding=KERNEL // 2),
                "c2": nn.Conv1d(CHANNELS, CHANNELS, KERNEL, padding=KERNEL // 2),
                "att": nn.Linear(CHANNELS, 1),
                "out": nn.Linear(2 * CHANNELS, outputs),
            }
        )
        self._pos = nn.Parameter(torch.zeros(steps, CHANNELS))
        nn.init.constant_(self._modules["out"].bias, UNLIKELY)

    def parameters(self) -> list[Any]:
        return [*self._modules.parameters(), self._pos]

    def __call__(self, x: Any) -> Any:
        torch, layer = self._torch, self._modules
        silu = torch.nn.functional.silu

        def drop(y: Any) -> Any:
            return torch.nn.functional.dropout(y, DROPOUT)

        y = (silu(layer["a"](drop(x))) + self._pos).transpose(1, 2)
        y = y + silu(layer["c1"](y))
        y = (y + silu(layer["c2"](drop(y)))).transpose(1, 2)
        attention = torch.softmax(layer["att"](y), 1)
        summary = torch.cat([(attention * y).sum(1), y.max(1).values], 1)
        return layer["out"](drop(summary))

    def weights(self, basis: _Basis) -> Weights:
        """As :class:`StopHead` reads them; the projection becomes part of the first layer."""
        found = {name: tensor.detach().numpy() for name, tensor in self._modules.state_dict().items()}
        found["a.weight"] = found["a.weight"] @ basis.axes.T
        found |= {"pos": self._pos.detach().numpy(), "mean": basis.mean}
        return {name: np.asarray(array, np.float32) for name, array in found.items()}


def _principal(encoded: npt.NDArray[np.float16]) -> _Basis:
    sample = encoded.astype(np.float32).reshape(-1, encoded.shape[2])
    mean = sample.mean(axis=0)
    values, vectors = np.linalg.eigh((sample - mean).T @ (sample - mean) / len(sample))
    values, vectors = values[::-1][:COMPONENTS], vectors[:, ::-1][:, :COMPONENTS]
    # Evened out, though not wholly: the last components are mostly noise.
    return _Basis(mean, (vectors / np.sqrt(values + 1e-6) ** 0.75).astype(np.float32))


def _project(encoded: npt.NDArray[np.float16], basis: _Basis) -> npt.NDArray[np.float16]:
    parts = np.array_split(encoded, max(1, len(encoded) // 500))
    return np.concatenate([((part.astype(np.float32) - basis.mean) @ basis.axes).astype(np.float16) for part in parts])


def _torch() -> Any:
    try:
        torch = import_module("torch")
    except ImportError as error:
        raise TeachingError("teaching needs torch: pip install 'banksman[teach]'") from error
    torch.set_num_threads(1)
    return torch
