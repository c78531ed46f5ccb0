"""The demo's plot: play the recordings in order, wait where one must, look where everybody ended."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path

import msgspec
from rich.console import Console

from banksman_edge.app import Agent, Settings
from banksman_edge.audio import load_sound
from banksman_edge.console import ConsoleServer, ConsoleSettings
from banksman_edge.demo.live_table import Line, LiveTable
from banksman_edge.demo.outcome_check import OutcomeCheck, Wanted
from banksman_edge.fleet import JobStatus, OrderEvent
from banksman_edge.lab.evaluation import Case, read_manifest
from banksman_edge.lab.simulated_fleet import planner, simulator
from banksman_edge.plans import commands_of
from banksman_edge.utterance import Utterance
from banksman_shared.actions import Action
from banksman_shared.broker import broker
from banksman_shared.commands import Command, parse_commands
from banksman_shared.errors import BanksmanError
from banksman_shared.mqtt import MqttLink, MqttSettings
from banksman_shared.site import Site, bundled_site, load_site

log = logging.getLogger(__name__)

ORDER_S = 120.0
"""The longest that any one order may take."""
SETTLE_S = 0.5
"""For the last news to have come everywhere."""
ENDED = ("done", "failed", "ignored", "unclear")


def run_demo(mqtt_url: str | None, speed_up: float, console: Console, stay: Callable[[], None] | None = None) -> bool:
    """Run the demo on a broker (one of its own if None); True if every vehicle ended where it was told. ``stay`` is
    called at the end, while everything still runs.

    Raises:
        BanksmanError: a part could not be started.
    """
    cases = read_manifest(Path(str(files("banksman_edge"))) / "data" / "demo" / "manifest.jsonl")
    site = load_site(bundled_site())
    with ExitStack() as stage:
        started = time.monotonic()
        running = stage.enter_context(broker(mqtt_url))
        console.print(f"Broker: {running.flavour} at {running.url}", highlight=False)
        stage.enter_context(simulator(running.url, bundled_site(), speed_up))
        # One after the other: two models that load at once on two cores both take more than twice as long.
        with console.status("starting the planner and its language model"):
            address = stage.enter_context(planner())
            address.wait()
        with console.status("") as status:
            settings = Settings(
                MqttSettings(running.url),
                planner_url=address.url,
                planner_token=address.token,
                report=status.update,
            )
            agent = Agent.build(site, settings)
        stage.enter_context(agent)
        page = stage.enter_context(ConsoleServer(agent, ConsoleSettings()))
        console.print(f"Console: {page.url}", highlight=False)
        outcome_check = OutcomeCheck(site, stage.enter_context(MqttLink(settings.mqtt)))
        _await_vehicles(agent)
        console.print(f"Ready after {time.monotonic() - started:.0f} s; {len(cases)} recordings.", highlight=False)
        with LiveTable(agent, console) as board:
            wrong = _Show(agent, board, site, outcome_check).play(cases)
        if console.record:
            console.export_text(clear=True)  # the picture is of the board alone
        console.print(board)
        good = _summarise(wrong, board, console, time.monotonic() - started)
        if stay:
            console.print(f"Everything stays until you press Ctrl-C. The console is at {page.url}", highlight=False)
            stay()
        return good


def _await_vehicles(agent: Agent) -> None:
    ends = time.monotonic() + 30
    while not all(view.available for view in agent.fleet.vehicles().values()):
        if time.monotonic() > ends:
            raise BanksmanError("the simulated vehicles did not come up within 30 s")
        time.sleep(0.1)


def _summarise(wrong: Sequence[str], board: LiveTable, console: Console, seconds: float) -> bool:
    tiers = [line.tier for line in board.lines.values()]
    counts = ", ".join(f"{tiers.count(tier)} by {tier}" for tier in ("stop", "grammar", "llama"))
    console.print(f"{len(tiers)} utterances: {counts}; {seconds:.0f} s in all.", highlight=False)
    for fault in wrong:
        console.print(f"[red]✗[/] {fault}", highlight=False)
    if not wrong:
        console.print("[green]✓[/] Every vehicle went where it was told, and the chatter moved nobody.")
    return not wrong


class _Show:
    """Plays the cases and keeps the books of what was told, by the manifest, not by what was understood."""

    def __init__(self, agent: Agent, board: LiveTable, site: Site, outcome_check: OutcomeCheck) -> None:
        self._agent, self._board, self._site, self._outcome_check = agent, board, site, outcome_check
        self._told: dict[str, Command] = {}
        self._faults: list[str] = []
        self._lines: list[Line] = []
        self._ended: dict[str, str | None] = {}
        agent.fleet.listen(self._arrived)

    def play(self, cases: Sequence[Case]) -> list[str]:
        """Play all; returns what went wrong, a sentence each."""
        for case in cases:
            self._play(case, parse_commands(case.expect))
        self._await(self._lines)
        time.sleep(SETTLE_S)
        return self._faults + self._misplaced()

    def _play(self, case: Case, expected: tuple[Command, ...]) -> None:
        action, vehicles = expected[0].action, set(expected[0].vehicles)
        if action is Action.STOP:
            self._await_driving()
        elif action is Action.PLAN:
            self._await(self._lines)
            self._outcome_check.forget()
        elif action is not Action.RESUME:
            self._await([line for line in self._lines if vehicles & {k.split()[0] for k in line.orders}])
        sound = load_sound(case.audio or "")
        utterance = Utterance(sound=sound, device="demo")
        line = self._board.open(utterance.id)
        self._lines.append(line)
        self._agent.submit(utterance)
        self._agent.decision(utterance.id, timeout_s=ORDER_S)
        if action is Action.PLAN:
            self._board.wait_for(line, "asked", *ENDED, timeout_s=ORDER_S)
        if line.state == "asked":
            self._confirm(line)
        if action in (Action.STOP, Action.RESUME, Action.PLAN):
            self._await([line])
        if case.outcome:
            time.sleep(SETTLE_S)
            faults = self._outcome_check.faults(msgspec.convert(case.outcome, Wanted))
            self._faults += [f"'{line.heard}': {fault}" for fault in faults]
        self._note(line, expected)

    def _confirm(self, line: Line) -> None:
        """What is not certain, and every plan, is read back and waits for a yes."""
        self._board.say(f"“{line.reply}” — yes")
        self._agent.decision(self._agent.submit(Utterance(text="yes", device="demo")))

    def _await(self, lines: Sequence[Line]) -> None:
        for line in lines:
            if not self._board.wait_for(line, *ENDED, timeout_s=ORDER_S):
                self._faults.append(f"'{line.heard}' was not done within {ORDER_S:.0f} s")

    def _await_driving(self) -> None:
        ends = time.monotonic() + 5
        while time.monotonic() < ends and not any(v.driving for v in self._agent.fleet.vehicles().values()):
            time.sleep(0.05)

    def _note(self, line: Line, expected: tuple[Command, ...]) -> None:
        """What each vehicle was told last."""
        for command in expected:
            if command.action in (Action.MOVE, Action.TRANSPORT, Action.CHARGE, Action.PARK):
                self._told |= dict.fromkeys(command.vehicles, command)
            elif command.action is Action.NONE and line.state != "ignored":
                self._faults.append(f"chatter was acted on: '{line.heard}'")
            elif command.action is Action.PLAN:
                for step in sorted(line.steps, key=lambda step: step.start_s):
                    self._told[step.vehicle] = commands_of(step)
                if not line.steps:
                    self._faults.append(f"nothing was planned for '{line.heard}': {line.reply}")

    def _arrived(self, event: OrderEvent) -> None:
        """Where a vehicle is, by its own state, when the fleet says that it has done what it was told."""
        held = (Action.STOP, Action.RESUME, Action.CANCEL)
        if event.status is JobStatus.DONE and event.vehicle and event.command.action not in held:
            self._ended[event.vehicle] = self._agent.fleet.vehicles()[event.vehicle].node

    def _misplaced(self) -> list[str]:
        """Who did not end where it was told; some have made way since for others that came to the same place."""
        views, faults = self._agent.fleet.vehicles(), []
        places = {vehicle: self._wanted(vehicle, command) for vehicle, command in self._told.items()}
        for vehicle, wanted in places.items():
            other_commanders = any(other != vehicle and wanted & theirs for other, theirs in places.items())
            here = self._ended.get(vehicle) if other_commanders else views[vehicle].node
            if here not in wanted or (views[vehicle].driving and not other_commanders):
                place = self._told[vehicle].destination or str(self._told[vehicle].action)
                faults.append(f"{vehicle} was told {place} and is at {here}")
        return faults

    def _wanted(self, vehicle: str, command: Command) -> set[str]:
        """The nodes at which the command may end."""
        if command.destination:
            return {self._site.places[command.destination].node}
        if command.action is Action.CHARGE:
            return {place.node for place in self._site.chargers()}
        return {self._site.places[self._site.vehicles[vehicle].home].node}
