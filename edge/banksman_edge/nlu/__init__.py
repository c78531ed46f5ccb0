"""Text to commands."""

from banksman_edge.nlu.cascade import Understanding
from banksman_edge.nlu.interpretation import Interpretation, Tier
from banksman_edge.nlu.llama import Answer, LanguageModel, LlamaModel
from banksman_edge.nlu.taught import TaughtLlama, TaughtModel

__all__ = [
    "Answer",
    "Interpretation",
    "LanguageModel",
    "LlamaModel",
    "TaughtLlama",
    "TaughtModel",
    "Tier",
    "Understanding",
]
