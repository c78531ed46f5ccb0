"""``make setup`` on machines that lack something, and what it shows of a long build."""

from __future__ import annotations

import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from checkout import ROOT

setup = runpy.run_path(str(ROOT / "scripts" / "setup.py"))


def machine(folder: Path, **programs: str) -> dict[str, str]:
    """The environment of a machine that has only these programs."""
    for name, script in programs.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    return {"PATH": str(folder)}


def run_setup(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    shell = shutil.which("sh")
    assert shell is not None
    script = ROOT / "scripts" / "setup.sh"
    return subprocess.run([shell, script], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("python3", [None, "exit 127", "exit 1"], ids=["absent", "a shim of nothing", "too old"])
def test_without_a_suitable_python_setup_says_which_are_and_how_to_get_one(tmp_path: Path, python3: str | None) -> None:
    done = run_setup(machine(tmp_path, **({"python3": python3} if python3 else {})))
    assert done.returncode == 1
    assert "3.11, 3.12 or 3.13" in done.stderr
    assert "python3-venv" in done.stderr
    assert "PYTHON=" in done.stderr


def test_an_unsuitable_python_is_passed_over_for_a_suitable_one(tmp_path: Path) -> None:
    suitable = 'case "$1" in -c) exit 0;; *) echo "runs $1";; esac'
    done = run_setup(machine(tmp_path, python3="exit 1", **{"python3.13": suitable}))
    assert (done.returncode, done.stdout) == (0, "runs scripts/setup.py\n")


@pytest.mark.parametrize(("present", "missing"), [((), "no C compiler"), (("cc",), "no C++ compiler")])
def test_without_a_compiler_setup_says_so_before_anything_else(
    tmp_path: Path, present: tuple[str, ...], missing: str
) -> None:
    environment = machine(tmp_path, **dict.fromkeys(present, "exit 0")) | {"PYTHON": sys.executable}
    done = run_setup(environment)
    assert done.returncode == 1
    assert missing in done.stderr
    assert "build-essential" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_compiler_that_the_user_names_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = machine(tmp_path, **{"my-cc": "exit 0", "my-c++": "exit 0"})
    monkeypatch.setattr(os, "environ", environment | {"CC": "my-cc -m64", "CXX": "my-c++"})
    assert setup["check_compilers"]() is None
    monkeypatch.setenv("CXX", "absent-c++")
    with pytest.raises(setup["SetupError"], match="absent-c"):
        setup["check_compilers"]()


def test_progress_counts_the_builds_steps(capsys: pytest.CaptureFixture[str]) -> None:
    progress = setup["Progress"]()
    setup["Progress"].see.__globals__["_REPORT_EVERY_S"] = 0.0
    progress.see("DEBUG Downloading source distribution: llama-cpp-python")
    progress.see("DEBUG [34/193] /usr/bin/g++ -O3 -c llama.cpp")
    progress.see(None)
    first, second, third = capsys.readouterr().out.splitlines()
    assert "fetching the source" in first
    assert "compiled 34 of 193, 0:0" in second
    assert "compiled 34 of 193, 0:0" in third
