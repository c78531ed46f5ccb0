"""Write docs/vda5050-conformance.md from the requirements in tests/conformance/requirements.

python scripts/write_conformance.py
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "vda5050-conformance.md"
sys.path.insert(0, str(ROOT / "tests" / "conformance"))

from collected import is_soak  # noqa: E402  found by the path above
from matrix import VERSIONS, Chapter, Evidence, Requirement, Side, Standing, read  # noqa: E402

HEADING = """# VDA 5050: which test holds which rule

Every rule of VDA 5050 that binds master control or vehicle, and the test that would fail if we broke it. The master is
`banksman edge run`, the vehicle `banksman sim run`. The rules come from the text of
[the standard](https://github.com/VDA5050/VDA5050) in 2.0.0, 2.1.0 and 3.0.0, sections 4 to 7, told in our words;
"should" counts like "shall".

This page is written by `python scripts/write_conformance.py` from `tests/conformance/requirements/`, and
`tests/conformance/test_conformance.py` compares the two. It also fails when a test named here does not exist or is
always skipped, and when a rule has neither a test nor a reason. What it cannot see is whether a test really shows the
rule: that was judged by reading both.

Master and vehicle work on one model of the messages; the versions differ in the bytes. So a test of the logic counts
for every version that has the rule, and the rules about names and forms have tests of the codec for each version.
"""


def page(chapters: Sequence[Chapter]) -> str:
    """The whole page."""
    requirements = [requirement for chapter in chapters for requirement in chapter.requirements]
    parts = [HEADING, "## Summary\n", *_summary(requirements), "", *_open(requirements)]
    for chapter in chapters:
        parts += ["", f"## {chapter.title}\n", *_table(chapter.requirements)]
    return "\n".join(parts) + "\n"


def _summary(requirements: Sequence[Requirement]) -> Iterator[str]:
    yield "| version | side | rules | covered | not covered | not applicable |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for version in VERSIONS:
        for side in Side:
            here = [
                r.evidence[side].standing(version) for r in requirements if version in r.sections and side in r.evidence
            ]
            counts = " | ".join(str(here.count(standing)) for standing in Standing)
            yield f"| {version} | {side} | {len(here)} | {counts} |"


def _open(requirements: Sequence[Requirement]) -> Iterator[str]:
    """The rules without a test, with their reasons."""
    for standing, title in ((Standing.GAP, "Not covered"), (Standing.INAPPLICABLE, "Not applicable")):
        ids: dict[str, list[str]] = defaultdict(list)
        for requirement in requirements:
            for side, evidence in requirement.evidence.items():
                if any(evidence.standing(version) is standing for version in requirement.sections):
                    ids[evidence.reason or ""].append(f"{requirement.id} ({side})")
        yield f"### {title}\n"
        yield from (f"- {reason} {', '.join(rules)}" for reason, rules in ids.items())
        yield "" if ids else "Nothing.\n"


def _table(requirements: Iterable[Requirement]) -> Iterator[str]:
    yield "| rule | standard | what it says | master | vehicle |"
    yield "| --- | --- | --- | --- | --- |"
    for requirement in requirements:
        sides = (requirement.evidence.get(side) for side in Side)
        cells = [requirement.id, _sections(requirement), requirement.text, *(_cell(side) for side in sides)]
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _sections(requirement: Requirement) -> str:
    """Versions with their sections; those with the same section together."""
    versions: dict[str, list[str]] = defaultdict(list)
    for version, section in requirement.sections.items():
        versions[section].append(version)
    return "<br>".join(f"{', '.join(names)} §{section}" for section, names in versions.items())


def _cell(evidence: Evidence | None) -> str:
    if evidence is None:
        return "–"
    parts = [_link(test) for test in evidence.tests]
    if evidence.only:
        parts.append(f"(in {', '.join(evidence.only)})")
    if evidence.reason:
        word = Standing.GAP if evidence.gap else Standing.INAPPLICABLE
        parts.append(f"*{word}*: {evidence.reason}")
    return "<br>".join(parts)


def _link(test: str) -> str:
    """The test's name in words, leading to its file."""
    file, _, name = test.partition("::")
    words = name.removeprefix("test_").replace("_", " ")
    return f"[{words}](../{file})" + (" (soak)" if is_soak(test) else "")


if __name__ == "__main__":
    PAGE.write_text(page(read()), encoding="utf-8")
