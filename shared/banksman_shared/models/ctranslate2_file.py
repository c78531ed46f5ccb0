"""The weights file of CTranslate2 (``model.bin``), read and written without loading the model.

CTranslate2 has no function that reads one back. The layout, little-endian, is that of its writer
(``ctranslate2/specs/model_spec.py``): binary version, name and revision of the specification, the variables
(name, shape, type, bytes), then aliases (name, name of the variable it stands for). Needs numpy.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from banksman_shared.errors import ModelError

BFLOAT16 = np.dtype([("upper_half", "<u2")])
"""The upper halves of float32 numbers: numpy has no type for them."""
_DTYPES = (*map(np.dtype, ("<f4", "int8", "<i2", "<i4", "<f2")), BFLOAT16)
_VERSION = 6
Tensor = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class CTranslate2Weights:
    """``tensors`` by name, in the order of the file and as it stores them; :meth:`floats` says what they stand for."""

    specification: str
    revision: int
    tensors: Mapping[str, Tensor]
    aliases: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Tensor:
        return self.tensors[self.aliases.get(name, name)]

    def floats(self, name: str) -> npt.NDArray[np.float32]:
        """A tensor's numbers as float32, of its stored shape.

        Integers stand for themselves divided by ``NAME_scale``: one scale for all of them (int16) or one for each row
        (int8), as ``ctranslate2/specs/model_spec.py`` quantises.

        Raises:
            ModelError: the tensor is missing, or it holds integers without the scales that belong to them.
        """
        try:
            stored = self[name]
        except KeyError as error:
            raise ModelError(f"this CTranslate2 model has no {name}; give a whole Whisper") from error
        if stored.dtype == BFLOAT16:
            return (stored["upper_half"].astype(np.uint32) << 16).view(np.float32)
        numbers = stored.astype(np.float32)
        return numbers / self._scales(name, stored) if np.issubdtype(stored.dtype, np.integer) else numbers

    def _scales(self, name: str, stored: Tensor) -> npt.NDArray[np.float32]:
        """What quantised numbers are to be divided by, broadcast to their shape."""
        try:
            scales = self[f"{self.aliases.get(name, name)}_scale"].astype(np.float32)
        except KeyError:
            scales = np.zeros(0, np.float32)
        if scales.size not in (1, *stored.shape[:1]):
            raise ModelError(f"{name} is quantised in a way that is not known here; convert it to float16 or int8")
        return scales.reshape(-1, *[1] * (stored.ndim - 1))


def read_weights(path: Path) -> CTranslate2Weights:
    """Read a ``model.bin``; tensors are read-only views of a memory map.

    Raises:
        ModelError: it is missing, cut short, or of another version than is known here.
    """
    try:
        return _Reader(np.memmap(path, np.uint8, "r")).weights()
    except (OSError, ValueError, struct.error, UnicodeDecodeError, IndexError) as error:
        raise ModelError(f"{path} is not a CTranslate2 model that can be read: {error}; convert it anew") from error


def write_weights(weights: CTranslate2Weights, out: BinaryIO) -> None:
    """Write what :func:`read_weights` reads; what was read comes out with the same bytes."""
    out.write(struct.pack("<I", _VERSION) + _string(weights.specification))
    out.write(struct.pack("<II", weights.revision, len(weights.tensors)))
    for name, tensor in weights.tensors.items():
        data = np.asarray(tensor, order="C")
        out.write(_string(name) + struct.pack("<B", data.ndim) + struct.pack(f"<{data.ndim}I", *data.shape))
        out.write(struct.pack("<BI", _DTYPES.index(data.dtype), data.nbytes))
        out.write(data.tobytes())
    out.write(struct.pack("<I", len(weights.aliases)))
    for alias, name in weights.aliases.items():
        out.write(_string(alias) + _string(name))


def _string(text: str) -> bytes:
    data = text.encode() + b"\0"
    return struct.pack("<H", len(data)) + data


class _Reader:
    def __init__(self, data: npt.NDArray[np.uint8]) -> None:
        self._data, self._at = data, 0

    def weights(self) -> CTranslate2Weights:
        version = self._number("<I")
        if version != _VERSION:
            raise ValueError(f"binary version {version}, where {_VERSION} is known")
        specification, revision = self._text(), self._number("<I")
        tensors = dict(self._tensor() for _ in range(self._number("<I")))
        aliases = {self._text(): self._text() for _ in range(self._number("<I"))}
        if self._at != len(self._data) or not set(aliases.values()) <= set(tensors):
            raise ValueError("its end is not where its contents say")
        return CTranslate2Weights(specification, revision, tensors, aliases)

    def _tensor(self) -> tuple[str, Tensor]:
        name = self._text()
        shape = tuple(self._number("<I") for _ in range(self._number("<B")))
        dtype = _DTYPES[self._number("<B")]
        data = self._take(self._number("<I"))
        return name, data.view(dtype).reshape(shape)

    def _number(self, form: str) -> int:
        return int(struct.unpack(form, self._take(struct.calcsize(form)).tobytes())[0])

    def _text(self) -> str:
        return bytes(self._take(self._number("<H"))[:-1]).decode()

    def _take(self, count: int) -> npt.NDArray[np.uint8]:
        if self._at + count > len(self._data):
            raise ValueError("it is cut short")
        self._at += count
        return self._data[self._at - count : self._at]
