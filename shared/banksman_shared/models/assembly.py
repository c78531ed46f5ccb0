"""From the parts in installed packages to one file, whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO, cast

from banksman_shared.errors import ModelError
from banksman_shared.models.catalogue import OWN, CatalogueModel, ModelFile, Part

Progress = Callable[[int, int], None]
"""Called with the bytes done and the bytes in all."""

UNFINISHED = ".part"
"""The suffix of a file that is being written; one found without its writer is rubbish."""

_CHUNK = 1 << 20


class Counter:
    """Adds up bytes for a :data:`Progress`."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def add(self, count: int) -> None:
        self._done += count
        if self._progress:
            self._progress(self._done, self._total)


def locate(part: Part) -> Path | None:
    """The part's file among the installed packages, found without importing any of them."""
    if part.distribution == OWN:
        return Path(str(files("banksman_shared") / part.path))
    try:
        path = Path(str(distribution(part.distribution).locate_file(part.path)))
    except PackageNotFoundError:
        return None
    return path if path.is_file() else None


def missing_packages(model: CatalogueModel) -> list[str]:
    """The distributions of ``model`` that are not installed, or not whole."""
    parts = (part for file in model.files for part in file.sources)
    return list(dict.fromkeys(part.distribution for part in parts if locate(part) is None))


def identity_of(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is written again or replaced: size, modification time, inode."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def digest_of(path: Path, read: Counter) -> str:
    """SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
        read.add(len(chunk))
    return digest.hexdigest()


def assemble(model: CatalogueModel, file: ModelFile, target: Path, written: Counter) -> None:
    """Make ``file`` of its parts at ``target``, which appears only once its digest is right.

    Raises:
        ModelError: a package is missing, or the parts together do not have the digest.
        OSError: the folder of ``target`` cannot be written.
    """
    unfinished = target.with_name(target.name + UNFINISHED)
    try:
        with unfinished.open("wb") as raw:
            out = _Hashed(raw, written)
            if file.adapter is None:
                _concatenate(model, file, out)
            else:
                _merge(model, file, _located(model, file.adapter), target, out)
            raw.flush()
            os.fsync(raw.fileno())
        if out.digest != file.sha256:
            raise ModelError(
                f"the packages of model '{model.name}' do not make the right {file.name} (SHA-256 "
                f"{out.digest[:12]}… instead of {file.sha256[:12]}…); reinstall them: {model.install} "
                f"--force-reinstall --no-cache-dir"
            )
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    _sync_folder(target.parent)


class _Hashed:
    """A file that hashes and counts what is written to it."""

    def __init__(self, raw: BinaryIO, written: Counter | None = None) -> None:
        self._raw, self._written, self._hash = raw, written, hashlib.sha256()

    def write(self, data: bytes) -> None:
        self._hash.update(data)
        self._raw.write(data)
        if self._written:
            self._written.add(len(data))

    @property
    def digest(self) -> str:
        return self._hash.hexdigest()


def _concatenate(model: CatalogueModel, file: ModelFile, out: _Hashed) -> None:
    for part in file.parts:
        for chunk in _chunks(_located(model, part)):
            out.write(chunk)


def _merge(model: CatalogueModel, file: ModelFile, adapter: Path, target: Path, out: _Hashed) -> None:
    # numpy, which only this needs, comes with what runs these models.
    from banksman_shared.models.adapter import merge, read_adapter  # noqa: PLC0415
    from banksman_shared.models.ctranslate2_file import read_weights, write_weights  # noqa: PLC0415

    base = target.with_name(f"{target.name}.base{UNFINISHED}")
    try:
        with base.open("wb") as raw:
            _concatenate(model, file, _Hashed(raw))
        write_weights(merge(read_weights(base), read_adapter(adapter)), cast("BinaryIO", out))
    finally:
        base.unlink(missing_ok=True)


def _located(model: CatalogueModel, part: Part) -> Path:
    path = locate(part)
    if path is None:
        raise ModelError(f"model '{model.name}' needs the package {part.distribution}: {model.install}")
    return path


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut; where folders cannot be opened (not on Linux) there is no such need."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
