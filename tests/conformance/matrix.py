"""The requirements of VDA 5050 as they stand in ``requirements/``, and which tests hold them.

A file is a chapter, with a ``title`` and a list of requirements::

    [[requirement]]
    id = "V2-6.6.3-08"
    sections = { "2.0.0" = "6.6.3", "2.1.0" = "6.6.3", "3.0.0" = "6.1.3" }
    text = "orderId and orderUpdateId are kept."

    [requirement.vehicle]
    tests = ["tests/sim/test_sim_actions.py::test_a_cancelled_vehicle_stops_at_once_and_forgets_the_order"]

``sections`` names the versions that have the rule and where. There is a table for each side that the rule binds,
``master`` and ``vehicle``, with ``tests``, or a ``gap`` (we ought to hold it and no test shows that we do), or
``inapplicable`` (it does not concern us), a sentence each. Tests that show a rule in some versions name these in
``only``, and the sentence is for the others. A ``deviation`` says what we do instead, and why; its tests show that.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

VERSIONS = ("2.0.0", "2.1.0", "3.0.0")
ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).parent / "requirements"


class Side(StrEnum):
    MASTER = "master"
    VEHICLE = "vehicle"


class Standing(StrEnum):
    """How we stand to a rule, on one side and in one version."""

    COVERED = "covered"
    DEVIATION = "deviates by choice"
    GAP = "not covered"
    INAPPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one side has to show for a requirement."""

    tests: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    gap: str | None = None
    inapplicable: str | None = None
    deviation: str | None = None

    def standing(self, version: str) -> Standing:
        if self.deviation:
            return Standing.DEVIATION
        if self.tests and (not self.only or version in self.only):
            return Standing.COVERED
        return Standing.GAP if self.gap else Standing.INAPPLICABLE

    @property
    def reason(self) -> str | None:
        return self.gap or self.inapplicable or self.deviation


@dataclass(frozen=True, slots=True)
class Requirement:
    """A rule of the standard: where it stands in each version that has it, and the evidence of the sides it binds."""

    id: str
    sections: Mapping[str, str]
    text: str
    evidence: Mapping[Side, Evidence]


@dataclass(frozen=True, slots=True)
class Chapter:
    title: str
    requirements: tuple[Requirement, ...]


def read(folder: Path = FOLDER) -> list[Chapter]:
    """All chapters, in the order of their files."""
    chapters = []
    for file in sorted(folder.glob("*.toml")):
        document = tomllib.loads(file.read_text(encoding="utf-8"))
        chapters.append(Chapter(document["title"], tuple(_requirement(entry) for entry in document["requirement"])))
    return chapters


def _requirement(entry: dict[str, Any]) -> Requirement:
    unknown = set(entry) - {"id", "sections", "text", *Side}
    if unknown:
        raise ValueError(f"{entry.get('id')} has keys that no requirement has: {', '.join(sorted(unknown))}")
    sides = {side: _evidence(entry["id"], entry[side]) for side in Side if side in entry}
    return Requirement(entry["id"], entry["sections"], entry["text"], sides)


def _evidence(name: str, table: dict[str, Any]) -> Evidence:
    unknown = set(table) - {"tests", "only", "gap", "inapplicable", "deviation"}
    if unknown:
        raise ValueError(f"the evidence of {name} has unknown keys: {', '.join(sorted(unknown))}")
    reasons = (table.get(key) for key in ("gap", "inapplicable", "deviation"))
    return Evidence(tuple(table.get("tests", ())), tuple(table.get("only", ())), *reasons)


def faults(requirements: Sequence[Requirement], unfit: Mapping[str, str]) -> list[str]:
    """What is wrong with the requirements, a sentence each; ``unfit`` says of a test why it shows nothing."""
    found = [f"{name} is there {count} times" for name, count in _counts(requirements) if count > 1]
    for requirement in requirements:
        found += _faults_of_form(requirement)
        for side, evidence in requirement.evidence.items():
            where = f"{requirement.id} ({side})"
            found += [f"{where}: {fault}" for fault in _faults_of_evidence(evidence, requirement.sections)]
            found += [f"{where}: {test} {unfit[test]}" for test in evidence.tests if test in unfit]
    return found


def _counts(requirements: Sequence[Requirement]) -> list[tuple[str, int]]:
    return list(Counter(requirement.id for requirement in requirements).items())


def _faults_of_form(requirement: Requirement) -> Iterator[str]:
    if not requirement.sections or set(requirement.sections) - set(VERSIONS):
        yield f"{requirement.id} names versions other than {', '.join(VERSIONS)}"
        return
    major = "V2" if min(requirement.sections) < "3" else "V3"
    if not requirement.id.startswith(f"{major}-") or requirement.id.split("-")[1] not in requirement.sections.values():
        yield f"{requirement.id} is not named after a version and section of its own"
    if not requirement.text.endswith(".") or len(requirement.text) < 20:
        yield f"{requirement.id} has no sentence as its text"
    if not requirement.evidence:
        yield f"{requirement.id} binds neither master nor vehicle"


def _faults_of_evidence(evidence: Evidence, versions: Mapping[str, str]) -> Iterator[str]:
    reasons = [r for r in (evidence.gap, evidence.inapplicable, evidence.deviation) if r is not None]
    partly = bool(evidence.only)
    if len(reasons) > 1:
        yield "two reasons at once"
    if any(len(reason) < 15 or not reason.endswith(".") for reason in reasons):
        yield "the reason is no sentence"
    if not evidence.tests and not reasons:
        yield "neither tests nor a reason"
    if evidence.deviation is not None:
        if partly or not evidence.tests:
            yield "a deviation has tests that show it, in all versions"
    elif bool(evidence.tests and reasons) != partly:
        yield "tests and a reason belong together exactly if 'only' says which versions the tests are for"
    if partly and not set(evidence.only) < set(versions):
        yield "'only' names no real part of the rule's versions"
    if len(set(evidence.tests)) < len(evidence.tests):
        yield "a test is named twice"
