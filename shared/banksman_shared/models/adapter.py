"""Low-rank changes to a model's matrices: a small file that is merged when the model is assembled.

The file is in the safetensors format (a JSON header, then the numbers), without the library: ``NAME/up`` (out,
rank) and ``NAME/down`` (rank, in) in float16 for each changed matrix ``NAME/weight``, which becomes
``weight + up @ down``.

Merging gives the same bytes on every machine. A float16 is a multiple of 2**-24, so a product of two is one of
2**-48, and as long as the absolute values of a sum's terms add up to less than 2**5, each partial sum fits the 53
bits of a float64 exactly, in whatever order it is added; only the one rounding to float16 at the end remains.
:func:`merge` refuses factors for which this does not hold.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from banksman_shared.errors import ModelError
from banksman_shared.models.ctranslate2_file import CTranslate2Weights, Tensor

_EXACT = 2.0**5
_MAX_HEADER = 1 << 20
Matrix = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Factors:
    """``up`` (out, rank) and ``down`` (rank, in); the matrix changes by their product."""

    up: Matrix
    down: Matrix


@dataclass(frozen=True, slots=True)
class Adapter:
    """Factors by the name of the layer; ``about`` is free text, kept in the file."""

    factors: Mapping[str, Factors]
    about: Mapping[str, str] = field(default_factory=dict)


def write_adapter(path: Path, adapter: Adapter) -> None:
    """Write the file, whole or not at all; factors are rounded to float16."""
    header: dict[str, object] = {"__metadata__": dict(adapter.about)}
    blobs: list[bytes] = []
    at = 0
    for name, factors in adapter.factors.items():
        for side, matrix in (("up", factors.up), ("down", factors.down)):
            data = np.asarray(matrix, "<f2", order="C")
            blobs.append(data.tobytes())
            header[f"{name}/{side}"] = {"dtype": "F16", "shape": data.shape, "data_offsets": (at, at + data.nbytes)}
            at += data.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    unfinished = path.with_name(path.name + ".part")
    unfinished.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))
    unfinished.replace(path)


def read_adapter(path: Path) -> Adapter:
    """Read what :func:`write_adapter` wrote.

    Raises:
        ModelError: the file is missing or is not an adapter.
    """
    try:
        return _parsed(path.read_bytes())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
        raise ModelError(f"{path} is not an adapter that can be read: {error}; export it again") from error


def _parsed(data: bytes) -> Adapter:
    (size,) = struct.unpack("<Q", data[:8])
    if size > min(_MAX_HEADER, len(data)):
        raise ValueError("its header is cut short")
    header = json.loads(data[8 : 8 + size])
    about = {str(key): str(value) for key, value in header.pop("__metadata__", {}).items()}
    sides = {name: _matrix(entry, data[8 + size :]) for name, entry in header.items()}
    names = [name.removesuffix("/up") for name in sides if name.endswith("/up")]
    if len(sides) != 2 * len(names):
        raise ValueError("a factor lacks its other half")
    return Adapter({name: Factors(sides[f"{name}/up"], sides[f"{name}/down"]) for name in names}, about)


def _matrix(entry: Mapping[str, Any], data: bytes) -> Matrix:
    if entry["dtype"] != "F16":
        raise ValueError(f"type {entry['dtype']} where F16 is known")
    start, end = map(int, entry["data_offsets"])
    return np.frombuffer(data[start:end], "<f2").reshape(entry["shape"])


def merge(weights: CTranslate2Weights, adapter: Adapter) -> CTranslate2Weights:
    """The weights with the adapter's changes in them, the same bytes on every machine.

    Raises:
        ModelError: the adapter is for another model, or its factors are too large to be merged exactly.
    """
    tensors = dict(weights.tensors)
    for name, factors in adapter.factors.items():
        weight = f"{name}/weight"
        tensors[weight] = _merged(weight, tensors.get(weight), factors)
    return CTranslate2Weights(weights.specification, weights.revision, tensors, weights.aliases)


def _merged(name: str, base: Tensor | None, factors: Factors) -> Tensor:
    up, down = (np.asarray(side, np.float16).astype(np.float64) for side in (factors.up, factors.down))
    if base is None or base.dtype != np.float16 or (up.shape[0], down.shape[1]) != base.shape:
        raise ModelError(f"the adapter changes {name}, which this model does not have; it belongs to another model")
    start = base.astype(np.float64)
    if not float((np.abs(start) + np.abs(up) @ np.abs(down)).max()) < _EXACT:
        raise ModelError(f"the adapter's factors of {name} are too large to be merged exactly; train it again")
    merged: Tensor = (start + up @ down).astype(np.float16)
    return merged
