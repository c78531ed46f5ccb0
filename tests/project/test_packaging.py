"""What an installation brings, and what it must not."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, distribution, distributions, metadata, requires

import onnxruntime
import pytest
from checkout import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HEAVY = {"ctranslate2", "faster-whisper", "llama-cpp-python", "onnxruntime", "onnxruntime-gpu", "torch"}


def brought_by(extra: str) -> set[str]:
    """All distributions that 'banksman[extra]' brings here, by the metadata of what is installed."""
    found: set[str] = set()
    waiting = [("banksman", extra)]
    while waiting:
        name, wanted = waiting.pop()
        try:
            requirements = requires(name) or ()
        except PackageNotFoundError:  # left out by the lock, as onnxruntime is on Linux
            continue
        for requirement in map(Requirement, requirements):
            other = canonicalize_name(requirement.name)
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": wanted}):
                continue
            if other not in found:
                found.add(other)
                waiting += [(other, more) for more in ("", *requirement.extras)]
    return found


def test_exactly_one_onnx_runtime_is_installed_and_it_runs_on_a_cpu() -> None:
    names = [canonicalize_name(d.name) for d in distributions() if canonicalize_name(d.name).startswith("onnxruntime")]
    assert names == ["onnxruntime-gpu" if sys.platform == "linux" else "onnxruntime"]
    assert "CPUExecutionProvider" in onnxruntime.get_available_providers()


def test_the_simulator_installs_without_models_and_without_cuda() -> None:
    brought = brought_by("sim")
    assert "paho-mqtt" in brought
    assert not brought & HEAVY
    assert not {name for name in brought if name.startswith("nvidia-")}


def test_the_cloud_planner_installs_without_recogniser_and_without_cuda() -> None:
    brought = brought_by("cloud")
    assert {"fastapi", "ortools", "starlette"} <= brought
    assert brought & HEAVY == {"llama-cpp-python"}
    assert not {name for name in brought if name.startswith("nvidia-")}


def test_the_edge_brings_what_the_simulator_must_not() -> None:
    assert {"faster-whisper", "ctranslate2", "llama-cpp-python", "onnxruntime-gpu"} <= brought_by("edge")


def test_the_licence_is_in_the_repository_and_named_in_the_metadata() -> None:
    assert "Apache License" in (ROOT / "LICENSE").read_text()
    assert metadata("banksman")["License-Expression"] == "Apache-2.0"
    assert metadata("banksman").get_all("License-File") == ["LICENSE"]


@pytest.mark.parametrize("package", ["banksman_shared", "banksman_edge", "banksman_cloud", "banksman_firmware_sim"])
def test_every_subcommand_belongs_to_a_package_of_ours(package: str) -> None:
    commands = [e for e in distribution("banksman").entry_points if e.group == "banksman.commands"]
    assert [entry.name for entry in commands if entry.module.split(".")[0] == package]
