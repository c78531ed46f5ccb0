"""Text in, commands out, with a trace of what every stage said; the only door is :class:`Understanding`."""

from banksman_edge.understanding.context import (
    HOWS,
    MOST_BEFORE,
    NOTHING_BEFORE,
    REPLIES,
    Context,
    How,
    Question,
    Reply,
)
from banksman_edge.understanding.optional_parts import ALL, Part, Without
from banksman_edge.understanding.own_actions import Background, write_backgrounds
from banksman_edge.understanding.parse import Parse, Tier, Trace, nothing
from banksman_edge.understanding.pipeline import READ_BACK, Pipeline, Sentence, Understanding
from banksman_edge.understanding.reader.prompted import PromptedReader
from banksman_edge.understanding.reader.reader import Reader, TaughtReader
from banksman_edge.understanding.site_vocabulary import site_vocabulary
from banksman_shared.models.engine import Answer

__all__ = [
    "ALL",
    "HOWS",
    "MOST_BEFORE",
    "NOTHING_BEFORE",
    "READ_BACK",
    "REPLIES",
    "Answer",
    "Background",
    "Context",
    "How",
    "Parse",
    "Part",
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
    "Without",
    "nothing",
    "site_vocabulary",
    "write_backgrounds",
]
