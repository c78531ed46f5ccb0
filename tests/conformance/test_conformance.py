"""The conformance report tells the truth as far as a machine can see it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import collected
import pytest
from matrix import ROOT, VERSIONS, Evidence, Requirement, Side, Standing, faults, read

sys.path.insert(0, str(ROOT / "scripts"))

import write_conformance

CHAPTERS = read()
REQUIREMENTS = [requirement for chapter in CHAPTERS for requirement in chapter.requirements]
TESTS = {test for r in REQUIREMENTS for evidence in r.evidence.values() for test in evidence.tests}


def test_the_page_is_what_the_requirements_give() -> None:
    written = write_conformance.PAGE.read_text(encoding="utf-8")
    assert written == write_conformance.page(CHAPTERS), "run: python scripts/write_conformance.py"


def test_every_requirement_has_tests_that_count_or_a_reason() -> None:
    assert faults(REQUIREMENTS, collected.unfit(TESTS)) == []


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("side", list(Side))
def test_every_version_has_requirements_for_both_sides_and_most_are_covered(version: str, side: Side) -> None:
    here = [r.evidence[side].standing(version) for r in REQUIREMENTS if version in r.sections and side in r.evidence]
    assert len(here) > 100
    assert here.count(Standing.COVERED) > 0.7 * len(here)


def test_what_deviates_is_not_counted_as_covered() -> None:
    deviating = Evidence(("tests/sim/test_x.py::test_y",), deviation=_REASON)
    assert {deviating.standing(version) for version in VERSIONS} == {Standing.DEVIATION}


# The checks can fail

_GOOD = Requirement(
    "V2-6.6.1-01",
    {"2.0.0": "6.6.1", "2.1.0": "6.6.1", "3.0.0": "6.1.1"},
    "The vehicle traverses the nodes and edges of the order.",
    {Side.VEHICLE: Evidence(("tests/sim/test_x.py::test_y",))},
)
_REASON = "It is left to the broker."


def _with(evidence: Evidence) -> Requirement:
    return replace(_GOOD, evidence={Side.VEHICLE: evidence})


@pytest.mark.parametrize(
    ("requirement", "fault"),
    [
        (replace(_GOOD, id="V2-6.6.9-01"), "is not named after a version and section"),
        (replace(_GOOD, id="V3-6.1.1-01"), "is not named after a version and section"),
        (replace(_GOOD, sections={"2.2.0": "6.6.1"}), "names versions other than"),
        (replace(_GOOD, sections={}), "names versions other than"),
        (replace(_GOOD, text="Too short."), "has no sentence"),
        (replace(_GOOD, evidence={}), "binds neither master nor vehicle"),
        (_with(Evidence()), "neither tests nor a reason"),
        (_with(Evidence(("t",), gap=_REASON)), "belong together exactly if"),
        (_with(Evidence(("t",), only=("2.0.0",))), "belong together exactly if"),
        (_with(Evidence(("t",), only=("4.0.0",), gap=_REASON)), "no real part"),
        (_with(Evidence(("t",), only=VERSIONS, gap=_REASON)), "no real part"),
        (_with(Evidence(gap=_REASON, inapplicable=_REASON)), "at once"),
        (_with(Evidence(("t",), gap=_REASON, deviation=_REASON)), "at once"),
        (_with(Evidence(deviation=_REASON)), "a deviation has tests"),
        (_with(Evidence(("t",), only=("2.0.0",), deviation=_REASON)), "a deviation has tests"),
        (_with(Evidence(gap="later")), "the reason is no sentence"),
        (_with(Evidence(("t", "t"))), "a test is named twice"),
    ],
)
def test_a_faulty_requirement_is_found(requirement: Requirement, fault: str) -> None:
    assert faults([_GOOD], {}) == []
    assert [fault in found for found in faults([requirement], {})] == [True]


def test_an_id_given_twice_is_found() -> None:
    assert faults([_GOOD, _GOOD], {}) == ["V2-6.6.1-01 is there 2 times"]


def test_a_test_that_shows_nothing_is_a_fault_of_what_names_it() -> None:
    found = faults([_GOOD], {"tests/sim/test_x.py::test_y": "does not exist"})
    assert found == ["V2-6.6.1-01 (vehicle): tests/sim/test_x.py::test_y does not exist"]


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Makes a test module of a checkout of its own; what is to be known of its test_a."""
    monkeypatch.setattr(collected, "ROOT", tmp_path)
    (tmp_path / "tests").mkdir()

    def write(source: str) -> str:
        (tmp_path / "tests" / "test_m.py").write_text(source)
        collected.forget()
        return "tests/test_m.py::test_a"

    return write


_BODY = "def test_a():\n    assert True\n"


@pytest.mark.parametrize(
    "source",
    [
        f"@pytest.mark.skip(reason='later')\n{_BODY}",
        f"@pytest.mark.skip\n{_BODY}",
        f"@pytest.mark.skipif(True, reason='later')\n{_BODY}",
        f"@pytest.mark.xfail(reason='broken')\n{_BODY}",
        f"@pytest.mark.xfail\n{_BODY}",
        f"later = pytest.mark.skip(reason='later')\n@later\n{_BODY}",
        f"pytestmark = pytest.mark.skip(reason='later')\n{_BODY}",
        f"pytestmark = [pytest.mark.soak, pytest.mark.xfail]\n{_BODY}",
        "def test_a():\n    pytest.skip('later')\n    assert True\n",
    ],
)
def test_a_test_that_never_counts_is_seen(module: Callable[[str], str], source: str) -> None:
    test = module(source)
    assert collected.unfit([test]) == {test: "is always skipped or expected to fail"}


@pytest.mark.parametrize(
    "source",
    [
        _BODY,
        f"@pytest.mark.skipif(not X.is_dir(), reason='no X here')\n{_BODY}",
        f"@pytest.mark.parametrize('a', [1])\n{_BODY}",
        f"pytestmark = pytest.mark.soak\n{_BODY}",
        "async def test_a():\n    assert True\n",
    ],
)
def test_a_test_that_counts_somewhere_is_fit(module: Callable[[str], str], source: str) -> None:
    assert collected.unfit([module(source)]) == {}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("tests/test_m.py::test_b", "does not exist"),
        ("tests/test_n.py::test_a", "is in no test module"),
        ("tests/m.py::test_a", "is in no test module"),
        ("src/test_m.py::test_a", "is in no test module"),
    ],
)
def test_a_test_that_is_not_there_is_seen(module: Callable[[str], str], name: str, reason: str) -> None:
    module(_BODY)
    assert collected.unfit([name]) == {name: reason}


def test_what_runs_with_soak_only_is_said(module: Callable[[str], str]) -> None:
    assert not collected.is_soak(module(_BODY))
    assert collected.is_soak(module(f"@pytest.mark.soak\n{_BODY}"))


def test_a_page_out_of_date_is_seen() -> None:
    changed = [replace(CHAPTERS[0], title="Another"), *CHAPTERS[1:]]
    assert write_conformance.page(changed) != write_conformance.page(CHAPTERS)
