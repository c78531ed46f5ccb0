"""Voice control inside a program of your own.

banksman sim run --mqtt mqtt://localhost:1883        # vehicles, if you have none
python examples/embed_agent.py mqtt://localhost:1883
"""

from __future__ import annotations

import os
import sys

from banksman_edge import Agent
from banksman_shared import bundled_site


def main() -> int:
    url = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("BANKSMAN_MQTT", "mqtt://localhost:1883")
    with Agent.build(bundled_site(), url) as agent:
        agent.on("order", lambda news: print(f"  {news.vehicle}: {news.command.action} {news.status}"))
        agent.on("reply", lambda reply: print(reply.text))
        order = agent.say("forklift three, would you mind heading for the vicinity of dock two")
        if order.verdict == "confirm":
            agent.say("yes")
        return 0 if agent.wait(order.id, timeout_s=300) else 1


if __name__ == "__main__":
    sys.exit(main())
