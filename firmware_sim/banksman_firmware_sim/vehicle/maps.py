"""The maps that a vehicle has (2.1.0 §6.7; 3.0 §6.3). Their content does not matter to it: it drives by coordinates."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from banksman_firmware_sim.errors import RefusedError
from banksman_shared.vda5050 import ErrorType, MapRecord, MapStatus

FIRST_VERSION = "1"
"""The version of the maps that a vehicle comes with."""
MAX_MAPS = 50
"""Maps that fit into the vehicle's memory by download."""


class MapStore:
    """Which maps are there; of one ``mapId``, one version at most is enabled."""

    def __init__(self, map_id: str) -> None:
        self.records: tuple[MapRecord, ...] = ()
        self.install([map_id])

    def install(self, map_ids: Iterable[str]) -> None:
        """Put maps on the vehicle as its maker does, enabled; those that are there stay as they are."""
        self.records += tuple(
            MapRecord(map_id=map_id, map_version=FIRST_VERSION, map_status=MapStatus.ENABLED)
            for map_id in dict.fromkeys(map_ids)
            if not self.knows(map_id)
        )

    def knows(self, map_id: str) -> bool:
        return any(record.map_id == map_id for record in self.records)

    def usable(self, map_id: str) -> bool:
        """Whether a version of the map is enabled; one that is not shall not be used (2.1.0 §6.7.2)."""
        return any(r.map_id == map_id and r.map_status is MapStatus.ENABLED for r in self.records)

    def has(self, map_id: str, version: str) -> bool:
        return any((record.map_id, record.map_version) == (map_id, version) for record in self.records)

    def check_new(self, map_id: str, version: str) -> None:
        """Raises :class:`RefusedError` where the map is already there (3.0 §6.3.3)."""
        if self.has(map_id, version):
            raise RefusedError(
                ErrorType.DUPLICATE_MAP,
                f"map {map_id} is there in version {version}; delete it first",
                mapId=map_id,
                mapVersion=version,
            )

    def add(self, map_id: str, version: str) -> None:
        """A downloaded map: ready, and disabled. Raises :class:`RefusedError` where it is there, or too many are."""
        self.check_new(map_id, version)
        if len(self.records) >= MAX_MAPS:
            raise RefusedError(
                ErrorType.INSTANT_ACTION_ERROR, f"the vehicle keeps {MAX_MAPS} maps at most; delete one first"
            )
        record = MapRecord(map_id=map_id, map_version=version, map_status=MapStatus.DISABLED)
        self.records = (*self.records, record)

    def enable(self, map_id: str, version: str) -> None:
        """Use this version of the map, and no other of it."""
        self._check_there(map_id, version)
        self.records = tuple(
            record
            if record.map_id != map_id
            else replace(record, map_status=MapStatus.ENABLED if record.map_version == version else MapStatus.DISABLED)
            for record in self.records
        )

    def delete(self, map_id: str, version: str, in_use: str) -> None:
        """Remove a map, unless the vehicle is on it."""
        self._check_there(map_id, version)
        kept = tuple(r for r in self.records if (r.map_id, r.map_version) != (map_id, version))
        gone = next(r for r in self.records if r not in kept)
        if map_id == in_use and gone.map_status is MapStatus.ENABLED:
            raise RefusedError(ErrorType.INSTANT_ACTION_ERROR, f"map {map_id} is in use", mapId=map_id)
        self.records = kept

    def enable_any(self, map_id: str) -> None:
        """See that some version of the map is enabled, since the vehicle is put on it."""
        own = [record for record in self.records if record.map_id == map_id]
        if own and all(record.map_status is MapStatus.DISABLED for record in own):
            self.enable(map_id, own[-1].map_version)

    def _check_there(self, map_id: str, version: str) -> None:
        if not self.has(map_id, version):
            raise RefusedError(
                ErrorType.INSTANT_ACTION_ERROR,
                f"there is no map {map_id} in version {version}; download it first",
                mapId=map_id,
                mapVersion=version,
            )
