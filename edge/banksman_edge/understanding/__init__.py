"""Text in, commands out, with a trace of what every stage said; the only door is :class:`Understanding`."""

from banksman_edge.understanding.context import NOTHING_BEFORE, Context, How, Question, Reply
from banksman_edge.understanding.parse import Parse, Tier, Trace
from banksman_edge.understanding.pipeline import Pipeline, Sentence, Understanding
from banksman_edge.understanding.reader.prompted import PromptedReader
from banksman_edge.understanding.reader.reader import Reader, TaughtReader
from banksman_shared.models.engine import Answer

__all__ = [
    "NOTHING_BEFORE",
    "Answer",
    "Context",
    "How",
    "Parse",
    "Pipeline",
    "PromptedReader",
    "Question",
    "Reader",
    "Reply",
    "Sentence",
    "TaughtReader",
    "Tier",
    "Trace",
    "Understanding",
]
