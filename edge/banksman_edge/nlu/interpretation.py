"""What understanding returns, under the names that the grammar and dialogue know it by."""

from banksman_edge.understanding.parse import Parse as Interpretation
from banksman_edge.understanding.parse import Tier

__all__ = ["Interpretation", "Tier"]
