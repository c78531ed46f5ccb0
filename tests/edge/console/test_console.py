"""The console's interface with real clients: what a page is told, who may do what, and how wrong requests are taken."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

import httpx
import numpy as np
import pytest
from edge_world import FleetDouble, Recorder, agent_of
from escalation_world import Dispatcher, planner
from operators_world import PIN, with_people
from stream_world import in_a_room, quiet, spoken
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from banksman_edge import Agent, PlannerClient, Sound, Transcript
from banksman_edge.console import ConsoleServer, ConsoleSettings
from banksman_edge.console.documents import vehicle_document
from banksman_edge.console.visitors import MOST, Visitors
from banksman_edge.errors import ConsoleError
from banksman_shared.clock import SystemClock
from banksman_shared.site import Site

ORDER = "forklift three, go to dock two"
MOVE = {"action": "move", "vehicles": ["forklift-3"], "to": "dock-2"}
PATIENCE_S = 60


class Ears:
    """Hears the same order in every sound."""

    def transcribe(self, _sound: Sound) -> Transcript:
        return Transcript(ORDER, "en", 0.95)


class Browser:
    """Keeps its cookie, and opens websockets with it."""

    def __init__(self, url: str, opened: ExitStack) -> None:
        self.http = opened.enter_context(httpx.Client(base_url=url, timeout=PATIENCE_S))
        self._url, self._opened = url, opened
        self.http.get("/api/v1/session")

    def open(self, tab: str = "1", **hello: Any) -> ClientConnection:
        cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        page = self._opened.enter_context(
            connect(
                f"{self._url.replace('http', 'ws')}api/v1/stream",
                open_timeout=PATIENCE_S,
                additional_headers={"Cookie": cookies} if cookies else {},
            )
        )
        page.send(json.dumps({"type": "hello", "tab": tab, **hello}))
        return page

    def sign_in(self, operator: str, pin: str = PIN) -> httpx.Response:
        return self.http.post("/api/v1/session", json={"operator": operator, "pin": pin})


@pytest.fixture
def served(fleet: FleetDouble, heard: Recorder) -> Iterator[Callable[..., Browser]]:
    """Serves an agent of a site, and gives a browser there."""
    with ExitStack() as opened:
        servers: dict[int, ConsoleServer] = {}

        def serve(site: Site, planner: Any = None, **settings: Any) -> Browser:
            if id(site) not in servers:
                agent: Agent = opened.enter_context(agent_of(site, fleet, heard, recogniser=Ears(), planner=planner))
                servers[id(site)] = opened.enter_context(ConsoleServer(agent, ConsoleSettings(**settings)))
            return Browser(servers[id(site)].url, opened)

        yield serve


def send(page: ClientConnection, kind: str, **message: Any) -> None:
    page.send(json.dumps({"type": kind, **message}))


def until(page: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of a type; what comes before is let go."""
    while True:
        message: dict[str, Any] = json.loads(page.recv(timeout=PATIENCE_S))
        if message["type"] == kind:
            return message


def test_what_is_written_is_done_and_told_to_its_page(served: Any, site: Site, fleet: FleetDouble) -> None:
    page = served(site).open(language="en")
    ready = until(page, "ready")
    assert (ready["sees"], ready["operator"], ready["hears"]) == (True, None, False)
    whole = until(page, "fleet")
    assert whole["whole"]
    assert {each["id"] for each in whole["vehicles"]} <= set(fleet.views)
    send(page, "say", text=ORDER, id="one")
    assert until(page, "decision")["command"] == MOVE
    assert until(page, "reply")["mine"]
    assert fleet.given()[0][0].destination == "dock-2"


def test_what_is_chosen_needs_no_reader(served: Any, site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    page = served(site).open()
    send(page, "order", command=MOVE, id="two")
    decision = until(page, "decision")
    assert (decision["id"], decision["command"]) == ("two", MOVE)
    assert len(fleet.given()) == 1
    assert heard.of("utterance", "two")[0].device == until(page, "reply")["device"]


def test_speech_is_taken_while_the_button_is_held(served: Any, site: Site, speech: Any, fleet: FleetDouble) -> None:
    page = served(site).open(language="en", hears=True)
    assert until(page, "ready")["hears"]
    send(page, "press")
    data = (
        np.round(np.clip(in_a_room(spoken(speech["en-callsign"]), quiet(0.5)), -1, 1) * 32767).astype("<i2").tobytes()
    )
    for at in range(0, len(data), 3200):
        page.send(data[at : at + 3200])
    send(page, "release")
    assert until(page, "final")["text"] == ORDER
    assert until(page, "decision")["command"] == MOVE
    assert len(fleet.given()) == 1


def test_an_answer_is_only_to_the_question_that_is_open(served: Any, site: Site, fleet: FleetDouble) -> None:
    page = served(site).open(language="en")
    send(page, "say", text="all forklifts, go to dock two", id="three")
    asked = until(page, "decision")
    assert asked["decision"] in ("confirm", "ask")
    for key, yes, reason in (("another", True, "not open any more"), ("three", False, ""), ("three", True, "not open")):
        send(page, "answer", id=key, yes=yes)
        assert reason in until(page, "decision")["reason"]
    assert fleet.orders == []
    send(page, "say", text="all forklifts, go to dock two", id="four")
    until(page, "decision")
    send(page, "say", text="where is forklift three?")
    until(page, "decision")
    send(page, "answer", id="four", yes=True)
    assert until(page, "decision")["decision"] == "accept"
    assert fleet.given()[0][0].vehicles == ("kind:forklift",)


@pytest.fixture
def dispatching() -> Iterator[PlannerClient]:
    """A planner whose plans begin in an hour; it outlives the agent."""
    with planner(Dispatcher(2, not_before_s=3600.0)) as (client, _):
        yield client


def test_a_plan_that_waits_is_told_to_a_page_that_comes_back_and_to_others_without_words(
    dispatching: PlannerClient, served: Any, site: Site
) -> None:
    said = "move two pallets from inbound to dock two"
    browser = served(site, planner=dispatching)
    other = served(site).open()
    page = browser.open()
    send(page, "say", text=said, id="plan")
    while until(page, "plan")["state"] != "proposed":
        pass
    again = browser.open()
    assert until(again, "plan")["plan"]["request"] == said
    send(again, "answer", id="plan", yes=True)
    while until(again, "plan")["state"] != "running":
        pass
    while (told := json.loads(other.recv(timeout=PATIENCE_S))).get("state") != "running":
        assert said not in json.dumps(told)


def test_only_who_is_heard_of_counts_as_standing(fleet: FleetDouble) -> None:
    stands = replace(fleet.views["forklift-3"], stopped=True)
    assert vehicle_document(stands)["halted"]
    for moves in ({"connected": False}, {"reporting": False}, {"driving": True}, {"stopped": False}):
        assert not vehicle_document(replace(stands, **moves))["halted"]  # type: ignore[arg-type]


def test_strangers_do_not_push_out_who_is_signed_in(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(with_people(site), fleet, heard) as agent:
        visitors = Visitors(agent.access, SystemClock())
        anna = visitors.sign_in(visitors.new(), "anna", PIN)
        for _ in range(MOST + 10):
            visitors.new()
        assert visitors.of(anna.token) is anna


def test_vehicles_that_change_are_told_to_every_page(served: Any, site: Site, fleet: FleetDouble) -> None:
    browser = served(site)
    pages = [browser.open("1"), browser.open("2")]
    for page in pages:
        until(page, "ready")
    fleet.views["forklift-3"] = replace(fleet.views["forklift-3"], battery=12.5, driving=True, base=("D2",))
    for page in pages:
        while not (told := [v for v in until(page, "fleet")["vehicles"] if v["id"] == "forklift-3"]):
            pass
        while told[0]["battery"] != 12.5:
            told = [v for v in until(page, "fleet")["vehicles"] if v["id"] == "forklift-3"] or told
        assert (told[0]["state"], told[0]["base"]) == ("driving", ["D2"])


def test_words_go_to_their_own_page_alone_and_orders_to_all(served: Any, site: Site, fleet: FleetDouble) -> None:
    mine, theirs = served(site).open(), served(site).open()
    for page in (mine, theirs):
        until(page, "ready")
    send(mine, "say", text=ORDER, id="four")
    until(mine, "reply")
    fleet.given()
    fleet.tell("queued")
    seen = []
    while not seen or seen[-1]["type"] != "order":
        seen.append(json.loads(theirs.recv(timeout=PATIENCE_S)))
    assert {message["type"] for message in seen} <= {"fleet", "order"}
    assert seen[-1]["mine"] is False


def test_where_there_are_operators_nobody_sees_or_says_anything_unnamed(
    served: Any, site: Site, fleet: FleetDouble
) -> None:
    browser = served(with_people(site))
    assert browser.http.get("/api/v1/fleet").status_code == 401
    assert browser.http.post("/api/v1/utterances", json={"text": ORDER}).status_code == 401
    page = browser.open(hears=True)
    ready = until(page, "ready")
    assert (ready["sees"], ready["hears"]) == (False, False)
    send(page, "say", text=ORDER)
    assert "sign in first" in until(page, "error")["message"]
    assert fleet.orders == []


def test_a_stop_needs_no_name(served: Any, site: Site, fleet: FleetDouble) -> None:
    people = with_people(site)
    browser = served(people)
    assert browser.http.post("/api/v1/stop").status_code == 202
    assert [command.action for command in fleet.given(1)[0]] == ["stop"]
    page = browser.open()
    send(page, "stop", vehicles=["forklift-3", "forklift-99"], n=4)
    assert until(page, "stopping") == {"type": "stopping", "n": 4, "vehicles": ["forklift-3"]}
    assert "no forklift-99; the others are stopped" in until(page, "error")["message"]
    assert fleet.given(2)[1][0].vehicles == ("forklift-3",)
    wrong = browser.http.post("/api/v1/stop", json={"vehicles": ["forklift-99"]})
    assert (wrong.status_code, len(fleet.orders)) == (422, 2)


def test_rights_are_those_of_whoever_signed_in(served: Any, site: Site, fleet: FleetDouble) -> None:
    people = with_people(site)
    browser = served(people)
    before = dict(browser.http.cookies)
    assert browser.sign_in("anna").json()["operator"] == "anna"
    assert dict(browser.http.cookies) != before
    page = browser.open(language="en")
    assert until(page, "ready")["operator"] == "anna"
    send(page, "say", text=ORDER)
    assert until(page, "decision")["command"] == MOVE
    send(page, "say", text="forklift three, go on charge")
    assert until(page, "decision")["decision"] == "reject"
    assert len(fleet.given()) == 1
    assert browser.http.delete("/api/v1/session").status_code == 204
    send(page, "stop")
    assert fleet.given(2)[1][0].action == "stop"
    assert "signed out" in until(page, "error")["message"]
    assert browser.http.get("/api/v1/fleet").status_code == 401


def test_a_pin_cannot_be_guessed(served: Any, site: Site) -> None:
    browser = served(with_people(site))
    answers = [browser.sign_in("anna", f"{n:04}").status_code for n in range(11)]
    assert set(answers) == {403, 429}
    assert answers[-1] == 429
    assert browser.sign_in("anna").status_code == 429


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Host": "evil.example"}, 403),
        ({"Host": "console.example", "Origin": "https://console.example"}, 202),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ({}, 202),
    ],
)
def test_only_its_own_page_reaches_the_agent_through_a_browser(
    served: Any, site: Site, headers: dict[str, str], status: int
) -> None:
    browser = served(site, origins=("https://console.example",))
    assert browser.http.post("/api/v1/utterances", json={"text": ORDER}, headers=headers).status_code == status


def test_a_strange_page_gets_no_websocket(served: Any, site: Site) -> None:
    url = str(served(site).http.base_url).replace("http", "ws")
    with pytest.raises(InvalidStatus), connect(f"{url}api/v1/stream", origin="https://evil.example"):  # type: ignore[arg-type]
        pass


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("nonsense", "was not understood"),
        ('{"type": "say"}', "missing required field `text`"),
        ('{"type": "say", "text": "x", "id": "another/1"}', "letters, digits"),
        ('{"type": "stop", "vehicles": ["forklift-99"]}', "nobody was stopped: the site has no forklift-99"),
        ('{"type": "say", "text": " "}', "a text has 1 to 2000 characters"),
        ('{"type": "say", "text": "x", "colour": 1}', "unknown field `colour`"),
        ('{"type": "order", "command": {"action": "fly"}}', "fly"),
        (
            '{"type": "order", "command": {"action": "move", "vehicles": ["forklift-99"], "to": "dock-2"}}',
            "forklift-99",
        ),
        ('{"type": "order", "command": {"action": "plan", "vehicles": []}}', "cannot be chosen"),
        ('{"type": "press"}', "does not hear this page"),
        ('{"type": "hello"}', "has said hello already"),
        ("[" * 30000, "was not understood"),
        (b"\x00\x01", "has not said that sound follows"),
    ],
)
def test_a_wrong_message_costs_one_clear_error(served: Any, site: Site, message: Any, reason: str) -> None:
    page = served(site).open()
    until(page, "ready")
    page.send(message)
    assert reason in until(page, "error")["message"]
    send(page, "ping", n=7)
    assert until(page, "pong")["n"] == 7


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "send either 'text' or 'command'"),
        ({"text": "x", "command": MOVE}, "send either 'text' or 'command'"),
        ({"text": "x" * 2001}, "2000"),
        ({"text": "x", "who": "me"}, "who"),
        ({"command": {"action": "move"}}, "missing required field `vehicles`"),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(served: Any, site: Site, body: Any, reason: str) -> None:
    answer = served(site).http.post("/api/v1/utterances", json=body)
    assert answer.status_code == 422
    assert reason in answer.json()["title"]


def test_a_page_that_floods_is_slowed_but_not_in_its_stops(served: Any, site: Site, fleet: FleetDouble) -> None:
    page = served(site).open()
    until(page, "ready")
    for _ in range(60):
        send(page, "press")
    while "more than 20 messages" not in until(page, "error")["message"]:
        pass
    send(page, "stop")
    assert fleet.given(1)[0][0].action == "stop"


def test_the_same_page_opened_anew_takes_over(served: Any, site: Site) -> None:
    browser = served(site)
    old = browser.open("1")
    until(old, "fleet")
    new = browser.open("1")
    until(new, "fleet")
    assert "opened anew" in until(old, "error")["message"]
    with contextlib.suppress(ConnectionClosed):
        while old.recv(timeout=PATIENCE_S):
            pass
    send(new, "ping")
    until(new, "pong")


def test_site_loads_and_health_are_there_for_other_clients(served: Any, site: Site) -> None:
    http = served(site).http
    known = http.get("/api/v1/site", params={"language": "en"}).json()
    assert {place["id"] for place in known["places"]} == set(site.places)
    assert {vehicle["id"] for vehicle in known["vehicles"]} == set(site.vehicles)
    assert http.get("/api/v1/health").json()["vehicles"] == len(site.vehicles)
    assert http.get("/api/v1/loads").json()["loads"] == []


def test_a_port_that_is_taken_is_told(site: Site, fleet: FleetDouble, heard: Recorder) -> None:
    with agent_of(site, fleet, heard) as agent, contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        settings = ConsoleSettings(port=taken.getsockname()[1])
        with pytest.raises(ConsoleError, match="choose another port"), ConsoleServer(agent, settings):
            pass
