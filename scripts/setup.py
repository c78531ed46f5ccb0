"""Make ``.venv`` from nothing but this Python and a C/C++ compiler: what ``make setup`` runs.

Everything comes from ``requirements.lock``, with its hashes. llama-cpp-python exists as source only and takes
minutes to compile, so it is installed first, with its progress shown; uv keeps the wheel for later environments.
"""

from __future__ import annotations

import os
import queue
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "installed"
COMPILED = "llama-cpp-python"
_NINJA_STEP = re.compile(r"\[(\d+)/(\d+)\] ")
_REPORT_EVERY_S = 15.0


class SetupError(Exception):
    """What is missing on this machine, or went wrong, in a sentence."""


def pinned(lock: str, name: str) -> str:
    """The entry of one package in a lock: its version and its hashes."""
    found = re.search(rf"^{re.escape(name)}==.*(?:\n[ \t]+.*)*", lock, re.MULTILINE)
    if found is None:
        raise SetupError(f"requirements.lock does not pin {name}: restore the lock of the last commit")
    return found[0] + "\n"


def check_compilers() -> None:
    """Raise unless a C and a C++ compiler are on the path."""
    for language, variable, names in (("C", "CC", ("cc", "gcc", "clang")), ("C++", "CXX", ("c++", "g++", "clang++"))):
        chosen = shlex.split(os.environ.get(variable, ""))[:1] or names
        if not any(shutil.which(name) for name in chosen):
            raise SetupError(
                f"no {language} compiler ({', '.join(chosen)}), which {COMPILED} is built with: "
                "install one (Debian, Ubuntu: apt-get install build-essential)"
            )


def make_environment() -> None:
    """Make ``.venv`` with this Python, unless it is there already."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if PYTHON.exists() and (VENV / "bin" / f"pip{version}").exists():
        return
    print(f"setup: making .venv with Python {version}", flush=True)
    venv.create(VENV, with_pip=True, clear=True)


def run(*command: str | Path) -> None:
    """Run a command that prints for itself."""
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise SetupError(f"'{Path(command[0]).name} {' '.join(map(str, command[1:]))}' failed: see above")


def install_uv(lock: str) -> None:
    """Install the locked version of uv with pip, which checks its hash."""
    entry = pinned(lock, "uv")
    version = entry.split()[0].partition("==")[2]
    if UV.exists() and subprocess.run([UV, "--version"], capture_output=True, text=True, check=False).stdout.split()[
        1:2
    ] == [version]:
        return
    print(f"setup: installing uv {version}", flush=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements:
        requirements.write(entry)
        requirements.flush()
        pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        run(*pip, "--require-hashes", "--no-deps", "-r", requirements.name)


def _lines(process: subprocess.Popen[str]) -> Iterator[str | None]:
    """What a process prints, line by line, and None in every second without any, until it closes its output."""
    assert process.stdout is not None  # noqa: S101  it is a pipe
    source, lines = process.stdout, queue.SimpleQueue[str | None]()

    def read() -> None:
        for line in source:
            lines.put(line.rstrip())
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=1.0)
        except queue.Empty:
            yield None
            continue
        if line is None:
            return
        yield line


class Progress:
    """One line that grows on a terminal; a line now and then elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self._start = self._reported = time.monotonic()
        self._step = "fetching the source"

    def see(self, line: str | None) -> None:
        """Take a line of the build, or None as time goes by."""
        if line and (step := _NINJA_STEP.search(line)):
            self._step = f"compiled {step[1]} of {step[2]}"
        now = time.monotonic()
        if now - self._reported >= (0.2 if self._terminal else _REPORT_EVERY_S):
            self._reported = now
            self._show(now)

    def _show(self, now: float) -> None:
        minutes, seconds = divmod(int(now - self._start), 60)
        text = f"setup: {COMPILED}: {self._step}, {minutes}:{seconds:02d} (once per machine; some minutes)"
        print(f"\r\x1b[K{text}" if self._terminal else text, end="" if self._terminal else "\n", flush=True)

    def end(self) -> None:
        """Leave the terminal on a line of its own."""
        if self._terminal:
            print("\r\x1b[K", end="", flush=True)


def install_compiled(lock: str) -> None:
    """Install llama-cpp-python with its progress shown; its whole output goes to a log in ``.venv``."""
    log_path, progress = VENV / f"{COMPILED}.log", Progress()
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as requirements, log_path.open("w") as log:
        requirements.write(pinned(lock, COMPILED))
        requirements.flush()
        command = (UV, "pip", "install", "-v", "--color", "never", "--python", PYTHON)
        process = subprocess.Popen(
            [*command, "--require-hashes", "--no-deps", "-r", requirements.name],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        for line in _lines(process):
            if line is not None:
                print(line, file=log)
            progress.see(line)
        progress.end()
    if process.wait() != 0:
        said = [line for line in log_path.read_text().splitlines() if not line.startswith("DEBUG") or "error:" in line]
        print("\n".join(said[-40:]), file=sys.stderr)
        raise SetupError(
            f"{COMPILED} could not be installed: see above, and {log_path.relative_to(ROOT)} for all of it"
        )


def main() -> None:
    """Bring ``.venv`` to the state of the lock, and stamp it."""
    check_compilers()
    make_environment()
    lock = LOCK.read_text()
    install_uv(lock)
    install_compiled(lock)
    install = (UV, "pip", "install", "--python", PYTHON)
    run(*install, "--require-hashes", "--no-deps", "-r", LOCK)
    run(*install, "--no-deps", "--editable", ROOT)
    STAMP.touch()
    print("setup: .venv is ready", flush=True)


if __name__ == "__main__":
    try:
        main()
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
