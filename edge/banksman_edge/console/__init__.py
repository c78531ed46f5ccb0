"""The console: a page to speak to the agent, to see the floor and to approve plans, and the interface behind it."""

from banksman_edge.console.app import create_app
from banksman_edge.console.host import ConsoleHost
from banksman_edge.console.server import ConsoleServer, ConsoleSettings

__all__ = ["ConsoleHost", "ConsoleServer", "ConsoleSettings", "create_app"]
