"""The VDA 5050 2.1.0 master: who is where, who does what, and what became of it.

``FleetService`` is the fleet on a broker; ``Master`` is its core, which knows neither network nor threads.
"""

from banksman_edge.fleet.assign import members_of
from banksman_edge.fleet.errors import FleetError
from banksman_edge.fleet.master import Master
from banksman_edge.fleet.model import Code, Fleet, JobStatus, Listener, OrderEvent, Problem, VehicleView
from banksman_edge.fleet.service import FleetService

__all__ = [
    "Code",
    "Fleet",
    "FleetError",
    "FleetService",
    "JobStatus",
    "Listener",
    "Master",
    "OrderEvent",
    "Problem",
    "VehicleView",
    "members_of",
]
