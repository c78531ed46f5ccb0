"""Which loads stand where: what a warehouse tells, and what the vehicles have carried since."""

from banksman_edge.loads.document import loads_topic, parse_loads, refusal_topic
from banksman_edge.loads.model import Load, Stock, Told
from banksman_edge.loads.register import LoadRegister

__all__ = ["Load", "LoadRegister", "Stock", "Told", "loads_topic", "parse_loads", "refusal_topic"]
