"""``site.toml``: its form, and where in the file a fault stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from banksman_shared.site.rules_document import (
    AccessTable,
    AuditTable,
    EscalationTable,
    Id,
    Language,
    LoadsTable,
    Name,
    OperatorTable,
    PolicyTables,
    RoleTable,
    SpokenNames,
    ZoneTable,
)

TopicLevel = Annotated[str, StringConstraints(pattern=r"^[^/+#\s]+$")]
Number = Annotated[int, Field(ge=0, le=9999, strict=True)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class SiteTable(_Table):
    id: Id
    name: Name
    languages: list[Language] = Field(min_length=1)
    layout: str = "layout.lif.json"


class KindTable(_Table):
    names: SpokenNames
    vehicle_type_id: str | None = None
    """The vehicleTypeId of the layout that this kind is, where it is not the kind's own id."""


class PlaceKindTable(_Table):
    names: SpokenNames


class VehicleTable(_Table):
    id: Id
    kind: str
    number: Number | None = None
    names: SpokenNames = {}
    manufacturer: TopicLevel
    serial_number: TopicLevel
    home: str


class PlaceTable(_Table):
    id: Id
    kind: str | None = None
    number: Number | None = None
    station: str | None = None
    node: str | None = None
    names: SpokenNames = {}


class GroupTable(_Table):
    id: Id
    vehicles: list[str] = Field(min_length=1)
    names: SpokenNames


class ActionTable(_Table):
    type: str | None = None
    """Of the VDA 5050 action, where it is not the action's own id."""
    place: bool = False
    """Whether it is done at a place, which is asked for where none was said."""
    parameters: dict[str, str | int | float | bool] = {}
    names: SpokenNames = {}
    """What it is called in what is answered: "washing"."""
    examples: dict[Language, list[Name]] = Field(min_length=1)
    """Sentences that ask for it, with the site's own names in them."""


class StopTable(_Table):
    early: Literal["all", "named", "off"] = "all"
    """What a stop word halts as soon as it is heard in the sound; see :class:`EarlyStop`."""


SpokenAction = Literal["move", "pick", "drop", "transport", "charge", "park", "stop", "resume", "cancel", "status"]
"""Actions that a site may have phrases of its own for."""


class SiteDocument(_Table):
    site: SiteTable
    vehicle_kinds: dict[Id, KindTable] = {}
    vehicles: list[VehicleTable] = Field(min_length=1)
    place_kinds: dict[Id, PlaceKindTable] = {}
    places: list[PlaceTable] = Field(min_length=1)
    groups: list[GroupTable] = []
    stop: StopTable = StopTable()
    zones: list[ZoneTable] = []
    roles: dict[Id, RoleTable] = {}
    operators: list[OperatorTable] = []
    access: AccessTable = AccessTable()
    policy: PolicyTables = PolicyTables()
    audit: AuditTable = AuditTable()
    escalation: EscalationTable = EscalationTable()
    loads: LoadsTable = LoadsTable()
    phrases: dict[Language, dict[SpokenAction, list[Name]]] = {}
    actions: dict[Id, ActionTable] = {}


_HEADER = re.compile(r"^\s*\[{1,2}\s*([^\]]+?)\s*\]{1,2}")
_KEY = re.compile(r"""^\s*(?:"([^"]+)"|'([^']+)'|([\w-]+))\s*[=.]""")

Path = Sequence[str | int]
"""Keys and indexes from the top of the document to a value."""


class LineIndex:
    """Where in a TOML text a path such as ``("vehicles", 2, "home")`` stands.

    The standard library's parser forgets positions; this remembers the lines of headers and keys.
    """

    def __init__(self, text: str) -> None:
        self._lines: dict[tuple[str | int, ...], int] = {}
        self._last: dict[tuple[str | int, ...], int] = {}
        table: tuple[str | int, ...] = ()
        for number, line in enumerate(text.splitlines(), 1):
            if header := _HEADER.match(line):
                keys = [part.strip().strip("\"'") for part in header.group(1).split(".")]
                table = self._enter(keys, number, array=line.lstrip().startswith("[["))
            elif key := _KEY.match(line):
                self._lines.setdefault((*table, next(filter(None, key.groups()))), number)

    def _enter(self, keys: Sequence[str], number: int, *, array: bool) -> tuple[str | int, ...]:
        """Note a table's header; ``[vehicles.names]`` belongs to the last of ``[[vehicles]]``."""
        table: tuple[str | int, ...] = ()
        for depth, key in enumerate(keys, 1):
            table = (*table, key)
            if array and depth == len(keys):
                self._lines.setdefault(table, number)
                self._last[table] = self._last.get(table, -1) + 1
            if table in self._last:
                table = (*table, self._last[table])
        self._lines.setdefault(table, number)
        return table

    def line(self, path: Path) -> int:
        """The line of the path or of the nearest table around it; 1 if nothing is known."""
        for end in range(len(path), 0, -1):
            if found := self._lines.get(tuple(path[:end])):
                return found
        return 1
