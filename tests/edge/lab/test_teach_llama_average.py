"""The mean of adapters of one line of training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from banksman_edge.errors import TeachingError
from banksman_edge.lab.teach.llama.adapter_file import average, read_adapter, write_adapter

NAME = "blk.0.attn_q.weight.lora_a"


def adapter(path: Path, value: float, rank: int = 4) -> Path:
    write_adapter(path, {NAME: np.full((rank, 8), value, np.float16)}, "qwen2")
    return path


def test_the_mean_of_three_takes_the_place_of_the_first(tmp_path: Path) -> None:
    paths = [adapter(tmp_path / f"{value}.gguf", value) for value in (1.0, 2.0, 6.0)]
    average(paths, paths[0])
    assert np.array_equal(read_adapter(paths[0])[NAME], np.full((4, 8), 3.0))
    assert np.array_equal(read_adapter(paths[1])[NAME], np.full((4, 8), 2.0))


def test_adapters_of_other_ranks_have_no_mean(tmp_path: Path) -> None:
    one, other = adapter(tmp_path / "one.gguf", 1.0), adapter(tmp_path / "other.gguf", 1.0, rank=8)
    with pytest.raises(TeachingError, match="of another model or rank"):
        average([one, other], one)
    assert np.array_equal(read_adapter(one)[NAME], np.ones((4, 8)))
