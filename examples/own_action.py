"""Actions of your own: robots that wash floors, and lights that a function of yours switches.

What is said, what is done about it and what it is called stands in examples/washing/site.toml; no model is taught.

    banksman sim run --site examples/washing --mqtt mqtt://localhost:1883
    python examples/own_action.py mqtt://localhost:1883
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from banksman_edge import Agent, Settings
from banksman_shared import Command, MqttSettings

SITE = Path(__file__).parent / "washing"
SAID = (
    "scrubber one, would you mop the floor in hall two",
    "Otto, could you give me a blink?",
    "and then wash the canteen, scrubber one",
)


def switch_lights(order: Command) -> None:
    """Called for the action "lights" in place of an order to a vehicle; what it raises is told as a failure."""
    print(f"  the lights of {' and '.join(order.vehicles)} flash")


def main() -> int:
    url = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("BANKSMAN_MQTT", "mqtt://localhost:1883")
    with Agent.build(SITE, Settings(MqttSettings(url), hearing=False)) as agent:
        agent.perform("lights", switch_lights)
        agent.on("reply", lambda reply: print(f"  {reply.text}"))
        orders = []
        with agent.conversation(operator="anna", language="en") as anna:
            for text in SAID:
                print(f"> {text}")
                decision = anna.say(text).decision
                if decision.verdict == "confirm":
                    anna.say("yes")
                orders.append(decision.id)
        return 0 if all(agent.wait(order, timeout_s=300) for order in orders) else 1


if __name__ == "__main__":
    sys.exit(main())
