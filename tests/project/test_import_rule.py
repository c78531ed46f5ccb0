"""Edge, cloud and simulator know each other by what they send, never by import."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from checkout import PACKAGES, modules

MAY_IMPORT = {
    "banksman_shared": set(),
    "banksman_edge": {"banksman_shared"},
    "banksman_cloud": {"banksman_shared"},
    "banksman_firmware_sim": {"banksman_shared"},
}


def imported(module: Path) -> set[str]:
    """The top-level packages that a module imports, anywhere in it; relative imports stay within its package."""
    names: list[str] = []
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=aliases):
                names += [alias.name for alias in aliases]
            case ast.ImportFrom(module=str(name), level=0):
                names.append(name)
            case ast.Call(func=ast.Name(id="__import__") | ast.Attribute(attr="import_module"), args=[first, *_]):
                names += [str(first.value)] if isinstance(first, ast.Constant) else []
    return {name.partition(".")[0] for name in names}


def violations(package: str, module: Path) -> set[str]:
    """What a module of a package imports of ours and may not."""
    return (imported(module) & PACKAGES.keys()) - MAY_IMPORT[package] - {package}


def test_the_table_names_every_package_of_the_project() -> None:
    assert MAY_IMPORT.keys() == PACKAGES.keys()
    assert all(modules(package) for package in PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_the_rule_allows(package: str) -> None:
    assert {str(module): found for module in modules(package) if (found := violations(package, module))} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import banksman_edge",
        "import json, banksman_edge.app.agent as agent",
        "from banksman_edge.fleet import master",
        "def late():\n    from banksman_edge import agent\n    return agent",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import banksman_edge.app.agent",
        "import importlib\nimportlib.import_module('banksman_edge.app.agent')",
        "__import__('banksman_edge')",
    ],
)
def test_a_planted_violation_is_found(source: str, tmp_path: Path) -> None:
    module = tmp_path / "planted.py"
    module.write_text(source)
    assert violations("banksman_cloud", module) == {"banksman_edge"}
    assert violations("banksman_shared", module) == {"banksman_edge"}
    assert violations("banksman_edge", module) == set()


def test_what_is_allowed_is_not_reported(tmp_path: Path) -> None:
    module = tmp_path / "innocent.py"
    module.write_text("from banksman_shared import clock\nfrom . import agent\nimport json\nbanksman_edge = 'a word'")
    assert violations("banksman_cloud", module) == set()
