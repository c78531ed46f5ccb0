"""The file of an adapter: GGUF, as llama.cpp reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gguf
import numpy as np

from banksman_edge.errors import TeachingError


def write_adapter(path: Path, factors: Mapping[str, Any], architecture: str) -> None:
    """Write the factors as a GGUF adapter, whole or not at all. They are as strong as they were trained: llama.cpp
    multiplies by alpha over rank, so alpha is the rank."""
    unfinished = path.with_name(path.name + ".part")
    writer = gguf.GGUFWriter(unfinished, architecture)
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(next(iter(factors.values())).shape[0]))
    for name, factor in factors.items():
        writer.add_tensor(name, factor)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    unfinished.replace(path)


def read_adapter(path: Path) -> dict[str, Any]:
    """The factors of a GGUF adapter.

    Raises:
        TeachingError: it cannot be read.
    """
    try:
        return {tensor.name: np.array(tensor.data) for tensor in gguf.GGUFReader(path).tensors}
    except (OSError, ValueError) as error:
        raise TeachingError(f"{path} is no adapter that can be read: {error}; remove it and train anew") from error


def average(adapters: Sequence[Path], out: Path) -> None:
    """Write the mean of adapters of one model and rank, which are of one line of training: what each of them has learnt
    by chance goes, and what all have learnt stays (Izmailov et al., Averaging Weights Leads to Wider Optima, 2018).

    Raises:
        TeachingError: one cannot be read, or is of another model or rank.
    """
    found = [read_adapter(path) for path in adapters]
    shapes = [{name: factor.shape for name, factor in one.items()} for one in found]
    for path, shape in zip(adapters, shapes, strict=True):
        if shape != shapes[0]:
            raise TeachingError(f"{path} is of another model or rank than {adapters[0]}: they have no mean")
    architecture = gguf.GGUFReader(adapters[0]).fields["general.architecture"].contents()
    means = {name: np.mean([one[name] for one in found], axis=0, dtype=np.float32) for name in found[0]}
    write_adapter(out, {name: mean.astype(np.float16) for name, mean in means.items()}, architecture)
