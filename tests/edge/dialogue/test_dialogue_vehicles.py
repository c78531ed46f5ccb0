"""Dialogues of tests/dialogues/plant on simulated vehicles over a real broker."""

from __future__ import annotations

import pytest
from dialogue_script import Script, scripts
from dialogue_world import checked
from edge_world import PATIENCE_S
from plant import Plant, eventually, running_plant

from banksman_edge import Utterance
from banksman_shared.broker import RunningBroker
from banksman_shared.commands import Command
from banksman_shared.site import Site


@pytest.mark.parametrize("script", list(scripts("plant/*.txt")), ids=lambda script: script.title)
def test_a_dialogue_is_driven_as_written(script: Script, site: Site, mqtt_broker: RunningBroker) -> None:
    with running_plant(site, mqtt_broker.url, speed_up=4) as plant:
        last: dict[str, Command] = {}
        for line in script.lines:
            at = f"{script.file}:{line.number} {line.who}: {line.text}"
            if line.who == "fleet":
                vehicle = line.text.removesuffix(" arrives")
                _arrives(plant, vehicle, last[vehicle].destination or "")
                continue
            key = plant.agent.submit(Utterance(text=line.text, device=line.who, language="en"))
            decision = plant.agent.decision(key, timeout_s=PATIENCE_S)
            # The reply comes last of what the thread that understands does about an utterance.
            plant.heard.until(lambda event, key=key: event.name == "reply" and event.id == key)
            for kind, wanted in line.follows:
                checked(kind, wanted, decision, plant.heard, at)
            last |= {vehicle: command for command in decision.commands for vehicle in command.vehicles}


def _arrives(plant: Plant, vehicle: str, place: str) -> None:
    eventually(lambda: plant.stands_at(vehicle, place), f"{vehicle} stands at {place}")
    eventually(lambda: plant.fleet.vehicles()[vehicle].idle, f"{vehicle} is free again")
