"""A planner on the site: the same service as in the cloud, with a language model of this machine.

It is a process of its own, since it needs as much memory as the agent and must not take it down. It is started when a
request comes for it, and ended when none has come for a while, with the agent, or when the agent dies.
"""

from __future__ import annotations

import logging
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO

from banksman_edge.errors import PlannerError, RecalledError
from banksman_edge.plans.client import NEVER, Driven, PlannerClient
from banksman_edge.thread_priority import NICENESS
from banksman_shared.plans import FleetSnapshot, Plan, PlanRequest

log = logging.getLogger(__name__)

IDLE_S = 900.0
"""Longer than an operator takes to approve a plan."""
END_S = 5.0
_POLL_S = 0.2
_URL = " at http://"
_PROGRAM = """
import os, sys, threading
def follow():
    sys.stdin.buffer.read()
    os._exit(0)
threading.Thread(target=follow, daemon=True).start()
from banksman_shared.cli import main
main()
"""
"""The command, which ends when its input does: that is when the agent is gone, however it went."""
_SERVE = ("planner", "serve", "--provider", "local", "--host", "127.0.0.1", "--port", "0")


class SitePlanner:
    """Starts the planner when it is needed. See :class:`Planner`; a context manager.

    Its token is in its environment alone, and so is nothing with which it could ask anybody else.
    """

    def __init__(self, *, idle_s: float = IDLE_S, program: str = _PROGRAM) -> None:
        self._idle_s, self._program = idle_s, program
        self._lock = threading.RLock()
        self._process: subprocess.Popen[str] | None = None
        self._client: PlannerClient | None = None
        self._idle: threading.Timer | None = None
        self._closed = False

    def propose(
        self,
        request: PlanRequest,
        key: str,
        deadline_s: float,
        on_change: Callable[[Plan], None],
        recalled: threading.Event = NEVER,
    ) -> Plan:
        """See :class:`Planner`. A planner that dies over it is started once more."""
        ends = time.monotonic() + deadline_s
        try:
            for last in (False, True):
                client = self._running(ends, recalled)
                try:
                    return client.propose(request, key, max(0.0, ends - time.monotonic()), on_change, recalled)
                except PlannerError as error:
                    if last or self._is_running() or isinstance(error, RecalledError):
                        raise
                    log.warning("the planner on this site ended while it planned; it is started again")
        finally:
            self._rest()
        raise AssertionError("unreachable")

    def approve(self, plan: Plan, fleet: FleetSnapshot) -> Plan:
        """See :class:`Planner`."""
        return self._still_running().approve(plan, fleet)

    def report(self, plan_id: str, state: Driven, detail: str = "") -> None:
        """See :class:`Planner`."""
        self._still_running().report(plan_id, state, detail)

    def cancel(self, plan_id: str) -> None:
        """See :class:`Planner`."""
        self._still_running().cancel(plan_id)

    def ready(self) -> bool:
        """See :class:`Planner`."""
        return not self._closed

    def close(self) -> None:
        """End the planner. Safe to call twice."""
        with self._lock:
            self._closed = True
            if self._idle is not None:
                self._idle.cancel()
        self._end()

    # The process

    def _running(self, ends: float, recalled: threading.Event = NEVER) -> PlannerClient:
        """The planner, started and ready by ``ends`` on the monotonic clock.

        Raises:
            PlannerError: it is not.
            RecalledError: nobody waits for it any more.
        """
        with self._lock:
            if self._idle is not None:
                self._idle.cancel()
            if self._closed:
                raise PlannerError("the planner on this site has been closed", retryable=True)
            if not self._is_running() or self._client is None:
                self._end()
                self._client = self._start()
            client, process = self._client, self._process
        while not client.ready():
            if process is None or process.poll() is not None:
                raise PlannerError("the planner on this site does not start; its output says why", retryable=True)
            if time.monotonic() > ends:
                said = "the planner on this site was not ready in time; ask again"
                raise PlannerError(said, code="slow", reason="slow")
            if recalled.wait(_POLL_S):
                raise RecalledError
        return client

    def _start(self) -> PlannerClient:
        token = secrets.token_urlsafe(24)
        ours = ("BANKSMAN_PLANNER", "OPENAI_", "ANTHROPIC_", "GEMINI_", "GOOGLE_", "OTEL_")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        process = subprocess.Popen(  # noqa: S603  ourselves
            [sys.executable, "-c", self._program, *_SERVE],
            env=environment | {"BANKSMAN_PLANNER_TOKEN": token},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
        self._process = process
        assert process.stdout is not None  # noqa: S101  it is a pipe
        line = next((line for line in process.stdout if _URL in line), "")
        if not line:
            raise PlannerError("the planner on this site does not start; its output says why", retryable=True)
        threading.Thread(target=_drain, args=(process.stdout,), name="site-planner", daemon=True).start()
        log.info("a planner has been started on this site")
        return PlannerClient("http://" + line.rpartition(_URL)[2].strip(), token)

    def _is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _still_running(self) -> PlannerClient:
        with self._lock:
            if self._client is None or not self._is_running():
                said = "the planner on this site has ended, and its plans with it; ask again"
                raise PlannerError(said, reason="gone")
            return self._client

    def _rest(self) -> None:
        """End it, unless somebody asks again before long."""
        with self._lock:
            if self._idle is not None:
                self._idle.cancel()
            if not self._closed:
                self._idle = threading.Timer(self._idle_s, self._end)
                self._idle.daemon = True
                self._idle.start()

    def _end(self) -> None:
        with self._lock:
            process, client, self._process, self._client = self._process, self._client, None, None
        if client is not None:
            client.close()
        if process is None:
            return
        process.terminate()
        try:
            process.wait(END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _drain(pipe: IO[str]) -> None:
    """Read on, so that the planner never waits for a reader."""
    try:
        for _ in pipe:
            pass
    except ValueError:  # closed meanwhile
        return
