"""What a reader of the source may rely on: short modules, short functions, nothing of anybody's machine."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from checkout import PACKAGES, ROOT, files, modules

MODULE_LINES = 320
FUNCTION_LINES = 50
# The classes keep this line from matching itself.
OF_A_MACHINE = re.compile(
    r"/wor[k]/|/far[m]/|/roo[t]/|/tm[p]/[a-z]|pyp[i]\.org|pythonhost[e]d|npmj[s]\.|deb\.debia[n]"
    r"|huggingface\.co/.*resolv[e]"
)


def long_rooms(module: Path) -> Iterator[str]:
    """What in a module is longer than a reader's patience."""
    source = module.read_text(encoding="utf-8")
    if (length := len(source.splitlines())) > MODULE_LINES:
        yield f"{module.name}: {length} lines"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                yield f"{module.name}:{node.lineno} {node.name}: {length} lines"


def addresses(text: str) -> list[str]:
    """Lines that name a path of a machine or a registry's address."""
    return [line.strip()[:120] for line in text.splitlines() if OF_A_MACHINE.search(line)]


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_and_functions_are_short(package: str) -> None:
    assert [found for module in modules(package) for found in long_rooms(module)] == []


def test_a_long_function_and_a_long_module_are_found(tmp_path: Path) -> None:
    module = tmp_path / "long.py"
    module.write_text("def patience():\n" + "    pass\n" * FUNCTION_LINES + "\n" * MODULE_LINES)
    assert list(long_rooms(module)) == ["long.py: 371 lines", "long.py:1 patience: 51 lines"]


def test_no_file_names_a_path_of_a_machine_or_a_registry() -> None:
    found = {}
    for file in files():
        try:
            lines = addresses(file.read_text(encoding="utf-8"))
        except UnicodeDecodeError:
            continue
        if lines:
            found[str(file.relative_to(ROOT))] = lines
    assert found == {}


@pytest.mark.parametrize("parts", [("/wor", "k/main"), ("see /tm", "p/x"), ("https://pyp", "i.org/simple")])
def test_such_a_path_or_address_is_found(parts: tuple[str, str]) -> None:
    line = "".join(parts)
    assert addresses(f"first\n{line}\n") == [line]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="only a git checkout tracks files")
def test_git_tracks_nothing_that_is_to_be_ignored() -> None:
    listing = ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"]
    tracked = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert tracked[:10] == []
