"""Other people's implementations of VDA 5050, each in a process of its own.

npm vda-5050-lib is fetched on first use into ``build/``, PyPI vda5050-sdk comes with the extra "dev".
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, Self

import pytest
from filelock import FileLock
from interop_world import Json, Log

from banksman_shared.vda5050 import VehicleAddress

NPM_PACKAGE, NPM_VERSION = "vda-5050-lib", "1.4.0"
NPM_FOLDER = Path(__file__).parents[2] / "build" / "peers"
PROGRAMS = Path(__file__).parent / "peers"
ENDING_S = 10.0

Role = Literal["master", "vehicle"]


class Peer:
    """A program that speaks VDA 5050 on the broker and JSON lines with the test."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        self.events, self._complaints = Log(), Log()
        self._process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self._readers = [
            threading.Thread(target=self._read, args=(self._process.stdout, json.loads, self.events)),
            threading.Thread(target=self._read, args=(self._process.stderr, _complaint, self._complaints)),
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _read(pipe: Any, parse: Callable[[str], Json], log: Log) -> None:
        for line in pipe:
            log.add(parse(line))

    def __enter__(self) -> Self:
        try:
            self.expect("ready")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it may have crashed, which the test shall report
            self._process.stdin.close()
        try:
            self._process.wait(ENDING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for reader in self._readers:
            reader.join()
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            pipe.close()

    def tell(self, what: str, **details: object) -> None:
        """Give it a command."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **details}) + "\n")
        self._process.stdin.flush()

    def expect(self, event: str, **details: object) -> Json:
        """The event, once it has come."""
        wanted = {"event": event, **details}
        try:
            return self.events.wait(lambda entry: wanted.items() <= entry.items())
        except AssertionError as error:
            raise AssertionError(f"no {wanted}: {error}; it complains: {self._complaints.all()[-3:]}") from None

    def unread(self, address: VehicleAddress) -> list[Json]:
        """What it could not read of what it heard from a vehicle, by its own account."""
        topics = f"/{address.manufacturer}/{address.serial_number}/"
        complaints = [complaint for complaint in self._complaints.all() if topics in complaint["line"]]
        invalid = [event for event in self.events.all() if event["event"] == "invalid"]
        return complaints + [event for event in invalid if event["serialNumber"] == address.serial_number]


def _complaint(line: str) -> Json:
    return {"line": line}


def vda_5050_lib(role: Role, url: str) -> Peer:
    """npm vda-5050-lib, which speaks VDA 5050 2.0.0."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None:
        pytest.skip(f"node is not installed, which runs the peer {NPM_PACKAGE}")
    modules = NPM_FOLDER / "node_modules"
    NPM_FOLDER.parent.mkdir(exist_ok=True)
    with FileLock(NPM_FOLDER.with_suffix(".lock")):  # another worker may be fetching it
        if not (modules / NPM_PACKAGE / "package.json").is_file():
            if npm is None:
                pytest.skip(f"npm is not installed, which fetches the peer {NPM_PACKAGE}")
            _fetch(npm)
    return Peer([node, str(PROGRAMS / f"vda_lib_{role}.cjs"), url], {**os.environ, "NODE_PATH": str(modules)})


def _fetch(npm: str) -> None:
    NPM_FOLDER.mkdir(parents=True, exist_ok=True)
    options = ["--no-package-lock", "--no-audit", "--no-fund", "--fetch-retries=1", "--prefix", str(NPM_FOLDER)]
    command = [npm, "install", *options, f"{NPM_PACKAGE}@{NPM_VERSION}"]
    fetching = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    if fetching.returncode:
        pytest.skip(f"npm could not fetch {NPM_PACKAGE} {NPM_VERSION}: {fetching.stderr.strip()[:300]}")


def vda5050_sdk(role: Role, url: str) -> Peer:
    """PyPI vda5050-sdk, which speaks VDA 5050 2.1.0."""
    if importlib.util.find_spec("vda5050") is None or importlib.util.find_spec("aiomqtt") is None:
        pytest.skip("vda5050-sdk[mqtt] is not installed; it comes with the extra 'dev'")
    return Peer([sys.executable, str(PROGRAMS / f"sdk_{role}.py"), url], os.environ)


PEERS: Mapping[str, tuple[Callable[[Role, str], Peer], str]] = {
    "vda-5050-lib": (vda_5050_lib, "2.0.0"),
    "vda5050-sdk": (vda5050_sdk, "2.1.0"),
}
"""How to start each peer, and the version of the standard that it speaks."""
