"""What needs planning: whom to ask, what may leave the site, checking the answer, driving the plan."""

from banksman_edge.escalation.check import check_plan, commands_of
from banksman_edge.escalation.client import Leaving, Planner, PlannerClient
from banksman_edge.escalation.desk import Desk
from banksman_edge.escalation.discreet import DiscreetPlanner
from banksman_edge.escalation.drift import Drift
from banksman_edge.escalation.drift import Kind as DriftKind
from banksman_edge.escalation.driver import Driver
from banksman_edge.escalation.escalation import Escalation, Mandate
from banksman_edge.escalation.execution import Stage
from banksman_edge.escalation.floor import Floor
from banksman_edge.escalation.keeping import Found, KeptPlan, KeptSpeaker, PlanStore
from banksman_edge.escalation.kept_requests import KeptRequest, RequestStore
from banksman_edge.escalation.names import named_things
from banksman_edge.escalation.progress import REFUSALS, brief
from banksman_edge.escalation.request import Request
from banksman_edge.escalation.site_planner import SitePlanner
from banksman_edge.escalation.taken_up import ROLL_CALL_S, TakenUp
from banksman_edge.escalation.terms import Break, Herald
from banksman_edge.escalation.untouched import MAX_ANEW, OutdatedError, RefusedError

__all__ = [
    "MAX_ANEW",
    "REFUSALS",
    "ROLL_CALL_S",
    "Break",
    "Desk",
    "DiscreetPlanner",
    "Drift",
    "DriftKind",
    "Driver",
    "Escalation",
    "Floor",
    "Found",
    "Herald",
    "KeptPlan",
    "KeptRequest",
    "KeptSpeaker",
    "Leaving",
    "Mandate",
    "OutdatedError",
    "PlanStore",
    "Planner",
    "PlannerClient",
    "RefusedError",
    "Request",
    "RequestStore",
    "SitePlanner",
    "Stage",
    "TakenUp",
    "brief",
    "check_plan",
    "commands_of",
    "named_things",
]
