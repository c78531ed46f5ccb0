"""Banksman on the edge: hears an order, understands it, and directs the vehicles.

from banksman_edge import Agent

with Agent.build("my-site", "mqtt://localhost:1883") as agent:
    agent.on("reply", lambda reply: print(reply.text))
    decision = agent.say("forklift three, go to dock two")
    agent.wait(decision.id)
"""

from banksman_edge.app import Agent, Conversation, Exchange, Settings
from banksman_edge.asr import Hypothesis, Recogniser, Transcript, WhisperRecogniser
from banksman_edge.audio import Microphone, Sound, load_sound
from banksman_edge.errors import AudioError, LoadsError, PlannerError, RecogniserError
from banksman_edge.fleet import Fleet, FleetError, FleetService, JobStatus, OrderEvent, VehicleView
from banksman_edge.loads import Load, LoadRegister
from banksman_edge.plans import Planner, PlannerClient
from banksman_edge.policy import Policy
from banksman_edge.turns import (
    DecisionEvent,
    OrderNews,
    PlanEvent,
    ReplyEvent,
    TranscriptEvent,
    UtteranceEvent,
    Verdict,
)
from banksman_edge.understanding import (
    Answer,
    Parse,
    Pipeline,
    PromptedReader,
    Reader,
    TaughtReader,
    Tier,
    Trace,
    Understanding,
)
from banksman_edge.utterance import Utterance
from banksman_shared.errors import LanguageModelError

__all__ = [
    "Agent",
    "Answer",
    "AudioError",
    "Conversation",
    "DecisionEvent",
    "Exchange",
    "Fleet",
    "FleetError",
    "FleetService",
    "Hypothesis",
    "JobStatus",
    "LanguageModelError",
    "Load",
    "LoadRegister",
    "LoadsError",
    "Microphone",
    "OrderEvent",
    "OrderNews",
    "Parse",
    "Pipeline",
    "PlanEvent",
    "Planner",
    "PlannerClient",
    "PlannerError",
    "Policy",
    "PromptedReader",
    "Reader",
    "Recogniser",
    "RecogniserError",
    "ReplyEvent",
    "Settings",
    "Sound",
    "TaughtReader",
    "Tier",
    "Trace",
    "Transcript",
    "TranscriptEvent",
    "Understanding",
    "Utterance",
    "UtteranceEvent",
    "VehicleView",
    "Verdict",
    "WhisperRecogniser",
    "load_sound",
]
