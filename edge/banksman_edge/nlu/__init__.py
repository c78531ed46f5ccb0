"""Text to commands."""

from banksman_edge.nlu.cascade import Understanding
from banksman_edge.nlu.interpretation import Interpretation, Tier
from banksman_edge.nlu.llama import Answer, LanguageModel, LlamaModel

__all__ = ["Answer", "Interpretation", "LanguageModel", "LlamaModel", "Tier", "Understanding"]
