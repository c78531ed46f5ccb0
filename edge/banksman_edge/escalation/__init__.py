"""What needs planning: asking the cloud, checking its answer, driving the plan."""

from banksman_edge.escalation.check import check_plan, commands_of
from banksman_edge.escalation.client import Planner, PlannerClient
from banksman_edge.escalation.drift import Drift
from banksman_edge.escalation.drift import Kind as DriftKind
from banksman_edge.escalation.driver import Driver
from banksman_edge.escalation.escalation import Escalation, Mandate
from banksman_edge.escalation.names import named_things
from banksman_edge.escalation.terms import Herald

__all__ = [
    "Drift",
    "DriftKind",
    "Driver",
    "Escalation",
    "Herald",
    "Mandate",
    "Planner",
    "PlannerClient",
    "check_plan",
    "commands_of",
    "named_things",
]
