"""The requests that the planner is measured with, what has to come of each, and the sites that they are made on.

A folder holds ``*.jsonl``, a request on each line, and ``sites/ID`` with ``site.toml``, its layout and ``scene.json``;
optional ``names/LANGUAGE.json`` has what each request names, as the edge finds it. See tests/data/requests/README.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from banksman_shared.errors import BanksmanError
from banksman_shared.plans import FleetSnapshot, Goals, NamedThing
from banksman_shared.site import Site, load_site


class CasesError(BanksmanError):
    """The folder of requests cannot be read."""


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Loads(_Document):
    """Transports by where they begin and end; empty: anywhere."""

    origins: tuple[str, ...] = Field(alias="from")
    destinations: tuple[str, ...] = Field(default=(), alias="to")


class Ride(_Document):
    """What one vehicle does without a load."""

    vehicle: str
    how: Literal["move", "charge", "park"]


class Moved(_Document):
    """Exactly so many loads are carried, by a time (seconds), by these vehicles, by at most so many, not before."""

    moved: int
    origins: tuple[str, ...] = Field(alias="from")
    destinations: tuple[str, ...] = Field(alias="to")
    by: float | None = None
    carriers: tuple[str, ...] = Field(default=(), alias="with")
    at_most: int | None = None
    not_before: float = 0.0


class Sent(_Document):
    """These vehicles, or so many of some, end where they are sent. ``only``: at once, and they do nothing else.
    ``first``: before they carry anything, and if they charge, up to ``until`` per cent."""

    sent: tuple[str, ...] | int
    how: Literal["move", "charge", "park"]
    to: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    only: bool = False
    first: bool = False
    until: float | None = None


class Idle(_Document):
    """These vehicles do nothing."""

    idle: tuple[str, ...]


class Free(_Document):
    """Nobody, or none of some vehicles, is at the places from a moment until another (seconds)."""

    free: tuple[str, ...]
    whom: tuple[str, ...] = Field(default=(), alias="for")
    since: float = Field(default=0.0, alias="from")
    until: float = float("inf")


class OneWay(_Document):
    """Nobody drives back on the shortest way from the first place to the second, and the plan keeps it so."""

    one_way: tuple[str, str]


class Battery(_Document):
    """No vehicle, or none of some, works on below so many per cent."""

    battery: float
    of: tuple[str, ...] = ()


class Order(_Document):
    """All of the first is done before any of the second begins."""

    order: tuple[Loads | Ride, Loads | Ride]


class First(_Document):
    """Each vehicle carries these loads before others."""

    first: Loads


class Spread(_Document):
    """Of these vehicles none carries more loads than another by more than so many."""

    spread: int
    of: tuple[str, ...]


class LeftOut(_Document):
    """These words are said to be no part of the plan."""

    left_out: str


Outcome = Moved | Sent | Idle | Free | OneWay | Battery | Order | First | Spread | LeftOut


class Case(_Document):
    """A request. ``plan``: there has to be one, with all of ``must``, and no step that none of it asks for.
    ``refused``: it cannot be; ``asked``: it may mean several things. Then the answer says ``naming``. ``goals``: as a
    perfect model would write them."""

    id: str
    half: Literal["tuning", "held-out"] = Field(alias="set")
    language: str
    site: str
    request: str
    expect: Literal["plan", "refused", "asked"]
    must: tuple[Outcome, ...] = ()
    naming: tuple[str, ...] = ()
    goals: Goals | None = None

    @model_validator(mode="after")
    def _judged(self) -> Self:
        if bool(self.must) != (self.expect == "plan") or bool(self.naming) == (self.expect == "plan"):
            raise ValueError("a plan has 'must', what is refused or asked has 'naming'")
        return self


@dataclass(frozen=True, slots=True)
class Scene:
    """A site at a moment. ``now``: local time, ISO 8601, None where nobody tells."""

    site: Site
    fleet: FleetSnapshot
    now: str | None


@dataclass(frozen=True, slots=True)
class Cases:
    """All that a folder holds. ``names``: by request."""

    cases: tuple[Case, ...]
    scenes: Mapping[str, Scene]
    names: Mapping[str, tuple[NamedThing, ...]]

    def scene(self, case: Case) -> Scene:
        return self.scenes[case.site]

    def body(self, case: Case) -> dict[str, Any]:
        """What is sent to the planner."""
        scene = self.scene(case)
        return {
            "request": case.request,
            "language": case.language,
            "site": scene.site.document,
            "fleet": scene.fleet.model_dump(mode="json"),
            "mentions": [name.model_dump(mode="json") for name in self.names.get(case.id, ())],
            "now": scene.now,
        }


_NAMES = TypeAdapter(dict[str, tuple[NamedThing, ...]])


def read_cases(folder: Path) -> Cases:
    """Read a folder, all of it checked, in an order of which any beginning is about as mixed as the whole.

    Raises:
        CasesError: something in it is missing or wrong; says where.
        SiteError: a site has faults.
    """
    found = [case for file in sorted(folder.glob("*.jsonl")) for case in _read(file)]
    found.sort(key=lambda case: hashlib.sha256(case.id.encode()).digest())
    if not found:
        raise CasesError(f"{folder} holds no requests; it needs files *.jsonl")
    scenes = {site: _scene(folder / "sites" / site) for site in dict.fromkeys(case.site for case in found)}
    for case in found:
        if unknown := sorted(_ids(case) - _known(scenes[case.site].site)):
            raise CasesError(f"{case.id}: {case.site} has no {', '.join(unknown)}; mend its outcomes")
    names: dict[str, tuple[NamedThing, ...]] = {}
    for file in sorted((folder / "names").glob("*.json")):
        names |= _NAMES.validate_json(file.read_bytes())
    return Cases(tuple(found), scenes, names)


def _read(file: Path) -> list[Case]:
    found: list[Case] = []
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        try:
            found.append(Case.model_validate_json(line))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise CasesError(f"{file}:{number}: {where or 'the line'}: {first['msg']}; see its README.md") from error
    return found


def _scene(folder: Path) -> Scene:
    try:
        document = json.loads((folder / "scene.json").read_text("utf-8"))
        return Scene(load_site(folder), FleetSnapshot.model_validate(document["fleet"]), document.get("now"))
    except (OSError, ValueError, KeyError) as error:
        raise CasesError(f"{folder / 'scene.json'} cannot be read: {error!r}") from error


def _ids(case: Case) -> set[str]:
    """Vehicles and places that its outcomes speak of."""
    found: set[str] = set()
    for outcome in case.must:
        for _, value in outcome:
            parts = value if isinstance(value, tuple) else (value,)
            found |= {part for part in parts if isinstance(part, str)}
            for part in parts:
                if isinstance(part, Loads):
                    found |= {*part.origins, *part.destinations}
                elif isinstance(part, Ride):
                    found.add(part.vehicle)
        if isinstance(outcome, Sent):
            found.discard(outcome.how)
        elif isinstance(outcome, LeftOut):
            found.discard(outcome.left_out)
    return found


def _known(site: Site) -> set[str]:
    return {*site.vehicles, *site.places}
