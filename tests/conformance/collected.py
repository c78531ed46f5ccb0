"""Which tests there are, read from their source: the same answer on every machine, and no test is imported."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from matrix import ROOT

Function = ast.FunctionDef | ast.AsyncFunctionDef


def unfit(tests: Iterable[str]) -> dict[str, str]:
    """Of tests named ``tests/….py::test_name``, those that can show nothing, with the reason."""
    reasons = {test: _why_unfit(test) for test in set(tests)}
    return {test: reason for test, reason in reasons.items() if reason}


def is_soak(test: str) -> bool:
    """Whether a test runs only with ``make soak``."""
    file, _, name = test.partition("::")
    function = _functions(ROOT / file).get(name)
    return function is not None and "soak" in [_name(mark) for mark in _marks(ROOT / file, function)]


def forget() -> None:
    """Read the files anew when they are asked for next."""
    _tree.cache_clear()
    _functions.cache_clear()


def _why_unfit(test: str) -> str | None:
    file, _, name = test.partition("::")
    path = ROOT / file
    if not file.startswith("tests/") or not path.name.startswith("test_") or not path.is_file():
        return "is in no test module"
    function = _functions(path).get(name)
    if function is None:
        return "does not exist"
    left_out = any(_leaves_out(mark) for mark in _marks(path, function)) or any(
        ast.unparse(statement).startswith(("pytest.skip(", "pytest.xfail(")) for statement in function.body
    )
    return "is always skipped or expected to fail" if left_out else None


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _functions(path: Path) -> dict[str, Function]:
    return {n.name: n for n in _tree(path).body if isinstance(n, Function) and n.name.startswith("test_")}


def _marks(path: Path, function: Function) -> list[ast.expr]:
    """The function's decorators and the module's marks, those with a name of their own looked up."""
    names = {
        target.id: node.value
        for node in _tree(path).body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    of_module = names.get("pytestmark")
    marks = [*function.decorator_list]
    if isinstance(of_module, ast.List | ast.Tuple):
        marks += of_module.elts
    elif of_module:
        marks.append(of_module)
    return [names.get(mark.id, mark) if isinstance(mark, ast.Name) else mark for mark in marks]


def _name(mark: ast.expr) -> str:
    """``x`` of ``pytest.mark.x(…)``."""
    return ast.unparse(mark.func if isinstance(mark, ast.Call) else mark).removeprefix("pytest.mark.")


def _leaves_out(mark: ast.expr) -> bool:
    """Whether a mark skips the test, or expects its failure, under all conditions."""
    condition = mark.args[0] if isinstance(mark, ast.Call) and mark.args else None
    certain = condition is None or (isinstance(condition, ast.Constant) and bool(condition.value))
    return _name(mark) == "skip" or (_name(mark) in ("skipif", "xfail") and certain)
