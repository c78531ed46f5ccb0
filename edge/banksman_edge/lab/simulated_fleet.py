"""The other processes of the demo: simulator and planner, started and ended with it."""

from __future__ import annotations

import logging
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from banksman_shared.broker import free_port
from banksman_shared.errors import BanksmanError

log = logging.getLogger(__name__)

PATIENCE_S = 180.0
"""How long a part may take to come up; the planner loads a gigabyte."""


@dataclass(frozen=True, slots=True)
class PlannerAddress:
    url: str
    token: str

    def wait(self) -> None:
        """Wait until its model is loaded.

        Raises:
            BanksmanError: it does not come up.
        """
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5, trust_env=False).is_success:
                    return
            except httpx.HTTPError as error:
                log.debug("the planner is not up yet: %s", error)
            time.sleep(0.3)
        raise BanksmanError(f"the planner at {self.url} did not get ready within {PATIENCE_S:.0f} s")


@contextmanager
def simulator(mqtt_url: str, site: Path, speed_up: float) -> Iterator[None]:
    """``banksman sim run`` for as long as the context lasts."""
    with _banksman("sim", "run", "--mqtt", mqtt_url, "--site", str(site), "--speed-up", str(speed_up)):
        yield


@contextmanager
def planner() -> Iterator[PlannerAddress]:
    """``banksman planner serve`` with a token of its own, for as long as the context lasts. It needs no key."""
    port, token = free_port(), secrets.token_urlsafe(24)
    with tempfile.TemporaryDirectory() as folder:
        own = {"BANKSMAN_PLANNER_TOKEN": token, "BANKSMAN_PLANNER_DATABASE": f"sqlite:///{folder}/planner.sqlite"}
        # Nobody expects a demo to spend money, whatever keys lie in the environment.
        with _banksman("planner", "serve", "--port", str(port), "--provider", "local", **own):
            yield PlannerAddress(f"http://127.0.0.1:{port}", token)


@contextmanager
def _banksman(*arguments: str, **environment: str) -> Iterator[None]:
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603  our own command
            [sys.executable, "-m", "banksman_shared.cli", *arguments],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            yield
            if process.poll() is not None:
                output.seek(0)
                said = output.read().decode("utf-8", "replace").strip().splitlines()
                raise BanksmanError(
                    f"banksman {' '.join(arguments[:2])} ended early: {said[-1] if said else 'silently'}"
                )
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
