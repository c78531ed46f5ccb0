"""The grammar, and understanding as an agent uses it."""

from banksman_edge.nlu.cascade import Understanding
from banksman_edge.nlu.interpretation import Interpretation, Tier

__all__ = ["Interpretation", "Tier", "Understanding"]
