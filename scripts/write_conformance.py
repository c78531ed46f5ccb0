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

Every rule of VDA 5050 that binds master control or vehicle, and the tests that hold it. The master is
`banksman edge run`, the vehicle `banksman sim run`. The rules come from the text of
[the standard](https://github.com/VDA5050/VDA5050) in 2.0.0, 2.1.0 and 3.0.0, sections 4 to 7, told in our words;
"should" counts like "shall".

What the words mean:

- **covered**: somebody read rule and test side by side and found that the test fails if we break the rule. That is
  their judgement, not a certificate. Most rules say what happens always; a test shows some cases of it. And a rule
  whose test is ours is held to our reading of the text: beside them run the official schemas and masters and vehicles
  of other makers ([interoperation](../tests/interop)), which know nothing of that reading.
- **deviates by choice**: we do something else, say why, and have a test for what we do.
- **not covered**: we ought to hold the rule, and do not, or no test shows that we do.
- **not applicable**: the rule is for equipment that we do not have, or an option that we do not use.

Master and vehicle work on one model of the messages, and the versions differ in the bytes. So some tests of the logic
run in one version and count for each that has the rule. Those in `tests/conformance` run in each version that has it,
and judge master and vehicle by the JSON that they send.

This page is written by `python scripts/write_conformance.py` from `tests/conformance/requirements/`, and
`tests/conformance/test_conformance.py` compares the two. It also fails when a test named here does not exist or is
always skipped, and when a rule has neither a test nor a reason.
"""


def page(chapters: Sequence[Chapter]) -> str:
    """The whole page."""
    requirements = [requirement for chapter in chapters for requirement in chapter.requirements]
    parts = [HEADING, "## Summary\n", *_summary(requirements), "", *_open(requirements)]
    for chapter in chapters:
        parts += ["", f"## {chapter.title}\n", *_table(chapter.requirements)]
    return "\n".join(parts) + "\n"


def _summary(requirements: Sequence[Requirement]) -> Iterator[str]:
    yield f"| version | side | rules | {' | '.join(Standing)} |"
    yield f"| --- | --- | ---: |{' ---: |' * len(Standing)}"
    for version in VERSIONS:
        for side in Side:
            here = [
                r.evidence[side].standing(version) for r in requirements if version in r.sections and side in r.evidence
            ]
            counts = " | ".join(str(here.count(standing)) for standing in Standing)
            yield f"| {version} | {side} | {len(here)} | {counts} |"


def _open(requirements: Sequence[Requirement]) -> Iterator[str]:
    """The rules that we do not hold, with the reasons."""
    titles = {Standing.DEVIATION: "Deviations by choice", Standing.GAP: "Not covered"}
    for standing, title in {**titles, Standing.INAPPLICABLE: "Not applicable"}.items():
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
        word = next(s for s in map(evidence.standing, VERSIONS) if s is not Standing.COVERED)
        parts.append(f"*{word}*: {evidence.reason}")
    return "<br>".join(parts)


def _link(test: str) -> str:
    """The test's name in words, leading to its file."""
    file, _, name = test.partition("::")
    words = name.removeprefix("test_").replace("_", " ")
    return f"[{words}](../{file})" + (" (soak)" if is_soak(test) else "")


if __name__ == "__main__":
    PAGE.write_text(page(read()), encoding="utf-8")
