"""The agent: its parts put together, and the way of an utterance through them."""

from banksman_edge.app.agent import Agent
from banksman_edge.app.build import Settings, load_reader, load_recogniser, load_stop_spotter, load_understanding
from banksman_edge.app.checkup import Health, examine
from banksman_edge.app.client import AgentClient
from banksman_edge.app.comprehension import Comprehension
from banksman_edge.app.conversation import Conversation, Exchange

__all__ = [
    "Agent",
    "AgentClient",
    "Comprehension",
    "Conversation",
    "Exchange",
    "Health",
    "Settings",
    "examine",
    "load_reader",
    "load_recogniser",
    "load_stop_spotter",
    "load_understanding",
]
