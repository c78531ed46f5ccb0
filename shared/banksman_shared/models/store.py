"""Where models are kept, and how they get there whole.

A catalogue model is put together from the parts in installed packages, once per machine, into
``<cache>/models/<name>/``. Every file is written beside its place, hashed on the way, synced and then renamed,
so a name never stands for half a file. After a digest was found right, the file's size, modification time and
inode are noted in a stamp; while those hold, the digest is not computed again.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from filelock import FileLock
from platformdirs import user_cache_dir

from banksman_shared.errors import ModelError
from banksman_shared.models.assembly import (
    UNFINISHED,
    Counter,
    Progress,
    assemble,
    digest_of,
    identity_of,
    missing_packages,
)
from banksman_shared.models.catalogue import CATALOGUE, CatalogueModel, ModelFile
from banksman_shared.models.hub import WHISPERS, fetch_from_hub, is_hub_id

CACHE_VARIABLE = "BANKSMAN_CACHE"
_STAMPS = "verified.json"
_SPARE = 64_000_000
"""Bytes that must stay free on the disk beside the model."""


class ModelState(StrEnum):
    """``ready``: in the cache and verified. ``packaged``: its packages are installed. ``absent``: neither."""

    READY = "ready"
    PACKAGED = "packaged"
    ABSENT = "absent"


class ModelStore:
    """The models of this machine.

    ``cache`` is Banksman's cache folder: by default ``$BANKSMAN_CACHE`` or else the user's cache directory.
    """

    def __init__(self, cache: Path | None = None, catalogue: Mapping[str, CatalogueModel] = CATALOGUE) -> None:
        root = cache or Path(os.environ.get(CACHE_VARIABLE) or user_cache_dir("banksman"))
        self._folder = root / "models"
        self.catalogue = catalogue

    def path(self, name_or_source: str, progress: Progress | None = None) -> Path:
        """The path of a model that is ready to load: a folder for Whisper or an adapter, a file for a GGUF.

        ``name_or_source`` is a name of the catalogue, a path, the size of a published Whisper (``small``,
        ``large-v3-turbo``), or a hub id (``Systran/faster-whisper-small``,
        ``bartowski/Llama-3.2-3B-Instruct-GGUF:Llama-3.2-3B-Instruct-Q4_K_M.gguf``).

        Raises:
            ModelError: it is missing, damaged beyond repair, unreachable, or there is no room for it.
        """
        packaged = f"whisper-{name_or_source}" if name_or_source in WHISPERS else name_or_source
        if model := self.catalogue.get(name_or_source) or self.catalogue.get(packaged):
            return self._ready(model, progress)
        given = Path(name_or_source).expanduser()
        if name_or_source and given.exists():
            return given
        if name_or_source in WHISPERS or is_hub_id(name_or_source):
            return fetch_from_hub(name_or_source)
        raise ModelError(
            f"no model '{name_or_source}': give one of {', '.join(self.catalogue)}, a path that exists, "
            f"a Whisper's size ({', '.join(WHISPERS)}), or a hub id (owner/repository, owner/repository:file.gguf)"
        )

    def place(self, model: CatalogueModel) -> Path:
        """Where the model is, or will be, as :meth:`path` returns it."""
        folder = self._folder / model.name
        return folder if model.kind.is_folder else folder / model.files[0].name

    def state(self, model: CatalogueModel) -> ModelState:
        """What of the model is here, without reading the weights."""
        if not self._unverified(model):
            return ModelState.READY
        return ModelState.ABSENT if missing_packages(model) else ModelState.PACKAGED

    def cached(self, model: CatalogueModel) -> bool:
        """Whether any file of the model is in the cache, whatever its condition."""
        return any(self._file(model, file).exists() for file in model.files)

    def verify(self, model: CatalogueModel, progress: Progress | None = None) -> tuple[str, ...]:
        """Hash every file of a cached model; returns the names of those that are not what they should be.

        A file found wrong counts as unverified from then on, so the next :meth:`path` rebuilds it.

        Raises:
            ModelError: the cache cannot be read or written.
        """
        with self._locked(model):
            read = Counter(model.size, progress)
            return tuple(file.name for file in model.files if not self._check(model, file, read))

    def _ready(self, model: CatalogueModel, progress: Progress | None) -> Path:
        if self._unverified(model):
            with self._locked(model):
                # Another process may have done it while this one waited for the lock.
                suspects = self._unverified(model)
                read = Counter(_size(suspects), progress)
                wrong = [file for file in suspects if not self._check(model, file, read)]
                if wrong:
                    self._rebuild(model, wrong, progress)
        return self.place(model)

    def _rebuild(self, model: CatalogueModel, files: list[ModelFile], progress: Progress | None) -> None:
        if missing := missing_packages(model):
            raise ModelError(f"model '{model.name}' needs the package {missing[0]}: {model.install}")
        for left_over in (self._folder / model.name).glob("*" + UNFINISHED):
            left_over.unlink()
        self._check_room(model, _room(files) + _SPARE)
        written = Counter(_size(files), progress)
        for file in files:
            assemble(model, file, self._file(model, file), written)
            self._stamp(model, file, good=True)

    def _check_room(self, model: CatalogueModel, needed: int) -> None:
        free = shutil.disk_usage(self._folder).free
        if free < needed:
            raise ModelError(
                f"model '{model.name}' needs {needed / 1e6:.0f} MB in {self._folder}, where {free / 1e6:.0f} MB are "
                f"free; make room or set {CACHE_VARIABLE} to another folder"
            )

    @contextmanager
    def _locked(self, model: CatalogueModel) -> Iterator[None]:
        """One process at a time for this model; the kernel frees the lock of one that dies."""
        try:
            (self._folder / model.name).mkdir(parents=True, exist_ok=True)
            with FileLock(self._folder / f"{model.name}.lock"):
                yield
        except OSError as error:
            raise ModelError(
                f"the model cache {self._folder} cannot be used ({error}); mend it or set {CACHE_VARIABLE} to another"
            ) from error

    def _check(self, model: CatalogueModel, file: ModelFile, read: Counter) -> bool:
        """Whether the file in the cache has its digest, with a note of the answer."""
        path = self._file(model, file)
        before = identity_of(path)
        good = before is not None and before[0] == file.size and digest_of(path, read) == file.sha256
        # A file that changed while it was read was not checked.
        good = good and identity_of(path) == before
        self._stamp(model, file, good=good)
        return good

    def _file(self, model: CatalogueModel, file: ModelFile) -> Path:
        return self._folder / model.name / file.name

    def _unverified(self, model: CatalogueModel) -> list[ModelFile]:
        stamps = self._stamps(model)
        return [file for file in model.files if stamps.get(file.name) != self._stamp_of(model, file)]

    def _stamp_of(self, model: CatalogueModel, file: ModelFile) -> list[object]:
        return [file.sha256, *(identity_of(self._file(model, file)) or ("missing",))]

    def _stamps(self, model: CatalogueModel) -> dict[str, object]:
        try:
            stamps = json.loads((self._folder / model.name / _STAMPS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return stamps if isinstance(stamps, dict) else {}

    def _stamp(self, model: CatalogueModel, file: ModelFile, *, good: bool) -> None:
        stamps = self._stamps(model)
        stamps.pop(file.name, None)
        if good:
            stamps[file.name] = self._stamp_of(model, file)
        path = self._folder / model.name / _STAMPS
        unfinished = path.with_name(_STAMPS + UNFINISHED)
        unfinished.write_text(json.dumps(stamps), encoding="utf-8")
        unfinished.replace(path)


def _size(files: list[ModelFile]) -> int:
    return sum(file.size for file in files)


def _room(files: list[ModelFile]) -> int:
    """Bytes needed while the files are made: what an adapter is merged into stands beside the result."""
    return _size(files) + max((file.size for file in files if file.adapter), default=0)
