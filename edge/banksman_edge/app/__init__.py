"""The agent: its parts put together, and the way of an utterance through them."""

from banksman_edge.app.agent import Agent
from banksman_edge.app.build import Settings, load_reader, load_recogniser, load_stop_spotter, load_understanding
from banksman_edge.app.checkup import Health, bug_report, examine
from banksman_edge.app.client import AgentClient
from banksman_edge.app.comprehension import Comprehension
from banksman_edge.app.conversation import Conversation, Exchange
from banksman_edge.app.debug_recording import SITE as RECORDED_SITE
from banksman_edge.app.debug_recording import DebugRecorder, summary

__all__ = [
    "RECORDED_SITE",
    "Agent",
    "AgentClient",
    "Comprehension",
    "Conversation",
    "DebugRecorder",
    "Exchange",
    "Health",
    "Settings",
    "bug_report",
    "examine",
    "load_reader",
    "load_recogniser",
    "load_stop_spotter",
    "load_understanding",
    "summary",
]
