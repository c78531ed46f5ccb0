"""Two operators on two headsets, interleaved by chance for an hour: each is answered as if they were alone."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from dialogue_script import commands_in
from dialogue_world import YardDouble
from edge_world import PATIENCE_S, Recorder, agent_of

from banksman_edge import Agent, DecisionEvent, Utterance, Verdict
from banksman_shared.clock import ManualClock
from banksman_shared.site import Site

HOUR_S = 3600.0
LONGEST_PAUSE_S = 6.0
"""Between two turns; a question waits for 20 s, so that some are answered too late."""
QUESTION_S = 20.0
MOST_UNSURE = 0.05
"""Share of turns that the reader may be too unsure of."""

Script = tuple[tuple[str, str, str], ...]
"""Turns: what is said, the verdict, and the commands, as tests/dialogues has them."""

ANNA: tuple[Script, ...] = (
    (
        ("forklift one, go to dock one", "accept", "move forklift-1 > dock-1"),
        ("no, dock two", "accept", "cancel forklift-1 ; move forklift-1 > dock-2"),
        ("forklift one, cancel your order", "accept", "cancel forklift-1"),
    ),
    (
        ("forklift one, go to the dock", "ask", "move forklift-1"),
        ("dock one", "accept", "move forklift-1 > dock-1"),
    ),
    (
        ("yes", "reject", "none"),
        ("where is forklift one?", "accept", "status forklift-1"),
    ),
)
BEN: tuple[Script, ...] = (
    (
        ("tugger one, go to dock five", "accept", "move tugger-1 > dock-5"),
        ("no, dock three", "accept", "cancel tugger-1 ; move tugger-1 > dock-3"),
    ),
    (
        ("tugger one, go to the dock", "ask", "move tugger-1"),
        ("dock four", "accept", "move tugger-1 > dock-4"),
        ("tugger one, cancel your order", "accept", "cancel tugger-1"),
    ),
)


@dataclass
class Operator:
    """Goes through scripts by chance, from beginning to end."""

    name: str
    vehicle: str
    scripts: tuple[Script, ...]
    left: list[tuple[str, str, str]] = field(default_factory=list)
    asked_at: float | None = None
    """When a question was put to them that is still open."""


def test_two_operators_never_answer_each_other(site: Site, heard: Recorder, clock: ManualClock) -> None:
    chance, fleet = random.Random(4), YardDouble(site)
    operators = [Operator("anna", "forklift-1", ANNA), Operator("ben", "tugger-1", BEN)]
    ends, turns, late, unsure = clock.monotonic() + HOUR_S, 0, 0, 0
    with agent_of(site, fleet, heard, clock=clock) as agent:
        while clock.monotonic() < ends:
            operator = chance.choice(operators)
            if not operator.left:
                while fleet.under_way.get(operator.vehicle):
                    fleet.arrive(operator.vehicle)
                operator.left = list(chance.choice(operator.scripts))
            text, verdict, commands = operator.left.pop(0)
            clock.advance(chance.uniform(1.0, LONGEST_PAUSE_S))
            in_time = operator.asked_at is None or clock.monotonic() - operator.asked_at < QUESTION_S
            decision = said(agent, operator, text)
            turns += 1
            if in_time and verdict == "accept" and decision.verdict is Verdict.CONFIRM:  # read back, to be careful
                decision = said(agent, operator, "yes")
            if in_time and decision.reason == "too unsure":  # it says so, and does nothing
                unsure += 1
                operator.left.clear()
            elif in_time:
                found = (str(decision.verdict), decision.commands if verdict != "ask" else ())
                wanted = (verdict, commands_in(commands) if verdict != "ask" else ())
                assert found == wanted, f"{operator.name}: {text}: {decision.reason}"
            else:  # nobody waits for the answer any more
                late += 1
                operator.left.clear()
                told = {one for command in decision.commands for one in command.vehicles}
                assert told <= {operator.vehicle} or decision.verdict is not Verdict.ACCEPT, decision.reason
                if decision.verdict in (Verdict.CONFIRM, Verdict.ASK):
                    said(agent, operator, "no")
            operator.asked_at = clock.monotonic() if verdict == "ask" else None
    assert turns > HOUR_S / LONGEST_PAUSE_S
    assert late
    assert unsure <= MOST_UNSURE * turns


def said(agent: Agent, operator: Operator, text: str) -> DecisionEvent:
    utterance = Utterance(text=text, operator=operator.name, device=f"headset-{operator.name}", language="en")
    return agent.await_answer(agent.submit(utterance), timeout_s=PATIENCE_S)
