"""How fast recognition could be: the work that a clip needs, and what this machine can do."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper

from banksman_shared.models.ctranslate2_file import CTranslate2Weights, read_weights

FRAMES_PER_S = 50
"""Of the encoder's output; the mel frames before its second convolution are twice as many."""
OPSET = 20
GEMM = 1536
COPIED = 2**26
"""Numbers that are read and written to measure the memory: 256 MB each way, more than any cache holds."""
PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Work:
    """Operations (a multiplication and an addition are two) and bytes that have to be read, for one clip."""

    encoder_operations: float
    encoder_bytes: float
    decoder_operations: float
    decoder_bytes: float


@dataclass(frozen=True, slots=True)
class Machine:
    """Measured peaks: ``operations`` a second of a matrix product, ``bytes`` a second read from and written to memory.

    ``precision``: "int8" on a CPU, "float16" on a GPU.
    """

    operations: float
    bytes: float
    precision: str

    def floor_ms(self, work: Work) -> dict[str, float]:
        """The shortest times of the encoder and the decoder, each bound by arithmetic or by memory."""
        encoder = max(work.encoder_operations / self.operations, work.encoder_bytes / self.bytes)
        decoder = max(work.decoder_operations / self.operations, work.decoder_bytes / self.bytes)
        return {"encoder": 1e3 * encoder, "decoder": 1e3 * decoder, "total": 1e3 * (encoder + decoder)}


def work_of(model: Path, seconds: float, tokens: int, bytes_per_weight: int) -> Work:
    """What Whisper has to do for a clip of ``seconds`` that nothing is padded to, and ``tokens`` written greedily.

    Each token has to read all of the decoder again, so the decoder is bound by memory.

    Raises:
        ModelError: the folder has no weights that can be read.
    """
    weights = read_weights(model / "model.bin")
    frames = math.ceil(seconds * FRAMES_PER_S)
    width = weights["encoder/conv2/bias"].size
    encoder, decoder = _matrices(weights, "encoder/"), _matrices(weights, "decoder/")
    memory = sum(weights[name].size for name in weights.tensors if name.endswith("/attention/linear_1/weight"))
    layers = {side: _layers(weights, side) for side in ("encoder/", "decoder/")}
    convolutions = 2 * weights["encoder/conv1/weight"].size + weights["encoder/conv2/weight"].size
    attention = 4 * frames * width
    vocabulary = weights["decoder/embeddings/weight"].size
    per_token = decoder - memory + vocabulary
    remembered = layers["decoder/"] * 2 * frames * width
    return Work(
        encoder_operations=2.0 * frames * (encoder + convolutions) + layers["encoder/"] * attention * frames,
        encoder_bytes=float((encoder + convolutions) * bytes_per_weight),
        decoder_operations=2.0 * frames * memory + tokens * (2.0 * per_token + layers["decoder/"] * attention),
        decoder_bytes=float(bytes_per_weight * (memory + tokens * (per_token + remembered))),
    )


def _matrices(weights: CTranslate2Weights, side: str) -> int:
    """Numbers in the matrices that every position is multiplied with."""
    return sum(
        tensor.size
        for name, tensor in weights.tensors.items()
        if name.startswith(f"{side}layer_") and name.endswith("/weight")
    )


def _layers(weights: CTranslate2Weights, side: str) -> int:
    return sum(name.startswith(f"{side}layer_") and name.endswith("ffn/linear_0/bias") for name in weights.tensors)


def measure(device: str, threads: int) -> Machine:
    """The peaks of this machine. ``device``: "cpu" (int8, as CTranslate2 computes there) or "cuda" (float16)."""
    random = np.random.default_rng(0)
    if device == "cpu":
        inputs: list[Any] = [random.integers(0, 99, (GEMM, GEMM)).astype(t) for t in (np.uint8, np.int8)]
        product = ("MatMulInteger", TensorProto.INT32)
    else:
        inputs = [random.standard_normal((4 * GEMM, 4 * GEMM)).astype(np.float16) for _ in range(2)]
        product = ("MatMul", TensorProto.FLOAT16)
    numbers = [np.ones(COPIED, np.float32)]
    multiply = _kernel(*product, inputs, device, threads)
    copy = _kernel("Neg", TensorProto.FLOAT, numbers, device, threads)
    operations = 2.0 * float(inputs[0].shape[0]) ** 3
    precision = "int8" if device == "cpu" else "float16"
    return Machine(operations / _quickest_s(multiply), 2 * numbers[0].nbytes / _quickest_s(copy), precision)


def _kernel(operator: str, result: int, inputs: list[Any], device: str, threads: int) -> Callable[[], None]:
    """A function that runs one operator on data that is where it computes."""
    names = [f"in{number}" for number in range(len(inputs))]
    given = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(data.dtype), data.shape)
        for name, data in zip(names, inputs, strict=True)
    ]
    graph = helper.make_graph(
        [helper.make_node(operator, names, ["out"])],
        "peak",
        given,
        [helper.make_tensor_value_info("out", result, inputs[0].shape)],
    )
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=helper.find_min_ir_version_for([opset]))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    providers = [*(["CUDAExecutionProvider"] if device == "cuda" else []), "CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=providers)
    binding = session.io_binding()
    for name, data in zip(names, inputs, strict=True):
        binding.bind_ortvalue_input(name, onnxruntime.OrtValue.ortvalue_from_numpy(data, device, 0))
    output = np.zeros(inputs[0].shape, helper.tensor_dtype_to_np_dtype(result))
    binding.bind_ortvalue_output("out", onnxruntime.OrtValue.ortvalue_from_numpy(output, device, 0))

    def run() -> None:
        session.run_with_iobinding(binding)
        binding.synchronize_outputs()

    return run


def _quickest_s(run: Callable[[], None]) -> float:
    """The shortest of the times that fit into PATIENCE_S: what disturbs a measurement only makes it longer."""
    run()
    times: list[float] = []
    started = time.perf_counter()
    while not times or time.perf_counter() - started < PATIENCE_S:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)
