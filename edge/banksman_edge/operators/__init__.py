"""Who speaks, and what they may do."""

from banksman_edge.operators.access import LOCKED_S, Access, LogIn
from banksman_edge.operators.pin import hash_pin
from banksman_edge.operators.rights import Rights
from banksman_edge.operators.speaker import NOBODY, Proof, Speaker

__all__ = ["LOCKED_S", "NOBODY", "Access", "LogIn", "Proof", "Rights", "Speaker", "hash_pin"]
