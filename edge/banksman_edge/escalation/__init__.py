"""What needs planning: asking the cloud, checking its answer, driving the plan."""

from banksman_edge.escalation.check import check_plan, commands_of
from banksman_edge.escalation.client import Planner, PlannerClient
from banksman_edge.escalation.escalation import Escalation
from banksman_edge.escalation.names import named_things

__all__ = ["Escalation", "Planner", "PlannerClient", "check_plan", "commands_of", "named_things"]
