"""The lock: complete, verifiable, free of addresses, and current."""

from __future__ import annotations

import re
import runpy

import pytest
from checkout import ROOT
from packaging.requirements import Requirement

LOCK = (ROOT / "requirements.lock").read_text()
PYPROJECT = (ROOT / "pyproject.toml").read_text()
LINUX = {"sys_platform": "linux", "platform_system": "Linux"}
lock = runpy.run_path(str(ROOT / "scripts" / "lock.py"))


def entries(text: str = LOCK) -> dict[str, list[tuple[Requirement, list[str]]]]:
    """Per name the pins of a lock and their hashes."""
    found: dict[str, list[tuple[Requirement, list[str]]]] = {}
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    for entry in lines.replace("\\\n", " ").splitlines():
        requirement, *hashes = entry.split(" --hash=")
        pin = Requirement(requirement.strip())
        found.setdefault(pin.name, []).append((pin, [h.strip() for h in hashes]))
    return found


def test_every_entry_pins_one_version_and_has_hashes() -> None:
    pins = [pin for of_name in entries().values() for pin in of_name]
    assert len(pins) > 100
    assert [str(pin) for pin, _ in pins if not re.fullmatch(r"==[^,*]+", str(pin.specifier))] == []
    assert [
        str(pin)
        for pin, hashes in pins
        if not hashes or not all(re.fullmatch(r"sha256:[0-9a-f]{64}", h) for h in hashes)
    ] == []


def test_the_lock_names_no_address_and_sets_no_index() -> None:
    assert "://" not in LOCK
    assert not re.search(r"^-", LOCK, re.MULTILINE)
    assert " @ " not in LOCK


def test_on_linux_the_lock_has_one_onnx_runtime() -> None:
    named = {name: pins for name, pins in entries().items() if name.startswith("onnxruntime")}
    here = [name for name, pins in named.items() for pin, _ in pins if not pin.marker or pin.marker.evaluate(LINUX)]
    assert here == ["onnxruntime-gpu"]


@pytest.mark.parametrize("name", ["uv", "llama-cpp-python"])
def test_what_setup_installs_first_is_found_in_the_lock_with_its_hashes(name: str) -> None:
    setup = runpy.run_path(str(ROOT / "scripts" / "setup.py"))
    assert entries(setup["pinned"](LOCK, name)) == {name: entries()[name]}


def test_the_lock_is_as_new_as_pyproject() -> None:
    assert lock["is_current"](LOCK, PYPROJECT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"click>=8.2"', '"click>=8.3"'),
        ('"uvicorn>=0.34"', '"uvicorn>=0.34", "attrs"'),
        ('requires-python = ">=3.11"', 'requires-python = ">=3.12"'),
        ("onnxruntime; sys_platform != 'linux'", "onnxruntime; sys_platform == 'never'"),
    ],
)
def test_a_changed_requirement_makes_the_lock_out_of_date(old: str, new: str) -> None:
    assert old in PYPROJECT
    assert not lock["is_current"](lock["heading"](PYPROJECT), PYPROJECT.replace(old, new))


def test_a_changed_setting_of_a_tool_does_not() -> None:
    changed = PYPROJECT.replace("line-length = 120", "line-length = 100")
    assert changed != PYPROJECT
    assert lock["is_current"](lock["heading"](PYPROJECT), changed)


def test_a_lock_without_heading_is_out_of_date() -> None:
    assert not lock["is_current"](LOCK.partition("\n")[2], PYPROJECT)
