"""The client of a planner, against a server that writes down what it is asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from banksman_edge import PlannerClient
from banksman_edge.errors import PlannerError


class _Paths(HTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Paths

    def do_GET(self) -> None:
        self.server.asked.append(f"{self.command} {self.path}")
        self.send_error(404)

    def do_DELETE(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Not on the tests' output."""


@pytest.fixture
def server() -> Iterator[_Paths]:
    with _Paths() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("prefix", ["", "/", "/banksman", "/eu/banksman/"])
def test_a_planner_may_be_at_a_path_of_its_server(server: _Paths, prefix: str) -> None:
    client = PlannerClient(f"http://127.0.0.1:{server.server_port}{prefix}", "token")
    assert not client.ready()
    with pytest.raises(PlannerError, match="refused"):
        client.cancel("p-1")
    client.close()
    at = prefix.rstrip("/")
    assert server.asked == [f"GET {at}/readyz", f"DELETE {at}/v1/plans/p-1"]
