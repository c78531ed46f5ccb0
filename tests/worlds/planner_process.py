"""Planners as processes of their own, to be killed, and the Postgres that they may share."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx
from planner_world import TOKEN, fleet_of, vehicle, yard_document

from banksman_shared.broker import free_port

SERVE = [sys.executable, "-c", "from banksman_shared.cli import main; main()", "planner", "serve"]
_NOBODY = 65534


class PlannerProcess:
    """``banksman planner serve`` on one database, with a hosted model at ``model_url``."""

    def __init__(self, database: str, model_url: str, folder: Path, **environment: str) -> None:
        self.port = free_port()
        kept = {k: v for k, v in os.environ.items() if not k.startswith("BANKSMAN_PLANNER")}
        own = {"BANKSMAN_PLANNER_DATABASE": database, "BANKSMAN_PLANNER_TOKEN": TOKEN}
        model = {"OPENAI_API_KEY": "sk-key-of-the-planner", "OPENAI_BASE_URL": f"{model_url}/v1"}
        # However long a busy machine takes to start it again, and however fast an idle one is asked.
        patient = {"BANKSMAN_PLANNER_TIMEOUT_S": "7200", "BANKSMAN_PLANNER_REQUESTS_PER_MINUTE": "1000000"}
        # A call that a crash cuts off counts at its most: three of them are a plan's budget, eighty a site's.
        rich = {"BANKSMAN_PLANNER_PLAN_USD": "1000", "BANKSMAN_PLANNER_SITE_USD_PER_DAY": "1000"}
        self._environment = kept | own | model | patient | rich | {"BANKSMAN_PLANNER_SOLVE_S": "0.3"} | environment
        self._log = folder / f"planner-{self.port}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30
        )

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*SERVE, "--port", str(self.port), "--provider", "openai"],
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait_ready(self) -> None:
        for _ in range(1200):
            assert self._process is not None
            assert self._process.poll() is None, self.log()
            if self.status("/readyz") == 200:
                return
            time.sleep(0.1)
        raise AssertionError(f"the planner did not get ready: {self.log()}")

    def status(self, path: str) -> int:
        """0 while nobody answers."""
        try:
            return self.http.get(path).status_code
        except httpx.TransportError:
            return 0

    def kill(self) -> None:
        """As a crash would: nothing is put in order."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def close(self) -> None:
        self.kill()
        self.http.close()

    def log(self) -> str:
        return self._log.read_text()

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)

    def ask(self, key: str) -> str:
        """The id of the plan that was asked for with this key, however often that takes."""
        fleet = fleet_of(vehicle(1, "D"), vehicle(2, "C")).model_dump(mode="json")
        body = {"request": "carry them", "language": "en", "site": yard_document(), "fleet": fleet}
        for _ in range(600):
            try:
                answer = self.http.post("/v1/plans", json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code == 202:
                return str(answer.json()["id"])
            assert answer is None or answer.status_code == 503, answer.text
            time.sleep(0.1)
        raise AssertionError("the planner takes no plans")

    def plan(self, plan_id: str) -> dict[str, Any]:
        answer = self.http.get(f"/v1/plans/{plan_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def settled(self, plan_id: str) -> dict[str, Any]:
        """The plan once it is no longer worked on."""
        for _ in range(1200):
            plan = self.plan(plan_id)
            if plan["state"] not in ("understanding", "solving"):
                return plan
            time.sleep(0.1)
        raise AssertionError(f"plan {plan_id} stays {plan['state']}: {self.log()}")

    def states(self, plan_id: str) -> list[str]:
        """All states that an ended plan ever was in."""
        self.http.delete(f"/v1/plans/{plan_id}")
        text = self.http.get(f"/v1/plans/{plan_id}/events", headers={"Last-Event-ID": "1"}).text
        kinds = [line[6:].strip() for line in text.splitlines() if line.startswith("event:")]
        data = [line[5:] for line in text.splitlines() if line.startswith("data:")]
        return [httpx.Response(200, text=d).json()["state"] for k, d in zip(kinds, data, strict=True) if k == "plan"]


class Postgres:
    """A cluster of its own, from the system's PostgreSQL or from the one in a wheel."""

    def __init__(self) -> None:
        self._bin = _binaries()
        self._folder = Path(tempfile.mkdtemp(prefix="banksman-pg-"))
        self._port = free_port()
        # PostgreSQL refuses to run as root.
        self._user: dict[str, Any] = {"user": _NOBODY, "group": _NOBODY} if os.geteuid() == 0 else {}
        if self._user:
            os.chown(self._folder, _NOBODY, _NOBODY)
        self._run("initdb", "-D", str(self._folder / "data"), "-U", "banksman", "-A", "trust", "--no-sync")
        self.url = f"postgresql://banksman@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        options = f"-p {self._port} -h 127.0.0.1 -k {self._folder} -c fsync=off -c max_connections=200"
        self._run(
            "pg_ctl", "-D", str(self._folder / "data"), "-o", options, "-l", str(self._folder / "log"), "-w", "start"
        )

    def stop(self) -> None:
        """As a crash would."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-m", "immediate", "-w", "stop")

    def remove(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if program == "initdb" else subprocess.DEVNULL,  # pg_ctl's child would keep a pipe
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            check=False,
            **self._user,
        )
        assert done.returncode == 0, f"{program}: {done.stdout!r}"


@contextmanager
def postgres() -> Iterator[Postgres]:
    cluster = Postgres()
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()
        cluster.remove()


def _binaries() -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if installed:
        return installed[-1].parent
    if found := shutil.which("initdb"):
        return Path(found).parent
    wheel = find_spec("pgserver")
    assert wheel is not None, "no PostgreSQL: install the system's, or the dev extra on a platform that pgserver is for"
    assert wheel.origin is not None
    return Path(wheel.origin).parent / "pginstall" / "bin"
