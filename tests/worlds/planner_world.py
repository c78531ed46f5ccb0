"""A small site made for planning, a scripted model, and the service on a real port."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn

from banksman_cloud import GoalPrompt, GoalProvider, Settings, create_app
from banksman_shared.clock import Clock, SystemClock
from banksman_shared.plans import FleetSnapshot, Goals, VehicleSnapshot

TOKEN = "token-for-tests"


def yard_document() -> dict[str, Any]:
    """A straight lane of 60 m with a place every 10 m, in this order: dock-1, aisle-1, aisle-2, gate, bay-1, bay-2,
    charger. The gate can also be passed by, over a bend of about 28 m. Vehicles drive both ways."""
    at = {name: (10.0 * i, 0.0) for i, name in enumerate(["D", "A1", "A2", "G", "B1", "B2", "C"])} | {
        "BEND": (30.0, 10.0)
    }
    lanes = [
        ("D", "A1"),
        ("A1", "A2"),
        ("A2", "G"),
        ("G", "B1"),
        ("B1", "B2"),
        ("B2", "C"),
        ("A2", "BEND"),
        ("BEND", "B1"),
    ]
    charging = {"vehicleTypeId": "forklift", "actions": [{"actionType": "startCharging"}]}
    nodes = [
        {"nodeId": n, "nodePosition": {"x": x, "y": y}, "vehicleTypeNodeProperties": [charging] if n == "C" else []}
        for n, (x, y) in at.items()
    ]
    edges = [{"edgeId": f"{a}-{b}", "startNodeId": a, "endNodeId": b} for lane in lanes for a, b in (lane, lane[::-1])]
    return {
        "site": {"id": "yard", "name": "Yard", "languages": ["en", "de"]},
        "vehicle_kinds": {"forklift": {"names": {"en": ["forklift"], "de": ["Stapler"]}}},
        "vehicles": [
            {
                "id": f"agv-{i}",
                "kind": "forklift",
                "number": i,
                "manufacturer": "Acme",
                "serial_number": f"A-{i}",
                "home": f"bay-{min(i, 2)}",
            }
            for i in (1, 2, 3)
        ],
        "place_kinds": {
            "aisle": {"names": {"en": ["aisle"], "de": ["Gang"]}},
            "bay": {"names": {"en": ["bay"], "de": ["Bucht"]}},
        },
        "places": [
            {"id": "dock-1", "node": "D", "names": {"en": ["dock one", "inbound dock"], "de": ["Rampe eins"]}},
            {"id": "aisle-1", "node": "A1", "kind": "aisle", "number": 1},
            {"id": "aisle-2", "node": "A2", "kind": "aisle", "number": 2},
            {"id": "gate", "node": "G", "names": {"en": ["gate"], "de": ["Tor"]}},
            {"id": "bay-1", "node": "B1", "kind": "bay", "number": 1},
            {"id": "bay-2", "node": "B2", "kind": "bay", "number": 2},
            {"id": "charger", "node": "C", "names": {"en": ["charger"], "de": ["Ladestation"]}},
        ],
        "layout_document": {"layouts": [{"layoutId": "yard", "nodes": nodes, "edges": edges}]},
    }


def vehicle(number: int, node: str, **more: Any) -> VehicleSnapshot:
    """At 1 m/s, so that metres are seconds."""
    return VehicleSnapshot(**({"id": f"agv-{number}", "node": node, "battery": 80, "speed": 1.0} | more))


def fleet_of(*vehicles: VehicleSnapshot) -> FleetSnapshot:
    return FleetSnapshot(vehicles=vehicles)


def transport(count: int | None, origin: str, destination: str, **more: Any) -> dict[str, Any]:
    goal = {"kind": "transport", "count": count, "origins": [origin], "destinations": [destination]}
    return goal | {"words": "carry them"} | more


def send(action: str, vehicles: list[str], *destinations: str, **more: Any) -> dict[str, Any]:
    goal = {"kind": "send", "action": action, "vehicles": vehicles, "destinations": list(destinations)}
    return goal | {"words": "send them"} | more


def avoid(*places: str, **more: Any) -> dict[str, Any]:
    return {"kind": "avoid", "places": list(places), "words": "keep away"} | more


def one_way(start: str, end: str) -> dict[str, Any]:
    return {"kind": "one_way", "start": start, "end": end, "words": "one way"}


def reserve(percent: float, **more: Any) -> dict[str, Any]:
    return {"kind": "reserve", "percent": percent, "words": "keep a reserve"} | more


def use(**more: Any) -> dict[str, Any]:
    return {"kind": "use", "words": "use those"} | more


def prefer(what: str) -> dict[str, Any]:
    return {"kind": "prefer", "what": what, "words": "so"}


def goals_of(*goals: dict[str, Any]) -> Goals:
    return Goals.model_validate({"goals": goals})


def in_full(goals: Goals) -> dict[str, Any]:
    """As a closed model writes them, with every field."""
    document = goals.model_dump(mode="json")
    for goal in document["goals"]:
        if goal["kind"] in ("transport", "send"):
            goal.setdefault("not_before", None)
        if goal["kind"] == "transport":
            goal.setdefault("share", "any")
    return document


class JumpingClock(SystemClock):
    """The machine's clock, which can be set wrong. What is measured by it goes on as it was: a solver has its time."""

    _jumped_s = 0.0

    def time(self) -> float:
        return super().time() + self._jumped_s

    def advance(self, seconds: float) -> None:
        """Jump by ``seconds``, forward or back."""
        self._jumped_s += seconds


class ScriptedProvider:
    """A model that answers what it was told to, when it is let; the last answer repeats."""

    name = "scripted"

    def __init__(self, *answers: str | Goals | Exception) -> None:
        self.answers = list(answers)
        self.prompts: list[GoalPrompt] = []
        self.unwanted: list[threading.Event] = []
        """Of each question: set when nobody waits for the answer any more."""
        self.go, self.loaded = threading.Event(), threading.Event()
        self.go.set()
        self.loaded.set()
        self.load_error: Exception | None = None

    def load(self) -> None:
        self.loaded.wait(30)
        if self.load_error is not None:
            raise self.load_error

    def goals(self, prompt: GoalPrompt, _deadline: float, unwanted: threading.Event) -> str | Goals:
        self.prompts.append(prompt)
        self.unwanted.append(unwanted)
        self.go.wait(30)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


class Service:
    """A client of the running planner."""

    def __init__(self, http: httpx.Client, provider: GoalProvider) -> None:
        self.http, self._provider = http, provider

    @property
    def provider(self) -> ScriptedProvider:
        assert isinstance(self._provider, ScriptedProvider)
        return self._provider

    def body(self, **more: Any) -> dict[str, Any]:
        fleet = fleet_of(vehicle(1, "D"), vehicle(2, "C")).model_dump(mode="json")
        return {"request": "carry them", "language": "en", "site": yard_document(), "fleet": fleet} | more

    def ask(self, key: str | None = None, **more: Any) -> httpx.Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.http.post("/v1/plans", json=self.body(**more), headers=headers)

    def plan(self, plan_id: str) -> dict[str, Any]:
        answer = self.http.get(f"/v1/plans/{plan_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def reaches(self, plan_id: str, *states: str) -> dict[str, Any]:
        """The plan once it is in one of ``states``."""
        for _ in range(600):
            plan = self.plan(plan_id)
            if plan["state"] in states:
                return plan
            assert plan["state"] not in ("done", "failed", "cancelled"), plan
            time.sleep(0.05)
        raise AssertionError(f"plan stayed {plan['state']}")

    def proposed(self, **more: Any) -> dict[str, Any]:
        return self.reaches(self.ask(**more).json()["id"], "proposed")

    def approve(self, plan: dict[str, Any], **more: Any) -> httpx.Response:
        return self.http.post(f"/v1/plans/{plan['id']}/approve", headers={"If-Match": f'"{plan["hash"]}"'}, **more)


@contextmanager
def serving(provider: GoalProvider, clock: Clock | None = None, **settings: Any) -> Iterator[Service]:
    """The service with ``provider`` on a free port of this machine."""
    own = {"tokens": ("other", TOKEN), "solve_s": 0.3, "requests_per_minute": 10**6}
    app = create_app(Settings(**(own | settings)), provider, clock)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    headers = {"Authorization": f"Bearer {TOKEN}"}
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as http:
            yield Service(http, provider)
    finally:
        if isinstance(provider, ScriptedProvider):
            provider.go.set()
            provider.loaded.set()
        server.should_exit = True
        thread.join(30)
