"""What needs planning: whom to ask, what may leave the site, checking the answer, driving the plan."""

from banksman_edge.plans.check import check_plan, commands_of
from banksman_edge.plans.client import Leaving, Planner, PlannerClient, traceparent_of
from banksman_edge.plans.deviation import Deviation, DeviationKind
from banksman_edge.plans.driver import Driver
from banksman_edge.plans.driving_terms import Interruption, PlanReporter
from banksman_edge.plans.escalation import Escalation, Mandate
from banksman_edge.plans.execution import Stage
from banksman_edge.plans.named_entities import named_things
from banksman_edge.plans.pending_plans import MAX_ANEW, OutdatedError, RefusedError
from banksman_edge.plans.planning import Planning
from banksman_edge.plans.privacy.planner import PseudonymousPlanner
from banksman_edge.plans.progress import REFUSALS, brief
from banksman_edge.plans.question_gate import QuestionGate
from banksman_edge.plans.readback_parts import span
from banksman_edge.plans.request import Request
from banksman_edge.plans.restart_review import ROLL_CALL_S
from banksman_edge.plans.router import PlanRouter
from banksman_edge.plans.session import Session, driver_of, session_of
from banksman_edge.plans.site_planner import SitePlanner
from banksman_edge.plans.store import Found, KeptPlan, KeptRequest, KeptSpeaker, PlanStore, RequestStore

__all__ = [
    "MAX_ANEW",
    "REFUSALS",
    "ROLL_CALL_S",
    "Deviation",
    "DeviationKind",
    "Driver",
    "Escalation",
    "Found",
    "Interruption",
    "KeptPlan",
    "KeptRequest",
    "KeptSpeaker",
    "Leaving",
    "Mandate",
    "OutdatedError",
    "PlanReporter",
    "PlanRouter",
    "PlanStore",
    "Planner",
    "PlannerClient",
    "Planning",
    "PseudonymousPlanner",
    "QuestionGate",
    "RefusedError",
    "Request",
    "RequestStore",
    "Session",
    "SitePlanner",
    "Stage",
    "brief",
    "check_plan",
    "commands_of",
    "driver_of",
    "named_things",
    "session_of",
    "span",
    "traceparent_of",
]
