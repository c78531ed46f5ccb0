"""Who speaks, and what they may do."""

from banksman_edge.operators.access import Access, LogIn
from banksman_edge.operators.rights import Rights
from banksman_edge.operators.speaker import NOBODY, Proof, Speaker

__all__ = ["NOBODY", "Access", "LogIn", "Proof", "Rights", "Speaker"]
