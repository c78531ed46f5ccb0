"""The VDA 5050 master: who is where, who does what, and what became of it.

``FleetService`` is the fleet on a broker; ``Master`` is its core, which knows neither network nor threads.
"""

from banksman_edge.fleet.ended_jobs import EarlierJobs
from banksman_edge.fleet.errors import FleetError
from banksman_edge.fleet.master import Master
from banksman_edge.fleet.model import (
    Code,
    Facts,
    Fleet,
    JobStatus,
    Listener,
    May,
    OrderEvent,
    Picked,
    Problem,
    Standby,
    VehicleView,
)
from banksman_edge.fleet.objections import held_back, hindrance, not_allowed, occupied, off_route, unclear
from banksman_edge.fleet.selectors import members_of
from banksman_edge.fleet.service import FleetService
from banksman_edge.fleet.store import FleetStore, StoreError, default_state_dir
from banksman_edge.fleet.succession import Heir
from banksman_edge.fleet.wire import Outgoing

__all__ = [
    "Code",
    "EarlierJobs",
    "Facts",
    "Fleet",
    "FleetError",
    "FleetService",
    "FleetStore",
    "Heir",
    "JobStatus",
    "Listener",
    "Master",
    "May",
    "OrderEvent",
    "Outgoing",
    "Picked",
    "Problem",
    "Standby",
    "StoreError",
    "VehicleView",
    "default_state_dir",
    "held_back",
    "hindrance",
    "members_of",
    "not_allowed",
    "occupied",
    "off_route",
    "unclear",
]
