"""What is known of loads on the disk, so that a restart does not forget what was carried since a list was told."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

import msgspec

from banksman_edge.loads.model import Move, Told

log = logging.getLogger(__name__)

FILE_NAME = "loads.json"


class _Kept(msgspec.Struct, frozen=True):
    told: Told | None
    moves: list[Move]


class LoadsFile:
    """One file, replaced as a whole."""

    def __init__(self, folder: Path) -> None:
        self._path, self._failing = folder / FILE_NAME, False

    def read(self) -> tuple[Told | None, list[Move]] | None:
        """None: there is nothing that can be read."""
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            log.warning("which loads were carried before the restart cannot be read (%s); publish the list anew", error)
            return None
        return kept.told, kept.moves

    def write(self, told: Told | None, moves: Iterable[Move]) -> None:
        """What cannot be written is logged once; then nothing that is old may be found there."""
        new = self._path.with_suffix(".new")
        try:
            new.write_bytes(msgspec.json.encode(_Kept(told, list(moves))))
            new.replace(self._path)
            self._failing = False
        except OSError as error:
            if not self._failing:
                log.warning("which loads stand where will not outlive a restart: %s", error.strerror)
            self._failing = True
            self._discard()

    def _discard(self) -> None:
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            log.debug("the file of loads cannot be removed either")
