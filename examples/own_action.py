"""Teach the agent a sentence of your own: "forklift three, flash your lights".

What is done about it is yours, too: here, a VDA 5050 instant action that your vehicles know and Banksman does not.
Two small parts: an `Pipeline` that recognises the sentence, and a listener that acts on the decision about it.
So the agent's own rules still hold: a stop comes first, a late utterance is dropped, a repeated one acts once.

    banksman sim run --mqtt mqtt://localhost:1883
    python examples/own_action.py mqtt://localhost:1883
"""

from __future__ import annotations

import re
import sys
import threading
import uuid
from dataclasses import replace

from banksman_edge import Agent, DecisionEvent, FleetService, Parse, Pipeline, Transcript
from banksman_edge.understanding import NOTHING_BEFORE, Context
from banksman_shared import MqttLink, MqttSettings, Site, bundled_site, load_site
from banksman_shared.clock import SystemClock, timestamp
from banksman_shared.commands import NOTHING
from banksman_shared.vda5050 import Action, BlockingType, InstantActions, State, Topics, codec_for

CODEC = codec_for("2.1.0")

FLASH = re.compile(r"\b(flash|blink)( your| its| the)? lights?\b", re.IGNORECASE)
FLASHING = "flash the lights of "


class WithLights(Pipeline):
    """Everything that Banksman understands, and one sentence more."""

    def quick(self, transcript: Transcript, context: Context = NOTHING_BEFORE) -> Parse | None:
        asked, flashes = FLASH.subn("status", transcript.text)
        if not flashes:
            return super().quick(transcript, context)
        # Read as a question about the same vehicles, the sentence tells which: call signs, numbers, languages.
        read = self.parse(replace(transcript, text=asked))
        vehicles = read.commands[0].vehicles
        return replace(read, commands=(NOTHING,), reason=FLASHING + " ".join(vehicles) if vehicles else read.reason)


class Lights:
    """Does what was understood."""

    def __init__(self, site: Site, link: MqttLink) -> None:
        self._site, self._link = site, link

    def on_decision(self, decision: DecisionEvent) -> None:
        if decision.reason.startswith(FLASHING):
            for vehicle in decision.reason.removeprefix(FLASHING).split():
                self.flash(vehicle)

    def flash(self, vehicle: str) -> None:
        address = self._site.vehicles[vehicle].address
        message = InstantActions(
            header_id=0,
            timestamp=timestamp(SystemClock().time()),
            version="2.1.0",
            manufacturer=address.manufacturer,
            serial_number=address.serial_number,
            actions=(Action(action_type="flashLights", action_id=uuid.uuid4().hex, blocking_type=BlockingType.NONE),),
        )
        self._link.publish(Topics().of(address, "instantActions"), CODEC.encode(message))


def main() -> int:
    site, settings = load_site(bundled_site()), MqttSettings(sys.argv[1])
    answered = threading.Event()

    def on_state(_topic: str, payload: bytes) -> None:
        for action in CODEC.decode(State, payload).action_states:
            if action.action_type == "flashLights" and action.action_status.ended and not answered.is_set():
                print(f"flashLights: {action.action_status} {action.result_description or ''}".strip())
                answered.set()

    with MqttLink(settings) as link, FleetService(site, settings) as fleet:
        link.subscribe(Topics().of(site.vehicles["forklift-3"].address, "state"), on_state)
        with Agent(site, fleet, WithLights(site, None)) as agent:
            agent.on("decision", Lights(site, link).on_decision)
            agent.say("forklift three, flash your lights!")
            # A simulated vehicle has no lights and says so; a real one reports FINISHED.
            return 0 if answered.wait(30) else 1


if __name__ == "__main__":
    sys.exit(main())
