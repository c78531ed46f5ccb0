"""The simulator as a program on a broker, and one of its vehicles for a test to command."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from black_box import MANUFACTURER, MAP, PATIENCE_S, PLACES, SPEED_UP, Json, Witness, Wording, fresh
from papers import Papers, about, action, status


class Bench(Papers):
    """One vehicle of the running simulator, its yard, and a witness."""

    def __init__(self, words: Wording, witness: Witness, number: int) -> None:
        super().__init__(words, witness.prefix.rpartition("/")[2], number)
        self.witness = witness

    def send_order(self, order: Json) -> None:
        self.witness.send("order", {**self.header("order"), **order})

    def instantly(self, kind: str, **parameters: object) -> str:
        """Send an instant action. Returns its id."""
        document = action(kind, "NONE", **parameters)
        self.witness.send("instantActions", {**self.header("instantActions"), "actions": [document]})
        return str(document["actionId"])

    def states(self) -> list[Json]:
        return [message.body for message in self.witness.heard("state")]

    def state(self, holds: Callable[[Json], bool], after: int = 0) -> Json:
        return self.witness.wait("state", holds, after)

    def now(self) -> Json:
        """A state that the vehicle sends because it is asked to."""
        request = self.instantly("stateRequest")
        return self.state(lambda s: status(s, request) == "FINISHED")

    def accept(self, order: Json) -> Json:
        """Send an order that the vehicle takes. Returns the state that says so."""
        self.send_order(order)
        wanted = (order["orderId"], order["orderUpdateId"])
        return self.state(lambda s: (s["orderId"], s["orderUpdateId"]) == wanted)

    def refuse(self, order: Json) -> Json:
        """Send an order that the vehicle does not take. Returns the error that says so."""
        before = len(self.states())
        self.send_order(order)
        state = self.state(lambda s: bool(about(s, "orderId", order["orderId"])), before)
        return about(state, "orderId", order["orderId"])[-1]

    def arrive(self, name: str) -> Json:
        """The state in which the vehicle stands on a node and has nothing left to do."""
        return self.state(
            lambda s: (
                s["lastNodeId"] == self.id(name)
                and not s["nodeStates"]
                and not s["driving"]
                and all(a["actionStatus"] in ("FINISHED", "FAILED") for a in s["actionStates"])
            )
        )

    def history(self, action_id: str) -> list[str]:
        """The statuses that the states gave an action, one after the other."""
        statuses = [found for state in self.states() if (found := status(state, action_id))]
        return [found for found, _ in itertools.groupby(statuses)]


@contextmanager
def simulator(folder: Path, url: str, version: str, vehicles: int) -> Iterator[Iterator[Bench]]:
    """``banksman sim run`` with so many vehicles; each may be taken once."""
    name, words = fresh("hall"), Wording(version)
    write_site(folder, name, vehicles)
    command = "from banksman_shared.cli import main; main()"
    options = ["--site", str(folder), "--mqtt", url, "--vda-version", version, "--speed-up", str(SPEED_UP)]
    with subprocess.Popen(
        [sys.executable, "-c", command, "sim", "run", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline(), process.stderr.read().decode()
        try:
            yield _benches(words, url, name, vehicles)
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE_S)


def _benches(words: Wording, url: str, name: str, vehicles: int) -> Iterator[Bench]:
    for number in range(vehicles):
        with Witness(url, f"{words.prefix}/{MANUFACTURER}/{name}-{number}") as witness:
            witness.wait("connection", lambda c: c["connectionState"] == "ONLINE")
            yield Bench(words, witness, number)


def write_site(folder: Path, name: str, vehicles: int) -> None:
    """A site where each vehicle has a yard for itself, with its nodes as places ``a0``, ``b0``, …."""
    numbers = range(vehicles)
    nodes = [
        {
            "nodeId": f"{n}{i}",
            "mapId": MAP,
            "nodePosition": {"x": x, "y": y + 10.0 * i},
            "vehicleTypeNodeProperties": [{"vehicleTypeId": "forklift", "theta": 0.0}],
        }
        for i in numbers
        for n, (x, y) in PLACES.items()
    ]
    edges = [
        {
            "edgeId": f"{a}{i}-{b}{i}",
            "startNodeId": f"{a}{i}",
            "endNodeId": f"{b}{i}",
            "vehicleTypeEdgeProperties": [{"vehicleTypeId": "forklift", "maxSpeed": 2.0}],
        }
        for i in numbers
        for a, b in (*itertools.pairwise("ABCD"), *itertools.pairwise("DCBA"))
    ]
    layout = {
        "metaInformation": {"projectIdentification": name, "creator": "test", "lifVersion": "1.0.0"},
        "layouts": [{"layoutId": name, "nodes": nodes, "edges": edges, "stations": []}],
    }
    (folder / "layout.lif.json").write_text(json.dumps(layout), encoding="utf-8")
    parts = [
        f'[site]\nid = "{name}"\nname = "Hall"\nlanguages = ["en"]',
        '[vehicle_kinds.forklift]\nnames = { en = ["forklift"] }\n[place_kinds.bay]\nnames = { en = ["bay"] }',
    ]
    parts += [
        f'[[vehicles]]\nid = "v{i}"\nkind = "forklift"\nnumber = {i + 1}\nmanufacturer = "{MANUFACTURER}"\n'
        f'serial_number = "{name}-{i}"\nhome = "a{i}"'
        for i in numbers
    ]
    parts += [
        f'[[places]]\nid = "{n.lower()}{i}"\nkind = "bay"\nnumber = {len(PLACES) * i + j}\nnode = "{n}{i}"'
        for i in numbers
        for j, n in enumerate(PLACES, 1)
    ]
    (folder / "site.toml").write_text("\n".join(parts), encoding="utf-8")
