"""The console on a port, on a thread of its own."""

from __future__ import annotations

import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import uvicorn

from banksman_edge.console.app import create_app
from banksman_edge.console.host import ConsoleHost
from banksman_edge.errors import ConsoleError

STARTING_S, CLOSING_S = 15.0, 5.0
MOST_MESSAGE = 1 << 16
"""Bytes of one message of a browser: two seconds of sound."""


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """Where the console listens. ``origins``: further addresses by which browsers reach it, such as
    ``https://console.site.example``. ``certificate`` and ``key``: PEM files; browsers give no microphone to pages
    without TLS, but to those of their own machine."""

    host: str = "127.0.0.1"
    port: int = 0
    origins: tuple[str, ...] = ()
    certificate: Path | None = None
    key: Path | None = None


class ConsoleServer:
    """Serves the page and its interface for as long as the context lasts."""

    def __init__(self, agent: ConsoleHost, settings: ConsoleSettings) -> None:
        self._settings = settings
        self._socket: socket.socket | None = None
        self._app = create_app(agent, origins=settings.origins, secure=settings.certificate is not None)
        config = uvicorn.Config(
            self._app,
            log_config=None,
            access_log=False,
            server_header=False,
            ws="websockets-sansio",
            ws_max_size=MOST_MESSAGE,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=2,
            ssl_certfile=settings.certificate,
            ssl_keyfile=settings.key,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="console", daemon=True)

    @property
    def url(self) -> str:
        """Where its page is."""
        scheme = "https" if self._settings.certificate else "http"
        port = self._socket.getsockname()[1] if self._socket else self._settings.port
        host = self._settings.host
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/"

    def _run(self) -> None:
        if self._socket:
            self._server.run([self._socket])

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self._settings.host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        where = f"{self._settings.host}:{self._settings.port}"
        try:
            self._socket.bind((self._settings.host, self._settings.port))
        except OSError as error:
            self._socket.close()
            raise ConsoleError(
                f"the console cannot listen on {where}: {error.strerror}; choose another port"
            ) from error
        self._thread.start()
        ends = time.monotonic() + STARTING_S
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > ends:
                self.__exit__(None, None, None)
                raise ConsoleError(f"the console did not start on {where}; see the log")
            time.sleep(0.01)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(CLOSING_S)
        if self._socket:
            self._socket.close()
